"""Asks the process of the tables. It is started when it is needed, and anew after it died or was stopped by its limits.

Nothing heavy is imported here: TensorBoard's own process has neither DuckDB nor pyarrow in it.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import subprocess
import threading
import time
from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from tb_versions.core.limited import limited_command, used_memory
from tb_versions.core.storage import is_remote
from tb_versions.errors import StorageError
from tb_versions.fleet.windows.frames import (
    ANSWER,
    INTERRUPT,
    QUESTION,
    REFUSED,
    TOLD,
    WATCHED,
    read_frame,
    refused,
    write_frame,
)
from tb_versions.fleet.windows.told import Told

SECONDS = 60.0
"""Seconds after which a question is given up."""

START_SECONDS = 300.0
"""Seconds after which the first reading of the tables is given up."""

MEMORY = 2 << 30
"""Bytes of memory with which the process is stopped."""

MOST_DEATHS = 3
"""The process is not started again for a while after it died so often, one time after the other, without an answer."""

_SPARE = 4 << 30  # memory that is reserved, and not used
_GRACE_S = 2.0
_LOOK_S = 0.05
_IDLE_LOOK_S = 1.0
_AGAIN_S = 300.0
_ENVIRONMENT = {"ARROW_DEFAULT_MEMORY_POOL": "system", "MALLOC_ARENA_MAX": "2"}  # gives freed memory back: 90 MB less
_WORKER = "tb_versions.fleet.windows.worker"
_LACKING = "Tables need packages that are not installed: pip install 'tensorboard-plugin-versions[fleet]'."

What = Literal["head", "window", "density", "ids"]


class Service:
    """One process of tables. Thread-safe."""

    def __init__(self, models_dir: str, tables: str | None, *, above: int, looks: bool = True) -> None:
        """Starts nothing.

        Args:
            models_dir: Folder of models, or its URL.
            tables: Where the tables are; None for beside the models.
            above: Tables with at most so many rows are "small".
            looks: Whether the models folder is looked at for what came and went since the tables were made.
        """
        self._models_dir = models_dir
        self._tables = tables
        self._above = above
        self._looks = looks
        self._changed = threading.Condition()  # guards what follows
        self._turn = threading.Lock()  # one question at a time
        self._process: _Process | None = None
        self._told = Told()
        self._is_stopped = False
        self._deaths = 0
        self._rest_until = 0.0
        self._small: tuple[object, float] | None = None

    def start(self) -> None:
        """Starts the process in the background, where there are tables."""
        with self._changed:
            self._is_stopped = False
            self._ensure()

    def stop(self) -> None:
        """Stops the process."""
        with self._changed:
            self._is_stopped = True
            process, self._process = self._process, None
        if process is not None:
            process.stop("TensorBoard stopped it.")

    def standing(self) -> Told:
        """Returns what is known of the tables; does not wait."""
        with self._changed:
            self._ensure()
            if self._process is not None:
                self._process.watched()
            return self._told

    @property
    def pid(self) -> int | None:
        """Of the process; None while there is none."""
        process = self._process
        return None if process is None else process.pid

    def ask(self, what: What, question: Mapping[str, Any]) -> bytes:
        """Returns the answer to a question, JSON that is ready to be sent.

        Args:
            what: "head" for what /versions says, "window", "density", or "ids": the ids that a window would have, up to
                100,000.
            question: The parameters of the request, texts and lists of texts; see docs/http-api.md.

        Raises:
            InvalidFilterError: The filter is wrong, or asks for what the tables do not know.
            InvalidQueryError: Another parameter is wrong.
            StorageError: There are no tables, they can't be read, or the question took too long or too much memory.
        """
        data = msgspec.json.encode([what, dict(question)])
        end = time.monotonic() + SECONDS
        if not self._turn.acquire(timeout=SECONDS):
            raise StorageError("The tables are busy with other questions. Ask again.")
        try:
            return self._answer(self._ready(end), data)
        finally:
            self._turn.release()

    def _ready(self, end: float) -> _Process:
        """The process, once it has read the tables."""
        with self._changed:
            self._ensure()
            self._changed.wait_for(lambda: self._told.state != "starting", timeout=end - time.monotonic())
            told, process = self._told, self._process
        if told.state == "windowed" and process is not None:
            return process
        if told.state == "starting":
            raise StorageError("The tables are still being read. Ask again in a moment.")
        raise StorageError(told.problem or "There are no tables that are asked here. Run tb-versions index.")

    def _answer(self, process: _Process, data: bytes) -> bytes:
        kind, found = process.ask(data)
        if kind == ANSWER:
            with self._changed:
                self._deaths = 0
            return found
        raise refused(found)

    def _ensure(self) -> None:
        """Starts the process where there may be something to answer, unless it runs."""
        mark = self._mark()
        if mark is None:
            process, self._process, self._told = self._process, None, Told("absent")
            if process is not None:
                process.stop("There are no tables any more.")
            return
        if self._is_stopped or self._process is not None or time.monotonic() < self._rest_until:
            return
        if self._small is not None:
            known, until = self._small
            if known == mark and (not self._is_far or time.monotonic() < until):
                return
            self._small = None
        if importlib.util.find_spec("deltalake") is None or importlib.util.find_spec("duckdb") is None:
            self._told = Told("failed", problem=_LACKING)
            return
        self._told = Told()
        settings = {"models_dir": self._models_dir, "tables": self._tables, "above": self._above, "looks": self._looks}
        self._process = _Process(self, settings)
        self._process.start()

    @property
    def _is_far(self) -> bool:
        return is_remote(self._tables or self._models_dir)

    def _mark(self) -> object:
        """What changes when the tables do; None where there are none. Of a store nothing is asked here."""
        if self._is_far:
            return ""
        tables = self._tables or os.path.join(os.path.abspath(os.path.expanduser(self._models_dir)), ".index")
        try:
            found = os.stat(os.path.join(os.path.expanduser(tables), "versions", "_delta_log"))
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns

    def told(self, process: _Process, told: Told) -> None:
        """Takes what the process says of the tables; called by its thread."""
        mark = self._mark()
        is_done = told.state in ("small", "absent")
        with self._changed:
            if process is not self._process:
                return
            self._told = told
            if is_done:
                self._process = None
                self._small = (mark, time.monotonic() + _AGAIN_S)
            self._changed.notify_all()
        if is_done:
            process.stop("There is nothing to be asked.")

    def died(self, process: _Process, why: str) -> None:
        """Notes that the process has ended; called by its thread."""
        with self._changed:
            if process is not self._process:
                return
            self._process = None
            self._deaths += 1
            if self._deaths >= MOST_DEATHS or self._told.state != "windowed":
                self._deaths = 0
                self._rest_until = time.monotonic() + _AGAIN_S
                self._told = Told("failed", rows=self._told.rows, problem=f"The process of the tables has ended. {why}")
            self._changed.notify_all()


class _Process:
    """One process, and the threads that read what it writes and keep it within its limits."""

    def __init__(self, service: Service, settings: Mapping[str, Any]) -> None:
        self._service = service
        self._settings = json.dumps(settings)  # a folder's name may be no UTF-8
        self._changed = threading.Condition()
        self._number = 0
        self._found: tuple[int, bytes, bytes] | None = None
        self._deadline = time.monotonic() + START_SECONDS
        self._interrupted = False
        self._why = ""
        self._has_ended = False
        self._popen: subprocess.Popen[bytes] | None = None
        self._writing = threading.Lock()
        self._watched_at = 0.0

    @property
    def pid(self) -> int | None:
        return None if self._popen is None else self._popen.pid

    def start(self) -> None:
        threading.Thread(target=self._run, name="versions-tables", daemon=True).start()

    def ask(self, data: bytes) -> tuple[bytes, bytes]:
        """Writes a question and waits for its answer."""
        with self._changed:
            self._number += 1
            number, self._found = self._number, None
            self._interrupted = False
            self._deadline = time.monotonic() + SECONDS
            self._changed.notify_all()
        try:
            self._write(QUESTION, number, data)
            with self._changed:
                has_answered = self._changed.wait_for(
                    lambda: self._found is not None or self._has_ended, timeout=SECONDS + 2 * _GRACE_S
                )
                if not has_answered:
                    self._why = self._why or "It was stopped because it took too long."
                found, why = self._found, self._why
        finally:
            with self._changed:
                self._deadline = float("inf")
        if found is None:
            raise StorageError(f"The tables did not answer. {why}")
        _, kind, answer = found
        if self._interrupted and kind == REFUSED:
            raise StorageError(f"The question took longer than {SECONDS:.0f} s. Ask for less.")
        return kind, answer

    def stop(self, why: str) -> None:
        """Ends the process."""
        with self._changed:
            self._why = self._why or why
            popen = self._popen
        if popen is not None:
            with contextlib.suppress(OSError):
                popen.kill()

    def watched(self) -> None:
        """Tells the process, now and then, that somebody looks."""
        now = time.monotonic()
        if now > self._watched_at + _IDLE_LOOK_S and self._writing.acquire(blocking=False):
            self._watched_at = now
            try:
                self._put(WATCHED, 0)
            finally:
                self._writing.release()

    def _write(self, kind: bytes, number: int, data: bytes = b"") -> None:
        with self._writing:
            self._put(kind, number, data)

    def _put(self, kind: bytes, number: int, data: bytes = b"") -> None:
        popen = self._popen
        if popen is not None and popen.stdin is not None:
            with contextlib.suppress(OSError, ValueError):  # it has ended, and the thread says so
                write_frame(popen.stdin, kind, number, data)

    def _run(self) -> None:
        """Starts the process, and reads what it writes until it ends."""
        try:
            self._popen = subprocess.Popen(
                limited_command(_WORKER, [self._settings], MEMORY + _SPARE),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**os.environ, **_ENVIRONMENT},
            )
        except OSError as error:
            self._end(f"It could not be started: {error.strerror}.")
            return
        threading.Thread(target=self._watch, args=(self._popen,), name="versions-limits", daemon=True).start()
        assert self._popen.stdout is not None
        try:
            while (frame := read_frame(self._popen.stdout)) is not None:
                self._take(*frame)
        except (ValueError, OSError, msgspec.MsgspecError) as error:
            self._why = self._why or str(error)
        finally:
            self.stop("")
            code = self._popen.wait()
            self._popen.stdout.close()
            with contextlib.suppress(OSError):
                assert self._popen.stdin is not None
                self._popen.stdin.close()
            self._end(self._why or f"It ended with {code} and said nothing.")

    def _take(self, kind: bytes, number: int, data: bytes) -> None:
        if kind == TOLD:
            told = msgspec.json.decode(data, type=Told)
            with self._changed:
                if self._number == 0 and told.state != "starting":
                    self._deadline = float("inf")
            self._service.told(self, told)
            return
        with self._changed:
            if number == self._number:
                self._found = number, kind, data
                self._changed.notify_all()

    def _watch(self, popen: subprocess.Popen[bytes]) -> None:
        """Keeps the process within its limits of memory and time."""
        while not self._has_ended:
            if popen.poll() is not None:
                with self._changed:  # what it wrote last is read first
                    self._changed.wait_for(lambda: self._has_ended, timeout=_GRACE_S)
                if self._has_ended:
                    return
                # Another process may hold the pipe open, so that its end is never read.
                self._end(self._why or f"It ended with {popen.returncode} and said nothing.")
                return
            if used_memory(popen.pid) > MEMORY:
                self.stop(f"It was stopped because it used more than {MEMORY / 2**30:.1f} GiB of memory.")
            with self._changed:
                now = time.monotonic()
                late = now - self._deadline
                is_waiting = self._deadline != float("inf")
                if late > 0 and not self._interrupted:
                    self._interrupted = True
                    threading.Thread(target=self._write, args=(INTERRUPT, self._number), daemon=True).start()
                elif late > _GRACE_S:
                    self._why = self._why or "It was stopped because it took too long."
                    popen.kill()
                self._changed.wait(_LOOK_S if is_waiting else _IDLE_LOOK_S)

    def _end(self, why: str) -> None:
        with self._changed:
            self._has_ended = True
            self._why = self._why or why
            self._changed.notify_all()
        self._service.died(self, self._why)
