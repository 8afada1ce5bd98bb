"""How values look on a terminal. Text from files is printed without markup and control characters."""

from __future__ import annotations

import contextlib
import datetime
import math
import re

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tb_versions import payload
from tb_versions.core.manifest import visible
from tb_versions.read.catalog import Catalog

_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
_RAW = re.compile("[\x7f-\x9f\xad\u0600-\u0605\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")


def json_of(value: object) -> str:
    """A value as JSON. Characters that a terminal obeys or hides are escaped; programs read the same value."""
    return _RAW.sub(lambda match: f"\\u{ord(match[0]):04x}", payload.dump(value).decode())


def plain(value: object) -> Text:
    """A value as inert text; "" for None."""
    return Text("" if value is None else visible(str(value)))


def number(value: float | None) -> str:
    """A metric with five significant digits; "" for None."""
    if value is None:
        return ""
    return f"{value:.5g}" if math.isfinite(value) else str(value)


def time(milliseconds: int | None) -> str:
    """A time in the local zone, to the minute; "" for None."""
    if milliseconds is None:
        return ""
    moment = _EPOCH + datetime.timedelta(milliseconds=milliseconds)
    with contextlib.suppress(OverflowError, ValueError, OSError):  # the first and last day of the calendar
        moment = moment.astimezone()
    return moment.isoformat(" ", "minutes")[:16]


def table(*columns: str) -> Table:
    """An empty table in the house's look: hairline under the head, no boxes."""
    made = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        made.add_column(column, overflow="fold")
    return made


class _Console(Console):
    """A console that leaves a closed pipe to the command's group."""

    def on_broken_pipe(self) -> None:
        raise  # noqa: PLE0704 - called where the error is handled


def console() -> Console:
    """Where tables go: wide enough for a pipe, no markup, no emoji."""
    made = _Console(markup=False, emoji=False, highlight=False)
    return made if made.is_terminal else _Console(markup=False, emoji=False, highlight=False, width=200)


def report_problems(catalog: Catalog) -> None:
    """Reports on stderr what could not be shown."""
    for where, reason in catalog.problems:
        click.echo(f"tb-versions: {visible(where)}: {visible(reason)}", err=True)
