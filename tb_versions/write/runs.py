"""The TensorBoard runs that a version came from, by the names that people see in TensorBoard."""

from __future__ import annotations

import datetime
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tb_versions.core.manifest import MAX_TEXT, Run, hidden_character
from tb_versions.write.values import described, to_sequence, to_step

_Path = str | os.PathLike[str]


def runs_of(
    given: object | None, *, logdir: _Path | None, run_dir: _Path | None, step: int | None, now: datetime.datetime
) -> tuple[Run, ...]:
    """Returns the runs of a version, each with the step and time of the export.

    Args:
        given: One run or several, as in `Facts`; None if the author gave none.
        logdir: What `tensorboard --logdir` gets.
        run_dir: Folder of the run that announces the version, used where `given` is None.
        step: Step of the export, for runs that have none of their own.
        now: Time of the export, likewise.

    Returns:
        The runs. A step without a run is kept as a run without a name: readers use the run that announces the version.

    Raises:
        TypeError: A run is neither a name, a path nor a `Run`.
    """
    runs = _given(given, logdir) if given is not None else _announcing(run_dir, logdir, step)
    return tuple(
        replace(run, step=step if run.step is None else run.step, wall_time=run.wall_time or now) for run in runs
    )


def run_name(folder: _Path, logdir: _Path | None = None) -> str:
    """Returns what TensorBoard calls the run in a folder; never an absolute path.

    Args:
        folder: Folder of the run's event file.
        logdir: What `tensorboard --logdir` gets.

    Returns:
        The POSIX path relative to `logdir` if that holds the folder; else relative to the current folder if that holds
        it; else the last two parts of the path below the home folder or the root.
    """
    path = absolute(folder)
    for root in (logdir, os.curdir):
        if root is not None and path.is_relative_to(absolute(root)):
            return path.relative_to(absolute(root)).as_posix()
    home = absolute("~")
    parts = path.relative_to(home).parts if path.is_relative_to(home) else path.parts[1:]
    return "/".join(parts[-2:])


def recordable(name: str) -> str:
    """Returns a run's name if a manifest can hold it, and else "", which leaves the run without a name."""
    return name if len(name) <= MAX_TEXT and hidden_character(name) is None else ""


def _given(given: object, logdir: _Path | None) -> Sequence[Run]:
    return [_run(run, logdir) for run in to_sequence(given)]


def _announcing(run_dir: _Path | None, logdir: _Path | None, step: int | None) -> Sequence[Run]:
    name = "" if run_dir is None else recordable(run_name(run_dir, logdir))
    return [Run(name=name)] if name or step is not None else []


def _run(given: object, logdir: _Path | None) -> Run:
    if isinstance(given, Run):
        return replace(given, name=_name(given.name, logdir), step=to_step(given.step, "A run's step"))
    if not isinstance(given, (str, os.PathLike)):
        raise TypeError(f"A run must be its name or a Run, not {described(given)}.")
    return Run(name=_name(os.fspath(given), logdir))


def _name(name: str, logdir: _Path | None) -> str:
    """A run's name as it is, unless it is a path: absolute, with "~" or "..", or below the logdir from here."""
    is_path = os.path.isabs(name) or name.startswith("~") or ".." in Path(name).parts
    is_below = logdir is not None and absolute(name).is_relative_to(absolute(logdir))
    return run_name(name, logdir) if is_path or is_below else name


def absolute(path: _Path) -> Path:
    """Returns an absolute path with `~` expanded.

    If the current folder was deleted, a relative path has no place any more. It is taken as below a folder that nothing
    else is in.
    """
    expanded = os.path.expanduser(path)
    try:
        return Path(os.path.abspath(expanded))
    except FileNotFoundError:
        return Path(os.path.normpath(os.path.join(os.sep, "deleted current folder", expanded)))
