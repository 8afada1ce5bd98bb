"""SavedModels without a manifest beside them that are versions all the same: manifests elsewhere name them. Pure."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

from tb_versions.read.catalog import Version
from tb_versions.read.folders.scan import Place


def without_adopted(unregistered: Sequence[Place], versions: Iterable[Version]) -> Sequence[Place]:
    """Returns the folders without a manifest that no version has as its files elsewhere, by their paths.

    Args:
        unregistered: SavedModel folders.
        versions: All that are known.
    """
    if not unregistered:
        return unregistered
    adopted = {path for version in versions for path in _paths(version)}
    if not adopted:
        return unregistered
    return [place for place in unregistered if os.path.realpath(place.folder) not in adopted]


def _paths(version: Version) -> Iterable[str]:
    elsewhere = version.listing.elsewhere if version.listing else None
    if elsewhere is not None:
        for place in version.places:
            source = place.root.sources.get(elsewhere.source)
            if source:
                yield os.path.join(os.path.realpath(source), elsewhere.path)
