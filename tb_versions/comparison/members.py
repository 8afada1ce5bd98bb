"""What is compared: versions, folders, and runs that made no version. Filled by `loading`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from tb_versions.core.manifest import Scalar, VersionManifest, visible
from tb_versions.read.catalog import LinkedRun, Version
from tb_versions.read.curves.curve import Points
from tb_versions.read.sliced import Sliced, sliced_metrics
from tb_versions.read.values import MetricValue

Kind = Literal["version", "run", "folder"]

MIN_MEMBERS = 2
MAX_MEMBERS = 60
"""Most versions and runs of one comparison."""


@dataclass(frozen=True, slots=True)
class Sibling:
    """A training with the same hyperparameters, code and data, and another seed.

    Attributes:
        name: Version or run.
        values: Metric's key to the value at the same kind of point: at export for a version, last for a run.
    """

    name: str
    values: Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class Member:
    """A version, a folder or a run of a comparison.

    Attributes:
        id: Reference that finds it again: `digits:3`, `run:mlp-wide`, or the folder as it was named.
        label: How sentences call it: "digits 3", "run mlp-wide".
        version: The catalog's entry; None for runs and for folders.
        manifest: None for runs, and where it can't be read.
        metrics: With values at export, best and last.
        hyperparameters: None where nothing is known of them.
        from_run: Whether a version has those that its run logged, because its manifest has none.
        runs: Linked runs; the first is the one it was exported from.
        aliases: Those that a version has.
        semantic_version: Of a version: the one that was given later, or else that of its manifest.
        curves: Metric's key to the points of its curve.
        siblings: Other trainings that differ in their seeds only.
        recipe: Equal for members that differ in their seeds only; "" where it is not known.
        notice: A sentence about what could not be read, or "".
    """

    id: str
    kind: Kind
    label: str
    version: Version | None = None
    manifest: VersionManifest | None = None
    metrics: tuple[MetricValue, ...] = ()
    hyperparameters: Mapping[str, Scalar] | None = None
    from_run: bool = False
    runs: tuple[LinkedRun, ...] = ()
    aliases: tuple[str, ...] = ()
    semantic_version: str = ""
    curves: Mapping[str, Points] = field(default_factory=dict)
    siblings: tuple[Sibling, ...] = ()
    recipe: str = ""
    notice: str = ""

    @property
    def lead_metric(self) -> str:
        """Name of the metric by which the author chooses between versions, or ""."""
        return visible(self.manifest.lead_metric) if self.manifest else ""

    @cached_property
    def slices(self) -> tuple[Sliced, ...]:
        """Metrics that its manifest has of parts of the data."""
        return sliced_metrics(self.manifest) if self.manifest else ()
