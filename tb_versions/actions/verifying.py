"""Records that a version's files were compared with its manifest, and what came of it."""

from __future__ import annotations

import os
from pathlib import Path

from tb_versions.actions.target import Change, Decision, Target, checked_reason, find_target, who
from tb_versions.core.manifest import MAX_TEXT, visible
from tb_versions.errors import ConflictError
from tb_versions.read.catalog import Version
from tb_versions.read.folders.scan import Place
from tb_versions.read.holders import check_not_removed
from tb_versions.read.manifests.integrity import in_words
from tb_versions.read.reuse.verifying import Verified
from tb_versions.registry import events
from tb_versions.registry.state import State


def record_verified(
    version: Version,
    place: Place,
    found: Verified,
    *,
    actor: str | None = None,
    reason: str = "",
    dry_run: bool = False,
) -> Change:
    """Records what a verification found.

    Args:
        version: The version, as it was read before its files were compared.
        place: The folder whose files were compared.
        found: What differs, every file read: a look at names and sizes proves nothing, and is not recorded.
        actor: Who did it; as in `promote`.
        reason: Why, at most 4,096 characters.
        dry_run: Whether to check everything and write nothing.

    Raises:
        ConflictError: The manifest is another one now.
        InvalidReferenceError: The version does not lie in `<models>/<model>/<number>`, so that it has no registry.
        TbVersionsError: As in `promote`.
    """
    actor, reason = who(actor), checked_reason(reason)
    target = _target(version, place)
    if target.found.manifest_digest != version.manifest_digest:
        raise ConflictError(
            f"The manifest of {version.id} was replaced while its files were compared. Verify it again."
        )
    listing = target.found.listing
    said = events.Verified(ok=not found, digest=(listing.digest if listing else "") or "", found=_words(found))

    def decide(state: State) -> Decision:
        check_not_removed(target.model, target.number, state)
        draft = target.draft("verified", said, actor=actor, reason=reason)
        return Decision(draft, f"{version.id}: {'as published' if said.ok else 'not as published'}; recorded.")

    return target.apply(decide, dry_run=dry_run)


def _target(version: Version, place: Place) -> Target:
    if place.root.is_remote:
        return find_target(f"{version.model}:{version.number}", place.root.given)
    return find_target(Path(os.path.realpath(place.folder)), None)


def _words(found: Verified) -> str:
    """What differs, in one sentence; "" if nothing does."""
    if not found:
        return ""
    differs = str(found.announcement) if found.announcement.verdict == "differs" else ""
    return visible(" ".join(filter(None, [in_words(found), differs])))[:MAX_TEXT]
