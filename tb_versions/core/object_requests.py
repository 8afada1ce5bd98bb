"""Requests to a folder of an object store: a method for each kind, errors in sentences, time limits for pieces."""

from __future__ import annotations

import contextlib
import datetime
import os
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import Any

from tb_versions.core.store_connection import explained
from tb_versions.errors import InvalidManifestError, TbVersionsError

PIECE = 8 << 20
"""Bytes of one request that writes: each has a time limit of its own, however large the object is."""

READ_PIECE = 1 << 20
"""Bytes of one that reads: verifying reads four objects at a time, and is to hold less than 100 MB."""

_AHEAD = 3  # requests of one object at a time

AT_A_TIME = 16
"""Requests for small objects that are under way together."""

MOST_TRIES = 8
"""How often a write is tried that S3 refuses because another request for its key is under way."""

_MULTIPART_AT_A_TIME = 4


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


class Requests:
    """A folder of an object store, as what can be asked of it.

    Methods raise StorageError with a sentence where the store can't be reached, refuses or answers nonsense.
    """

    def __init__(self, raw: Any, prefix: str, *, shown: str) -> None:
        """Makes no request.

        Args:
            raw: A store of obstore.
            prefix: Path of the folder in it, or "".
            shown: URL of the folder, as messages call it.
        """
        self._raw = raw
        self._prefix = prefix
        self._shown = shown

    @property
    def shown(self) -> str:
        """URL of the folder."""
        return self._shown

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

    def entry(self, key: str) -> Entry | None:
        """Returns what is known of an object; None where there is none."""
        import obstore

        try:
            with self._explaining(key):
                return _entry(obstore.head(self._raw, self._key(key)), "")
        except FileNotFoundError:
            return None

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

    def put_new(self, key: str, data: bytes) -> bool:
        """Writes an object unless there is one; False if there is, or another request for it is under way."""
        import obstore

        with self._explaining(key):
            try:
                obstore.put(self._raw, self._key(key), data, mode="create", use_multipart=False)
            except obstore.exceptions.AlreadyExistsError:
                return False
            return True

    def write(self, key: str, data: bytes, *, content_type: str = "") -> None:
        """Writes an object over whatever is there: only for what is no version, no event and no number."""
        import obstore

        said: Any = {"attributes": {"Content-Type": content_type}} if content_type else {}
        for attempt in range(MOST_TRIES):
            with self._explaining(key):
                try:
                    obstore.put(self._raw, self._key(key), data, chunk_size=PIECE, **said)
                except obstore.exceptions.AlreadyExistsError:
                    if attempt == MOST_TRIES - 1:
                        raise
                else:
                    return
            pause(attempt)  # S3 says 409 while another request for the key is under way

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
            options: Any = {"range": (start, min(start + READ_PIECE, entry.size))}
            if entry.etag:
                options["if_match"] = entry.etag
            with self._explaining(key):
                return bytes(obstore.get(self._raw, self._key(key), options=options).bytes())

        starts = range(0, entry.size, READ_PIECE)
        if len(starts) <= 1:
            yield from map(piece, starts)
            return
        with ThreadPoolExecutor(_AHEAD, thread_name_prefix="tb_versions_get") as pool:
            ahead = [pool.submit(piece, start) for start in islice(starts, _AHEAD)]
            for start in starts:
                data = ahead.pop(0).result()
                if start + _AHEAD * READ_PIECE < entry.size:
                    ahead.append(pool.submit(piece, start + _AHEAD * READ_PIECE))
                yield data

    def delete_all(self, keys: Sequence[str]) -> None:
        """Deletes objects; those that are not there are no error."""
        import obstore

        for key in keys:
            with contextlib.suppress(FileNotFoundError), self._explaining(key):
                obstore.delete(self._raw, self._key(key))

    def _key(self, key: str) -> str:
        return f"{self._prefix}/{key}" if self._prefix and key else self._prefix or key

    @contextlib.contextmanager
    def _explaining(self, key: str) -> Iterator[None]:
        with explained(f"{self._shown}/{key}" if key else self._shown):
            yield


def pause(attempt: int) -> None:
    """Waits a moment, longer with each attempt."""
    time.sleep(random.uniform(0, 0.01 * 2**attempt))  # noqa: S311 - no secret


def _entry(found: Any, prefix: str) -> Entry:
    path = found["path"]
    key = path[len(prefix) + 1 :] if prefix else path
    return Entry(key, found["size"], found["e_tag"] or "", found["last_modified"])


def _pieces(file: Any, progress: Callable[[int], None] | None) -> Iterator[bytes]:
    while data := file.read(PIECE):
        if progress is not None:
            progress(len(data))
        yield data
