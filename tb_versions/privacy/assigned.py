"""Masks what is assigned to a telling name in a text: `password = x`, `"tokens": ["x", "y"]`, a block of YAML. Pure."""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterator
from typing import NamedTuple

from tb_versions.privacy.secrets import holds_secret, names_secret
from tb_versions.privacy.tokens import MASK

# A value in quotes: escaped ones (`\"x\"`, JSON inside JSON), triple ones, plain ones with escapes, and quotes that are
# closed some lines later.
QUOTED = (
    r"\\{1,3}\"[^\"\n]*\"|\\{1,3}'[^'\n]*'|\"\"\"[^\"]{0,2000}\"\"\"|'''[^']{0,2000}'''"
    r"|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|\"[^\"]{0,500}\"|'[^']{0,500}'"
)

OPENING = re.compile(r"\\{0,3}(?:\"\"\"|'''|[\"'])|`")

# What closes a name that Markdown or HTML emphasizes: `**password**`, `` `token` ``, `<b>secret</b>`; `environ["KEY"]`.
CLOSING_MARKS = r"(?:[*_~`]{1,3}|</[A-Za-z][A-Za-z0-9]{0,10}>|\](?:\[[^\[\]\s]{0,60}\])?){0,4}"
# The same behind the colon: `**API key:** x`. Three asterisks are marks only if three stand before the name too, for
# they are also the mask.
_MARKS_BEHIND_COLON = (
    r"(?:(?:\*{1,2}|_{1,3}|~~|`|</[A-Za-z][A-Za-z0-9]{0,10}>){1,3}(?<!\*\*\*)(?=\s)|(?(strong)\*\*\*(?=\s)|(?!)))?"
)
_NAME = r"(?P<name>[A-Za-z_][\w.-]{0,120}(?:[^\S\n](?i:keys?|phrase|string|url))?)"
_QUOTE = r"(?:\\{1,3}(?=[\"']))?[\"']"
# What stands before a value: `password = `, `"token": `, `AccountKey=`, `environ["KEY"] = b`, `password: str = `,
# `$env:TOKEN = `, `key => `, `secret: !vault `, `API key: `; in JSON inside JSON too. The value may be on the next
# line.
_ASSIGNED = re.compile(
    rf"(?P<strong>\*\*\*)?(?:(?<![\w.-])|(?<=\n-))(?P<quote>(?:{_QUOTE})?){_NAME}(?P=quote){CLOSING_MARKS}"
    r"(?:\s{0,4}:\s{0,4}(?P<type>[A-Za-z][\w.\[\], |]{0,60}?)(?=\s{0,4}=[^=]))?"
    rf"\s{{0,4}}(?:=>|:=|->|==|[=:\uff1d\uff1a]){_MARKS_BEHIND_COLON}"
    r"[^\S\n]{0,4}(?:\n(?:\+|-(?=-|[^\S\n]{2}))?[^\S\n]{0,40})?(?:![\w!:./-]{0,40}[^\S\n]{1,4})?(?:[rbfuRBFU]{1,2}(?=[\"']))?"
)
# What stands before the second value of a pair in a list: `[["password", `, `["lr", 0.1], ["api_key", `.
_PAIRED = re.compile(
    rf"(?:\[|[\])]\s{{0,4}},)\s{{0,40}}[\[(]\s{{0,40}}(?P<quote>{_QUOTE})-{{0,2}}{_NAME}(?P=quote)(?P<type>)\s{{0,4}},\s{{0,40}}"
)
_VALUE = re.compile(rf"{QUOTED}|`[^`\n]{{1,500}}`|[^\s\"',;&}}\]]+")
_CALL = re.compile(r"[A-Za-z_][\w.]{0,80}(?=\()")
_CLOSING = {"(": ")", "[": "]", "{": "}"}

_LONGEST = 4_000
"""Characters of a value in brackets, or of a block. What is behind them is treated as if it were not assigned."""

_MANY = 500
"""Values of one text that are looked for in brackets and blocks; of more, the first word is the value."""

# In brackets: quoted texts, single brackets, and what is neither.
_PIECE = re.compile(rf"{QUOTED}|[()\[\]{{}}]|[^()\[\]{{}}\"'\\]+|.", re.DOTALL)
# What names a value that follows; or a value in quotes, or a bare word (the group).
_SCALAR = re.compile(rf"(?:{QUOTED}|[\w.-]+)\s{{0,4}}[:=]|({QUOTED}|[+-]{{0,2}}\w[^\s\"'\\,;:=(){{}}\[\]]*)")
_BLOCK = re.compile(r"[|>][-+0-9]{0,2}[^\S\n]*(?=\n)")
_LITERAL_WITH_DIGIT = re.compile(rf"(?=.*[0-9])(?:{OPENING.pattern})", re.DOTALL)
_ANY = re.compile("")
_ITEM = re.compile(r"-[^\S\n]")
_FIELD = re.compile(r"-[^\S\n]|[\w.-]{1,120}:\s")
# A line of a block, in a diff too: indentation, `- ` and `name: `, value.
_LINE = re.compile(
    r"\n(?P<before>[+-]?[^\S\n]*)(?P<name>(?:-[^\S\n]{1,4})?(?:[\w.-]{1,120}:(?=\s))?[^\S\n]*)(?P<value>[^\n]*)"
)


def mask_assigned(text: str, *, is_code: bool) -> str:
    """Returns a text with what is assigned to telling names masked: `a = f(password="x")` too.

    Args:
        text: Of any length.
        is_code: Whether only literals are masked: `password = args.password` is no secret.
    """
    return "".join(_pieces(text, is_code=is_code))


def masked_value(name: str, value: str) -> str:
    """Returns the mask, in the quotes of the value; or the value where it is no secret."""
    opening = OPENING.match(value)
    around = opening[0] if opening else ""
    return f"{around}{MASK}{around}" if holds_secret(name, value.removeprefix(around).removesuffix(around)) else value


class _Masked(NamedTuple):
    """A masked part of a text.

    Attributes:
        start: Where it begins.
        end: Where it ends.
        text: What stands there now.
    """

    start: int
    end: int
    text: str


def _pieces(text: str, *, is_code: bool) -> Iterator[str]:
    end = 0
    for count, (match, name) in enumerate(_telling(text)):
        if match.start() < end:
            continue
        found = _found(text, match, name, is_code=is_code, may_be_long=count < _MANY)
        if found and found.text != text[found.start : found.end]:
            yield text[end : found.start] + found.text
            end = found.end
    yield text[end:]


def _telling(text: str) -> Iterator[tuple[re.Match[str], str]]:
    paired = _PAIRED.finditer(text) if "[" in text else ()
    for match in heapq.merge(_ASSIGNED.finditer(text), paired, key=re.Match.start):
        name = next((name for name in (match["name"], match["type"] or "") if names_secret(name)), "")
        if name:
            yield match, name


def _found(text: str, match: re.Match[str], name: str, *, is_code: bool, may_be_long: bool) -> _Masked | None:
    """What is assigned here, masked; None if there is nothing to mask."""
    start = match.end()
    if is_code and (may_be_long or OPENING.match(text, start)):
        return _literals(text, start, name)
    if is_code or text.startswith(MASK, start):
        return None
    return _anything(text, match, name) if may_be_long else _one(text, start, name)


def _literals(text: str, start: int, name: str) -> _Masked | None:
    """The value in program text, with its literals masked; None if it has none."""
    if OPENING.match(text, start):
        return _one(text, start, name)
    call = _CALL.match(text, start)
    end = _closed(text, call.end() if call else start)

    # An argument of a call may be a name: `password = getenv("DB_PASSWORD")`.
    literal = _LITERAL_WITH_DIGIT if call else OPENING
    return _in_brackets(text, start, end, literal=literal, name=name) if end else None


def _anything(text: str, match: re.Match[str], name: str) -> _Masked | None:
    """The value in a text that is no program, masked; None if there is none."""
    start = match.end()
    call = _CALL.match(text, start)
    if call and (end := _closed(text, call.end())):
        return _Masked(start, end, masked_value(name, text[start:end]))
    if end := _closed(text, start):
        return _in_brackets(text, start, end, literal=_ANY, name=name)
    indicator = _BLOCK.match(text, start)
    below = indicator.end() if indicator else text.rfind("\n", match.end("name"), start)
    if indicator or (below >= 0 and _FIELD.match(text, start)):
        return _block(text, below, match.start() - text.rfind("\n", 0, match.start()) - 1, name)
    return _one(text, start, name)


def _in_brackets(text: str, start: int, end: int, *, literal: re.Pattern[str], name: str) -> _Masked:
    """What is in brackets, with those values masked that begin with a pattern."""

    def masked(piece: re.Match[str]) -> str:
        return masked_value(name, piece[1]) if piece[1] and literal.match(piece[1]) else piece[0]

    return _Masked(start, end, _SCALAR.sub(masked, text[start:end]))


def _one(text: str, start: int, name: str) -> _Masked | None:
    value = _VALUE.match(text, start)
    return _Masked(start, value.end(), masked_value(name, value[0])) if value else None


def _closed(text: str, start: int) -> int:
    """The end of what begins with a bracket here; 0 if it does not, or is not closed."""
    if text[start : start + 1] not in _CLOSING:
        return 0
    waiting: list[str] = []
    for piece in _PIECE.finditer(text, start, start + _LONGEST):
        if piece[0] in _CLOSING:
            waiting.append(_CLOSING[piece[0]])
        elif waiting and piece[0] == waiting[-1]:
            waiting.pop()
        if not waiting:
            return piece.end()
    return 0


def _block(text: str, start: int, indent: int, name: str) -> _Masked:
    """The lines from a line break on that are items or indented more than a name, masked."""
    made, end = [], start
    for line in _LINE.finditer(text, start, start + _LONGEST):
        column = len(line["before"])
        is_inside = column > indent or (column == indent and _ITEM.match(line["name"]))
        if line.start() != end or not (is_inside or not line["value"].strip()):
            break
        value = line["value"]
        made.append(f"\n{line['before']}{line['name']}{masked_value(name, value) if value.strip() else value}")
        end = line.end()
    return _Masked(start, end, "".join(made))
