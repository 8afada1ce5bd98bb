"""Tables as notebooks and consoles show them: HTML without scripts, every text escaped, or aligned text. Pure.

The HTML has no colours of its own but shades of the notebook's, so it can be read in light and in dark themes.
"""

from __future__ import annotations

import html
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import islice

from tb_versions.core.manifest import visible

MOST_BYTES = 190_000
"""Most bytes of the HTML of one object, however many rows it has and however long its texts are."""

LONGEST = 100
"""Most characters of a cell in HTML; the rest is cut off, with an ellipsis."""

WIDEST = 44
"""Most characters of a cell on a console."""

_LINE = "border-bottom:1px solid rgba(127,127,127,.4)"
_LEFT, _RIGHT = "padding:1px 8px;text-align:left", "padding:1px 8px;text-align:right"


class ShowsItself(ABC):
    """Shows itself in notebooks by its HTML, and by its `repr` where HTML is not shown."""

    @abstractmethod
    def _repr_html_(self) -> str:
        """Returns the HTML."""

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/plain": repr(self), "text/html": self._repr_html_()}


def short(text: str, most: int = LONGEST) -> str:
    """Returns a text on one line with hidden characters spelled out, so many characters at most."""
    line = visible(" ".join(text[: 4 * most].split()))
    return line if len(line) <= most and len(text) <= 4 * most else line[: most - 1] + "…"


def some_of(values: Mapping[str, object], most: int = 5) -> str:
    """Returns the first entries as a dict has them, and how many more there are: "{'a': 1.0} and 3 more"."""
    rest = len(values) - most
    return repr(dict(islice(values.items(), most))) + (f" and {rest:,} more" if rest > 0 else "")


def counted(number: int, noun: str) -> str:
    """Returns a number with its noun: "1 version", "3 versions"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def html_text(text: str, *, most: int = 2_000, weak: bool = False) -> str:
    """Returns a paragraph that says a text and is nothing but text.

    Args:
        text: As it comes from a file.
        most: Most characters of it.
        weak: Whether it stands back.
    """
    style = "margin:.3em 0;opacity:.75" if weak else "margin:.3em 0"
    return f'<p style="{style}">{html.escape(short(text, most))}</p>'


def html_table(
    head: Sequence[str], rows: Iterable[Sequence[str]], *, right: Collection[int] = (), most: int = MOST_BYTES
) -> tuple[str, int]:
    """Returns a table, and how many rows it has.

    Args:
        head: Names of the columns; all empty for a table without a head.
        rows: A text for each column.
        right: Places of the columns that are aligned right, as numbers are.
        most: Most bytes of it; rows that have no room are left out.
    """
    styles = [_RIGHT if place in right else _LEFT for place in range(len(head))]
    begin = '<table style="border-collapse:collapse">'
    begin += f"<thead>{_row('th', head, [f'{style};{_LINE}' for style in styles])}</thead>" if any(head) else ""
    begin += "<tbody>"
    end = "</tbody></table>"
    parts, size = [begin], len((begin + end).encode())
    count = 0
    for row in rows:
        part = _row("td", row, styles)
        size += len(part.encode())
        if size > most:
            break
        parts.append(part)
        count += 1
    return "".join([*parts, end]), count


def _row(element: str, texts: Sequence[str], styles: Sequence[str]) -> str:
    cells = zip(texts, styles, strict=True)
    return "<tr>" + "".join(f'<{element} style="{s}">{html.escape(short(t))}</{element}>' for t, s in cells) + "</tr>"


def text_table(
    head: Sequence[str], rows: Iterable[Sequence[str]], *, right: Collection[int] = (), widest: int = WIDEST
) -> str:
    """Returns a table as lines of text with columns of one width each; see `html_table`."""
    lines = [[short(text, widest) for text in row] for row in ([head] if any(head) else []) + list(rows)]
    columns = list(zip(*lines, strict=True))
    widths = [max(map(_width, column)) for column in columns]
    return "\n".join(
        "  ".join(_padded(text, widths[at], to_right=at in right) for at, text in enumerate(line)).rstrip()
        for line in lines
    )


def _width(text: str) -> int:
    """Cells of a console: a Chinese letter takes two, a combining accent none."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(c) else 1 + (unicodedata.east_asian_width(c) in "WF") for c in text)


def _padded(text: str, width: int, *, to_right: bool) -> str:
    space = " " * (width - _width(text))
    return space + text if to_right else text + space
