"""Records that a version's files were compared with its manifest, and what came of it."""

from __future__ import annotations

import os
import time
from pathlib import Path

from msgspec.structs import replace

from tb_versions.actions.target import Change, Decision, Target, checked_reason, find_target, who
from tb_versions.core.manifest import MAX_TEXT, visible
from tb_versions.errors import ConflictError
from tb_versions.read.catalog import Version
from tb_versions.read.folders.scan import Place
from tb_versions.read.holders import check_not_removed
from tb_versions.read.manifests.integrity import in_words
from tb_versions.read.reuse.verifying import Verified
from tb_versions.registry import events
from tb_versions.registry.checked import files_word
from tb_versions.registry.state import By, State


def record_verified(
    version: Version,
    place: Place,
    found: Verified,
    *,
    actor: str | None = None,
    reason: str = "",
    dry_run: bool = False,
    since: int | None = None,
) -> Change:
    """Records what a verification found.

    Args:
        version: The version, as it was read before its files were compared.
        place: The folder whose files were compared.
        found: What differs, every file read: a look at names and sizes proves nothing, and is not recorded.
        actor: Who did it; as in `promote`.
        reason: Why, at most 4,096 characters.
        dry_run: Whether to check everything and write nothing.
        since: When work on many versions began, milliseconds since the epoch, not later than now: nothing is recorded
            where a result is from then or later, so that a worker that is started again records none twice.

    Raises:
        ConflictError: The manifest is another one now.
        InvalidReferenceError: The version does not lie in `<models>/<model>/<number>`, so that it has no registry.
        TbVersionsError: As in `promote`.
    """
    actor, reason = who(actor), checked_reason(reason)
    target = target_of(version, place)
    listing = target.found.listing
    said = events.Verified(
        ok=not found, digest=(listing.digest if listing else "") or "", found=differs_in_words(found)
    )

    def decide(state: State) -> Decision:
        check_not_removed(target.model, target.number, state)
        draft = target.draft("verified", said, actor=actor, reason=reason)
        if since is not None:
            if _last(state, version, since) is not None:
                return Decision(None, f"{version.id}: recorded already.")
            draft = replace(draft, time_ms=max(since, time.time_ns() // 1_000_000))  # a worker's clock may be behind
        return Decision(draft, f"{version.id}: {'as published' if said.ok else 'not as published'}; recorded.")

    return target.apply(decide, dry_run=dry_run)


def recorded_since(version: Version, place: Place, since: int) -> tuple[bool, str] | None:
    """Returns the last recorded result of a version's files, if it is of that time or later.

    Args:
        version: The version.
        place: Its folder.
        since: Milliseconds since the epoch.

    Returns:
        Whether they were as published, and what differed, in words; None where nothing is recorded of this manifest
        since then, or only a look at names and sizes.

    Raises:
        TbVersionsError: As `target_of`; or the log can't be read.
    """
    target = target_of(version, place)
    last = _last(target.opened.state(), version, since)
    if last is None:
        return None
    ok, by = last
    return ok, "" if ok else events.said(target.opened.registry.event(by.event)).found


def _last(state: State, version: Version, since: int) -> tuple[bool, By] | None:
    """Whether the newest result of digests is good, and by whom; None where it is older, or of another manifest."""
    known = state.version(version.number)
    if not files_word(known, version.manifest_digest) or known.verified is None:
        return None
    ok, how, by = known.verified
    return (ok, by) if how == "digests" and by.ms >= since else None


def target_of(version: Version, place: Place) -> Target:
    """Returns the registry of a version, by the folder that was looked at.

    Raises:
        ConflictError: The manifest is another one now.
        InvalidReferenceError: It does not lie in `<models>/<model>/<number>`.
        TbVersionsError: As in `find_target`.
    """
    if place.root.is_remote:
        target = find_target(f"{version.model}:{version.number}", place.root.given)
    else:
        target = find_target(Path(os.path.realpath(place.folder)), None)
    if target.found.manifest_digest != version.manifest_digest:
        raise ConflictError(
            f"The manifest of {version.id} was replaced while its files were compared. Verify it again."
        )
    return target


def differs_in_words(found: Verified) -> str:
    """Returns what differs, in one sentence; "" if nothing does."""
    if not found:
        return ""
    differs = str(found.announcement) if found.announcement.verdict == "differs" else ""
    return visible(" ".join(filter(None, [in_words(found), differs])))[:MAX_TEXT]
