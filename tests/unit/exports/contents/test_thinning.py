"""A curve with fewer points: what must never be lost."""

from __future__ import annotations

import math

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tb_versions.exports.contents.thinning import is_portable, series, thinned
from tb_versions.read.curves.curve import Points

floats = st.floats(width=32)
curves = st.lists(st.tuples(st.integers(0, 10_000), floats), min_size=1, max_size=300, unique_by=lambda p: p[0])


def points_of(pairs: list[tuple[int, float]], dtype: type = np.float32) -> Points:
    pairs = sorted(pairs, key=lambda p: p[0])
    steps = np.array([s for s, _ in pairs], np.int64)
    return Points(steps, steps * 1.5 + 1e9, np.array([v for _, v in pairs], dtype))


@given(curves, st.integers(4, 50), st.lists(st.integers(-5, 12_000), max_size=5))
def test_first_last_extremes_and_exports_stay(pairs: list[tuple[int, float]], most: int, exports: list[int]) -> None:
    points = points_of(pairs)
    kept = thinned(points, most, exports)
    assert len(kept.steps) <= most + len(set(exports))
    assert kept.steps[0] == points.steps[0]
    assert kept.steps[-1] == points.steps[-1]
    finite = points.values[np.isfinite(points.values)]
    if len(finite):
        assert finite.max() in kept.values
        assert finite.min() in kept.values
    for step in exports:
        before = points.steps[points.steps <= step]
        assert not len(before) or before[-1] in kept.steps


@given(curves, st.integers(4, 50))
def test_what_stays_is_as_it_was(pairs: list[tuple[int, float]], most: int) -> None:
    points = points_of(pairs)
    kept = thinned(points, most)
    where = np.searchsorted(points.steps, kept.steps)
    assert np.array_equal(points.values[where], kept.values, equal_nan=True)
    assert np.array_equal(points.wall_times[where], kept.wall_times)
    assert (np.diff(kept.steps) > 0).all()


def test_no_number_stays_unless_there_are_very_many() -> None:
    values = np.sin(np.arange(10_000, dtype=np.float32))
    values[[77, 4_000, 9_001]] = [math.nan, math.inf, -math.inf]
    points = Points(np.arange(10_000), np.zeros(10_000), values)
    assert np.count_nonzero(~np.isfinite(thinned(points, 200).values)) == 3
    values[1:-1] = math.nan
    kept = thinned(points, 200)
    assert 10 < np.count_nonzero(np.isnan(kept.values)) <= 100
    assert len(kept.steps) <= 200


def test_zero_keeps_every_point() -> None:
    points = points_of([(step, step) for step in range(5_000)])
    assert thinned(points, 0) is points


def test_thinning_is_deterministic() -> None:
    rng = np.random.default_rng(1)
    points = Points(np.arange(5_000), np.zeros(5_000), rng.random(5_000).astype(np.float32))
    first, second = (series("t", thinned(points, 200, [17]), sampled=True) for _ in range(2))
    assert orjson.dumps(first) == orjson.dumps(second)


@given(curves)
def test_a_float32_comes_back_exactly_from_a_short_text(pairs: list[tuple[int, float]]) -> None:
    points = points_of(pairs)
    wire = orjson.loads(orjson.dumps(series("t", points, sampled=False)))
    back = np.array([float(v) for v in wire["values"]], np.float32)
    assert np.array_equal(back, points.values, equal_nan=True)
    assert np.array_equal(np.cumsum(wire["steps"]), points.steps)
    assert np.array_equal(np.cumsum(wire["wall_times"]), np.rint(points.wall_times * 1000))


def test_texts_are_as_short_as_a_float32_needs() -> None:
    wire = series("t", points_of([(0, 0.1), (1, math.nan), (2, math.inf), (3, -math.inf)]), sampled=False)
    assert wire["values"] == [0.1, "NaN", "Infinity", "-Infinity"]


def test_a_float64_keeps_its_digits() -> None:
    assert series("t", points_of([(0, 0.1 + 0.2)], np.float64), sampled=False)["values"] == [0.1 + 0.2]


@pytest.mark.parametrize(("last", "fits"), [(2**53, True), (2**53 + 1, False), (-(2**60), False)])
def test_steps_beyond_a_browsers_numbers_are_known(last: int, fits: bool) -> None:
    steps = np.array(sorted([0, last]), np.int64)
    assert is_portable(Points(steps, np.zeros(2), np.zeros(2, np.float32))) is fits
