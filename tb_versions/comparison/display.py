"""A comparison as a notebook and a console show it: what it says in words, then a table for each group. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from tb_versions.comparison import Comparison
from tb_versions.comparison.rows.row import GROUPS, caution_of, label_text, line_text, worst_slices
from tb_versions.core.showing import MOST_BYTES, counted, html_table, html_text, short, text_table

_MOST_MEMBERS = 6  # side by side on a console
_MOST_LINES = 50


class _Section(NamedTuple):
    """The rows of a group that differ; the first column says what each is about."""

    title: str
    rows: list[list[str]]
    cautions: list[str]
    left_out: int


def html(comparison: Comparison) -> str:
    """Returns HTML without scripts, 200 kB at most; every text is escaped."""
    parts = [html_text(comparison.summary)]
    size = len(parts[0].encode())
    head = _names(comparison)
    for section in _sections(comparison):
        # Later groups are the longer and the less important ones: what is left is theirs.
        table, count = html_table([section.title, *head], section.rows, most=MOST_BYTES - size)
        left_out = section.left_out + len(section.rows) - count
        more = [html_text(caution, weak=True) for caution in section.cautions[:count]] if size < MOST_BYTES else []
        more += [html_text(f"{section.title}: and {counted(left_out, 'more row')}.", weak=True)] if left_out else []
        parts += [table, *more]
        size += sum(len(part.encode()) for part in (table, *more))
    return "".join([*parts, *(html_text(sentence, most=300, weak=True) for sentence in _last(comparison))])


def text(comparison: Comparison) -> str:
    """Returns the words, and what differs as a table; of many members the baseline and the first others."""
    others = [at for at in range(len(comparison.members)) if at != comparison.baseline]
    kept = sorted([comparison.baseline, *others[: _MOST_MEMBERS - 1]])
    names = _names(comparison)
    rows = [
        [f"{section.title}: {row[0]}", *(row[1 + at] for at in kept)]
        for section in _sections(comparison)
        for row in section.rows
    ]
    parts = [short(comparison.summary, 2_000)]
    if rows:
        parts.append(text_table(["", *(names[at] for at in kept)], rows[:_MOST_LINES], widest=60))
    if len(rows) > _MOST_LINES:
        parts.append(f"And {counted(len(rows) - _MOST_LINES, 'more row')}.")
    if len(kept) < len(names):
        parts.append(f"And {counted(len(names) - len(kept), 'more member')}: in a notebook and by tbv.show.")
    cautions = [caution for section in _sections(comparison) for caution in section.cautions]
    return "\n".join([*parts, *(short(sentence, 300) for sentence in (*cautions, *_last(comparison)))])


def _names(comparison: Comparison) -> list[str]:
    members = enumerate(comparison.members)
    return [member.label + (" (baseline)" if at == comparison.baseline else "") for at, member in members]


def _sections(comparison: Comparison) -> Iterator[_Section]:
    for key, title in GROUPS.items():
        of_group = [row for row in comparison.differing if row.group == key]
        shown = worst_slices(of_group)
        if shown:
            rows = [[label_text(row), *(line_text(row, cell) for cell in row.cells)] for row in shown]
            cautions = [f"{caution_of(row)}: {row.caution}" for row in shown if row.caution]
            yield _Section(title, rows, list(dict.fromkeys(cautions)), len(of_group) - len(shown))


def _last(comparison: Comparison) -> Iterator[str]:
    if comparison.equal:
        yield f"Left out: {counted(comparison.equal, 'row')} without a difference."
    yield from comparison.problems[:20]
    if len(comparison.problems) > 20:
        yield f"And {counted(len(comparison.problems) - 20, 'more problem')}."
