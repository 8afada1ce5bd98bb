"""Keeps what the table shows of linked runs' curves: from their event files, or else from TensorBoard's sample."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tb_versions.read.curves.at_export import Export
from tb_versions.read.curves.curve import Curve, RunCurves, joinable_tags, summarize
from tb_versions.read.curves.curve_reader import ALL, RUNS_PER_READ, SAMPLE, CurveReader
from tb_versions.read.curves.file_curves import FileCurves
from tb_versions.read.curves.replaced import told_by
from tb_versions.read.curves.run_files import RunFiles
from tb_versions.read.manifests.cache import Cache

_MAX_FAILURES = 20

Exports = frozenset[Export]


class LinkedCurves:
    """Reads only runs that have news, and keeps no points but those that are shown.

    Attributes:
        failures: Run to why it could not be read the last time; it is tried again.
    """

    def __init__(self, reader: CurveReader, files: RunFiles | None = None, cache: Cache | None = None) -> None:
        """Reads nothing yet.

        Args:
            reader: Reads curves through TensorBoard. If that has every point, no files are read.
            files: Finds the event files of runs.
            cache: What earlier processes read of these files; None reads all.
        """
        self._reader = reader
        self._files = files
        self._from_files = FileCurves(files, cache) if files is not None else None
        self._news: dict[str, tuple[object, Exports]] = {}
        self._curves: dict[str, Mapping[str, Curve]] = {}
        self.failures: dict[str, str] = {}

    @property
    def is_waiting(self) -> bool:
        """Whether another call of `refresh` reads files that the last one left for it."""
        return self._from_files is not None and bool(self._from_files.waiting)

    def refresh(self, exports: Mapping[str, Exports]) -> tuple[RunCurves, bool]:
        """Reads what is new; an error of listing passes through.

        Args:
            exports: Linked run to the exports from it.

        Returns:
            The curves, and whether anything changed.
        """
        self.failures = {}
        if self._from_files is None or self._reader.kept is None:
            changed = self._refresh_through_tensorboard(exports)
            return dict(self._curves), changed
        is_new = self._from_files.refresh(exports)
        unread = self._from_files.unread
        changed = self._refresh_through_tensorboard({run: exports[run] for run in exports if run in unread})
        self.failures = {**{run: _sampled(why) for run, why in unread.items() if why}, **self.failures}
        self.failures |= self._from_files.warnings
        return {**self._curves, **self._from_files.curves}, is_new or changed

    def _refresh_through_tensorboard(self, exports: Mapping[str, Exports]) -> bool:
        before = self._curves
        self._curves = {run: curves for run, curves in before.items() if run in exports}
        self._news = {run: news for run, news in self._news.items() if run in exports}
        listed = self._reader.list(list(exports))
        news = {run: (_latest(listed.get(run, {})), some) for run, some in exports.items()}
        stale = [run for run in exports if self._news.get(run) != news[run]]
        for start in range(0, len(stale), RUNS_PER_READ):
            self._read_apart(stale[start : start + RUNS_PER_READ], listed, exports)
        read = [run for run in stale if run not in self.failures]
        self._news.update((run, news[run]) for run in read)
        return bool(read) or len(before) != len(self._curves)

    def _read_apart(self, runs: list[str], listed: Mapping[str, Any], exports: Mapping[str, Exports]) -> None:
        """Reads runs together; if that fails, in halves: one damaged run must not hide the others."""
        try:
            self._read(runs, listed, exports)
        except Exception as error:  # noqa: BLE001 - whatever the provider raises, the other runs stay
            if len(runs) == 1 or len(self.failures) >= _MAX_FAILURES:
                reason = (str(error).strip() or type(error).__name__).splitlines()[0][:200]
                self.failures.update(dict.fromkeys(runs, reason))
                return
            half = len(runs) // 2
            self._read_apart(runs[:half], listed, exports)
            self._read_apart(runs[half:], listed, exports)

    def _read(self, runs: list[str], listed: Mapping[str, Any], exports: Mapping[str, Exports]) -> None:
        tags = {run: joinable_tags(listed.get(run, {})) for run in runs}
        most = ALL if self._reader.kept is None else SAMPLE
        for some in self._reader.read(tags, most=most):
            for run, curves in some.items():
                files = self._files.of(run) if self._files else ()
                lives = told_by(self._files, files, curves, exports[run], damaged=self._reader.damaged)
                self._curves[run] = {
                    tag: summarize(
                        run, tag, points, exports[run], lives=lives, sample=self._reader.sample(points, most)
                    )
                    for tag, points in curves.items()
                }


def _latest(tags: Mapping[str, Any]) -> object:
    """What changes when a run gets a new point."""
    return tuple(sorted((tag, series.max_step, series.max_wall_time) for tag, series in tags.items()))


def _sampled(why: str) -> str:
    return f"{why}; best, last and at export come from TensorBoard's sample where that is marked"
