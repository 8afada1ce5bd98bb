"""What lies over a table: the versions that came since, and what is gone; and how that is said."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from tb_versions.read.registries import ModelRegistry

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

MOST_NEWER = 20_000
"""Most versions that are read from their files beside a table; with more the table is not fresh."""


@dataclass(frozen=True)
class Overlay:
    """What a look at the models folder found that the table does not have.

    Attributes:
        rows: Of the versions that came since, as the table would have them; None for none.
        gone: Rows of the table whose folders are not there, as positions.
        logs: What the logs that went on since say, by the path of the model's folder; None where there is no log now.
        unread: (path, why) of versions that came since and can't be read.
        looked_ms: When the folder was looked at, milliseconds since 1970; None where it was not.
        problem: Why not, or what was not looked at; or "".
        table: Version of the table that this lies over.
    """

    rows: pa.Table | None = None
    gone: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    logs: Mapping[str, ModelRegistry | None] = field(default_factory=dict)
    unread: tuple[tuple[str, str], ...] = ()
    looked_ms: int | None = None
    problem: str = ""
    table: int = -1

    @property
    def newer(self) -> int:
        """How many versions came since."""
        return 0 if self.rows is None else int(self.rows.num_rows)

    def is_like(self, other: Overlay) -> bool:
        """Whether another one finds the same, but for when it looked."""
        return self._found() == other._found() and np.array_equal(self.gone, other.gone)

    @property
    def content(self) -> bytes:
        """What it found, as bytes: of two that are alike the same."""
        return repr((self._found(), hashlib.sha256(self.gone.tobytes()).hexdigest())).encode("utf-8", "replace")

    def _found(self) -> tuple[object, ...]:
        ids = [] if self.rows is None else self.rows.column("id").to_pylist()
        heads = {path: said and (said.state.head, said.problem) for path, said in self.logs.items()}
        return self.table, ids, heads, self.unread, self.problem, self.looked_ms is None


def said_of(overlay: Overlay, indexed_ms: int | None, now_ms: float) -> str:
    """Returns how old the rows are: "indexed 3 min ago, 12 newer read from the files, 3 gone".

    Args:
        overlay: What lies over the table.
        indexed_ms: When the table was changed last, milliseconds since 1970; None where that is not known.
        now_ms: The present.
    """
    parts = ["indexed" if indexed_ms is None else f"indexed {ago(now_ms - indexed_ms)}"]
    if overlay.looked_ms is None:
        parts.append("files that came since were not looked for")
    if overlay.newer:
        parts.append(f"{overlay.newer:,} newer read from the files")
    if len(overlay.gone):
        parts.append(f"{len(overlay.gone):,} gone")
    if overlay.unread:
        parts.append(f"{len(overlay.unread):,} newer can't be read")
    return ", ".join(parts)


def ago(milliseconds: float) -> str:
    """Returns how long ago something was, in words: "3 min ago"."""
    seconds = milliseconds / 1_000
    for size, unit in ((86_400, "days"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size or (unit == "min" and seconds >= size):
            return f"{int(seconds // size):,} {unit} ago"
    return "just now"
