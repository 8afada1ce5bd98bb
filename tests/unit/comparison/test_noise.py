"""Is a difference more than noise? On simulated trainings whose truth is known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tb_versions.comparison import noise
from tests.unit.comparison.making import curves, member, metric, seeds

pytestmark = pytest.mark.slow

TRIALS = 200
MOST_FALSE = 0.05


def trainings(generator: np.random.Generator, *, count: int, likeness: float, level: float, rows: int) -> np.ndarray:
    """Loss-like curves: a fast fall, then noise of deviation 1 around a level, neighbours correlated."""
    found = generator.normal(size=(count + 100, rows))
    for i in range(1, len(found)):
        found[i] = likeness * found[i - 1] + found[i] * math.sqrt(1 - likeness**2)
    fall = 20 * np.exp(-np.arange(count) / (count / 12))
    return level + fall + found[100:].T


def verdict_of(baseline, other):
    """What a comparison says of two members."""
    from tb_versions.comparison import compare_members

    return compare_members([baseline, other]).row("metrics", "loss").cells[1].verdict


def by_curves(first, second):
    members = [
        member(f"m:{i}", metric("loss", float(c[-1]), goal="min", curve=list(c)), curves=curves(loss=c))
        for i, c in enumerate((first, second), start=1)
    ]
    return verdict_of(*members)


def by_seeds(first, second):
    members = [
        member(f"m:{i}", metric("loss", float(v[0]), goal="min"), siblings=seeds("loss", *map(float, v[1:])))
        for i, v in enumerate((first, second), start=1)
    ]
    return verdict_of(*members)


@pytest.mark.parametrize("likeness", [0.0, 0.5, 0.8, 0.95])
@pytest.mark.parametrize("count", [30, 100, 300])
def test_equal_curves_are_rarely_called_better(likeness, count):
    generator = np.random.default_rng([count, int(100 * likeness)])
    curves_of = [trainings(generator, count=count, likeness=likeness, level=5, rows=TRIALS) for _ in "ab"]
    pairs = list(zip(*curves_of, strict=True))
    found = [by_curves(*pair) for pair in pairs]
    false, unknown = found.count("better") / TRIALS, found.count("unknown") / TRIALS
    real = [by_curves(first, second - 2 * 1.0) for first, second in pairs].count("better") / TRIALS
    print(
        f"curves of {count} points, correlation {likeness}: false {false:.3f}, power {real:.2f}, unknown {unknown:.2f}"
    )
    assert false <= MOST_FALSE
    assert found.count("worse") / TRIALS <= MOST_FALSE


@pytest.mark.parametrize(
    ("ours", "theirs", "power"), [(2, 2, 0.1), (3, 3, 0.35), (5, 5, 0.6), (10, 10, 0.85), (1, 5, 0.2)]
)
def test_equal_groups_of_seeds_are_rarely_called_better(ours, theirs, power):
    generator = np.random.default_rng([ours, theirs])
    pairs = [(generator.normal(5, 1, ours), generator.normal(5, 1, theirs)) for _ in range(TRIALS)]
    false = [by_seeds(*pair) for pair in pairs].count("better") / TRIALS
    real = [by_seeds(first, second - 2) for first, second in pairs].count("better") / TRIALS
    print(f"{ours} and {theirs} seeds: false {false:.3f}, power for two sigma {real:.2f}")
    assert false <= MOST_FALSE
    assert real >= power


def test_long_curves_find_a_difference_of_five_sigma():
    generator = np.random.default_rng(5)
    pairs = list(zip(*(trainings(generator, count=400, likeness=0.5, level=5, rows=50) for _ in "ab"), strict=True))
    assert [by_curves(first, second - 5) for first, second in pairs].count("better") >= 40


@pytest.mark.parametrize(
    ("degrees", "expected"), [(1, 12.706), (2, 4.303), (3.5, 2.940), (8, 2.306), (30, 2.042), (1e6, 1.962)]
)
def test_the_quantile_is_that_of_the_tables(degrees, expected):
    assert noise.student_quantile(degrees) == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize(
    "values",
    [
        [],
        [1.0],
        [1.0] * 100,
        [float(i) for i in range(100)],
        [0.0] * 100,
        [1.0, 2.0] * 3,
        [float(np.float32(0.7 + 0.01 * i)) for i in range(60)],
        [float(np.nextafter(np.float32(0.1), np.float32(i % 3))) for i in range(60)],
    ],
    ids=[
        "empty",
        "one point",
        "constant",
        "straight line",
        "zero",
        "too short",
        "a straight line in 32 bits",
        "neighbours in 32 bits",
    ],
)
def test_curves_that_tell_no_noise(values):
    assert noise.late_spread(values) is None


def test_the_order_in_which_points_are_added_changes_no_digit_of_a_spread():
    values = [1 + 0.001 * math.sin(i * i) for i in range(200)]
    found = noise.late_spread(values)
    assert found is not None
    assert found == noise.late_spread(values[::-1])


def test_a_curve_tells_its_noise_if_its_points_are_worth_five_independent_ones():
    found = noise.late_spread([1.0, 3.0, 2.0, 4.0] * 2)
    assert found is not None
    assert found.degrees == pytest.approx(3.596, abs=0.001)
    assert noise.late_spread([0.0, 0.0, 1.0, 1.0] * 3) is None  # 2.02 degrees


def test_seeds_that_all_gave_zero_are_a_group():
    assert noise.group_of([0.0, 0.0]) == noise.Group(2, 0.0, 0.0)


def test_the_spread_of_white_noise_is_found():
    generator = np.random.default_rng(1)
    found = [noise.late_spread(list(generator.normal(size=200))) for _ in range(50)]
    assert np.mean([s.deviation for s in found]) == pytest.approx(1, abs=0.08)


def test_values_near_the_largest_double_do_not_overflow():
    generator = np.random.default_rng(1)
    values = list(generator.normal(size=100) * 1e300)
    spread = noise.late_spread(values)
    assert spread is not None
    assert math.isfinite(spread.deviation)


def test_seeds_that_agree_to_the_last_digit_tell_nothing():
    assert noise.over_seeds(noise.group_of([1.0, 1.0, 1.0]), noise.group_of([2.0, 2.0, 2.0])) is None


def test_too_few_seeds_tell_nothing():
    assert noise.over_seeds(noise.group_of([1.0]), noise.group_of([2.0, 2.1])) is None
    assert noise.over_seeds(noise.group_of([1.0, math.nan, math.inf]), noise.group_of([2.0, 2.1])) is None


def test_one_training_against_three_is_enough():
    test = noise.over_seeds(noise.group_of([5.0]), noise.group_of([1.0, 1.1, 0.9]))
    assert test is not None
    assert test.is_beyond
    assert test.degrees == 2


def test_the_window_ends_at_the_export_and_leaves_out_what_is_no_number():
    steps = range(100)
    values = [math.nan if s % 10 == 0 else float(s) for s in steps]
    window = noise.late_window(steps, values, step=60)
    assert window[-1] == 59
    assert len(window) == 45
    assert noise.late_window(steps, values, step=None)[-1] == 99


def test_an_early_export_is_judged_by_the_first_points():
    window = noise.late_window(range(100), [float(s) for s in range(100)], step=3)
    assert window.tolist() == [float(s) for s in range(50)]


@pytest.mark.parametrize("scale", [1e-300, 1e300, 1.7e308])
def test_the_largest_and_smallest_doubles_are_judged_alike(scale):
    first, second = np.array([0.1, 0.11, 0.12]) * scale, np.array([0.9, 0.91, 0.92]) * scale
    assert by_seeds(first, second) == "worse"
    assert by_seeds(second, first) == "better"
    generator = np.random.default_rng(1)
    low, high = (level * scale + 0.01 * scale * generator.normal(size=100) for level in (0.1, 0.5))
    assert by_curves(low, high) == "worse"
