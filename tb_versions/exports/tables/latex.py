"""Writes a table as a LaTeX fragment for pdflatex; text of manifests can't become a LaTeX command."""

from __future__ import annotations

import re
from typing import Any, BinaryIO

from tb_versions.core.manifest import visible
from tb_versions.exports.tables.columns import Column, Table
from tb_versions.exports.tables.people import digits, for_people, is_number, plain

_HEAD = "% Needs \\usepackage[T1]{fontenc} and \\usepackage{booktabs}.\n"
_SPECIAL = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "`": r"\textasciigrave{}",
    '"': r"{\char34}",  # babel makes it active
    "[": "{[}",  # behind a line end it would be an argument
    "*": "{*}",
    **{char: f"\\{char}" for char in "&%$#_{}"},
}
_ESCAPED = re.compile("[" + re.escape("".join(_SPECIAL)) + "]")
_LIGATURE = re.compile(r"([-',?!])(?=[-',`])")
# What T1 fonts have beside ASCII: Latin letters and a few signs.
_LATIN = (
    "\u00a1\u00a3\u00a7\u00ab\u00b0\u00b1\u00b5\u00b7\u00bb"
    "\u00bf-\u0125\u0128-\u0137\u0139-\u013e\u0141-\u0148\u014a-\u0165\u0168-\u017e"
    "–—‘’“”…"
)
_UNSET = re.compile(f"[^ -~{_LATIN}]")


def write_latex(table: Table, stream: BinaryIO) -> None:
    r"""Writes a `tabular` with rules of booktabs, to be read by `\input`; numbers have six significant digits."""
    shown = for_people(table)
    alignment = "".join("r" if is_number(column) else "l" for column in shown.columns)
    stream.write(f"{_HEAD}\\begin{{tabular}}{{{alignment}}}\n\\toprule\n".encode())
    stream.write(_line([escape(column.name) for column in shown.columns]) + b"\\midrule\n")
    for row in shown.rows():
        stream.write(_line([_cell(column, value) for column, value in zip(shown.columns, row, strict=True)]))
    stream.write(b"\\bottomrule\n\\end{tabular}\n")


def _line(cells: list[str]) -> bytes:
    return f"{' & '.join(cells)} \\\\\n".encode()


def escape(text: str) -> str:
    r"""Returns a text that LaTeX sets as itself; letters that pdflatex lacks are spelled `\u{430}`."""
    spelled = _UNSET.sub(lambda match: f"\\u{{{ord(match[0]):x}}}", visible(text))
    unjoined = _LIGATURE.sub("\\1\0", spelled)
    return _ESCAPED.sub(lambda match: _SPECIAL[match[0]], unjoined).replace("\0", "{}")


def _cell(column: Column, value: Any) -> str:
    if value is not None and is_number(column):
        return _number(value)
    return escape(plain(column, value))


def _number(value: Any) -> str:
    mantissa, _, exponent = (digits(value) if isinstance(value, float) else str(value)).partition("e")
    if mantissa == "NaN":
        return mantissa
    mantissa = mantissa.replace("inf", r"\infty")
    power = f" \\cdot 10^{{{int(exponent)}}}" if exponent else ""
    return f"${mantissa}{power}$"
