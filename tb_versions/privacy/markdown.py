"""Masks secrets that a Markdown text holds as no other text does: in a column of a table, behind a link. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from tb_versions.privacy.assigned import masked_value
from tb_versions.privacy.secrets import is_soft, names_secret

_CELLS = re.compile(r"(?<!\\)\|")
_BEGINNING = re.compile(r"[>\s+-]*\|?")  # of a row, whose first and last `|` may be missing; of a diff, of a quotation
_RULE = re.compile(r"(?=[^-]*-)[|:>\s+-]*")
_LONGEST_NAME = 200
_MARKUP = re.compile(r"<[^<>]{0,80}>|[*_~`]|\([^()]{0,80}\)[^\S\n]*\Z")
_LAST_WORDS = re.compile(r"[A-Za-z_][\w.-]{0,120}(?:[^\S\n](?i:keys?|phrase|string|url))?\Z")
# A word that is made up: letters and digits, as in no number with its unit.
_MADE_UP = re.compile(r"(?=[^A-Za-z]{0,100}[A-Za-z])(?=[^0-9]{0,100}[0-9])[^\s.±%/]{6,}")
# `[the password](https://wiki/x): x`; the link may be an address.
_LINKED = re.compile(
    r"((?<![\w.-])([A-Za-z_][\w.-]{0,120}(?:[^\S\n](?i:keys?|phrase|string|url))?)[*_~`]{0,3}\]\([^()\s]{0,500}\)"
    r"[*_~`]{0,3}\s{0,4}[:=\uff1a\uff1d][*_~`]{0,2}[^\S\n]{1,4})(\"[^\"\n]{1,500}\"|'[^'\n]{1,500}'|`[^`\n]{1,500}`|[^\s\"'`,;]+)"
)


def mask_markdown(text: str) -> str:
    """Returns a text with secrets masked in columns of tables with a telling head, and behind links with such names.

    Args:
        text: Of any length; lines stay lines. A diff's signs at their beginnings do not matter.
    """
    if "](" in text:
        text = _LINKED.sub(lambda m: m[1] + masked_value(m[2], m[3]) if names_secret(m[2]) else m[0], text)
    return "\n".join(_lines(text.split("\n"))) if "|" in text and "-" in text else text


def _lines(lines: Sequence[str]) -> Iterator[str]:
    telling: dict[int, str] = {}
    for above, line in zip(["", *lines], lines, strict=False):
        if "|" not in line:
            telling = {}
        elif "|" in above and _RULE.fullmatch(line):
            telling = {column: name for column, head in enumerate(_cells(above)) if (name := _telling(head))}
        yield _row(line, telling) if telling else line


def _row(line: str, telling: Mapping[int, str]) -> str:
    """A row of a table with its cells masked that are in a column of a telling name."""
    cells = (_masked(cell, telling.get(column, "")) for column, cell in enumerate(_cells(line)))
    return _beginning(line) + "|".join(cells)


def _beginning(line: str) -> str:
    found = _BEGINNING.match(line)
    return found[0] if found else ""


def _cells(line: str) -> list[str]:
    return _CELLS.split(line[len(_beginning(line)) :])


def _telling(head: str) -> str:
    """The name of a secret with which a head ends; "" if it ends with none: "token accuracy" is no token."""
    name = _LAST_WORDS.search(_MARKUP.sub("", head[:_LONGEST_NAME]).strip())
    return name[0] if name and names_secret(name[0]) else ""


def _masked(cell: str, name: str) -> str:
    value = cell.strip()
    if not name or not any(map(str.isalnum, value)) or (is_soft(name) and not _MADE_UP.search(value)):
        return cell
    return cell.replace(value, masked_value(name, value))
