"""A comparison as GitHub-flavoured Markdown, fit for a pull request. What files say stays inert text. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tb_versions.comparison import Comparison
from tb_versions.comparison.rows import GROUPS, Cell, Row
from tb_versions.manifest import visible

_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+!|~$<>&\"'-])")
_ENTITIES = {"<": "&lt;", ">": "&gt;", "&": "&amp;", "|": "\\|", '"': "&quot;", "'": "&#39;"}
_LONGEST = 300


def markdown(comparison: Comparison, *, with_equal: bool = False) -> str:
    """Returns a heading-less document: the summary, then one table for each group.

    Args:
        comparison: What to tell.
        with_equal: Whether rows that do not differ are told too.
    """
    rows = comparison.rows if with_equal else comparison.differing
    parts = [escape(comparison.summary)]
    for key, label in GROUPS.items():
        of_group = [row for row in rows if row.group == key]
        if of_group:
            parts.append(f"**{label}**\n\n" + "\n".join(_table(comparison, of_group)))
    if not with_equal and comparison.equal:
        parts.append(f"{comparison.equal:,} rows that do not differ are left out.")
    parts += [escape(problem) for problem in comparison.problems]
    return "\n\n".join(parts) + "\n"


def escape(text: str) -> str:
    """Returns a text that renders as itself: no markup, no HTML, no mention, no link, one line."""
    flat = " ".join(visible(text.replace("\n", " ").replace("\r", " ").replace("\t", " ")).split(" "))
    marked = _SPECIAL.sub(lambda m: _ENTITIES.get(m[1], "\\" + m[1]), flat)
    # A zero-width mark after the sign keeps "@name", "http://…" and "#12" what they are: text.
    return marked.replace("@", "@<!-- -->").replace("://", ":<!-- -->//").replace("www.", "www<!-- -->.")


def _table(comparison: Comparison, rows: Sequence[Row]) -> Iterator[str]:
    names = [
        escape(member.label) + (" (baseline)" if i == comparison.baseline else "")
        for i, member in enumerate(comparison.members)
    ]
    yield "| | " + " | ".join(names) + " |"
    yield "|---" * (len(names) + 1) + "|"
    for row in rows:
        yield f"| {_label(row)} | " + " | ".join(_cell(row, cell) for cell in row.cells) + " |"
    for row in rows:
        if row.caution:
            yield ""
            yield f"{escape(row.label)}: {escape(row.caution)}"


def _label(row: Row) -> str:
    arrow = {"max": " ↑", "min": " ↓"}.get(str(row.details.get("goal")), "")
    return escape(_cut(row.label)) + arrow


def _cell(row: Row, cell: Cell) -> str:
    if row.group == "metrics":
        return escape(" · ".join(part for part in (cell.text, *cell.reasons[:1], cell.verdict) if part))
    if row.group in ("signature", "graph") and cell.verdict and cell.verdict != cell.text:
        reasons = f" ({_cut('; '.join(cell.reasons))})" if cell.reasons else ""
        return escape(f"{cell.verdict}{reasons}")
    return escape(_cut(cell.text))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
