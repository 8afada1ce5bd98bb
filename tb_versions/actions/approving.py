"""Says of a version that somebody approves of it, and takes that back."""

from __future__ import annotations

from tb_versions.actions.target import Change, Decision, Path, checked_reason, find_target, who
from tb_versions.core.manifest import visible
from tb_versions.core.times import utc_text
from tb_versions.errors import RefusedError, VersionDamagedError
from tb_versions.read.holders import check_not_removed
from tb_versions.registry.events import Nothing
from tb_versions.registry.state import State


def approve(
    reference: Path,
    models_dir: Path | None = None,
    *,
    reason: str = "",
    actor: str | None = None,
    dry_run: bool = False,
) -> Change:
    """Records that somebody approves of a version; a policy may ask for that before the version is promoted.

    Args:
        reference: As in `promote`.
        models_dir: As in `promote`.
        reason: Why, at most 4,096 characters.
        actor: Who approves; by default `TB_VERSIONS_ACTOR`, else the login. A claim: nobody checks it.
        dry_run: Whether to check everything and write nothing.

    Returns:
        What changed; nothing if the same person approved already.

    Raises:
        VersionDamagedError: The version's manifest can't be read.
        TbVersionsError: As in `promote`.
    """
    reason, actor = checked_reason(reason), who(actor)
    target = find_target(reference, models_dir)
    name = target.found.id
    if target.found.listing is None:
        raise VersionDamagedError(f"{name} can't be approved: its manifest can't be read. {target.found.notice}")

    def decide(state: State) -> Decision:
        check_not_removed(target.model, target.number, state)
        by = state.version(target.number).approvals.get(actor)
        if by is not None and target.is_about_this(by.event):
            said = f"{name} is approved by {visible(actor)} already, since {utc_text(by.ms)}."
            return Decision(None, said, actor, actor)
        draft = target.draft("approved", Nothing(), actor=actor, reason=reason)
        return Decision(draft, f"{name}: approved by {visible(actor)}.", None, actor)

    return target.apply(decide, dry_run=dry_run)


def withdraw(
    reference: Path,
    models_dir: Path | None = None,
    *,
    reason: str = "",
    actor: str | None = None,
    dry_run: bool = False,
) -> Change:
    """Takes back one's own approval of a version. Aliases that name it stay where they are.

    Args:
        reference: As in `promote`.
        models_dir: As in `promote`.
        reason: Why, at most 4,096 characters.
        actor: Whose approval it is; as in `approve`.
        dry_run: Whether to check everything and write nothing.

    Returns:
        What changed.

    Raises:
        RefusedError: The actor has not approved the version.
        TbVersionsError: As in `promote`.
    """
    reason, actor = checked_reason(reason), who(actor)
    target = find_target(reference, models_dir)

    def decide(state: State) -> Decision:
        approvals = state.version(target.number).approvals
        if actor not in approvals:
            others = ", ".join(visible(name) for name in approvals)
            has = f"it is approved by {others}" if others else "nobody did"
            raise RefusedError(f"{visible(actor)} has not approved {target.found.id}; {has}.")
        draft = target.draft("approval_withdrawn", Nothing(), actor=actor, reason=reason)
        return Decision(draft, f"{target.found.id}: {visible(actor)} withdraws the approval.", actor, None)

    return target.apply(decide, dry_run=dry_run)
