"""Finds the runs of a log directory as TensorBoard does, and says which folders were not searched.

TensorBoard follows symlinks, and so does this. But one folder that can't be read ends TensorBoard's search with an
error, and two symlinks to the folder above them make it walk 2^40 paths.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

Problems = list[tuple[str, str]]
"""(where, why) of what could not be read."""

MAX_LINKED = 10_000
"""Most folders that are searched through symlinks: a few links to links can name a folder in endless ways."""

NO_FILE = "is called like an event file but is none; its run is left out."
LOOP = "is a symlink to a folder above it and is not followed."


def run_folders(logdir: str, problems: Problems) -> Iterator[tuple[str, str]]:
    """Yields the name and the folder of each run; see `runs_with_files`."""
    return ((name, folder) for name, folder, _ in runs_with_files(logdir, problems))


def runs_with_files(logdir: str, problems: Problems) -> Iterator[tuple[str, str, list[os.DirEntry[str]]]]:
    """Yields the name, the folder and the event files of each run.

    Args:
        logdir: A local folder.
        problems: Gets the folders that can't be listed, the symlinks that are not followed, and what is called like an
            event file but is a fifo, for example: TensorBoard would open it and wait for ever.
    """
    linked = 0
    # Of each folder also those above it, by device and inode: a symlink to one of them is a loop.
    pending: list[tuple[str, frozenset[tuple[int, int]], bool]] = [("", frozenset(), False)]
    while pending:
        name, above, is_linked = pending.pop()
        folder = os.path.join(logdir, name) if name else logdir
        linked += is_linked
        if linked > MAX_LINKED and is_linked:
            continue
        try:
            status = os.stat(folder)
            if (status.st_dev, status.st_ino) in above:
                problems.append((folder, LOOP))
                continue
            events, inner = _list(folder)
        except FileNotFoundError:
            continue
        except OSError as error:
            problems.append((folder, f"can't be read: {error.strerror}."))
            continue
        odd = [event.path for event in events if not _is_file(event)]
        problems += [(path, NO_FILE) for path in odd]
        if events and not odd:
            yield name or ".", folder, events
        above |= {(status.st_dev, status.st_ino)}
        pending += [(os.path.join(name, child), above, is_linked or is_link) for child, is_link in inner]
    if linked > MAX_LINKED:
        problems.append((logdir, f"symlinks in it lead to more than {MAX_LINKED:,} folders; others are left out."))


def _list(folder: str) -> tuple[list[os.DirEntry[str]], list[tuple[str, bool]]]:
    """The event files in a folder, and the folders in it with whether each is a symlink. Raises OSError."""
    events, folders = [], []
    with os.scandir(folder) as entries:
        for entry in entries:
            if _is_folder(entry):
                folders.append((entry.name, entry.is_symlink()))
            elif "tfevents" in entry.name:
                events.append(entry)
    return events, folders


def _is_file(entry: os.DirEntry[str]) -> bool:
    """Whether it may be opened; a symlink to nothing is as good as a file that is gone."""
    try:
        return entry.is_file() or not os.path.exists(entry.path)
    except OSError:
        return True


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a symlink to itself, or into a folder that can't be entered
        return False
