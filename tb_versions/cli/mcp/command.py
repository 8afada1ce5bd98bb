"""`tb-versions mcp`."""

from __future__ import annotations

import click

from tb_versions.cli import options
from tb_versions.cli.mcp.skill import skill_text
from tb_versions.core import storage
from tb_versions.core.elsewhere import bound
from tb_versions.read.folders.stores import existing_models


@click.command()
@options.places
@click.option("--skill", is_flag=True, help="Print instructions for assistants that use the command line, and end.")
def mcp(logdir: str, models_dirs: tuple[str, ...], *, skill: bool) -> None:
    """Answer an assistant's questions about versions: a server of read-only tools, on the standard input and output.

    The protocol is MCP, the Model Context Protocol; an assistant's program starts this command. No tool writes, and
    none leads out of the folders that are given here.
    """
    if skill:
        click.echo(skill_text(), nl=False)
        return
    if not logdir and not models_dirs:
        raise click.UsageError("Say where to look: --logdir DIR, --models-dir DIR, or both.")
    if logdir:
        storage.existing_folder(logdir, "The log directory")
    for folder in models_dirs:
        existing_models(folder)
    from tb_versions.cli.mcp import server, tools

    server.check_sdk()
    server.serve(tools.roots_of(logdir, models_dirs, bound()))
