"""What a reader of a tracker found: versions, and what it passed over, in words."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from tb_versions.core.manifest import visible
from tb_versions.interop.importing.foreign import Foreign


def few(names: Collection[str]) -> str:
    """Returns the first three names, and how many more there are."""
    first = ", ".join(sorted(names)[:3])
    return f"{first} and {len(names) - 3:,} more" if len(names) > 3 else first


def because(error: Exception, *, without: str = "") -> str:
    """Returns why something could not be read, without the path of the folder that the user named."""
    text = (error.strerror if isinstance(error, OSError) else "") or str(error) or type(error).__name__
    return visible(text.replace(without, "the folder") if without else text)


@dataclass
class Looked:
    """What was read.

    Attributes:
        versions: In the order in which they were made.
        skipped: (where, why) of what could not be read.
        notes: Sentences on the whole, such as how many runs have no model.
    """

    versions: list[Foreign] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def note_runs(self, runs: Collection[str], *, what: str) -> None:
        """Says which runs are no versions, and how they would be."""
        if runs:
            self.notes.append(
                f"{len(runs):,} {'run has' if len(runs) == 1 else 'runs have'} {what} and "
                f"{'is' if len(runs) == 1 else 'are'} no version: {few(runs)}. To make a version of each: --runs."
            )
