"""The manifests in version folders: each is read and parsed once, and again when its file may have changed."""

from __future__ import annotations

import os
import time
from struct import Struct as Packing

from msgspec import Struct

from tb_versions.core import storage
from tb_versions.core.codec import manifest_digest
from tb_versions.core.manifest import MANIFEST_LIMIT, MANIFEST_NAME, visible
from tb_versions.errors import TbVersionsError
from tb_versions.read.integrity import FileState, check_files, check_listed
from tb_versions.read.listing import Listing, read_listing
from tb_versions.read.scan import Found, Place

UNCHECKED = FileState("unchecked", "")

_PACKED = Packing("<QQQqq")
_TICK_NS = 2_000_000_000  # of the coarsest clock of a file system, FAT's


class Record(Struct, gc=False):
    """What a version folder was seen to hold.

    Attributes:
        listing: What its manifest says; None if that is damaged.
        digest: "sha256:<hex>" of the manifest's bytes; "" where damaged.
        notice: Why it can't be read, or "".
        key: What tells this manifest's file from any other, see `file_key`; b"" where that is not known.
        files: State of the other files.
    """

    place: Place
    model: str
    number: int
    listing: Listing | None = None
    digest: str = ""
    notice: str = ""
    key: bytes = b""
    files: FileState = UNCHECKED


def file_key(status: os.stat_result, read_ns: int) -> bytes:
    """Returns what changes whenever a file changes: device, inode, size and times; b"" where a change may not show.

    Args:
        status: Of the file.
        read_ns: When it was read. What changed within two seconds before may change again in the same tick of its
            file system's clock.
    """
    changed = max(status.st_mtime_ns, status.st_ctime_ns)
    if not 0 < changed < read_ns - _TICK_NS:
        return b""
    return _PACKED.pack(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


class Manifests:
    """Keeps a record of each version folder.

    Attributes:
        records: By the folder's path.
    """

    def __init__(self) -> None:
        self.records: dict[str, Record] = {}

    def update(self, found: Found, *, check: bool = False) -> list[Record]:
        """Reads what is new; returns records that came or went.

        Args:
            found: What a scan found.
            check: Whether to compare the files of what is read, which then costs half.
        """
        records = self.records
        new = [place for place in found.manifests if place.folder not in records]
        gone: list[Record] = []
        if found.complete and len(records) + len(new) > len(found.manifests):
            there = {place.folder for place in found.manifests}
            gone = [records.pop(folder) for folder in records.keys() - there]
        with storage.SiblingFolders() as folders:
            for place in new:
                records[place.folder] = _read(place, folders, check=check)
        return gone + [records[place.folder] for place in new]

    def check(self, folder: str, folders: storage.SiblingFolders) -> Record | None:
        """Compares a folder's files with its manifest.

        Returns:
            The record if something changed; it is forgotten if its manifest is gone, was replaced or repaired.
        """
        record = self.records[folder]
        if record.listing is None:
            again = _read(record.place, folders, check=False)
            state = record.files if (again.listing, again.notice) == (None, record.notice) else None
        else:
            state = _state(record, record.listing, folders)
        if state is None:
            return self.records.pop(folder)
        if state == record.files:
            return None
        record.files = state
        return record


def _read(place: Place, folders: storage.SiblingFolders, *, check: bool) -> Record:
    try:
        descriptor = folders.open(place.folder, within=place.root.path)
        try:
            return _record(place, descriptor, check=check)
        finally:
            os.close(descriptor)
    except FileNotFoundError:
        reason = "The manifest vanished while it was read."
    except TbVersionsError as error:
        reason = str(error)
    except OSError as error:
        reason = f"{os.path.join(place.folder, MANIFEST_NAME)} can't be read: {error.strerror}."
    model, number = _guess(place)
    return Record(place, model, number, notice=reason)


def _record(place: Place, descriptor: int, *, check: bool) -> Record:
    data, status = storage.read_in(descriptor, MANIFEST_NAME, MANIFEST_LIMIT, f"{place.folder}/{MANIFEST_NAME}")
    key = file_key(status, time.time_ns())
    listing, digest = read_listing(data), manifest_digest(data)
    record = Record(place, listing.model, listing.number, listing, digest, key=key)
    if check and listing.files is not None:
        record.files = check_listed(place.folder, descriptor, listing.files, within=place.root.path)
    elif check:
        record.files = check_files(place.folder, digest, within=place.root.path) or UNCHECKED
    return record


def _state(record: Record, listing: Listing, folders: storage.SiblingFolders) -> FileState | None:
    """State of a folder's files; None where its manifest is not the one that was read."""
    place = record.place
    if listing.files is not None and record.key:
        try:
            descriptor = folders.open(place.folder, within=place.root.path)
            try:
                status = os.stat(MANIFEST_NAME, dir_fd=descriptor, follow_symlinks=False)
                if file_key(status, time.time_ns()) == record.key:
                    return check_listed(place.folder, descriptor, listing.files, within=place.root.path)
            finally:
                os.close(descriptor)
        except (OSError, TbVersionsError):
            pass  # the reading below has a word for it
    return check_files(place.folder, record.digest, within=place.root.path)


def _guess(place: Place) -> tuple[str, int]:
    """The model and number that a damaged manifest's folder suggests."""
    parts = [visible(part) for part in place.relative.split("/")]
    last = parts[-1]
    if last.isascii() and last.isdigit() and len(last) < 19:
        return parts[-2] if len(parts) > 1 else visible(os.path.basename(place.root.path)), int(last)
    return last or visible(os.path.basename(place.root.path)), 0
