"""Answers what an alias names, or named at a moment: who put it there, when and why. It opens one log, one manifest."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from tb_versions.actions.gating import surroundings
from tb_versions.actions.moments import Moment, milliseconds_of, moment_text
from tb_versions.actions.target import Path, Target, open_target
from tb_versions.core import codec, storage
from tb_versions.core.manifest import MANIFEST_LIMIT, MANIFEST_NAME, Dataset, VersionManifest, metric_key, shown
from tb_versions.core.references import Reference, is_path, parse_reference
from tb_versions.errors import InvalidReferenceError, TbVersionsError, VersionNotFoundError
from tb_versions.read.catalog import Version
from tb_versions.read.freshness import gates_now, policy_seen
from tb_versions.read.holders import check_manifest, check_not_removed, holder_of
from tb_versions.read.manifests.files_at import files_at
from tb_versions.read.reuse.registered import with_given_versions
from tb_versions.registry import events
from tb_versions.registry.state import GateState, Holder, State, VersionState

NOT_KNOWN = "not known"
"""What nobody can record yet."""

NO_GATE = "no result was recorded"
"""Of a version that no gate judged."""


@dataclass(frozen=True, kw_only=True)
class Which:
    """What an alias names.

    Attributes:
        model: The model.
        alias: The alias.
        number: Number of the version.
        since: When it was put there: milliseconds since the epoch.
        event: Number of that event.
        actor: Who put it there; a claim.
        reason: Why, in the actor's words.
        replaced: Number of the version that the alias named before; None if it named none.
        rolled_back: Whether it was put there by a rollback.
        semantic_version: The one given last, or "".
        digest: Of the version's content, or "".
        datasets: What it was trained and measured on, with digests, as the manifest says.
        metrics: Name to value at export, as the manifest says.
        verified: How its files were compared when it was put there: "digests" (all of them were read), "sizes", or "".
        verified_later: The last result of a verification that was recorded: whether the files were as published, how
            they were compared, by whom, and when in milliseconds; or None.
        replayed: How the last replay of its golden outputs came out, in words; "" where none was of its manifest.
        approvals: Name to time in milliseconds of each approval.
        deprecated: Whether it is deprecated.
        gate: What came of gates: "release passed at promotion (event 12)", "release stale (its metrics changed)".
        attestation: "not known": signatures can't be recorded yet.
        path: Where the version's files are, or None where they are not here.
        problems: Sentences about what is not as it should be.
        at: The moment that was asked for, milliseconds since the epoch, or None for now.
    """

    model: str
    alias: str
    number: int
    since: int
    event: int
    actor: str
    reason: str
    replaced: int | None
    rolled_back: bool
    semantic_version: str = ""
    digest: str = ""
    datasets: tuple[Dataset, ...] = ()
    metrics: Mapping[str, float] = field(default_factory=dict)
    verified: str = ""
    verified_later: tuple[bool, str, str, int] | None = None
    replayed: str = ""
    approvals: Mapping[str, int] = field(default_factory=dict)
    deprecated: bool = False
    gate: str = NO_GATE
    attestation: str = NOT_KNOWN
    path: str | None = None
    problems: tuple[str, ...] = ()
    at: int | None = None

    @property
    def id(self) -> str:
        """The version: "digits:3"."""
        return f"{self.model}:{self.number}"


def which(reference: str, models_dir: Path, *, at: Moment | None = None) -> Which:
    """Says what an alias names, or named at a moment, and everything that people ask then.

    However many versions there are, it opens the log of one model and one manifest. Metrics that were measured later
    are in files of their own, and not read.

    Args:
        reference: `digits@production`, or `digits@production~1` for what the next rollback would return to.
        models_dir: Folder of models.
        at: A datetime or text like "2026-11-24 16:05", UTC without a zone: the state after the last event until then.

    Returns:
        The answer; also where the version is not there any more, which is one of its `problems` then.

    Raises:
        InvalidReferenceError: The reference names no alias.
        InvalidQueryError: `at` is no date.
        VersionNotFoundError: There is no such model, or the alias named nothing.
        RewrittenLogError: The log was cut or rewritten since it was seen here.
        TbVersionsError: As in `path`.
    """
    parsed = parse_reference(reference)
    if is_path(reference) or not parsed.alias:
        raise InvalidReferenceError(f"{shown(reference)} names no alias; write model@alias, like digits@production.")
    moment = None if at is None else milliseconds_of(at)
    target = open_target(parsed.model, models_dir)
    state = target.opened.state()
    if moment is not None:
        state = target.opened.registry.at(moment)
    holder = _holder(parsed, state, moment)
    return _told(target, parsed, state, holder=holder, moment=moment)


def _holder(reference: Reference, state: State, moment: int | None) -> Holder:
    try:
        return holder_of(reference, state)
    except VersionNotFoundError as error:
        if moment is None:
            raise
        raise VersionNotFoundError(f"At {moment_text(moment)}: {error}") from error


def _told(target: Target, reference: Reference, state: State, *, holder: Holder, moment: int | None) -> Which:
    event = target.opened.registry.event(holder.event)
    alias = state.aliases[reference.alias]
    said = events.said(event)
    known = state.version(holder.version)
    problems: list[str] = []
    if holder.event in state.skewed:
        problems.append(f"The clock of who wrote event {holder.event} was more than five minutes behind.")
    version = _version(target, holder, state, problems)
    manifest = _manifest(version, problems) if version else None
    return Which(
        model=target.model,
        alias=reference.alias,
        number=holder.version,
        since=alias.by.ms if alias.by.event == holder.event else event.time_ms,
        event=holder.event,
        actor=event.actor,
        reason=event.reason,
        replaced=getattr(said, "from_", None),
        rolled_back=event.kind == "alias_rolled_back",
        semantic_version=known.semantic_version or (manifest.semantic_version if manifest else ""),
        digest=manifest.digest if manifest else "",
        datasets=manifest.datasets if manifest else (),
        metrics={metric_key(m.name, m.dataset, m.slice): m.value for m in manifest.metrics} if manifest else {},
        verified=getattr(said, "verified", ""),
        verified_later=known.verified and (*known.verified[:2], known.verified[2].actor, known.verified[2].ms),
        replayed=_replayed(known, version.manifest_digest if version else holder.manifest),
        approvals={name: by.ms for name, by in known.approvals.items()},
        deprecated=known.deprecated is not None,
        gate=_gates(target, version, state, holder=holder, moment=moment),
        path=_path(version, problems) if version else None,
        problems=tuple(problems),
        at=moment,
    )


def _replayed(known: VersionState, manifest: str) -> str:
    replay = known.replayed
    if replay is None or replay.manifest not in ("", manifest):
        return ""
    return f"{replay.words} ({replay.by.actor}, {moment_text(replay.by.ms)})"


def _gates(target: Target, version: Version | None, state: State, *, holder: Holder, moment: int | None) -> str:
    """What came of gates: those that allowed the promotion, and what the others are worth now."""
    told = [f"{key} passed at promotion (event {event})" for key, event in sorted(holder.gates.items())]
    others = {key: each for key, each in sorted(state.version(holder.version).gates.items()) if key not in holder.gates}
    if others and version is not None and moment is None:
        around = surroundings(replace(target, version=version), state, policy_seen(state))
        told += [now.words for now in gates_now(version, around) if now.key in others]
    else:
        told += [_undated(key, each) for key, each in others.items()]
    return "; ".join(told) or NO_GATE


def _undated(key: str, result: GateState) -> str:
    verdict = "passed" if result.passed else "failed"
    return f"{key} {verdict} (event {result.by.event}; whether it was stale is not known)"


def _version(target: Target, holder: Holder, state: State, problems: list[str]) -> Version | None:
    """The version that holds the alias; what is wrong with it is added to `problems`."""
    try:
        check_not_removed(target.model, holder.version, target.opened.registry.state)
        version = target.at(holder.version).found
        check_manifest(version.id, version.manifest_digest, holder)
    except TbVersionsError as error:
        problems.append(str(error))
        return None
    return with_given_versions([version], state)[0]


def _path(version: Version, problems: list[str]) -> str | None:
    elsewhere = version.listing.elsewhere if version.listing else None
    try:
        return files_at(version.places[0], elsewhere).path
    except (TbVersionsError, OSError) as error:
        problems.append(str(error))
        return None


def _manifest(version: Version, problems: list[str]) -> VersionManifest | None:
    place = version.places[0]
    try:
        data = storage.read_capped(os.path.join(place.folder, MANIFEST_NAME), MANIFEST_LIMIT, within=place.root.path)
        return codec.decode(data)
    except (TbVersionsError, OSError) as error:
        problems.append(f"The manifest of {version.id} can't be read: {error}")
        return None
