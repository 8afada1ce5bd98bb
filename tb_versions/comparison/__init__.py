"""Versions and runs side by side: what differs, what is better, and what that rests on. Pure.

Members go in, rows come out: `members` has the one, `rows` a module for each group of the other. `noise` has the
statistics, `seeds` finds trainings that differ in their seeds only, `summary` writes the paragraph on top, `markdown`
a table. `loading` reads the members; nothing else here does input or output.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from tb_versions.comparison.members import MAX_MEMBERS, MIN_MEMBERS, Kind, Member, Sibling
from tb_versions.comparison.rows.code import code_rows
from tb_versions.comparison.rows.data import data_rows
from tb_versions.comparison.rows.environment import environment_rows, hardware_rows
from tb_versions.comparison.rows.graphs import graph_rows
from tb_versions.comparison.rows.metrics import metric_rows
from tb_versions.comparison.rows.others import file_rows, hyperparameter_rows, label_rows, lineage_rows, seed_rows
from tb_versions.comparison.rows.row import GROUPS, Cell, Row, is_empty
from tb_versions.comparison.rows.signatures import signature_rows
from tb_versions.comparison.rows.slices import slice_rows
from tb_versions.comparison.summary import summary_of
from tb_versions.core.manifest import shown
from tb_versions.core.showing import ShowsItself, counted
from tb_versions.read.manifests.goals import KnownGoal

__all__ = [
    "GROUPS",
    "MAX_MEMBERS",
    "MIN_MEMBERS",
    "Cell",
    "Comparison",
    "Kind",
    "Member",
    "Row",
    "Sibling",
    "compare_members",
]


@dataclass(frozen=True, repr=False)
class Comparison(ShowsItself):
    """Versions and runs side by side.

    Attributes:
        members: In the order of the request; each has `id` ("digits:3", "run:mlp"), `label`, `kind` and what was read.
        baseline: Position in `members` of the one that all others are compared with.
        rows: Facts, sorted by group. `rows[i].cells[j]` is what `members[j]` says of the fact: its `text` for people,
            its `value` for programs, and its `verdict` against the baseline ("better", "breaking", "major" …, or "").
            Facts that no member knows are left out.
        summary: One paragraph of plain text.
        problems: Sentences about what could not be read or was left out.
        read_from: Models folders and log directory that `compare` was given; `show` reads them again.
    """

    members: tuple[Member, ...]
    baseline: int
    rows: tuple[Row, ...]
    summary: str
    problems: tuple[str, ...] = ()
    read_from: tuple[tuple[str, ...], str] = field(default=((), ""), compare=False)

    def __repr__(self) -> str:
        """What it says in words, and what differs as a table."""
        from tb_versions.comparison.display import text

        return text(self)

    def _repr_html_(self) -> str:
        """The same for a notebook, without scripts."""
        from tb_versions.comparison.display import html

        return html(self)

    @cached_property
    def differing(self) -> tuple[Row, ...]:
        """The rows that differ."""
        return tuple(row for row in self.rows if row.differs)

    @property
    def equal(self) -> int:
        """Number of rows that do not differ."""
        return len(self.rows) - len(self.differing)

    def row(self, group: str, key: str) -> Row:
        """Returns one row.

        Args:
            group: A key of `GROUPS`: "metrics", "hyperparameters", "signature", "graph" …
            key: Name within the group: "val_accuracy", "learning_rate", "serving_default"; "" is the group as a whole.

        Raises:
            KeyError: There is no such row.
        """
        for row in self.rows:
            if (row.group, row.key) == (group, key):
                return row
        raise KeyError(f"{group}/{key}")


def compare_members(
    members: Sequence[Member],
    *,
    baseline: int = 0,
    goals: Mapping[str, KnownGoal] | None = None,
    problems: Sequence[str] = (),
) -> Comparison:
    """Compares members that were already read.

    Args:
        members: At least one.
        baseline: Position of the member that all others are compared with.
        goals: A metric's name or key to "max" or "min"; they override the goals in manifests.
        problems: Sentences about what could not be read; they come first in `problems`.

    Returns:
        The comparison.
    """
    left_out: Counter[str] = Counter()
    rows = [
        *metric_rows(members, baseline, goals or {}, left_out),
        *slice_rows(members, baseline, goals or {}, left_out),
        *hyperparameter_rows(members, left_out),
        *seed_rows(members, left_out),
        *signature_rows(members, baseline, left_out),
        *graph_rows(members, baseline),
        *data_rows(members, baseline, left_out),
        *code_rows(members, baseline),
        *environment_rows(members, baseline, left_out),
        *hardware_rows(members),
        *file_rows(members, baseline),
        *label_rows(members, left_out),
        *lineage_rows(members, baseline),
    ]
    summary = summary_of(members, baseline, rows)
    known = tuple(row for row in rows if not is_empty(row))
    notices = [f"{member.label}: {member.notice}" for member in members if member.notice]
    names = {name for member in members for name in _metric_names(member)}
    unused = goals.keys() - names if goals else ()
    notices += [f"A goal is given for {shown(name)}, which is no metric of these members." for name in sorted(unused)]
    notices += [f"{GROUPS[group]}: and {counted(more, 'more row')}." for group, more in left_out.items() if more]
    return Comparison(tuple(members), baseline, known, summary, (*problems, *notices))


def _metric_names(member: Member) -> Iterator[str]:
    """What a goal can be given for."""
    for kind in (value.kind for value in member.metrics):
        yield from (kind.key, kind.name)
    for group in member.slices:
        yield from (group.key, group.name, *(value.kind.key for value in group.slices.values()))
