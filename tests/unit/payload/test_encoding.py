"""The table as bytes: what is known is not made and not sent again, and what a page makes of it is the whole table."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tb_versions import payload
from tb_versions.payload import blocks, encoding
from tb_versions.read.catalog import Catalog, Version
from tb_versions.read.curves.current import Point
from tb_versions.read.curves.curve import Curve
from tests.support.effort import tries
from tests.support.world import strict
from tests.unit.read.test_catalog import catalog_of, damaged, record


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that few versions are several blocks."""
    monkeypatch.setattr(blocks, "LEAST_ROWS", 2)
    monkeypatch.setattr(blocks, "MOST_ROWS", 6)
    monkeypatch.setattr(blocks, "_ONE_IN", 3)


class Page:
    """What the page does: it keeps parts, and asks for what is new since its revision."""

    def __init__(self, encoder: payload.TableEncoder) -> None:
        self.encoder = encoder
        self.revision = ""
        self.parts: dict[str, Any] = {}
        self.received: list[str] = []

    def ask(self, catalog: Catalog) -> dict[str, Any]:
        """The whole table."""
        answer = self.encoder.encode(catalog).without(self.encoder.digests_at(self.revision))
        table = strict(answer.plain())
        self.received = [part["digest"] for part in table["parts"]]
        self.parts.update((part["digest"], part) for part in table["parts"])
        used = {digest: self.parts[digest] for block in table["blocks"] for digest in block["parts"]}
        self.parts, self.revision = used, table["revision"]
        return payload.whole({**table, "parts": list(used.values())})


def fresh(catalog: Catalog) -> Any:
    return strict(payload.dump(payload.versions_payload(catalog)))


def curve(run: str, value: float) -> dict[str, Curve]:
    best, last = Point(1, value), Point(2, value * 2)
    made = Curve(run=run, tag="loss", highest=last, lowest=best, last=last, within_unit=False, at={})
    return {"loss": made}


def version(number: int, change: int = 0, run: str = "", **fields: Any) -> Version:
    metrics = [{"name": "loss", "value": number + change / 10, "goal": "MIN"}]
    if change % 3 == 2:
        metrics.append({"name": f"rare {number}", "value": 1})
    return record(
        "m",
        number,
        metrics=metrics,
        hyperparameters={"lr": change or "auto", "units": number},
        labels={"team": "x"} if change % 2 else {},
        runs=[{"name": run}] if run else [],
        **fields,
    )


RUNS = ("a", "b", "")
CHANGES = st.tuples(st.sampled_from("+-~sc"), st.integers(0, 40), st.integers(0, 5))


def changed(versions: dict[int, Version], curves: dict[str, Any], change: tuple[str, int, int]) -> None:
    """Does one thing that can happen to versions and runs."""
    what, number, more = change
    if what == "+":
        versions[number] = version(number, more, RUNS[more % 3])
    elif what == "-":
        versions.pop(number, None)
    elif what == "~":
        versions[number] = damaged("m", number, f"m/{number}")
    elif what == "s" and number in versions:
        versions[number] = replace(versions[number], state="changed", notice=f"{more} files are missing.")
    elif what == "c":
        curves["ab"[more % 2]] = curve("ab"[more % 2], float(number))


@settings(max_examples=tries(60), deadline=None)
@given(st.lists(st.lists(CHANGES, min_size=1, max_size=8), min_size=1, max_size=12))
def test_a_page_that_asks_for_news_has_what_a_page_that_asks_for_everything_has(
    rounds: list[list[tuple[str, int, int]]],
) -> None:
    versions = {number: version(number, 0, RUNS[number % 3]) for number in range(30)}
    curves: dict[str, Any] = {"a": curve("a", 1.0)}
    encoder = payload.TableEncoder()
    page = Page(encoder)
    for changes in rounds:
        for change in changes:
            changed(versions, curves, change)
        catalog = dataclasses.replace(catalog_of(versions.values(), ("a",)), curves=dict(curves))
        table = page.ask(catalog)
        assert table == fresh(catalog) == Page(encoder).ask(catalog)
        assert page.ask(catalog) == table
        assert page.received == []


def test_one_version_more_is_a_block_more_or_less() -> None:
    versions = {number: version(number, run="a") for number in range(40)}
    page = Page(payload.TableEncoder())
    page.ask(catalog_of(versions.values()))
    everything = len(page.received)
    versions[40] = version(40, run="a")
    page.ask(catalog_of(versions.values()))
    assert everything > 20
    assert 1 <= len(page.received) <= 9


def test_a_run_that_goes_on_sends_only_what_runs_say() -> None:
    versions = [version(number, run="a") for number in range(40)]
    page = Page(payload.TableEncoder())
    one, other = (dataclasses.replace(catalog_of(versions), curves={"a": curve("a", value)}) for value in (1.0, 2.0))
    page.ask(one)
    table = page.ask(other)
    parts = [page.parts[digest] for digest in page.received]
    assert {tuple(part["columns"]) for part in parts} == {("run", "runs", "run_known", "step")}
    assert table["metrics"][0]["best"] == [2.0] * 40


def test_files_that_were_compared_send_only_what_folders_say() -> None:
    versions = [version(number, run="a") for number in range(40)]
    page = Page(payload.TableEncoder())
    page.ask(catalog_of(versions))
    page.ask(catalog_of([replace(each, state="changed") for each in versions]))
    assert {tuple(page.parts[digest]["columns"]) for digest in page.received} == {("state", "notice")}


def test_a_revision_that_nobody_knows_leads_to_everything() -> None:
    encoder = payload.TableEncoder()
    table = encoder.encode(catalog_of([version(1)]))
    for since in ("", "0" * 16, "__proto__"):
        assert table.without(encoder.digests_at(since)).plain() == table.whole.plain()


def test_old_revisions_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoding, "MOST_REVISIONS", 2)
    encoder = payload.TableEncoder()
    catalogs = [catalog_of([version(number)]) for number in range(3)]
    revisions = [encoder.encode(catalog).revision for catalog in catalogs]
    assert [bool(encoder.digests_at(revision)) for revision in revisions] == [False, True, True]


def test_equal_contents_have_one_revision_whatever_was_there_before() -> None:
    versions = [version(number, run="a") for number in range(40)]
    encoder = payload.TableEncoder()
    first = encoder.encode(catalog_of(versions)).revision
    encoder.encode(catalog_of(versions[5:]))
    assert encoder.encode(catalog_of(versions)).revision == first
    assert payload.TableEncoder().encode(catalog_of(versions)).revision == first
    assert fresh(catalog_of(versions))["revision"] == first


def test_each_part_stands_on_a_line_of_its_own() -> None:
    table = payload.TableEncoder().encode(catalog_of([version(number, run="a\n") for number in range(20)]))
    first, *lines, last = table.whole.plain().decode().split("\n")
    assert first.endswith('"parts":[')
    assert last == "]}"
    assert [strict(line.removeprefix(",").encode())["digest"] for line in lines] == list(table.parts)
