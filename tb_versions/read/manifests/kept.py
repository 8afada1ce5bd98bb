"""The manifests in version folders: each is read and parsed once, and again when its file may have changed."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Collection

from msgspec import Struct

from tb_versions.core import storage
from tb_versions.core.codec import manifest_digest
from tb_versions.core.elsewhere import unbound
from tb_versions.core.manifest import MANIFEST_LIMIT, MANIFEST_NAME, FilesElsewhere, visible
from tb_versions.errors import TbVersionsError
from tb_versions.read.folders.file_keys import device_of, file_key
from tb_versions.read.folders.scan import Found, Place
from tb_versions.read.manifests.cache import Cache
from tb_versions.read.manifests.cached_listings import Entry
from tb_versions.read.manifests.integrity import PRESENT, FileState, check_elsewhere, check_files, check_listed
from tb_versions.read.manifests.listing import Listing, read_listing
from tb_versions.read.manifests.listing_cache import ListingCache
from tb_versions.read.manifests.seen_folders import folder_times, is_as_seen

FEW = 100
"""Manifests that are read in no time: so many new ones, or a fiftieth of all, make the cache be written anew."""

UNCHECKED = FileState("unchecked", "")

REMOTE = FileState("unchecked", "Its files are in an object store; tb-versions verify reads them all.")


class Record(Struct, gc=False):
    """What a version folder was seen to hold.

    Attributes:
        listing: What its manifest says; None if that is damaged.
        digest: "sha256:<hex>" of the manifest's bytes; "" where damaged.
        notice: Why it can't be read, or "".
        key: What tells this manifest's file from any other, see `file_key`; b"" where that is not known.
        files: State of the other files.
        seen: Times of the folders when all was as listed, see `seen_folders`; kept where files are compared at once.
    """

    place: Place
    model: str
    number: int
    listing: Listing | None = None
    digest: str = ""
    notice: str = ""
    key: bytes = b""
    files: FileState = UNCHECKED
    seen: bytes = b""


class Manifests:
    """Keeps a record of each version folder.

    Attributes:
        records: By the folder's path.
    """

    def __init__(self, cache: Cache | None = None) -> None:
        """Reads nothing yet.

        Args:
            cache: What earlier processes read, and where to keep what is read.
        """
        self.records: dict[str, Record] = {}
        self._cached = ListingCache(cache) if cache is not None else None
        self._unkept = 0

    def update(
        self, found: Found, *, check: bool = False, still: Collection[int] = (), everything: bool = True
    ) -> list[Record]:
        """Reads what is new; returns records that came or went.

        Args:
            found: What a scan found.
            check: Whether to compare the files of what is read, which then costs half.
            still: Devices on which times stand still: what is there is read, whatever its times say.
            everything: Whether the scan looks into each folder of the allowed folders.
        """
        cached = self._cached
        records = self.records
        new = [place for place in found.manifests if place.folder not in records]
        gone: list[Record] = []
        if found.complete and len(records) + len(new) > len(found.manifests):
            there = {place.folder for place in found.manifests}
            gone = [records.pop(folder) for folder in records.keys() - there]
        with storage.SiblingFolders() as folders:
            for place in new:
                key = found.keys.get(place.folder, b"")
                records[place.folder] = self._take(place, key, folders, check=check, still=still)
        found.keys.clear()  # nobody asks again, and the catalog keeps what was found
        if cached is not None and found.complete:
            cached.forget()
            if self._unkept >= max(FEW, len(records) // 50):
                cached.keep(self._entries(), everything=everything)
                self._unkept = 0
        return gone + [records[place.folder] for place in new]

    def _take(
        self, place: Place, key: bytes, folders: storage.SiblingFolders, *, check: bool, still: Collection[int]
    ) -> Record:
        """What a folder holds: from the cache, if its manifest has the key of the one that was read; else read now."""
        cached = self._cached
        entry = _entry(place, key, cached, still=still) if cached and key else None
        if entry is None:
            record = _read(place, folders, check=check, keeps=cached is not None, still=still)
            self._unkept += record.key != b""
            return record
        listing = entry.listing
        record = Record(place, listing.model, listing.number, listing, entry.digest, "", key)
        if listing.elsewhere is not None:
            record.files = _elsewhere(record, listing, listing.elsewhere, check=check)
        elif place.root.is_remote:
            record.files = REMOTE
        elif check:
            record.files = _looked(record, entry, folders)
            self._unkept += record.seen not in (b"", entry.seen)
        return record

    def _entries(self) -> dict[str, dict[str, Entry]]:
        """What is worth keeping of each folder, by the path of its allowed folder and its own below that."""
        entries: dict[str, dict[str, Entry]] = {}
        for record in self.records.values():
            if record.key and record.listing is not None:
                place = record.place
                of_root = entries.setdefault(place.root.path, {})
                of_root[place.relative] = Entry(record.key, record.digest, record.listing, record.seen)
        return entries

    def check(self, folder: str, folders: storage.SiblingFolders) -> Record | None:
        """Compares a folder's files with its manifest.

        Returns:
            The record if something changed; it is forgotten if its manifest is gone, was replaced or repaired.
        """
        record = self.records[folder]
        if record.listing is None:
            again = _read(record.place, folders)
            state = record.files if (again.listing, again.notice) == (None, record.notice) else None
        else:
            state = _state(record, record.listing, folders)
        if state is None:
            return self.records.pop(folder)
        if state == record.files:
            return None
        record.files = state
        return record


def _entry(place: Place, key: bytes, cached: ListingCache, *, still: Collection[int]) -> Entry | None:
    """What an earlier process read, if the file is the one that it read, by its key; else None."""
    return None if still and device_of(key) in still else cached.get(place, key)


def _looked(record: Record, entry: Entry, folders: storage.SiblingFolders) -> FileState:
    """State of the files of what is in the cache; their folders are listed only where they may have changed."""
    place, files = record.place, entry.listing.files
    if files is not None:
        with contextlib.suppress(OSError, TbVersionsError):
            above, name = folders.beside(place.folder, within=place.root.path)
            if above >= 0 and is_as_seen(above, name, files, entry.seen):
                record.seen = entry.seen
                return PRESENT
            seen = folder_times(above, name, files, before=time.time_ns()) if above >= 0 else b""
            state = _compared(record, entry.listing, folders) or UNCHECKED
            record.seen = seen if state is PRESENT else b""
            return state
    return _compared(record, entry.listing, folders) or UNCHECKED


def _read(
    place: Place,
    folders: storage.SiblingFolders,
    *,
    check: bool = False,
    keeps: bool = False,
    still: Collection[int] = (),
) -> Record:
    try:
        descriptor = folders.open(place.folder, within=place.root.path)
        try:
            return _record(place, descriptor, check=check, keeps=keeps, still=still)
        finally:
            os.close(descriptor)
    except FileNotFoundError:
        reason = "The manifest vanished while it was read."
    except TbVersionsError as error:
        reason = str(error)
    except OSError as error:
        reason = f"{os.path.join(place.folder, MANIFEST_NAME)} can't be read: {error.strerror}."
    model, number = _guess(place)
    return Record(place, model, number, notice=place.as_shown(reason))


def _record(place: Place, descriptor: int, *, check: bool, keeps: bool, still: Collection[int]) -> Record:
    data, status = storage.read_in(descriptor, MANIFEST_NAME, MANIFEST_LIMIT, f"{place.folder}/{MANIFEST_NAME}")
    key = b"" if status.st_dev in still else file_key(status, time.time_ns())
    listing, digest = read_listing(data), manifest_digest(data)
    record = Record(place, listing.model, listing.number, listing, digest, key=key)
    if listing.elsewhere is not None:
        record.files = _elsewhere(record, listing, listing.elsewhere, check=check)
    elif place.root.is_remote:
        record.files = REMOTE
    elif check and listing.files is not None:
        seen = folder_times(descriptor, ".", listing.files, before=time.time_ns()) if key and keeps else b""
        record.files = check_listed(place.folder, descriptor, listing.files, within=place.root.path)
        record.seen = seen if record.files is PRESENT else b""
    elif check:
        record.files = check_files(place, digest) or UNCHECKED
    return record


def _elsewhere(record: Record, listing: Listing, elsewhere: FilesElsewhere, *, check: bool) -> FileState:
    """State of files that lie elsewhere; that a source is bound to no folder is known without looking."""
    place = record.place
    if elsewhere.source not in place.root.sources:
        return FileState("elsewhere", unbound(elsewhere))
    if not check:
        return UNCHECKED
    if listing.files is None:
        return check_files(place, record.digest) or UNCHECKED
    return check_elsewhere(place, elsewhere, listing.files.files())


def _state(record: Record, listing: Listing, folders: storage.SiblingFolders) -> FileState | None:
    """State of a folder's files; None where its manifest is not the one that was read."""
    place = record.place
    try:
        status = folders.status(f"{place.folder}/{MANIFEST_NAME}", within=place.root.path)
        is_same = record.key != b"" and file_key(status, time.time_ns()) == record.key
    except (OSError, TbVersionsError):  # the reading below has a word for it
        is_same = False
    return _compared(record, listing if is_same else None, folders)


def _compared(record: Record, listing: Listing | None, folders: storage.SiblingFolders) -> FileState | None:
    """As `_state`; without a listing, or where that lacks the files, the manifest is read again."""
    place = record.place
    if listing is not None and listing.elsewhere is not None and listing.files is not None:
        return check_elsewhere(place, listing.elsewhere, listing.files.files())
    if place.root.is_remote:
        return REMOTE if listing is not None or _digest_of(place) == record.digest else None
    if listing is not None and listing.files is not None:
        try:
            descriptor = folders.open(place.folder, within=place.root.path)
            try:
                return check_listed(place.folder, descriptor, listing.files, within=place.root.path)
            finally:
                os.close(descriptor)
        except (OSError, TbVersionsError):
            pass  # as above
    return check_files(place, record.digest)


def _digest_of(place: Place) -> str:
    try:
        path = os.path.join(place.folder, MANIFEST_NAME)
        return manifest_digest(storage.read_capped(path, MANIFEST_LIMIT, within=place.root.path))
    except (OSError, TbVersionsError):
        return ""


def _guess(place: Place) -> tuple[str, int]:
    """The model and number that a damaged manifest's folder suggests."""
    parts = [visible(part) for part in place.relative.split("/")]
    last = parts[-1]
    if last.isascii() and last.isdigit() and len(last) < 19:
        return parts[-2] if len(parts) > 1 else visible(os.path.basename(place.root.path)), int(last)
    return last or visible(os.path.basename(place.root.path)), 0
