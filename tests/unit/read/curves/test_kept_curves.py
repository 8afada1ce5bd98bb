"""The essence of a curve says what the whole curve says, also after more points."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tb_versions.read.curves.at_export import ONE_LIFE, Export
from tb_versions.read.curves.curve import Points, essence, summarize
from tb_versions.read.curves.curve_reader import points_of
from tb_versions.read.curves.kept_curves import kept_curves
from tb_versions.read.curves.records import Scalar
from tests.support.effort import tries

pytestmark = pytest.mark.slow

VALUES = st.sampled_from([0.0, 0.5, 1.0, -2.0, 7.0, float("nan"), float("inf")])
POINTS = st.lists(st.tuples(st.integers(-3, 60), st.integers(0, 200).map(float), VALUES), max_size=70)
EXPORTS = st.frozensets(
    st.tuples(st.integers(-5, 70), st.integers(0, 200).map(float)).map(lambda e: Export(*e)), max_size=4
)


def made(written: list[tuple[int, float, float]]) -> Points:
    columns = list(zip(*written, strict=True)) or [(), (), ()]
    return points_of(np.array(columns[0], np.int64), np.array(columns[1], np.float64), np.array(columns[2], np.float32))


@settings(max_examples=tries(1_000))
@given(POINTS, EXPORTS)
def test_the_essence_says_the_same_as_the_curve(
    written: list[tuple[int, float, float]], exports: frozenset[Export]
) -> None:
    points = made(written)
    kept = essence(points, exports)
    assert repr(summarize("r", "t", kept, exports)) == repr(summarize("r", "t", points, exports))
    assert len(kept.steps) <= 8 + 3 + 3 * len(exports)


@settings(max_examples=tries(2_000))
@given(st.lists(st.tuples(POINTS, EXPORTS), min_size=1, max_size=6))
def test_appended_points_give_the_whole_curve_or_ask_for_it(
    looks: list[tuple[list[tuple[int, float, float]], frozenset[Export]]],
) -> None:
    written: list[tuple[int, float, float]] = []
    exports: frozenset[Export] = frozenset()
    kept = kept_curves({"t": made([])}, (), exports)
    for more, new in looks:
        written += more
        exports |= new
        scalars = [Scalar("t", step, time, value, True) for step, time, value in more]
        following = kept.appended(scalars, exports) if kept.answers(exports) else None
        kept = following or kept_curves({"t": made(written)}, (), exports)
        whole = summarize("r", "t", made(written), exports)
        assert repr(kept.curves("r", exports, ONE_LIFE)["t"]) == repr(whole)


def test_points_at_the_end_are_appended_and_not_asked_for() -> None:
    written = [(step, float(step), step % 13 / 7) for step in range(1_000)]
    kept = kept_curves({"t": made(written)}, (), frozenset())
    for step in range(1_000, 1_100):
        following = kept.appended([Scalar("t", step, float(step), 0.5, True)], frozenset())
        assert following is not None
        kept = following
    assert len(kept.points) == 11 * 22
