"""Reads everything that an export can hold, once, with every point of every curve."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from tb_versions.exports.contents.material import Progress
from tb_versions.read.catalog import Catalog, Version
from tb_versions.read.curves.curve import Curve, joinable_tags, summarize
from tb_versions.read.curves.curve_reader import CurveReader
from tb_versions.read.curves.event_files import reading
from tb_versions.read.curves.replaced import told_by
from tb_versions.read.curves.run_files import RunFiles
from tb_versions.read.folders.part import Part
from tb_versions.read.folders.roots import roots_of
from tb_versions.read.reader import CatalogReader
from tb_versions.read.runs.all_runs import exports_by_run

_MOST_KEPT = 8_000_000  # points, some 160 MB: the table, the comparison and the curves each need all of them


@dataclass(frozen=True)
class Loaded:
    """What was read.

    Attributes:
        catalog: Every version, files checked by names and sizes, curves joined.
        manifest_bytes: Reads the manifest of a version.
        curves: Reads the curves of runs.
    """

    catalog: Catalog
    manifest_bytes: Callable[[Version], bytes]
    curves: CurveReader


@contextlib.contextmanager
def load(logdir: str, models_dirs: Sequence[str], progress: Progress, *, part: Part | None = None) -> Iterator[Loaded]:
    """Yields everything in a log directory and in folders of models.

    Args:
        logdir: What `tensorboard --logdir` gets; "" reads no event files.
        models_dirs: Folders of models.
        progress: Gets the progress.
        part: Only these models; None reads all.
    """
    unreadable: list[tuple[str, str]] = []
    with reading(logdir, unreadable) as finish:
        reader = CatalogReader(roots_of(logdir, models_dirs), part=part)
        reader.refresh()  # the manifests, while the event files are read
        provider = finish()
        reader.connect(provider, unreadable)
        reader.refresh()
        catalog = reader.check()
        curves = CurveReader(provider, keep=_MOST_KEPT)
        yield Loaded(with_curves(catalog, curves, progress, reader.run_files), reader.manifest_bytes, curves)


def with_curves(catalog: Catalog, curves: CurveReader, progress: Progress, files: RunFiles | None = None) -> Catalog:
    """Returns a catalog with what the table shows of the curves of linked runs, from every point.

    Args:
        catalog: Links the runs.
        curves: Reads their curves.
        progress: Gets the progress.
        files: Finds the event files of the runs.
    """
    exports = exports_by_run(catalog.versions)
    tags = {run: joinable_tags(of) for run, of in curves.list(sorted(exports)).items()}
    found: dict[str, Mapping[str, Curve]] = {}
    for some in curves.read(tags):
        for run, of in some.items():
            lives = told_by(files, files.of(run) if files else (), of, exports[run], damaged=curves.damaged)
            found[run] = {
                tag: summarize(run, tag, points, exports[run], lives=lives, sample=curves.sample(points))
                for tag, points in of.items()
            }
        progress("event files", len(found), len(tags))
    return replace(catalog, curves=found)
