"""Records in the registry's log what was deployed where; what is recorded already is not recorded again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tb_versions.actions.target import Change, Decision, Path, Target, open_target
from tb_versions.core.manifest import MAX_TEXT, visible
from tb_versions.registry import events
from tb_versions.registry.events import Deployed
from tb_versions.registry.state import State

LOOKED_BACK = 1_000
"""Most events that are read to find the last deployment."""


def record(
    labels: Iterable[tuple[str, str, int]], models_dir: Path, *, servers: Sequence[str], actor: str, reason: str = ""
) -> list[Change]:
    """Records that servers serve versions by labels.

    Args:
        labels: Model, label and number of the version.
        models_dir: Folder of models.
        servers: Addresses.
        actor: Who did it.
        reason: Why.

    Returns:
        What was recorded; of what was recorded last already, nothing.

    Raises:
        TbVersionsError: As the registry's other verbs.
    """
    target = _name_of(servers)
    made = [_record(*each, models_dir, target, actor, reason) for each in labels]
    return [change for change in made if change.event is not None]


def _record(  # noqa: PLR0917 - what the caller unpacks
    model: str, label: str, number: int, models_dir: Path, where: str, actor: str, reason: str
) -> Change:
    target = open_target(model, models_dir).at(number)
    draft = target.draft("deployed", Deployed(where, alias=label), actor=actor, reason=reason)
    said = f"{visible(model)}:{number} is served by {where} as {label}."

    def decide(state: State) -> Decision:
        if _last(target, state, where, label) == number:
            return Decision(None, said)
        return Decision(draft, said, after=number)

    return target.apply(decide)


def _last(target: Target, state: State, where: str, label: str) -> int | None:
    """The version that was deployed there by that label last; None where that is not known."""
    head = state.head.number
    for number in range(head, max(0, head - LOOKED_BACK), -1):
        event = target.opened.registry.event(number)
        if event.kind == "deployed" and events.said(event) == Deployed(where, alias=label):
            return event.version
    return None


def _name_of(servers: Sequence[str]) -> str:
    name = ", ".join(sorted(servers))
    return name if len(name) <= MAX_TEXT else f"{sorted(servers)[0]} and {len(servers) - 1:,} more"
