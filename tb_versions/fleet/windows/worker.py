"""The process of the tables: reads questions, writes answers, and ends with the one that started it.

It imports neither TensorFlow nor TensorBoard. `Service` starts it.
"""

from __future__ import annotations

import json
import os
import queue
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, BinaryIO

import msgspec

from tb_versions.core.manifest import visible
from tb_versions.errors import StorageError, TbVersionsError
from tb_versions.fleet.windows.answers import Answers
from tb_versions.fleet.windows.frames import (
    ANSWER,
    INTERRUPT,
    LARGEST,
    QUESTION,
    REFUSED,
    TOLD,
    read_frame,
    refusal,
    write_frame,
)
from tb_versions.fleet.windows.questions import MOST_IDS, density_of, window_of
from tb_versions.fleet.windows.told import Told
from tb_versions.fleet.windows.watching import Watching, give_back_memory
from tb_versions.payload.wire import dump

_PARENT_S = 1.0
_ANSWERS: dict[str, Callable[[Answers, Any], dict[str, Any]]] = {
    "head": lambda answers, _: answers.head(),
    "window": lambda answers, asked: answers.window(window_of(asked)),
    "density": lambda answers, asked: answers.density(density_of(asked)),
    "ids": lambda answers, asked: answers.ids(window_of(asked, most=MOST_IDS)),
}


def main(arguments: Sequence[str]) -> None:
    """Runs until the standard input ends.

    Args:
        arguments: JSON of what `Service` takes: `models_dir`, `tables`, `above` and `looks`.
    """
    (settings,) = arguments
    given = json.loads(settings)
    link = _Link()
    watching = Watching(
        given["models_dir"], given["tables"], above=given["above"], looks=given["looks"], tell=link.tell
    )
    threading.Thread(target=_ends_with, args=(os.getppid(),), name="versions-parent", daemon=True).start()
    threading.Thread(target=link.read, args=(watching,), name="versions-questions", daemon=True).start()
    watching.start()
    while True:
        link.answer(watching, *link.questions.get())


class _Link:
    """What is written to and read from the process that asks."""

    def __init__(self) -> None:
        # Whatever else writes to the standard output must not get between the frames.
        self._out: BinaryIO = os.fdopen(os.dup(1), "wb")
        self._in: BinaryIO = os.fdopen(os.dup(0), "rb")
        nothing = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nothing, stream)
        self._writing = threading.Lock()
        self._answering = -1
        self.questions: queue.SimpleQueue[tuple[int, bytes]] = queue.SimpleQueue()

    def tell(self, told: Told) -> None:
        """Tells what is known of the tables."""
        self._write(TOLD, 0, msgspec.json.encode(told))

    def read(self, watching: Watching) -> None:
        """Reads questions until there are no more, and ends the process."""
        try:
            while (frame := read_frame(self._in)) is not None:
                kind, number, data = frame
                watching.asked()
                if kind == QUESTION:
                    self.questions.put((number, data))
                elif kind == INTERRUPT and number == self._answering:
                    watching.interrupt()
        finally:
            os._exit(0)

    def answer(self, watching: Watching, number: int, data: bytes) -> None:
        """Answers one question."""
        self._answering = number
        with watching.answering() as answers:
            kind, found = _answer(answers, data)
        self._answering = -1
        self._write(kind, number, found)
        give_back_memory()

    def _write(self, kind: bytes, number: int, data: bytes) -> None:
        try:
            with self._writing:
                write_frame(self._out, kind, number, data)
        except OSError:
            os._exit(0)


def _answer(answers: Answers | None, data: bytes) -> tuple[bytes, bytes]:
    try:
        what, question = msgspec.json.decode(data)
        if answers is None:
            raise StorageError("There is no table to be asked just now.")
        return ANSWER, _body(answers, what, question)
    except TbVersionsError as error:
        return REFUSED, refusal(error)
    except MemoryError:
        return REFUSED, refusal(StorageError("The question needs more memory than the tables may have."))
    except Exception as error:  # noqa: BLE001 - whatever a table has in it, the next question is answered
        words = visible(f"{type(error).__name__}: {error}"[:300])
        return REFUSED, refusal(StorageError(f"The tables can't answer this: {words}."))


def _body(answers: Answers, what: str, question: dict[str, Any]) -> bytes:
    made = _ANSWERS[what](answers, question)
    body = dump(made)
    whole = b'{"revision":"%s","window":%s,%s' % (answers.revision.encode(), dump(answers.told()), body[1:])
    if len(whole) > LARGEST:
        raise StorageError("The answer is too large. Ask for fewer rows.")
    return whole


def _ends_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_PARENT_S)
    os._exit(0)
