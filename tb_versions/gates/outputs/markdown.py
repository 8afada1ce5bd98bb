"""A result of a gate as GitHub-flavoured Markdown, within a number of bytes. Texts from files stay inert. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from tb_versions.comparison.markdown import escape
from tb_versions.core.manifest import is_model_name
from tb_versions.gates.results import GateResult
from tb_versions.registry.gate_facts import Finding

COMMENT_LIMIT = 64 * 1_024
"""Most bytes of a comment; GitHub takes 65,536 characters."""

SUMMARY_LIMIT = 1_024 * 1_024
"""Most bytes of all that a step writes into `$GITHUB_STEP_SUMMARY`."""

_SIGNS = {"passed": "✅ passed", "failed": "❌ failed", "not known": "❓ not known"}
_HEAD = "| rule | wanted | found | verdict | why |\n|---|---|---|---|---|\n"


def markdown(result: GateResult, *, limit: int) -> str:
    """Returns a result as a document: a sentence, a table, what it is bound to. What did not pass comes first.

    Args:
        result: What to write.
        limit: Most bytes. Where the table is longer, rules are left out from its end, and counted.
    """
    before = f"{marker(result)}\n**{_sign(result)} {escape(str(result))}**\n\n{_HEAD}"
    after = _after(result)
    rows = [_row(each) for each in sorted(result.findings, key=lambda each: each.verdict == "passed")]
    room = limit - len((before + after + _left_out(len(rows))).encode())
    kept = _fitting(rows, room)
    more = _left_out(len(rows) - kept) if kept < len(rows) else ""
    return before + "".join(rows[:kept]) + more + after


def marker(result: GateResult) -> str:
    """Returns an invisible line by which a comment is found again, to be replaced."""
    model = result.model if is_model_name(result.model) else "?"  # a folder of any name may hold a damaged manifest
    return f"<!-- tb-versions gate {model} {result.gate} -->"


def _sign(result: GateResult) -> str:
    return "✅" if result.passed else "❌"


def _row(each: Finding) -> str:
    cells = (each.rule, each.wanted, each.found)
    texts = [*map(escape, cells), _SIGNS[each.verdict], escape(each.why)]
    return f"| {' | '.join(texts)} |\n"


def _fitting(rows: Sequence[str], room: int) -> int:
    """How many rows fit."""
    for count, row in enumerate(rows):
        room -= len(row.encode())
        if room < 0:
            return count
    return len(rows)


def _left_out(count: int) -> str:
    return f"\n{count:,} more rules are left out here; the command prints all.\n"


def _after(result: GateResult) -> str:
    lines = [f"Rules `{result.rules.digest}`", f"manifest `{result.manifest or 'not known'}`"]
    lines += [f"{escape(each.name)} {escape(each.version or 'names none')}" for each in result.baselines]
    if result.event is not None:
        lines.append(f"event {result.event.number}")
    return "\n" + " · ".join(lines) + "\n"
