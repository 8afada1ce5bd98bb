"""Changes what is served, phase by phase, and waits after each until every server has done it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from tb_versions.core.manifest import visible
from tb_versions.errors import ConflictError, NoAnswerError, RolloutError
from tb_versions.serving import config as files
from tb_versions.serving.config import Config, ServedModel
from tb_versions.serving.phases import Phase, merged, phases_of
from tb_versions.serving.served import by_folders, by_servers
from tb_versions.serving.status import AVAILABLE, Server
from tb_versions.serving.wanted import Wanted

PAUSE = 0.25
"""Seconds between two looks at the servers."""

_LOOKS = {"load": 2, "move": 1, "unload": 1}
"""Looks at which all must be done. A version that an earlier file let go is said to be available for 0.1 s more."""

_HINT = (
    "The server's log says whether it refused the file; it reads the file anew only with "
    "--model_config_file_poll_wait_seconds."
)

Tell = Callable[[str], None]


class Clock(Protocol):
    """What tells the time and waits: the module `time`."""

    def monotonic(self) -> float:
        """Seconds since some moment."""

    def sleep(self, seconds: float, /) -> None:
        """Waits."""


@dataclass(frozen=True)
class Plan:
    """A rollout that was thought through.

    Attributes:
        file: The configuration that the servers read.
        written: What it says now; None where there is none yet.
        before: Its bytes.
        now: What is served now.
        phases: What it says then, step by step.
        wanted: What the registry wants.
        notes: Sentences about what is left as it is.
    """

    file: str
    written: Config | None
    before: bytes | None
    now: Config
    phases: Sequence[Phase]
    wanted: Wanted
    notes: tuple[str, ...] = ()

    @property
    def then(self) -> Config:
        """What is served at the end."""
        return self.phases[-1].config

    @property
    def touched(self) -> list[str]:
        """Models that the rollout is about: those the registry wants, and those that go."""
        return sorted({*self.wanted.models, *(self.now.keys() - self.then.keys())})

    def text(self, at: int) -> str:
        """Returns what the file says in a phase, counted from 0."""
        phase = self.phases[at]
        is_last = at == len(self.phases) - 1
        first = "Written by tb-versions rollout"
        what = first if is_last else f"{first}, phase {at + 1} of {len(self.phases)} ({phase.name}). {phase.what}"
        return files.dump(phase.config, self.wanted.comments(what))


def plan(wanted: Wanted, file: str, servers: Sequence[Server] = ()) -> Plan:
    """Thinks a rollout through; writes nothing.

    Args:
        wanted: What the registry wants.
        file: The configuration that the servers read; there may be none yet.
        servers: Those that read it. Without them what is served is what the file says.

    Raises:
        RefusedError: It can't be done without a failing call; the message says why.
        InvalidServingConfigError: The file can't be understood.
        NoAnswerError: A server does not answer.
        StorageError: The file or a model's folder can't be read.
    """
    found = files.read(file)
    written, before = found if found else (None, None)
    gone = {name for name in wanted.silent if wanted.heads[name].number and name in (written or {})}
    folders = {} if wanted.root.is_remote else {name: os.path.join(wanted.root.path, name) for name in wanted.heads}
    now = by_folders(written or {}, folders)
    then = merged(now, wanted.models, gone=gone)
    if servers:
        labels = {name: then[name].labels if name in then else {} for name in {*wanted.models, *gone}}
        now = by_servers(now, servers, labels)
    notes = [
        f"{visible(name)} is no model of {wanted.root.shown}; it stays as it is." for name in _strange(now, wanted)
    ]
    notes += [f"{visible(name)} has no alias, so it is not served." for name in wanted.silent if name not in now]
    notes += [f"{visible(name)} has no alias any more, so it is unloaded." for name in sorted(gone)]
    return Plan(file, written, before, now, phases_of(now, then), wanted, tuple(notes))


def _strange(now: Config, wanted: Wanted) -> list[str]:
    return sorted(name for name in now if name not in wanted.heads or not wanted.heads[name].number)


def write_numbered(made: Plan) -> list[tuple[str, Phase]]:
    """Writes a file for each phase beside the one that the server reads, and leaves that one alone.

    A phase that changes nothing has none; one of an earlier rollout is removed.

    Returns:
        Path and phase, in their order; none where nothing changes.

    Raises:
        StorageError: A file can't be written.
    """
    done, last = [], made.written
    for at, phase in enumerate(made.phases):
        path = f"{made.file}.{at + 1}-{phase.name}"
        if phase.config == last:
            files.remove_file(path)
        else:
            files.replace_file(path, made.text(at).encode())
            done.append((path, phase))
            last = phase.config
    return done


def run(
    made: Plan,
    servers: Sequence[Server],
    *,
    patience: float,
    tell: Tell,
    moved: Callable[[], None] = lambda: None,
    clock: Clock = time,
) -> None:
    """Rolls out: writes the file of each phase, and waits until every server has done what it says.

    Where a server does not load a version, or move a label, the file gets back what it said before. Once labels
    moved, nothing is put back: clients get the new versions. An interruption leaves the file of a phase; the same call
    goes on.

    Args:
        made: The plan.
        servers: Those that read the file.
        patience: Seconds to wait in each phase.
        tell: Gets a sentence about each step.
        moved: Called as soon as every label leads to its version on every server.
        clock: Tells the time.

    Raises:
        RolloutError: A server did not do it in time, or can't; the message says what became of the file.
        ConflictError: Somebody else changed the file meanwhile.
        StorageError: The file can't be written.
    """
    last = made.written
    for at, phase in enumerate(made.phases):
        failed_before = {_failures(server, made) for server in servers}
        last = _write(made, at, last, tell)
        try:
            waiting = _Wait(made, servers, {one for each in failed_before for one in each})
            waiting.until(phase.name, patience=patience, clock=clock)
        except RolloutError as error:
            if phase.name == "unload":
                raise RolloutError(
                    f"{error} {made.file} says so all the same: labels lead to the new versions."
                ) from error
            _put_back(made, last)
            raise RolloutError(f"{error} {_as_before(made)} {_HINT}") from error
        if phase.name == "move":
            moved()
        tell(f"{phase.name}: done on {len(servers)} server{'s' if len(servers) > 1 else ''}.")


def _write(made: Plan, at: int, last: Config | None, tell: Tell) -> Config:
    phase = made.phases[at]
    if phase.config == last:
        return phase.config
    _check_ours(made.file, last)
    files.replace_file(made.file, made.text(at).encode())
    tell(f"{phase.name}: {made.file} is written. {phase.what}")
    return phase.config


def _put_back(made: Plan, last: Config | None) -> None:
    _check_ours(made.file, last)
    if made.before is None:
        files.remove_file(made.file)
    else:
        files.replace_file(made.file, made.before)


def _as_before(made: Plan) -> str:
    if made.before is None:
        return f"{made.file}, which was not there before, is removed."
    return f"{made.file} says again what it said before."


def _check_ours(file: str, last: Config | None) -> None:
    found = files.read(file)
    if (found[0] if found else None) != last:
        raise ConflictError(f"Somebody else changed {file} meanwhile; it is left as it is. Look at it, and try again.")


def _failures(server: Server, made: Plan) -> frozenset[tuple[str, str, int, str]]:
    """What could not be loaded earlier: a server goes on saying so until it tries again."""
    try:
        return frozenset(
            (server.url, name, number, status.error)
            for name in made.touched
            for number, status in server.statuses(name).items()
            if status.error
        )
    except NoAnswerError:
        return frozenset()


class _Wait:
    """Looks at servers until they have done what a phase asks for."""

    def __init__(self, made: Plan, servers: Sequence[Server], failed_before: set[tuple[str, str, int, str]]) -> None:
        self._made, self._servers, self._failed_before = made, servers, failed_before
        self._models: Mapping[str, ServedModel] = made.then

    def until(self, phase: str, *, patience: float, clock: Clock) -> None:
        """Returns when it is done. Raises RolloutError with a sentence about what is missing."""
        looks = {"load": self._not_loaded, "move": self._not_moved, "unload": self._not_unloaded}
        ends = clock.monotonic() + patience
        everything = [(server, name) for server in self._servers for name in self._made.touched]
        pending, more_looks = everything, _LOOKS[phase]
        while pending:
            missing = [(server, name, why) for server, name in pending if (why := _asked(looks[phase], server, name))]
            if not missing:
                more_looks -= 1
                if not more_looks:
                    return
                pending = everything
                clock.sleep(PAUSE)
                continue
            if clock.monotonic() >= ends:
                more = f", and {len(missing) - 1:,} more" if len(missing) > 1 else ""
                raise RolloutError(f"After {patience:g} seconds, {missing[0][2]} at {missing[0][0].url}{more}.")
            pending, more_looks = [(server, name) for server, name, _ in missing], _LOOKS[phase]
            clock.sleep(PAUSE)

    def _not_loaded(self, server: Server, name: str) -> str:
        if name not in self._models:
            return ""
        statuses = server.statuses(name)
        for number in self._models[name].versions:
            status = statuses.get(number)
            if status is None or status.state != AVAILABLE:
                if status and status.error and (server.url, name, number, status.error) not in self._failed_before:
                    raise RolloutError(f"{server.url} can't load {name}:{number}: {status.error}")
                return f"{name}:{number} is {status.state if status else 'not known'}"
        return ""

    def _not_moved(self, server: Server, name: str) -> str:
        for label, number in self._models[name].labels.items() if name in self._models else ():
            found = server.labelled(name, label)
            if found != number:
                return f"the label {label} leads to {name}:{found}" if found else f"{name} has no label {label}"
        return ""

    def _not_unloaded(self, server: Server, name: str) -> str:
        statuses = server.statuses(name)
        stay = self._models[name].versions if name in self._models else ()
        for number, status in statuses.items():
            if number not in stay and status.state != "END":
                return f"{name}:{number} is still {status.state}"
        return ""


def _asked(look: Callable[[Server, str], str], server: Server, name: str) -> str:
    """What is missing, a phrase; a server that does not answer now may answer soon."""
    try:
        return look(server, name)
    except NoAnswerError as error:
        return f"{name} is not known ({error})"


def moved_labels(made: Plan) -> Iterator[tuple[str, str, int]]:
    """Yields model, label and version of each label that the registry wants."""
    for name, model in sorted(made.wanted.models.items()):
        for label, number in model.labels.items():
            yield name, label, number
