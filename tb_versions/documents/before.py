"""How a version compares with the release before it, as a document may tell it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from tb_versions.comparison import Member, compare_members
from tb_versions.comparison.loading import load_members
from tb_versions.comparison.rows.row import label_text, line_text
from tb_versions.core.codec import load_json
from tb_versions.core.manifest import VersionManifest, visible
from tb_versions.documents.opened import Reading, redacted
from tb_versions.documents.subject import Before
from tb_versions.errors import TbVersionsError
from tb_versions.exports.redaction.redactor import Redactor
from tb_versions.read.catalog import Version
from tb_versions.read.said import alias_order


def release_before(reading: Reading, manifest: VersionManifest) -> tuple[Before | None, str]:
    """Returns the comparison with the version before, or None and why there is none.

    Args:
        reading: Of the version.
        manifest: Its own, as it may leave this machine.
    """
    found = _version_before(reading)
    if found is None:
        return None, "It held no alias after another version, and neither a parent nor a smaller number is known here."
    other, why = found
    problems: list[str] = []
    members = list(load_members(reading.source, [other.id, reading.version.id], problems))
    try:
        fields = load_json(reading.source.manifest_bytes(other))
        old = redacted(fields, reading.redactor)
    except (TbVersionsError, OSError):
        return None, f"The manifest of {reading.redactor.name(other.id)} can't be read."
    members, masked = _masked(members, (old, manifest), reading.redactor)
    comparison = compare_members(members, baseline=0)
    text = reading.redactor.text
    summary = " ".join([comparison.summary, *_not_compared(masked), *map(visible, problems)])
    rows = [row for row in comparison.rows if row.group == "metrics"]
    lines = [
        (text(label_text(row)), text(line_text(row, row.cells[0])), text(line_text(row, row.cells[1]))) for row in rows
    ]
    name = reading.redactor.name(other.id)
    return Before(id=name, why=text(why), summary=text(summary), metrics=tuple(lines)), ""


def _not_compared(count: int) -> Iterator[str]:
    if count:
        yield f"Hyperparameters that are masked in this document ({count:,}) were not compared."


def _masked(
    members: Sequence[Member], manifests: Sequence[VersionManifest], redactor: Redactor
) -> tuple[list[Member], int]:
    """Members of which nothing is told that was taken out; hyperparameters that were masked are not compared."""
    made, masked = [], set[str]()
    for member in members:
        settings = dict(member.hyperparameters or {})
        told: Mapping[str, Any] = redactor.tree(settings, "hyperparameters")
        masked |= {name for name, value in settings.items() if told.get(name) != value}
    for member, manifest in zip(members, manifests, strict=True):
        kept = {name: value for name, value in (member.hyperparameters or {}).items() if name not in masked}
        made.append(replace(member, manifest=manifest, hyperparameters=kept or None))
    return made, len(masked)


def _version_before(reading: Reading) -> tuple[Version, str] | None:
    """The version that an alias named before this one; else its parent; else the one with the next smaller number."""
    catalog, version = reading.source.catalog, reading.version
    siblings = {each.number: each for each in catalog.by_model.get(version.model, ()) if each.listing is not None}
    said = catalog.said.get(version.id)
    for alias in sorted(said.aliases if said else (), key=alias_order):
        state = said.registry.state.aliases[alias] if said else None
        number = state.back(1) if state else None
        if number is not None and number in siblings:
            return siblings[number], f"{visible(alias)} before this version"
    for parent in version.listing.parents if version.listing else ():
        found = catalog.by_id.get(f"{parent.model}:{parent.number}")
        if found is not None and found.listing is not None:
            return found, f"this version is {parent.relation} it"
    smaller = [number for number in siblings if number < version.number]
    return (siblings[max(smaller)], "the version with the next smaller number") if smaller else None
