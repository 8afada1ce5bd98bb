"""Which rows are one block."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tb_versions.payload.blocks import LEAST_ROWS, MOST_ROWS, _begins_a_block, blocks_of
from tb_versions.read.catalog import Version


def named(*numbers: int, model: str = "m") -> list[Version]:
    return [Version(id=f"{model}:{n}", model=model, number=n, state="present") for n in numbers]


def split(versions: list[Version]) -> list[list[str]]:
    return [[version.id for version in versions[rows]] for rows in blocks_of(versions)]


@given(st.integers(0, 9_000), st.text(st.characters(), max_size=5))
def test_blocks_hold_every_row_once_and_are_neither_small_nor_large(count: int, model: str) -> None:
    versions = named(*range(count), model=model)
    blocks = split(versions)
    assert [each for block in blocks for each in block] == [version.id for version in versions]
    assert all(LEAST_ROWS <= len(block) <= MOST_ROWS for block in blocks[:-1])


@given(st.integers(0, 20_000), st.integers(1, 30_000))
def test_a_version_that_comes_changes_the_blocks_near_it(place: int, number: int) -> None:
    versions = named(*range(20_000))
    before = {tuple(block) for block in split(versions)}
    versions.insert(place, named(number, model="new")[0])
    after = {tuple(block) for block in split(versions)}
    assert len(after - before) <= 3
    assert len(before) > 20


def test_names_that_all_begin_a_block_make_no_small_blocks() -> None:
    chosen = [version for version in named(*range(300_000)) if _begins_a_block(version.id)]
    assert len(chosen) > 300
    assert all(len(block) >= LEAST_ROWS for block in split(chosen)[:-1])


def test_names_that_never_begin_a_block_make_no_large_blocks() -> None:
    chosen = [version for version in named(*range(9_000)) if not _begins_a_block(version.id)]
    assert max(map(len, split(chosen))) == MOST_ROWS
