"""What a reader of a tracker found: versions, and what it passed over, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tb_versions.interop.importing.foreign import Foreign


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

    def note_runs(self, runs: Sequence[str], *, what: str) -> None:
        """Says which runs are no versions, and how they would be."""
        if runs:
            few = ", ".join(runs[:3]) + (f" and {len(runs) - 3:,} more" if len(runs) > 3 else "")
            self.notes.append(
                f"{len(runs):,} {'run has' if len(runs) == 1 else 'runs have'} {what} and "
                f"{'is' if len(runs) == 1 else 'are'} no version: {few}. To make a version of each: --runs."
            )
