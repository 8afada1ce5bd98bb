"""Finds the TensorBoard runs that versions came from: by the run's identity, by its name, and by announcements.

An identity decides, for a name is for people: two runs may have one name, and a run that is moved has a new one. Names
decide where a manifest has no identity, as those of release 0.1.0 have none, or where the run's is not known.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple, Protocol

from msgspec.structs import replace

from tb_versions.core.manifest import visible
from tb_versions.core.metadata import CHILD_RUN, TRAINING_RUNS
from tb_versions.read.catalog import Link, Version
from tb_versions.read.manifests.listing import ListedRun

_MOST_PARTS = 8


class Identities(Protocol):
    """What `RunLinker` asks about identities."""

    def of(self, run: str) -> str:
        """Returns the identity of a run; "" where it is not known."""

    def runs_with(self, identity: str) -> Sequence[str]:
        """Returns all runs with an identity."""


class _Unknown:
    """No run's identity is known."""

    def of(self, _run: str) -> str:
        return ""

    def runs_with(self, _identity: str) -> Sequence[str]:
        return ()


class _Answer(NamedTuple):
    """The run that a manifest means, or None: because it has copies, or because of another run of its name."""

    run: str | None
    copies: tuple[str, ...] = ()
    namesake: str = ""


class RunLinker:
    """Finds the TensorBoard runs that versions came from.

    Attributes:
        contested: Names that manifests give to several runs: one that TensorBoard does not know gets a mark.
    """

    def __init__(self, known: Iterable[str], identities: Identities | None = None, *, search: bool = True) -> None:
        """Indexes the runs that TensorBoard knows, by every tail of their names.

        Args:
            known: Names of runs.
            identities: Of these runs.
            search: Whether a run that its name does not lead to is looked for among all runs.
        """
        self._known = frozenset(known)
        self._identities = identities or _Unknown()
        self._resolved: dict[str, str | None] = {}
        self._answers: dict[tuple[str, str], _Answer] = {}
        self._search_all = search
        self._by_tail: dict[str, list[str]] = defaultdict(list)
        self.contested: frozenset[str] = frozenset()
        for run in self._known:
            for tail in _tails(run):
                self._by_tail[tail].append(run)

    def link(self, version: Version) -> Version:
        """Returns the version with its runs, the one it was exported from first.

        A run's identity decides; without one its name does: that means the run of that name, or the only run whose name
        ends with it (another --logdir). The run that holds the announcement stays right when folders move: if the
        manifest names other runs, it comes before them.
        """
        named = version.listing.runs if version.listing else ()
        if not (self._known or version.announcements):
            absent = self._absent(dict(enumerate(named)), named)
            return replace(version, links=_shared(*absent.values())) if absent or version.links else version
        first = 0 if named else -1
        announcing = [run for a in version.announced for run in self._announced_by(a.run)]
        resolved: dict[str, Link] = {}
        answers = [self._find(run, announcing) for run in named]
        for place, answer in enumerate(answers):
            if answer.run is not None:
                resolved.setdefault(answer.run, Link(answer.run, True, place))
        surest = {
            run: Link(run, True, first)
            for a in version.announced
            for run in self._announced_by(a.run)
            if run not in resolved and self._may_be(run, named, is_child=_is_child(a.run))
        }
        # A copy of a run's folder holds the announcement too; the original is the run that the manifest names.
        is_named = any(run in resolved for run in announcing)
        linked = {**resolved, **surest} if is_named else {**surest, **resolved}
        if not linked and not any(answer.copies or answer.namesake for answer in answers):
            # the run has no events of its own
            linked = {a.run: Link(a.run, True, first) for a in version.announced}
        unknown = {place: named[place] for place, answer in enumerate(answers) if answer.run is None}
        absent = {} if linked else self._absent(unknown, named)
        links = _shared(*(linked or absent).values())
        said = _notice(answers)
        if links == version.links and not said:
            return version
        return replace(version, links=links, notice=f"{version.notice} {said}".strip())

    def _announced_by(self, run: str) -> list[str]:
        """The runs that an announcement in a run is about.

        One in `x/versions` is about `x`, or about what Keras writes below it: `x/train` and `x/validation`.
        """
        if not _is_child(run):
            return [run]
        parent = parent_run(run)
        if parent in self._known:
            return [parent]
        return [child for child in (f"{parent}/{name}" for name in TRAINING_RUNS) if child in self._known]

    def _may_be(self, run: str, named: Sequence[ListedRun], *, is_child: bool) -> bool:
        """Whether a run that announces a version, or lies beside the announcement, may have made it.

        It may not if it is a copy of the run that did, or if another run took that one's place beside the announcement.
        """
        identities = [each.identity for each in named if each.identity]
        if not identities:
            return True
        identity = self._identities.of(run)
        return not identity or (identity not in identities and not is_child)

    def _find(self, run: ListedRun, announcing: Sequence[str]) -> _Answer:
        if not run.identity:
            return _Answer(self._resolve(run.name) if run.name else None)
        key = run.name, run.identity
        answer = self._answers.get(key)
        if answer is None:
            answer = self._answers[key] = self._identify(*key)
        if answer.copies:
            holding = [copy for copy in answer.copies if copy in announcing]
            return _Answer(holding[0]) if len(holding) == 1 else answer
        return answer

    def _identify(self, name: str, identity: str) -> _Answer:
        """The run with an identity; of several the one whose name fits."""
        fitting = self._fitting(name)
        if len(fitting) == 1 and self._identities.of(fitting[0]) == identity:
            return _Answer(fitting[0])
        if self._search_all:
            same = self._identities.runs_with(identity)
            same = [run for run in same if run.endswith("/" + name) or [run] == list(fitting[:2])] or same
            if len(same) == 1:
                return _Answer(same[0])
            if same:
                return _Answer(None, copies=tuple(same))
        if len(fitting) != 1:
            return _Answer(None)
        (namesake,) = fitting
        if not self._identities.of(namesake):
            return _Answer(namesake)
        is_one = self._search_all and (namesake == name or namesake.endswith("/" + name))
        return _Answer(None, namesake=namesake if is_one else "")

    def _fitting(self, name: str) -> Sequence[str]:
        """The runs that a name may mean, without regard to their identities: one, or all whose names end with it."""
        if not name:
            return ()
        found = self._resolve(name)
        return self._by_tail.get(name, ()) if found is None else (found,)

    def _absent(self, runs: Mapping[int, ListedRun], named: Sequence[ListedRun]) -> dict[str, Link]:
        """Some of the runs that a manifest names, by their places in it, which are not here."""
        found: dict[str, Link] = {}
        for place, run in runs.items():
            if run.name:
                name = self._absent_name(run.name, named)
                found.setdefault(name, Link(name, False, place))
        return found

    def _absent_name(self, name: str, named: Sequence[ListedRun]) -> str:
        """What to call a run that is not here: its name, with a mark if another run has that."""
        mark = next((run.identity for run in named if run.identity), "")[:8]
        if not mark or (name not in self._known and name not in self.contested):
            return name
        parent, _, last = name.rpartition("/")
        return f"{parent}~{mark}/{last}" if parent and last in TRAINING_RUNS else f"{name}~{mark}"

    def _resolve(self, name: str) -> str | None:
        if name not in self._resolved:
            self._resolved[name] = self._search(name)
        return self._resolved[name]

    def _search(self, name: str) -> str | None:
        if name in self._known:
            return name
        longer = self._by_tail.get(name, ())
        if len(longer) == 1:
            return longer[0]
        return next((tail for tail in _tails(name) if tail in self._known), None)


@lru_cache(maxsize=4_096)
def _shared(*links: Link) -> tuple[Link, ...]:
    """Returns one tuple for all versions with these links."""
    return links


def _notice(answers: Sequence[_Answer]) -> str:
    """What there is to say about runs that are not linked, or ""."""
    copies = [run for answer in answers for run in answer.copies]
    if copies:
        return f"Its run is here more than once ({_some(copies)}); copies can't be told apart, so none is linked."
    namesakes = [answer.namesake for answer in answers if answer.namesake]
    if namesakes:
        return f"{_some(namesakes)} here {'is another run' if len(namesakes) == 1 else 'are other runs'} of that name."
    return ""


def _some(runs: Sequence[str]) -> str:
    more = f" and {len(runs) - 3:,} more" if len(runs) > 3 else ""
    return ", ".join(visible(run) for run in runs[:3]) + more


def _tails(name: str) -> list[str]:
    """The last parts of a run's name, longest first; at most eight, because a hostile name has thousands."""
    parts = name.rsplit("/", _MOST_PARTS)[-_MOST_PARTS:]
    return ["/".join(parts[start:]) for start in range(len(parts))]


def _is_child(run: str) -> bool:
    return run == CHILD_RUN or run.endswith("/" + CHILD_RUN)


def parent_run(run: str) -> str:
    """Returns `<run>` for `<run>/versions`, which holds only announcements; any other run itself."""
    return run.removesuffix(CHILD_RUN).rstrip("/") or "." if _is_child(run) else run
