"""Models folders with tables of their versions, and whether a table stands for all that the tab shows."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from tb_versions.core.layout import TABLES
from tb_versions.core.manifest import visible
from tb_versions.errors import TbVersionsError
from tb_versions.read.folders.scan import Root

_LOOK_S = 0.1
_VERSIONS = "versions"  # the folder of the table of versions, in that of the tables


class Told(Protocol):
    """How tables stand; `fleet.windows.service` makes it."""

    @property
    def state(self) -> str:
        """The texts "starting", "absent", "small" (few rows), "windowed" (many), or "failed": they can't be asked."""

    @property
    def rows(self) -> int | None:
        """Rows of versions; None where that is not known."""

    @property
    def indexed_ms(self) -> int | None:
        """When a run of `tb-versions index` changed them last, milliseconds since 1970."""

    @property
    def newer(self) -> int:
        """Versions that the folder has and they have not."""

    @property
    def gone(self) -> int:
        """Versions that they have and the folder has not."""

    @property
    def looked_ms(self) -> int | None:
        """When the folder was looked at last, milliseconds since 1970."""

    @property
    def problem(self) -> str:
        """What is wrong, and what to do; or ""."""


class Service(Protocol):
    """Asks tables in a process of its own; see `fleet.windows.service`."""

    def start(self) -> None:
        """Starts the process in the background."""

    def standing(self) -> Told:
        """Returns how the tables stand; instant."""

    def ask(self, what: Any, question: Mapping[str, Any]) -> bytes:
        """Returns the answer to a question; raises TbVersionsError."""


Opens = Callable[[str, str | None, int], Service]
"""Makes the service for a models folder, its tables, and the rows above which they stand for it."""


@dataclass(frozen=True)
class Window:
    """A table that stands for a models folder: its rows come by window.

    Attributes:
        root: The models folder.
        service: Answers questions.
        rows: See `Told`; the last that were known.
        told: How the tables stand.
    """

    root: Root
    service: Service
    rows: int | None
    told: Told


class Opening:
    """It is not known yet whether a table stands for a folder."""


OPENING = Opening()


class IndexedFolders:
    """The models folders that have tables, each with its service. Thread-safe; without tables it costs nothing."""

    def __init__(self, roots: Sequence[Root], index: str, *, above: int, opens: Opens) -> None:
        """Looks whether there are tables beside the models; nothing is opened.

        Args:
            roots: The models folders.
            index: Where the tables of the only one are, if not beside the models; or "".
            above: A table with more rows stands for its folder.
            opens: Makes a service.
        """
        self.above = above
        chosen = [root for root in roots if index or root.is_remote or os.path.lexists(os.path.join(root.path, TABLES))]
        self._folders = [_Folder(root, index or None, above=above, opens=opens) for root in chosen]

    def start(self, otherwise: Callable[[], None]) -> None:
        """Begins to open tables in the background.

        Args:
            otherwise: Called once it is known that no table stands for a folder; at once where there are none.
        """
        for folder in self._folders:
            folder.start()
        if self._folders:
            threading.Thread(target=self._decide, args=(otherwise,), name="versions-tables", daemon=True).start()
        else:
            otherwise()

    def _decide(self, otherwise: Callable[[], None]) -> None:
        while (now := self.now()) is OPENING:
            time.sleep(_LOOK_S)
        if now is None:
            otherwise()

    def now(self) -> Window | Opening | None:
        """Returns the table that stands for a folder, the first of several; None where files are read; instant."""
        for folder in self._folders:
            now = folder.window() or (OPENING if folder.is_opening else None)
            if now is not None:
                return now
        return None

    def problems(self) -> tuple[tuple[str, str], ...]:
        """Returns (where, why) of tables that are not used because they can't be asked; instant."""
        found = []
        for folder in self._folders:
            why = folder.failure
            if why:
                found.append((folder.shown, f"The table is not used, and the files are read: {visible(why)}"))
        return tuple(found)


class _Folder:
    """One models folder, which may have tables."""

    def __init__(self, root: Root, tables: str | None, *, above: int, opens: Opens) -> None:
        self._root = root
        self._tables = tables
        self._above = above
        self._opens = opens
        self._service: Service | None = None
        self._asks = root.is_remote and tables is None  # whether there are tables must be asked first
        self._last: Window | None = None  # once it stood for its folder
        self._reads_files = False  # once it was known that it does not
        self.shown = tables or f"{root.shown.rstrip('/')}/{TABLES}"

    def start(self) -> None:
        if self._asks:
            threading.Thread(target=self._ask, name="versions-tables", daemon=True).start()
        else:
            self._open()

    def _ask(self) -> None:
        try:
            if _has_tables(self._root.shown):
                self._open()
        finally:
            self._asks = False

    def _open(self) -> None:
        service = self._opens(self._root.given, self._tables, self._above)
        service.start()
        self._service = service

    @property
    def is_opening(self) -> bool:
        """Whether it is not known yet if the table stands for the folder."""
        if self._service is None:
            return self._asks
        return not self._reads_files and self._service.standing().state == "starting"

    @property
    def failure(self) -> str:
        """Why the tables can't be asked; "" where they can, or are not there."""
        if self._service is None:
            return ""
        told = self._service.standing()
        return (told.problem or "it can't be read.") if told.state == "failed" else ""

    def window(self) -> Window | None:
        """The table, if it stands for the folder: it has many rows, or had them before it failed or began again."""
        if self._service is None:
            return None
        told = self._service.standing()
        if told.state == "windowed" or (told.state == "failed" and (told.rows or 0) > self._above):
            self._last = Window(self._root, self._service, told.rows, told)
        elif told.state in ("failed", "starting") and self._last is not None:
            self._last = replace(self._last, told=told)
        else:
            self._last = None
            self._reads_files = self._reads_files or told.state != "starting"
        return self._last


def _has_tables(url: str) -> bool:
    """Whether there is a table beside the models in an object store: one request. What fails is told by the reader."""
    from tb_versions.core.object_store import open_store

    try:
        return _VERSIONS in open_store(url).listed(TABLES).folders
    except TbVersionsError:
        return False
