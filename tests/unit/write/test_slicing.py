"""One number per example becomes a metric over all of them and over each slice."""

from __future__ import annotations

import math

import numpy as np
import pytest

import tb_versions as tbv
from tb_versions.core.manifest import VersionManifest, validate
from tb_versions.errors import InvalidManifestError
from tb_versions.write.metrics import to_metrics


def test_an_accuracy_is_taken_over_all_examples_and_over_each_value_of_each_feature() -> None:
    right = np.array([True, True, False, True])
    found = tbv.slices("accuracy", right, {"digit": [3, 8, 8, 3], "pen": ["b", "b", "a", "b"]}, dataset="test")
    assert [(m.slice, m.value, m.examples) for m in found] == [
        ("", 0.75, 4),
        ("digit:3", 1.0, 2),
        ("digit:8", 0.5, 2),
        ("pen:a", 0.0, 1),
        ("pen:b", 1.0, 3),
    ]
    validate(VersionManifest(model="m", number=1, metrics=to_metrics({"loss": 1, "accuracy": found}, {}, None)))


def test_the_interval_of_a_share_is_wilson_s() -> None:
    (whole,) = tbv.slices("accuracy", [1] * 28 + [0] * 4, {})
    assert [whole.lower, whole.upper] == pytest.approx([0.7193, 0.9503], abs=1e-4)
    assert whole.confidence == 0.95
    (sure,) = tbv.slices("accuracy", [1] * 10, {})
    assert [sure.lower, sure.upper] == pytest.approx([0.7225, 1.0], abs=1e-4)


@pytest.mark.parametrize("examples", range(1, 60))
def test_no_rounding_leads_out_of_0_to_1(examples: int) -> None:
    (none,) = tbv.slices("accuracy", [0] * examples, {})
    (all_of_them,) = tbv.slices("accuracy", [1] * examples, {})
    assert none.lower == 0
    assert all_of_them.upper == 1


def test_intervals_hold_the_true_value_as_often_as_they_say() -> None:
    random = np.random.default_rng(5)
    shares = [tbv.slices("a", random.random(200) < 0.9, {})[0] for _ in range(400)]
    means = [tbv.slices("loss", random.exponential(2, 200), {})[0] for _ in range(400)]
    held = [sum(m.lower <= true <= m.upper for m in some) / 400 for some, true in ((shares, 0.9), (means, 2.0))]  # type: ignore[operator]
    print(f"95 % intervals hold the true share {held[0]:.1%}, the true mean {held[1]:.1%}")
    assert all(0.92 <= share <= 0.98 for share in held)


def test_few_numbers_that_are_no_share_have_no_interval() -> None:
    whole, few = tbv.slices("loss", [0.5, *np.linspace(0, 1, 40)], {"x": [1] + [2] * 40})[:2]
    assert whole.lower is not None
    assert (few.slice, few.lower, few.upper, few.confidence, few.examples) == ("x:1", None, None, None, 1)


def test_what_can_not_be_sliced_is_refused_by_name() -> None:
    with pytest.raises(InvalidManifestError, match='The feature "digit" has 2 values for 3 examples'):
        tbv.slices("a", [1, 0, 1], {"digit": [1, 2]})
    for values in ([], [math.nan], [math.inf]):
        with pytest.raises(InvalidManifestError, match='The values of "a" must be finite numbers'):
            tbv.slices("a", values, {})
    with pytest.raises(TypeError, match="values must have one dimension"):
        tbv.slices("a", [[1, 0]], {})
    with pytest.raises(InvalidManifestError, match="between 0 and 1"):
        tbv.slices("a", [1], {}, confidence=95)
