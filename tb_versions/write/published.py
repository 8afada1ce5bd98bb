"""The result of publishing a version."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tb_versions.core.manifest import VersionManifest, metric_key
from tb_versions.core.showing import some_of


@dataclass(frozen=True, repr=False)
class PublishedVersion:
    """A version that was published.

    Attributes:
        model: Name of the model.
        number: Version number.
        path: The version's folder; its URL, a text, in an object store.
        manifest: What was recorded.
        announced: Whether the version was announced in a run's event file.
    """

    model: str
    number: int
    path: Path | str
    manifest: VersionManifest
    announced: bool

    @property
    def reference(self) -> str:
        """`model:number`."""
        return f"{self.model}:{self.number}"

    @property
    def metrics(self) -> dict[str, float]:
        """Name to value; the name has ` [dataset/slice]` behind it where the metric is of a dataset."""
        named: dict[str, float] = {}
        for metric in self.manifest.metrics:
            named.setdefault(metric_key(metric.name, metric.dataset, metric.slice), metric.value)
        return named

    def __repr__(self) -> str:
        said = f"metrics={some_of(self.metrics)}, path={str(self.path)!r}, announced={self.announced}"
        return f"PublishedVersion({self.reference!r}, {said})"
