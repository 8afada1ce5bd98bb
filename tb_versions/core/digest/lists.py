r"""The list of files of a version with many of them: a file of its own, so that the manifest stays small.

It has one line a file, sorted, and each line is the JSON array of path, size and digest:

    ["assets/1.txt",12,"sha256:…"]

These are the bytes that the version's digest is taken over (see `version_digest`), so the digest of the list is that of
the version. Lists are hostile input: size, digest and number of lines are checked before a line is parsed.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
from collections.abc import Iterable

import msgspec

from tb_versions.core.digest.files import MAX_FILES, FileEntry
from tb_versions.core.manifest import FILE_LIST_NAME, SCHEMA_VERSION, File, FileList, VersionManifest, is_digest, shown
from tb_versions.core.storage import read_capped
from tb_versions.errors import InvalidManifestError, UnsafeFileError

MOST_IN_MANIFEST = 1_000
"""Most files that a new manifest lists itself."""

LIST_LIMIT = 32 << 20
"""Largest list in bytes; checked before it is read, and before a version is made."""

_LINE_WITHOUT_PATH = len('["",9223372036854775807,"sha256:"]\n') + 64
_LINE = msgspec.json.Decoder(tuple[str, int, str])


def line_of(file: File) -> bytes:
    """Returns the line of a file in the list; see `version_digest`."""
    return json.dumps([file.path, file.size, file.digest], separators=(",", ":")).encode() + b"\n"


def separated(manifest: VersionManifest) -> tuple[VersionManifest, bytes | None]:
    """Returns the manifest as it is written, and the list that goes beside it or None.

    Both a list of its own and files elsewhere need schema 2: earlier readers would take the files for missing.

    Args:
        manifest: With all its files.
    """
    if manifest.files_elsewhere is not None:
        manifest = dataclasses.replace(manifest, schema_version=SCHEMA_VERSION)
    if len(manifest.files) <= MOST_IN_MANIFEST:
        return manifest, None
    data = b"".join(line_of(file) for file in sorted(manifest.files))
    found = FileList(path=FILE_LIST_NAME, digest=_digest(data), count=len(manifest.files))
    return dataclasses.replace(manifest, schema_version=SCHEMA_VERSION, files=(), file_list=found), data


def check_amount(entries: Iterable[FileEntry], folder: str | os.PathLike[str]) -> None:
    """Refuses files whose list would be too long to be read.

    Raises:
        UnsafeFileError: It would; the message says what to do.
    """
    size = sum(len(json.dumps(entry.path)) + _LINE_WITHOUT_PATH for entry in entries)
    if size > LIST_LIMIT:
        raise UnsafeFileError(
            f"{os.fspath(folder)} holds so many files with so long names that their list has more than "
            f"{LIST_LIMIT >> 20} MiB, the most that is read. Pack some of them into archives."
        )


def read_list(folder: str, listed: FileList, *, within: str | os.PathLike[str] | None = None) -> tuple[File, ...]:
    """Returns the files that a list beside a manifest names.

    Args:
        folder: The version's folder.
        listed: What the manifest says of the list.
        within: A folder above; see `storage.open_folder`.

    Raises:
        FileNotFoundError: There is no list.
        InvalidManifestError: It is not the list that the manifest means, or no list; the message names what is wrong.
        TbVersionsError: It can't be read.
    """
    check_file_list(listed)
    data = read_capped(os.path.join(folder, FILE_LIST_NAME), LIST_LIMIT, within=within)
    if _digest(data) != listed.digest:
        raise InvalidManifestError(f"{FILE_LIST_NAME} was changed: its digest is not the manifest's fileList.digest.")
    lines = data.count(b"\n")
    if lines != listed.count or not data.endswith(b"\n"):
        raise InvalidManifestError(
            f"{FILE_LIST_NAME} has {lines:,} lines, but fileList.count of the manifest is {listed.count:,}."
        )
    return _parsed(data)


def check_file_list(listed: FileList) -> None:
    """Refuses what a manifest says of its list, wherever the list is.

    Raises:
        InvalidManifestError: A field breaks a rule; the message names it.
    """
    if listed.path != FILE_LIST_NAME:
        raise InvalidManifestError(
            f"fileList.path is {shown(listed.path)}; a list of files is called {FILE_LIST_NAME}."
        )
    if not is_digest(listed.digest):
        raise InvalidManifestError("fileList.digest is malformed.")
    if not MOST_IN_MANIFEST < listed.count <= MAX_FILES:
        raise InvalidManifestError(
            f"fileList.count is {listed.count:,}; a list beside the manifest has {MOST_IN_MANIFEST + 1:,} to "
            f"{MAX_FILES:,} files."
        )


def _parsed(data: bytes) -> tuple[File, ...]:
    files: list[File] = []
    before = ""
    for number, line in enumerate(data.split(b"\n")[:-1], start=1):
        try:
            path, size, digest = _LINE.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise InvalidManifestError(f"{FILE_LIST_NAME}, line {number}: not [path, size, digest].") from None
        if path <= before or size < 0 or not is_digest(digest):
            what = "the size" if size < 0 else "the digest" if not is_digest(digest) else "the order of paths"
            raise InvalidManifestError(f"{FILE_LIST_NAME}, line {number}: {what} is wrong.")
        files.append(File(path=path, size=size, digest=digest))
        before = path
    return tuple(files)


def _digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"
