"""Records what an inspection of a version's files found."""

from __future__ import annotations

from tb_versions.actions.target import Change, Decision, checked_reason, who
from tb_versions.actions.verifying import differs_in_words, target_of
from tb_versions.core.manifest import visible
from tb_versions.errors import RefusedError
from tb_versions.read.catalog import Version
from tb_versions.read.folders.scan import Place
from tb_versions.read.holders import check_not_removed
from tb_versions.read.reuse.verifying import verify_place
from tb_versions.registry import events
from tb_versions.registry.said.trust import MAX_FORMATS
from tb_versions.registry.state import State
from tb_versions.trust.findings import Finding, Inspection

_MOST_NAMED = 5
_LONGEST = 200


def record_inspected(
    version: Version,
    place: Place,
    found: Inspection,
    *,
    actor: str | None = None,
    reason: str = "",
    dry_run: bool = False,
) -> Change:
    """Records what an inspection found, as the event `inspected` of the version.

    Every file is read and compared with the manifest first: what is in files that are not as published says nothing of
    the version.

    Args:
        version: The version, as it was read before its files were inspected.
        place: The folder whose files were inspected.
        found: What is in them.
        actor: Who did it; as in `promote`.
        reason: Why, at most 4,096 characters.
        dry_run: Whether to check everything and write nothing.

    Raises:
        RefusedError: The files are not as published.
        ConflictError: The manifest is another one now.
        InvalidReferenceError: The version does not lie in `<models>/<model>/<number>`, so that it has no registry.
        TbVersionsError: As in `promote`.
    """
    actor, reason = who(actor), checked_reason(reason)
    target = target_of(version, place)
    differs = verify_place(version, place).result
    if differs:
        raise RefusedError(
            f"{version.id} is not as published, so what is in its files is not recorded: {differs_in_words(differs)}"
        )
    listing = target.found.listing
    formats = tuple(dict.fromkeys(part.format for part in found.parts))[:MAX_FORMATS]
    counts = {kind: sum(each.count for each in found.findings if each.kind == kind) for kind in _COUNTED}
    said = events.Inspected(
        digest=(listing.digest if listing else "") or "",
        formats=formats,
        files=found.files,
        others=len(found.others),
        found=_in_words([each for each in found.findings if each.kind in _COUNTED]),
        **counts,
    )

    def decide(state: State) -> Decision:
        check_not_removed(target.model, target.number, state)
        return Decision(
            target.draft("inspected", said, actor=actor, reason=reason), f"{version.id}: {said.words}; recorded."
        )

    return target.apply(decide, dry_run=dry_run)


_COUNTED = ("dangerous", "custom", "unread")


def _in_words(findings: list[Finding]) -> str:
    """The first findings: "saved_model.pb: WriteFile; and 3 more"."""
    named = [visible(f"{each.file}: {each.name or each.why}")[:_LONGEST] for each in findings[:_MOST_NAMED]]
    more = [f"and {len(findings) - _MOST_NAMED:,} more"] if len(findings) > _MOST_NAMED else []
    return "; ".join([*named, *more])
