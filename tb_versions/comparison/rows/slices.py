"""Slices side by side: one row for each part of the data, those that lose most against the baseline first. Pure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from tb_versions.comparison.members import Member
from tb_versions.comparison.rows.data import Measured
from tb_versions.comparison.rows.intervals import interval_of, percent
from tb_versions.comparison.rows.readings import (
    Goal,
    Judgement,
    Reading,
    by_intervals,
    difference_text,
    direction_of,
    goal_of,
    judgement_text,
    minus,
    model_of,
    obstacles,
    of_one_recipe,
)
from tb_versions.comparison.rows.row import ABSENT, UNKNOWN, Cell, Row, number_text, row, some
from tb_versions.core.manifest import metric_key
from tb_versions.core.showing import counted
from tb_versions.read.manifests.goals import KnownGoal
from tb_versions.read.manifests.listed_metrics import MetricKind
from tb_versions.read.sliced import Sliced, SliceValue
from tb_versions.read.values import MetricValue

MOST_CELLS = 20_000
"""Most cells of slices in one comparison: all 5,000 slices of four versions, and the worst 333 of sixty."""

_Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Read:
    """A member's value of a slice, as other numbers of a comparison are read, and all that is known of it."""

    reading: Reading
    found: SliceValue


class _Of:
    """A member's slices of one metric."""

    def __init__(self, member: Member, key: _Key) -> None:
        self.member = member
        self.group: Sliced | None = next((g for g in member.slices if (g.name, g.dataset) == key), None)
        self._data = Measured(member.manifest).on(*key) if member.manifest and self.group else ""

    def read(self, part: str) -> _Read | None:
        found = self.group.slices.get(part) if self.group else None
        if found is None:
            return None
        metric = MetricValue(found.kind, found.step, found.value)
        rest = (found.step, self._data, model_of(self.member), interval_of(found))
        return _Read(Reading(metric, found.value, "at export", *rest), found)


@dataclass(frozen=True, slots=True)
class _Slice:
    """One part of the data, as all members have it.

    Attributes:
        found: Of each member, or None.
        base: Of the baseline, or None.
        loss: The largest against the baseline, or None.
    """

    found: tuple[_Read | None, ...]
    base: _Read | None
    goal: Goal
    disagreement: str
    loss: float | None

    @property
    def kind(self) -> MetricKind:
        return next(each.found.kind for each in self.found if each)


def slice_rows(
    members: Sequence[Member],
    baseline: int,
    goals: Mapping[str, KnownGoal],
    left_out: Counter[str] | None = None,
) -> Iterator[Row]:
    """Yields rows by metric: of slices that several members have, those that lose most against the baseline first.

    Where one member alone has slices of a metric, one row says how many.
    """
    order = [members[baseline], *members]
    keys = list(dict.fromkeys((group.name, group.dataset) for member in order for group in member.slices))
    most = max(1, MOST_CELLS // len(members) // max(1, len(keys)))
    for key in keys:
        of_members = [_Of(member, key) for member in members]
        if sum(of.group is not None for of in of_members) < 2:
            yield _counted(of_members, key)
            continue
        slices = sorted(_slices(of_members, baseline, _goals(goals, key)), key=_by_loss)
        if left_out is not None:
            left_out["slices"] += max(0, len(slices) - most)
        rows = [_row(each, of_members, baseline) for each in slices[:most]]
        caution = " ".join(_cautions(of_members, slices, rows))
        yield from (replace(each, caution=caution if i == 0 else "") for i, each in enumerate(rows))


def _goals(goals: Mapping[str, KnownGoal], key: _Key) -> Mapping[str, KnownGoal]:
    """A goal that is given for the metric on the whole dataset holds for its slices."""
    asked = goals.get(metric_key(*key, ""))
    return {**goals, key[0]: asked} if asked else goals


def _counted(of_members: Sequence[_Of], key: _Key) -> Row:
    cells = [_count_cell(of) for of in of_members]
    name = metric_key(*key, "")
    return row("slices", f"{name} (slices)", f"slices of {name}", cells=cells)


def _count_cell(of: _Of) -> Cell:
    if of.group is None:
        return _missing(of)
    return Cell(counted(len(of.group.slices), "slice"), len(of.group.slices))


def _missing(of: _Of) -> Cell:
    return UNKNOWN if of.member.manifest is None else ABSENT


def _by_loss(of: _Slice) -> tuple[bool, float]:
    return of.loss is None, 0.0 if of.loss is None else -of.loss


def _slices(of_members: Sequence[_Of], baseline: int, goals: Mapping[str, KnownGoal]) -> Iterator[_Slice]:
    order = [of_members[baseline], *of_members]
    for part in dict.fromkeys(part for of in order if of.group for part in of.group.slices):
        found = tuple(of.read(part) for of in of_members)
        goal, disagreement = goal_of([each.reading.metric for each in found if each], goals)
        base = found[baseline]
        others = [each for each in found if each is not None and each is not base]
        losses = [_loss(minus(each.found.value, base.found.value), goal.goal) for each in others] if base else []
        loss = max((each for each in losses if each is not None), default=None)
        yield _Slice(found, base, goal, disagreement, loss)


def _row(of: _Slice, of_members: Sequence[_Of], baseline: int) -> Row:
    kind, base = of.kind, of_members[baseline]
    cells = [
        _missing(mine) if each is None else _cell((mine, each), (base, of.base), of.goal)
        for mine, each in zip(of_members, of.found, strict=True)
    ]
    goal = {"goal": of.goal.goal, "goal_source": of.goal.source}
    named = {"name": kind.name, "dataset": kind.dataset, "slice": kind.slice}
    label = f"{metric_key(kind.name, kind.dataset, '')} {kind.slice}"
    found = row("slices", kind.key, label, cells=cells)
    return replace(found, details={**goal, **named, "loss": of.loss})


def _cell(own: tuple[_Of, _Read], baseline: tuple[_Of, _Read | None], goal: Goal) -> Cell:
    (of, read), (base_of, base) = own, baseline
    found = read.found
    text = number_text(found.value) + _examples(found)
    details = {name: getattr(found, name) for name in ("examples", "is_few", "lower", "upper", "confidence")}
    details["source"] = found.kind.source
    if base is None or base is read:
        return Cell(text, found.value, details=details)
    why_not = " ".join(obstacles((base.reading, read.reading)))
    direction = direction_of(base.found.value, found.value, goal.goal)
    judged = Judgement("unknown", "", why_not)
    if not why_not:
        judged = _judge((base_of.member, base), (of.member, read), goal=goal.goal, direction=direction)
    difference = minus(found.value, base.found.value)
    details |= {
        "difference": difference,
        "loss": _loss(difference, goal.goal),
        "direction": direction,
        "is_comparable": not why_not,
        "judgement": judgement_text(judged, direction, is_comparable=not why_not),
        "method": judged.method,
    }
    reasons = (difference_text(base.found.value, found.value, goal.goal), judged.words)
    return Cell(text, found.value, verdict=judged.verdict, reasons=tuple(filter(None, reasons)), details=details)


def _examples(found: SliceValue) -> str:
    if found.examples is None:
        return ""
    return f" ({'only ' if found.is_few else ''}{counted(found.examples, 'example')})"


def _loss(difference: float | None, goal: KnownGoal) -> float | None:
    """How much worse it is, positive for a loss; by size where it is not known what is better."""
    if difference is None:
        return None
    return abs(difference) if goal == "unknown" else -difference if goal == "max" else difference


def _judge(base: tuple[Member, _Read], other: tuple[Member, _Read], *, goal: KnownGoal, direction: str) -> Judgement:
    (base_member, base_read), (member, read) = base, other
    if not (math.isfinite(base_read.found.value) and math.isfinite(read.found.value)):
        return Judgement("unknown", "", "A value that is not a finite number can't be compared.")
    if direction == "equal":
        return Judgement("within noise", "", "The values are equal.")
    by_recipe = of_one_recipe(base_member, member)
    if by_recipe:
        return by_recipe
    return by_intervals(base_read.reading, read.reading, goal=goal, direction=direction)


def _cautions(of_members: Sequence[_Of], slices: Sequence[_Slice], rows: Sequence[Row]) -> Iterator[str]:
    """Yields sentences about all slices of a metric; the first of its rows has them."""
    yield from dict.fromkeys(each.disagreement for each in slices if each.disagreement)
    cells = [cell for each in rows for cell in each.cells]
    yield from dict.fromkeys(cell.reasons[-1] for cell in cells if cell.details.get("is_comparable") is False)
    if any(each.goal.goal == "unknown" for each in slices):
        yield "It is not known whether higher is better, so slices are sorted by the size of the difference."
    parts = [each.kind.slice for each in slices]
    yield from (words for of in of_members if (words := _lacking(of, parts)))
    chance = _by_chance(cells)
    if chance:
        yield chance


def _lacking(of: _Of, parts: Sequence[str]) -> str:
    """A sentence about slices that a member does not have."""
    if of.group is None:
        return f"{of.member.label} has no slices of this metric."
    lacks = [part for part in parts if part not in of.group.slices]
    if not lacks:
        return ""
    return f"{of.member.label} lacks {len(lacks):,} of {counted(len(parts), 'slice')}: {some(lacks, 3)}."


def _by_chance(cells: Sequence[Cell]) -> str:
    """How many of equal slices would be told apart, where so many are compared that some would."""
    decided = [cell for cell in cells if cell.details.get("method") == "intervals"]
    confidences = [cell.details["confidence"] for cell in decided if cell.details["confidence"] is not None]
    if not confidences:
        return ""
    share = 1 - min(confidences)
    expected = math.floor(len(decided) * share + 1e-9)
    if expected < 1:
        return ""
    return (
        f"{len(decided):,} pairs of intervals are compared; if nothing had changed, up to {expected:,} of them "
        f"({percent(share)}) could lie apart by chance."
    )
