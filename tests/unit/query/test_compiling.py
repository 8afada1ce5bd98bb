"""What each filter finds is agreed with the page in tests/contract/filters.json; here is the rest."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

import tb_versions as tbv
from tb_versions.core.manifest import Metric
from tb_versions.errors import InvalidFilterError, InvalidQueryError
from tb_versions.payload import MAX_COLUMNS
from tb_versions.query import compile_filter
from tb_versions.query.columns import number_text
from tb_versions.query.names import distance
from tb_versions.read.catalog import Catalog, Version
from tb_versions.read.manifests.listing import Listing, read_listing
from tb_versions.registry.events import Replayed
from tests.support.chronicle import Chronicle
from tests.support.world import World

WORDS = [
    "lr",
    "=",
    "!=",
    "~",
    "<",
    "adam",
    '"',
    "'",
    "`",
    "(",
    ")",
    ",",
    "and",
    "or",
    "not",
    "in",
    "has",
    "best.",
    "1",
    "\\",
    "7d",
    "created",
]


def listing(number: int) -> Listing:
    text = f'{{"schemaVersion":1,"model":"m","number":"{number}","hyperparameters":{{"lr":{number}}}}}'
    return read_listing(text.encode())


def catalog(count: int = 3) -> Catalog:
    return Catalog(
        versions=tuple(
            Version(id=f"m:{n}", model="m", number=n, listing=listing(n), state="present") for n in range(1, count + 1)
        )
    )


def test_an_error_says_what_is_wrong_and_where() -> None:
    with pytest.raises(InvalidQueryError) as caught:
        compile_filter("version = 1 and modle = m", catalog())
    assert str(caught.value) == "The filter, at character 17: No column is called modle. Did you mean model?"
    assert isinstance(caught.value, InvalidFilterError)
    assert (caught.value.at, caught.value.end, caught.value.fix) == (16, 21, "model")


def test_an_empty_filter_passes_everything() -> None:
    world = catalog()
    assert all(compile_filter(" ", world)(version) for version in world.versions)


def test_now_is_the_present_by_default() -> None:
    assert not any(map(compile_filter("created > 1d", catalog()), catalog().versions))


@given(st.lists(st.sampled_from(WORDS), max_size=30).map(" ".join) | st.text(max_size=60))
def test_any_text_is_a_filter_or_an_error(text: str) -> None:
    world = catalog(1)
    with contextlib.suppress(InvalidFilterError):
        assert compile_filter(text, world)(world.versions[0]) in (True, False)


@pytest.mark.parametrize(
    "source",
    ["(" * 3900, "not " * 900, "a and " * 600, '"\\' * 1900, "a = " * 900, "`" * 3999, "x." * 1999, "0" * 3999,
     f"step = {'9' * 3900}", f"created > {'1' * 3900}d", "x" * 100_000, "\u202e\x00 = \ud800", "m ~ " + "(a+)+" * 700],
)  # fmt: skip
def test_hostile_text_is_answered_quickly(source: str) -> None:
    world = catalog()
    start = time.process_time()
    with contextlib.suppress(InvalidFilterError):
        list(map(compile_filter(source, world), world.versions))
    assert time.process_time() - start < 5


def test_a_misspelt_name_among_hundreds_of_long_ones_is_answered_quickly() -> None:
    start = time.process_time()
    for _ in range(1_000):
        distance("x" * 64, "y" * 64, below=22)
    assert time.process_time() - start < 20


@pytest.mark.parametrize(
    ("value", "text"),
    [(32.0, "32"), (0.001, "0.001"), (1e-7, "1e-7"), (1.5e-7, "1.5e-7"), (1e-6, "0.000001"), (1e21, "1e+21"),
     (123456789012345680000.0, "123456789012345680000"), (-0.0, "0"), (-2.5, "-2.5"), (5e-324, "5e-324"),
     (1.7976931348623157e308, "1.7976931348623157e+308"), (float("nan"), "NaN"), (float("-inf"), "-Infinity")],
)  # fmt: skip
def test_numbers_are_printed_as_the_page_prints_them(value: float, text: str) -> None:
    assert number_text(value) == text


def test_a_filter_knows_the_columns_that_are_too_rare_for_the_table() -> None:
    world = catalog(MAX_COLUMNS + 1)
    named = tuple(
        replace(version, listing=replace(version.listing, labels={f"only-{version.number}": "here"}))
        for version in world.versions
        if version.listing
    )
    passes = compile_filter(f"label.only-{MAX_COLUMNS + 1} = here", Catalog(versions=named))
    assert [version.number for version in named if passes(version)] == [MAX_COLUMNS + 1]


def test_metrics_are_compared_with_the_digits_that_the_table_shows() -> None:
    text = b'{"schemaVersion":1,"model":"m","number":"1","metrics":[{"name":"x","value":0.91234567891}]}'
    world = Catalog(versions=(Version(id="m:1", model="m", number=1, state="present", listing=read_listing(text)),))
    assert compile_filter("x = 0.912345679", world)(world.versions[0])
    assert not compile_filter("x = 0.91234567891", world)(world.versions[0])


def test_a_filter_on_sources_knows_what_was_measured_and_replayed_later(tmp_path: Path) -> None:
    world = World(tmp_path)
    for number in (1, 2, 3):
        world.version("m", number, metrics=(Metric(name="x", value=1.0, source="typed"),))
    Chronicle(world.models / "m").say("replayed", 1, Replayed(ok=True))
    tbv.record("m:2", world.models, {"x": 0.5})
    found = tbv.open_catalog(models_dir=world.models)
    for word, numbers in (("replayed", [1]), ("measured", [2]), ("typed", [1, 2, 3]), ("run", [])):
        passes = compile_filter(f"sources = {word}", found)
        assert [version.number for version in found.versions if passes(version)] == numbers
