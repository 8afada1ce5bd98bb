"""Columns of metrics and values."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tb_versions import payload
from tb_versions.payload.tables import table_payload
from tb_versions.payload.whole import plain
from tests.support.world import strict
from tests.unit.read.test_catalog import catalog_of, record

SIXTY_TWO = "the 62 rarest hyperparameters have no column; each version's details show them."


def table_of(*records: Any) -> Any:
    return strict(payload.dump(payload.versions_payload(catalog_of(records))))


@settings(deadline=None)
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


def test_the_authors_goal_wins_over_the_names() -> None:
    metric = {"name": "loss", "value": 1}
    table = table_of(record("m", 1, metrics=[metric]), record("m", 2, metrics=[{**metric, "goal": "MAX"}]))
    (column,) = table["metrics"]
    assert (column["goal"], column["goal_source"]) == ("max", "manifest")


def test_of_manifests_that_disagree_no_value_is_best() -> None:
    table = table_of(
        record("a", 1, metrics=[{"name": "score", "value": 1, "goal": "MAX"}]),
        record("b", 1, metrics=[{"name": "score", "value": 2, "goal": "MIN"}]),
    )
    (column,) = table["metrics"]
    assert (column["goal"], column["goal_source"]) == ("unknown", "unknown")


def test_one_manifest_does_not_widen_a_large_table_for_everybody() -> None:
    usual = [record("m", n, hyperparameters={"lr": n, **({"rare": 1} if n < 3 else {})}) for n in range(1, 251)]
    odd = record("x", 1, hyperparameters={f"h{k:03d}": 1 for k in range(100)})
    table = table_of(*usual, odd)
    names = [column["name"] for column in table["hyperparameters"]]
    assert names[:2] == ["lr", "rare"]
    assert len(names) == 40
    assert {"where": "table", "reason": SIXTY_TWO} in table["problems"]
    assert len(table_of(*usual[:50], odd)["hyperparameters"]) == 102


def test_a_source_that_all_values_of_a_metric_have_travels_once() -> None:
    made = [record("m", 1, metrics=[{"name": "x", "value": 1, "source": "LOG"}]), record("m", 2)]
    mixed = record("m", 3, metrics=[{"name": "x", "value": 1, "source": "EVALUATED"}])
    for records, sent, spread in (
        (made, "log", ["log", None]),
        ([*made, mixed], {"values": ["log", "evaluated"], "codes": [0, -1, 1]}, ["log", None, "evaluated"]),
    ):
        catalog = catalog_of(records)
        (metric,) = table_payload(catalog)["blocks"][0]["parts"][0]["metrics"]
        assert metric["source"] == sent
        (column,) = payload.versions_payload(catalog)["metrics"]
        assert plain(column["source"]) == spread


def test_a_row_has_the_sources_of_all_its_metrics_and_what_nobody_stated() -> None:
    metrics = [{"name": name, "value": 1, "source": source} for name, source in (("b", "LOG"), ("a", "TYPED"))]
    inferred = [{"field": "runs", "evidence": "times"}, {"field": "created", "evidence": "file"}]
    adopted = record("m", 2, metrics=[*metrics[:1], {"name": "c", "value": 1, "source": "INFERRED"}], inferred=inferred)
    imported = record("m", 3, imported={"tracker": "mlflow"})
    columns = table_of(record("m", 1, metrics=metrics), adopted, imported)["columns"]
    assert plain(columns["sources"]) == ["typed log", "log inferred", None]
    assert plain(columns["unstated"]) == [None, "created runs", "imported"]
    assert "unstated" not in table_of(record("m", 1))["columns"]
