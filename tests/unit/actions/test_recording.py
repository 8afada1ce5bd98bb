from __future__ import annotations

import datetime
import decimal
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tb_versions as tbv
from tb_versions.actions.target import open_target
from tb_versions.errors import InvalidQueryError
from tb_versions.registry.measured import MeasuredReader


def measured(models: Path) -> list[Any]:
    return list(MeasuredReader(open_target("digits", models).store).refresh())


def test_what_was_measured_is_recorded_beside_the_log(models: Path) -> None:
    tbv.record(
        "digits:2",
        models,
        {"accuracy": 0.93, "loss": math.nan},
        goals={"accuracy": "max"},
        dataset="2026-11",
        source="monitoring",
        time="2026-11-24 16:05",
    )
    (found,) = measured(models)
    assert [(v.name, str(v.number), v.goal) for v in found.values] == [("accuracy", "0.93", "max"), ("loss", "nan", "")]
    assert (found.version, found.dataset, found.source, found.actor) == (2, "2026-11", "monitoring", "anna")
    assert found.time.isoformat() == "2026-11-24T16:05:00+00:00"
    assert not (models / "digits/.versions/log").exists()


def test_a_dry_run_records_nothing(models: Path) -> None:
    tbv.record("digits:1", models, {"accuracy": 1}, dry_run=True)
    assert measured(models) == []


@pytest.mark.parametrize(
    ("metrics", "more"),
    [
        ({}, {}),
        ({"": 1.0}, {}),
        ({"a": "x"}, {}),
        ({"a": None}, {}),
        ({"__proto__": 1.0}, {}),
        ({"a": 1.0}, {"goals": {"a": "up"}}),
        ({"a": 1.0}, {"goals": {"b": "max"}}),
        ({"a": 1.0}, {"dataset": "x" * 300}),
        ({"a": 1.0}, {"source": "\x00"}),
        ({"a": 1.0}, {"time": "soon"}),
        ({"a": 1.0}, {"time": "2999-01-01"}),
        ({"a": 1.0}, {"time": "9999-12-31T23:59-23:00"}),
        ({"a": "1_0"}, {}),
        ({"a": "\u0661"}, {}),
        ({"a": np.ma.masked}, {}),
        ({"a": tbv.Metric(value=np.ma.array(5.0, mask=True))}, {}),
        ({"a": np.void(b"12345678")}, {}),
        ({"a": 10**400}, {}),
        ({str(n): 1.0 for n in range(1_001)}, {}),
    ],
)
def test_what_breaks_a_rule_is_refused(models: Path, metrics: Any, more: Any) -> None:
    with pytest.raises(tbv.InvalidQueryError):
        tbv.record("digits:1", models, metrics, **more)
    assert measured(models) == []


def test_a_time_may_be_a_day_ahead_for_clocks_differ(models: Path) -> None:
    now = datetime.datetime.now(datetime.timezone.utc)
    tbv.record("digits:1", models, {"accuracy": 1}, time=now + datetime.timedelta(hours=23))
    with pytest.raises(InvalidQueryError, match="is more than a day in the future; say when the metrics were measured"):
        tbv.record("digits:1", models, {"accuracy": 1}, time=now + datetime.timedelta(hours=25))
    assert len(measured(models)) == 1


@pytest.mark.parametrize("value", [1, np.float32(0.5), "0.5", "nan", "-inf", "1e-3", np.array(2.0), decimal.Decimal(1)])
def test_numbers_of_any_library_are_recorded(models: Path, value: Any) -> None:
    tbv.record("digits:1", models, {"accuracy": value})
    assert len(measured(models)) == 1


def test_intervals_and_examples_are_kept_and_those_that_can_not_be_right_refused(models: Path) -> None:
    sure = tbv.Metric(value=0.93, lower=0.91, upper=0.95, confidence=0.95, examples=600)
    tbv.record("digits:2", models, {"accuracy": sure}, goals={"accuracy": "max"}, slice="country:DE")
    (found,) = measured(models)
    (value,) = found.values
    assert (value.number, value.goal, value.lower, value.upper) == (0.93, "max", 0.91, 0.95)
    assert (value.confidence, value.examples) == (0.95, 600)
    with pytest.raises(InvalidQueryError, match="below the lower end of its interval"):
        tbv.record("digits:2", models, {"accuracy": tbv.Metric(value=0.5, lower=0.6)})
    assert len(measured(models)) == 1
