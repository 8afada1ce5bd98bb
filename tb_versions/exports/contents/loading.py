"""Reads everything that an export can hold, once, with every point of every curve."""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from tb_versions.core import codec
from tb_versions.core.manifest import VersionManifest
from tb_versions.errors import TbVersionsError
from tb_versions.exports.contents.events import Events, open_events
from tb_versions.exports.contents.material import Told
from tb_versions.exports.contents.thinning import summary_of
from tb_versions.read.catalog import Catalog, Version
from tb_versions.read.curves import Curve, joinable_tags
from tb_versions.read.reader import CatalogReader
from tb_versions.read.roots import roots_of

MOST_EARLY = 1_000
"""Manifests that are decoded early: together some 50 MB."""

_NO_STEP = 2**63


@dataclass(frozen=True)
class Loaded:
    """What was read.

    Attributes:
        catalog: Every version, files checked by names and sizes, curves joined.
        manifest_bytes: Reads the manifest of a version.
        events: The event files, open.
        decode: Reads a manifest's bytes.
    """

    catalog: Catalog
    manifest_bytes: Callable[[Version], bytes]
    events: Events
    decode: Callable[[bytes], VersionManifest] = codec.decode


@contextlib.contextmanager
def load(logdir: str, models_dirs: Sequence[str], told: Told) -> Iterator[Loaded]:
    """Gives everything in a log directory and in folders of models.

    Args:
        logdir: What `tensorboard --logdir` gets; "" reads no event files.
        models_dirs: Folders of models.
        told: Gets the progress.
    """
    unreadable: list[tuple[str, str]] = []
    reader, early = CatalogReader(roots_of(logdir, models_dirs)), _Early()
    meanwhile = _without_events(reader, early)
    with open_events(logdir, unreadable, meanwhile) if logdir else contextlib.nullcontext(Events(None)) as events:
        reader.connect(events.provider, unreadable)
        reader.refresh()
        catalog = reader.check()
        curves = read_summaries(catalog, events, told)
        yield Loaded(replace(catalog, curves=curves), reader.manifest_bytes, events, early.decode)


def _without_events(reader: CatalogReader, early: _Early) -> Iterator[None]:
    """What needs no event file, in steps: it is done while the data server reads them."""
    reader.refresh()
    yield
    for version in reader.catalog.versions[:MOST_EARLY]:
        with contextlib.suppress(TbVersionsError, OSError):  # said when it is needed
            early.prepare(reader.manifest_bytes(version))
        yield


class _Early:
    """Manifests that were decoded before they are needed; each is given out once."""

    def __init__(self) -> None:
        self._kept: dict[bytes, VersionManifest] = {}

    def prepare(self, data: bytes) -> None:
        self._kept[data] = codec.decode(data)

    def decode(self, data: bytes) -> VersionManifest:
        return self._kept.pop(data, None) or codec.decode(data)


def read_summaries(catalog: Catalog, events: Events, told: Told) -> dict[str, Mapping[str, Curve]]:
    """Returns what the table shows of the curves of every linked run, of all their points.

    Args:
        catalog: Links the runs.
        events: The event files.
        told: Gets the progress.
    """
    steps: dict[str, set[int]] = defaultdict(set)
    for version in catalog.versions:
        for linked in version.runs:
            if linked.known:
                usable = linked.step is not None and abs(linked.step) < _NO_STEP
                steps[linked.name].update((linked.step or 0,) if usable else ())
    listed = events.tags(sorted(steps)) if steps else {}
    tags = {run: joinable_tags(listed.get(run, ())) for run in sorted(steps)}
    curves: dict[str, Mapping[str, Curve]] = {}
    for some in events.read(tags):
        for run, of in some.items():
            curves[run] = {tag: summary_of(run, tag, points, sorted(steps[run])) for tag, points in of.items()}
        told("event files", len(curves), len(tags))
    return curves
