"""How one output of two models differs on the same inputs. Pure."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from tb_versions.core.golden.file import Array
from tb_versions.registry.behaviour_facts import (
    MAX_BINS,
    MAX_LISTED,
    QUANTILES,
    ListedExample,
    MovedOutput,
    Right,
    RightCounts,
    Rule,
)
from tb_versions.trust.behaviour.inputs import Labels

_MOST_FLIPS = 40
_NO_ANSWER = -1  # of scores that are not all numbers

_AMOUNTS = "fc"
_PART = re.compile(r" \((values|row splits \d+|indices|shape)\)$")


@dataclass(frozen=True)
class Answers:
    """What two models answered at one output.

    Attributes:
        signature: That has it.
        name: Of the output.
        before: Of the first model.
        after: Of the second, of the same shape and kind.
        counted: [examples] which examples count; None where the inputs have no common number of examples.
        threshold: From which on a single score is a yes; None where nobody said.
    """

    signature: str
    name: str
    before: Array
    after: Array
    counted: Array | None = None
    threshold: float | None = None

    @property
    def has_examples(self) -> bool:
        """Whether the first axis is that of the examples; that of a part of a ragged or sparse answer never is."""
        is_part = _PART.search(self.name) is not None
        return self.counted is not None and not is_part and self.before.shape[:1] == self.counted.shape

    @property
    def rule(self) -> Rule:
        """When an answer counts as another one; "" where that is not claimed."""
        if not self.has_examples:
            return ""
        if self.before.dtype.kind not in _AMOUNTS:
            return "equal"
        if self.before.dtype.kind == "f" and self.before.ndim == 2 and self.before.shape[1] > 1:
            return "largest"
        is_one = self.before.ndim == 1 or (self.before.ndim == 2 and self.before.shape[1] == 1)
        return "threshold" if is_one and self.threshold is not None and self.before.dtype.kind == "f" else ""

    @property
    def has_classes(self) -> bool:
        """Whether there is one answer for each example that a label can be compared with."""
        return self.rule in ("largest", "threshold") or (self.rule == "equal" and self.before.size == len(self.before))


def why_not(before: Array, after: Array) -> str:
    """Returns why two answers can't be compared, the end of a sentence; "" if they can."""
    if before.shape != after.shape:
        return f"has the shape {list(before.shape)} in the first and {list(after.shape)} in the second"
    kinds = [_AMOUNTS if each.dtype.kind in _AMOUNTS else each.dtype.kind.replace("u", "i") for each in (before, after)]
    return "" if kinds[0] == kinds[1] else "is of another kind in the second"


def moved(answers: Answers, labels: Labels | None = None) -> MovedOutput:
    """Returns how the output differs.

    Args:
        answers: Of both models.
        labels: The right answers; only where `answers.has_classes`.
    """
    counted = answers.counted
    has_examples = counted is not None and answers.has_examples
    before, after = (each[counted] if has_examples else each for each in (answers.before, answers.after))
    positions = np.flatnonzero(counted) if counted is not None and has_examples else np.arange(0)
    moves = _moves(before, after) if before.dtype.kind in _AMOUNTS else None
    farthest = None if moves is None or not has_examples else _farthest(moves)
    said = _distribution(moves) if moves is not None else {}
    if not answers.rule:
        listed = _listed(positions, farthest, np.zeros(len(positions), bool)) if has_examples else ()
        return MovedOutput(
            signature=answers.signature, name=answers.name, examples=len(positions), **said, listed=listed
        )
    first, second = (_answers(answers, each) for each in (before, after))
    flipped = _differ(first, second)
    right = None
    known = labels.known[counted] if labels is not None else np.zeros(len(first), bool)
    if labels is not None:
        wanted = labels.values[counted]
        right = (~_differ(first, wanted), ~_differ(second, wanted))
    counts = _counts(*right, known) if right is not None and known.any() else None
    return MovedOutput(
        signature=answers.signature,
        name=answers.name,
        examples=len(positions),
        **said,
        rule=answers.rule,
        threshold=answers.threshold if answers.rule == "threshold" else None,
        flipped=int(np.count_nonzero(flipped)),
        right=counts,
        listed=_listed(
            positions,
            farthest,
            flipped,
            answers=(_whole(answers, first), _whole(answers, second)),
            right=right,
            known=known,
        ),
    )


def labels_that_do_not_fit(answers: Answers, labels: Labels) -> str:
    """Returns why labels can't be compared with the answers, a sentence; "" if they can."""
    known = labels.values[labels.known]
    is_text = answers.before.dtype.kind == "O"
    if (known.dtype.kind == "O") != is_text:
        return f"The labels are {'whole numbers' if is_text else 'texts'}, and the answers are not."
    classes = {"largest": answers.before.shape[-1] if answers.before.ndim else 0, "threshold": 2}.get(answers.rule)
    if classes is not None and known.size and not (known.min() >= 0 and known.max() < classes):
        return f"The labels are from {known.min()} to {known.max()}, and there are {classes} classes, from 0."
    return ""


def _moves(before: Array, after: Array) -> Array:
    """How far each value moved: 0 where both are the same infinity or no number, infinite where only one is."""
    wide = np.complex128 if "c" in (before.dtype.kind, after.dtype.kind) else np.float64
    first, second = before.astype(wide), after.astype(wide)
    same = (first == second) | (np.isnan(first) & np.isnan(second))
    with np.errstate(invalid="ignore", over="ignore"):
        gaps = np.abs(second - first)
    found: Array = np.where(same, 0.0, np.where(np.isnan(gaps), np.inf, gaps))
    return found


def _rows(values: Array) -> Array:
    """[examples, values] the values of each example."""
    return values.reshape(len(values), math.prod(values.shape[1:]))


def _distribution(moves: Array) -> dict[str, Any]:
    finite = moves[np.isfinite(moves)]
    said: dict[str, Any] = {"count": int(finite.size), "not_finite": int(moves.size - finite.size)}
    if not finite.size:
        return said
    most = float(finite.max())
    with np.errstate(over="ignore"):
        mean = float(np.mean(finite))
    bins = np.minimum((finite / most * MAX_BINS).astype(int), MAX_BINS - 1) if most else np.zeros(finite.size, int)
    counts = np.bincount(bins, minlength=MAX_BINS if most else 1)
    quantiles = np.minimum(np.maximum.accumulate(np.quantile(finite, QUANTILES)), most)
    return said | {
        "max": most,
        "mean": min(mean, most),  # rounding
        "quantiles": tuple(quantiles.tolist()),
        "bins": tuple(counts.tolist()),
    }


def _farthest(moves: Array) -> Array:
    """[examples] the largest move of a value of the example."""
    flat = _rows(moves)
    return flat.max(axis=1) if flat.shape[1] else np.zeros(len(moves))


def _answers(answers: Answers, values: Array) -> Array:
    """[examples] each answer, or [examples, values] where it is made of several."""
    if answers.rule == "equal":
        return values.reshape(-1) if answers.has_classes else _rows(values)
    is_nothing = np.isnan(_rows(values)).any(axis=1)
    if answers.rule == "largest":
        found = np.argmax(values, axis=1)
    else:
        found = (values.reshape(-1) > answers.threshold).astype(int)
    return np.where(is_nothing, _NO_ANSWER, found)


def _differ(first: Array, second: Array) -> Array:
    """[examples] whether the answers differ; objects are compared as objects."""
    differs = np.asarray(first != second)
    return np.asarray(_rows(differs).any(axis=1) if differs.ndim > 1 else differs, bool)


def _counts(before: Array, after: Array, known: Array) -> RightCounts:
    return RightCounts(
        both=int(np.count_nonzero(before & after & known)),
        lost=int(np.count_nonzero(before & ~after & known)),
        won=int(np.count_nonzero(~before & after & known)),
        neither=int(np.count_nonzero(~before & ~after & known)),
    )


def _listed(
    positions: Array,
    farthest: Array | None,
    flipped: Array,
    *,
    answers: tuple[list[int | None], list[int | None]] | None = None,
    right: tuple[Array, Array] | None = None,
    known: Array | None = None,
) -> tuple[ListedExample, ...]:
    """The flipped examples, those that moved farthest first, and then the others that moved farthest."""
    distance = np.zeros(len(positions)) if farthest is None else farthest
    order = np.argsort(-distance, kind="stable")
    flips = [at for at in order if flipped[at]][:_MOST_FLIPS]
    others = [at for at in order[: MAX_LISTED + _MOST_FLIPS] if not flipped[at] and distance[at] > 0]
    listed = []
    for at in [*flips, *others[: 10 if flips else 20]]:
        was: Right = ""
        if right is not None and known is not None and known[at]:
            was = _RIGHT[bool(right[0][at]), bool(right[1][at])]
        listed.append(
            ListedExample(
                example=int(positions[at]),
                moved=float(distance[at]) if farthest is not None and np.isfinite(distance[at]) else None,
                flipped=bool(flipped[at]),
                before=answers[0][at] if answers else None,
                after=answers[1][at] if answers else None,
                right=was,
            )
        )
    return tuple(listed)


_RIGHT: dict[tuple[bool, bool], Right] = {
    (True, True): "both",
    (True, False): "lost",
    (False, True): "won",
    (False, False): "neither",
}


def _whole(answers: Answers, found: Array) -> list[int | None]:
    """Answers as an event may have them: texts may be users' data, and large numbers do not travel."""
    if found.ndim != 1 or found.dtype.kind not in "biu":
        return [None] * len(found)
    is_none = -(2**53) if answers.rule == "equal" else _NO_ANSWER
    return [each if each != is_none and abs(each) < 2**53 else None for each in map(int, found.tolist())]
