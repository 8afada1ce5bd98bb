"""The group of all commands: how they report errors, react to Ctrl-C and end when their output is closed."""

from __future__ import annotations

import errno
import importlib
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import click

from tb_versions._version import __version__
from tb_versions.cli import INTERRUPTED
from tb_versions.core.manifest import shown, visible
from tb_versions.errors import (
    InvalidQueryError,
    InvalidReferenceError,
    TbVersionsError,
    UnreadableFolderError,
    UnsupportedStorageError,
)

_USAGE = (InvalidQueryError, InvalidReferenceError, UnreadableFolderError, UnsupportedStorageError)


_OUTPUT_FAILS = (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG, errno.EBADF, errno.ESTALE)

_UNHEARD = {"verify": 141, "import": 141}  # their exit code is an answer, which is not there yet


_COMMANDS = {  # where each is, and what `--help` says of it: loading them all would take a second
    "compare": ("compare:compare_versions", "Compare versions and runs: what differs, what is better."),
    "export": ("export:export_versions", "Write what the tab shows as one file that opens anywhere."),
    "import": ("restore:restore", "Restore the manifests in an export: manifests, not models."),
    "list": ("list:list_versions", "List every version, or those of one model."),
    "serve": ("serve:serve", "Show an export in the browser."),
    "show": ("show:show", "Show everything about one version."),
    "verify": ("verify:verify", "Check the files of versions, or an export, for changes."),
}


class _Group(click.Group):
    """Loads a command when it is used, and shows this package's errors as one line.

    The exit code is 2 for what was typed wrong and 1 for the answer "no".
    """

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click asks for it
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _COMMANDS:
            return None
        module, _, name = _COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(f"tb_versions.cli.{module}"), name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in _COMMANDS and not args[0].startswith("-"):
            from difflib import get_close_matches

            near = get_close_matches(args[0], _COMMANDS, n=1)
            hint = f" Did you mean {near[0]}?" if near else f" Commands are {', '.join(_COMMANDS)}."
            ctx.fail(f"No such command {shown(args[0])}.{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, short_help) for name, (_, short_help) in _COMMANDS.items()])

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
    """Ends silently when the output is closed (`| head`), with the command's own exit code if it is known.

    An output that can't be written, on a full disk, is said in a line.
    """
    try:
        try:
            yield
        finally:
            if sys.stdout is not None:  # closed from the start, as a daemon has it
                sys.stdout.flush()
    except BrokenPipeError as error:
        _forget_output()
        ended = error.__context__
        sys.exit(ended.code if isinstance(ended, SystemExit) else code())
    except OSError as error:
        if error.filename is not None or error.errno not in _OUTPUT_FAILS:  # it is about a file, not the output
            raise
        _forget_output()
        click.echo(f"tb-versions: The output could not be written: {error.strerror}.", err=True)
        sys.exit(1)


def _forget_output() -> None:
    """Lets what is left, which is flushed at the end, go nowhere."""
    with suppress(OSError), open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="tb-versions")
def main() -> None:
    """Which model version is which.

    Reads version manifests below --models-dir and --logdir, and announcements in the event files of --logdir.
    Exit codes: 0 fine, 1 the answer is no, 2 wrong usage.
    """
