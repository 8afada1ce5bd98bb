"""What the records of one run say, in their order: its numbers as they were when an artifact was logged.

The messages are those of wandb/proto/wandb_internal.proto; fields of no interest are passed over.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import IO, Any

from tb_versions.core.manifest import MAX_ITEMS
from tb_versions.errors import NotAModelError
from tb_versions.interop.importing.flattening import flatten, numbers, read_json
from tb_versions.interop.wandb.framing import read_records
from tb_versions.interop.wandb.runs import Artifact, ArtifactFile, Run, Value
from tb_versions.savedmodel.wire import BYTES, Message, Source, WireError, signed

_HISTORY, _SUMMARY, _CONFIG, _ARTIFACT, _RUN, _EXIT, _ENVIRONMENT = 2, 3, 5, 8, 17, 18, 26
_TEXTS_OF_A_RUN = {
    1: "run_id",
    2: "entity",
    3: "project",
    6: "group",
    7: "job_type",
    8: "name",
    9: "notes",
    12: "sweep",
}
_MOST_NAMES = 100_000
_MOST_FILES = 100_000


def read_run(file: IO[bytes]) -> Run:
    """Reads a record file.

    Raises:
        NotAModelError: It is no record file of W&B, or names no run.
        OSError: Reading failed.
    """
    reader = _Reader()
    for data in read_records(file, reader.run.damage):
        try:
            reader.record(Source(io.BytesIO(data), len(data)).message())
        except (WireError, ValueError):  # noqa: PERF203 - the others stay possible
            reader.run.unread += 1
    reader.finish()
    if not reader.run.run_id:
        raise NotAModelError("its record names no run.")
    return reader.run


class _Reader:
    def __init__(self) -> None:
        self.run = Run()
        self._config: dict[str, Any] = {}
        self._summary: dict[str, float] = {}
        self._history: dict[str, Value] = {}
        self._time = 0.0

    def record(self, record: Message) -> None:
        known = {
            _HISTORY: self._read_history,
            _SUMMARY: self._read_summary,
            _CONFIG: self._read_config,
            _ARTIFACT: self._read_artifact,
            _RUN: self._read_run,
            _EXIT: self._read_exit,
            _ENVIRONMENT: self._read_environment,
        }
        for number, kind, start, end in record.fields():
            if kind == BYTES and number in known:
                known[number](Message(record.source, [(start, end)]))

    def finish(self) -> None:
        self.run.config = flatten({name: value for name, value in self._config.items() if name != "_wandb"})
        self.run.values = self._now()

    def _now(self) -> dict[str, Value]:
        """Metrics as they are: of a name that has a history its last value, else the summary's, which has no step."""
        of_summary: dict[str, Value] = {name: (value, None) for name, value in self._summary.items()}
        return of_summary | self._history

    def _read_run(self, message: Message) -> None:
        texts = message.scalars(texts=tuple(_TEXTS_OF_A_RUN))
        for number, name in _TEXTS_OF_A_RUN.items():
            if texts.get(number):
                setattr(self.run, name, str(texts[number]))
        self.run.tags = list(message.texts(10))[:MAX_ITEMS] or self.run.tags
        self.run.start = self.run.start or _seconds(message.child(17))
        self._time = max(self._time, self.run.start)
        if (config := message.child(4)) is not None:
            self._read_config(config)
        if (git := message.child(21)) is not None:
            self._read_git(git)

    def _read_git(self, git: Message) -> None:
        found = git.scalars(texts=(1, 2))
        self.run.remote = str(found.get(1, "")) or self.run.remote
        self.run.commit = str(found.get(2, "")) or self.run.commit

    def _read_environment(self, message: Message) -> None:
        found = message.scalars(texts=(1, 2, 6, 7))
        version = re.search(r"[0-9]+\.[0-9]+[0-9A-Za-z.+]*", str(found.get(2, "")))
        self.run.os = str(found.get(1, "")) or self.run.os
        self.run.python = version[0] if version else self.run.python
        script = str(found.get(7, "")) or re.split(r"[/\\\\]", str(found.get(6, "")))[-1]
        self.run.entry_point = script or self.run.entry_point
        if (git := message.child(9)) is not None:
            self._read_git(git)

    def _read_exit(self, message: Message) -> None:
        self.run.has_ended = not message.scalars(numbers=(3,)).get(3)

    def _read_config(self, message: Message) -> None:
        for item in message.each(1):
            path, value = self._item(item)
            if path:
                _put(self._config, path, value)
        for item in message.each(2):
            path, _ = self._item(item)
            if path:
                _take(self._config, path)

    def _read_history(self, message: Message) -> None:
        step_message = message.child(2)
        step = 0 if step_message is None else signed(int(step_message.scalars(numbers=(1,)).get(1, 0)))
        for item in message.each(1):
            path, value = self._item(item)
            if path == ("_timestamp",) and isinstance(value, (int, float)):
                self._time = max(self._time, float(value))
            elif path == ("_step",) and step_message is None and isinstance(value, int) and abs(value) < 2**63:
                step = value
            elif path and not path[0].startswith("_"):
                self._values(path, value, step)

    def _values(self, path: tuple[str, ...], value: Any, step: int) -> None:
        name = ".".join(path)
        found = numbers(flatten(value, name)) if not _is_media(value) else {}
        if not found:
            self.run.left_out.add(name)
        for key, number in found.items():
            if key in self._history or len(self._history) < _MOST_NAMES:
                self._history[key] = (number, step)

    def _read_summary(self, message: Message) -> None:
        for item in message.each(1):
            path, value = self._item(item)
            if path and not path[0].startswith("_"):
                name = ".".join(path)
                found = numbers(flatten(value, name)) if not _is_media(value) else {}
                if not found:
                    self.run.left_out.add(name)
                if len(self._summary) < _MOST_NAMES:
                    self._summary.update(found)
        for item in message.each(2):
            path, _ = self._item(item)
            for name in [name for name in self._summary if name == ".".join(path)]:
                del self._summary[name]

    def _item(self, item: Message) -> tuple[tuple[str, ...], Any]:
        """The path of an item's name, and its value; an empty path where it can't be read."""
        try:
            texts = item.scalars(texts=(1, 16))
            path = (str(texts[1]),) if texts.get(1) else tuple(item.texts(2))
            return path, read_json(str(texts.get(16, ""))) if texts.get(16) else None
        except (WireError, ValueError):
            self.run.unread += 1
            return (), None

    def _read_artifact(self, message: Message) -> None:
        texts = message.scalars(texts=(4, 5, 6, 7, 8))
        manifest = message.child(12)
        files = [] if manifest is None else list(_files(manifest))
        self.run.artifacts.append(
            Artifact(
                name=str(texts.get(5, "")),
                kind=str(texts.get(4, "")),
                digest=str(texts.get(6, "")),
                description=str(texts.get(7, "")),
                metadata=str(texts.get(8, "")),
                aliases=tuple(message.texts(11))[:MAX_ITEMS],
                tags=tuple(message.texts(19))[:MAX_ITEMS],
                files=tuple(files),
                has_files=manifest is not None and not manifest.text(5),
                time=self._time,
                values=self._now(),
            )
        )


def _files(manifest: Message) -> Iterator[ArtifactFile]:
    for place, entry in enumerate(manifest.each(4)):
        if place >= _MOST_FILES:
            raise WireError(f"an artifact has more than {_MOST_FILES:,} files")
        found = entry.scalars(texts=(1, 2, 3, 6), numbers=(4,))
        path, digest, reference, local = (str(found.get(number, "")) for number in (1, 2, 3, 6))
        yield ArtifactFile(path, digest, signed(int(found.get(4, 0))), local, reference)


def _is_media(value: Any) -> bool:
    """Whether a value is a table, an image, a histogram: W&B writes those as a mapping with `_type`."""
    return isinstance(value, dict) and "_type" in value


def _put(config: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    for name in path[:-1]:
        inner = config.get(name)
        config[name] = inner = inner if isinstance(inner, dict) else {}
        config = inner
    if path[-1] in config or len(config) < _MOST_NAMES:
        config[path[-1]] = value


def _take(config: dict[str, Any], path: tuple[str, ...]) -> None:
    for name in path[:-1]:
        inner = config.get(name)
        if not isinstance(inner, dict):
            return
        config = inner
    config.pop(path[-1], None)


def _seconds(message: Message | None) -> float:
    if message is None:
        return 0.0
    found = message.scalars(numbers=(1, 2))
    return signed(int(found.get(1, 0))) + signed(int(found.get(2, 0))) / 1e9
