"""Adopts a share of what is planned, one model after the other."""

from __future__ import annotations

from collections.abc import Mapping

from tb_versions.fleet.found import Shard
from tb_versions.fleet.work.leading import Outcome
from tb_versions.fleet.work.letters import Letter
from tb_versions.fleet.work.listing import has
from tb_versions.interop.adopting import adopt_one, is_adopted
from tb_versions.interop.inferring import Inferred
from tb_versions.interop.planning import Plan, Planned

ADOPTED, FAILED = "adopted", "failed"

_MOST_DIGITS = 20


def share_of(plan: Plan, share: Shard) -> Plan:
    """Returns the part of a plan that a share adopts; what is a version already, of all.

    All versions of a model are in one share, for one of them may get its number by the others.

    Args:
        plan: Of all.
        share: Which of them.
    """
    return Plan(
        tuple(each for each in plan.versions if has(share, each.named.model)),
        plan.existing,
        tuple(skipped for skipped in plan.skipped if has(share, skipped[0])),
    )


def numbers_kept(letters: Mapping[str, Letter]) -> dict[str, int]:
    """Returns the number that each model was to get which failed before, by its path; of others nothing."""
    texts = {what: each.keep for what, each in letters.items() if each.keep.isascii() and each.keep.isdigit()}
    return {what: int(text) for what, text in texts.items() if len(text) < _MOST_DIGITS}


def adopt_planned(thing: tuple[Planned, Inferred]) -> Outcome:
    """Makes a model a version unless it is that already; runs in a worker.

    Args:
        thing: The planned version, and what a logdir or a table said of it.
    """
    planned, inferred = thing
    if is_adopted(planned):
        return Outcome(ADOPTED, is_old=True)
    adopted = adopt_one(planned, inferred)
    if adopted.manifest is None:
        return Outcome(FAILED, "not known", adopted.failure, keep=str(planned.number))
    return Outcome(ADOPTED)
