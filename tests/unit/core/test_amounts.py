"""By how much two numbers differ, in words."""

from __future__ import annotations

import math
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tb_versions.core.amounts import amount_text, percent, points, significant


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.99995, "0.99995"),
        (0.999_996, "0.999996"),
        (-0.999_996, "-0.999996"),
        (math.nextafter(1, 0), "0.9999999999999999"),
        (1.0, "1"),
        (1.000_001, "1"),
        (0.0, "0"),
        (123_456.7, "1.2346e+05"),
        (math.nan, "nan"),
        (-math.inf, "-inf"),
    ],
)
def test_what_is_less_than_1_never_becomes_1(value, text):
    assert significant(value) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.008, "0.8 %"),
        (-0.21, "21 %"),
        (12.5, "1,250 %"),
        (0.0001234, "0.012 %"),
        (0.000_01, "under 0.01 %"),
        (0, "0 %"),
        (0.99, "99 %"),
        (0.995, "99.5 %"),
        (0.999, "99.9 %"),
        (0.999_99, "99.9 %"),
        (1, "100 %"),
        (math.inf, "over 1,000,000 %"),
    ],
)
def test_percentages_have_no_exponent_and_reach_100_only_when_it_is_all(share, text):
    assert percent(share) == text


@pytest.mark.parametrize(
    ("difference", "text"),
    [
        (-0.017, "1.7 points"),
        (0.01, "1 point"),
        (0.25, "25 points"),
        (0.000_02, "under 0.01 points"),
        (1, "100 points"),
    ],
)
def test_points_of_shares(difference, text):
    assert points(difference) == text


@pytest.mark.parametrize(
    ("base", "value", "goal", "text"),
    [
        (0.983, 0.966, "max", "1.7 points"),
        (0.5, 0.75, "unknown", "25 points"),
        (0.0, 1.0, "max", "100 points"),
        (0.4, 0.3, "min", "25 %"),
        (0.9, 1.1, "max", "22 %"),
        (20.0, 15.0, "max", "25 %"),
        (0.5, 0.5, "max", ""),
        (0.0, 3.0, "min", ""),
        (-2.0, -1.0, "max", ""),
        (2.0, -1.0, "max", ""),
        (-0.1, 5.0, "max", ""),
        (1.0, 0.0, "min", "100 %"),
        (math.nan, 0.5, "max", ""),
        (1e-308, 1e308, "min", ""),
        (1e-3, 1e308, "min", ""),
        (1.0, 1e300, "min", "over 1,000,000 %"),
    ],
)
def test_shares_differ_by_points_and_other_numbers_by_percent(base, value, goal, text):
    assert amount_text(base, value, goal) == text


@settings(deadline=None)
@given(st.floats(), st.floats(), st.sampled_from(["max", "min", "unknown"]))
def test_an_amount_has_neither_a_sign_nor_an_exponent(base, value, goal):
    text = amount_text(base, value, goal)
    assert re.fullmatch(r"|(?:under |over )?[0-9,]+(?:\.[0-9]+)? (?:%|points?)", text), text
