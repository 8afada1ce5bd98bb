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
            return self._store.read(_key(number), EVENT_LIMIT)
        except (InvalidManifestError, UnsafeFileError) as error:
            raise DamagedLogError(f"Event {number} is damaged: {error}") from error

    def after(self, number: int) -> Iterator[tuple[int, bytes]]:
        """Yields the entries after one, in order.

        Args:
            number: 0 yields all.

        Raises:
            DamagedLogError: An entry is missing though later ones are there, or one is damaged.
            StorageError: One can't be read.
        """
        last = number
        try:
            for data in self._store.read_each(map(_key, count(number + 1)), EVENT_LIMIT):
                last += 1
                yield last, data
        except (InvalidManifestError, UnsafeFileError) as error:
            raise DamagedLogError(f"Event {last + 1} is damaged: {error}") from error
        self._check_no_gap(last + 1)

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
            StorageError: Whether it was written is not known, or it was not.
        """
        try:
            return self._store.create(_key(number), data) or self._holds(number, data)
        except StorageError:
            # The write may have succeeded and only its answer been lost.
            if self._holds(number, data):
                return True
            raise

    def _holds(self, number: int, data: bytes) -> bool:
        """Whether an entry has just these bytes, which hold an id that no other writer has."""
        try:
            return self.entry(number) == data
        except (OSError, DamagedLogError, StorageError):
            return False

    def _check_no_gap(self, missing: int) -> None:
        """Looks a little further: an entry that was deleted leaves a gap, and not the end."""
        for number in range(missing + 1, missing + _LOOK_AHEAD + 1):
            if self._store.exists(_key(number)):
                raise DamagedLogError(
                    f"{self.shown} has a gap: event {missing} is missing, though there is an event {number}. "
                    "Restore it from a copy; tb-versions fsck lists all that is missing."
                )


def _key(number: int) -> str:
    return f"{_LOG}/{number:0{_DIGITS}}.json"


def _is_entry(name: str) -> bool:
    stem, _, suffix = name.partition(".")
    return suffix == "json" and len(stem) == _DIGITS and stem.isascii() and stem.isdigit() and int(stem) > 0
