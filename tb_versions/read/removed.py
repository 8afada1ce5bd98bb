"""Versions that were removed: their manifests are kept, so they stay in the catalog. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from msgspec.structs import replace

from tb_versions.read.catalog import Version
from tb_versions.read.registries import Known, ModelRegistry, RemovedManifest, removed_in


def with_removed(versions: tuple[Version, ...], known: Known) -> tuple[Version, ...]:
    """Returns the versions with those that were removed, in their places.

    One whose folder is still there stays what it is on disk: its removal was not finished. One that only an event file
    knew is the removed one.

    Args:
        versions: Sorted by model and number.
        known: The registries, which keep the manifests.
    """
    removed = [_version(registry, kept) for registry, kept in removed_in(known)]
    if not removed:
        return versions
    claimed: dict[tuple[str, int], list[Version]] = defaultdict(list)
    wanted = {(version.model, version.number) for version in removed}
    others = []
    for version in versions:
        key = (version.model, version.number)
        if key in wanted:
            claimed[key].append(version)
        else:
            others.append(version)
    for version in removed:
        _put(version, claimed[version.model, version.number])
    merged = [*others, *(version for group in claimed.values() for version in group)]
    merged.sort(key=lambda version: (version.model, version.number, version.id))
    return tuple(merged)


def _put(version: Version, group: list[Version]) -> None:
    for at, other in enumerate(group):
        if other.manifest_digest == version.manifest_digest:
            if not other.places:
                group[at] = replace(version, id=other.id, announcements=other.announcements, links=other.links)
            return
    mark = f"~{version.manifest_digest.rpartition(':')[2][:8]}"
    group.append(replace(version, id=version.id + mark) if _is_taken(version.id, group) else version)


def _is_taken(name: str, group: Sequence[Version]) -> bool:
    return any(other.id == name for other in group)


def _version(registry: ModelRegistry, kept: RemovedManifest) -> Version:
    listing = kept.listing
    return Version(
        id=f"{listing.model}:{listing.number}",
        model=listing.model,
        number=listing.number,
        listing=listing,
        manifest_digest=kept.digest,
        kept_at=kept.place,
        state="removed",
        notice=notice_of(registry, listing.number),
    )


def notice_of(registry: ModelRegistry, number: int) -> str:
    """Returns who removed a version, how and why, a sentence."""
    said = registry.state.version(number)
    if said.removed is None:
        return "Its files were removed; its manifest is kept."
    why = f": {said.removed.reason}" if said.removed.reason else ""
    return f"{said.removed.actor} removed its files ({said.removed_by}){why}"
