"""A model's log on its store: entries numbered without gaps, each with the digest of the one before."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from tb_versions.core.store import Store
from tb_versions.errors import DamagedLogError, InvalidManifestError, StorageError, UnsafeFileError
from tb_versions.registry.events import EVENT_LIMIT

_LOG = "log"
_DIGITS = 20
_LOOK_AHEAD = 16


class Log:
    """Reads and creates the entries `log/<20 digits>.json`; what they say is of no concern here."""

    def __init__(self, store: Store) -> None:
        """Reads nothing yet.

        Args:
            store: The folder `.versions` of a model.
        """
        self._store = store

    @property
    def store(self) -> Store:
        """The folder `.versions` of the model."""
        return self._store

    @property
    def shown(self) -> str:
        """How messages call it."""
        return f"{self._store.shown}/{_LOG}"

    def entry(self, number: int) -> bytes:
        """Returns the bytes of an entry.

        Raises:
            FileNotFoundError: There is none.
            DamagedLogError: It is too large, or no plain file.
            StorageError: It can't be read.
        """
        try:
            return self._store.read(key_of(number), EVENT_LIMIT)
        except (InvalidManifestError, UnsafeFileError) as error:
            raise DamagedLogError(f"Event {number} is damaged: {error}") from error

    def has(self, number: int) -> bool:
        """Returns whether there is an entry of that number. Raises StorageError."""
        return self._store.exists(key_of(number))

    def after(self, number: int) -> Iterator[tuple[int, bytes]]:
        """Yields the entries after one, in order.

        Args:
            number: 0 yields all.

        Raises:
            DamagedLogError: An entry is missing though later ones are there, or one is damaged.
            StorageError: One can't be read.
        """
        last, tried = number, -1
        while True:
            try:
                for data in self._store.read_each(map(key_of, count(last + 1)), EVENT_LIMIT):
                    last += 1
                    yield last, data
            except (InvalidManifestError, UnsafeFileError) as error:
                raise DamagedLogError(f"Event {last + 1} is damaged: {error}") from error
            later = self._later(last + 1)
            if not later:
                return
            if tried == last:
                raise DamagedLogError(
                    f"{self.shown} has a gap: event {last + 1} is missing, though there is an event {later}. "
                    "Restore it from a copy."
                )
            tried = (
                last  # Others may have written both meanwhile. The folder is opened again, which NFS needs to see it.
            )

    def numbers(self) -> list[int]:
        """Returns the number of every entry that is there, ascending; lists the folder. Raises StorageError."""
        return [int(name[:_DIGITS]) for name in self._store.names(_LOG) if _is_entry(name)]

    def strays(self) -> list[str]:
        """Returns the names of files in the log's folder that are no entries. Raises StorageError."""
        return [name for name in self._store.names(_LOG) if not _is_entry(name)]

    def create(self, number: int, data: bytes) -> bool:
        """Creates an entry unless there is one.

        Returns:
            True if it holds this data, which this call wrote; False if another writer was faster.

        Raises:
            StorageError: It was not written, is not durable, or that is not known; the message says which.
            UnsafeFileError: A symlink leads there.
        """
        key = key_of(number)
        try:
            return self._store.create(key, data) or self._found(number) == data
        except StorageError as error:
            found = self._found(number)
            if found is None:
                raise StorageError(f"Event {number} was not written: {error}") from error
            if found != data:
                return False
        try:  # The answer was lost, or the disk did not confirm it; it is asked again.
            self._store.create(key, data)
        except StorageError as error:
            raise StorageError(
                f"Event {number} is written, but may be lost if this machine loses power now: {error}"
            ) from error
        return True

    def _found(self, number: int) -> bytes | None:
        """An entry's bytes, in which is an id that no other has; None where there is none. Raises StorageError."""
        try:
            return self.entry(number)
        except FileNotFoundError:
            return None
        except DamagedLogError:
            return b""
        except StorageError as error:
            raise StorageError(
                f"Whether event {number} was written is not known; look at {self.shown} before you try again: {error}"
            ) from error

    def _later(self, missing: int) -> int:
        """Looks a little further: an entry that was deleted leaves a gap, and not the end. 0 where nothing follows."""
        keys = [key_of(number) for number in range(missing + 1, missing + _LOOK_AHEAD + 1)]
        found = self._store.first_there(keys)
        return 0 if found is None else missing + 1 + keys.index(found)


def key_of(number: int) -> str:
    """Returns the key of an entry in the store."""
    return f"{_LOG}/{number:0{_DIGITS}}.json"


def _is_entry(name: str) -> bool:
    stem, _, suffix = name.partition(".")
    return suffix == "json" and len(stem) == _DIGITS and stem.isascii() and stem.isdigit() and int(stem) > 0
