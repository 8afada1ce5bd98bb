"""Runs a command of the command line in this process, and returns what it would have printed."""

from __future__ import annotations

import io
import threading
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from typing import NamedTuple

import click

from tb_versions.core.user_folders import keeping_nothing

_ALONE = threading.Lock()
"""The standard streams belong to the whole process: one command at a time."""


class Ran(NamedTuple):
    """What a command did.

    Attributes:
        code: Its exit code, as docs/cli.md has them.
        printed: What it printed.
        said: Lines that it wrote to the standard error.
    """

    code: int
    printed: str
    said: tuple[str, ...]


def run(arguments: Sequence[str]) -> Ran:
    """Runs `tb-versions ARGUMENTS` and keeps nothing in the user's folders; safe in several threads.

    Args:
        arguments: As a shell would give them.
    """
    from tb_versions.cli.program import main

    written = io.BytesIO()  # beneath, because an export writes bytes
    printed = io.TextIOWrapper(written, encoding="utf-8", errors="replace", write_through=True)
    said = io.StringIO()
    with _ALONE, redirect_stdout(printed), redirect_stderr(said), keeping_nothing():
        try:
            code = main.main(list(arguments), prog_name="tb-versions", standalone_mode=False)
        except SystemExit as ended:
            code = ended.code
        except click.ClickException as error:
            code = error.exit_code
            print(error.format_message(), file=said)
    lines = [line.removeprefix("tb-versions: ") for line in said.getvalue().splitlines()]
    return Ran(code if isinstance(code, int) else 0, written.getvalue().decode(), tuple(filter(None, lines)))


def finish(seconds: float) -> None:
    """Waits for the command that runs, so that it removes its temporary files; no other begins then."""
    _ALONE.acquire(timeout=seconds)
