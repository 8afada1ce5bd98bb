from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tb_versions.payload import tables as payload
from tb_versions.read.catalog import Catalog
from tb_versions.read.curve_reader import points_of
from tests.support.world import strict
from tests.unit.read.test_catalog import announced, catalog_of, damaged, record

SIXTY_TWO = "the 62 rarest hyperparameters have no column; each version's details show them."


def table_of(*records: Any) -> Any:
    return strict(payload.dump(payload.versions_payload(catalog_of(records))))


@pytest.mark.parametrize(
    ("value", "wire"),
    [(None, None), (0.5, 0.5), (float("nan"), "NaN"), (float("inf"), "Infinity"), (float("-inf"), "-Infinity")],
)
def test_numbers_travel_strictly(value: float | None, wire: object) -> None:
    assert payload.wire_number(value) == wire


@pytest.mark.parametrize(
    ("value", "wire"),
    [(2**53, 2**53), (-(2**53), -(2**53)), (2**53 + 1, "9007199254740993"), (-(2**63), str(-(2**63)))],
)
def test_integers_a_browser_cannot_hold_travel_as_text(value: int, wire: object) -> None:
    assert payload.wire_integer(value) == wire


@given(st.lists(st.floats() | st.none(), min_size=1, max_size=30))
def test_a_column_keeps_nine_digits_of_any_double(values: list[float | None]) -> None:
    metrics = [[] if v is None else [{"name": "x", "value": payload.wire_number(v)}] for v in values]
    table = table_of(*(record("m", n, metrics=m) for n, m in enumerate(metrics, 1)))
    if all(v is None for v in values):
        assert table["metrics"] == []
        return
    got = table["metrics"][0]["at_export"]
    assert len(got) == len(values)
    for wire, value in zip(got, values, strict=True):
        if value is None or not math.isfinite(value):
            assert wire == payload.wire_number(value)
        else:
            assert wire == pytest.approx(value, rel=5e-9, abs=0)
            assert (
                len(f"{wire!r}".lstrip("-").partition("e")[0].replace(".", "").strip("0")) <= 9
                or abs(value) < 1e-13
                or abs(value) > 1e30
            )


def test_coded_columns_name_each_text_once() -> None:
    table = table_of(record("a", 1), record("a", 2), record("b", 1))
    assert table["columns"]["model"] == {"values": ["a", "b"], "codes": [0, 0, 1]}
    assert table["columns"]["framework"] == {"values": [], "codes": [-1, -1, -1]}


def test_datasets_and_relations_travel_beside_what_they_belong_to() -> None:
    train, test = ({"name": "d", "split": split, "digest": "sha256:" + "0" * 64} for split in ("train", "test"))
    parents = [{"model": "a", "number": 1, "relation": "DISTILLED_FROM"}, {"model": "b", "number": 2}]
    table = table_of(
        record("a", 1, datasets=[test]), record("a", 2, datasets=[train, test], parents=parents), damaged("a", 3, "x")
    )
    assert table["datasets"] == [
        {"name": "d", "digest": "0" * 12, "split": "test"},
        {"name": "d", "digest": "0" * 12, "split": "train"},
    ]
    assert table["columns"]["datasets"] == [[0], [1, 0], []]
    assert table["columns"]["parents"] == [[], ["a:1", "b:2"], []]
    assert table["columns"]["relations"] == [[], ["distilled from", "made from"], []]


def test_versions_that_differ_in_their_seeds_only_have_one_recipe() -> None:
    def trained(number: int, rate: float, seed: int) -> Any:
        return record("m", number, hyperparameters={"rate": rate}, seeds={"numpy": str(seed)})

    table = table_of(trained(1, 0.1, 1), trained(2, 0.1, 2), trained(3, 0.2, 1), record("m", 4))
    assert table["columns"]["recipe"] == [0, 0, 1, -1]
    assert table["columns"]["seeds"] == [0, 1, 0, -1]


def test_a_damaged_version_has_its_row() -> None:
    table = table_of(damaged("m", 1, "m/1"), record("m", 2, labels={"a": "b"}, hyperparameters={"h": 1}))
    columns = table["columns"]
    assert columns["id"] == ["m:1", "m:2"]
    assert (columns["created"], columns["size"], columns["digest"]) == ([None, None], [None, None], [None, None])
    assert table["labels"] == [{"name": "a", "values": [None, "b"]}]
    assert table["hyperparameters"] == [{"name": "h", "values": [None, 1]}]


def test_the_authors_goal_wins_over_the_names() -> None:
    metric = {"name": "loss", "value": 1}
    table = table_of(record("m", 1, metrics=[metric]), record("m", 2, metrics=[{**metric, "goal": "MAX"}]))
    (column,) = table["metrics"]
    assert (column["goal"], column["goal_source"]) == ("max", "manifest")


def test_a_revision_is_in_the_payload_and_follows_it() -> None:
    body, revision = payload.with_revision({"a": 1})
    assert json.loads(body) == {"revision": revision, "a": 1}
    assert payload.with_revision({"a": 2})[1] != revision
    assert payload.with_revision({"a": 1})[1] == revision


def test_texts_that_are_no_utf8_are_spelled_out() -> None:
    value = {"\udcff": ["a\udcffb", ("\ud800",), 1, None, True, 0.5], "fine": "é"}
    assert strict(payload.dump(value)) == {"\\u{dcff}": ["a\\u{dcff}b", ["\\u{d800}"], 1, None, True, 0.5], "fine": "é"}


def test_models_are_counted() -> None:
    catalog = catalog_of([record("b", 2), damaged("b", 3, "b/3"), record("a", 2**60), announced("b", 1, "cccc")])
    models = strict(payload.dump(payload.models_payload(catalog)))["models"]
    assert [(m["name"], m["versions"], m["latest"], m["damaged"]) for m in models] == [
        ("a", 1, str(2**60), 0),
        ("b", 3, 3, 1),
    ]


def test_an_empty_catalog_is_a_table() -> None:
    table = strict(payload.dump(payload.versions_payload(Catalog(loading=True))))
    assert (table["status"], table["columns"]["id"], table["runs"]) == ("loading", [], [])


def test_rows_have_full_precision() -> None:
    third = 1 / 3
    catalog = catalog_of([record("m", 2**60, metrics=[{"name": "x", "value": third}, {"name": "n", "value": "NaN"}])])
    (row,) = json.loads(payload.dump(payload.rows(catalog, catalog.versions)))
    assert row["metrics"] == {"x": third, "n": "NaN"}
    assert row["number"] == 2**60


def test_curves_say_what_is_missing_and_what_is_sampled() -> None:
    points = points_of(np.array([1, 2**60]), np.array([5.0, np.nan]), np.array([0.5, np.inf]))
    answer = strict(payload.dump(payload.scalars_payload(["a", "b"], ["t"], {"a": {"t": points}}, 2)))
    assert answer == {
        "series": [
            {"run": "a", "tag": "t", "steps": [1, str(2**60)],
             "wall_times": [5.0, 0.0], "values": [0.5, "Infinity"], "sampled": True}
        ],
        "missing": [{"run": "b", "tag": "t"}],
    }  # fmt: skip


def version_of(**fields: Any) -> Any:
    data = json.dumps({"schemaVersion": 1, "model": "m", "number": 1, **fields}).encode()
    catalog = catalog_of([record("m", 1)])
    return strict(payload.dump(payload.version_payload(catalog, catalog.versions[0], data)))


def test_a_manifest_that_is_too_deep_travels_as_text_only() -> None:
    deep: Any = []
    for _ in range(300):
        deep = [deep]
    told = version_of(x=deep)
    assert told["manifest"] is None
    assert "100 levels deep" in told["notice"]
    assert "[[[[" in told["manifest_text"]


@pytest.mark.parametrize("fields", [{"metrics": "none"}, {"code": [1]}, {"description": 5}])
def test_a_manifest_that_breaks_the_schema_travels_as_text_only(fields: dict[str, Any]) -> None:
    told = version_of(**fields)
    assert told["manifest"] is None
    assert "breaks the schema" in told["notice"]


def test_unknown_fields_of_a_manifest_travel() -> None:
    told = version_of(later={"a": [1]})
    assert (told["manifest"]["later"], told["notice"]) == ({"a": [1]}, None)


def test_one_manifest_does_not_widen_a_large_table_for_everybody() -> None:
    usual = [record("m", n, hyperparameters={"lr": n, **({"rare": 1} if n < 3 else {})}) for n in range(1, 251)]
    odd = record("x", 1, hyperparameters={f"h{k:03d}": 1 for k in range(100)})
    table = table_of(*usual, odd)
    names = [column["name"] for column in table["hyperparameters"]]
    assert names[:2] == ["lr", "rare"]
    assert len(names) == 40
    assert {"where": "table", "reason": SIXTY_TWO} in table["problems"]
    assert len(table_of(*usual[:50], odd)["hyperparameters"]) == 102
