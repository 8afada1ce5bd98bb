"""The files of a version in an object store: compared with its manifest while they stream by, or fetched."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import threading
import time
import uuid
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tb_versions.core.digest import REGISTRY_FOLDER, Changes, Progress
from tb_versions.core.digest.hashing import Meter
from tb_versions.core.digest.lists import MOST_IN_MANIFEST
from tb_versions.core.manifest import FILE_LIST_NAME, MANIFEST_NAME, File, visible
from tb_versions.core.mirror import mirror_of
from tb_versions.core.object_files import fetch, plain_files
from tb_versions.core.object_store import Entry, ObjectStore
from tb_versions.errors import StorageError
from tb_versions.read.folders.scan import Place, Root

FETCHED_LIMIT = "TB_VERSIONS_STORE_CACHE_GIB"
"""Variable: the most GiB of fetched models that are kept; 20 without it."""

_AT_A_TIME = 4
_STREAMS = threading.BoundedSemaphore(_AT_A_TIME)  # of all versions that are compared at a time: each holds some pieces
_KEPT_S = 86_400  # a model that was fetched or used since is never removed: somebody may be reading it


def compare_files_of(
    place: Place, files: Iterable[File], *, progress: Progress | None = None, hash_contents: bool = True
) -> Changes:
    """Compares the files of a version in a store with its manifest, every one read.

    Args:
        place: The version's.
        files: The manifest's.
        progress: Called with the bytes read so far and the bytes in all.
        hash_contents: Whether files are read; else names and sizes alone are compared.

    Raises:
        UnsafeFileError: There are more than 100,000 files.
        StorageError: The store can't be read.
    """
    store = store_of(place)
    expected = {file.path: file for file in files}
    found, unsafe = plain_files(store.entries())
    found = {path: entry for path, entry in found.items() if not path.startswith(REGISTRY_FOLDER + "/")}
    for own in (MANIFEST_NAME, FILE_LIST_NAME) if len(expected) > MOST_IN_MANIFEST else (MANIFEST_NAME,):
        found.pop(own, None)
    alike = [
        entry for path, entry in found.items() if path in expected and entry.size == expected[path].size
    ] * hash_contents
    meter = Meter(progress, sum(entry.size for entry in alike))
    with ThreadPoolExecutor(_AT_A_TIME, thread_name_prefix="tb_versions_verify") as pool:
        digests = list(pool.map(lambda entry: _digest(store, entry, meter), alike))
    changed = [entry.key for entry, digest in zip(alike, digests, strict=True) if digest != expected[entry.key].digest]
    return Changes(
        missing=tuple(sorted(expected.keys() - found.keys())),
        extra=tuple(sorted(found.keys() - expected.keys())),
        resized=tuple(sorted(p for p, e in found.items() if p in expected and e.size != expected[p].size)),
        changed=tuple(sorted(changed)),
        unsafe=tuple(sorted(unsafe)),
    )


def outside_digest(place: Place) -> tuple[str, ...]:
    """Returns the files in the registry's folder of a version, of which no manifest tells. Raises StorageError."""
    return tuple(f"{REGISTRY_FOLDER}/{visible(entry.key)}" for entry in store_of(place).entries(REGISTRY_FOLDER))


def fetched(place: Place, *, digest: str, progress: Progress | None = None) -> Place:
    """Returns a copy of a version on this disk; it is fetched if it was not before. Its files are not compared.

    Args:
        place: The version's, in a store.
        digest: "sha256:<hex>" of its manifest: another manifest is another copy.
        progress: Called with the bytes fetched so far and the bytes in all.

    Raises:
        UnsafeFileError: A name in the store can't be a file's.
        StorageError: The store can't be read, or the disk not written.
    """
    above = os.path.join(os.path.dirname(place.root.path), "files")
    name = f"{place.relative.replace('/', '-')}-{digest.rpartition(':')[2][:16]}"
    root = Root(os.path.join(above, name), os.path.join(above, name), place.root.kind, place.root.sources)
    copy = Place(root, os.path.join(root.path, place.relative))
    try:
        if not os.path.isdir(copy.folder):
            _make_room(above)
            _fetch(store_of(place), root.path, place.relative, progress=progress)
        os.utime(root.path)
    except OSError as error:
        raise StorageError(f"{place.shown} can't be fetched into {above}: {error.strerror}.") from error
    return copy


def store_of(place: Place) -> ObjectStore:
    """Returns the folder of a version, or of a model, in its store."""
    return mirror_of(place.root.shown).store.below(place.relative)


def _fetch(store: ObjectStore, root: str, relative: str, *, progress: Progress | None) -> None:
    temporary = f"{root}.{uuid.uuid4().hex}"
    try:
        fetch(store, os.path.join(temporary, relative), progress=progress)
        with contextlib.suppress(FileExistsError):  # another process was as fast
            os.rename(temporary, root)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _digest(store: ObjectStore, entry: Entry, meter: Meter) -> str:
    """An object's digest; "" where it is gone."""
    found = hashlib.sha256()
    try:
        with _STREAMS:
            for data in store.stream(entry):
                found.update(data)
                meter.add(len(data))
    except FileNotFoundError:
        return ""
    return f"sha256:{found.hexdigest()}"


def _make_room(above: str) -> None:
    """Removes the fetched models that were not used for longest, until what stays is small enough."""
    text = os.environ.get(FETCHED_LIMIT, "20")
    limit = (int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 20) << 30
    os.makedirs(above, mode=0o700, exist_ok=True)
    total = 0
    for folder in sorted(_paths(above), key=lambda path: -os.stat(path).st_mtime):
        total += sum(entry.stat().st_size for entry in Path(folder).rglob("*") if entry.is_file())
        if total > limit and time.time() - os.stat(folder).st_mtime > _KEPT_S:
            shutil.rmtree(folder, ignore_errors=True)


def _paths(above: str) -> Sequence[str]:
    return [os.path.join(above, name) for name in os.listdir(above)]
