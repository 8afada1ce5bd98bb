"""Makes the formats `oci` and `oci-archive` from an export's material."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from tb_versions.core import storage
from tb_versions.core.codec import decode, manifest_digest
from tb_versions.core.digest import LIST_LIMIT, version_digest
from tb_versions.core.digest.lists import read_list
from tb_versions.core.golden.file import key_of
from tb_versions.core.layout import PRIVATE_FOLDER
from tb_versions.core.manifest import FILE_LIST_NAME, MANIFEST_LIMIT, MANIFEST_NAME, File, VersionManifest, visible
from tb_versions.errors import InvalidManifestError, InvalidQueryError, RefusedError, VersionDamagedError
from tb_versions.exports.contents.material import Files, Material, Options, Prepared, one_file
from tb_versions.exports.oci import documents
from tb_versions.exports.oci.archive import tar_of
from tb_versions.exports.oci.attached import read_attached
from tb_versions.exports.oci.documents import Blob
from tb_versions.read.catalog import Version
from tb_versions.read.folders.scan import Place
from tb_versions.read.manifests.files_at import FilesAt, files_at
from tb_versions.read.reuse.api import here
from tb_versions.read.reuse.golden_outputs import golden_file

_CHUNK = 1 << 20


@dataclass(frozen=True)
class _Artifact:
    """What a layout holds: the blobs, in the order of their digests, and the index."""

    at: FilesAt
    blobs: Sequence[Blob]
    paths: dict[str, str]
    index: bytes
    model: Blob
    left_out: list[str]


def oci(material: Material) -> Prepared:
    """Returns the layout as a folder."""
    artifact = _artifact(material)
    return _prepared(artifact, ((name, chunks) for name, _, chunks in _files(artifact, material)))


def oci_archive(material: Material) -> Prepared:
    """Returns the layout as one tar archive."""
    artifact = _artifact(material)
    return _prepared(artifact, one_file(tar_of(_files(artifact, material))))


def _prepared(artifact: _Artifact, files: Files) -> Prepared:
    size = sum(each.size for each in artifact.blobs) + len(artifact.index) + len(documents.LAYOUT)
    return Prepared(files=files, size=size, digest=lambda: artifact.model.digest, left_out=artifact.left_out)


def _artifact(material: Material) -> _Artifact:
    version = _only(material)
    _check_options(material)
    place = here(version, check=False)
    data = _read(place, MANIFEST_NAME, MANIFEST_LIMIT, version)
    manifest = _with_files(decode(data), place, version)
    layers = [documents.layer_of(file) for file in sorted(manifest.files, key=lambda file: file.path)]
    config = documents.config_of(manifest, layers)
    model = documents.model_of(manifest, config, layers)
    if model.size > documents.MANIFEST_LIMIT:
        raise RefusedError(
            f"{version.id} has {len(layers):,} files, a layer each; registries take manifests of 4 MiB, and this one "
            f"would have {model.size:,} bytes. Pack its assets into an archive and publish it so."
        )
    blobs, referrers = _referrers(material.options, model, manifest, data=data, place=place, version=version)
    blobs = [config, model, *blobs]
    index = documents.index_of(model, referrers, tag=str(manifest.number))
    by_digest = {each.digest: each for each in (*layers, *blobs)}
    return _Artifact(
        at=_files_at(manifest, place, version),
        blobs=[by_digest[digest] for digest in sorted(by_digest)],
        paths={file.digest: file.path for file in manifest.files},
        index=index,
        model=model,
        left_out=_left_out(material.options, manifest),
    )


def _left_out(options: Options, manifest: VersionManifest) -> list[str]:
    asked = [] if options.with_manifest else [f"{MANIFEST_NAME}, as was asked for."]
    data = "Golden outputs, which are users' data: --with-golden packs them."
    return [*asked, *([data] if manifest.golden is not None and not options.with_golden else [])]


def _referrers(
    options: Options, model: Blob, manifest: VersionManifest, *, data: bytes, place: Place, version: Version
) -> tuple[list[Blob], list[tuple[str, Blob]]]:
    """The blobs of everything that refers to the model, and the type and manifest of each referrer."""
    contents: list[tuple[str, list[Blob]]] = []
    if options.with_manifest:
        own = [documents.blob(documents.OUR_TYPE, data, {documents.TITLE: MANIFEST_NAME})]
        if manifest.file_list is not None:
            listed = _read(place, FILE_LIST_NAME, LIST_LIMIT, version)
            own.append(documents.blob("application/jsonl", listed, {documents.TITLE: FILE_LIST_NAME}))
        contents.append((documents.OUR_TYPE, own))
    if options.with_golden:
        place_there = f"{PRIVATE_FOLDER}/{key_of(manifest.number)}"  # in the model's folder, to which it is pulled
        golden = documents.blob(
            documents.GOLDEN_TYPE, golden_file(version, manifest.golden), {documents.TITLE: place_there}
        )
        contents.append((documents.GOLDEN_TYPE, [golden]))
    about = (manifest_digest(data), manifest.digest)
    for path in options.attach:
        attached = read_attached(path, digests=about, files=manifest.files)
        content = documents.blob(attached.media_type, attached.data, {documents.TITLE: attached.name})
        contents.append((attached.media_type, [content]))
    blobs: list[Blob] = []
    referrers = []
    for kind, layers in contents:
        referrer, empty = documents.referrer_of(model, kind, layers)
        blobs += [referrer, empty, *layers]
        referrers.append((kind, referrer))
    return blobs, referrers


def _with_files(manifest: VersionManifest, place: Place, version: Version) -> VersionManifest:
    """The manifest with its list of files, which is what its digest says."""
    if manifest.file_list is not None:
        manifest = replace(manifest, files=read_list(place.folder, manifest.file_list, within=place.root.path))
    if not manifest.files:
        raise RefusedError(f"{version.id} has no files in {visible(place.shown)}, so there is nothing to pack.")
    if manifest.digest and manifest.digest != version_digest(manifest.files):
        raise VersionDamagedError(f"The manifest of {version.id} was changed: its digest is not that of its file list.")
    return manifest


def _files_at(manifest: VersionManifest, place: Place, version: Version) -> FilesAt:
    try:
        return files_at(place, manifest.files_elsewhere)
    except FileNotFoundError as error:
        raise VersionDamagedError(f"The files of {version.id} are not there: {error}") from error


def _files(artifact: _Artifact, material: Material) -> Iterator[tuple[str, int, Iterable[bytes]]]:
    """Every file of the layout, its size and its content; `index.json`, without which it is none, last."""
    yield "oci-layout", len(documents.LAYOUT), [documents.LAYOUT]
    for number, each in enumerate(artifact.blobs, 1):
        path = artifact.paths.get(each.digest, "")
        chunks = (
            [each.data]
            if each.data is not None
            else _content(artifact.at, File(path=path, size=each.size, digest=each.digest))
        )
        yield f"blobs/sha256/{each.digest.removeprefix('sha256:')}", each.size, chunks
        material.progress("files", number, len(artifact.blobs))
    yield "index.json", len(artifact.index), [artifact.index]


def _content(at: FilesAt, file: File) -> Iterator[bytes]:
    """The bytes of a file, compared with the manifest while they are read.

    Raises:
        VersionDamagedError: It is not what was published. What was written until then is removed by the writer.
    """
    total, done = hashlib.sha256(), 0
    for chunk in _chunks(at, file.path):
        total.update(chunk)
        done += len(chunk)
        if done > file.size:
            break
        yield chunk
    if done != file.size or f"sha256:{total.hexdigest()}" != file.digest:
        raise VersionDamagedError(
            f"{visible(file.path)} in {visible(at.folder)} is not what the manifest says, so nothing is packed. "
            "tb-versions verify names all that differs."
        )


def _chunks(at: FilesAt, relative: str) -> Iterator[bytes]:
    path = os.path.join(at.folder, relative)
    try:
        with storage.open_plain(path, within=at.within) as file:
            while chunk := file.read(_CHUNK):
                yield chunk
    except FileNotFoundError as error:
        raise VersionDamagedError(f"{visible(relative)} is missing in {visible(at.folder)}.") from error


def _read(place: Place, name: str, limit: int, version: Version) -> bytes:
    try:
        return storage.read_capped(os.path.join(place.folder, name), limit, within=place.root.path)
    except (FileNotFoundError, InvalidManifestError) as error:
        raise VersionDamagedError(f"{name} of {version.id} can't be read: {error}") from error


def _only(material: Material) -> Version:
    """The one version that is selected."""
    versions = material.selection.versions
    if len(versions) != 1:
        raise InvalidQueryError(
            f"A layout holds one version, and {len(versions):,} are selected. Name one: digits:3, or digits@production."
        )
    return versions[0]


def _check_options(material: Material) -> None:
    """Refuses what has no meaning here, so that nobody believes it did something."""
    options = material.options
    given = {
        "--include": material.redactor.include,
        "--redact": material.redactor.patterns,
        "--title": options.title,
        "--introduction": options.introduction,
        "--view": options.view,
        "--tensorboard-url": options.tensorboard_url,
    }
    for name, value in given.items():
        if value:
            raise InvalidQueryError(f"{name} has no meaning in an OCI layout: it holds files of the model, unchanged.")
