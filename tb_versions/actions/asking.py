"""Answers what an alias names, or named at a moment: who put it there, when and why. It opens one log, one manifest."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping
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
from tb_versions.read.replays import installed_tensorflow, not_since
from tb_versions.read.reuse.registered import with_given_versions
from tb_versions.registry import events
from tb_versions.registry.checked import signature_now, trusted_keys
from tb_versions.registry.registry import Registry
from tb_versions.registry.state import GateState, Holder, State, VersionState

NO_GATE = "no result was recorded"
"""Of a version that no gate judged."""


@dataclass(frozen=True, kw_only=True, repr=False)
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
        replayed: How the last replay of its golden outputs came out, in words, and that TensorFlow changed since, if it
            did; "" where none was of its manifest.
        approvals: Name to time in milliseconds of each approval of its manifest.
        deprecated: Whether it is deprecated.
        gate: What came of gates: "release passed at promotion (event 12)", "release stale (its metrics changed)".
        attestation: What its signatures come to, in words: "verified: by the key release (sha256:…)", "unsigned".
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
    attestation: str = "not known"
    path: str | None = None
    problems: tuple[str, ...] = ()
    at: int | None = None

    @property
    def id(self) -> str:
        """The version: "digits:3"."""
        return f"{self.model}:{self.number}"

    def __repr__(self) -> str:
        how = "rolled back" if self.rolled_back else "put there"
        told = f"{how} {moment_text(self.since)} by {self.actor!r}, reason={self.reason[:80]!r}"
        problems = f", problems={self.problems!r}" if self.problems else ""
        return f"Which({f'{self.model}@{self.alias}'!r} is {self.id!r}, {told}, gate={self.gate!r}{problems})"


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
    parsed, moment = _parsed(reference), _moment(at)
    target = open_target(parsed.model, models_dir)
    target.opened.state()
    return _which(_Files(target), parsed, moment)


@dataclass(frozen=True)
class Copied:
    """A log and manifests that were copied out of a models folder, as into tables: their files are not here.

    Attributes:
        model: The model.
        registry: Its log.
        version: Returns the version of a number; raises TbVersionsError where there is none.
        data: Returns the bytes of a version's manifest.
    """

    model: str
    registry: Registry
    version: Callable[[int], Version]
    data: Callable[[Version], bytes]

    def path(self, _version: Version) -> None:
        """Returns None: there are no files."""

    def gates(self, _version: Version, _keys: Collection[str], _state: State) -> None:
        """Returns None: what results of gates are worth now depends on files."""


def which_in(copied: Copied, reference: str, *, at: Moment | None = None) -> Which:
    """Says what `which` says, by a copy of a log and of manifests.

    Args:
        copied: The copy, of the model that the reference names.
        reference: As of `which`.
        at: As of `which`.

    Raises:
        TbVersionsError: As `which`.
    """
    parsed, moment = _parsed(reference), _moment(at)
    copied.registry.known()
    return _which(copied, parsed, moment)


@dataclass(frozen=True)
class _Files:
    """A model's log and versions in their folder."""

    target: Target

    @property
    def model(self) -> str:
        return self.target.model

    @property
    def registry(self) -> Registry:
        return self.target.opened.registry

    def version(self, number: int) -> Version:
        return self.target.at(number).found

    def data(self, version: Version) -> bytes:
        place = version.places[0]
        return storage.read_capped(os.path.join(place.folder, MANIFEST_NAME), MANIFEST_LIMIT, within=place.root.path)

    def path(self, version: Version) -> str | None:
        elsewhere = version.listing.elsewhere if version.listing else None
        return files_at(version.places[0], elsewhere).path

    def gates(self, version: Version, keys: Collection[str], state: State) -> list[str]:
        around = surroundings(replace(self.target, version=version), state, policy_seen(state))
        return [now.words for now in gates_now(version, around) if now.key in keys]


def _parsed(reference: str) -> Reference:
    parsed = parse_reference(reference)
    if is_path(reference) or not parsed.alias:
        raise InvalidReferenceError(f"{shown(reference)} names no alias; write model@alias, like digits@production.")
    return parsed


def _moment(at: Moment | None) -> int | None:
    return None if at is None else milliseconds_of(at)


def _which(source: _Files | Copied, parsed: Reference, moment: int | None) -> Which:
    state = source.registry.state if moment is None else source.registry.at(moment)
    return _told(source, parsed, state, holder=_holder(parsed, state, moment), moment=moment)


def _holder(reference: Reference, state: State, moment: int | None) -> Holder:
    try:
        return holder_of(reference, state)
    except VersionNotFoundError as error:
        if moment is None:
            raise
        raise VersionNotFoundError(f"At {moment_text(moment)}: {error}") from error


def _told(source: _Files | Copied, reference: Reference, state: State, *, holder: Holder, moment: int | None) -> Which:
    event = source.registry.event(holder.event)
    alias = state.aliases[reference.alias]
    said = events.said(event)
    known = state.version(holder.version)
    problems: list[str] = []
    if holder.event in state.skewed:
        problems.append(f"The clock of who wrote event {holder.event} was more than five minutes behind.")
    version = _version(source, holder, state, problems)
    manifest = _manifest(source, version, problems) if version else None
    digest = version.manifest_digest if version else holder.manifest
    return Which(
        model=source.model,
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
        replayed=_replayed(known, manifest, digest, moment=moment),
        approvals={name: by.ms for name, by in known.approvals_of(digest).items()},
        deprecated=known.deprecated is not None,
        gate=_gates(source, version, state, holder=holder, moment=moment),
        attestation=_attestation(known, digest, state),
        path=_path(source, version, problems) if version else None,
        problems=tuple(problems),
        at=moment,
    )


def _replayed(known: VersionState, manifest: VersionManifest | None, digest: str, *, moment: int | None) -> str:
    """The last replay, and whether TensorFlow changed since; at another time than now the latter is not asked."""
    replay, golden = known.replayed, manifest.golden if manifest else None
    recorded_on = golden.tensorflow if golden else ""
    installed = "" if moment is not None else installed_tensorflow()
    told = []
    if replay is not None and replay.manifest in ("", digest):
        told = [f"{replay.words} ({replay.by.actor}, {moment_text(replay.by.ms)})"]
    told += [not_since(replay, manifest=digest, recorded_on=recorded_on, installed=installed)]
    return "; ".join(filter(None, told))


def _attestation(known: VersionState, manifest: str, state: State) -> str:
    word, one = signature_now(known, manifest, trusted_keys(state))
    if one is None:
        return "unsigned: no signature is recorded"
    return f"{word}: {one.found if word == 'refused' else one.who} ({one.by.actor}, {moment_text(one.by.ms)})"


def _gates(
    source: _Files | Copied, version: Version | None, state: State, *, holder: Holder, moment: int | None
) -> str:
    """What came of gates: those that allowed the promotion, and what the others are worth now."""
    told = [f"{key} passed at promotion (event {event})" for key, event in sorted(holder.gates.items())]
    others = {key: each for key, each in sorted(state.version(holder.version).gates.items()) if key not in holder.gates}
    now = source.gates(version, others, state) if others and version is not None and moment is None else None
    told += [_undated(key, each) for key, each in others.items()] if now is None else now
    return "; ".join(told) or NO_GATE


def _undated(key: str, result: GateState) -> str:
    verdict = "passed" if result.passed else "failed"
    return f"{key} {verdict} (event {result.by.event}; whether it was stale is not known)"


def _version(source: _Files | Copied, holder: Holder, state: State, problems: list[str]) -> Version | None:
    """The version that holds the alias; what is wrong with it is added to `problems`."""
    try:
        check_not_removed(source.model, holder.version, source.registry.state)
        version = source.version(holder.version)
        check_manifest(version.id, version.manifest_digest, holder)
    except TbVersionsError as error:
        problems.append(str(error))
        return None
    return with_given_versions([version], state)[0]


def _path(source: _Files | Copied, version: Version, problems: list[str]) -> str | None:
    try:
        return source.path(version)
    except (TbVersionsError, OSError) as error:
        problems.append(str(error))
        return None


def _manifest(source: _Files | Copied, version: Version, problems: list[str]) -> VersionManifest | None:
    try:
        return codec.decode(source.data(version))
    except (TbVersionsError, OSError) as error:
        problems.append(f"The manifest of {version.id} can't be read: {error}")
        return None
