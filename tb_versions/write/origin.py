"""Whether this process made the files of a folder, and when they were made.

A folder that is published may have been exported years ago on another machine. Then the code, software and hardware of
this process are not what made it.
"""

from __future__ import annotations

import datetime
import functools
import os
import sys
from collections.abc import Sequence

from tb_versions.core.digest import FileEntry
from tb_versions.core.manifest import SavedModel

GRAPH_FILES = ("saved_model.pb", "saved_model.pbtxt")
"""What makes a folder a SavedModel."""

_CLOCK_SLACK = 1.0
"""Seconds by which a process may seem to have started later than it did, compared with the times of files."""


def has_graph(folder: str | os.PathLike[str]) -> bool:
    """Returns whether a folder is a SavedModel."""
    return any(os.path.lexists(os.path.join(folder, name)) for name in GRAPH_FILES)


def modified(folder: str | os.PathLike[str], files: Sequence[FileEntry]) -> datetime.datetime:
    """Returns the time at which a folder was made: that of a SavedModel's graph, or else of the newest file.

    Raises:
        OSError: A file is gone.
    """
    graphs = [file for file in files if file.path in GRAPH_FILES]
    newest = max(os.stat(os.path.join(folder, file.path), follow_symlinks=False).st_mtime for file in graphs or files)
    return datetime.datetime.fromtimestamp(newest, datetime.timezone.utc)


def made_by_this_process(modified_at: datetime.datetime, saved_model: SavedModel | None) -> bool:
    """Returns whether this process may have written a folder: it is not older, and of the TensorFlow loaded here.

    Args:
        modified_at: When it was made, from `modified`.
        saved_model: What a SavedModel in the folder says of itself.
    """
    if modified_at.timestamp() < _process_start() - _CLOCK_SLACK:
        return False
    loaded = getattr(sys.modules.get("tensorflow"), "__version__", "")
    graphs = () if saved_model is None else saved_model.meta_graphs
    return all(graph.tensorflow_version in ("", loaded) for graph in graphs)


@functools.cache
def _process_start() -> float:
    """When this process started, in seconds since 1970."""
    import psutil

    return float(psutil.Process().create_time())
