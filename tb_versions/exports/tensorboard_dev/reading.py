"""Reads an export in TensorBoard.dev's layout back. It is untrusted: sizes are capped, and everything is checked."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from tb_versions import payload
from tb_versions.core.digest import FileEntry, digest_files, list_files
from tb_versions.core.manifest import MANIFEST_LIMIT, is_digest, shown
from tb_versions.errors import AlteredExportError, InvalidExportError, TbVersionsError, UnsafeFileError
from tb_versions.exports.container import MAX_VALUES, digest_of, too_many_values
from tb_versions.exports.manifests import SharedManifest, shared_of, written
from tb_versions.exports.own_files import read_own_file

FORMAT = "tb-versions-tensorboard-dev"
"""The `format` in the index of an experiment."""

SCHEMA_VERSION = 1
"""Schema of the experiments that are written, and the newest that is read."""

INDEX = "tb_versions.json"
"""Our own file of an experiment, written last: what is in it, and the digest of every other file."""

SEAL = "index_digest"
"""Field of the index: the digest of all its other fields."""

MAX_INDEX = 64 << 20
"""Largest `tb_versions.json`, `metadata.json` or `blob_sequences.json` that is read, in bytes."""

MAX_LINES_FILE = 4 << 30
"""Largest `scalars.json` or `tensors.json` that is hashed, in bytes; 10,000 runs of 5,000 points each have 2 GB."""

MAX_SHOWN_FILE = 1 << 30
"""Largest of these two that is parsed, in bytes."""

MAX_NPZ = MANIFEST_LIMIT + (64 << 10)
"""Largest file of `tensors/` that is read, in bytes."""

MAX_FOLDER = 4 << 30
"""Most bytes of all files of one experiment: some 20 seconds of hashing on two cores."""

_PREFIX = "experiment_"
_PATH = re.compile(
    r"(?:metadata|scalars|tensors|blob_sequences)\.json|tensors/-?[0-9]{1,20}\.[0-9]{6}(?:_[0-9]+)?\.npz|"
    r"versions/[A-Za-z0-9._-]{1,200}\.json",
    re.ASCII,
)
_LISTED = 20


@dataclass(frozen=True)
class ExperimentFolder:
    """An experiment that was exported; only its index was read.

    Attributes:
        path: The folder `experiment_<id>`.
        digest: "sha256:<hex>" of its index, which holds the digests of all others.
        files: Path below the folder to its digest.
    """

    path: str
    digest: str
    files: Mapping[str, str]
    index: Mapping[str, Any]

    def altered(self) -> tuple[str, ...]:
        """Reads every file that the index lists, if none is too large; returns sentences about those that differ."""
        wrong = [] if self.index.get(SEAL) == seal_of(self.index) else [f"{INDEX} was altered since the export."]
        try:
            there = [file for file in list_files(self.path) if file.path != INDEX]
            listed = [file for file in there if file.path in self.files]
            wrong += _too_large(listed) or self._differing(listed)
        except TbVersionsError as error:
            return (str(error),)
        wrong += [f"{shown(file.path)} is not part of the export." for file in there if file.path not in self.files]
        more = len(wrong) - _LISTED
        return (*wrong[:_LISTED], f"And {more:,} more files.") if more > 0 else tuple(wrong)

    def _differing(self, listed: Sequence[FileEntry]) -> list[str]:
        digests = {file.path: file.digest for file in digest_files(self.path, listed)}
        names = [name for name, digest in self.files.items() if digests.get(name) != digest]
        return [f"{name} was altered since the export." for name in names]

    def manifests(self) -> Iterator[SharedManifest]:
        """Yields every version's manifest.

        Raises:
            InvalidExportError: The index is not what it should be, or names a manifest twice.
            UnsafeFileError, StorageError: A manifest can't be read.
        """
        versions = self.index.get("versions")
        if not isinstance(versions, list):
            raise InvalidExportError(f"{self.path} does not list its versions.")
        left = set(self.files)
        for place, entry in enumerate(versions):
            shared = self._shared(entry, left) if isinstance(entry, dict) else None
            if shared is None:
                raise InvalidExportError(f"Entry {place:,} of the versions of {self.path} is no version.")
            yield shared

    def _shared(self, entry: Mapping[str, Any], left: set[str]) -> SharedManifest | None:
        name = entry.get("manifest")
        if not isinstance(name, str) or name not in left:
            return None
        left.remove(name)
        data = self.read(name, MANIFEST_LIMIT)
        fields = _parsed(data, os.path.join(self.path, name))
        text = "" if written(fields) == data else data.decode("utf-8", "replace")
        return shared_of({**entry, "manifest": fields, "manifest_text": text})

    def words(self) -> tuple[str, str]:
        """Returns the name and the description; raises as `read`."""
        metadata = _parsed(self.read("metadata.json", MAX_INDEX), os.path.join(self.path, "metadata.json"))
        name, description = metadata.get("name"), metadata.get("description")
        if not isinstance(name, str) or not isinstance(description, str):
            raise InvalidExportError(f"The metadata.json of {self.path} does not have a name and a description.")
        return name, description

    def read(self, name: str, limit: int) -> bytes:
        """Returns a file's bytes.

        Raises:
            InvalidExportError: It is missing, or larger than the limit.
            AlteredExportError: Its digest is not the one in the index.
            UnsafeFileError, StorageError: It can't be read.
        """
        data = read_own_file(self.path, name, limit)
        if digest_of(data) != self.files.get(name):
            raise AlteredExportError(f"{os.path.join(self.path, name)} was altered since the export.")
        return data


def seal_of(index: Mapping[str, Any]) -> str:
    """Returns the digest of an index without the field that holds it: of strict JSON without spaces, keys sorted."""
    rest = {name: index[name] for name in sorted(index) if name != SEAL}
    return digest_of(payload.dump(rest))


def is_experiment(path: str | os.PathLike[str]) -> bool:
    """Returns whether a folder is an experiment, or holds one, or holds symlinks to some."""
    return _experiment_in(os.fspath(path)) is not None or bool(symlinks_in(path))


def symlinks_in(path: str | os.PathLike[str]) -> list[str]:
    """Returns the symlinks in a folder that lead to experiments, and are not followed."""
    return [folder for folder in _experiments_in(os.fspath(path)) if os.path.islink(folder)]


def read_experiment(path: str | os.PathLike[str]) -> ExperimentFolder:
    """Returns the experiment in a folder.

    Args:
        path: The folder `experiment_<id>`, or the folder that `tb-versions export` made, which holds one; a symlink
            in it is not followed.

    Raises:
        InvalidExportError: It is none, or not one that this version can read.
        UnsafeFileError, StorageError: It can't be read.
    """
    folder = _experiment_in(os.fspath(path))
    if folder is None and (symlinks := symlinks_in(path)):
        raise UnsafeFileError(f"{symlinks[0]} is a symlink, which is not followed; name what it leads to.")
    if folder is None:
        raise InvalidExportError(f"{os.fspath(path)} holds no export in TensorBoard.dev's layout.")
    data = read_own_file(folder, INDEX, MAX_INDEX)
    index = _parsed(data, os.path.join(folder, INDEX))
    if index.get("format") != FORMAT or type(index.get("schema_version")) is not int:
        raise InvalidExportError(f"{folder} is no export of tb_versions: its {INDEX} does not say {FORMAT}.")
    if index["schema_version"] > SCHEMA_VERSION:
        raise InvalidExportError(
            f"{folder} was written in schema {index['schema_version']}; this version of tb_versions reads up to "
            f"schema {SCHEMA_VERSION}. Upgrade: pip install -U tensorboard-plugin-versions."
        )
    return ExperimentFolder(folder, digest_of(data), _files(index, folder), index)


def _experiment_in(path: str) -> str | None:
    if os.path.isfile(os.path.join(path, INDEX)):
        return path
    folders = [folder for folder in _experiments_in(path) if not os.path.islink(folder)]
    return folders[0] if len(folders) == 1 else None


def _experiments_in(path: str) -> list[str]:
    try:
        inside = sorted(name for name in os.listdir(path) if name.startswith(_PREFIX))
    except OSError:
        return []
    return [os.path.join(path, name) for name in inside if os.path.isfile(os.path.join(path, name, INDEX))]


def _too_large(files: Sequence[FileEntry]) -> list[str]:
    """Returns sentences about files that are too large to be read."""
    wrong = [
        f"{file.path} has {file.size:,} bytes; at most {_limit_of(file.path):,} are read."
        for file in files
        if file.size > _limit_of(file.path)
    ]
    whole = sum(file.size for file in files)
    if not wrong and whole > MAX_FOLDER:
        wrong.append(f"Its files have {whole:,} bytes; at most {MAX_FOLDER:,} are read.")
    return wrong


def _limit_of(name: str) -> int:
    if name in ("scalars.json", "tensors.json"):
        return MAX_LINES_FILE
    if name.startswith("tensors/"):
        return MAX_NPZ
    return MANIFEST_LIMIT if name.startswith("versions/") else MAX_INDEX


def _files(index: Mapping[str, Any], folder: str) -> dict[str, str]:
    files = index.get("files")
    if not isinstance(files, dict):
        raise InvalidExportError(f"{folder} does not list its files.")
    for name, digest in files.items():
        if not _PATH.fullmatch(name) or not isinstance(digest, str) or not is_digest(digest):
            raise InvalidExportError(f"{folder} lists a file {shown(name)} whose name or digest is malformed.")
    return files


def _parsed(data: bytes, where: str) -> dict[str, Any]:
    if too_many_values(data):
        raise InvalidExportError(f"{where} has more than {MAX_VALUES:,} values.")
    try:
        fields = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise InvalidExportError(f"{where} is no strict JSON: {error}.") from error
    if not isinstance(fields, dict):
        raise InvalidExportError(f"{where} is no JSON object.")
    return fields
