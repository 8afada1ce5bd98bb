"""What an event says of how two versions answered the same inputs: counts, and no inputs. Pure."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Literal

from msgspec import Struct

from tb_versions.core.manifest import check_text, shown
from tb_versions.errors import InvalidManifestError

MAX_NAME = 512
"""Most characters of the name of a signature or an output."""

MAX_OUTPUTS = 50
"""Most outputs in one event."""

MAX_LISTED = 50
"""Most examples that are listed of one output."""

MAX_LISTED_IN_ALL = 250
"""Most examples that are listed in one event."""

MAX_BINS = 12
"""Most bins of a distribution."""

MAX_COUNT = 100_000
"""Most examples; the test of how often each was right is exact for so many."""

QUANTILES = (0.5, 0.9, 0.99)
"""Those that are kept of how far values moved."""

Rule = Literal["", "largest", "threshold", "equal"]
Right = Literal["", "both", "lost", "won", "neither"]


class RightCounts(Struct, frozen=True):
    """How often the two were right, of the examples whose label is known.

    Attributes:
        both: Both were.
        lost: Only the earlier one was.
        won: Only the later one was.
        neither: None was.
    """

    both: int = 0
    lost: int = 0
    won: int = 0
    neither: int = 0

    @property
    def examples(self) -> int:
        """Number of them."""
        return self.both + self.lost + self.won + self.neither


class ListedExample(Struct, frozen=True, omit_defaults=True):
    """An example whose answer flipped, or that moved far.

    Attributes:
        example: Its position in the inputs, from 0.
        moved: Largest difference of a number of its answer; None where there is none.
        flipped: Whether the answer is another one.
        before: The answer of the one version, as a whole number: position of the largest score, side of the threshold,
            or the answer itself; None where it is no number.
        after: That of the other.
        right: Which of the two was right; "" where the label is not known.
    """

    example: int
    moved: float | None = None
    flipped: bool = False
    before: int | None = None
    after: int | None = None
    right: Right = ""


class MovedOutput(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """How one output differs between two versions.

    Attributes:
        signature: That has it.
        name: Its name, in the later version.
        examples: Number of examples that were compared; 0 where its first axis is not that of the inputs.
        count: Number of values that were compared; 0 where it holds no amounts.
        not_finite: Number of further values that are not finite in one of the two.
        max: Largest difference of a value; None where none was compared.
        mean: Of the differences.
        quantiles: Of the differences, see `QUANTILES`.
        bins: Number of values in each of equal parts from 0 to `max`.
        rule: When an answer counts as another one: "largest" (score at another position), "threshold" (other side of
            it), "equal" (not equal); "" where that is not claimed.
        threshold: For that rule.
        flipped: Number of examples with another answer; None where that is not claimed.
        right: How often each was right; None where no label is known.
        listed: Flipped examples first, then those that moved farthest.
    """

    signature: str
    name: str
    examples: int = 0
    count: int = 0
    not_finite: int = 0
    max: float | None = None
    mean: float | None = None
    quantiles: tuple[float, ...] = ()
    bins: tuple[int, ...] = ()
    rule: Rule = ""
    threshold: float | None = None
    flipped: int | None = None
    right: RightCounts | None = None
    listed: tuple[ListedExample, ...] = ()

    def check(self) -> None:
        """Raises InvalidManifestError where a number can't be."""
        for text in (self.signature, self.name):
            check_text(text, "A name of an output", limit=MAX_NAME)
        _check_amounts((self.max, self.mean, *self.quantiles, *(each.moved for each in self.listed)))
        if self.threshold is not None and not math.isfinite(self.threshold):
            raise InvalidManifestError("The threshold is no finite number.")
        if self.count < 0 or self.not_finite < 0 or any(each < 0 for each in self.bins):
            raise InvalidManifestError("A number of values is less than 0.")
        if len(self.bins) > MAX_BINS or (self.bins and sum(self.bins) != self.count):
            raise InvalidManifestError("The distribution has not as many values as were compared.")
        if len(self.quantiles) not in (0, len(QUANTILES)) or any(a > b for a, b in pairwise(self.quantiles)):
            raise InvalidManifestError("The quantiles are not in order.")
        if self.max is not None and (self.count == 0 or max(self.mean or 0.0, *self.quantiles, 0.0) > self.max):
            raise InvalidManifestError("The largest difference is not the largest.")
        self._check_flips()

    def _check_flips(self) -> None:
        flipped, examples = self.flipped, self.examples
        if not 0 <= examples <= MAX_COUNT:
            raise InvalidManifestError(f"At most {MAX_COUNT:,} examples are compared.")
        if (flipped is None) != (self.rule == "") or not 0 <= (flipped or 0) <= examples:
            raise InvalidManifestError(f"{shown(flipped)} of {examples:,} examples can't have flipped.")
        if self.right is not None:
            right, fewest = self.right, min(self.right.both, self.right.lost, self.right.won, self.right.neither)
            if fewest < 0 or right.examples > examples or right.lost + right.won > (flipped or 0):
                raise InvalidManifestError(
                    "More answers became right or wrong than flipped, or than there are examples."
                )
        listed = [each.example for each in self.listed]
        if len(listed) > MAX_LISTED or len(set(listed)) != len(listed) or not all(0 <= at < MAX_COUNT for at in listed):
            raise InvalidManifestError(f"At most {MAX_LISTED} examples are listed, each once.")
        if sum(each.flipped for each in self.listed) > (flipped or 0):
            raise InvalidManifestError("More examples are listed as flipped than flipped.")


def _check_amounts(numbers: tuple[float | None, ...]) -> None:
    for number in numbers:
        if number is not None and not (math.isfinite(number) and number >= 0):
            raise InvalidManifestError(f"{shown(number)} is no number from 0 on.")
