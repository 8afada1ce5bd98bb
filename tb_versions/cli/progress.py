"""A bar on a terminal, on stderr, while files are read; nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from tb_versions.core import digest
from tb_versions.core.manifest import visible

Start = Callable[[str], AbstractContextManager[digest.Progress]]
"""Begins to show how far the files of a version, which is named, are read."""


@contextmanager
def reading(name: str) -> Iterator[digest.Progress]:
    """Shows how far files are read.

    Args:
        name: Whose files they are.

    Yields:
        What is to be called with the bytes read so far and the bytes in all.
    """
    with _bars() as progress:
        task = progress.add_task(visible(name), total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


@contextmanager
def reading_several(count: int) -> Iterator[Start]:
    """Shows how far files of several versions are read that are read at the same time, from several threads.

    Nothing may be printed meanwhile where `is_shown` is true.

    Args:
        count: How many versions.

    Yields:
        What returns a context for one of them, as `reading` does.
    """
    with _bars() as progress:
        overall = progress.add_task("", total=None, visible=count > 1)
        ended: list[str] = []

        @contextmanager
        def start(name: str) -> Iterator[digest.Progress]:
            task = progress.add_task(visible(name), total=None)
            try:
                yield lambda done, total: progress.update(task, completed=done, total=total)
            finally:
                progress.remove_task(task)
                ended.append(name)
                progress.update(overall, description=f"{len(ended):,} of {count:,} versions")

        yield start


def is_shown() -> bool:
    """Whether bars are shown, as stderr is a terminal."""
    return Console(stderr=True).is_terminal


def _bars() -> Progress:
    console = Console(stderr=True, markup=False, emoji=False, highlight=False)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
