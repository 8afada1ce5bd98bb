"""Two intervals lie apart, overlap, or do not tell; and of equal values they hardly ever lie apart."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tb_versions.comparison.rows.intervals import Interval, compare_intervals


def interval(value: float, lower: float | None, upper: float | None, confidence: float | None = 0.95) -> Interval:
    return Interval(value, lower, upper, confidence)


@pytest.mark.parametrize(
    ("base", "other", "is_apart", "words"),
    [
        (interval(0.9, 0.88, 0.92), interval(0.8, 0.75, 0.85), True, "lie apart: 0.88 to 0.92 and 0.75 to 0.85 (95 %)"),
        (interval(0.8, 0.75, 0.85), interval(0.9, 0.88, 0.92), True, "lie apart: 0.75 to 0.85 and 0.88 to 0.92 (95 %)"),
        (interval(0.9, 0.85, 0.95), interval(0.8, 0.75, 0.85), False, "overlap"),
        (interval(0.9, 0.84, 0.95), interval(0.8, 0.75, 0.85, 0.9), False, "0.75 to 0.85 (95 % and 90 %)"),
        (interval(0.9, 0.88, None), interval(0.8, None, 0.85), True, "0.88 to ? and ? to 0.85"),
        (interval(0.9, None, 0.92), interval(0.8, 0.75, 0.85), None, "the baseline has no interval"),
        (interval(0.9, 0.88, 0.92), interval(0.8, 0.75, None), None, "this one has no interval"),
        (interval(0.9, None, None), interval(0.8, None, None), None, "neither value has an interval"),
        (interval(0.9, 0.88, 0.92), interval(0.8, 0.75, 0.85, None), None, "the confidence of an interval is not said"),
        (interval(0.9, 0.88, 0.92), interval(0.8, 0.75, 0.85, 0.5), None, "an interval of 50 % is too narrow; 90 %"),
    ],
)  # fmt: skip
def test_the_ends_that_face_each_other_decide(
    base: Interval, other: Interval, is_apart: bool | None, words: str
) -> None:
    found = compare_intervals(base, other)
    assert found.is_apart is is_apart
    assert words in found.words


def wilson(right: int, examples: int) -> Interval:
    z, share = 1.959964, right / examples
    middle = (share + z * z / (2 * examples)) / (1 + z * z / examples)
    half = z * math.sqrt(share * (1 - share) / examples + z * z / (4 * examples**2)) / (1 + z * z / examples)
    return interval(share, middle - half, middle + half)


@pytest.mark.parametrize(("examples", "others"), [(100, 100), (1_000, 1_000), (50, 5_000)])
def test_of_equal_models_at_most_one_pair_in_twenty_lies_apart(examples: int, others: int) -> None:
    random = np.random.default_rng(7)
    pairs = 2_000
    ours, theirs = random.binomial(examples, 0.9, pairs), random.binomial(others, 0.9, pairs)
    apart = [
        bool(compare_intervals(wilson(int(a), examples), wilson(int(b), others)).is_apart)
        for a, b in zip(ours, theirs, strict=True)
        if a / examples != b / others
    ]
    print(f"{examples} and {others} examples: {100 * sum(apart) / pairs:.2f} % apart")
    assert sum(apart) <= 0.05 * pairs
