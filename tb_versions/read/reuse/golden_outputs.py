"""The file of a version's golden outputs, which lies beside the model's log and is compared with the manifest."""

from __future__ import annotations

import hashlib
import os

from tb_versions.core.golden.file import FILE_LIMIT, key_of
from tb_versions.core.manifest import Golden, visible
from tb_versions.core.store import Store
from tb_versions.errors import InvalidManifestError, NoGoldenOutputsError, VersionDamagedError
from tb_versions.read.catalog import Version
from tb_versions.read.reuse.registered import open_registry, open_remote_registry


def golden_file(version: Version, golden: Golden | None) -> bytes:
    """Returns the bytes of a version's golden outputs, which are those of its manifest.

    Args:
        version: The version. Its manifest names no path: where they lie follows from its number.
        golden: What its manifest says of them.

    Raises:
        NoGoldenOutputsError: There are none, or they are not here.
        VersionDamagedError: They are not those that were kept when it was published.
        UnsafeFileError: A symlink leads there.
        StorageError: They can't be read.
    """
    if golden is None:
        raise NoGoldenOutputsError(
            f"{version.id} has no golden outputs, so there is nothing to compare with. Publish with golden=…, a few "
            "inputs."
        )
    store, name = _store(version), version.id
    try:
        data = store.read(key_of(version.number), FILE_LIMIT)
    except FileNotFoundError as error:
        raise NoGoldenOutputsError(
            f"The golden outputs of {name} are not here ({key_of(version.number)} in {visible(store.shown)}): copies "
            "and exports leave them out unless --with-golden is given, because they are users' data. Replay it where "
            "it was published."
        ) from error
    except InvalidManifestError as error:
        raise VersionDamagedError(f"The golden outputs of {name} are too large: {error}") from error
    if f"sha256:{hashlib.sha256(data).hexdigest()}" != golden.digest:
        raise VersionDamagedError(f"The golden outputs of {name} are not those that were kept when it was published.")
    return data


def _store(version: Version) -> Store:
    place = version.places[0]
    if place.root.is_remote:
        return open_remote_registry(version.model, place.root.shown).store
    return open_registry(version.model, os.path.dirname(place.folder)).store
