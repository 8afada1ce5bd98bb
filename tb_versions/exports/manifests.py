"""The manifests in an export. Where nothing was taken out of them, they are byte for byte as they were published.

An export holds manifests as JSON. Written in the form of docs/manifest-format.md that JSON gives the bytes of
`version_manifest.json` again; the digest beside it shows whether they are the right ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from tb_versions.core.codec import load_json, manifest_digest
from tb_versions.core.manifest import MAX_NUMBER, is_digest, shown, visible
from tb_versions.errors import AlteredExportError, InvalidExportError, InvalidManifestError
from tb_versions.exports.container import Export

_FORM = orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE


@dataclass(frozen=True, slots=True)
class SharedManifest:
    """One version in an export; all of it is untrusted.

    Attributes:
        id: Its id in the table, hidden characters spelled out.
        model: Name of the model; any text.
        number: Version number, 0 to 2**63 - 1.
        digest: "sha256:<hex>" of the manifest as it was published; "" where it was damaged, or something was taken out.
        redacted: What was taken out, in words; empty if nothing was.
        fields: The manifest's JSON object; None where the export has none.
        text: The manifest's exact text, if `written` does not give it; else "".
        metrics: The metrics that the export shows beside the manifest: JSON, not checked.
        slices: What it shows of slices: JSON, not checked; None in exports of earlier releases.
    """

    id: str
    model: str
    number: int
    digest: str
    redacted: tuple[str, ...]
    fields: Mapping[str, Any] | None
    text: str = ""
    metrics: Any = None
    slices: Any = None

    def as_published(self) -> bytes | None:
        """Returns the bytes that the digest names; None where the export does not hold them."""
        if self.fields is None or self.redacted:
            return None
        data = self.text.encode("utf-8", "replace") if self.text else written(self.fields)
        return data if manifest_digest(data) == self.digest else None

    @property
    def is_altered(self) -> bool:
        """Whether nothing is said to be taken out, and the manifest is not the one that its digest names."""
        return self.fields is not None and not self.redacted and self.as_published() is None


def restorable(shared: SharedManifest) -> bytes:
    """Returns the manifest to restore: as it was published, or what is left of it, with a note of that in `createdBy`.

    Raises:
        InvalidExportError: The export has no manifest of it, or one of another version.
        AlteredExportError: The manifest is not the one that its digest names.
    """
    if shared.fields is None:
        raise InvalidExportError("the export holds no manifest of it")
    if (shared.fields.get("model"), _number_in(shared.fields)) != (shared.model, shared.number):
        raise InvalidExportError("its manifest says that it is another version")
    if shared.redacted:
        kept = {name: value for name, value in shared.fields.items() if name != "created_by"}
        return written({**kept, "createdBy": _created_by(shared)})
    data = shared.as_published()
    if data is None:
        raise AlteredExportError("its manifest is not the one that its digest names")
    return data


def _number_in(fields: Mapping[str, Any]) -> int | None:
    try:
        return _number(fields.get("number", 0))
    except ValueError:
        return None


def _created_by(shared: SharedManifest) -> str:
    """Returns a note on where the manifest comes from. It names no digest, because the export can't prove one."""
    first = str((shared.fields or {}).get("createdBy", "an unknown program"))
    return visible(f"{first[:200]}; imported from an export without {', '.join(shared.redacted)[:500]}")


def written(fields: Mapping[str, Any]) -> bytes:
    """Returns a manifest's JSON object as the bytes of `version_manifest.json`."""
    try:
        return orjson.dumps(fields, option=_FORM)
    except (orjson.JSONEncodeError, RecursionError):  # nested deeper than JSON is written
        return b""


def read_manifests(export: Export) -> Iterator[SharedManifest]:
    """Yields every version of an export, section by section.

    Raises:
        InvalidExportError: A section is no list of details, or their number is not the one in the head.
        AlteredExportError: As `Export.packed`.
    """
    names = [name for name in export.names if name.startswith("details/")]
    if names != [f"details/{place}" for place in range(len(names))]:
        raise InvalidExportError("The export's sections of details are not numbered in order.")
    ids: set[str] = set()
    for name in names:
        for shared in _of_section(name, export.section(name)):
            if shared.id in ids:
                raise InvalidExportError(f"The export holds {shown(shared.id)} twice.")
            ids.add(shared.id)
            yield shared
    listed = export.head.get("versions")
    if listed != len(ids):
        raise InvalidExportError(f"The export's head lists {shown(listed)} versions; its sections hold {len(ids):,}.")


def _of_section(name: str, section: Any) -> Iterator[SharedManifest]:
    if not isinstance(section, list):
        raise InvalidExportError(f"The section {shown(name)} of the export is no list of versions.")
    for place, details in enumerate(section):
        shared = shared_of(details)
        if shared is None:
            raise InvalidExportError(f"Entry {place:,} of the section {shown(name)} is no version.")
        yield shared


def shared_of(details: Any) -> SharedManifest | None:
    """Returns the version in the details of an export; None where a field is missing or of another type."""
    try:
        fields, digest, redacted = details["manifest"], details["manifest_digest"], details.get("redacted", [])
        text = details.get("manifest_text", "")
        texts = (details["id"], details["model"], digest, text, *redacted)
        number = _number(details["number"])
    except (AttributeError, KeyError, TypeError, ValueError):
        return None
    if not isinstance(redacted, list) or not all(isinstance(text, str) for text in texts):
        return None
    if (digest and not is_digest(digest)) or not (fields is None or isinstance(fields, dict)):
        return None
    shown_id = visible(details["id"])
    beside = details.get("metrics"), details.get("slices")
    return SharedManifest(shown_id, details["model"], number, digest, tuple(redacted), fields, text, *beside)


def shared_of_bytes(data: bytes) -> SharedManifest:
    """Returns the version whose whole manifest is at hand.

    Raises:
        InvalidManifestError: It is no manifest, or has no model and number.
    """
    fields = load_json(data)
    try:
        model, number = str(fields["model"]), _number(fields["number"])
    except (KeyError, ValueError) as error:
        raise InvalidManifestError("it has no model and number.") from error
    text = "" if written(fields) == data else data.decode("utf-8", "replace")
    return SharedManifest(visible(f"{model}:{number}"), model, number, manifest_digest(data), (), fields, text)


def _number(value: Any) -> int:
    """An integer, or its decimal digits."""
    spelled = str(value) if type(value) in (int, str) else ""
    if not (spelled.isascii() and spelled.isdigit()) or len(spelled) > 19 or int(spelled) > MAX_NUMBER:
        raise ValueError
    return int(spelled)
