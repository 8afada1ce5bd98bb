"""What event files say of versions, kept for the next process: a run whose files did not change is not read again.

An entry counts for the very files that were read: of the same names, devices, inodes, sizes and times. Names of runs,
announcements and hyperparameters are kept. Points and manifests are not: who asks for them starts the data server.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import cached_property
from typing import Any

import msgspec
from msgspec import Struct

from tb_versions.core.metadata import PLUGIN_NAME
from tb_versions.read.curves.run_folders import Problems, runs_with_files
from tb_versions.read.folders.file_keys import file_key
from tb_versions.read.manifests.cache import Cache

HPARAMS = "hparams"
"""Name of TensorBoard's HParams plugin."""

_SESSION = "_hparams_/session_start_info"  # the tag of a run's hyperparameters

Files = tuple[tuple[str, bytes], ...]
"""Name and key of each event file of a run; see `file_key`."""


class KeptSeries(Struct, frozen=True, array_like=True, gc=False):
    """What is asked of TensorBoard's `TensorTimeSeries`."""

    plugin_content: bytes
    max_wall_time: float


class KeptRun(Struct, frozen=True, array_like=True, gc=False):
    """A run; what is asked of TensorBoard's `Run`, and the series of two plugins by tag."""

    run_name: str
    start_time: float | None
    files: Files
    announced: dict[str, KeptSeries]
    hyperparameters: dict[str, KeptSeries]


_DECODER = msgspec.msgpack.Decoder(list[KeptRun])


class KnownRuns:
    """The runs of a log directory as they are now, and those that an earlier process has read."""

    def __init__(self, logdir: str, cache: Cache) -> None:
        """Looks at every event file, and opens none.

        Args:
            logdir: A local folder.
            cache: Where runs are kept.
        """
        self._cache = cache
        self._name = f"runs in {os.path.realpath(logdir)}"
        self.problems: Problems = []
        now = time.time_ns()
        self.files: dict[str, Files] = {}
        self.folders: dict[str, str] = {}
        for run, folder, events in runs_with_files(logdir, self.problems):
            self.folders[run] = folder
            self.files[run] = tuple(sorted([(event.name, _key(event, now)) for event in events]))

    @cached_property
    def kept(self) -> dict[str, KeptRun]:
        """The runs whose files are those that were read."""
        data = self._cache.load(self._name) if not self.problems else None
        try:
            found = _DECODER.decode(data) if data else []
        except msgspec.MsgspecError:
            return {}
        return {
            run.run_name: run for run in found if _is_settled(run.files) and self.files.get(run.run_name) == run.files
        }

    @property
    def changed(self) -> list[str]:
        """The other runs."""
        return [run for run in self.files if run not in self.kept]

    def read(self, provider: Any) -> dict[str, KeptRun]:
        """Returns the runs that a DataProvider over changed ones has; what it raises passes through."""
        from tensorboard.context import RequestContext

        context = RequestContext()
        announced = provider.list_tensors(context, experiment_id="", plugin_name=PLUGIN_NAME)
        logged = provider.list_tensors(context, experiment_id="", plugin_name=HPARAMS)
        return {
            run.run_name: KeptRun(
                run.run_name,
                run.start_time,
                self.files.get(run.run_name, ()),
                _series(announced.get(run.run_name, {})),
                _series(logged.get(run.run_name, {}), only=_SESSION),
            )
            for run in provider.list_runs(context, experiment_id="")
        }

    def keep(self, runs: Iterable[KeptRun]) -> None:
        """Stores the runs of the log directory whose files can't change any more without a new key."""
        settled = [run for run in runs if _is_settled(run.files)]
        if any(run.run_name not in self.kept for run in settled):
            self._cache.change(self._name, lambda _: msgspec.msgpack.encode(settled))


class KeptProvider:
    """A DataProvider that answers what is kept of runs, and has another one answer the rest."""

    def __init__(self, runs: Mapping[str, KeptRun], start: Callable[[], Any]) -> None:
        """Starts nothing.

        Args:
            runs: All runs.
            start: Returns a DataProvider over all of them; it is called once, if at all.
        """
        self._runs = runs
        self._start = start

    @cached_property
    def _whole(self) -> Any:
        return self._start()

    @property
    def damaged(self) -> Collection[str]:
        """As of our own providers: where event files are that could not be read to their end."""
        return getattr(self._whole, "damaged", ())

    def list_runs(self, _context: Any, *, experiment_id: str) -> list[KeptRun]:  # noqa: ARG002
        """As TensorBoard's."""
        return list(self._runs.values())

    def list_tensors(
        self, context: Any, *, experiment_id: str, plugin_name: str, run_tag_filter: Any = None
    ) -> Mapping[str, Mapping[str, Any]]:
        """As TensorBoard's."""
        if plugin_name not in (PLUGIN_NAME, HPARAMS) or not _is_kept(plugin_name, run_tag_filter):
            whole: Mapping[str, Mapping[str, Any]] = self._whole.list_tensors(
                context, experiment_id=experiment_id, plugin_name=plugin_name, run_tag_filter=run_tag_filter
            )
            return whole
        wanted = None if run_tag_filter is None else run_tag_filter.runs
        runs = self._runs.values() if wanted is None else [self._runs[run] for run in wanted if run in self._runs]
        found = {run.run_name: run.announced if plugin_name == PLUGIN_NAME else run.hyperparameters for run in runs}
        return {run: series for run, series in found.items() if series}

    def list_scalars(self, context: Any, **asked: Any) -> Any:
        """As TensorBoard's."""
        return self._whole.list_scalars(context, **asked)

    def read_scalars(self, context: Any, **asked: Any) -> Any:
        """As TensorBoard's."""
        return self._whole.read_scalars(context, **asked)

    def read_tensors(self, context: Any, **asked: Any) -> Any:
        """As TensorBoard's."""
        return self._whole.read_tensors(context, **asked)


def _is_kept(plugin_name: str, asked: Any) -> bool:
    """Whether the tags that are asked for are kept: all announcements, and of hyperparameters one."""
    tags = None if asked is None else asked.tags
    return tags is None if plugin_name == PLUGIN_NAME else tags is not None and set(tags) == {_SESSION}


def _key(event: os.DirEntry[str], now: int) -> bytes:
    try:
        return file_key(event.stat(), now)
    except OSError:
        return b""


def _is_settled(files: Files) -> bool:
    return bool(files) and all(key for _, key in files)


def _series(found: Mapping[str, Any], *, only: str | None = None) -> dict[str, KeptSeries]:
    tags: Collection[str] = found if only is None else found.keys() & {only}
    return {tag: KeptSeries(found[tag].plugin_content, found[tag].max_wall_time) for tag in tags}
