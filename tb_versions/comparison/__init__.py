"""Versions and runs side by side: what differs, what is better, and what that rests on. Pure.

`members` is what goes in, `rows` what comes out; each group of rows has a module, `noise` the statistics, `seeds`
the question which trainings are siblings, `summary` the words on top, `wire` and `markdown` the two ways out.
`tb_versions.comparison.loading` reads what is compared.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from tb_versions.comparison.members import MAX_MEMBERS, MIN_MEMBERS, Kind, Member, Sibling
from tb_versions.comparison.rows.code import code_rows
from tb_versions.comparison.rows.data import data_rows
from tb_versions.comparison.rows.environment import environment_rows, hardware_rows
from tb_versions.comparison.rows.graphs import graph_rows
from tb_versions.comparison.rows.metrics import metric_rows
from tb_versions.comparison.rows.others import file_rows, hyperparameter_rows, label_rows, lineage_rows, seed_rows
from tb_versions.comparison.rows.row import GROUPS, Cell, Row, count, is_empty
from tb_versions.comparison.rows.signatures import signature_rows
from tb_versions.comparison.summary import summary_of
from tb_versions.core.manifest import shown
from tb_versions.read.goals import KnownGoal

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


@dataclass(frozen=True)
class Comparison:
    """Versions and runs side by side.

    Attributes:
        members: In the order in which they were asked for.
        baseline: Position of the member that all others are compared with.
        rows: Sorted by group; rows about which no member says anything are left out.
        summary: One paragraph of plain text.
        problems: Sentences about what could not be read.
    """

    members: tuple[Member, ...]
    baseline: int
    rows: tuple[Row, ...]
    summary: str
    problems: tuple[str, ...] = ()

    @cached_property
    def differing(self) -> tuple[Row, ...]:
        """The rows that differ."""
        return tuple(row for row in self.rows if row.differs)

    @property
    def equal(self) -> int:
        """How many rows do not differ."""
        return len(self.rows) - len(self.differing)

    def row(self, group: str, key: str) -> Row:
        """Returns one row.

        Args:
            group: "metrics", "hyperparameters", "signature" …
            key: Name within the group.

        Raises:
            KeyError: There is none.
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
    """Compares members that were read already.

    Args:
        members: At least one.
        baseline: Position of the one to compare with.
        goals: Metric's name or key to "max" or "min", stronger than what manifests say.
        problems: Sentences about what could not be read.

    Returns:
        The comparison.
    """
    left_out: Counter[str] = Counter()
    rows = [
        *metric_rows(members, baseline, goals or {}, left_out),
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
    told = tuple(row for row in rows if not is_empty(row))
    notices = [f"{member.label}: {member.notice}" for member in members if member.notice]
    kinds = [value.kind for member in members for value in member.metrics]
    unused = goals.keys() - {kind.key for kind in kinds} - {kind.name for kind in kinds} if goals else ()
    notices += [f"A goal is given for {shown(name)}, which is no metric of these members." for name in sorted(unused)]
    notices += [f"{GROUPS[group]}: and {count(more, 'more row')}." for group, more in left_out.items() if more]
    return Comparison(tuple(members), baseline, told, summary, (*problems, *notices))
