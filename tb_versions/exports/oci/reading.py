"""Reads an OCI image layout back, a folder or a tar archive, and compares every digest in it. It is untrusted."""

from __future__ import annotations

import abc
import contextlib
import hashlib
import os
import re
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO, cast

from tb_versions.core import storage
from tb_versions.core.digest import version_digest
from tb_versions.core.manifest import MANIFEST_LIMIT, File, is_digest, shown
from tb_versions.errors import InvalidExportError, StorageError, TbVersionsError
from tb_versions.exports.manifests import SharedManifest, shared_of_bytes
from tb_versions.exports.oci import documents

_CHUNK = 1 << 20
_MOST_MEMBERS = 200_000
_MOST_REFERRERS = 1_000
_BLOB = re.compile(r"(?:\./)?blobs/sha256/[0-9a-f]{64}", re.ASCII)
_OWN = ("oci-layout", "index.json")
_LISTED = 20


@dataclass
class Layout:
    """What was found in a layout.

    Attributes:
        digest: "sha256:<hex>" of the model's manifest, by which registries know it.
        version_digest: Digest of the version, over its files as they are in the layout; "" where that is not known.
        altered: What is not what its digest says, in sentences.
        manifests: The version's own manifest, where the layout holds it.
    """

    digest: str
    version_digest: str = ""
    altered: list[str] = field(default_factory=list)
    manifests: tuple[SharedManifest, ...] = ()


def is_layout(path: str) -> bool:
    """Whether a folder or an archive is a layout, judged by `oci-layout` or by its ending."""
    return os.path.isfile(os.path.join(path, "oci-layout")) if os.path.isdir(path) else path.lower().endswith(".tar")


def read_layout(path: str) -> Layout:
    """Reads every byte of a layout.

    Args:
        path: The folder or archive.

    Raises:
        InvalidExportError: It is no layout that `tb-versions export --format oci` writes.
        UnsafeFileError, StorageError: It can't be read.
    """
    with _opened(path) as blobs:
        index = _json(blobs.read("index.json", documents.MANIFEST_LIMIT), f"index.json of {shown(path)}")
        entries = index.get("manifests")
        entries = [each for each in entries if isinstance(each, dict)] if isinstance(entries, list) else []
        models = [each for each in entries if each.get("artifactType") == documents.MODEL_TYPE]
        if len(models) != 1 or len(entries) > _MOST_REFERRERS:
            raise InvalidExportError(f"{shown(path)} is an OCI layout, and holds no model, or more than one.")
        return _Checker(blobs, models[0], [each for each in entries if each is not models[0]]).found()


class _Checker:
    """Follows the descriptors of a layout from its index, each once."""

    def __init__(self, blobs: _Blobs, model: Mapping[str, Any], referrers: list[dict[str, Any]]) -> None:
        self._blobs = blobs
        self._model = model
        self._referrers = referrers
        self._layout = Layout(str(model.get("digest")))

    def found(self) -> Layout:
        model = self._document(self._model, "The model's manifest", documents.MANIFEST_LIMIT)
        if model is not None:
            self._check_model(model)
            for referrer in self._referrers:
                self._check_referrer(referrer)
        if len(self._layout.altered) > _LISTED:
            more = len(self._layout.altered) - _LISTED
            self._layout.altered[_LISTED:] = [f"And {more:,} more."]
        return self._layout

    def _check_model(self, model: Mapping[str, Any]) -> None:
        files: dict[str, File] = {}
        for layer in _descriptors(model, "layers"):
            path = str(_annotations(layer).get(documents.PATH, ""))
            self._check_blob(layer, f"The file {shown(path)}")
            if path in files:
                self._layout.altered.append(
                    f"Two layers are the file {shown(path)}; who pulls them gets one of the two."
                )
            if _annotations(layer).get(documents.TITLE, path) != path:
                self._layout.altered.append(f"The file {shown(path)} has another name for who pulls it with oras.")
            files[path] = File(path=path, size=int(layer.get("size", 0)), digest=str(layer.get("digest")))
        config = self._document(model.get("config"), "The configuration", documents.MANIFEST_LIMIT) or {}
        modelfs = config.get("modelfs")
        named = modelfs.get("diffIds") if isinstance(modelfs, dict) else None
        if named != [str(layer.get("digest")) for layer in _descriptors(model, "layers")]:
            self._layout.altered.append("The configuration names other layers than the model's manifest.")
        self._layout.version_digest = version_digest(files.values())
        if _annotations(model).get(documents.DIGEST, self._layout.version_digest) != self._layout.version_digest:
            self._layout.altered.append("The files are not those of the version that the model's manifest names.")

    def _check_referrer(self, descriptor: Mapping[str, Any]) -> None:
        kind = str(descriptor.get("artifactType", ""))
        content = self._document(descriptor, f"What refers to the model, {shown(kind)},", documents.MANIFEST_LIMIT)
        if content is None:
            return
        self._document(content.get("config"), f"The configuration of {shown(kind)}", documents.MANIFEST_LIMIT)
        subject = content.get("subject")
        if not isinstance(subject, dict) or subject.get("digest") != self._layout.digest:
            self._layout.altered.append(f"What says {shown(kind)} refers to another model.")
        for layer in _descriptors(content, "layers"):
            title = str(_annotations(layer).get(documents.TITLE, ""))
            self._check_blob(layer, shown(title))
            if layer.get("mediaType") == documents.OUR_TYPE and not self._layout.manifests:
                self._take_manifest(layer)

    def _take_manifest(self, layer: Mapping[str, Any]) -> None:
        try:
            shared = shared_of_bytes(self._blobs.read(_path_of(layer), MANIFEST_LIMIT))
        except (TbVersionsError, KeyError) as error:
            self._layout.altered.append(f"The version's manifest can't be read: {error}")
            return
        self._layout.manifests = (shared,)
        if (shared.fields or {}).get("digest") != self._layout.version_digest:
            self._layout.altered.append("The files are not those that the version's manifest lists.")

    def _document(self, descriptor: object, what: str, limit: int) -> dict[str, Any] | None:
        if not isinstance(descriptor, dict) or not self._check_blob(descriptor, what, limit):
            return None
        return _json(self._blobs.read(_path_of(descriptor), limit), what)

    def _check_blob(self, descriptor: Mapping[str, Any], what: str, limit: int | None = None) -> bool:
        """Whether a blob is there and is what its descriptor says; says so where not."""
        digest, size = descriptor.get("digest"), descriptor.get("size")
        if not isinstance(digest, str) or not is_digest(digest) or not isinstance(size, int) or size < 0:
            raise InvalidExportError(f"{what} has no digest and size.")
        if limit is not None and size > limit:
            raise InvalidExportError(f"{what} has {size:,} bytes; at most {limit:,} are read.")
        found = self._blobs.digest(_path_of(descriptor), size)
        if found == digest:
            return True
        self._layout.altered.append(f"{what} is {'missing' if not found else 'not what its digest says'}.")
        return False


class _Blobs(abc.ABC):
    """The files of a layout."""

    @abc.abstractmethod
    def open(self, name: str) -> BinaryIO:
        """Opens a file; raises KeyError where there is none."""

    def read(self, name: str, limit: int) -> bytes:
        """Returns a small file's content."""
        with self.open(name) as file:
            data = file.read(limit + 1)
        if len(data) > limit:
            raise InvalidExportError(f"{name} has more than {limit:,} bytes, the most that is read.")
        return data

    def digest(self, name: str, size: int) -> str:
        """Returns the digest of a file; "" where there is none, and "longer" where it has more bytes than it should."""
        total, done = hashlib.sha256(), 0
        try:
            with self.open(name) as file:
                while chunk := file.read(_CHUNK):
                    total.update(chunk)
                    done += len(chunk)
                    if done > size:
                        return "longer"
        except KeyError:
            return ""
        return f"sha256:{total.hexdigest()}" if done == size else "shorter"


class _Folder(_Blobs):
    def __init__(self, path: str) -> None:
        self._path = path

    def open(self, name: str) -> BinaryIO:
        try:
            return storage.open_plain(os.path.join(self._path, *name.split("/")), within=self._path)
        except FileNotFoundError as error:
            raise KeyError(name) from error


class _Archive(_Blobs):
    def __init__(self, file: tarfile.TarFile, path: str) -> None:
        self._file = file
        self._members: dict[str, tarfile.TarInfo] = {}
        for count, member in enumerate(file):
            name = member.name.removeprefix("./")
            if count >= _MOST_MEMBERS:
                raise InvalidExportError(f"{shown(path)} has more than {_MOST_MEMBERS:,} files.")
            if name in _OWN or _BLOB.fullmatch(name):
                if not member.isreg() or member.issparse() or name in self._members:
                    raise InvalidExportError(f"{shown(path)}: {shown(name)} is no plain file, or is there twice.")
                self._members[name] = member

    def open(self, name: str) -> BinaryIO:
        return cast("BinaryIO", self._file.extractfile(self._members[name]))


@contextlib.contextmanager
def _opened(path: str) -> Iterator[_Blobs]:
    try:
        if os.path.isdir(path):
            yield _Folder(os.path.realpath(path))
            return
        raw = storage.open_plain(path, within=os.path.dirname(path) or ".")
        with raw, tarfile.open(fileobj=raw, mode="r:") as file:
            yield _Archive(file, path)
    except tarfile.TarError as error:
        raise InvalidExportError(f"{shown(path)} is no tar archive, or is cut off: {error}.") from error
    except KeyError as error:
        raise InvalidExportError(f"{shown(path)} is no OCI layout: it has no {error.args[0]}.") from error
    except OSError as error:
        raise StorageError(f"{shown(path)} can't be read: {error.strerror or error}.") from error


def _json(data: bytes, what: str) -> dict[str, Any]:
    try:
        return documents.parsed(data)
    except ValueError as error:
        raise InvalidExportError(f"{what} can't be read: {error}") from error


def _path_of(descriptor: Mapping[str, Any]) -> str:
    return f"blobs/sha256/{str(descriptor.get('digest')).removeprefix('sha256:')}"


def _annotations(content: Mapping[str, Any]) -> Mapping[str, Any]:
    found = content.get("annotations")
    return found if isinstance(found, dict) else {}


def _descriptors(content: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    found = content.get(name)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
