"""Says of a version that it should not be used any more, and takes that back."""

from __future__ import annotations

from tb_versions.actions.target import Change, Decision, Path, checked_reason, find_target, who
from tb_versions.core.manifest import visible
from tb_versions.core.times import utc_text
from tb_versions.read.holders import check_not_removed
from tb_versions.registry.events import Nothing
from tb_versions.registry.state import State


def deprecate(
    reference: Path,
    models_dir: Path | None = None,
    *,
    reason: str = "",
    actor: str | None = None,
    dry_run: bool = False,
) -> Change:
    """Marks a version as one that should not be used any more. Aliases stay, and loading it works as before.

    Args:
        reference: As in `promote`.
        models_dir: As in `promote`.
        reason: Why, at most 4,096 characters.
        actor: Who says so; as in `promote`.
        dry_run: Whether to check everything and write nothing.

    Returns:
        What changed; nothing if the version is deprecated already.

    Raises:
        TbVersionsError: As in `promote`.
    """
    reason, actor = checked_reason(reason), who(actor)
    target = find_target(reference, models_dir)
    name = target.found.id

    def decide(state: State) -> Decision:
        check_not_removed(target.model, target.number, state)
        by = state.version(target.number).deprecated
        if by is not None:
            said = f"{name} is deprecated already, since {utc_text(by.ms)} by {visible(by.actor)}."
            return Decision(None, said, "deprecated", "deprecated")
        held = state.aliases_of(target.number)
        note = f" It is {' and '.join(held)}." if held else ""
        draft = target.draft("deprecated", Nothing(), actor=actor, reason=reason)
        return Decision(draft, f"{name}: deprecated.{note}", None, "deprecated")

    return target.apply(decide, dry_run=dry_run)


def restore(
    reference: Path,
    models_dir: Path | None = None,
    *,
    reason: str = "",
    actor: str | None = None,
    dry_run: bool = False,
) -> Change:
    """Takes back that a version is deprecated.

    Args:
        reference: As in `promote`.
        models_dir: As in `promote`.
        reason: Why, at most 4,096 characters.
        actor: Who says so; as in `promote`.
        dry_run: Whether to check everything and write nothing.

    Returns:
        What changed; nothing if the version is not deprecated.

    Raises:
        TbVersionsError: As in `promote`.
    """
    reason, actor = checked_reason(reason), who(actor)
    target = find_target(reference, models_dir)

    def decide(state: State) -> Decision:
        check_not_removed(target.model, target.number, state)
        if state.version(target.number).deprecated is None:
            return Decision(None, f"{target.found.id} is not deprecated.")
        draft = target.draft("restored", Nothing(), actor=actor, reason=reason)
        return Decision(draft, f"{target.found.id}: no longer deprecated.", "deprecated", None)

    return target.apply(decide, dry_run=dry_run)
