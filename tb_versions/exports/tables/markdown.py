"""Writes a table in GitHub-flavoured Markdown; text of manifests can't become markup."""

from __future__ import annotations

from typing import Any, BinaryIO

from tb_versions.comparison.markdown import escape
from tb_versions.exports.tables.columns import Column, Table
from tb_versions.exports.tables.people import digits, for_people, is_number, plain


def write_markdown(table: Table, stream: BinaryIO) -> None:
    """Writes a table for a pull request or a README; numbers have six significant digits."""
    shown = for_people(table)
    lines = [
        [escape(column.name) for column in shown.columns],
        ["---:" if is_number(column) else "---" for column in shown.columns],
        *([_cell(column, value) for column, value in zip(shown.columns, row, strict=True)] for row in shown.rows()),
    ]
    for line in lines:
        stream.write(f"| {' | '.join(line)} |\n".encode())


def _cell(column: Column, value: Any) -> str:
    return digits(value) if isinstance(value, float) else escape(plain(column, value))
