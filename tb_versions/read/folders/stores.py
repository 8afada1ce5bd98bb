"""Models folders under URLs: which may be named, and when their copies on this disk are brought up to date."""

from __future__ import annotations

import datetime
import os
import threading
import time
from collections.abc import Collection, Sequence
from pathlib import Path

from tb_versions.core import mirror, storage
from tb_versions.core.manifest import MANIFEST_NAME
from tb_versions.core.mirror import Mirror, mirror_of
from tb_versions.errors import TbVersionsError

INTERVAL = 5.0
"""Seconds from the end of a look at a store to the next one, at least …"""

_SHARE = 10
"""… and so many times the length of the look."""

_MOST_DIGITS = 20


def existing_models(path: str | os.PathLike[str]) -> str:
    """Returns a models folder that exists, or the URL of one, which is not looked at yet.

    Raises:
        UnreadableFolderError: There is no such folder.
        UnsupportedStorageError, MissingDependencyError, StorageError: See `open_store`.
    """
    if storage.is_remote(path):
        return mirror_of(os.fspath(path)).url
    return str(storage.existing_folder(path, "The models folder"))


def folders_in_store(url: str) -> dict[int, bool]:
    """Returns the numbered folders of a model in an object store, and whether each has a manifest.

    Args:
        url: Of the model's folder.

    Raises:
        StorageError: The store can't be read.
    """
    models, _, model = url.rstrip("/").rpartition("/")
    mirror = mirror_of(models)
    mirror.look(model=model)
    names = [name for name in mirror.store.below(model).listed().folders if name.isascii() and name.isdigit()]
    there = Path(mirror.models, model)
    return {int(name): os.path.lexists(there / name / MANIFEST_NAME) for name in names if len(name) < _MOST_DIGITS}


class Looks:
    """Brings the copies of stores up to date: at once, or each in a thread of its own, so that no page waits."""

    def __init__(self, urls: Sequence[str], *, models: Collection[str] = (), in_background: bool = False) -> None:
        """Makes no request.

        Args:
            urls: Of models folders.
            models: Only these models; all by default.
            in_background: Whether `refresh` returns at once.
        """
        self._models = sorted(models)
        self._in_background = in_background
        self._looks = [_Look(mirror_of(url)) for url in urls]

    def refresh(self) -> tuple[tuple[str, str], ...]:
        """Looks at the stores, or begins to where the last look was long ago.

        Returns:
            (where, why) of what could not be read, or not yet.

        Raises:
            StorageError: A store can't be read; only where it does not look in the background.
        """
        problems: list[tuple[str, str]] = []
        for look in self._looks:
            if self._in_background:
                look.begin()
                problems += look.problems(told=True)
            else:
                for model in self._models or ("",):
                    look.mirror.look(model=model)
                    problems += look.problems(told=False)
        return tuple(problems)


class _Look:
    def __init__(self, of: Mirror) -> None:
        self.mirror = of
        self._thread: threading.Thread | None = None
        self._due = 0.0
        self._failure = ""
        self._is_first = True

    def begin(self) -> None:
        """Looks in a thread, unless one does or the last look was just now."""
        if time.monotonic() < self._due or (self._thread is not None and self._thread.is_alive()):
            return
        self._thread = threading.Thread(target=self._run, name="versions-store", daemon=True)
        self._thread.start()

    def problems(self, *, told: bool) -> tuple[tuple[str, str], ...]:
        """What a reader is told of this store."""
        mine = ((self.mirror.url, self._state()),) if told and self._state() else ()
        return (*mine, *self.mirror.problems)

    def _run(self) -> None:
        started = time.monotonic()
        try:
            if self._is_first:
                mirror.remove_unused()
            self.mirror.look()
            self._failure = ""
        except TbVersionsError as error:
            self._failure = str(error)
        except Exception as error:  # noqa: BLE001 - a thread's failure must be told
            self._failure = f"{type(error).__name__}: {error}"
        self._is_first = False
        ended = time.monotonic()
        self._due = ended + max(INTERVAL, _SHARE * (ended - started))

    def _state(self) -> str:
        if not (self._is_first or self._failure):
            return ""
        at = self.mirror.looked_at
        known = f"what is shown was read at {_utc(at)}" if at is not None else "nothing of it was read yet"
        if self._failure:
            return f"could not be read: {self._failure.rstrip('.')}; {known}."
        return f"is being read; {known}."


def _utc(seconds: float) -> str:
    return f"{datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc):%Y-%m-%d %H:%M} UTC"
