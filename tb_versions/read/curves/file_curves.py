"""The curves of linked runs from their own event files, with every point; afterwards only what was appended is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tb_versions.errors import StorageError
from tb_versions.read.curves.appended import Appended, appended
from tb_versions.read.curves.at_export import Export
from tb_versions.read.curves.curve import Curve
from tb_versions.read.curves.kept_curves import KeptCurves, kept_curves
from tb_versions.read.curves.run_files import EventFile, RunFiles
from tb_versions.read.curves.whole_runs import WholeRuns

_MARK = 32
"""Last bytes of a file that was read: if they are others, the file was written anew."""

Exports = frozenset[Export]


@dataclass(frozen=True, slots=True)
class _Read:
    """A run as it was read the last time.

    Attributes:
        files: As they were before they were read.
        kept: What is kept of its curves.
        mark: The end of the last file.
        offset: Where reading goes on in the last file; -1 if it is not known yet.
        has_more: Whether more may have been read than the sizes of the files say.
    """

    files: tuple[EventFile, ...]
    kept: KeptCurves
    mark: bytes
    offset: int = -1
    has_more: bool = False


class FileCurves:
    """Keeps the summaries of the curves of runs whose event files may be read.

    Attributes:
        curves: Run to tag to summary.
        unread: Run to why it could not be read; "" if its files are not below an allowed folder.
        warnings: Run to what is wrong with its files.
    """

    def __init__(self, files: RunFiles) -> None:
        """Reads nothing yet."""
        self._files = files
        self._read: dict[str, _Read] = {}
        self._failed: dict[str, tuple[tuple[EventFile, ...], str]] = {}
        self.curves: dict[str, Mapping[str, Curve]] = {}
        self.unread: dict[str, str] = {}
        self.warnings: dict[str, str] = {}

    def refresh(self, exports: Mapping[str, Exports]) -> bool:
        """Reads what is new; returns whether any curve may have changed.

        Args:
            exports: Linked run to the exports from it.
        """
        gone = self.curves.keys() - exports.keys()
        for run in self._read.keys() - exports.keys():
            self._forget(run)
        self.unread, changed, whole = {}, bool(gone), {}
        for run, of_run in exports.items():
            files = self._files.of(run, again=run in self._read)
            failed = self._failed.get(run)
            if not files:
                self._forget(run)
                self.unread[run] = ""
            elif failed and failed[0] == files:
                self.unread[run] = failed[1]
            elif not self._is_current(run, files, of_run):
                changed = True
                if not self._follow(run, files, of_run):
                    whole[run] = self._files.of(run) if run in self._read else files
        self._read_whole({run: files for run, files in whole.items() if files}, exports)
        return changed

    def _is_current(self, run: str, files: tuple[EventFile, ...], exports: Exports) -> bool:
        read = self._read.get(run)
        return read is not None and read.files == files and read.kept.exports == exports and not read.has_more

    def _follow(self, run: str, files: tuple[EventFile, ...], exports: Exports) -> bool:
        """Adds what was appended; returns whether that could be done."""
        read = self._read.get(run)
        if read is None or not read.kept.answers(exports):
            return False
        try:
            new = appended(self._files, read.files, files, mark=read.mark, offset=read.offset)
            if new is None:
                return False
            kept = self._joined(read, new, exports)
            if kept is None:
                return False
            mark = self._mark(files[-1])
        except (StorageError, OSError):
            return False
        self._keep(run, _Read(files, kept, mark, new.offset), exports)
        return True

    def _joined(self, read: _Read, new: Appended, exports: Exports) -> KeptCurves | None:
        scalars = read.kept.after(new.scalars) if read.has_more else new.scalars
        return read.kept.appended(scalars, exports)

    def _mark(self, file: EventFile) -> bytes:
        return self._files.read(file, max(0, file.size - _MARK), min(_MARK, file.size))

    def _read_whole(self, runs: dict[str, tuple[EventFile, ...]], exports: Mapping[str, Exports]) -> None:
        marks = {run: self._marked(files) for run, files in runs.items()}
        for run in runs:
            self.warnings.pop(run, None)
        reading = WholeRuns()
        for run, curves, others in reading.read(runs):
            files = runs[run]
            kept = kept_curves(curves, others, exports[run])
            self._keep(
                run, _Read(files, kept, marks[run], has_more=self._files.of(run, again=True) != files), exports[run]
            )
            del curves
        for run, why in reading.failures.items():
            self._forget(run)
            self._failed[run] = (runs[run], why)
            self.unread[run] = why
        for run in reading.waiting:
            self._forget(run)
            self.unread[run] = "its event files are read in a moment"
        self.warnings.update(reading.warnings)

    def _marked(self, files: tuple[EventFile, ...]) -> bytes:
        try:
            return self._mark(files[-1])
        except (StorageError, OSError):
            return b""

    def _keep(self, run: str, read: _Read, exports: Exports) -> None:
        self._read[run] = read
        self._failed.pop(run, None)
        starts = self._files.starts(read.files) if len(read.files) > 1 else ()
        self.curves[run] = read.kept.curves(run, exports, starts)

    def _forget(self, run: str) -> None:
        self._read.pop(run, None)
        self._failed.pop(run, None)
        self.curves.pop(run, None)
        self.warnings.pop(run, None)
