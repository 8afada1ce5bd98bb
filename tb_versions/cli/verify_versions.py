"""Verifies versions, several at a time, for `tb-versions verify`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import click

from tb_versions.actions.moments import milliseconds_of
from tb_versions.cli import exports, options, text
from tb_versions.cli.program import FAILED
from tb_versions.cli.progress import Start, is_shown, reading_several
from tb_versions.core.digest.signing_root import signing_root
from tb_versions.core.manifest import visible
from tb_versions.core.references import is_path
from tb_versions.errors import (
    ConflictError,
    FilesElsewhereError,
    InvalidReferenceError,
    TbVersionsError,
    UnsupportedStorageError,
    VersionNotFoundError,
)
from tb_versions.read.catalog import Catalog, Version
from tb_versions.read.folders.roots import roots_of
from tb_versions.read.folders.scan import Place
from tb_versions.read.reuse.verifying import Announcements, Verification, Verified, place_of, verify_place
from tb_versions.registry.checked import files_word

if TYPE_CHECKING:
    from tb_versions.actions.signing import Signature
    from tb_versions.core.signing.keys import PublicKey

_Places = tuple[str, tuple[str, ...]]
_Job = tuple[Version, Place | None]


@dataclass(frozen=True)
class Signed:
    """Whose signature each version must have: of one of some keys, or of an identity.

    Attributes:
        keys: Public keys.
        identity: Of Sigstore.
        issuer: Who vouches for it.
        file: File of the signature; None for those that are kept beside the version.
    """

    keys: tuple[PublicKey, ...] = ()
    identity: str = ""
    issuer: str = ""
    file: str | None = None


@dataclass(frozen=True)
class How:
    """How versions are verified.

    Attributes:
        quick: Whether names and sizes alone are compared.
        jobs: How many at a time.
        record: Whether each result becomes an event of the registry.
        actor: Who records; as in `promote`.
        unless_since: A moment; what was recorded as published since then is left out. None for nothing.
        signed: Whose signature each must have; None where none is asked for.
    """

    quick: bool = False
    jobs: int = 4
    record: bool = False
    actor: str | None = None
    unless_since: str | None = None
    signed: Signed | None = None


def verify_versions(refs: Sequence[str], places: _Places, *, how: How, json: bool) -> bool:
    """Prints how versions differ from what was published; returns whether all are as published.

    Args:
        refs: References and ranges; none for all.
        places: What --logdir and --models-dir say.
        how: How they are verified.
        json: Whether to print JSON.

    Raises:
        click.UsageError: A quick look is to be recorded.
    """
    if how.quick and how.record:
        raise click.UsageError("--quick reads no file, so it proves nothing that could be recorded.")
    since = None if how.unless_since is None else milliseconds_of(how.unless_since)
    catalog = options.read(*places, refs=refs, cached=False).catalog
    announcements = _announcements(catalog, places) if places[0] else None
    chosen, recent = _chosen(catalog, refs, since)
    if not refs:
        text.report_problems(catalog)
    options.note_newer(catalog, refs)
    jobs: list[_Job] = [(version, place) for version in chosen for place in version.places or (None,)]
    verdicts: list[_Verdict] = []
    waits = is_shown()
    for found in _verdicts(jobs, announcements, how):
        verdict = _with_signature(found, how.signed) if how.signed else found
        verdicts.append(_recorded(verdict, how.actor) if how.record else verdict)
        if not (json or waits):
            _echo(verdicts[-1], quick=how.quick)
    for verdict in verdicts if waits and not json else ():
        _echo(verdict, quick=how.quick)
    if json:
        click.echo(text.json_of([verdict.wire(quick=how.quick) for verdict in verdicts]))
    else:
        click.echo(_summed(verdicts, 0 if refs else sum(v.kept_at is not None for v in catalog.versions), recent))
    if how.quick:
        click.echo("tb-versions: Names and sizes were compared, and no file was read.", err=True)
    _report_announcements(verdicts, places[0])
    _report_not_recorded(verdicts)
    return all(verdict.sound for verdict in verdicts) and not (not refs and catalog.problems)


def _chosen(catalog: Catalog, refs: Sequence[str], since: int | None) -> tuple[list[Version], int]:
    """The versions to verify, and how many were left out because they were verified lately."""
    versions = [_found(catalog, ref) for ref in options.expanded(refs, options.in_catalog(catalog))]
    versions = versions or [version for version in catalog.versions if version.kept_at is None]
    if since is None:
        return versions, 0
    chosen = [version for version in versions if not _is_recent(catalog, version, since)]
    return chosen, len(versions) - len(chosen)


def _is_recent(catalog: Catalog, version: Version, since: int) -> bool:
    """Whether the newest result that is recorded of this manifest is good, of digests, and of that time or later."""
    said = catalog.said.get(version.id)
    if said is None or said.registry.kind or said.state.verified is None:
        return False
    return files_word(said.state, version.manifest_digest) == "verified" and said.state.verified[2].ms >= since


def _verdicts(jobs: Sequence[_Job], announcements: Announcements | None, how: How) -> Iterator[_Verdict]:
    """Yields the verdicts in the order of the jobs, as they become known."""
    with reading_several(len(jobs)) as start, ThreadPoolExecutor(how.jobs, "tb_versions_verify_each") as pool:
        yield from pool.map(lambda job: _verify(job, announcements, how.quick, start=start), jobs)


def _summed(verdicts: Sequence[_Verdict], removed: int, recent: int) -> str:
    left = [f"{removed:,} removed"] * bool(removed) + [f"{recent:,} recorded as published lately"] * bool(recent)
    left_out = f" Left out: {', '.join(left)}." if left else ""
    signed = " and signed as asked" * any(v.signature for v in verdicts)
    return f"{sum(v.sound for v in verdicts)} of {len(verdicts)} versions are as published{signed}.{left_out}"


def _found(catalog: Catalog, ref: str) -> Version:
    try:
        return options.find(catalog, ref)
    except VersionNotFoundError as error:
        if is_path(ref) or not exports.may_be_export(ref):
            raise
        raise VersionNotFoundError(f"{error} For the export of that name write ./{ref}.") from error


def _announcements(catalog: Catalog, places: tuple[str, tuple[str, ...]]) -> Announcements:
    announced = [one for version in catalog.versions for one in version.announced]
    return Announcements(announced, roots_of(*places).resolve)


@dataclass(frozen=True)
class _Verdict:
    """What is known of one version in one folder: how it differs, or why that could not be found out."""

    id: str
    folder: str | None
    result: Verified | None
    why_not: str = ""
    at: tuple[Version, Place] | None = None
    whole: Verification | None = None
    signature: Signature | None = None
    is_recorded: bool = False
    not_recorded: str = ""

    @property
    def sound(self) -> bool:
        return self.result is not None and not self.result and not (self.signature and self.signature.why_not)

    @property
    def _found(self) -> Verified:
        return Verified() if self.result is None else self.result

    @property
    def _signing_root(self) -> str | None:
        """What a signature of these files is about; None where they are not as published."""
        return None if self.whole is None or self._found else signing_root(self.whole.files)

    def kinds(self) -> Iterator[tuple[str, str, tuple[Any, ...]]]:
        """Of each kind of file that is named: its name in JSON, in words, and the files."""
        found = self._found
        yield "changed", "changed", found.changed
        yield "resized", "changed (other size)", found.resized
        yield "missing", "missing", found.missing
        yield "extra", "extra", found.extra
        yield "unsafe", "not a plain file", found.unsafe
        yield "ignored", "left by another program, makes no difference", found.ignored
        yield "outside_digest", "outside of the digest, not checked", found.outside_digest

    def wire(self, *, quick: bool) -> dict[str, Any]:
        files = {name: [str(path) for path in paths] for name, _, paths in self.kinds()}
        found = self._found.announcement
        announcement = {"verdict": found.verdict, "runs": list(found.runs), "others": list(found.others)}
        return {
            "id": self.id,
            "folder": self.folder,
            "ok": self.sound,
            "problem": self.why_not or None,
            **files,
            "announcement": announcement,
            "how": "sizes" if quick else "digests",
            "signing_root": None if quick else self._signing_root,
            "signature": self.signature and _signature_wire(self.signature),
            "recorded": self.is_recorded,
        }


def _signature_wire(found: Signature) -> dict[str, Any]:
    by = found.said.who if found.said and not found.why_not else ""
    return {"ok": not found.why_not, "by": visible(by) or None, "why_not": visible(found.why_not) or None}


def _verify(job: _Job, announcements: Announcements | None, quick: bool, *, start: Start) -> _Verdict:
    version, place = job
    try:
        if version.kept_at is not None:
            return _Verdict(version.id, None, None, f"{version.id} was removed: there are no files to verify.")
        where = place or place_of(version)
        with start(version.id) as progress:
            found = verify_place(
                version, where, announcements=announcements, progress=progress, hash_contents=not quick
            )
    except FilesElsewhereError as error:
        return _Verdict(version.id, place.folder if place else None, None, f"not checked: {error}")
    except TbVersionsError as error:
        return _Verdict(version.id, place.folder if place else None, None, str(error))
    return _Verdict(_name(version, where), where.folder, found.result, at=(version, where), whole=found)


def _with_signature(verdict: _Verdict, signed: Signed) -> _Verdict:
    """A verdict with how the version's signatures came out; in the main thread, for the library prints."""
    if verdict.at is None or verdict.whole is None:
        return verdict
    from tb_versions.actions.signing import Signature, Wanted, check

    wanted = Wanted(signed.keys, signed.identity, signed.issuer)
    try:
        return replace(verdict, signature=check(*verdict.at, verdict.whole, wanted=wanted, file=signed.file))
    except (UnsupportedStorageError, InvalidReferenceError, ConflictError) as error:
        return replace(verdict, signature=Signature(None, str(error).rstrip(".")))


def _recorded(verdict: _Verdict, actor: str | None) -> _Verdict:
    """A verdict with what came of recording it."""
    if verdict.result is None or verdict.at is None:
        return replace(verdict, not_recorded="its files could not be compared")
    from tb_versions.actions.verifying import record_verified

    try:
        record_verified(*verdict.at, verdict.result, actor=actor)
        if verdict.signature is not None:
            from tb_versions.actions.signing import record_checked

            record_checked(*verdict.at, verdict.signature, actor=actor)
    except TbVersionsError as error:
        return replace(verdict, not_recorded=str(error))
    return replace(verdict, is_recorded=True)


def _report_not_recorded(verdicts: Sequence[_Verdict]) -> None:
    """Says on stderr what could not be recorded; ends with the code of "no answer" where all is sound but that."""
    failed = [verdict for verdict in verdicts if verdict.not_recorded]
    for verdict in failed:
        click.echo(f"tb-versions: {visible(verdict.id)} was not recorded: {visible(verdict.not_recorded)}", err=True)
    if failed and all(verdict.sound for verdict in verdicts):
        sys.exit(FAILED)


def _name(version: Version, place: Place) -> str:
    """The version, and its folder where it has several."""
    return version.id if len(version.places) < 2 else f"{version.id} in {place.shown}"


def _echo(verdict: _Verdict, *, quick: bool) -> None:
    name = visible(verdict.id)
    if verdict.result is None:
        click.echo(f"{name}: {visible(verdict.why_not)}")
        return
    sound = "names and sizes as published (quick)" if quick else "as published"
    click.echo(f"{name}: {sound}" if not verdict.result else f"{name}: differs from what was published")
    for _, what, paths in verdict.kinds():
        for path in paths:
            click.echo(f"  {what}: {visible(str(path))}")
    if verdict.result.announcement.verdict in ("agrees", "differs"):
        click.echo(f"  {verdict.result.announcement}")
    if verdict.signature is not None:
        why, said = verdict.signature.why_not, verdict.signature.said
        click.echo(
            visible(f"  signature not verified: {why}" if why or not said else f"  signature verified: by {said.who}")
        )


def _report_announcements(verdicts: list[_Verdict], logdir: str) -> None:
    """Says on stderr which manifests were compared with no announced copy."""
    if not logdir:
        click.echo("tb-versions: No announcement was looked at: no --logdir was given.", err=True)
        return
    alone = [v.id for v in verdicts if v.result is not None and v.result.announcement.verdict == "none"]
    if alone:
        more = f" and {len(alone) - 3:,} more" if len(alone) > 3 else ""
        click.echo(f"tb-versions: No run announces {visible(', '.join(alone[:3]))}{more}.", err=True)
