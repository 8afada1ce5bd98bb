"""Which step of a run each export was made at, from times. Pure.

Two clocks must agree and nobody may have set a time: a file that was copied, unpacked or written to a server whose
clock is wrong says nothing. An export lasts from its oldest file's time until the system last changed one. A time in a
folder's name, as TensorFlow Estimators give it, is that of the training.

What stands between two steps is decided only by evidence: a step takes at least as long as the shortest step in which
nothing was exported, so an export that comes sooner after one step than a quarter of that was made after it, and one
that ends so shortly before a step was made when that was done already. An export after the last step, or before the
first, tells the same. Trainings export at the same place of their loop each time, so one export that tells decides for
all; if two tell different things, nothing is inferred. Files that were written in the same tick of the clock in which a
step was logged are of that step, whichever came first.
"""

from __future__ import annotations

import datetime
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from tb_versions.interop.planning import Times

_LEAST_GAPS = 3
"""Steps without an export that are needed to know how long a step takes."""

_TICK = 0.01
"""Seconds by which the clock of a file system may be behind: a file's time may be before that of an event before it."""

_WRITING = 0.1
"""Seconds between an event and its file's time that say nothing."""


@dataclass(frozen=True)
class Training:
    """When the steps of a training were logged.

    Attributes:
        name: Of its run.
        began: Time of the first event file's first record; seconds since 1970.
        steps: Ascending.
        times: When each was logged first, and when last; ascending, too.
        clocks_agree: Whether its event files have the times that their last records tell; None where that can't be
            known, because their times were set.
    """

    name: str
    began: float
    steps: tuple[int, ...]
    first: tuple[float, ...]
    last: tuple[float, ...]
    clocks_agree: bool | None

    @property
    def gap(self) -> float:
        """The usual time between two steps, seconds."""
        gaps = sorted(b - a for a, b in zip(self.last, self.last[1:], strict=False))
        return gaps[len(gaps) // 2] if gaps else 0.0

    @property
    def ends(self) -> float:
        """Until when an export may belong to it: once more its usual time for a step, seconds since 1970."""
        return self.last[-1] + max(2 * self.gap, _WRITING)


@dataclass(frozen=True)
class Step:
    """What was inferred of one export.

    Attributes:
        run: Name of the training's run; "" if none is inferred.
        step: None if none is inferred.
        words: The evidence, or why there is none.
    """

    run: str
    step: int | None
    words: str


def infer_steps(
    exports: Mapping[str, Times],
    trainings: Sequence[Training],
    *,
    trusts_times: bool = False,
    stated: Mapping[str, str] | None = None,
) -> dict[str, Step]:
    """Returns what can be said of each export.

    Args:
        exports: Times of the files of each, by its folder. Of several runs at one time the one counts whose name a
            folder above the export has.
        trainings: Of the log directory.
        trusts_times: Whether the user says that files were copied with their times, and that clocks agree.
        stated: The run that says itself that it wrote an export; it counts where several ran at that time.
    """
    if not trusts_times:
        exports = {key: _until_changed(times) for key, times in exports.items()}
    found: dict[str, Step] = {}
    of_training: dict[str, dict[str, Times]] = {}
    by_name = {training.name: training for training in trainings}
    for key, times in exports.items():
        within = _named_alike(key, [t for t in trainings if t.began <= times.first and times.last <= t.ends])
        within = [t for t in within if t.name == (stated or {}).get(key)] or within
        why_not = _why_not(times, within, trusts_times=trusts_times) or (
            _why_not_the_last(times, within[0], trainings) if within[0].name != (stated or {}).get(key) else ""
        )
        if why_not:
            found[key] = Step("", None, why_not)
        else:
            of_training.setdefault(within[0].name, {})[key] = times
    for name, members in of_training.items():
        found |= _of_training(by_name[name], members)
    return found


def _named_alike(folder: str, within: list[Training]) -> list[Training]:
    """Of several trainings at the time of an export the one whose last name is that of a folder above it."""
    names = folder.split("/")
    alike = [training for training in within if training.name.rpartition("/")[2] in names]
    return alike if len(alike) == 1 else within


def _until_changed(times: Times) -> Times:
    """The times of an export that ends when the system last changed a file of it."""
    return times if times.is_named or times.were_set else replace(times, last=max(times.last, times.changed))


def _why_not(times: Times, within: Sequence[Training], *, trusts_times: bool) -> str:
    """Why the times of an export tell no step of a training, or ""."""
    trusts_times = trusts_times or times.is_named
    if times.were_set and not trusts_times:
        return (
            "no step: the times of the files were set after they were written, as by copying or unpacking. If they "
            "were copied with their times, say --trust-times"
        )
    if not within:
        return f"no step: {_written(times)}, outside of every run"
    if len(within) > 1:
        names = ", ".join(training.name for training in within[:3])
        return f"no step: {_written(times)}, while several runs were logged ({names})"
    if within[0].clocks_agree is False and not trusts_times:
        return f"no step: the clock of the file system is not that of run {within[0].name}"
    if within[0].clocks_agree is None and not trusts_times:
        return (
            f"no step: the event files of run {within[0].name} were copied, so nothing tells whether their clock is "
            "that of the model's files. If it is, say --trust-times"
        )
    return ""


def _why_not_the_last(times: Times, training: Training, trainings: Sequence[Training]) -> str:
    """Why an export after a training's last step may be another's, or "": that one began in between.

    A training's last step may be long ago by its own usual time, and the other one over by its own.
    """
    ended = training.last[-1]
    later = [other.name for other in trainings if other is not training and ended < other.began <= times.first]
    if not later:
        return ""
    return f"no step: {_written(times)}, after the last step of run {training.name}, when run {later[0]} had begun"


def _of_training(training: Training, exports: Mapping[str, Times]) -> dict[str, Step]:
    places = {key: _place(training, times) for key, times in exports.items()}
    at_once = {key: found for key, times in exports.items() if (found := _logged_at_once(training, times)) is not None}
    crowded = {place for place, count in Counter(places.values()).items() if count > 1}
    crowded_at = {index for index, count in Counter(at_once.values()).items() if count > 1}
    votes = {
        vote for key, times in exports.items() if (vote := _vote(training, times, places[key], set(places.values())))
    }
    return {
        key: _at_once(training, times, at_once[key])
        if key in at_once and at_once[key] not in crowded_at
        else _said(training, times, places[key], is_crowded=places[key] in crowded, votes=votes)
        for key, times in exports.items()
    }


def _logged_at_once(training: Training, times: Times) -> int | None:
    """The one step that was logged in the tick in which all files were written; None without one, or with several."""
    if times.is_named or times.last - times.first >= _TICK:
        return None
    start, end = bisect_left(training.last, times.first), bisect_right(training.first, times.first + _TICK)
    return start if end - start == 1 else None


def _at_once(training: Training, times: Times, index: int) -> Step:
    step = training.steps[index]
    words = f"{_written(times)}, in the moment in which step {step:,} of run {training.name} was logged"
    return Step(training.name, step, words)


def _said(training: Training, times: Times, place: int | None, *, is_crowded: bool, votes: set[str]) -> Step:
    """What the votes of a training's exports say of one of them."""
    if place is None:
        words = f"no step: {_written(times)}, while a step of run {training.name} was logged"
        return Step(training.name, None, words)
    between = f"{_written(times)}, {_between(training, place)}"
    if is_crowded:
        return Step(training.name, None, f"no step: {between}, as those of other versions")
    if len(votes) != 1:
        why = "there is evidence for both" if votes else "nothing tells which of them"
        return Step(training.name, None, f"no step: {between}, and {why}")
    return _decided(training, place, "after" in votes, between)


def _decided(training: Training, place: int, is_after: bool, between: str) -> Step:
    index = place - 1 if is_after else place
    if not 0 <= index < len(training.steps):
        return Step(training.name, None, f"no step: {between}")
    how = "after its step was logged" if is_after else "before its step was logged"
    return Step(training.name, training.steps[index], f"{between}; this training exports {how}")


def _place(training: Training, times: Times) -> int | None:
    """How many steps were logged before an export; None if one was while its files were written."""
    before = bisect_right(training.last, times.first)
    if not times.is_named and times.last - times.first >= _TICK:
        before = bisect_right(training.last, times.first + _TICK)
    end = times.last if times.is_named else max(times.last, times.first + _TICK)
    return before if before == bisect_right(training.first, end) else None


def _vote(training: Training, times: Times, place: int | None, places: set[int | None]) -> str:
    """Whether an export tells that it was made "after" the step before it, or "before" the next was logged; else ""."""
    if place is None:
        return ""
    if place == len(training.steps):
        return "after"
    if place == 0:
        return "before"
    gaps = [training.first[i] - training.last[i - 1] for i in range(1, len(training.steps)) if i not in places]
    if len(gaps) < _LEAST_GAPS:
        return ""
    soon = min(gaps) / 4
    is_after, is_before = times.first - training.last[place - 1] < soon, training.first[place] - times.last < soon
    return "" if is_after == is_before else "after" if is_after else "before"


def _between(training: Training, place: int | None) -> str:
    if place is None:
        return ""
    if place == 0:
        return f"before step {training.steps[0]:,} of run {training.name}"
    if place == len(training.steps):
        return f"after the last step {training.steps[-1]:,} of run {training.name}"
    return f"between steps {training.steps[place - 1]:,} and {training.steps[place]:,} of run {training.name}"


def _written(times: Times) -> str:
    return f"{'named by the time' if times.is_named else 'files written'} {_moment(times.last)}"


def _moment(seconds: float) -> str:
    try:
        moment = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
    except (OverflowError, ValueError, OSError):
        return "at a time that is none"
    return moment.strftime("%Y-%m-%d %H:%M:%S UTC")
