"""A catalog that keeps itself current in a thread of its own while somebody looks."""

from __future__ import annotations

import contextlib
import ctypes
import dataclasses
import logging
import math
import threading
import time
from collections.abc import Callable

from tb_versions.read.catalog import Catalog, Version
from tb_versions.read.reader import CatalogReader

_LOGGER = logging.getLogger("tensorboard")

_FIRST_ROWS = 1_000
"""Manifests read before the first rows are shown."""

_INTERVAL = 2.0
"""Seconds from the end of a look to the next one, at least …"""

_SHARE = 10
"""… and so many times the length of the look, so that looking takes at most a tenth of one core."""

_WATCHED = 30.0
"""Seconds after the last request during which looking goes on."""

_CHECKS = 200
"""Version folders whose files are compared with their manifests per look, once all were seen."""


class LiveCatalog:
    """Looks again every two seconds while requests come, and rests when none do; a request hardly ever waits."""

    def __init__(
        self,
        reader: CatalogReader,
        prepare: Callable[[Catalog], None] | None = None,
        notes: Callable[[], tuple[tuple[str, str], ...]] = tuple,
    ) -> None:
        """Keeps the reader; `start` begins to read.

        Args:
            reader: Used by this object's thread only, but for `manifest_bytes`.
            prepare: Called in that thread with every new catalog before a request can see it.
            notes: Returns (where, why) of what stands among the problems beside what the reader says.
        """
        self._reader = reader
        self._prepare = prepare
        self._notes = notes
        self._given = (reader.catalog, notes())
        self._thread: threading.Thread | None = None
        # Looks are counted from 1. While look 2 runs and a request waits for a new one, `_looks` is 2, `_requested` 3
        # and `_shown` 1 or 2. Times are those of `time.monotonic`.
        self._changed = threading.Condition()  # guards what follows
        self._looks = 0  # the look that began last
        self._requested = 0  # the look that a request waits for: it begins without a pause
        self._shown = 0  # the look that gave `catalog`
        self._shown_at = -math.inf  # when it did
        self._next_look = -math.inf  # when the next look is due, if nobody requests one before
        self._watched_until = -math.inf  # until then looks go on though no request comes
        self.catalog = reader.catalog

    def start(self) -> None:
        """Begins to read in the background; does nothing while that goes on."""
        with self._changed:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="versions-catalog", daemon=True)
                self._requested = self._looks + 1
                self._thread.start()

    def current(self, *, patience: float = 0.2, fresh: float = 10.0) -> Catalog:
        """Returns the catalog; waits for a new look only if the last is older than `fresh` seconds.

        For example: after a night without requests the catalog is eight hours old. The first request begins a look
        and waits 0.2 s for it; should the look take longer, it answers with the old catalog, and the page gets the new
        one two seconds later. While requests come the last look is some two seconds old.

        Args:
            patience: Most seconds to wait; a look that takes longer goes on, and a later request gets it.
            fresh: Seconds; 0 requests a look that begins now.
        """
        self.start()
        with self._changed:
            now = time.monotonic()
            self._watched_until = now + _WATCHED
            self._changed.notify_all()
            stale = now - self._shown_at > fresh and now >= self._next_look
            if stale or fresh == 0:
                self._requested = wanted = self._looks + 1
                self._changed.wait_for(lambda: self._shown >= wanted, timeout=patience)
        return self.catalog

    def manifest_bytes(self, version: Version) -> bytes:
        """Returns a version's manifest; see `CatalogReader.manifest_bytes`."""
        return self._reader.manifest_bytes(version)

    def _run(self) -> None:
        while True:
            started = self._wait()
            try:
                self._look()
            except Exception as error:  # noqa: BLE001 - the thread must outlive any surprise
                self._publish(self._reader.with_problem("catalog", error))
            ended = time.monotonic()
            with self._changed:
                self._next_look = ended + max(_INTERVAL, _SHARE * (ended - started))

    def _wait(self) -> float:
        """Waits until the next look is requested, or due while somebody watches; returns the time."""
        with self._changed:
            while True:
                now = time.monotonic()
                watched = now <= self._watched_until
                if self._requested > self._looks or (watched and now >= self._next_look):
                    self._looks += 1
                    return now
                self._changed.wait(self._next_look - now if watched else None)

    def _look(self) -> None:
        before = self.catalog
        self._read()
        if self.catalog is not before:
            _give_back_memory()

    def _read(self) -> None:
        reader = self._reader
        if self._looks == 1 and reader.refresh(at_most=_FIRST_ROWS).loading:
            self._publish(reader.catalog)
        self._publish(reader.refresh())
        self._publish(reader.refresh_curves())
        self._publish(reader.check(at_most=None if reader.unchecked else _CHECKS))

    def _publish(self, catalog: Catalog) -> None:
        catalog = self._with_notes(catalog)
        if catalog is not self.catalog and self._prepare is not None:
            try:
                self._prepare(catalog)
            except Exception:
                # The request that asks for it meets the same error, and says so.
                _LOGGER.exception("The versions' table could not be prepared.")
        with self._changed:
            self.catalog = catalog
            self._shown, self._shown_at = self._looks, time.monotonic()
            self._changed.notify_all()

    def _with_notes(self, catalog: Catalog) -> Catalog:
        """The catalog with the notes among its problems; the same object where neither changed."""
        given = (catalog, self._notes())
        if catalog is self._given[0] and given[1] == self._given[1]:
            return self.catalog
        self._given = given
        return dataclasses.replace(catalog, problems=(*given[1], *catalog.problems)) if given[1] else catalog


def _give_back_memory() -> None:
    """Returns freed memory to the system: at 10,000 versions glibc would keep 20 of 65 MB for this thread."""
    with contextlib.suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)
