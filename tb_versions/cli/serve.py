"""`tb-versions serve`."""

from __future__ import annotations

import contextlib
import threading
import webbrowser

import click

from tb_versions.cli import exports
from tb_versions.cli.numbers import WholeNumberIn
from tb_versions.core.manifest import visible
from tb_versions.exports.checking.examining import examine
from tb_versions.exports.checking.server import ExportServer, Served, served_files


@click.command()
@click.argument("export", metavar="EXPORT")
@click.option(
    "--port",
    metavar="PORT",
    type=WholeNumberIn(0, 65_535),
    default=0,
    help="Port to listen on; any free one if not given.",
)
@click.option(
    "--host",
    metavar="NAME",
    default="127.0.0.1",
    help="Name or address to listen on; this computer only if not given. There is no login.",
)
@click.option("--no-browser", is_flag=True, help="Print the address only.")
@click.option("--unverified", is_flag=True, help="Show the export even if it was altered.")
def serve(export: str, *, port: int, host: str, no_browser: bool, unverified: bool) -> None:
    """Show EXPORT, which `tb-versions export` wrote, in the browser. Ctrl-C ends.

    Only reads, and serves the export's own content in the page that is installed here. An export that was altered is
    not shown.
    """
    files = _files(export, unverified=unverified)
    with contextlib.suppress(KeyboardInterrupt), ExportServer(files, host, port, _warn) as server:
        click.echo(f"{visible(export)} is shown at {server.url} until Ctrl-C.")
        if not no_browser:
            threading.Thread(target=_open, args=(server.url,), daemon=True).start()
        server.serve_forever()


def _files(export: str, *, unverified: bool) -> dict[str, Served]:
    if not unverified:
        return served_files(exports.unaltered(export, so="so it is not shown; --unverified shows it all the same"))
    found = examine(exports.existing(export))
    for sentence in found.altered:
        _warn(f"{export}: {sentence}")
    return served_files(found, verified=False)


def _warn(sentence: str) -> None:
    click.echo(f"tb-versions: {visible(sentence)}", err=True)


def _open(url: str) -> None:
    """Opens a browser with a window; one in the terminal would cover the address."""
    with contextlib.suppress(webbrowser.Error, OSError):
        browser = webbrowser.get()
        if type(browser) is not webbrowser.GenericBrowser:
            browser.open(url)
