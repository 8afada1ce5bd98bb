"""Whether one model is right more often than another on the same examples: McNemar's exact test. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from tb_versions.registry.behaviour_facts import MovedOutput

LEVEL = 0.05
"""Chance of a false "better" or "worse" that is taken, over all outputs together."""

USEFUL = 0.05
"""Where a difference in accuracy of this size could not have shown, no difference seen says nothing."""

_LIKELY = 0.8
_WHOLE = 2_000

Verdict = Literal["better", "worse", "no_difference", "not_known"]


@dataclass(frozen=True)
class Paired:
    """How often two models were right on the same examples.

    Attributes:
        both: Examples on which both were right.
        lost: On which only the first was.
        won: On which only the second was.
        neither: On which none was.
        tests: Number of outputs that are tested together; each gets its share of `LEVEL`.
    """

    both: int
    lost: int
    won: int
    neither: int
    tests: int = 1

    @property
    def examples(self) -> int:
        """Number of examples whose label is known."""
        return self.both + self.lost + self.won + self.neither

    @cached_property
    def p(self) -> float:
        """Two-sided: how often equal models would differ at least so much, given these flips."""
        return two_sided(self.lost, self.won)

    @property
    def level(self) -> float:
        """What `p` must be below."""
        return LEVEL / self.tests

    @cached_property
    def smallest(self) -> float | None:
        """Smallest difference in accuracy that so many examples can show: all flips one way. None: they show none."""
        needed = fewest(self.level)
        return needed / self.examples if self.examples >= needed else None

    @property
    def likely(self) -> float | None:
        """True difference that would show 8 times in 10, were all flips to go one way; None where there is none."""
        return None if self.smallest is None else _shown_by(self.examples, fewest(self.level))

    @property
    def verdict(self) -> Verdict:
        """Of the second model against the first."""
        if self.p < self.level:
            return "better" if self.won > self.lost else "worse"
        return "no_difference" if self.smallest is not None and self.smallest <= USEFUL else "not_known"

    @property
    def words(self) -> str:
        """The verdict with its numbers, a sentence."""
        number = f"{self.examples:,} example{'' if self.examples == 1 else 's'}"
        tested = f"{self.won:,} became right, {self.lost:,} became wrong; p = {self.p:.2g}"
        if self.verdict in ("better", "worse"):
            ends = (self.both + self.lost) / self.examples, (self.both + self.won) / self.examples
            return f"{self.verdict.capitalize()} on {number}: {ends[0]:.1%} right before, {ends[1]:.1%} now ({tested})."
        if self.verdict == "no_difference":
            return f"No difference beyond chance on {number} ({tested})."
        return f"Whether it is better is not known from {number} ({tested})."

    @property
    def power(self) -> str:
        """What so many examples could have shown, a sentence."""
        needed = fewest(self.level)
        if self.smallest is None:
            return f"It takes {needed} changes that all go one way, so fewer than {needed} examples show nothing."
        likely = ""
        if self.likely is not None:
            likely = f"; a true difference of {100 * self.likely:.1f} points shows 8 times in 10 at best"
        return (
            f"{self.examples:,} examples can show a difference in accuracy of {100 * self.smallest:.1f} points or more "
            f"({needed} changes, all one way){likely}."
        )


def paired(outputs: Sequence[MovedOutput]) -> list[Paired | None]:
    """Returns, for each output, how often both models were right; None where no label is known."""
    tests = sum(each.right is not None for each in outputs)
    counts = [each.right for each in outputs]
    return [None if of is None else Paired(of.both, of.lost, of.won, of.neither, tests) for of in counts]


def two_sided(lost: int, won: int) -> float:
    """Returns the probability that of so many flips, each way as likely, at least so many go one way; 1.0 for none.

    Of up to 2,000 flips the binomial coefficient is a whole number; of more, its logarithm gives nine digits of p.
    The tail is a sum of its ratios, so nothing is approximated but the last digits.
    """
    flips, fewer = lost + won, min(lost, won)
    term = tail = 1.0
    for each in range(fewer, 0, -1):
        term *= each / (flips - each + 1)
        tail += term
        if term < 1e-17:
            break
    if flips <= _WHOLE:
        share = math.comb(flips, fewer) / (1 << flips)
    else:
        ways = math.lgamma(flips + 1) - math.lgamma(fewer + 1) - math.lgamma(flips - fewer + 1)
        share = math.exp(ways - flips * math.log(2))
    return min(1.0, 2 * share * tail)


def fewest(level: float) -> int:
    """Returns the fewest flips that show a difference where all go one way."""
    flips = 1
    while two_sided(0, flips) >= level:
        flips += 1
    return flips


def _shown_by(examples: int, needed: int) -> float | None:
    """The probability of a flip with which `needed` or more of the examples flip 8 times in 10, to 3 digits."""

    def missed(share: float) -> float:
        ways = (math.comb(examples, each) * share**each * (1 - share) ** (examples - each) for each in range(needed))
        return sum(ways)

    low, high = 0.0, 1.0
    while high - low > 1e-4 * high:
        middle = (low + high) / 2
        low, high = (middle, high) if missed(middle) > 1 - _LIKELY else (low, middle)
    return high
