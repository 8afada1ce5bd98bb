"""Leads work on many things: what is to be done, by whom, what became of it, and what must be done again."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any, Protocol

from tb_versions.core.manifest import visible
from tb_versions.errors import TbVersionsError
from tb_versions.fleet.work.letters import Answer, Letter, Letters

ALREADY = "already"
"""Counts what was recorded before, and was not done again."""

_AT_A_TIME = 64
_LONGEST_REASON = 4_096


@dataclass(frozen=True)
class Outcome:
    """What became of one thing.

    Attributes:
        count: As what it is counted: "published", "passed", "adopted".
        answer: "yes", or why there is a dead letter: "no", "not known".
        why: The reason; for "yes" nothing.
        is_old: Whether it was recorded before, and not done again.
        keep: What is to be known when it is done again.
    """

    count: str
    answer: Answer = "yes"
    why: str = ""
    is_old: bool = False
    keep: str = ""


class Engine(Protocol):
    """Gives things to workers, some at a time."""

    def __call__(self, things: Sequence[Any], work: Callable[[Sequence[Any]], Mapping[str, int]], /) -> Counter[str]:
        """Returns the sums of what the workers counted.

        Args:
            things: What is worked on.
            work: Works on some of them, and counts; can be pickled.

        Raises:
            StorageError: It failed on the way; what was done stays.
        """


@dataclass(frozen=True)
class Here:
    """Works in this process.

    Attributes:
        jobs: How many things at a time.
    """

    jobs: int = 1

    def __call__(self, things: Sequence[Any], work: Callable[[Sequence[Any]], Mapping[str, int]], /) -> Counter[str]:
        """Works on one thing after the other, or on several at a time; see `Engine`."""
        counts: Counter[str] = Counter()
        if self.jobs == 1:
            for thing in things:
                counts.update(work([thing]))
            return counts
        left = iter(things)
        with ThreadPoolExecutor(self.jobs, "tb_versions_work") as pool:
            while some := list(islice(left, self.jobs * _AT_A_TIME)):
                for found in pool.map(work, ([thing] for thing in some)):
                    counts.update(found)
        return counts


@dataclass(frozen=True)
class Work:
    """Works on some things, and writes the dead letters; what workers get.

    Attributes:
        one: Works on one thing; can be pickled.
        letters: Where dead letters go.
        unknown: As what a thing is counted for which `one` raised.
        above: Folder or URL in which all things are, by their names.
    """

    one: Callable[[Any], Outcome]
    letters: Letters
    unknown: str
    above: str

    def __call__(self, some: Sequence[tuple[str, Any]]) -> Counter[str]:
        """Works on pairs of a name, which is unique, and a thing; returns counts."""
        counts: Counter[str] = Counter()
        for what, thing in some:
            found = self._worked(thing)
            counts[found.count] += 1
            counts[ALREADY] += found.is_old
            if found.answer != "yes":  # one at a time: a worker that is killed loses none
                why, where = found.why[:_LONGEST_REASON], os.path.join(self.above, what)
                self.letters.add([Letter("", what, found.answer, why=why, where=where, keep=found.keep)])
        return counts

    def _worked(self, thing: Any) -> Outcome:
        try:
            return self.one(thing)
        except (TbVersionsError, OSError) as error:
            return Outcome(self.unknown, "not known", str(error) or type(error).__name__)
        except Exception as error:  # noqa: BLE001 - one of a million must not stop the others
            why = (
                f"There is no answer, for a mistake in tb_versions ({type(error).__name__}: {error}). Please report it."
            )
            return Outcome(self.unknown, "not known", why)


@dataclass
class Worked:
    """What became of all.

    Attributes:
        counts: By the words of `Outcome.count`; `ALREADY` counts what was recorded before.
        letters: The dead letters of this run, by what they are about.
        solved: How many letters of earlier runs were taken back.
    """

    counts: Counter[str] = field(default_factory=Counter)
    letters: list[Letter] = field(default_factory=list)
    solved: int = 0


def lead(
    things: Mapping[str, Any],
    work: Work,
    *,
    engine: Engine,
    again: bool = False,
    is_gone: Callable[[str], bool] = lambda _: False,
) -> Worked:
    """Works on many things.

    Args:
        things: By name, in the order in which they are to be done.
        work: What is done with each.
        engine: Who does it.
        again: Whether only what has a dead letter is done.
        is_gone: Whether what has a dead letter, and is not among the things, is not there any more.

    Returns:
        What became of them.

    Raises:
        StorageError: The engine failed, or dead letters can't be read or written. What was done stays.
    """
    known = work.letters.last()
    letters = replace(work.letters, after=max((each.when for each in known.values()), default=-1))
    work = replace(work, letters=letters)
    before = {what: letter for what, letter in known.items() if letter.answer != "yes"}
    chosen = {what: thing for what, thing in things.items() if not again or what in before}
    counts = engine(list(chosen.items()), work) if chosen else Counter()
    mine = [each for each in letters.outstanding().values() if each.job == letters.job] if chosen else []
    failed = {each.what for each in mine}
    solved = [
        replace(letter, answer="yes", why="", when=letter.when + 1)
        for what, letter in before.items()
        if (what in chosen and what not in failed) or (what not in things and is_gone(what))
    ]
    letters.add(solved)
    return Worked(+counts, mine, len(solved))


def shown(letter: Letter) -> str:
    """Returns a letter as a line for people."""
    return visible(f"{letter.what}: {letter.why}")
