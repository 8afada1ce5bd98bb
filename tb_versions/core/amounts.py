"""Numbers for people, and by how much two differ: percentages, and percentage points for shares. Pure.

An accuracy of 0.966 is 1.7 points lower than one of 0.983; a loss of 0.30 is 25 % lower than one of 0.40. The page has
the same rules in frontend/src/model/compare/numbers.ts; tests/contract/amounts.json holds the two equal.
"""

from __future__ import annotations

import math

_LEAST = 0.01
_MOST = 1_000_000


def significant(value: float, digits: int = 5) -> str:
    """Returns a number with so many significant digits; what is less than 1 never becomes 1, but gets more of them."""
    text = f"{value:.{digits}g}"
    while text in ("1", "-1") and abs(value) < 1:
        digits += 1
        text = f"{value:.{digits}g}"
    return text


def amount_text(base: float, value: float, goal: str) -> str:
    """Returns by how much a metric differs, without a sign: "1.7 points", "25 %".

    Args:
        base: What the value is compared with.
        value: Another value of the metric.
        goal: "max", "min" or "unknown".

    Returns:
        The amount; "" if the values are equal or not finite, the base of a percentage would be 0, or one is negative:
        from -0.1 to 5 is no "5,100 % higher".
    """
    difference = value - base
    if not math.isfinite(difference) or difference == 0:
        return ""
    if is_share(base, value, goal):
        return points(difference)
    return percent(difference / base) if base > 0 <= value and math.isfinite(difference / base) else ""


def is_share(base: float, value: float, goal: str) -> bool:
    """Whether two values are shares of a whole, such as accuracies: both within 0 and 1, and not to be minimised.

    A metric to minimise is most often a loss, of which a hundredth means nothing.
    """
    return goal != "min" and 0 <= base <= 1 and 0 <= value <= 1


def points(difference: float) -> str:
    """Returns a difference of shares as percentage points with two significant digits, without its sign."""
    number = _two_digits(abs(difference) * 100)
    return f"{number} point" if number == "1" else f"{number} points"


def percent(share: float) -> str:
    """Returns a share as a percentage with two significant digits, without its sign: "0.8 %"."""
    return f"{_two_digits(abs(share) * 100)} %"


def _two_digits(number: float) -> str:
    """Two significant digits, never an exponent; what is less than 100 never becomes 100."""
    if number > _MOST:
        return f"over {_MOST:,}"
    if number >= 100:
        return f"{number:,.0f}"
    if number >= 99.5:
        return f"{min(number, 99.9):.1f}"
    return f"{number:.2g}" if number >= _LEAST or number == 0 else f"under {_LEAST}"
