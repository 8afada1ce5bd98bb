"""Which point was current at an export, by the times of the points."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from tb_versions.read.curves.at_export import CLOCK_WENT_BACK, MIXED, NO_TIME, OVERWRITTEN, Export, Lives
from tb_versions.read.curves.current import Point
from tb_versions.read.curves.curve import regret, summarize
from tb_versions.read.curves.curve_reader import points_of

NOW = 1_700_000_000.0


def current(
    points: list[tuple[int, float]],
    step: int,
    exported: float | None,
    starts: Sequence[float] = (),
    overlaps: Sequence[tuple[float, float]] = (),
) -> object:
    """Points are (step, seconds after NOW); each value is its step."""
    lives = Lives(tuple(NOW + t for t in starts), tuple((NOW + begin, NOW + end) for begin, end in overlaps))
    steps = np.array([step for step, _ in points], np.int64)
    times = np.array([NOW + time for _, time in points], np.float64)
    export = Export(step, None if exported is None else NOW + exported)
    curve = summarize("r", "t", points_of(steps, times, steps.astype(np.float32)), [export], lives=lives)
    found = curve.at[export]
    return found.step if isinstance(found, Point) else found


LIFE = [(step, float(step)) for step in range(11)]


def test_the_last_point_that_is_not_newer_is_current() -> None:
    assert current(LIFE, 8, 10.5) == 8
    assert current(LIFE, 8, 8.0) == 8
    assert current([(0, 0.0), (5, 5.0), (10, 10.0)], 8, 8.5) == 5
    assert current(LIFE, 99, 11.0) == 10
    assert current([(3, 3.0)], 2, 2.0) is None


def test_points_of_a_later_life_are_not_known_to_be_the_value() -> None:
    again = [(step, 100.0 + step) for step in range(5, 20)]
    assert current([*LIFE, *again], 8, 10.5) == OVERWRITTEN
    assert current([*LIFE, *again[:3]], 10, 10.5) == OVERWRITTEN
    assert current([*LIFE, *again], 4, 10.5) == 4, "what was not overwritten is still there"
    assert current([*LIFE, (11, 100.0)], 10, 10.5) == 10
    assert current([(0, 100.0), (1, 101.0)], 8, 10.5) == OVERWRITTEN, "from the beginning"


def test_a_curve_that_was_not_written_again_yet_keeps_its_value() -> None:
    """Validation every five steps; the new life has only trained so far."""
    assert current([(0, 0.0), (5, 5.0)], 8, 10.5) == 5


def test_the_summary_of_the_same_step_may_come_after_the_export() -> None:
    assert current([*LIFE[:8], (8, 10.6)], 8, 10.5) == 8
    assert current([*LIFE[:8], (8, 15.0)], 8, 10.5) == 8
    assert current([*LIFE[:8], (8, 20.6)], 8, 10.5) == OVERWRITTEN, "too late to know"
    assert current([(0, 2.0)], 0, 1.0) == 0
    assert current([*LIFE[:7], (7, 12.0), (8, 12.5)], 8, 10.5) == OVERWRITTEN, "nobody exports 8 before 7"


def test_a_new_event_file_between_export_and_point_means_another_life() -> None:
    points = [*LIFE[:8], (8, 12.0)]
    assert current(points, 8, 10.5, [-1.0, 11.0]) == OVERWRITTEN
    assert current(points, 8, 10.5, [-1.0, 13.0]) == 8, "begun after the point"
    assert current(points, 8, 10.5, [11.0]) == 8, "the run's first file: nothing was started again"


def test_clocks_may_differ_a_little() -> None:
    assert current(LIFE, 8, 7.95) == 8
    assert current(LIFE, 8, 7.95, [-1.0, 7.99]) == 8


@pytest.mark.parametrize("first", [1, 5, 8])
def test_points_behind_a_clock_that_went_back_are_not_known_to_be_the_value(first: int) -> None:
    again = [(step, step - 3_600.0) for step in range(first, 20)]
    assert current([*LIFE, *again], 8, 10.5) == CLOCK_WENT_BACK
    assert current([*LIFE, *again], first - 1, 10.5) == first - 1, "what was not overwritten is still there"


def test_a_little_disorder_of_times_is_no_clock_that_went_back() -> None:
    assert current([(0, 0.0), (1, 9.0), (2, 2.0)], 2, 10.5) == 2


def test_an_export_without_a_time_has_no_known_value() -> None:
    assert current(LIFE, 8, None) == NO_TIME


@pytest.mark.parametrize("sample", [0, 1_000])
def test_nothing_follows_from_a_sample(sample: int) -> None:
    points = points_of(np.array([1, 2]), np.array([NOW, NOW]), np.array([0.5, 0.25]))
    curve = summarize("r", "loss", points, sample=sample)
    assert (regret("loss", "min", 0.5, curve) is None) is bool(sample)


def test_a_point_of_a_time_in_which_two_files_were_written_may_be_of_either() -> None:
    assert current(LIFE, 8, 10.5, overlaps=[(6.0, 9.0)]) == MIXED
    assert current(LIFE, 5, 10.5, overlaps=[(6.0, 9.0)]) == 5, "before the second one was begun"
    assert current(LIFE, 10, 10.5, overlaps=[(6.0, 9.0)]) == 10, "after the first one had ended"
