"""The command `tb-versions`: parsing and printing only, one module per verb."""

from __future__ import annotations

import sys

import click

from tb_versions._version import __version__
from tb_versions.cli.compare import compare_versions
from tb_versions.cli.export import export_versions
from tb_versions.cli.list import list_versions
from tb_versions.cli.restore import restore
from tb_versions.cli.serve import serve
from tb_versions.cli.show import show
from tb_versions.cli.verify import verify
from tb_versions.errors import (
    InvalidQueryError,
    InvalidReferenceError,
    TbVersionsError,
    UnreadableFolderError,
    UnsupportedStorageError,
)
from tb_versions.event_files import without_tensorflow
from tb_versions.manifest import visible

_USAGE = (InvalidQueryError, InvalidReferenceError, UnreadableFolderError, UnsupportedStorageError)


class _Group(click.Group):
    """Shows this package's errors as one line: exit code 2 for what was typed wrong, 1 for an answer "no"."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except TbVersionsError as error:
            click.echo(f"tb-versions: {visible(str(error))}", err=True)
            sys.exit(2 if isinstance(error, _USAGE) else 1)
        except BrokenPipeError:
            sys.stderr.close()
            sys.exit(0)


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


def run() -> None:
    """The console script: a process of its own, so it may tell TensorBoard to do without TensorFlow."""
    without_tensorflow()
    main(prog_name="tb-versions")
