"""The result of publishing a version."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from tb_versions.core.manifest import VersionManifest


@dataclass(frozen=True)
class PublishedVersion:
    """A version that was published.

    Attributes:
        model: Name of the model.
        number: Version number.
        path: The version's folder.
        manifest: What was recorded.
        announced: Whether the version was announced in a run's event file.
    """

    model: str
    number: int
    path: Path
    manifest: VersionManifest = field(repr=False)
    announced: bool

    @property
    def reference(self) -> str:
        """`model:number`."""
        return f"{self.model}:{self.number}"
