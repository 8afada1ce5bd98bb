"""Keeps the answers current in the process of the tables: reads a changed table anew, and looks for what came since."""

from __future__ import annotations

import contextlib
import ctypes
import threading
import time
from collections.abc import Callable, Iterator

from tb_versions.core.manifest import visible
from tb_versions.errors import TbVersionsError
from tb_versions.fleet.engine import Engine
from tb_versions.fleet.newer import LONGEST_S, Newer
from tb_versions.fleet.overlay import Overlay
from tb_versions.fleet.reading import dataset_of
from tb_versions.fleet.standing import Standing
from tb_versions.fleet.tables import VERSIONS, table_in, tables_of
from tb_versions.fleet.windows.answers import Answers
from tb_versions.fleet.windows.told import Told

INTERVAL_S = 2.0
"""Seconds from the end of a look to the next one, at least …"""

_SHARE = 10  # … and so many times what it computed, so that looking takes at most a tenth of a core
_FIRST_S = 1.0  # that what is read beside waits for the first question, which somebody waits for
_PATIENCE_S = 5.0
_LONGEST_WHY = 1_000  # an error of a damaged file may quote it
_WATCHED_S = 30.0
"""Seconds after the last question during which looking goes on."""


class Watching:
    """Looks again while questions come, in a thread of its own.

    Attributes:
        answers: Of the tables as they were when they were looked at last; None where there is nothing to answer.
    """

    def __init__(
        self, models_dir: str, tables: str | None, *, above: int, looks: bool, tell: Callable[[Told], None]
    ) -> None:
        """Looks at nothing yet.

        Args:
            models_dir: Folder of models, or its URL.
            tables: Where the tables are, or None for beside the models.
            above: Tables with at most so many rows are "small".
            looks: Whether the models folder is looked at, too.
            tell: Called with what is known whenever that changes.
        """
        self._models_dir = models_dir
        self._tables = tables
        self._above = above
        self._looks = looks
        self._tell = tell
        self._told = Told()
        self._newer: Newer | None = None
        self._engine: Engine | None = None
        self._asked = threading.Event()
        self._at_rest = threading.Event()  # no question is being answered
        self._at_rest.set()
        self._has_answered = threading.Event()
        self._watched_until = time.monotonic() + _WATCHED_S
        self.answers: Answers | None = None

    def start(self) -> None:
        """Begins to look."""
        threading.Thread(target=self._run, name="versions-tables", daemon=True).start()

    def asked(self) -> None:
        """Notes that somebody asks: looking goes on for half a minute."""
        self._watched_until = time.monotonic() + _WATCHED_S
        self._asked.set()

    @contextlib.contextmanager
    def answering(self) -> Iterator[Answers | None]:
        """Yields the answers for a question; what is read beside waits meanwhile."""
        self._at_rest.clear()
        try:
            yield self.answers
        finally:
            self._at_rest.set()
            self._has_answered.set()

    def interrupt(self) -> None:
        """Makes the question that the engine works on fail."""
        if self._engine is not None:
            self._engine.interrupt()

    def _run(self) -> None:
        while True:
            started, worked = time.monotonic(), time.thread_time()
            self.look()
            worked, took = time.thread_time() - worked, time.monotonic() - started
            time.sleep(max(INTERVAL_S, _SHARE * worked, took))
            while time.monotonic() > self._watched_until:
                self._asked.clear()
                self._asked.wait()

    def look(self) -> None:
        """Reads the tables anew if they changed, and looks for what came since; never raises."""
        try:
            self._read_tables()
            if self.answers is not None and self._looks:
                self._look_for_newer(self.answers.standing)
        except TbVersionsError as error:
            self._failed(str(error))
        except MemoryError:
            self._failed("The tables need more memory than they may have.")
        except Exception as error:  # noqa: BLE001 - a thread's failure must be told
            self._failed(f"The tables can't be read: {type(error).__name__}: {error}")

    def _failed(self, why: str) -> None:
        self.answers = None
        self._say(Told("failed", rows=self._told.rows, problem=visible(" ".join(why.split()))[:_LONGEST_WHY]))

    def _read_tables(self) -> None:
        table = table_in(tables_of(self._models_dir, self._tables), VERSIONS).open()
        if table is None:
            self.answers = None
            return self._say(Told("absent"))
        if self.answers is not None and self.answers.standing.table_version == table.version():
            return None
        rows = dataset_of(table).count_rows()
        if rows <= self._above:
            self.answers = None
            return self._say(Told("small", rows=rows))
        if self.answers is None:
            self._say(Told(rows=rows))  # should reading them fail, it is known how many they are
        return self._put(Standing(self._models_dir, self._tables))

    def _look_for_newer(self, standing: Standing) -> None:
        self._newer = self._newer or Newer(self._models_dir)
        try:
            overlay = self._newer.look(standing, longest=LONGEST_S)
        except TbVersionsError as error:
            overlay = Overlay(problem=str(error), table=standing.table_version)
        if overlay.is_like(standing.overlay):
            standing.looked(overlay)
            self._say_windowed()
        else:
            self._put(standing.under(overlay))

    def _put(self, standing: Standing) -> None:
        self._engine = self._engine or Engine(remedy="")
        self.answers = answers = Answers(standing, self._engine, before=self.answers)
        self._say_windowed()
        for _ in answers.warm():
            self._has_answered.wait(_FIRST_S)
            self._has_answered.set()
            self._at_rest.wait(_PATIENCE_S)
        give_back_memory()
        self._say_windowed()

    def _say_windowed(self) -> None:
        assert self.answers is not None
        told = self.answers.told()
        self._say(
            Told(
                "windowed",
                rows=told["rows"],
                indexed_ms=told["indexed"],
                newer=told["newer"],
                gone=told["gone"],
                looked_ms=told["looked"],
                problem=told["problem"],
            )
        )

    def _say(self, told: Told) -> None:
        if told != self._told:
            self._told = told
            self._tell(told)


def give_back_memory() -> None:
    """Returns freed memory to the system, which keeps it for a next time otherwise."""
    import pyarrow as pa

    pa.default_memory_pool().release_unused()
    with contextlib.suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)
