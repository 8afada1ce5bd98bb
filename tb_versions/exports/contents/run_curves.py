"""The training curves of an export: which ones, in which sections, and the notes about them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import Executor, Future
from typing import Any

from tb_versions.exports.container import pack
from tb_versions.exports.contents.material import Material
from tb_versions.exports.contents.thinning import is_portable, series, thinned
from tb_versions.read.curves.curve import MAX_TAGS, Points, joinable_tags
from tb_versions.read.runs.all_runs import exports_by_run, runs_by_start, runs_of

POINTS_PER_SECTION = 20_000
"""A section is closed once it has so many points."""


class RunCurves:
    """The curves of the runs that an export holds.

    Attributes:
        runs: The head's list of runs; complete once `sections` has returned.
        notes: Sentences about curves that are left out; complete once `sections` has returned.
    """

    def __init__(self, material: Material, points: int | None) -> None:
        """Reads nothing yet.

        Args:
            material: What the export is made from.
            points: Most points of one curve, not counting those at exports; 0 keeps all; None leaves out all curves.
        """
        self._material = material
        self._points = points
        self._exports = exports_by_run(material.selection.versions)
        self.runs: list[dict[str, Any]] = []
        self.notes: list[str] = []

    def sections(self, packer: Executor) -> dict[str, bytes]:
        """Returns the packed sections, by name.

        Args:
            packer: Compresses one section while the next is made.
        """
        if self._points is None:
            return {}
        colors = {run: place for place, run in enumerate(runs_by_start(self._material.curves.provider))}
        made: dict[str, Future[bytes]] = {}
        waiting: dict[str, list[dict[str, Any]]] = {}
        points = 0
        for run, curves in self._read():
            name = self._material.redactor.name(run)
            waiting[name] = self._series(run, curves)
            points += sum(len(one["steps"]) for one in waiting[name])
            tags = [one["tag"] for one in waiting[name]]
            self.runs.append({"name": name, "tags": tags, "section": len(made), "color": colors.get(run, 0)})
            if points >= POINTS_PER_SECTION:
                made[f"runs/{len(made)}"], waiting, points = packer.submit(pack, waiting), {}, 0
        if waiting:
            made[f"runs/{len(made)}"] = packer.submit(pack, waiting)
        return {name: section.result() for name, section in made.items()}

    def _read(self) -> Iterator[tuple[str, Mapping[str, Points]]]:
        tags, done = self._tags(), 0
        for some in self._material.curves.read(tags):
            yield from ((run, curves) for run, curves in some.items() if curves)
            done += len(some)
            self._material.progress("curves of runs", done, len(tags))

    def _tags(self) -> dict[str, list[str]]:
        """The tags to read: curves that can be metrics, of the runs that the export holds."""
        selection, known = self._material.selection, self._material.catalog.run_names
        names = {run.name for version in selection.versions for run in version.runs if run.known}
        names |= {name for run in selection.runs for name in runs_of(run, known)}
        listed = self._material.curves.list(sorted(names))
        tags = {run: joinable_tags(listed.get(run, ())) for run in sorted(names)}
        others = sum(len(listed.get(run, ())) - len(tags[run]) for run in tags)
        if others:
            self.notes.append(
                f"{_count(others)} that the tab does not use: learning rates, Keras' curves over batches, and "
                f"those of a run beyond its first {MAX_TAGS}."
            )
        return tags

    def _series(self, run: str, curves: Mapping[str, Points]) -> list[dict[str, Any]]:
        portable = {tag: points for tag, points in curves.items() if is_portable(points)}
        if len(portable) < len(curves):
            self.notes.append(
                f"{_count(len(curves) - len(portable))} of run {self._material.redactor.name(run)} with steps beyond "
                "2^53, which a browser's numbers can't hold."
            )
        return [self._one(run, tag, points) for tag, points in portable.items()]

    def _one(self, run: str, tag: str, points: Points) -> dict[str, Any]:
        kept = thinned(points, self._points or 0, [export.step for export in self._exports.get(run, ())])
        sampled = bool(self._material.curves.sample(points)) or len(kept.steps) < len(points.steps)
        return series(self._material.redactor.name(tag), kept, sampled=sampled)


def sampling_in_words(points: int | None) -> str:
    """Returns a sentence that says which points of the curves are kept."""
    if points is None:
        return "Curves are left out."
    if points == 0:
        return "Curves have every point of their event files."
    return (
        f"A curve has at most {points:,} points: the first and the last, the least and the greatest value of each "
        "part between, and values that are no numbers. Every point at which a version was exported is kept besides."
    )


def _count(curves: int) -> str:
    return "1 curve" if curves == 1 else f"{curves:,} curves"
