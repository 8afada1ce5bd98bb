"""The view with which an exported page opens: of a copied address it keeps the keys of the tab and nothing else.

frontend/src/model/view.ts and frontend/src/model/compare/look.ts write these keys. A name in them becomes what it
became in the export, so that the page still finds it. A value in which anything else must be masked is left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import quote, unquote

from tb_versions.exports.redaction.redactor import Redactor
from tb_versions.privacy.secrets import holds_secret, names_secret

PREFIX = "p.versions."
"""What the tab's keys begin with in TensorBoard's hash."""

_NAME_KEYS = ("v", "base", "metric")
_LIST_KEYS = (
    *("m", "a", "r", "sel", "cmp", "tags", "pins", "hide", "goals", "sort", "cols", "color", "axes", "xy", "brush"),
)
_WORD_KEYS = (
    *("st", "group", "tab", "chart", "panel", "large", "lin", "side", "all", "x", "smooth", "log", "out", "wd", "over"),
)
_UNESCAPED = "-_.!~*'()"  # as JavaScript's encodeURIComponent
_WORDS_OF_THE_PAGE = re.compile(r"(?:[+-]?[a-z]{1,20}(?:,|\Z)){1,20}|[01](?:\.[0-9]{1,6})?")
_PART = re.compile(r"([+=-]?)((?:m|best|last|hp|label):)?(.*?)(=max|=min)?", re.DOTALL)
_SECTION = r"((?:best|last|metric|export|hp|label)\.)?"
_WORD_OF_FILTER = re.compile(
    rf"{_SECTION}(\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`|[^\s()=<>~!,\"'`]+)", re.IGNORECASE
)
_BARE = re.compile(r"[^\s()=<>~!,\"'`]+")


def shared_view(view: str, redactor: Redactor) -> str:
    """Returns a view as it is exported.

    Args:
        view: Hash of the tab: `#versions&p.versions.cmp=…`, or "".
        redactor: The one that redacted the rest of the export: it knows the names.
    """
    if not view:
        return ""
    kept: dict[str, str] = {}
    for part in view.split("&")[1:]:
        key, _, value = part.partition("=")
        own = unquote(key).removeprefix(PREFIX) if unquote(key).startswith(PREFIX) else ""
        written = KEYS[own](unquote(value), redactor) if own in KEYS and value else ""
        if written:
            kept[own] = written
        elif own in KEYS and value:
            redactor.counts["view"] += 1
    return "&".join(["#versions", *(f"{PREFIX}{key}={quote(made, safe=_UNESCAPED)}" for key, made in kept.items())])


def _name(value: str, redactor: Redactor) -> str:
    return redactor.name(value)


def _words(value: str, _: Redactor) -> str:
    return value if _WORDS_OF_THE_PAGE.fullmatch(value) else ""


def _model(value: str, redactor: Redactor) -> str:
    """A model's name; the folder of its log, which may stand behind it, is left out."""
    return redactor.name(value.partition("|")[0])


def _moment(value: str, _: Redactor) -> str:
    """Milliseconds since the epoch."""
    return value if re.fullmatch(r"[0-9]{1,16}", value) else ""


def _list(value: str, redactor: Redactor) -> str:
    """Names between `,`, `>` and `|`: `-m:loss,+created`, `hp:optimizer>=adam|=sgd`, `loss=min`."""
    made, column = [], ""
    for piece in re.split(r"([,>|])", value):
        match = _PART.fullmatch(unquote(piece))
        assert match
        sign, prefix, name, goal = (part or "" for part in match.groups())
        new = redactor.name_or_text(name)
        if (new != name and not redactor.knows(name)) or holds_secret(column, name):
            return ""
        column = name if prefix or not sign else column  # what the values behind it belong to
        made.append(piece if new == name else sign + prefix + _escaped(new) + goal)
    return "".join(made)


def _filter(value: str, redactor: Redactor) -> str:
    made, end = [], 0
    for word in _WORD_OF_FILTER.finditer(value):
        new = _word_of_filter(word, redactor)
        if new is None:
            return ""
        made += [value[end : word.start()], new]
        end = word.end()
    whole = "".join(made) + value[end:]
    return whole if redactor.text(whole) == whole else ""


def _word_of_filter(word: re.Match[str], redactor: Redactor) -> str | None:
    """Returns a name as it is in the export, any other word unchanged; None if it can't be exported."""
    section, quoted = word[1] or "", word[2]
    is_quoted = quoted[0] in "\"'`"
    name = re.sub(r"\\(.)", r"\1", quoted[1:-1], flags=re.DOTALL) if is_quoted else quoted
    if section and not is_quoted and redactor.knows(section + name):
        section, name = "", section + name  # a dot is in many a name: best.run7
    new = redactor.name_or_text(name)
    if names_secret(name) or (new != name and not redactor.knows(name)):
        return None
    if new == name:
        return word[0]
    mark = quoted[0] if is_quoted else "" if _BARE.fullmatch(new) else '"'
    return section + mark + (re.sub(rf"[\\{mark}]", r"\\\g<0>", new) if mark else new) + mark


def _escaped(name: str) -> str:
    """Escapes the characters that separate names."""
    return re.sub(r"[%,>|]", lambda match: quote(match[0], safe=""), name)


KEYS: dict[str, Callable[[str, Redactor], str]] = {
    "q": _filter,
    **dict.fromkeys(_NAME_KEYS, _name),
    **dict.fromkeys(_LIST_KEYS, _list),
    **dict.fromkeys(_WORD_KEYS, _words),
    "hist": _model,
    "at": _moment,
}
"""Key of the tab to the function that returns its value as it is exported, or "" if it can't be exported."""
