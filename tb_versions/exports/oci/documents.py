"""The JSON documents of an artifact, as OCI's image specification 1.1 and ModelPack's specification have them. Pure."""

from __future__ import annotations

import hashlib
import posixpath
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from tb_versions.core.manifest import File, VersionManifest
from tb_versions.privacy.scrub import mask_secrets

MODEL_TYPE = "application/vnd.cncf.model.manifest.v1+json"
"""Artifact type of a model, by ModelPack."""

CONFIG_TYPE = "application/vnd.cncf.model.config.v1+json"
"""Media type of a model's configuration, by ModelPack."""

MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json"
"""Media type of every manifest here, by OCI."""

INDEX_TYPE = "application/vnd.oci.image.index.v1+json"
"""Media type of `index.json`, by OCI."""

OUR_TYPE = "application/vnd.tb-versions.manifest.v1+json"
"""Type of the referrer that holds `version_manifest.json`."""

GOLDEN_TYPE = "application/vnd.tb-versions.golden.v1"
"""Type of the referrer that holds the version's golden outputs."""

PATH = "org.cncf.model.filepath"
"""Annotation of a layer: the file's path in the version's folder."""

TITLE = "org.opencontainers.image.title"
"""Annotation of a layer: where `oras pull` writes it."""

DIGEST = "tb-versions.digest"
"""Annotation of a model's manifest: digest of the version, over paths, sizes and digests of its files."""

LAYOUT = b'{"imageLayoutVersion":"1.0.0"}'
"""Content of `oci-layout`."""

MANIFEST_LIMIT = 4 << 20
"""Most bytes of a manifest that registries take."""

_WEIGHTS = "application/vnd.cncf.model.weight.v1.raw"
_WEIGHT_CONFIG = "application/vnd.cncf.model.weight.config.v1.raw"
_DOC = "application/vnd.cncf.model.doc.v1.raw"
_WEIGHT_ENDINGS = (".keras", ".h5", ".onnx", ".tflite", ".safetensors", ".pt", ".ckpt", ".ubj", ".index")
_CONFIG_ENDINGS = (".json", ".txt", ".yaml", ".yml", ".model", ".vocab", ".csv", ".pbtxt")
_EMPTY = b"{}"
_FORMATS = {"saved_model": "tensorflow", "files": ""}


@dataclass(frozen=True)
class Blob:
    """Bytes that a descriptor names.

    Attributes:
        media_type: What they are.
        digest: "sha256:<hex>".
        size: Bytes.
        annotations: Of the descriptor.
        data: The bytes; None where a file of the version has them.
    """

    media_type: str
    digest: str
    size: int
    annotations: Mapping[str, str] = field(default_factory=dict)
    data: bytes | None = None

    def descriptor(self) -> dict[str, Any]:
        """Returns the descriptor."""
        told: dict[str, Any] = {"mediaType": self.media_type, "digest": self.digest, "size": self.size}
        return {**told, "annotations": dict(self.annotations)} if self.annotations else told


def blob(media_type: str, data: bytes, annotations: Mapping[str, str] | None = None) -> Blob:
    """Returns bytes with their digest."""
    return Blob(media_type, f"sha256:{hashlib.sha256(data).hexdigest()}", len(data), annotations or {}, data)


def layer_of(file: File) -> Blob:
    """Returns a file of a version as a layer: its bytes as they are, so layer and file have one digest."""
    media_type, is_sure = _media_type(file.path)
    metadata = {
        "name": posixpath.basename(file.path),
        "mode": 0o644,
        "uid": 0,
        "gid": 0,
        "size": file.size,
        "mtime": "1970-01-01T00:00:00Z",  # one version has one digest, whenever it was packed
        "typeflag": ord("0"),
    }
    annotations = {
        PATH: file.path,
        TITLE: file.path,
        "org.cncf.model.file.metadata+json": _json(metadata).decode(),
        "org.cncf.model.file.mediatype.untested": "false" if is_sure else "true",
    }
    return Blob(media_type, file.digest, file.size, annotations)


def _media_type(path: str) -> tuple[str, bool]:
    """The media type of a file, and whether its name leaves no doubt."""
    name = posixpath.basename(path).lower()
    if name == "saved_model.pb" or path.startswith("variables/") or name.endswith(_WEIGHT_ENDINGS):
        return _WEIGHTS, True
    if name.startswith(("readme", "license", "notice")) or name.endswith(".md"):
        return _DOC, True
    is_sure = name == "fingerprint.pb" or path.startswith(("assets/", "assets.extra/"))
    return _WEIGHT_CONFIG, is_sure or name.endswith(_CONFIG_ENDINGS)


def config_of(manifest: VersionManifest, layers: Sequence[Blob]) -> Blob:
    """Returns ModelPack's configuration: what the manifest knows, and nothing else."""
    version = manifest.semantic_version or str(manifest.number)
    descriptor = {
        "createdAt": _time(manifest),
        "name": manifest.model,
        "version": version,
        "title": f"{manifest.model} {version}",
        "description": mask_secrets(manifest.description),
        "revision": manifest.code.commit if manifest.code else "",
    }
    count = manifest.saved_model.parameter_count if manifest.saved_model else 0
    technical = {"format": _FORMATS.get(manifest.format, manifest.format), "paramSize": parameters_in_words(count)}
    content = {
        "descriptor": {name: value for name, value in descriptor.items() if value},
        "config": {name: value for name, value in technical.items() if value},
        "modelfs": {"type": "layers", "diffIds": [layer.digest for layer in layers]},
    }
    return blob(CONFIG_TYPE, _json(content))


def parameters_in_words(count: int) -> str:
    """Returns a number of parameters as ModelPack writes it, to one digit after the point: 33,130 is "33.1K"."""
    if count <= 0:
        return ""
    for prefix, size in (("Q", 10**15), ("T", 10**12), ("B", 10**9), ("M", 10**6), ("K", 10**3)):
        if round(count * 1_000 / size, 1) >= 1_000 or prefix == "K":
            text = f"{count / size:.1f}".removesuffix(".0")
            return "" if text == "0" else text + prefix
    return ""


def model_of(manifest: VersionManifest, config: Blob, layers: Sequence[Blob]) -> Blob:
    """Returns the model's manifest."""
    annotations = {
        "org.opencontainers.image.created": _time(manifest),
        "org.opencontainers.image.title": f"{manifest.model}:{manifest.number}",
        "org.opencontainers.image.version": manifest.semantic_version or str(manifest.number),
        DIGEST: manifest.digest,
    }
    return _manifest(MODEL_TYPE, config, layers, {name: value for name, value in annotations.items() if value})


def referrer_of(model: Blob, artifact_type: str, content: Sequence[Blob]) -> tuple[Blob, Blob]:
    """Returns a manifest that says something of the model's, and the empty configuration that it names."""
    empty = blob("application/vnd.oci.empty.v1+json", _EMPTY)
    return _manifest(artifact_type, empty, content, {}, subject=model), empty


def index_of(model: Blob, referrers: Iterable[tuple[str, Blob]], *, tag: str) -> bytes:
    """Returns `index.json`.

    Args:
        model: The model's manifest.
        referrers: The artifact type and manifest of each.
        tag: Name of the model's manifest in the layout.
    """
    named = {
        **model.descriptor(),
        "artifactType": MODEL_TYPE,
        "annotations": {"org.opencontainers.image.ref.name": tag},
    }
    others = [{**manifest.descriptor(), "artifactType": kind} for kind, manifest in referrers]
    return _json({"schemaVersion": 2, "mediaType": INDEX_TYPE, "manifests": [named, *others]})


def _manifest(
    artifact_type: str,
    config: Blob,
    layers: Sequence[Blob],
    annotations: Mapping[str, str],
    *,
    subject: Blob | None = None,
) -> Blob:
    content: dict[str, Any] = {
        "schemaVersion": 2,
        "mediaType": MANIFEST_TYPE,
        "artifactType": artifact_type,
        "config": config.descriptor(),
        "layers": [layer.descriptor() for layer in layers],
    }
    if annotations:
        content["annotations"] = dict(annotations)
    if subject is not None:
        content["subject"] = subject.descriptor()
    return blob(MANIFEST_TYPE, _json(content))


def _time(manifest: VersionManifest) -> str:
    return manifest.created.strftime("%Y-%m-%dT%H:%M:%SZ") if manifest.created else ""


def parsed(data: bytes) -> dict[str, Any]:
    """Returns the JSON object that bytes are; raises ValueError, which says why they are none."""
    content = orjson.loads(data)
    if not isinstance(content, dict):
        raise ValueError("it is no JSON object.")
    return content


def _json(content: object) -> bytes:
    """Canonical: equal content has equal bytes."""
    return orjson.dumps(content, option=orjson.OPT_SORT_KEYS)
