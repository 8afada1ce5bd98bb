"""A catalog that keeps itself current in a thread of its own while somebody looks."""

from __future__ import annotations

import contextlib
import ctypes
import logging
import threading
import time
from collections.abc import Callable

from tb_versions.read.catalog import Catalog, Version
from tb_versions.read.reader import CatalogReader

_LOGGER = logging.getLogger("tensorboard")

_FIRST_ROWS = 1_000
"""Manifests read before the first rows are shown."""

_INTERVAL = 2.0
"""Least seconds between two looks."""

_SHARE = 10
"""A look that took long is followed by a pause of so many times its length: at most a tenth of one core."""

_WATCHED = 30.0
"""Seconds after the last request during which looking goes on."""

_CHECKS = 200
"""Version folders whose files are compared with their manifests per look, once all were seen."""


class LiveCatalog:
    """Looks again every two seconds while requests come, and rests when none do; a request hardly ever waits."""

    def __init__(self, reader: CatalogReader, prepare: Callable[[Catalog], None] | None = None) -> None:
        """Keeps the reader; `start` begins to read.

        Args:
            reader: Used by this object's thread only, but for `manifest_bytes`.
            prepare: Called in that thread with every new catalog before a request can see it.
        """
        self._reader = reader
        self._prepare = prepare
        self._wake = threading.Event()
        self._done = threading.Condition()
        self._begun = 0
        self._finished = 0
        self._finished_at = -1e9
        self._asked_at = -1e9
        self._rested_at = -1e9
        self._curves_due = 0.0
        self._thread: threading.Thread | None = None
        self.catalog = reader.catalog

    def start(self) -> None:
        """Begins to read in the background; does nothing while that goes on."""
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._run, name="versions-catalog", daemon=True)
            self._wake.set()
            self._thread.start()

    def current(self, *, patience: float = 0.2, fresh: float = 10.0) -> Catalog:
        """Returns the catalog; waits for a new look only if the last is older than `fresh` seconds.

        Args:
            patience: Most seconds to wait; a look that takes longer goes on, and a later request gets it.
            fresh: While requests come the last look is some two seconds old, so this matters after a rest.
        """
        self.start()
        now = time.monotonic()
        rested, self._asked_at = now - self._asked_at > _WATCHED, now
        stale = now - self._finished_at > fresh
        if fresh == 0 or ((stale or rested) and now >= self._rested_at):
            with self._done:
                wanted = self._begun + 1
                self._wake.set()
                if stale:
                    self._done.wait_for(lambda: self._finished >= wanted, timeout=patience)
        return self.catalog

    def manifest_bytes(self, version: Version) -> bytes:
        """Returns a version's manifest; see `CatalogReader.manifest_bytes`."""
        return self._reader.manifest_bytes(version)

    def _run(self) -> None:
        pause: float | None = None
        while True:
            self._wake.wait(timeout=pause)
            self._wake.clear()
            started = time.monotonic()
            with self._done:
                self._begun += 1
            try:
                self._look()
            except Exception as error:  # noqa: BLE001 - the thread must outlive any surprise
                self._publish(self._reader.with_problem("catalog", error))
            now = time.monotonic()
            rest = max(_INTERVAL, _SHARE * (now - started))
            self._rested_at = now + rest
            pause = rest if now - self._asked_at < _WATCHED else None

    def _look(self) -> None:
        before = self.catalog
        self._read()
        if self.catalog is not before:
            _give_back_memory()

    def _read(self) -> None:
        reader = self._reader
        if self._begun == 1 and reader.refresh(at_most=_FIRST_ROWS).loading:
            self._publish(reader.catalog)
        self._publish(reader.refresh())
        if time.monotonic() >= self._curves_due:
            started = time.monotonic()
            self._publish(reader.refresh_curves())
            now = time.monotonic()
            self._curves_due = now + max(_INTERVAL, _SHARE * (now - started))
        self._publish(reader.check(at_most=None if reader.unchecked else _CHECKS))

    def _publish(self, catalog: Catalog) -> None:
        if catalog is not self.catalog and self._prepare is not None:
            try:
                self._prepare(catalog)
            except Exception:
                # The request that asks for it meets the same error, and says so.
                _LOGGER.exception("The versions' table could not be prepared.")
        with self._done:
            self.catalog = catalog
            self._finished = self._begun
            self._finished_at = time.monotonic()
            self._done.notify_all()


def _give_back_memory() -> None:
    """Returns freed memory to the system: at 10,000 versions glibc would keep 20 of 65 MB for this thread."""
    with contextlib.suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)
