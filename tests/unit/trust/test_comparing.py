"""When two answers are the same: tolerances by type, and what tolerance does not cover."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tb_versions.core.golden.outcome import Tolerance
from tb_versions.trust.comparing import agreement, compare

RNG = np.random.default_rng(3)


def told(before: Any, now: Any, **more: Any) -> Any:
    return compare("serve", "y", before=np.asarray(before), now=np.asarray(now), **more)


def test_rounding_of_float32_passes_and_a_scaled_kernel_fails() -> None:
    x, kernel = RNG.normal(size=(16, 512)), RNG.normal(size=(512, 10))
    exact = (x @ kernel).astype("float32")
    rounded = x.astype("float32") @ kernel.astype("float32")
    assert told(exact, rounded).ok
    scaled = told(exact, (x @ (kernel * 1.001)).astype("float32"))
    assert not scaled.ok
    assert scaled.beyond > 100
    assert scaled.max_error == pytest.approx(np.abs(exact).max() * 0.001, rel=0.01)


def test_no_false_alarm_in_200_sums_in_another_order() -> None:
    alarms = 0
    for _ in range(200):
        x = RNG.normal(size=(8, 300)).astype("float32") * np.float32(10.0 ** RNG.integers(-3, 4))
        kernel = RNG.normal(size=(300, 4)).astype("float32")
        order = RNG.permutation(300)
        alarms += not told(x @ kernel, np.cumsum(x[:, order, None] * kernel[order], axis=1)[:, -1]).ok
    assert alarms == 0


@pytest.mark.parametrize(
    ("before", "now", "ok"),
    [
        ([1, 2], [1, 2], True),
        ([1, 2], [1, 3], False),
        ([2**62], [2**62 + 1], False),
        ([True], [False], False),
        ([np.nan, np.inf], [np.nan, np.inf], True),
        ([1.0], [np.nan], False),
        ([np.inf], [-np.inf], False),
        ([1.0, 2.0], [[1.0, 2.0]], False),
        ([1.0], [1], False),
        ([[]], [[]], True),
    ],
)
def test_what_is_the_same(before: Any, now: Any, ok: bool) -> None:
    assert told(before, now).ok is ok


def test_an_error_that_is_not_finite_is_not_known() -> None:
    found = told([1.0, 2.0], [1.0, np.nan])
    assert (found.ok, found.beyond, found.max_error) == (False, 1, None)
    assert "NaN or infinite" in found.why


def test_texts_must_be_equal() -> None:
    made = np.empty(2, object)
    made[:] = [b"a", b"b"]
    other = made.copy()
    assert told(made, other).ok
    other[1] = b"c"
    assert told(made, other).beyond == 1


def test_a_tolerance_that_is_given_counts_as_it_stands() -> None:
    assert told([100.0], [100.5], tolerance=Tolerance(absolute=0.5, relative=0.0)).ok
    assert not told([100.0], [100.6], tolerance=Tolerance(absolute=0.5, relative=0.0)).ok
    assert told([100.0], [101.0], tolerance=Tolerance(relative=0.01)).ok
    assert told([100], [101], tolerance=Tolerance(relative=0.01)).ok
    assert not told([100], [102], tolerance=Tolerance(relative=0.01)).ok


def test_half_precision_is_told_by_tensorflows_name_of_the_type() -> None:
    before, now = np.array([1.0], "float32"), np.array([1.01], "float32")
    assert not told(before, now).ok
    assert told(before, now, dtype="bfloat16").ok


def test_agreement_is_of_the_largest_score() -> None:
    assert agreement(np.array([[0.1, 0.9], [0.6, 0.4]]), np.array([[0.2, 0.8], [0.4, 0.6]])) == 0.5
    assert agreement(np.zeros((2, 1)), np.zeros((2, 1))) is None
    assert agreement(np.zeros(3), np.zeros(3)) is None


def single(*values: float) -> Any:
    return np.array(values, "float32")


def test_values_that_the_tolerance_hides_are_told() -> None:
    found = told(single(1e-6, 2e-6), single(9e-6, -2e-6))
    assert found.ok
    assert found.why.startswith("The largest value is 2e-06, so the tolerance of 1e-05 hides changes of 100% of it")
    assert not told(single(1e-6, 2e-6), single(9e-6, -2e-6), tolerance=Tolerance(1e-9, 1e-4)).ok
    assert "hides changes of 2% of it" in told(single(5e-4), single(5e-4)).why
    assert told(single(0.5), single(0.5)).why == ""
    assert told(single(0.0), single(0.0)).why == ""
    assert told(single(), single()).why == ""
