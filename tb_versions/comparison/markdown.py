"""A comparison as GitHub-flavoured Markdown, for a pull request. Texts from files stay inert. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tb_versions.comparison import Comparison
from tb_versions.comparison.rows.row import GROUPS, Row, caution_of, label_text, line_text, worst_slices
from tb_versions.core.manifest import visible

_SPECIAL = re.compile(r"[\\`*_{}\[\]|~$<>&\"']")
_ENTITIES = {"<": "&lt;", ">": "&gt;", "&": "&amp;", '"': "&quot;", "'": "&apos;"}
# What GitHub would turn into links in plain text: mentions, addresses, issues.
_LINKED = re.compile(r"(?i)@|(?<=:)//|(?<=www)\.|(?<=#)(?=\d)|(?<=\bGH-)(?=\d)")
_OPENING = re.compile(r"^(\d*)([-+=#.)])")


def markdown(comparison: Comparison, *, with_equal: bool = False) -> str:
    """Returns a document without headings: the summary, then one table per group.

    Args:
        comparison: What to write.
        with_equal: Whether rows that do not differ are written, too.
    """
    rows = comparison.rows if with_equal else comparison.differing
    parts = [paragraph(comparison.summary)]
    for key, label in GROUPS.items():
        of_group = [row for row in rows if row.group == key]
        if of_group:
            shown = of_group if with_equal else worst_slices(of_group)
            parts.append(f"**{label}**\n\n" + "\n".join(_table(comparison, shown)))
            if len(shown) < len(of_group):
                parts.append(f"And {len(of_group) - len(shown):,} more slices.")
    if not with_equal and comparison.equal:
        parts.append(f"{comparison.equal:,} rows that do not differ are left out.")
    parts += [paragraph(problem) for problem in comparison.problems]
    return "\n\n".join(parts) + "\n"


def escape(text: str) -> str:
    """Returns a text that renders as itself on one line: no markup, no HTML, no mention, no link."""
    flat = " ".join(visible(re.sub(r"[\n\r\t]", " ", text)).split(" "))
    marked = _SPECIAL.sub(lambda m: _ENTITIES.get(m[0], "\\" + m[0]), flat)
    return _LINKED.sub(lambda m: m[0] + "<!-- -->", marked)


def paragraph(text: str) -> str:
    """Returns a text that can begin a line: it makes no list, no heading and no code block."""
    return _OPENING.sub(r"\1\\\2", escape(text.strip()))


def _table(comparison: Comparison, rows: Sequence[Row]) -> Iterator[str]:
    names = [
        escape(member.label) + (" (baseline)" if i == comparison.baseline else "")
        for i, member in enumerate(comparison.members)
    ]
    yield "| | " + " | ".join(names) + " |"
    yield "|---" * (len(names) + 1) + "|"
    for row in rows:
        yield f"| {escape(label_text(row))} | " + " | ".join(escape(line_text(row, cell)) for cell in row.cells) + " |"
    for row in rows:
        if row.caution:
            yield ""
            yield paragraph(f"{caution_of(row)}: {row.caution}")
