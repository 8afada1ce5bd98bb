"""A bar on a terminal, on stderr, while files are read; nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from tb_versions.core import digest
from tb_versions.core.manifest import visible


@contextmanager
def reading(name: str) -> Iterator[digest.Progress]:
    """Shows how far files are read.

    Args:
        name: Whose files they are.

    Yields:
        What is to be called with the bytes read so far and the bytes in all.
    """
    console = Console(stderr=True, markup=False, emoji=False, highlight=False)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(visible(name), total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)
