"""Leaves out what is hidden where nobody asks for it: deprecated and removed versions. Pure."""

from __future__ import annotations

from tb_versions.query.asking import names_in
from tb_versions.read.catalog import Catalog, Version

SHOWING = ("state", "removed", "deprecated")


def without_hidden(
    catalog: Catalog, versions: tuple[Version, ...], wanted: str = ""
) -> tuple[tuple[Version, ...], str]:
    """Leaves out what is deprecated or removed; returns the rest, and says what: "2 deprecated, 1 removed".

    Args:
        catalog: Knows what was said of the versions.
        versions: Some of its versions.
        wanted: The filter that they passed; one that asks for such versions hides none.

    Raises:
        InvalidFilterError: The filter breaks the grammar.
    """
    if not catalog.registries or (wanted and not names_in(wanted).isdisjoint(SHOWING)):
        return versions, ""
    removed = {v.id for v in versions if _is_removed(catalog, v)}
    deprecated = {v.id for v in versions if v.id not in removed and _is_deprecated(catalog, v)}
    counts = (("deprecated", len(deprecated)), ("removed", len(removed)))
    kept = tuple([v for v in versions if v.id not in removed and v.id not in deprecated])
    return kept, ", ".join(f"{count:,} {what}" for what, count in counts if count)


def _is_removed(catalog: Catalog, version: Version) -> bool:
    said = catalog.said.get(version.id)
    return version.kept_at is not None or (said is not None and said.state.removed is not None)


def _is_deprecated(catalog: Catalog, version: Version) -> bool:
    said = catalog.said.get(version.id)
    return said is not None and said.state.deprecated is not None
