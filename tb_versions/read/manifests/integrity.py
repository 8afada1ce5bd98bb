"""Compares names and sizes of a version's files with its manifest.

Nothing is hashed, and no path that a manifest names is opened.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Literal

from tb_versions.core import digest, storage
from tb_versions.core.codec import load_json, manifest_digest
from tb_versions.core.elsewhere import in_words as in_words_elsewhere
from tb_versions.core.fields import from_json
from tb_versions.core.manifest import FILE_LIST_NAME, MANIFEST_LIMIT, MANIFEST_NAME, File, FileList, FilesElsewhere
from tb_versions.core.scalars import WrongValueError
from tb_versions.core.strays import is_ignored
from tb_versions.errors import FilesElsewhereError, InvalidManifestError, TbVersionsError
from tb_versions.read.folders.scan import Place
from tb_versions.read.manifests.files_at import FilesAt, elsewhere_of, files_at
from tb_versions.read.manifests.listed_files import Layout, ListedFiles, files_of, layout_of

State = Literal[
    "present", "changed", "missing", "unreachable", "outside", "damaged", "unchecked", "removed", "elsewhere"
]
"""State of a version's files; for "present" names and sizes were compared, nothing was hashed. Of a "removed" version
only the manifest was kept; those that are "elsewhere" lie in a source that is bound to no folder here."""


@dataclass(frozen=True, slots=True)
class FileState:
    """State of a version's files, and a sentence about it, or ""."""

    state: State
    notice: str


PRESENT = FileState("present", "")

_NAME: Callable[[os.DirEntry[str]], str] = attrgetter("name")


def listed_files(
    fields: dict[str, object], folder: str | None = None, *, within: str | None = None
) -> tuple[File, ...]:
    """Returns the files of a version.

    Args:
        fields: The manifest's JSON object. Of its list of files, entries that are not files are skipped.
        folder: The version's folder, where the list is a file of its own. Without it such a list is not read.
        within: The allowed folder above; see `storage.open_folder`.

    Raises:
        FileNotFoundError: The list is a file of its own, and that is missing.
        TbVersionsError: It can't be read, or is not the one that the manifest means.
    """
    beside = file_list(fields)
    if beside is not None:
        return () if folder is None else digest.read_list(folder, beside, within=within)
    return tuple(files_of(fields.get("files")))


def file_list(fields: dict[str, object]) -> FileList | None:
    """Returns what a manifest says of its list of files, where that is a file of its own; else None.

    Raises:
        InvalidManifestError: It breaks a rule; the message names the field.
    """
    found = fields.get("fileList", fields.get("file_list"))
    if found is None:
        return None
    try:
        listed: FileList = from_json(found, FileList)
    except WrongValueError as error:
        raise InvalidManifestError(f"The manifest breaks the schema: {error.within('fileList')}") from None
    digest.check_file_list(listed)
    if fields.get("files"):
        raise InvalidManifestError("The manifest has both files and fileList.")
    if fields.get("digest") != listed.digest:
        raise InvalidManifestError("The manifest's fileList.digest is not its digest.")
    return listed


def count_files(fields: dict[str, object]) -> int:
    """Returns how many files a manifest lists, wherever; raises as `file_list`."""
    beside = file_list(fields)
    return len(listed_files(fields)) if beside is None else beside.count


def compare_sizes(at: FilesAt, files: Iterable[File]) -> digest.Changes:
    """Returns how files differ from a manifest's by names and sizes; those of `core.strays` make no difference.

    Raises:
        FileNotFoundError, TbVersionsError: As `digest.compare`.
    """
    return without_ignored(at.compare(files, hash_contents=False))[0]


def without_ignored(changes: digest.Changes) -> tuple[digest.Changes, tuple[str, ...]]:
    """Returns the changes without the extra files that other programs leave, and these files."""
    ignored = tuple(path for path in changes.extra if is_ignored(path))
    return replace(changes, extra=tuple(path for path in changes.extra if not is_ignored(path))), ignored


def check_files(place: Place, expected_manifest: str) -> FileState | None:
    """Returns the state of a version folder, or None if its manifest is gone or was replaced.

    Args:
        place: The version's folder.
        expected_manifest: "sha256:<hex>" of the manifest that was read there.
    """
    folder, within = place.folder, place.root.path
    try:
        data = storage.read_capped(os.path.join(folder, MANIFEST_NAME), MANIFEST_LIMIT, within=within)
    except FileNotFoundError:
        return None
    except (TbVersionsError, OSError) as error:
        return FileState("unreachable", str(error))
    if manifest_digest(data) != expected_manifest:
        return None
    try:
        fields = load_json(data)
        elsewhere = elsewhere_of(fields)
        files = listed_files(fields, folder, within=within)
    except FileNotFoundError:
        return FileState("changed", _without_list(folder, data))
    except InvalidManifestError as error:
        return FileState("changed", str(error))
    except (TbVersionsError, OSError) as error:
        return FileState("unreachable", str(error))
    return _compared(folder, files, within=within) if elsewhere is None else check_elsewhere(place, elsewhere, files)


def check_elsewhere(place: Place, elsewhere: FilesElsewhere, files: Sequence[File]) -> FileState:
    """Returns the state of files that lie elsewhere, by names and sizes.

    Args:
        place: The version's folder.
        elsewhere: Where the manifest says that they are.
        files: What it lists; nothing where that is not known.
    """
    try:
        at = files_at(place, elsewhere)
        changes = compare_sizes(at, files) if files else None
    except FilesElsewhereError as error:
        return FileState("elsewhere", str(error))
    except FileNotFoundError as error:
        return FileState("missing", str(error))
    except (TbVersionsError, OSError) as error:
        return FileState("unreachable", str(error))
    if changes is None:
        return FileState("unchecked", not_known(elsewhere))
    return FileState("changed", in_words(changes)) if changes else PRESENT


def not_known(elsewhere: FilesElsewhere) -> str:
    """Returns why files can't be compared of which nothing was recorded."""
    return (
        f"Its files are elsewhere, at {in_words_elsewhere(elsewhere)}. They were not at hand when it was recorded, so "
        "it is not known which they are, and nothing can be compared."
    )


def check_listed(folder: str, descriptor: int, files: ListedFiles, *, within: str | None = None) -> FileState:
    """Returns the state of a version folder whose manifest is known.

    Args:
        folder: The version's folder.
        descriptor: The same folder, open.
        files: What the manifest lists.
        within: The allowed folder above; see `storage.open_folder`.
    """
    layout = layout_of(files)
    with contextlib.suppress(OSError, TbVersionsError):
        if layout is not None and _is_as_listed(descriptor, layout):
            return PRESENT
    return _compared(folder, files.files(), within=within)


def _compared(folder: str, files: tuple[File, ...], *, within: str | None) -> FileState:
    try:
        changes = without_ignored(digest.compare(folder, files, hash_contents=False, within=within))[0]
    except (TbVersionsError, OSError) as error:
        return FileState("unreachable", str(error))
    if not changes:
        return PRESENT
    return FileState("changed", _only_manifest(len(files), changes) or in_words(changes))


def _is_as_listed(descriptor: int, layout: Layout) -> bool:
    """Whether an open folder holds the listed files and nothing else; what it holds instead, `compare` says.

    That takes a sixth of the time of `compare`, which has a word for everything.
    """
    with os.scandir(descriptor) as entries:
        if not layout.names.issuperset(map(_NAME, entries)):  # which ends at the first other name
            return False
    for name, size in layout.files:
        status = os.stat(name, dir_fd=descriptor, follow_symlinks=False)
        if status.st_size != size or not stat.S_ISREG(status.st_mode):
            return False
    for name, inner in layout.folders:
        folder = storage.open_inner(name, descriptor, name)
        try:
            if not _is_as_listed(folder, inner):
                return False
        finally:
            os.close(folder)
    return True


def _only_manifest(count: int, changes: digest.Changes) -> str:
    """A sentence where a folder holds a manifest that lists so many files, and nothing else; or ""."""
    if len(changes.missing) < count or changes.extra or changes.unsafe:
        return ""
    files = "its file is not" if count == 1 else f"none of its {count:,} files"
    return f"Only the manifest is here, {files}: as after `tb-versions import`."


def _without_list(folder: str, manifest: bytes) -> str:
    """A sentence about a folder that has not even the list of its files."""
    count = count_files(load_json(manifest))
    with contextlib.suppress(OSError):
        if os.listdir(folder) == [MANIFEST_NAME]:
            return f"Only the manifest is here, none of its {count:,} files: as after `tb-versions import`."
    return f"{FILE_LIST_NAME}, the list of its {count:,} files, is missing, so they can't be compared."


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
