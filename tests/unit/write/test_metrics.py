"""Metrics are understood in every form that people give them, or refused in a sentence."""

from __future__ import annotations

import math
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tb_versions.core.manifest import Metric
from tb_versions.errors import InvalidManifestError
from tb_versions.write.metrics import to_metrics


def metrics_of(given: object, *, step: object = None, goals: object = ()) -> tuple[Metric, ...]:
    return to_metrics(given, goals or {}, step)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [0.5, np.float32(0.5), np.float64(0.5), np.array(0.5), np.float16(0.5)])
def test_numbers_of_any_library_become_floats(value: object) -> None:
    (metric,) = metrics_of({"a": value})
    assert (type(metric.value), metric.value, metric.source) == (float, 0.5, "typed")


@pytest.mark.parametrize("value", ["0.5", None, [0.5], np.zeros(2), 1j, {"a": 1}, b"1", SimpleNamespace(shape=())])
def test_what_is_no_number_is_refused_by_name(value: object) -> None:
    with pytest.raises(TypeError, match='metric "a"'):
        metrics_of({"a": value})


def test_an_integer_above_all_doubles_is_refused_by_name() -> None:
    with pytest.raises(InvalidManifestError, match='metric "a" has more than 308 digits'):
        metrics_of({"a": 10**400})


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_every_double_is_kept(value: float) -> None:
    (metric,) = metrics_of([Metric(name="a", value=value)])
    assert metric.value == value or (math.isnan(metric.value) and math.isnan(value))


def test_metrics_take_step_goal_and_source_where_they_have_none() -> None:
    given_metrics = {"a": 1, "b": Metric(value=2.0, goal="max", step=3, source="evaluated", dataset="test")}
    first, second = metrics_of(given_metrics, step=np.int64(7), goals={"a": "min", "b": "min"})
    assert (first.step, first.goal, first.source) == (7, "min", "typed")
    assert (second.name, second.step, second.goal, second.source) == ("b", 3, "max", "evaluated")


def test_a_goal_for_an_unknown_metric_names_the_nearest() -> None:
    with pytest.raises(InvalidManifestError, match='Did you mean "accuracy"'):
        metrics_of({"accuracy": 1}, goals={"acuracy": "max"})
    with pytest.raises(InvalidManifestError, match='must be "max" or "min"'):
        metrics_of({"a": 1}, goals={"a": "up"})


def test_a_metric_under_another_name_is_refused() -> None:
    with pytest.raises(InvalidManifestError, match="has another name"):
        metrics_of({"a": Metric(name="b", value=1.0)})


@pytest.mark.parametrize("number", [0.1, 0.983, 1e-7, -2.5e10, 3.0, 0.0, 12345.678])
@pytest.mark.parametrize("kind", [np.float32, np.float16, lambda number: np.array(number, np.float32)])
def test_a_number_of_few_bits_is_the_shortest_that_it_may_be(number: float, kind: Callable[[float], Any]) -> None:
    with np.errstate(over="ignore"):
        given = kind(number)
    (metric,) = metrics_of({"a": given})
    assert np.asarray(metric.value).astype(given.dtype) == given
    assert kind is np.float16 or metric.value == number
    assert metrics_of({"a": np.float64(0.1)})[0].value == 0.1
    assert math.isnan(metrics_of({"a": np.float32("nan")})[0].value)


def test_a_name_may_have_metrics_of_all_data_and_of_slices() -> None:
    low, count = np.float32(0.5), np.int64(9)
    part_metric = Metric(value=1, slice="digit:8", examples=count, lower=low)  # type: ignore[arg-type]
    sliced = [Metric(value=low), part_metric]  # type: ignore[arg-type]
    loss, whole, part = metrics_of({"loss": 0.1, "accuracy": sliced}, step=7, goals={"accuracy": "max"})
    assert [(m.name, m.slice, m.step) for m in (loss, whole, part)] == [
        ("loss", "", 7),
        ("accuracy", "", 7),
        ("accuracy", "digit:8", 7),
    ]
    assert (part.examples, part.lower, part.upper, part.goal) == (9, 0.5, None, "max")
    assert type(part.examples) is int


def test_examples_that_are_no_whole_number_are_refused_by_name() -> None:
    with pytest.raises(TypeError, match='number of examples of metric "a"'):
        metrics_of([Metric(name="a", value=1, examples=1.5)])  # type: ignore[arg-type]
    with pytest.raises(TypeError, match='lower end of metric "a"'):
        metrics_of([Metric(name="a", value=1, lower="low")])  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="must be a number"):
        metrics_of({"a": [Metric(value=1), 2]})
