"""The curves of linked runs from their own event files, with every point; afterwards only what was appended is read."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from tb_versions.errors import StorageError
from tb_versions.read.curves.appended import Appended, appended, is_grown
from tb_versions.read.curves.at_export import Damage, Export, Lives
from tb_versions.read.curves.curve import Curve
from tb_versions.read.curves.curve_cache import CurveCache, RunRead, is_settled
from tb_versions.read.curves.damage import damages_of, grown
from tb_versions.read.curves.kept_curves import KeptCurves, kept_curves
from tb_versions.read.curves.lives import lives_of
from tb_versions.read.curves.packed_exports import pack
from tb_versions.read.curves.replaced import replaced
from tb_versions.read.curves.run_files import EventFile, RunFiles
from tb_versions.read.curves.whole_runs import WholeRuns
from tb_versions.read.manifests.cache import Cache

_MARK = 32
"""Last bytes of a file that was read: if they are others, the file was written anew."""

Exports = frozenset[Export]


class FileCurves:
    """Keeps the summaries of the curves of runs whose event files may be read.

    Attributes:
        curves: Run to tag to summary.
        unread: Run to why it could not be read; "" if its files are not below an allowed folder.
        warnings: Run to what is wrong with its files.
        waiting: Runs that another call of `refresh` reads: one reads some gigabytes.
    """

    def __init__(self, files: RunFiles, cache: Cache | None = None) -> None:
        """Reads nothing yet.

        Args:
            files: Finds the event files of runs.
            cache: What earlier processes read; None reads all.
        """
        self._files = files
        self._cached = CurveCache(cache, files.name) if cache is not None else None
        self._unkept: set[str] = set()
        self._looked = 0
        self._read: dict[str, RunRead] = {}
        self._failed: dict[str, tuple[tuple[EventFile, ...], str]] = {}
        self.curves: dict[str, Mapping[str, Curve]] = {}
        self.unread: dict[str, str] = {}
        self.warnings: dict[str, str] = {}
        self.waiting: frozenset[str] = frozenset()

    def refresh(self, exports: Mapping[str, Exports]) -> bool:
        """Reads what is new; returns whether any curve may have changed.

        Args:
            exports: Linked run to the exports from it.
        """
        gone = self.curves.keys() - exports.keys()
        for run in self._read.keys() - exports.keys():
            self._forget(run)
        self.unread, changed, whole = {}, bool(gone), {}
        self._looked = time.time_ns()
        for run, of_run in exports.items():
            files = self._files.of(run, again=run in self._read)
            changed |= self._restore(run, files, of_run)
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
        self._store()
        return changed

    def _restore(self, run: str, files: tuple[EventFile, ...], exports: Exports) -> bool:
        """Takes a run that is new here from the cache, if its files are those that were read."""
        if self._cached is None or not files or run in self._read:
            return False
        read = self._cached.get(run, files)
        if read is None or not read.kept.answers(exports):
            return False
        kept = read.kept if read.kept.exports == pack(exports) else read.kept.appended((), exports)
        if kept is None:
            return False
        lives = self._lives(files, kept, read) if kept is not read.kept else read.lives
        self._keep(run, replace(read, kept=kept, lives=lives), exports)
        self._unkept.discard(run)
        if read.warning:
            self.warnings[run] = read.warning
        return True

    def _store(self) -> None:
        """Keeps what was read for the next process: one run more must not cost as much as all."""
        if self._cached is None:
            return
        self._cached.forget()
        self._unkept &= self._read.keys()
        if len(self._unkept) > len(self._read) // 50:
            settled = {run: read for run, read in self._read.items() if read.is_settled and not read.has_more}
            self._cached.keep(settled)
            self._unkept.clear()

    def _is_current(self, run: str, files: tuple[EventFile, ...], exports: Exports) -> bool:
        read = self._read.get(run)
        return read is not None and read.files == files and read.kept.exports == pack(exports) and not read.has_more

    def _follow(self, run: str, files: tuple[EventFile, ...], exports: Exports) -> bool:
        """Adds what was appended; returns whether that could be done."""
        read = self._read.get(run)
        if read is None or not read.kept.answers(exports):
            return False
        try:
            new = self._appended(read, files)
            if new is None:
                return False
            kept = self._joined(read, new, exports)
            if kept is None:
                return False
            mark = self._mark(files[-1])
        except (StorageError, OSError):
            return False
        warning = self.warnings.get(run, "")
        self._keep(run, self._as_read(files, kept, mark, read, offset=new.offset, warning=warning), exports)
        return True

    def _appended(self, read: RunRead, files: tuple[EventFile, ...]) -> Appended | None:
        """What was appended and can be read: nothing behind a damaged record."""
        if not any(one.file == read.files[-1].name for one in read.lives.damages):
            return appended(self._files, read.files, files, mark=read.mark, offset=read.offset)
        same = len(files) == len(read.files) and is_grown(self._files, read.files, files, mark=read.mark)
        return Appended([], -1) if same else None

    def _joined(self, read: RunRead, new: Appended, exports: Exports) -> KeptCurves | None:
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
            damages = damages_of(self._files, files, reading.damaged, curves)
            has_more = self._files.of(run, again=True) != files
            self._keep(run, self._as_read(files, kept, marks[run], damages=damages, has_more=has_more), exports[run])
            del curves
        for run, why in reading.failures.items():
            self._forget(run)
            self._failed[run] = (runs[run], why)
            self.unread[run] = why
        self.waiting = frozenset(reading.waiting)
        for run in reading.waiting:
            self._forget(run)
            self.unread[run] = "its event files are read in a moment"
        self.warnings.update(reading.warnings)
        for run in reading.warnings.keys() & self._read.keys():
            self._read[run] = replace(self._read[run], warning=reading.warnings[run])

    def _marked(self, files: tuple[EventFile, ...]) -> bytes:
        try:
            return self._mark(files[-1])
        except (StorageError, OSError):
            return b""

    def _as_read(
        self,
        files: tuple[EventFile, ...],
        kept: KeptCurves,
        mark: bytes,
        before: RunRead | None = None,
        *,
        damages: tuple[Damage, ...] = (),
        **more: Any,
    ) -> RunRead:
        lives = self._lives(files, kept, before)
        lives = lives._replace(damages=damages or lives.damages)
        return RunRead(files, kept, mark, lives, is_settled=is_settled(files, self._looked), **more)

    def _lives(self, files: tuple[EventFile, ...], kept: KeptCurves, before: RunRead | None) -> Lives:
        """What the files tell beside; of points that were asked about `before`, the answer stays."""
        late = kept.late()
        known = before.kept.late() & late if before else set()
        asked = {(one.tag, one.export) for one in known}
        answers = [one for one in before.lives.replaced if (one.tag, one.export) in asked] if before else []
        answers += replaced(self._files, files, late - known)
        damages = grown(self._files, files, before.lives.damages) if before else ()
        return lives_of(self._files, files)._replace(replaced=tuple(sorted(answers)), damages=damages)

    def _keep(self, run: str, read: RunRead, exports: Exports) -> None:
        self._read[run] = read
        self._failed.pop(run, None)
        if read.is_settled and not read.has_more:
            self._unkept.add(run)
        self.curves[run] = read.kept.curves(run, exports, read.lives)

    def _forget(self, run: str) -> None:
        self._read.pop(run, None)
        self._failed.pop(run, None)
        self.curves.pop(run, None)
        self.warnings.pop(run, None)
