"""Object stores as folders of files: `s3://bucket/models`, `gs://bucket/models`, `memory://name/models`.

Each object is created whole and never changed. A create is conditional, so that of racing writers one wins. All clients
of S3 may tell a writer that it lost although it won: the server wrote the object, its answer was lost, and the repeated
request met the object. So every object that is raced for holds what no other writer has, and is read back in doubt.
"""

from __future__ import annotations

import datetime
import math
import os
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from tb_versions.core.layout import PRIVATE_FOLDER
from tb_versions.core.object_requests import AT_A_TIME, MOST_TRIES, PIECE, Entry, Listed, Requests, pause
from tb_versions.core.store_connection import connect, parts_of
from tb_versions.errors import InvalidManifestError, StorageError

__all__ = ["PIECE", "Entry", "Listed", "ObjectStore", "open_store"]

_LISTED_S = 60.0
_PROBE = "probe"
_PROBE_TEXT = b"Tells whether this store honours conditional writes. It can be deleted.\n"

_honouring: set[object] = set()
_lock = threading.Lock()


def open_store(url: str | os.PathLike[str]) -> ObjectStore:
    """Returns the store that a URL names; no request is made.

    Args:
        url: `s3://bucket/path`, `gs://bucket/path` or `memory://name/path`, the last being of this process alone.

    Raises:
        UnsupportedStorageError: The URL is of another kind, or no URL.
        MissingDependencyError: The package for it is not installed.
        StorageError: It can't be opened, as with unreadable credentials.
    """
    parts = parts_of(os.fspath(url))
    return ObjectStore(connect(parts), parts.path, shown=parts.shown, place=parts.place)


class ObjectStore(Requests):
    """A folder of an object store; a `Store`, and what publishing and reading of versions need besides."""

    def __init__(self, raw: Any, prefix: str, *, shown: str, place: object) -> None:
        """Makes no request.

        Args:
            raw: A store of obstore.
            prefix: Path of the folder in it, or "".
            shown: URL of the folder, as messages call it.
            place: What tells the bucket from others.
        """
        super().__init__(raw, prefix, shown=shown)
        self._place = place
        self._end: tuple[str, str | None] = ("", None)  # a key that is not there, and the next that is
        self._listed_at = -math.inf

    def below(self, folder: str) -> ObjectStore:
        """Returns a folder in this one."""
        return ObjectStore(self._raw, self._key(folder), shown=f"{self._shown}/{folder}", place=self._place)

    def read(self, key: str, limit: int) -> bytes:
        """Returns an object's content, as `Store.read`; a size above the limit is seen before anything is read."""
        return self.read_tagged(key, limit)[0]

    def read_each(self, keys: Iterable[str], limit: int) -> Iterator[bytes]:
        """Yields the content of objects up to the first that is not there, as `Store.read_each`.

        The folder is listed from the first key on, a page a thousand objects; only what is there is asked for. Within a
        minute of that only the next object is asked for, which mostly is not there: no gap behind it is looked for.
        """
        wanted = iter(keys)
        first = next(wanted, None)
        if first is not None and time.monotonic() - self._listed_at < _LISTED_S:
            try:
                data = self.read(first, limit)
            except FileNotFoundError:
                self._end = (first, None)
                return
            yield data
            first = next(wanted, None)
        if first is None:
            return
        folder = first.rpartition("/")[0]
        there = iter(self.entries(folder, after=_just_before(first)))
        entry, key = next(there, None), first
        while entry is not None:
            run: list[str] = []
            while entry is not None and len(run) < AT_A_TIME and f"{folder}/{entry.key}" <= key:
                if f"{folder}/{entry.key}" == key:
                    run.append(key)
                    key = next(wanted, "")
                entry = next(there, None)
            for _, found in self.read_all(run, limit):
                if isinstance(found, Exception):
                    raise found
                yield found[0]
            if not run:
                break
        self._end = (key, None if entry is None else f"{folder}/{entry.key}")
        self._listed_at = time.monotonic() if entry is None else -math.inf  # a gap is looked at again

    def first_there(self, keys: Sequence[str]) -> str | None:
        """Returns the first of some keys that is there, as `Store.first_there`.

        Where `read_each` just ended before them, that is known.
        """
        missing, later = self._end
        self._end = ("", None)
        if missing and missing < keys[0]:
            return later if later in keys else None
        return next(filter(self.exists, keys), None)

    def exists(self, key: str) -> bool:
        """Returns whether there is an object, as `Store.exists`."""
        return self.entry(key) is not None

    def names(self, folder: str) -> list[str]:
        """Returns the names in a folder, as `Store.names`."""
        listed = self.listed(folder)
        return sorted(name for name in (*listed.folders, *listed.files) if not name.startswith("."))

    def ages(self, folder: str) -> Mapping[str, float]:
        """Returns the seconds since each object in a folder was written, as `Store.ages`."""
        now = datetime.datetime.now(datetime.timezone.utc)
        return {name: (now - entry.modified).total_seconds() for name, entry in self.listed(folder).files.items()}

    def create(self, key: str, data: bytes) -> bool:
        """Creates an object, as `Store.create`.

        Args:
            key: Of the object.
            data: Its content, not empty, with something in it that no other writer has: an object that is there and
                equal is this writer's own.
        """
        self.check_conditional()
        return self._create(key, data)

    def check_conditional(self) -> None:
        """Finds out, once a process and bucket, whether of two creates of one key the second fails.

        Raises:
            StorageError: It does not: writers would overwrite each other. Nothing but the probe was written.
        """
        with _lock:
            if self._place in _honouring:
                return
            probe = _PROBE if self._prefix.endswith(PRIVATE_FOLDER) else f"{PRIVATE_FOLDER}/{_PROBE}"
            if self.put_new(probe, _PROBE_TEXT) and self.put_new(probe, _PROBE_TEXT):
                raise StorageError(
                    f"{self._shown} is in a store that does not honour conditional writes: of two writers one would "
                    "overwrite what the other wrote. Nothing is published or promoted there. Use another store, or a "
                    "newer version of its software."
                )
            _honouring.add(self._place)

    def _create(self, key: str, data: bytes) -> bool:
        for attempt in range(MOST_TRIES):
            try:
                if self.put_new(key, data):
                    return True
            except StorageError:
                if self._found(key, data):
                    return True
                raise
            found = self._found(key, data)
            if found is not None:
                return found
            # A conflict, but nothing is there: S3 says so while another request for the key is under way.
            pause(attempt)
        raise StorageError(
            f"{self._shown}/{key} can't be written: other requests for it were under way again and again."
        )

    def _found(self, key: str, data: bytes) -> bool | None:
        """Whether an object is this data; None where there is none."""
        try:
            return self.read(key, len(data)) == data
        except FileNotFoundError:
            return None
        except InvalidManifestError:
            return False
        except StorageError as error:
            raise StorageError(f"Whether {self._shown}/{key} was written is not known: {error}") from error

    def delete(self, key: str) -> None:
        """Deletes an object, as `Store.delete`."""
        self.delete_all([key])

    def move(self, key: str, target: str) -> None:
        """Gives an object another key, as `Store.move`; it is under both for a moment."""
        import obstore

        try:
            with self._explaining(key):
                obstore.rename(self._raw, self._key(key), self._key(target))
        except FileNotFoundError as error:
            raise StorageError(f"{self._shown}/{key} can't be moved: it is not there.") from error


def _just_before(key: str) -> str:
    """A text that is before a key and behind all that end otherwise: a listing from there begins with the key."""
    return key[:-1] + chr(ord(key[-1]) - 1) + "~"
