"""A version that a document is written of: its manifest as it may leave this machine, and what reads the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tb_versions.comparison.loading import Source
from tb_versions.core.codec import decode, load_json
from tb_versions.core.manifest import VersionManifest
from tb_versions.errors import InvalidManifestError, TbVersionsError
from tb_versions.exports.contents.registries import History
from tb_versions.exports.contents.selection import Selection
from tb_versions.exports.manifests import written
from tb_versions.exports.redaction.redactor import Redactor
from tb_versions.exports.redaction.shareable import shareable
from tb_versions.privacy.tokens import MASK
from tb_versions.read.catalog import Version
from tb_versions.read.said import Said


@dataclass(frozen=True)
class Reading:
    """What several steps need.

    Attributes:
        source: Everything, nothing taken out.
        version: Of the document.
        shared: The catalog of this version alone, without names of people.
        history: Its events, without names of people.
        redactor: Masks texts.
    """

    source: Source
    version: Version
    shared: Selection
    history: History
    redactor: Redactor

    @property
    def said(self) -> Said | None:
        """What its log says of it, without names of people; None where there is none."""
        return self.shared.catalog.said.get(self.version.id)


def fields_of(reading: Reading) -> dict[str, Any]:
    """Returns the JSON of a version's manifest, nothing taken out.

    Raises:
        InvalidManifestError: It can't be read.
    """
    try:
        return load_json(reading.source.manifest_bytes(reading.version))
    except (TbVersionsError, OSError) as error:
        raise InvalidManifestError(
            f"The manifest of {reading.version.id} can't be read, so there is nothing to write of it: {error}"
        ) from error


def redacted(fields: dict[str, Any], redactor: Redactor) -> VersionManifest:
    """Returns a manifest as it may leave this machine.

    Raises:
        InvalidManifestError: It does not fit the schema.
    """
    decode(written(fields))  # what does not fit the schema is told before anything is taken out
    made, _ = shareable(fields, redactor)
    return decode(written(_without_masked_numbers(made or {})))


def _without_masked_numbers(fields: dict[str, Any]) -> dict[str, Any]:
    """A manifest without seeds and counts of ops whose name looks like a secret's: they are masked, and no numbers."""
    if isinstance(fields.get("seeds"), dict):
        fields["seeds"] = {name: value for name, value in fields["seeds"].items() if value != MASK}
    model = fields.get("savedModel") or fields.get("saved_model") or {}
    for graph in model.get("metaGraphs") or model.get("meta_graphs") or ():
        graph["ops"] = {name: value for name, value in (graph.get("ops") or {}).items() if value != MASK}
    return fields
