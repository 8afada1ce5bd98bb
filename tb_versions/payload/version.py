"""Everything about one version, its files compared with the manifest now: what /version and exports say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from tb_versions.core.codec import load_json
from tb_versions.core.digest import Changes
from tb_versions.errors import TbVersionsError, UnsafeFileError
from tb_versions.payload import tables as payload
from tb_versions.read.catalog import Catalog, State, Version
from tb_versions.read.integrity import compare_files, in_words, listed_files

_ON_DISK = ("present", "changed", "unchecked")


def details(
    catalog: Catalog, version: Version, manifest_bytes: Callable[[Version], bytes], *, keeps_schema: bool = False
) -> dict[str, Any]:
    """Returns the payload of one version.

    Args:
        catalog: The catalog that holds it.
        version: The version.
        manifest_bytes: Reads its manifest.
        keeps_schema: Whether the manifest is known to keep to the schema.
    """
    try:
        data = manifest_bytes(version)
    except (TbVersionsError, OSError) as error:
        return payload.version_payload(catalog, _unreachable(version, error), None)
    if not version.places or version.state not in _ON_DISK:
        return payload.version_payload(catalog, version, data, keeps_schema=keeps_schema)
    version, changes, checked = _compared(version, data)
    return payload.version_payload(catalog, version, data, changes=changes, checked=checked, keeps_schema=keeps_schema)


def _compared(version: Version, data: bytes) -> tuple[Version, Changes | None, str]:
    """The version with the state that its files have now, how they differ, and what was compared."""
    place = version.places[0]
    try:
        changes = compare_files(place.folder, data, within=place.root.path)
        checked = payload.checked_in_words(len(listed_files(load_json(data))))
    except (TbVersionsError, OSError) as error:
        return _unreachable(version, error), None, str(error)
    state: State = "changed" if changes else "present"
    if version.state != state:
        version = replace(version, state=state, notice=in_words(changes) if changes else "")
    return version, changes, checked


def _unreachable(version: Version, error: Exception) -> Version:
    """The version as it is while what was found in its folder can't be read any more."""
    if isinstance(error, UnsafeFileError) and version.state in _ON_DISK:
        return replace(version, state="unreachable", notice=str(error))
    return version
