"""The fields that a manifest can have: what is no field of the format does not leave with an export. Pure."""

from __future__ import annotations

import functools
from typing import Any

from tb_versions.core.fields import fields_of
from tb_versions.core.manifest import VersionManifest


def pruned(fields: Any, cls: type = VersionManifest) -> tuple[Any, int]:
    """Returns a manifest's JSON without fields that the format does not have, and how many there were.

    Args:
        fields: JSON; what is no object where one belongs is left as it is.
        cls: Class that mirrors the object.
    """
    if not isinstance(fields, dict):
        return fields, 0
    known, kept, dropped = _known(cls), {}, 0
    for name, value in fields.items():
        if name not in known:
            dropped += 1
            continue
        kept[name], inside = _inner(value, known[name])
        dropped += inside
    return kept, dropped


def _inner(value: Any, cls: type | None) -> tuple[Any, int]:
    if cls is None:
        return value, 0
    if isinstance(value, list):
        pairs = [pruned(one, cls) for one in value]
        return [one for one, _ in pairs], sum(count for _, count in pairs)
    return pruned(value, cls)


@functools.cache
def _known(cls: type) -> dict[str, type | None]:
    """Both spellings of each field to the class of what is inside, or None."""
    return {name: field.inner for field in fields_of(cls) for name in (field.name, field.json_name)}
