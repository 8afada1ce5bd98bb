"""The TensorBoard runs that a version came from, by the names that people see in TensorBoard."""

from __future__ import annotations

import datetime
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tb_versions.core.manifest import MAX_TEXT, Run, hidden_character
from tb_versions.core.run_identity import identity_in
from tb_versions.core.storage import is_remote
from tb_versions.write.values import described, to_sequence, to_step

_Path = str | os.PathLike[str]


def runs_of(
    given: object | None, *, logdir: _Path | None, run_dir: _Path | None, step: int | None, now: datetime.datetime
) -> tuple[Run, ...]:
    """Returns the runs of a version, each with the step and time of the export, and with its identity if it is known.

    Args:
        given: One run or several, as in `Facts`; None if the author gave none.
        logdir: What `tensorboard --logdir` gets.
        run_dir: Folder of the run that announces the version; it is the run where `given` is None.
        step: Step of the export, for runs that have none of their own.
        now: Time of the export, likewise.

    Returns:
        The runs. A step without a run is kept as a run without a name: readers use the run that announces the version.

    Raises:
        TypeError: A run is neither a name, a path nor a `Run`.
    """
    if given is None:
        runs = _announcing(run_dir, logdir, step)
    else:
        runs = [_run(run, logdir, run_dir) for run in to_sequence(given)]
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


def identity_of(folder: _Path) -> str:
    """Returns the identity of the run in a folder; "" if it has no event file yet, or is remote."""
    return "" if is_remote(folder) else identity_in(os.fspath(absolute(folder)))


def are_same(runs: Sequence[Run], others: Sequence[Run]) -> bool:
    """Returns whether two trainings are one, by the runs of each.

    Their identities tell, for two runs may have one name, and one run a new name. Names tell where identities of one
    training are not known.
    """
    known, other = ({run.identity for run in each if run.identity} for each in (runs, others))
    if known and other:
        return not known.isdisjoint(other)
    return not {run.name for run in runs if run.name}.isdisjoint(run.name for run in others)


def recordable(name: str) -> str:
    """Returns a run's name if a manifest can hold it, and else "", which leaves the run without a name."""
    return name if len(name) <= MAX_TEXT and hidden_character(name) is None else ""


def _announcing(run_dir: _Path | None, logdir: _Path | None, step: int | None) -> Sequence[Run]:
    name = "" if run_dir is None else recordable(run_name(run_dir, logdir))
    if run_dir is None or not name:
        return [] if step is None else [Run()]
    return [Run(name=name, identity=identity_of(run_dir))]


def _run(given: object, logdir: _Path | None, run_dir: _Path | None) -> Run:
    if not isinstance(given, (str, os.PathLike, Run)):
        raise TypeError(f"A run must be its name or a Run, not {described(given)}.")
    run = given if isinstance(given, Run) else Run(name=os.fspath(given))
    name = shown_name(run.name, logdir)
    identity = run.identity or _identity(run.name, name, logdir=logdir, run_dir=run_dir)
    return replace(run, name=name, step=to_step(run.step, "A run's step"), identity=identity)


def _identity(given: str, name: str, *, logdir: _Path | None, run_dir: _Path | None) -> str:
    """The identity of a run that was given by its name or folder; "" if no folder of it is known."""
    if run_dir is not None and name and name == run_name(run_dir, logdir):
        return identity_of(run_dir)
    if name != given:
        return identity_of(given)
    return "" if logdir is None or not name else identity_of(os.path.join(logdir, name))


def shown_name(name: str, logdir: _Path | None) -> str:
    """Returns what TensorBoard calls a run.

    Args:
        name: Its name, which stays, or a path: absolute, with "~" or "..", or below the logdir from here.
        logdir: What `tensorboard --logdir` gets.
    """
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
