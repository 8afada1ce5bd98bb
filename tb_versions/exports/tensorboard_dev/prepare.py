"""Makes the format `tensorboard-dev` from an export's material."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from tb_versions import payload
from tb_versions.errors import TbVersionsError
from tb_versions.exports.container import digest_of
from tb_versions.exports.contents.material import Files, Material, Prepared
from tb_versions.exports.contents.snapshot import redacted_in_words, title_of
from tb_versions.exports.manifests import written
from tb_versions.exports.redaction.shareable import has_repeated_fields, shareable
from tb_versions.exports.tensorboard_dev.layout import Experiment, experiment_files
from tb_versions.exports.tensorboard_dev.reading import INDEX
from tb_versions.read.catalog import Version
from tb_versions.read.runs.all_runs import runs_of

_NAMED = 5


def tensorboard_dev(material: Material) -> Prepared:
    """Returns the export as one experiment in a folder."""
    manifests: dict[str, bytes] = {}
    redacted: dict[str, list[str]] = {}
    versions = material.selection.versions
    for place, version in enumerate(versions, 1):
        data, taken = _manifest(material, version)
        if data:
            manifests[version.id], redacted[version.id] = data, taken
        material.progress("versions", place, len(versions))
    left_out = list(_left_out(material, [version for version in versions if version.id not in manifests]))
    experiment = Experiment(
        name=_name(material),
        description=material.redactor.words(material.options.introduction),
        versions=versions,
        manifests=manifests,
        curves=material.curves,
        runs=_runs(material),
        redacted=redacted,
        redact=material.redactor.tree,
        notes=lambda: {
            "included": sorted(material.redactor.include),
            "left_out": left_out,
            "redacted": redacted_in_words(material.redactor.counts),
        },
        progress=material.progress,
    )
    digests: list[str] = []
    files = _noting_index(experiment_files(experiment), digests)
    return Prepared(files=files, digest=lambda: "".join(digests), left_out=left_out)


def _noting_index(files: Files, digests: list[str]) -> Iterator[tuple[str, Iterable[bytes]]]:
    """Yields the files unchanged; notes the digest of the index."""
    for path, chunks in files:
        if not path.endswith(f"/{INDEX}"):
            yield path, chunks
            continue
        data = b"".join(chunks)
        digests.append(digest_of(data))
        yield path, [data]


def _name(material: Material) -> str:
    models = sorted(map(material.redactor.name, material.selection.catalog.by_model))
    return material.redactor.text(material.options.title) or title_of(models)


def _manifest(material: Material, version: Version) -> tuple[bytes, list[str]]:
    """A manifest's bytes as they are exported, and what was taken out; b"" where it can't be read."""
    try:
        data = material.manifest_bytes(version)
    except (TbVersionsError, OSError):
        return b"", []
    fields: dict[str, Any] | None = payload.version_payload(material.selection.catalog, version, data)["manifest"]
    made, taken = shareable(fields, material.redactor)
    if made is None:
        return b"", []
    if not taken and has_repeated_fields(data.decode("utf-8", "replace")):
        taken = ["repeated fields"]
    return (written(made), taken) if taken else (data, [])


def _runs(material: Material) -> list[str] | None:
    """Returns the runs whose scalars are exported; None for all."""
    selection = material.selection
    if material.curves.provider is None:
        return []
    if selection.is_whole:
        return None
    linked = {run.name for version in selection.versions for run in version.runs if run.known}
    asked = {run for name in selection.runs for run in runs_of(name, material.catalog.run_names)}
    return sorted(linked | asked)


def _left_out(material: Material, unreadable: list[Version]) -> Iterator[str]:
    if unreadable:
        names = ", ".join(material.redactor.name(version.id) for version in unreadable[:_NAMED])
        more = f" and {len(unreadable) - _NAMED:,} more" if len(unreadable) > _NAMED else ""
        yield f"Manifests that can't be read: {names}{more}."
    if material.options.view or material.options.tensorboard_url:
        yield "TensorBoard.dev's layout has no place for a view and for the address of a TensorBoard."
