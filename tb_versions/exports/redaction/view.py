"""The view that an exported page opens with: what the page understands of a copied address, with nothing else in it.

frontend/src/model/view.ts and frontend/src/model/compare/look.ts write these keys. A name in them becomes what it
became in the export, so that the page still finds it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from urllib.parse import quote, unquote

from tb_versions.exports.redaction.redactor import Redactor
from tb_versions.privacy.scrub import MASK
from tb_versions.privacy.secrets import holds_secret

PREFIX = "p.versions."
"""What the tab's keys begin with in TensorBoard's hash."""

_UNESCAPED = "-_.!~*'()"  # as JavaScript's encodeURIComponent
_COLUMN = re.compile(r"(m|best|last|hp|label):(.*)", re.DOTALL)
_FIXED_COLUMN = re.compile(r"[a-z_]{1,20}")
_WORDS_OF_THE_PAGE = re.compile(r"(?:[+-]?[a-z]{1,20}(?:,|\Z)){1,20}|[01](?:\.[0-9]{1,6})?")
_RANGE = re.compile(r"[0-9.eE+-]{0,30}~[0-9.eE+-]{0,30}")
_SPECIAL = re.compile(r"!(?:none|nan|low|high)")
_TOKEN = re.compile(
    r"([^\s()=<>~!,\"'`]*\.)?(\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`|[^\s()=<>~!,\"'`]+)"
)
_BARE = re.compile(r"[^\s()=<>~!,\"'`]+")
_OPERATOR = re.compile(r"\s*(?:[!<>=]=|[=<>~])\s*")
_NUMBER = re.compile(r"[+-]?[0-9.]{1,40}(?:e[+-]?[0-9]{1,3})?", re.IGNORECASE)


def shared_view(view: str, redactor: Redactor) -> str:
    """Returns a view as it travels.

    Args:
        view: Hash of the tab: `#versions&p.versions.cmp=…`, or "".
        redactor: What must not leave; it has seen everything else in the export.
    """
    if not view:
        return ""
    writer = _Writer(redactor)
    kept: dict[str, str] = {}
    for part in view.split("&")[1:]:
        key, _, value = part.partition("=")
        own = unquote(key).removeprefix(PREFIX) if unquote(key).startswith(PREFIX) else ""
        told = writer.value(own, unquote(value))
        if told:
            kept[own] = told
    return "&".join(["#versions", *(f"{PREFIX}{key}={quote(told, safe=_UNESCAPED)}" for key, told in kept.items())])


class _Writer:
    """Writes the value of each key anew."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._kinds: dict[str, Callable[[str], str]] = {
            "q": self._filter,
            **dict.fromkeys(("v", "base", "metric"), redactor.name),
            **dict.fromkeys(("m", "a", "r", "sel", "cmp", "tags", "pins", "hide"), self._names),
            "goals": self._goals,
            "sort": self._sort,
            "cols": self._choice,
            "color": self._column,
            **dict.fromkeys(("axes", "xy"), self._columns),
            "brush": self._brushes,
        }
        page = ("st", "group", "tab", "chart", "panel", "large", "lin", "side", "all", "x", "smooth", "log", "out")
        self._kinds.update(dict.fromkeys(page, _words_of_the_page))

    def value(self, key: str, value: str) -> str:
        """The value of a key as it travels; "" where the page does not understand it."""
        write = self._kinds.get(key)
        return write(value) if write and value else ""

    def _names(self, value: str) -> str:
        return value if value == "-" else _packed(self._redactor.name(unquote(one)) for one in _parts(value))

    def _goals(self, value: str) -> str:
        pairs = (unquote(one).rpartition("=") for one in _parts(value))
        return _packed(f"{self._redactor.name(name)}={goal}" for name, _, goal in pairs if goal in ("max", "min"))

    def _column(self, column: str) -> str:
        named = _COLUMN.fullmatch(column)
        if named:
            return f"{named[1]}:{self._redactor.name(named[2])}"
        return column if _FIXED_COLUMN.fullmatch(column) else ""

    def _columns(self, value: str) -> str:
        return _packed(filter(None, (self._column(unquote(one)) for one in _parts(value))))

    def _sort(self, value: str) -> str:
        keys = ((one[0], self._column(unquote(one[1:]))) for one in _parts(value))
        return ",".join(("-" if sign == "-" else "+") + _escaped(column) for sign, column in keys if column)

    def _choice(self, value: str) -> str:
        told = []
        for one in _parts(value):
            sign, names = (one[0], one[1:]) if one[0] in "+-" else ("", one)
            columns = [self._column(unquote(name)) for name in names.split(">")]
            if all(columns):
                told.append(sign + ">".join(map(_escaped, columns)))
        return ",".join(told)

    def _brushes(self, value: str) -> str:
        told = []
        for one in _parts(value):
            original, _, asked = one.partition(">")
            column = self._column(unquote(original))
            parts = [self._asked(unquote(original), part) for part in asked.split("|")]
            if column and any(parts):
                told.append(f"{_escaped(column)}>{'|'.join(filter(None, parts))}")
        return ",".join(told)

    def _asked(self, column: str, part: str) -> str:
        if not part.startswith("="):
            return part if _RANGE.fullmatch(part) or _SPECIAL.fullmatch(part) else ""
        text, named = unquote(part[1:]), _COLUMN.fullmatch(column)
        if named:
            (told,) = self._redactor.tree({named[2]: text}, "labels").values()
        else:
            told = self._redactor.name_or_text(text)
        return "=" + _escaped(told)

    def _filter(self, value: str) -> str:
        told, end = [], 0
        name, asked = "", ""  # what a value would be compared with; the name that this word is a value of
        for token in _TOKEN.finditer(value):
            between = value[end : token.start()]
            if _OPERATOR.fullmatch(between):
                asked = name
            elif not (asked and re.fullmatch(r"\s*[(,]\s*", between)):
                asked = ""
            is_order = "<" in between or ">" in between
            told += [between, self._token(token, "" if is_order and _NUMBER.fullmatch(token[0]) else asked)]
            end = token.end()
            if token[0].lower() == "in":
                asked = name
            else:
                name = (token[1] or "") + _meant(token[2])
        return self._redactor.text("".join(told) + value[end:])

    def _token(self, token: re.Match[str], asked: str) -> str:
        prefix, word = token[1] or "", token[2]
        whole = prefix + word  # a dot is in many a name: exp.gpu17.corp
        is_quoted = word[0] in "\"'`"
        if not is_quoted and prefix.lower() not in ("best.", "last.", "metric.", "export.", "hp.", "label."):
            prefix, word = "", whole
        text = _meant(word)
        if holds_secret(asked, text):
            return f"{word[0]}{MASK}{word[0]}" if is_quoted else MASK
        told = self._redactor.name_or_text(text)
        if told == text:
            return whole
        mark = word[0] if is_quoted else "" if _BARE.fullmatch(told) else '"'
        escaped = re.sub(rf"[\\{mark}]", r"\\\g<0>", told) if mark else told
        return f"{prefix}{mark}{escaped}{mark}"


def _meant(word: str) -> str:
    """A word without its quotes and escapes."""
    return re.sub(r"\\(.)", r"\1", word[1:-1], flags=re.DOTALL) if word[0] in "\"'`" else word


def _words_of_the_page(value: str) -> str:
    return value if _WORDS_OF_THE_PAGE.fullmatch(value) else ""


def _parts(value: str) -> list[str]:
    return [part for part in value.split(",") if part]


def _packed(names: Iterable[str]) -> str:
    return ",".join(map(_escaped, names))


def _escaped(name: str) -> str:
    """What separates names is escaped once more; `|` is needed in brushes only."""
    return re.sub(r"[%,>|]", lambda match: quote(match[0], safe=""), name)
