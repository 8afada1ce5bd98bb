"""What earlier processes read of the manifests below each allowed folder."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import partial

from tb_versions.core.manifest import MANIFEST_NAME
from tb_versions.read.folders.scan import Place
from tb_versions.read.manifests.cache import Cache
from tb_versions.read.manifests.cached_listings import Entries, Entry, decode, encode


class ListingCache:
    """Entries of the cache, read when the first of an allowed folder is asked for."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache
        self._entries: dict[str, Entries] | None = {}

    def get(self, place: Place, key: bytes) -> Entry | None:
        """Returns what was read of the file with a key, or None."""
        entries = self._of(place.root.path)
        try:
            return entries.get(place.relative, key) if entries is not None else None
        except ValueError:
            return None

    def forget(self) -> None:
        """Gives the memory back once all folders were seen: what comes later was read by nobody before."""
        self._entries = None

    def keep(self, entries: Mapping[str, Mapping[str, Entry]], *, everything: bool) -> None:
        """Stores entries.

        Args:
            entries: By the path of the allowed folder, and the folder's path below it.
            everything: Whether they are all that are there; else the others that were stored before are kept.
                Another process may have stored more by now: they are kept as long as their manifests exist.
        """
        for root, of_root in entries.items():
            merged = partial(_merged, entries=of_root, root=root, everything=everything)
            self._cache.change(os.path.realpath(root), merged)

    def _of(self, root: str) -> Entries | None:
        if self._entries is None:
            return None
        found = self._entries.get(root)
        if found is None:
            found = self._entries[root] = _decoded(self._cache.load(os.path.realpath(root)))
        return found


def _decoded(data: bytes | None) -> Entries:
    try:
        return decode(data) if data else Entries.none()
    except ValueError:
        return Entries.none()


def _merged(stored: bytes | None, *, entries: Mapping[str, Entry], root: str, everything: bool) -> bytes:
    before = _decoded(stored)
    merged = {relative: _with_seen(relative, entry, before) for relative, entry in entries.items()}
    for relative in before:
        if relative not in merged and (not everything or os.path.lexists(f"{root}/{relative}/{MANIFEST_NAME}")):
            try:
                entry = before.get(relative, before.key(relative))
            except ValueError:
                continue
            if entry is not None:
                merged[relative] = entry
    return encode(merged)


def _with_seen(relative: str, entry: Entry, before: Entries) -> Entry:
    """The entry; one of a process that did not compare the files has what another one saw of them."""
    if entry.seen or before.key(relative) != entry.key or not before.seen(relative):
        return entry
    return Entry(entry.key, entry.digest, entry.listing, before.seen(relative))
