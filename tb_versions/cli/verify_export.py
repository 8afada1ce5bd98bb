"""`tb-versions verify` of exports."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import click

from tb_versions.cli import exports
from tb_versions.core.manifest import visible
from tb_versions.exports.checking.agreement import Agreement, agreement
from tb_versions.exports.checking.examining import Examination, examine
from tb_versions.exports.checking.shown import NOT_CHECKED
from tb_versions.read.reader import CatalogReader

_LISTED = 20


@dataclass(frozen=True)
class Verdict:
    """What is known of one export.

    Attributes:
        name: Its path, as it was typed.
        found: What was altered in it.
        versions: How many versions it holds; None where it was altered.
        agreement: How it agrees with what is on disk; None where that was not asked.
    """

    name: str
    found: Examination
    versions: int | None = None
    agreement: Agreement | None = None

    @property
    def sound(self) -> bool:
        """Whether it is as exported and, if that was asked, agrees with what is on disk."""
        return not self.found.altered and (self.agreement is None or self.agreement.holds)

    def wire(self) -> dict[str, Any]:
        """Returns what `--json` prints."""
        return {
            "path": self.name,
            "ok": self.sound,
            "digest": self.found.digest,
            "altered": list(self.found.altered),
            "notes": list(self.found.notes),
            "versions": self.versions,
            "manifests": None if self.agreement is None else self.agreement.wire(),
        }


def verdict(name: str, *, digest: str | None, reader: CatalogReader | None) -> Verdict:
    """Reads all of an export and returns what is known of it.

    Args:
        name: Its path, as it was typed.
        digest: The one that it must have; None: whatever it has.
        reader: Has read what is on disk; None: the export is not compared with it.

    Raises:
        UnreadableFolderError: There is nothing of that name.
        UnsupportedStorageError: It is a URL.
        InvalidExportError: It is no export, or not one that this version can read.
        UnsafeFileError, StorageError: It can't be read.
    """
    found = _with_digest(examine(exports.existing(name)), digest)
    if not found.is_sound:
        return Verdict(name, found)
    count = 1 if found.form == "oci" else len(found.manifests)
    if reader is None or not found.manifests:
        return Verdict(name, found, count)
    agreed = agreement(found.manifests, reader.catalog, reader.manifest_bytes, head=found.head)
    return Verdict(name, found, count, agreed)


def _with_digest(found: Examination, digest: str | None) -> Examination:
    if digest is None:
        return found
    if digest == found.digest:  # of one file it is of the page too: nothing is left to note
        return replace(found, notes=()) if found.form == "html" else found
    return replace(found, altered=(*found.altered, f"Its digest is {found.digest}, not the one given."))


def echo(done: Verdict) -> None:
    """Prints a verdict."""
    name = visible(done.name)
    if done.found.altered:
        click.echo(f"{name}: was altered since the export")
    else:
        click.echo(f"{name}: as exported, {done.versions:,} {_versions(done.versions)}, {done.found.digest}")
    for line in _lines(done):
        click.echo(f"  {visible(line)}")


def _lines(done: Verdict) -> Iterator[str]:
    yield from done.found.altered
    yield from (f"Note: {note}" for note in done.found.notes)
    if done.agreement is not None:
        yield from _of_agreement(done.agreement)
        if done.found.form != "oci":
            yield NOT_CHECKED


def _of_agreement(found: Agreement) -> Iterator[str]:
    verb = "agrees" if len(found.agree) == 1 else "agree"
    apart = f", apart from what the export leaves out of {found.taken_out:,}" if found.taken_out else ""
    yield f"{len(found.agree):,} of its versions {verb} with the manifests on disk{apart}."
    for ids, what in (
        (found.differ, "another manifest on disk"),
        (found.gone, "not there any more"),
        (found.unknown, "unknown: the export has no manifest of it, or one that can't be compared"),
    ):
        yield from (f"{version_id}: {what}" for version_id in ids[:_LISTED])
        if len(ids) > _LISTED:
            yield f"and {len(ids) - _LISTED:,} more: {what}"
    if found.not_in_export:
        verb = "is" if found.not_in_export == 1 else "are"
        yield f"{found.not_in_export:,} {_versions(found.not_in_export)} on disk {verb} not in the export."


def _versions(count: int | None) -> str:
    return "version" if count == 1 else "versions"
