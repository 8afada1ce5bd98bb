"""Writes CSV in which no cell is a formula for a spreadsheet."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from typing import Any, BinaryIO

from tb_versions.core.manifest import visible
from tb_versions.core.scalars import scalar_text
from tb_versions.core.times import iso_text
from tb_versions.exports.tables.columns import Column, Table

# A spreadsheet runs a cell that begins so, and some look at every line, or at every part between semicolons and tabs.
_LEAD = re.compile(r"(^|[\n\r\v\f\x85\u2028\u2029;\t])(?=[\s\u00a0\ufeff\u200b]*[=+\-@\t\r＝＋－＠]|')")
_MARKED = re.compile(r"(^|[\n\r\v\f\x85\u2028\u2029;\t])'")


def write_csv(table: Table, stream: BinaryIO) -> None:
    """Writes a table as UTF-8 CSV: one line of names, LF line ends, absent values empty.

    Texts that a spreadsheet could run get an apostrophe; numbers stay numbers. `unescape` removes it again. Hidden
    characters of names, which may be tags of event files, are spelled out.
    """
    text = io.TextIOWrapper(stream, encoding="utf-8", newline="", write_through=True)
    try:
        text.write(_line([escape(visible(column.name)) for column in table.columns]))
        for row in table.rows():
            text.write(_line([_cell(column, value) for column, value in zip(table.columns, row, strict=True)]))
    finally:
        text.detach()


def _line(cells: Sequence[str]) -> str:
    """One line, in which a cell with a line end of any system is quoted: Python sees to those of the table itself."""
    line = io.StringIO(newline="")
    csv.writer(line, lineterminator="\r\n").writerow(cells)
    return line.getvalue().removesuffix("\r\n") + "\n"


def escape(text: str) -> str:
    """Returns a text that no spreadsheet takes for a formula: `=1+1` becomes `'=1+1`."""
    return _LEAD.sub(r"\1'", text)


def unescape(text: str) -> str:
    """Returns what `escape` was given."""
    return _MARKED.sub(r"\1", text)


def _cell(column: Column, value: Any) -> str:
    if value is None:
        return ""
    if column.kind == "time":
        return iso_text(value)
    if column.kind == "texts":
        return escape(" ".join(value))
    if isinstance(value, str):
        return escape(value)
    return scalar_text(float(value) if column.kind == "number" else value)
