"""Which versions of a model are kept, and why: the rules of `prune` and of `keep=` in the Keras callback. Pure."""

from __future__ import annotations

import math
from collections import defaultdict, deque
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from tb_versions.core.manifest import Goal, shown
from tb_versions.errors import InvalidQueryError
from tb_versions.read.catalog import Version
from tb_versions.registry.state import State

_DAY_MS = 86_400_000


@dataclass(frozen=True)
class Keep:
    """What is kept beside what `must_stay` names and the parents of kept versions.

    Attributes:
        last: The newest so many.
        best: The best so many by a metric.
        metric: Its column; "" takes the model's lead metric.
        goal: Which values are better; "" takes what the manifests say.
        younger_than_days: Those created less than so many days ago; None: age does not matter.
    """

    last: int = 0
    best: int = 0
    metric: str = ""
    goal: Goal = ""
    younger_than_days: float | None = None

    def __post_init__(self) -> None:
        if self.last < 0 or self.best < 0 or (self.younger_than_days or 0) < 0:
            raise InvalidQueryError("A number of versions or days to keep can't be negative.")
        if not self.last and not self.best and self.younger_than_days is None:
            raise InvalidQueryError(
                "Say what to keep: the newest (last), the best by a metric (best), or those of the last days."
            )


@dataclass(frozen=True)
class Kept:
    """A version, and why it is kept.

    Attributes:
        version: The version.
        why: A phrase, like "holds production"; "" if it is to be removed.
    """

    version: Version
    why: str


def must_stay(state: State, number: int) -> str:
    """Returns why the registry keeps a version, as a phrase; "" if it does not."""
    for name, alias in state.aliases.items():
        if alias.version == number:
            return f"holds {name}"
    for name, alias in state.aliases.items():
        if alias.back(1) == number:
            return f"would hold {name} after a rollback"
    approvals = state.version(number).approvals
    return f"approved by {', '.join(approvals)}" if approvals else ""


def sort_out(
    versions: Sequence[Version],
    state: State,
    keep: Keep,
    *,
    now_ms: int,
    children: Callable[[Version], Iterable[Version]] = lambda _: (),
    bad: Collection[str] = (),
) -> list[Kept]:
    """Decides about every version of a model, newest first.

    Args:
        versions: Of one model, that are there and were not removed.
        state: What its log says.
        keep: The rules.
        now_ms: Now, milliseconds since the epoch.
        children: The versions that were made from a version, of any model.
        bad: Ids of versions that are never removed because their manifest can't be trusted to be theirs.

    Raises:
        InvalidQueryError: The metric, or which of its values are better, is not known.
    """
    newest = sorted(versions, key=lambda version: (-version.number, version.id))
    reasons: dict[str, str] = {}
    _add(reasons, ((v.id, _doubt(v, bad)) for v in newest))
    _add(reasons, ((v.id, must_stay(state, v.number)) for v in newest))
    _add(reasons, ((v.id, _among("newest", keep.last)) for v in newest[: keep.last]))
    if keep.best:
        _add(reasons, ((v.id, f"{_among('best', keep.best)} by {metric}") for v, metric in _best(newest, keep)))
    if keep.younger_than_days is not None:
        since = now_ms - keep.younger_than_days * _DAY_MS
        young = f"younger than {keep.younger_than_days:g} days"
        _add(reasons, ((v.id, young) for v in newest if v.listing and _created(v) > since))
    _keep_parents(newest, reasons, children)
    return [Kept(version, reasons.get(version.id, "")) for version in newest]


def _among(which: str, count: int) -> str:
    return f"the {which}" if count == 1 else f"one of the {count:,} {which}"


def _add(reasons: dict[str, str], found: Iterable[tuple[str, str]]) -> None:
    for name, why in found:
        if why:
            reasons.setdefault(name, why)


def _doubt(version: Version, bad: Collection[str]) -> str:
    if version.id in bad:
        return "its number is claimed by several folders"
    return "its manifest can't be read" if version.listing is None else ""


def _created(version: Version) -> float:
    created = version.listing.created_ms if version.listing else None
    return math.inf if created is None else created  # of unknown age: kept


def _keep_parents(
    newest: Sequence[Version], reasons: dict[str, str], children: Callable[[Version], Iterable[Version]]
) -> None:
    """Keeps the parents of what is kept, and theirs; a copy may have a smaller number than its parent.

    A child of another model always stays, for that is not what is pruned now.
    """
    parents: dict[str, list[Version]] = defaultdict(list)
    others = set()
    for version in newest:
        for child in children(version):
            parents[child.id].append(version)
            if child.model != version.model:
                others.add(child.id)
    kept = deque(child for child in parents if child in reasons or child in others)
    while kept:
        name = kept.popleft()
        for version in parents[name]:
            if version.id not in reasons:
                reasons[version.id] = f"parent of {name}"
                kept.append(version.id)


def _best(newest: Sequence[Version], keep: Keep) -> list[tuple[Version, str]]:
    metric = keep.metric or next((v.listing.lead_metric for v in newest if v.listing and v.listing.lead_metric), "")
    if not metric:
        raise InvalidQueryError("Name the metric by which the best are kept: no version has a lead metric.")
    found = [(v, v.metrics[metric]) for v in newest if metric in v.metrics and not math.isnan(v.metrics[metric])]
    if not found:
        names = sorted({name for v in newest for name in v.metrics})
        raise InvalidQueryError(f"No version has the metric {shown(metric)}; they have {', '.join(names) or 'none'}.")
    said = {keep.goal} if keep.goal else _recorded_goals(newest, metric)
    if len(said) != 1:
        why = "the manifests disagree" if said else "the manifests don't"
        raise InvalidQueryError(f"Say whether {shown(metric)} should be high or low: {why}.")
    goal = said.pop()
    ranked = sorted(found, key=lambda each: each[1] if goal == "min" else -each[1])  # of equal ones the newest
    return [(version, metric) for version, _ in ranked[: keep.best]]


def _recorded_goals(versions: Sequence[Version], metric: str) -> set[str]:
    """What the manifests say of which values are better."""
    kinds = (m.kind for v in versions if v.listing for m in v.listing.metrics)
    return {kind.goal for kind in kinds if kind.key == metric and kind.goal_source == "manifest"}
