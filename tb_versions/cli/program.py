"""The group of all verbs: how each of them fails, is interrupted, or ends where nobody reads on."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import click

from tb_versions._version import __version__
from tb_versions.cli import INTERRUPTED
from tb_versions.cli.compare import compare_versions
from tb_versions.cli.export import export_versions
from tb_versions.cli.list import list_versions
from tb_versions.cli.restore import restore
from tb_versions.cli.serve import serve
from tb_versions.cli.show import show
from tb_versions.cli.verify import verify
from tb_versions.core.manifest import visible
from tb_versions.errors import (
    InvalidQueryError,
    InvalidReferenceError,
    TbVersionsError,
    UnreadableFolderError,
    UnsupportedStorageError,
)

_USAGE = (InvalidQueryError, InvalidReferenceError, UnreadableFolderError, UnsupportedStorageError)


_UNHEARD = {"verify": 141, "import": 141}  # their exit code is an answer, which is not there yet


class _Group(click.Group):
    """Shows this package's errors as one line: exit code 2 for what was typed wrong, 1 for an answer "no"."""

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        with _ending_quietly(lambda: 0):
            return super().make_context(*args, **extra)

    def invoke(self, ctx: click.Context) -> object:
        try:
            with _ending_quietly(lambda: _UNHEARD.get(ctx.invoked_subcommand or "", 0)):
                return super().invoke(ctx)
        except TbVersionsError as error:
            click.echo(f"tb-versions: {visible(str(error))}", err=True)
            sys.exit(2 if isinstance(error, _USAGE) else 1)
        except KeyboardInterrupt:
            click.echo("\nAborted!", err=True)
            sys.exit(INTERRUPTED)


@contextmanager
def _ending_quietly(code: Callable[[], int]) -> Iterator[None]:
    """Ends without a word where nobody reads on (`| head`); with the command's own exit code if that is known."""
    try:
        try:
            yield
        finally:
            if sys.stdout is not None:  # closed from the start, as a daemon has it
                sys.stdout.flush()
    except BrokenPipeError as error:
        with suppress(OSError), open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), sys.stdout.fileno())  # what is left is flushed at the end
        ended = error.__context__
        sys.exit(ended.code if isinstance(ended, SystemExit) else code())


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="tb-versions")
def main() -> None:
    """Which model version is which.

    Reads version manifests below --models-dir and --logdir, and announcements in the event files of --logdir.
    Exit codes: 0 fine, 1 the answer is no, 2 wrong usage.
    """


main.add_command(compare_versions)
main.add_command(export_versions)
main.add_command(list_versions)
main.add_command(restore)
main.add_command(serve)
main.add_command(show)
main.add_command(verify)
