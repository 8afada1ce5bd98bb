"""What was read of curves, kept for the next process: a run whose event files did not change is not read again."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

import msgspec
from msgspec import Struct

from tb_versions.read.curves.at_export import ONE_LIFE, Lives
from tb_versions.read.curves.kept_curves import KeptCurves
from tb_versions.read.curves.run_files import EventFile
from tb_versions.read.folders.file_keys import TICK_NS
from tb_versions.read.manifests.cache import Cache


class RunRead(Struct, frozen=True, array_like=True, gc=False):
    """A run as it was read the last time.

    Attributes:
        files: As they were before they were read.
        kept: What is kept of its curves.
        mark: The end of the last file.
        lives: What the files tell beside.
        offset: Where reading goes on in the last file; -1 if it is not known yet.
        has_more: Whether more may have been read than the sizes of the files say.
        is_settled: Whether any later change of the files has another time.
        warning: What is wrong with the files, or "".
    """

    files: tuple[EventFile, ...]
    kept: KeptCurves
    mark: bytes
    lives: Lives = ONE_LIFE
    offset: int = -1
    has_more: bool = False
    is_settled: bool = False
    warning: str = ""


_DECODER = msgspec.msgpack.Decoder(dict[str, RunRead])


def is_settled(files: tuple[EventFile, ...], looked_ns: int) -> bool:
    """Whether files that were looked at then, and read after that, can't change any more without another time."""
    return all(0 < max(file.modified, file.changed) < looked_ns - TICK_NS for file in files)


class CurveCache:
    """Runs that earlier processes have read."""

    def __init__(self, cache: Cache, name: str) -> None:
        """Reads nothing yet.

        Args:
            cache: Where they are kept.
            name: Of the log directory.
        """
        self._cache = cache
        self._name = f"curves in {name}"
        self._found: dict[str, RunRead] | None = None

    def get(self, run: str, files: tuple[EventFile, ...]) -> RunRead | None:
        """Returns a run as it was read, if its files are those that were read; else None."""
        if self._found is None:
            self._found = _decoded(self._cache.load(self._name))
        read = self._found.get(run)
        return read if read is not None and read.files == files and read.kept.is_sound else None

    def forget(self) -> None:
        """Gives the memory back once all runs were asked for."""
        self._found = {}

    def keep(self, runs: Mapping[str, RunRead]) -> None:
        """Stores runs, beside those that other processes have stored and that are still there."""
        self._cache.change(self._name, _merging(runs))


def _merging(runs: Mapping[str, RunRead]) -> Callable[[bytes | None], bytes]:
    def merged(stored: bytes | None) -> bytes:
        others = {
            run: read
            for run, read in _decoded(stored).items()
            if run not in runs and read.files and os.path.lexists(read.files[-1].path)
        }
        return msgspec.msgpack.encode({**others, **runs})

    return merged


def _decoded(data: bytes | None) -> dict[str, RunRead]:
    try:
        return _DECODER.decode(data) if data else {}
    except msgspec.MsgspecError:
        return {}
