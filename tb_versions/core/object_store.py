"""Object stores as folders of files: `s3://bucket/models`, `gs://bucket/models`, `memory://name/models`.

Each object is created whole and never changed. A create is conditional, so that of racing writers one wins. All clients
of S3 may tell a writer that it lost although it won: the server wrote the object, its answer was lost, and the repeated
request met the object. So every object that is raced for holds what no other writer has, and is read back in doubt.
"""

from __future__ import annotations

import contextlib
import datetime
import math
import os
import random
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import Any

from tb_versions.core.layout import PRIVATE_FOLDER
from tb_versions.core.store_connection import connect, explained, parts_of
from tb_versions.errors import InvalidManifestError, StorageError, TbVersionsError

PIECE = 8 << 20
"""Bytes of one request: each has a time limit of its own, however large the object is."""

AT_A_TIME = 16
"""Requests for small objects that are under way together."""

_MULTIPART_AT_A_TIME = 4
_MOST_TRIES = 8
_LISTED_S = 60.0
_PROBE = "probe"
_PROBE_TEXT = b"Tells whether this store honours conditional writes. It can be deleted.\n"

_honouring: set[object] = set()
_lock = threading.Lock()


@dataclass(frozen=True)
class Entry:
    """An object in a listing.

    Attributes:
        key: Below the folder that was listed.
        size: In bytes.
        etag: Changes with the content; "" where the store has none.
        modified: When it was written, by the store's clock.
    """

    key: str
    size: int
    etag: str
    modified: datetime.datetime


@dataclass(frozen=True)
class Listed:
    """What is directly in a folder: names of folders, and of objects with what is known of them; both sorted."""

    folders: tuple[str, ...]
    files: Mapping[str, Entry]


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


class ObjectStore:
    """A folder of an object store; a `Store`, and what publishing and reading of versions need besides.

    Methods raise StorageError with a sentence where the store can't be reached, refuses or answers nonsense.
    """

    def __init__(self, raw: Any, prefix: str, *, shown: str, place: object) -> None:
        """Makes no request.

        Args:
            raw: A store of obstore.
            prefix: Path of the folder in it, or "".
            shown: URL of the folder, as messages call it.
            place: What tells the bucket from others.
        """
        self._raw = raw
        self._prefix = prefix
        self._shown = shown
        self._place = place
        self._end: tuple[str, str | None] = ("", None)  # a key that is not there, and the next that is
        self._listed_at = -math.inf

    @property
    def shown(self) -> str:
        """URL of the folder."""
        return self._shown

    def below(self, folder: str) -> ObjectStore:
        """Returns a folder in this one."""
        return ObjectStore(self._raw, self._key(folder), shown=f"{self._shown}/{folder}", place=self._place)

    def read(self, key: str, limit: int) -> bytes:
        """Returns an object's content, as `Store.read`; a size above the limit is seen before anything is read."""
        return self.read_tagged(key, limit)[0]

    def read_tagged(self, key: str, limit: int) -> tuple[bytes, str]:
        """Returns an object's content and its etag; raises as `read`."""
        import obstore

        with self._explaining(key):
            found = obstore.get(self._raw, self._key(key))
            size, etag = found.meta["size"], found.meta["e_tag"] or ""
            if size > limit:
                raise InvalidManifestError(f"{self._shown}/{key} has {size:,} bytes; at most {limit:,} are read.")
            return bytes(found.bytes()), etag

    def read_all(self, keys: Sequence[str], limit: int) -> Iterator[tuple[str, tuple[bytes, str] | Exception]]:
        """Yields each key with its content and etag, or with the error of reading it, in order; many at a time."""

        def one(key: str) -> tuple[bytes, str] | Exception:
            try:
                return self.read_tagged(key, limit)
            except (TbVersionsError, FileNotFoundError) as error:
                return error

        if len(keys) == 1:
            yield keys[0], one(keys[0])
        elif keys:
            with ThreadPoolExecutor(AT_A_TIME, thread_name_prefix="tb_versions_get") as pool:
                yield from zip(keys, pool.map(one, keys), strict=True)

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
        self._listed_at = time.monotonic()
        folder = first.rpartition("/")[0]
        there = iter(self.entries(folder, after=_just_before(first)))
        entry, key = next(there, None), first
        while entry is not None:
            run: list[str] = []
            while entry is not None and len(run) < AT_A_TIME and f"{folder}/{entry.key}" <= key:
                if f"{folder}/{entry.key}" == key:
                    run.append(key)
                    key = next(wanted)
                entry = next(there, None)
            for _, found in self.read_all(run, limit):
                if isinstance(found, Exception):
                    raise found
                yield found[0]
            if not run:
                break
        self._end = (key, None if entry is None else f"{folder}/{entry.key}")

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

    def entry(self, key: str) -> Entry | None:
        """Returns what is known of an object; None where there is none."""
        import obstore

        try:
            with self._explaining(key):
                return _entry(obstore.head(self._raw, self._key(key)), "")
        except FileNotFoundError:
            return None

    def names(self, folder: str) -> list[str]:
        """Returns the names in a folder, as `Store.names`."""
        listed = self.listed(folder)
        return sorted(name for name in (*listed.folders, *listed.files) if not name.startswith("."))

    def ages(self, folder: str) -> Mapping[str, float]:
        """Returns the seconds since each object in a folder was written, as `Store.ages`."""
        now = datetime.datetime.now(datetime.timezone.utc)
        return {name: (now - entry.modified).total_seconds() for name, entry in self.listed(folder).files.items()}

    def listed(self, folder: str = "") -> Listed:
        """Returns what is directly in a folder: a request for each thousand names, however much is below."""
        import obstore

        prefix = self._key(folder)
        with self._explaining(folder):
            found = obstore.list_with_delimiter(self._raw, prefix or None)
        start = len(prefix) + 1 if prefix else 0
        # A console makes an object `a/` for an empty folder; it is no file of the folder `a`.
        entries = (_entry(one, prefix) for one in found["objects"])
        files = sorted((entry for entry in entries if entry.key), key=lambda entry: entry.key)
        folders = sorted(name[start:] for name in found["common_prefixes"])
        return Listed(tuple(folders), {entry.key: entry for entry in files})

    def entries(self, folder: str = "", *, after: str = "") -> Iterator[Entry]:
        """Yields every object below a folder in order of its key; a request for each thousand.

        Args:
            folder: The folder.
            after: A key; only those behind it.
        """
        import obstore

        prefix = self._key(folder)
        with self._explaining(folder):
            for page in obstore.list(
                self._raw, prefix or None, offset=self._key(after) if after else None, chunk_size=1_000
            ):
                yield from filter(lambda entry: entry.key, (_entry(one, prefix) for one in page))

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
            if self._put_new(probe, _PROBE_TEXT) and self._put_new(probe, _PROBE_TEXT):
                raise StorageError(
                    f"{self._shown} is in a store that does not honour conditional writes: of two writers one would "
                    "overwrite what the other wrote. Nothing is published or promoted there. Use another store, or a "
                    "newer version of its software."
                )
            _honouring.add(self._place)

    def _create(self, key: str, data: bytes) -> bool:
        for attempt in range(_MOST_TRIES):
            try:
                if self._put_new(key, data):
                    return True
            except StorageError:
                if self._found(key, data):
                    return True
                raise
            found = self._found(key, data)
            if found is not None:
                return found
            # A conflict, but nothing is there: S3 says so while another request for the key is under way.
            _pause(attempt)
        raise StorageError(
            f"{self._shown}/{key} can't be written: other requests for it were under way again and again."
        )

    def _put_new(self, key: str, data: bytes) -> bool:
        import obstore

        with self._explaining(key):
            try:
                obstore.put(self._raw, self._key(key), data, mode="create", use_multipart=False)
            except obstore.exceptions.AlreadyExistsError:
                return False
            return True

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

    def beginning(self, key: str, count: int) -> bytes:
        """Returns the first bytes of an object; raises as `read`."""
        import obstore

        entry = self.entry(key)
        if entry is None:
            raise FileNotFoundError(f"{self._shown}/{key}")
        if entry.size == 0:
            return b""
        with self._explaining(key):
            found = obstore.get(self._raw, self._key(key), options={"range": (0, min(count, entry.size))})
            return bytes(found.bytes())

    def write(self, key: str, data: bytes, *, content_type: str = "") -> None:
        """Writes an object over whatever is there: only for what is no version, no event and no number."""
        import obstore

        said: Any = {"attributes": {"Content-Type": content_type}} if content_type else {}
        for attempt in range(_MOST_TRIES):
            with self._explaining(key):
                try:
                    obstore.put(self._raw, self._key(key), data, chunk_size=PIECE, **said)
                except obstore.exceptions.AlreadyExistsError:
                    if attempt == _MOST_TRIES - 1:
                        raise
                else:
                    return
            _pause(attempt)  # S3 says 409 while another request for the key is under way

    def upload(self, key: str, path: str, *, progress: Callable[[int], None] | None = None) -> None:
        """Uploads a file in pieces; the object is there with the last of them.

        Args:
            key: Of the object, which nobody else writes.
            path: The file.
            progress: Called with the bytes of each piece that was read.

        Raises:
            OSError: The file can't be read.
            StorageError: As all methods.
        """
        import obstore

        with open(path, "rb") as file, self._explaining(key):
            size = os.fstat(file.fileno()).st_size
            if size <= PIECE:
                self.write(key, file.read())
                if progress is not None:
                    progress(size)
                return
            pieces = _pieces(file, progress)
            obstore.put(self._raw, self._key(key), pieces, chunk_size=PIECE, max_concurrency=_MULTIPART_AT_A_TIME)

    def stream(self, entry: Entry, *, folder: str = "") -> Iterator[bytes]:
        """Yields an object's content in pieces.

        Args:
            entry: As `entries` of that folder has it; an object that was replaced since is refused.
            folder: The folder.

        Raises:
            FileNotFoundError: It is gone.
            StorageError: As all methods.
        """
        import obstore

        key = f"{folder}/{entry.key}" if folder else entry.key

        def piece(start: int) -> bytes:
            options: Any = {"range": (start, min(start + PIECE, entry.size))}
            if entry.etag:
                options["if_match"] = entry.etag
            with self._explaining(key):
                return bytes(obstore.get(self._raw, self._key(key), options=options).bytes())

        starts = range(0, entry.size, PIECE)
        if len(starts) <= 1:
            yield from map(piece, starts)
            return
        with ThreadPoolExecutor(2, thread_name_prefix="tb_versions_get") as pool:
            ahead = [pool.submit(piece, start) for start in islice(starts, 2)]
            for start in starts:
                data = ahead.pop(0).result()
                if start + 2 * PIECE < entry.size:
                    ahead.append(pool.submit(piece, start + 2 * PIECE))
                yield data

    def delete(self, key: str) -> None:
        """Deletes an object, as `Store.delete`."""
        self.delete_all([key])

    def delete_all(self, keys: Sequence[str]) -> None:
        """Deletes objects; those that are not there are no error."""
        import obstore

        for key in keys:
            with contextlib.suppress(FileNotFoundError), self._explaining(key):
                obstore.delete(self._raw, self._key(key))

    def move(self, key: str, target: str) -> None:
        """Gives an object another key, as `Store.move`; it is under both for a moment."""
        import obstore

        try:
            with self._explaining(key):
                obstore.rename(self._raw, self._key(key), self._key(target))
        except FileNotFoundError as error:
            raise StorageError(f"{self._shown}/{key} can't be moved: it is not there.") from error

    def _key(self, key: str) -> str:
        return f"{self._prefix}/{key}" if self._prefix and key else self._prefix or key

    @contextlib.contextmanager
    def _explaining(self, key: str) -> Iterator[None]:
        with explained(f"{self._shown}/{key}" if key else self._shown):
            yield


def _pause(attempt: int) -> None:
    time.sleep(random.uniform(0, 0.01 * 2**attempt))  # noqa: S311 - no secret


def _entry(found: Any, prefix: str) -> Entry:
    path = found["path"]
    key = path[len(prefix) + 1 :] if prefix else path
    return Entry(key, found["size"], found["e_tag"] or "", found["last_modified"])


def _just_before(key: str) -> str:
    """A text that is before a key and behind all that end otherwise: a listing from there begins with the key."""
    return key[:-1] + chr(ord(key[-1]) - 1) + "~"


def _pieces(file: Any, progress: Callable[[int], None] | None) -> Iterator[bytes]:
    while data := file.read(PIECE):
        if progress is not None:
            progress(len(data))
        yield data
