"""A log directory without a running TensorBoard: through its data server, or else through its own Python reader."""

from __future__ import annotations

import contextlib
import logging
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from tb_versions.core.storage import is_remote
from tb_versions.errors import UnsupportedStorageError
from tb_versions.privacy.scrub import scrub_uri
from tb_versions.read.curves.kept_runs import KeptProvider, KnownRuns
from tb_versions.read.curves.run_folders import LOOP, NO_FILE, Problems, run_folders
from tb_versions.read.manifests.cache import Cache

if TYPE_CHECKING:  # it comes with NumPy and gRPC, which nobody needs where all runs are known
    from tb_versions.read.curves.data_server import DataServer

_UNREADABLE = re.compile(r"While walking log directory: IO error for operation on (.+): (.+) \(os error \d+\)")
EVENT_FILES = "event files"
"""Where a problem is that is none of a folder that was not searched: what else TensorBoard's data server warns of."""

_LOOP = re.compile(r"While walking log directory: File system loop found: (.+) points to an ancestor .+")


@contextlib.contextmanager
def reading(
    logdir: str, problems: Problems, *, every_point: bool = True, cache: Cache | None = None
) -> Iterator[Callable[[], Any]]:
    """Begins to read a log directory; yields a function that waits for the end and returns a DataProvider.

    What is done before the call costs no time:

        with reading("logs", problems) as finish:
            ...  # other work, while the data server reads
            provider = finish()

    Args:
        logdir: A folder of runs, or a URL; "" gives None as the provider.
        problems: Gets what could not be read.
        every_point: Whether it has all points of a scalar, not TensorBoard's sample of 1,000.
        cache: What earlier processes read of runs; only those that changed since are read. None reads all.
    """
    with contextlib.ExitStack() as stack:
        if cache is not None and logdir and not is_remote(logdir):
            yield _reading_changed(KnownRuns(os.path.expanduser(logdir), cache), logdir, problems, stack)
        else:
            yield _reading_all(logdir, problems, stack, every_point=every_point)


def _reading_all(
    logdir: str, problems: Problems, stack: ExitStack, *, every_point: bool, searched: Problems | None = None
) -> Callable[[], Any]:
    """As `reading`; `searched` has the problems of `run_folders` where it was called just now."""
    server = _server(logdir, every_point=every_point, searched=searched)
    if server is not None:
        stack.callback(server.stop)

    def finish() -> Any:
        if not logdir:
            return None
        if server is not None:
            from tb_versions.read.curves.data_server import DataServerFailedError

            with contextlib.suppress(DataServerFailedError):
                provider = server.provider()
                problems.extend(_problem(warning, logdir) for warning in server.warnings)
                return provider
        return provider_of(logdir, problems, every_point=every_point)

    return finish


def _reading_changed(known: KnownRuns, logdir: str, problems: Problems, stack: ExitStack) -> Callable[[], Any]:
    """Reads only runs that are not known; all of them where something is wrong, so that it is said each time."""

    def whole() -> Any:
        return _reading_all(logdir, problems, stack, every_point=False)()

    if known.problems or len(known.changed) > len(known.kept):
        finish_changed = _reading_all(logdir, problems, stack, every_point=False, searched=known.problems)
        is_all = True
    elif known.changed:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="tb-versions-runs-"))
        _link(known, folder)
        finish_changed = _reading_all(folder, problems, stack, every_point=False, searched=known.problems)
        is_all = False
    else:
        return lambda: KeptProvider(known.kept, whole)

    def finish() -> Any:
        before = len(problems)
        provider = finish_changed()
        try:
            runs = None if len(problems) > before or known.problems else known.read(provider)
        except Exception:  # noqa: BLE001 - who asks again, run by run, has a word for it
            runs = None
        if runs is None:
            if is_all:
                return provider
            del problems[before:]  # they name the temporary folder
            return whole()
        runs = runs if is_all else {**known.kept, **runs}
        known.keep(runs.values())
        return KeptProvider(runs, (lambda: provider) if is_all else whole)

    return finish


def _link(known: KnownRuns, folder: str) -> None:
    """Fills a folder with symlinks to the event files of the runs that changed, under the names of these runs."""
    for run in known.changed:
        inner = os.path.join(folder, run)
        os.makedirs(inner, exist_ok=True)
        for name, _ in known.files[run]:
            os.symlink(os.path.realpath(os.path.join(known.folders[run], name)), os.path.join(inner, name))


def _problem(warning: str, logdir: str) -> tuple[str, str]:
    """What the data server warns of, in the words of `run_folders` and `scan` where those say the same."""
    if found := _UNREADABLE.fullmatch(warning):
        return _shown(found[1], logdir), f"can't be read: {found[2]}."
    if found := _LOOP.fullmatch(warning):
        return _shown(found[1], logdir), LOOP
    return EVENT_FILES, warning


def _shown(path: str, logdir: str) -> str:
    """A path of the data server's as the user knows it."""
    within = os.path.relpath(path, os.path.abspath(os.path.expanduser(logdir)))
    return os.path.normpath(os.path.join(logdir, within))


def _server(logdir: str, *, every_point: bool, searched: Problems | None) -> DataServer | None:
    if not logdir or is_remote(logdir) or _would_hang(logdir, searched):
        return None
    from tb_versions.read.curves.data_server import DataServer, DataServerFailedError

    try:
        return DataServer(logdir, every_point=every_point)
    except DataServerFailedError:
        return None


def _would_hang(logdir: str, problems: Problems | None) -> bool:
    """Whether the data server would open something that never ends, such as a fifo."""
    if problems is None:
        problems = []
        for _ in run_folders(os.path.expanduser(logdir), problems):
            pass
    return any(why == NO_FILE for _, why in problems)


def provider_of(logdir: str, unreadable: Problems | None = None, *, every_point: bool = False) -> Any:
    """Returns a DataProvider over everything in a log directory, read once.

    TensorBoard loads TensorFlow here where it is installed, unless `without_tensorflow` was called.

    Args:
        logdir: A folder of runs. A missing one gives a provider without runs.
        unreadable: Gets the (where, why) of folders that can't be searched, and of runs whose event files make
            TensorBoard's reader fail: those are left out.
        every_point: Whether all points of a scalar are kept, not TensorBoard's sample of 1,000.
    """
    from tensorboard.backend.event_processing.data_provider import MultiplexerDataProvider
    from tensorboard.backend.event_processing.plugin_event_multiplexer import EventMultiplexer

    logging.getLogger("tensorboard").setLevel(logging.ERROR)
    logdir = os.path.expanduser(logdir)

    def empty() -> Any:
        points = 0 if every_point else 1_000
        return EventMultiplexer(
            size_guidance={"scalars": points, "tensors": 10}, tensor_size_guidance={"scalars": points}
        )

    multiplexer = empty()
    if is_remote(logdir):
        _add_remote_runs(multiplexer, logdir)
    elif os.path.isdir(logdir):
        for run, folder in run_folders(logdir, [] if unreadable is None else unreadable):
            multiplexer.AddRun(folder, run)
    paths = dict(multiplexer.RunPaths())
    failures = _read_runs(multiplexer)
    if failures:  # a run that failed once would fail again when it is listed
        multiplexer = empty()
        for run in paths.keys() - failures.keys():
            multiplexer.AddRun(paths[run], run)
        _read_runs(multiplexer)
    if unreadable is not None:
        unreadable += [
            (f"run {run}", f"its event files can't be read: {why}.") for run, why in sorted(failures.items())
        ]
    provider = MultiplexerDataProvider(multiplexer, logdir)
    provider.every_point = every_point  # for CurveReader
    return provider


def _add_remote_runs(multiplexer: Any, logdir: str) -> None:
    try:
        multiplexer.AddRunsFromDirectory(logdir)
    except Exception as error:  # whatever the file system for such a URL raises, or TensorFlow where it knows none
        reason = (str(error).strip() or type(error).__name__).splitlines()[0][:200]
        raise UnsupportedStorageError(
            f"TensorBoard can't read the log directory {scrub_uri(logdir)}: {reason}"
        ) from error


def _has_forged(folder: str) -> bool:
    """Whether an event file in a folder of this disk has a record that would end the process; see `is_forged`."""
    from tb_versions.read.curves.records import is_forged

    if not os.path.isdir(folder):
        return False
    with os.scandir(folder) as entries:
        paths = [entry.path for entry in entries if "tfevents" in entry.name and entry.is_file()]
    for path in paths:
        with contextlib.suppress(OSError), open(path, "rb") as file:  # what can't be opened fails below
            if is_forged(file):
                return True
    return False


def _read_runs(multiplexer: Any) -> dict[str, str]:
    """Reads every run; returns why, by run, for those that made TensorBoard's reader fail."""
    failures = {}
    for run, folder in multiplexer.RunPaths().items():
        if _has_forged(folder):
            failures[run] = "a record says that it is longer than an event can be"
            continue
        try:
            multiplexer.GetAccumulator(run).Reload()
        except Exception as error:  # noqa: BLE001 - 15 hostile bytes suffice for a MemoryError
            failures[run] = type(error).__name__
    return failures
