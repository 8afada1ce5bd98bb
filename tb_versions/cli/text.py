"""How values look on a terminal. Text from files is printed without markup and control characters."""

from __future__ import annotations

import datetime
import math
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from time import localtime
from typing import TYPE_CHECKING

import click

from tb_versions.core.amounts import significant
from tb_versions.core.manifest import visible
from tb_versions.core.times import minute_text, moment_of

if TYPE_CHECKING:  # rich takes as long to import as a thousand manifests to read
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from tb_versions.read.catalog import Catalog

MOST_FITTED = 200
"""Rows that rich fits to a terminal's width; it takes a thousandth of a second for each."""

_WIDEST = 60
"""Cells of a terminal that a column is padded to; one very long name must not make every line as long."""

_MOST_ALIKE = 3

_EVERYWHERE_KNOWN = range(2**31 * 1000)  # milliseconds until 2038: times that every C library knows
_RAW = re.compile("[\x7f-\x9f\xad\u0600-\u0605\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")


def json_of(value: object) -> str:
    """A value as JSON. Characters that a terminal obeys or hides are escaped; programs read the same value."""
    from tb_versions import payload

    return _RAW.sub(lambda match: f"\\u{ord(match[0]):04x}", payload.dump(value).decode())


def plain(value: object) -> Text:
    """A value as inert text; "" for None."""
    from rich.text import Text

    return Text("" if value is None else visible(str(value)))


def number(value: float | None) -> str:
    """A metric with five significant digits; "" for None."""
    if value is None:
        return ""
    return significant(value) if math.isfinite(value) else str(value)


def time(milliseconds: int | None) -> str:
    """A time in the local zone, to the minute; "" for None."""
    if milliseconds is None:
        return ""
    if milliseconds in _EVERYWHERE_KNOWN:
        year, month, day, hour, minute, *_ = localtime(milliseconds // 1000)
        return f"{year}-{month:02}-{day:02} {hour:02}:{minute:02}"
    local = _local(milliseconds)
    return minute_text(milliseconds).removesuffix(" UTC") if local is None else local.isoformat(" ", "minutes")[:16]


def moment(milliseconds: int | None) -> str:
    """A time with its zone, the local one, to the minute; "" for None."""
    if milliseconds is None:
        return ""
    if milliseconds in _EVERYWHERE_KNOWN:
        return f"{time(milliseconds)} {localtime(milliseconds // 1000).tm_zone}"
    return minute_text(milliseconds) if _local(milliseconds) is None else f"{time(milliseconds)} {localtime().tm_zone}"


def _local(milliseconds: int) -> datetime.datetime | None:
    """A time in the local zone; None beyond the calendar, and where its first or last day has none there."""
    try:
        return moment_of(milliseconds).astimezone()
    except (OverflowError, ValueError, OSError):
        return None


def table(*columns: str) -> Table:
    """An empty table in the house's look: hairline under the head, no boxes."""
    from rich.table import Table

    made = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        made.add_column(column, overflow="fold")
    return made


def print_rows(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Prints a table of any length: a line for each row in a file or pipe, fitted to its width on a terminal."""
    some = list(rows)
    if len(some) <= MOST_FITTED and sys.stdout is not None and sys.stdout.isatty():
        fitted = table(*map(visible, columns))
        for row in some:
            fitted.add_row(*map(plain, row))
        console().print(fitted)
    else:
        click.echo("\n".join(lines([columns, *some])))


def lines(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows as lines with columns of one width each."""
    columns = [_printable(column) for column in zip(*rows, strict=True)]
    widths = [_width_of(column) for column in columns]
    padded = [_padded(*both) for both in zip(columns[:-1], widths[:-1], strict=True)]
    return ["  ".join(row).rstrip() for row in zip(*padded, columns[-1], strict=True)]


def _printable(column: tuple[str, ...]) -> tuple[str, ...]:
    return column if "".join(column).isprintable() else tuple(map(visible, column))


def _width_of(column: Sequence[str]) -> Callable[[str], int]:
    """Counts cells of a terminal: a Chinese letter takes two, a combining accent none."""
    if "".join(column).isascii():
        return len
    from rich.cells import cell_len

    return cell_len


def _padded(column: Sequence[str], width_of: Callable[[str], int]) -> list[str]:
    width = min(max(map(width_of, column)), _WIDEST)
    if width_of is len:
        return [cell.ljust(width) for cell in column]
    return [cell + " " * (width - width_of(cell)) for cell in column]


def console(*, stderr: bool = False) -> Console:
    """Where tables go: wide enough for a pipe, no markup, no emoji; standard output, or standard error."""
    from rich.console import Console

    class Piped(Console):
        """A console that leaves a closed pipe to the command's group."""

        def on_broken_pipe(self) -> None:
            raise  # noqa: PLE0704 - called where the error is handled

    made = Piped(markup=False, emoji=False, highlight=False, stderr=stderr)
    return made if made.is_terminal else Piped(markup=False, emoji=False, highlight=False, stderr=stderr, width=200)


def report_problems(catalog: Catalog) -> None:
    """Reports on stderr what could not be shown; equal sentences of more than a few places once."""
    places: dict[str, list[str]] = {}
    for where, reason in catalog.problems:
        places.setdefault(reason, []).append(where)
    for reason, found in places.items():
        few = found if len(found) <= _MOST_ALIKE else [f"{len(found):,} places, {found[0]} first"]
        for where in few:
            click.echo(f"tb-versions: {visible(where)}: {visible(reason)}", err=True)
