"""Which trainings differ in their seed only. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

MAX_SIBLINGS = 30
"""Most siblings of one member that are read; more of them would not make the test better."""


@dataclass(frozen=True, slots=True)
class Training:
    """What decides whether two trainings are siblings.

    Attributes:
        name: Of the version or run.
        run: The training itself; several versions may come from one.
        recipe: See `tb_versions.read.manifests.recipes`; "" if it is not known.
        seeds: Likewise.
        step: Of the export, or None.
    """

    name: str
    run: str
    recipe: str
    seeds: str
    step: int | None


def siblings(of: Training, others: Iterable[Training]) -> list[Training]:
    """Returns one version or run of each other training with the recipe and another seed.

    Of several exports of one training, the one nearest in steps stands for it, if it comes after at least half
    as many steps and at most twice as many. A second training with the same seed adds nothing and is skipped.
    """
    if not of.recipe:
        return []
    nearest: dict[str, Training] = {}
    for other in others:
        if other.recipe != of.recipe or other.run == of.run or not _is_alike(of.step, other.step):
            continue
        kept = nearest.get(other.run)
        if kept is None or _distance(of, other) < _distance(of, kept):
            nearest[other.run] = other
    taken = {of.seeds} - {""}
    found = []
    for other in sorted(nearest.values(), key=lambda t: t.name):
        if other.seeds not in taken:
            found.append(other)
            taken.add(other.seeds)
            taken.discard("")
    return found[:MAX_SIBLINGS]


def _is_alike(ours: int | None, theirs: int | None) -> bool:
    if ours is None or theirs is None:
        return True
    return (ours + 1) <= 2 * (theirs + 1) and (theirs + 1) <= 2 * (ours + 1)


def _distance(of: Training, other: Training) -> int:
    return 0 if of.step is None or other.step is None else abs(of.step - other.step)
