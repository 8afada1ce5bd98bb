"""Reads all points of whole runs: groups of them through TensorBoard's data server, within a limit of memory.

A group is a temporary folder with a folder of symlinks to the event files of each run. So the server reads these files
and no others, whatever else lies beside them.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tb_versions.core.manifest import shown
from tb_versions.read.curves.curve import Points, joinable_tags
from tb_versions.read.curves.curve_reader import CurveReader
from tb_versions.read.curves.data_server import DataServer, DataServerFailedError, NoDataServerError
from tb_versions.read.curves.event_files import provider_of
from tb_versions.read.curves.records import is_damaged
from tb_versions.read.curves.run_files import EventFile

GROUP_BYTES = 32 << 20
"""Bytes of event files that one server reads: it needs up to ten times as much memory. A larger run is read alone."""

ANSWER_BYTES = 16 << 20
"""Bytes of event files whose points one answer of the server holds."""

MOST_STARTS = 60
"""Most servers of one look; what is left waits for the next one."""

PYTHON_BYTES = 16 << 20
"""Bytes of event files that TensorBoard's Python reader reads in one look if there is no server: some ten seconds."""

NO_SERVER = "TensorBoard's data server is not here, and its Python reader would take too long"

Files = Sequence[EventFile]


@dataclass
class WholeRuns:
    """Reads runs, and keeps what went wrong.

    Attributes:
        failures: Run to why it could not be read.
        waiting: Runs for another time.
        warnings: Run to what is wrong with its files, though they were read.
        damaged: Where files are that could not be read to their end; other paths may be among them.
        starts: How many servers were started.
    """

    failures: dict[str, str] = field(default_factory=dict)
    waiting: set[str] = field(default_factory=set)
    warnings: dict[str, str] = field(default_factory=dict)
    damaged: set[str] = field(default_factory=set)
    starts: int = 0

    def read(self, runs: Mapping[str, Files]) -> Iterator[tuple[str, dict[str, Points], list[str]]]:
        """Yields each run with its curves, and with the tags of its other scalars.

        Args:
            runs: Run to its event files.
        """
        try:
            for group in _groups(runs):
                yield from self._group(group, runs)
        except NoDataServerError:
            yield from self._in_python(runs)

    def _group(self, group: list[str], runs: Mapping[str, Files]) -> Iterator[tuple[str, dict[str, Points], list[str]]]:
        """Reads runs together; if that fails, in halves: one hostile run must not hide the others."""
        if self.starts >= MOST_STARTS:
            self.waiting.update(group)
            return
        done: set[str] = set()
        try:
            for found in self._through_server(group, runs):
                done.add(found[0])
                yield found
        except NoDataServerError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever the server did, the other runs stay
            rest = [run for run in group if run not in done]
            if len(rest) == 1:
                self.failures[rest[0]] = _reason(error)
                return
            half = len(rest) // 2
            yield from self._group(rest[:half], runs)
            yield from self._group(rest[half:], runs)

    def _through_server(
        self, group: list[str], runs: Mapping[str, Files]
    ) -> Iterator[tuple[str, dict[str, Points], list[str]]]:
        self.starts += 1
        with tempfile.TemporaryDirectory(prefix="tb-versions-runs-") as folder:
            names = _linked(folder, group, runs)
            server = DataServer(folder)
            try:
                reader = CurveReader(server.provider())
                self._note(server.damaged, names.values(), runs)
                self._note_unread(reader, names)
                yield from _curves(reader, names, runs)
            finally:
                server.stop()

    def _note(self, damaged: Collection[str], group: Iterable[str], runs: Mapping[str, Files]) -> None:
        """Keeps which files of some runs could not be read to their end."""
        self.damaged.update(damaged)
        for run in group:
            for file in runs[run]:
                if file.path in damaged:
                    self.warnings[run] = f"{file.name} has a damaged record, and what follows it is not read"

    def _note_unread(self, reader: CurveReader, names: Mapping[str, str]) -> None:
        """Keeps which scalars of runs the data server knows, and reads no value of."""
        listed = reader.list(list(names))
        for name, tags in reader.provider.scalar_tags(list(names)).items():
            unread = sorted(set(tags).difference(listed.get(name, ())))
            if unread:
                more = f" and {len(unread) - 1:,} more" if len(unread) > 1 else ""
                why = "values of a type that TensorBoard's data server does not read, such as float64; write float32"
                self.warnings.setdefault(names[name], f"{shown(unread[0])}{more} has {why}")

    def _in_python(self, runs: Mapping[str, Files]) -> Iterator[tuple[str, dict[str, Points], list[str]]]:
        left = PYTHON_BYTES
        for run in sorted(runs, key=lambda run: _size(runs[run])):
            left -= _size(runs[run])
            if left < 0:
                self.failures[run] = NO_SERVER
                continue
            with tempfile.TemporaryDirectory(prefix="tb-versions-runs-") as folder:
                names = _linked(folder, [run], runs)
                problems: list[tuple[str, str]] = []
                reader = CurveReader(provider_of(folder, problems, every_point=True))
                if problems:
                    self.failures[run] = problems[0][1]
                else:
                    self._note({file.path for file in runs[run] if _is_damaged(file)}, [run], runs)
                    yield from _curves(reader, names, runs)


def _is_damaged(file: EventFile) -> bool:
    """TensorBoard's Python reader says nothing of it."""
    with open(file.path, "rb") as opened:
        return is_damaged(opened.read(file.size))


def _groups(runs: Mapping[str, Files]) -> Iterator[list[str]]:
    group: list[str] = []
    size = 0
    for run, files in runs.items():
        if group and size + _size(files) > GROUP_BYTES:
            yield group
            group, size = [], 0
        group.append(run)
        size += _size(files)
    if group:
        yield group


def _size(files: Files) -> int:
    return sum(file.size for file in files)


def _linked(folder: str, group: Sequence[str], runs: Mapping[str, Files]) -> dict[str, str]:
    """Fills a folder with symlinks; returns the run of each folder in it."""
    names = {}
    for number, run in enumerate(group):
        names[str(number)] = run
        inner = os.path.join(folder, str(number))
        own = _own_folder(runs[run])
        if own:
            os.symlink(own, inner)
            continue
        os.mkdir(inner)
        for file in runs[run]:
            os.symlink(file.path, os.path.join(inner, file.name))
    return names


def _own_folder(files: Files) -> str:
    """The folder that has these event files, and neither folders nor symlinks in it; else "".

    One symlink for each run takes a fraction of the time of a folder with symlinks.
    """
    folder = os.path.dirname(files[0].path)
    if any(os.path.join(folder, file.name) != file.path for file in files):
        return ""
    with os.scandir(folder) as entries:
        return "" if any(entry.is_symlink() or entry.is_dir() for entry in entries) else folder


def _curves(
    reader: CurveReader, names: Mapping[str, str], runs: Mapping[str, Files]
) -> Iterator[tuple[str, dict[str, Points], list[str]]]:
    listed: Mapping[str, Any] = reader.list(list(names))
    tags = {name: joinable_tags(listed.get(name, {})) for name in names}
    for some in _answers(names, runs):
        parts = reader.read({name: tags[name] for name in some}, at_once=len(some))
        read = {name: dict(curves) for part in parts for name, curves in part.items()}
        for name in some:
            others = set(listed.get(name, {})).difference(tags[name])
            yield names[name], read.pop(name, {}), sorted(others)


def _answers(names: Mapping[str, str], runs: Mapping[str, Files]) -> Iterator[list[str]]:
    some: list[str] = []
    size = 0
    for name, run in names.items():
        if some and size + _size(runs[run]) > ANSWER_BYTES:
            yield some
            some, size = [], 0
        some.append(name)
        size += _size(runs[run])
    if some:
        yield some


def _reason(error: Exception) -> str:
    if isinstance(error, DataServerFailedError):
        return "TensorBoard's data server ended while it read its event files"
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]
