"""Does a difference of two values lie beyond their intervals? Pure.

Two intervals that lie apart at 95 % differ: of equal values at most one pair in twenty does so by chance, and one in
180 where both intervals are alike. Intervals that overlap prove nothing, so nothing is called better then. No interval
is made up here: whoever measured knows whether a metric is a share, a mean or a quantile.
"""

from __future__ import annotations

from dataclasses import dataclass

from tb_versions.comparison.rows.row import number_text
from tb_versions.read.sliced import SliceValue

LEAST_CONFIDENCE = 0.9
"""Intervals of a lower confidence decide nothing: at 50 % a third of equal pairs lies apart."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A value and what is known of its interval.

    Attributes:
        value: Any double.
        lower: Lower end, or None.
        upper: Upper end, or None.
        confidence: Share of such intervals that hold the true value; None where unsaid.
    """

    value: float
    lower: float | None
    upper: float | None
    confidence: float | None

    @property
    def is_known(self) -> bool:
        """Whether it has an end."""
        return self.lower is not None or self.upper is not None


def interval_of(value: SliceValue) -> Interval:
    """Returns what a manifest says of a value's interval."""
    return Interval(value.value, value.lower, value.upper, value.confidence)


@dataclass(frozen=True, slots=True)
class Finding:
    """What two intervals say.

    Attributes:
        is_apart: Whether they lie apart; None where they do not tell.
        words: A sentence with the numbers that decided, or why nothing is decided.
    """

    is_apart: bool | None
    words: str


def compare_intervals(base: Interval, other: Interval) -> Finding:
    """Returns whether the intervals of two different values lie apart.

    Only the ends that face each other count: the upper one of the lower value, and the lower one of the higher value.
    """
    low, high = (base, other) if base.value < other.value else (other, base)
    lacking = [who for who, end in _facing(base, low, high) if end is None]
    if lacking:
        whose = "neither value has" if len(lacking) > 1 else f"{lacking[0]} has no"
        return Finding(None, f"The noise is not known: {whose} {'an ' if len(lacking) > 1 else ''}interval.")
    said = [each.confidence for each in (base, other) if each.confidence is not None]
    if len(said) < 2:
        return Finding(None, "The noise is not known: the confidence of an interval is not said.")
    if min(said) < LEAST_CONFIDENCE:
        least = f"{percent(LEAST_CONFIDENCE)} and more"
        return Finding(
            None, f"The noise is not known: an interval of {percent(min(said))} is too narrow; {least} decide."
        )
    is_apart = low.upper is not None and high.lower is not None and low.upper < high.lower
    levels = " and ".join(dict.fromkeys(percent(each) for each in said))
    ends = f"{_text(base)} and {_text(other)} ({levels})"
    if is_apart:
        return Finding(True, f"The intervals lie apart: {ends}. The effect of other seeds is not known.")
    return Finding(False, f"The intervals overlap: {ends}, so the difference may be noise.")


def _facing(base: Interval, low: Interval, high: Interval) -> tuple[tuple[str, float | None], ...]:
    """The baseline's end and the other's, with whose they are."""
    mine, theirs = (low.upper, high.lower) if low is base else (high.lower, low.upper)
    return ("the baseline", mine), ("this one", theirs)


def _text(interval: Interval) -> str:
    ends = ["?" if end is None else number_text(end) for end in (interval.lower, interval.upper)]
    return f"{ends[0]} to {ends[1]}"


def percent(share: float) -> str:
    """Returns a share as text: "95 %"."""
    return f"{number_text(100 * share)} %"
