"""What rows of metrics and of slices share: numbers with their origin, goals, directions, verdicts in words. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tb_versions.comparison import noise
from tb_versions.comparison.evidence import FROM_LOG
from tb_versions.comparison.members import Member
from tb_versions.comparison.rows.intervals import Interval, compare_intervals
from tb_versions.comparison.rows.row import number_text
from tb_versions.core.amounts import amount_text
from tb_versions.read.manifests.goals import KnownGoal
from tb_versions.read.values import MetricValue, is_sampled

ORIGINS = "The numbers have different origins."
_SAMPLED = "A value comes from a sample of its run's curve, and may be another point's."
SOURCES = {
    "typed": "typed in, or not said",
    "log": "from the training log",
    "evaluated": "evaluated on the export",
    "imported": "as another tracker recorded it",
}


@dataclass(frozen=True, slots=True)
class Goal:
    """Whether higher or lower is better, and who said so: "caller", "manifest", "inferred" or "unknown"."""

    goal: KnownGoal
    source: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A member's number: at its export, or the last of a run that made no version.

    Attributes:
        data: Digest of what it was measured on, "" if that is not known.
        model: Name of the model, "" of a run.
        interval: What is known of the number's interval.
    """

    metric: MetricValue
    value: float
    point: str
    step: int | None
    data: str
    model: str
    interval: Interval


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether a difference is more than noise.

    Attributes:
        verdict: "better", "worse", "within noise" or "unknown".
        method: "seeds", "curves", "intervals", "same recipe" or "".
        words: A sentence with the numbers that decided.
        counts: Trainings, or points, of the baseline and of the member.
        test: The test, where there was one.
    """

    verdict: str
    method: str
    words: str
    counts: tuple[int, int] = (0, 0)
    test: noise.Test | None = None


def goal_of(metrics: Sequence[MetricValue], goals: Mapping[str, KnownGoal]) -> tuple[Goal, str]:
    """Returns the goal, and a sentence if the members disagree."""
    if not metrics:
        return Goal("unknown", "unknown"), ""
    kind = metrics[0].kind
    requested = goals.get(kind.key) or goals.get(kind.name)
    if requested:
        return Goal(requested, "caller"), ""
    from_manifests = {m.kind.goal for m in metrics if m.kind.goal_source == "manifest"}
    if len(from_manifests) > 1:
        return Goal("unknown", "unknown"), "The manifests disagree on whether higher is better."
    if from_manifests:
        return Goal(from_manifests.pop(), "manifest"), ""
    return Goal(kind.goal, kind.goal_source), ""


def provenance(source: str) -> str:
    """Returns where a number comes from: "log", "typed", "evaluated" or "imported"."""
    return "log" if source in FROM_LOG else source if source in SOURCES else "typed"


def obstacles(found: Sequence[Reading | None]) -> Iterator[str]:
    """Yields sentences why numbers can't be compared."""
    numbers = [r for r in found if r is not None and r.point]
    data = {r.data for r in numbers}
    if len({provenance(r.metric.kind.source) for r in numbers}) > 1:
        yield ORIGINS
    if any(is_sampled(r.metric) for r in numbers):
        yield _SAMPLED
    if len(data - {""}) > 1:
        yield "Measured on different data."
    elif "" in data and len({r.model for r in numbers} - {""}) > 1:
        # Metrics of one name may be different ones.
        yield "The models are different, and it is not known whether these were measured on the same data."


def minus(value: float, base: float) -> float | None:
    """Returns the difference, or None where it is no finite number."""
    difference = value - base
    return difference if math.isfinite(difference) else None


def difference_text(base: float, value: float, goal: KnownGoal) -> str:
    """Returns the difference with its sign, and as points or per cent; "" where it is no finite number."""
    difference = minus(value, base)
    if difference is None:
        return ""
    amount = amount_text(base, value, goal)
    sign = "+" if difference > 0 else "−" if difference < 0 else "±"
    return f"{sign}{number_text(abs(difference))}{f' ({amount})' if amount else ''}"


def direction_of(base: float, value: float, goal: KnownGoal) -> str:
    """Returns "better", "worse", "equal" or "unknown"; without a goal "higher" or "lower"."""
    if math.isnan(base) or math.isnan(value):
        return "unknown"
    if base == value:
        return "equal"
    if goal == "unknown":
        return "higher" if value > base else "lower"
    return "better" if (value > base) == (goal == "max") else "worse"


def judgement_text(judged: Judgement, direction: str, *, is_comparable: bool) -> str:
    """The verdict in a few words, honest about what is not known."""
    if not is_comparable:
        return "not measured alike"
    if direction == "equal":
        return "equal"
    if judged.verdict != "unknown":
        return judged.verdict
    return f"{direction}, noise not known" if direction in ("better", "worse") else "not known whether better"


def by_intervals(base: Reading, other: Reading, *, goal: KnownGoal, direction: str) -> Judgement:
    """Returns the judgement of two different finite values by their intervals; "unknown" where these do not tell."""
    finding = compare_intervals(base.interval, other.interval)
    if finding.is_apart is None:
        return Judgement("unknown", "", finding.words)
    if not finding.is_apart:
        return Judgement("within noise", "intervals", finding.words)
    if goal == "unknown":
        return Judgement("unknown", "intervals", f"{finding.words} Whether higher is better is not known.")
    return Judgement(direction, "intervals", finding.words)


def of_one_recipe(base: Member, other: Member) -> Judgement | None:
    """Returns the judgement of two trainings that differ in their seeds only; None where others are compared."""
    if not base.recipe or base.recipe != other.recipe or _run(base) == _run(other):
        return None
    words = "Only their seeds differ, as far as was recorded, so the difference is seed noise."
    return Judgement("within noise", "same recipe", words)


def _run(member: Member) -> str:
    return member.runs[0].name if member.runs else member.id


def model_of(member: Member) -> str:
    """Returns the name of a member's model, "" of a run."""
    return member.version.model if member.version else member.manifest.model if member.manifest else ""
