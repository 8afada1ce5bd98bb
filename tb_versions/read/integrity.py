"""Compares names and sizes of a version's files with its manifest.

Nothing is hashed, and no path that a manifest names is opened.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace

from tb_versions.core import digest, storage
from tb_versions.core.codec import load_json, manifest_digest
from tb_versions.core.manifest import MANIFEST_LIMIT, MANIFEST_NAME, File
from tb_versions.core.strays import is_ignored
from tb_versions.errors import TbVersionsError
from tb_versions.read.catalog import State


@dataclass(frozen=True, slots=True)
class FileState:
    """State of a version's files, and a sentence about it, or ""."""

    state: State
    notice: str


def listed_files(fields: dict[str, object]) -> tuple[File, ...]:
    """Returns the files that a manifest's JSON object lists; entries that are not files are skipped."""
    entries = fields.get("files")
    files = []
    for entry in entries if isinstance(entries, list) else ():
        if not isinstance(entry, dict) or not isinstance(entry.get("path"), str):
            continue
        size = str(entry.get("size", "0"))
        number = int(size) if size.isascii() and size.isdigit() and len(size) < 20 else -1
        files.append(File(path=entry["path"], size=number, digest=str(entry.get("digest", ""))))
    return tuple(files)


def compare_files(folder: str, manifest: bytes, *, within: str | None = None) -> digest.Changes:
    """Returns how a version folder differs from its manifest, by names and sizes; `core.strays` are left out.

    Args:
        folder: The version's folder.
        manifest: The manifest.
        within: The allowed folder above; see `storage.open_folder`.

    Raises:
        TbVersionsError: The folder can't be listed, or the manifest is not one.
    """
    changes = digest.compare(folder, listed_files(load_json(manifest)), hash_contents=False, within=within)
    return without_ignored(changes)[0]


def without_ignored(changes: digest.Changes) -> tuple[digest.Changes, tuple[str, ...]]:
    """Returns the changes without the extra files that other programs leave, and these files."""
    ignored = tuple(path for path in changes.extra if is_ignored(path))
    return replace(changes, extra=tuple(path for path in changes.extra if not is_ignored(path))), ignored


def check_files(folder: str, expected_manifest: str, *, within: str | None = None) -> FileState | None:
    """Returns the state of a version folder, or None if its manifest is gone or was replaced.

    Args:
        folder: The version's folder.
        expected_manifest: "sha256:<hex>" of the manifest that was read there.
        within: The allowed folder above; see `storage.open_folder`.
    """
    try:
        data = storage.read_capped(os.path.join(folder, MANIFEST_NAME), MANIFEST_LIMIT, within=within)
    except FileNotFoundError:
        return None
    except (TbVersionsError, OSError) as error:
        return FileState("unreachable", str(error))
    if manifest_digest(data) != expected_manifest:
        return None
    try:
        changes = compare_files(folder, data, within=within)
    except (TbVersionsError, OSError) as error:
        return FileState("unreachable", str(error))
    if not changes:
        return FileState("present", "")
    return FileState("changed", _only_manifest(data, changes) or in_words(changes))


def _only_manifest(manifest: bytes, changes: digest.Changes) -> str:
    """A sentence where a folder holds a manifest and nothing else; or ""."""
    count = len(listed_files(load_json(manifest)))
    if len(changes.missing) < count or changes.extra or changes.unsafe:
        return ""
    files = "its file is not" if count == 1 else f"none of its {count:,} files"
    return f"Only the manifest is here, {files}: as after `tb-versions import`."


def in_words(changes: digest.Changes) -> str:
    """Returns "1 file is missing: a/b. 2 files are extra: c, d." for a difference."""
    parts = []
    for paths, what in (
        (changes.missing, "missing"),
        (changes.extra, "extra"),
        (changes.resized, "of another size"),
        (changes.changed, "of another content"),
        (tuple(str(unsafe) for unsafe in changes.unsafe), "not plain"),
    ):
        if paths:
            more = f" and {len(paths) - 3} more" if len(paths) > 3 else ""
            verb = "file is" if len(paths) == 1 else "files are"
            parts.append(f"{len(paths)} {verb} {what}: {', '.join(paths[:3])}{more}.")
    return " ".join(parts)
