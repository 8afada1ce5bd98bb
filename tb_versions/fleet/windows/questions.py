"""What a page asks of the tables, read from the texts of a request. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast
from urllib.parse import unquote

import msgspec

from tb_versions.core.manifest import shown
from tb_versions.errors import InvalidQueryError

MOST_ROWS = 500
"""Most rows of a window."""

MOST_IDS = 100_000
"""Most versions whose ids are given at once."""

MOST_BINS = 200
"""Most bins of a density, along one axis."""

Grouping = Literal["", "model", "run"]
Special = Literal["none", "nan", "low", "high"]

_SPECIALS = ("none", "nan", "low", "high")
_MOST_TEXTS = 1_000
_MOST_SORTS = 10
_LONGEST = 10_000
_OF_ROWS = frozenset({"filter", "model", "alias", "run", "state", "brush", "all"})
_OF_WINDOWS = _OF_ROWS | {"sort", "group", "facets", "first", "count"}
_OF_DENSITIES = _OF_ROWS | {"x", "y", "bins", "xlog", "ylog"}


@dataclass(frozen=True)
class Brush:
    """What a reader drew in a chart: a version passes with a number inside, one of the texts or one of the specials.

    Attributes:
        id: Of the column: "m:val_accuracy".
        range: Least and greatest number that pass, or None.
        texts: Texts that pass.
        specials: What else passes: absent, NaN, the infinities.
    """

    id: str
    range: tuple[float, float] | None = None
    texts: frozenset[str] = frozenset()
    specials: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Wanted:
    """Which versions count.

    Attributes:
        filter: Of the tab.
        models: Ticks of the sidebar; none passes every version. So are `aliases`, `runs` (of trainings) and `states`.
        brush: Ranges that were drawn in charts.
        everything: Whether deprecated and removed versions count too.
    """

    filter: str = ""
    models: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    runs: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    brush: tuple[Brush, ...] = ()
    everything: bool = False


@dataclass(frozen=True)
class Window:
    """Some rows.

    Attributes:
        wanted: Of which versions.
        sort: Names of columns, each with whether it descends; the first counts first.
        group: What has headings, or "".
        facets: Whether the sidebar's counts are asked for.
        first: Position of the first row, from 0.
        count: How many rows.
    """

    wanted: Wanted
    sort: tuple[tuple[str, bool], ...] = ()
    group: Grouping = ""
    facets: bool = False
    first: int = 0
    count: int = 100


@dataclass(frozen=True)
class Density:
    """How many versions are where, in two dimensions.

    Attributes:
        wanted: Of which versions.
        x: Name of a column of numbers or times; so is `y`.
        y: Name of another.
        bins: Number of bins along x and y.
        logs: Whether the scales of x and y are logarithmic.
    """

    wanted: Wanted
    x: str
    y: str
    bins: tuple[int, int] = (80, 50)
    logs: tuple[bool, bool] = (False, False)


def window_of(question: Mapping[str, Any], *, most: int = MOST_ROWS) -> Window:
    """Returns the window that a request asks for.

    Args:
        question: Name to text, or to a list of texts.
        most: Most rows.

    Raises:
        InvalidQueryError: A parameter is not known or wrong.
    """
    asked = _Asked(question, _OF_WINDOWS)
    group = asked.one("group")
    if group not in ("", "model", "run"):
        raise InvalidQueryError(f"group is {shown(group)}; it is model, run, or left out.")
    sorts = [each for each in asked.several("sort") if each]
    if len(sorts) > _MOST_SORTS:
        raise InvalidQueryError(f"sort is given {len(sorts)} times; at most {_MOST_SORTS} count.")
    return Window(
        asked.wanted(),
        tuple([(each.removeprefix("-"), each.startswith("-")) for each in sorts]),
        cast("Grouping", group),
        facets=asked.flag("facets"),
        first=asked.number("first", 0, most=2**53),
        count=asked.number("count", min(100, most), most=most),
    )


def density_of(question: Mapping[str, Any]) -> Density:
    """Returns the density that a request asks for; raises InvalidQueryError as `window_of`."""
    asked = _Asked(question, _OF_DENSITIES)
    x, y = asked.one("x"), asked.one("y")
    if not x or not y:
        raise InvalidQueryError("x and y are names of columns; both are needed.")
    text = asked.one("bins") or "80x50"
    width, _, height = text.partition("x")
    bins = tuple([int(each) if each.isascii() and each.isdigit() and len(each) < 5 else 0 for each in (width, height)])
    if not all(0 < each <= MOST_BINS for each in bins):
        raise InvalidQueryError(f"bins is {shown(text)}; it is like 80x50, at most {MOST_BINS}x{MOST_BINS}.")
    return Density(asked.wanted(), x, y, (bins[0], bins[1]), (asked.flag("xlog"), asked.flag("ylog")))


class _Asked:
    """The parameters of a request."""

    def __init__(self, question: Mapping[str, Any], known: frozenset[str]) -> None:
        self._texts: dict[str, list[str]] = {}
        for name, value in question.items():
            if name not in known:
                raise InvalidQueryError(f"{shown(name)} is no parameter; there are {', '.join(sorted(known))}.")
            texts = [value] if isinstance(value, str) else list(value)
            if not all(isinstance(text, str) for text in texts):
                raise InvalidQueryError(f"{name} is no text.")
            if len(texts) > _MOST_TEXTS or any(len(text) > _LONGEST for text in texts):
                raise InvalidQueryError(f"{name} is too long.")
            self._texts[name] = texts

    def several(self, name: str) -> tuple[str, ...]:
        return tuple(self._texts.get(name, ()))

    def one(self, name: str) -> str:
        texts = self._texts.get(name) or [""]
        if len(texts) > 1:
            raise InvalidQueryError(f"{name} is given {len(texts)} times.")
        return texts[0]

    def flag(self, name: str) -> bool:
        text = self.one(name)
        if text not in ("", "0", "1"):
            raise InvalidQueryError(f"{name} is {shown(text)}; it is 1, or left out.")
        return text == "1"

    def number(self, name: str, usual: int, *, most: int) -> int:
        text = self.one(name)
        if not text:
            return usual
        if not (text.isascii() and text.isdigit() and len(text) < 17 and int(text) <= most):
            raise InvalidQueryError(f"{name} is {shown(text)}; it is a whole number of at most {most:,}.")
        return int(text)

    def wanted(self) -> Wanted:
        return Wanted(
            filter=self.one("filter"),
            models=self.several("model"),
            aliases=self.several("alias"),
            runs=self.several("run"),
            states=self.several("state"),
            brush=tuple(brushes_of(self.one("brush"))),
            everything=self.flag("all"),
        )


class _Drawn(msgspec.Struct, forbid_unknown_fields=True):
    """A range as JSON has it."""

    id: str
    from_: float | None = msgspec.field(default=None, name="from")
    to: float | None = None
    texts: list[str] = msgspec.field(default_factory=list)
    specials: list[Special] = msgspec.field(default_factory=list)


def brushes_of(text: str) -> Sequence[Brush]:
    """Returns the ranges of charts, as the page's address packs them, or as a list of JSON.

    Args:
        text: `m:loss>0.1~0.3|!none,hp:optimizer>=adam|=sgd`, or `[{"id": "m:loss", "from": 0.1, "to": 0.3}]`.

    Raises:
        InvalidQueryError: It is neither.
    """
    if text.startswith("["):
        try:
            drawn = msgspec.json.decode(text, type=list[_Drawn])
        except msgspec.MsgspecError as error:
            raise InvalidQueryError(f"brush is no list of ranges: {error}") from error
        return [_brush(each) for each in drawn]
    found = [_unpacked(part) for part in text.split(",")]
    return [each for each in found if each.id and (each.range or each.texts or each.specials)]


def _brush(drawn: _Drawn) -> Brush:
    has_range = drawn.from_ is not None or drawn.to is not None
    low = -math.inf if drawn.from_ is None else drawn.from_
    high = math.inf if drawn.to is None else drawn.to
    return Brush(drawn.id, (low, high) if has_range else None, frozenset(drawn.texts), frozenset[str](drawn.specials))


def _unpacked(part: str) -> Brush:
    identity, _, asked = part.partition(">")
    parts = asked.partition(">")[0].split("|")
    ranges = [_range(each) for each in parts if "~" in each and not each.startswith("=")]
    return Brush(
        unquote(identity),
        next((each for each in ranges if each is not None), None),
        frozenset(unquote(each[1:]) for each in parts if each.startswith("=")),
        frozenset(each[1:] for each in parts if each.startswith("!") and each[1:] in _SPECIALS),
    )


def _range(part: str) -> tuple[float, float] | None:
    try:
        low, high = map(float, part.split("~")[:2])
    except ValueError:
        return None
    return (low, high) if low <= high else None
