"""What GTO's tags say: versions of artifacts, and stages over time. Pure.

    digits@v1.2.0          version v1.2.0 of digits is the tagged commit         (…#7: the 7th tag of the artifact)
    digits@v1.2.0!         it is none any more
    digits#prod            the version at the tagged commit is in the stage prod
    digits#prod!           it is in it no more
    digits@deprecated      digits is to be used no more
    models=digits@v1.0.0   models:digits, of the project in the folder models

The grammar is that of GTO 1 (https://github.com/iterative/gto).
"""

from __future__ import annotations

import datetime
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from tb_versions.interop.gto.repository import GitTag

Action = Literal["register", "deregister", "assign", "unassign", "deprecate"]

_NAME = r"[a-zA-Z0-9](?:[a-zA-Z0-9/_-]*[a-zA-Z0-9])?"
_TAG = re.compile(
    rf"(?P<artifact>(?:[a-zA-Z0-9_./-]+=)?{_NAME})"
    rf"(?:(?:#(?P<stage>{_NAME})|@v(?P<version>[0-9]+\.[0-9]+\.[0-9]+[0-9A-Za-z.+-]*))(?P<cancel>!?)|@(?P<old>deprecated))"
    r"(?:#(?P<counter>[0-9]{1,12}))?",
    re.ASCII,
)


@dataclass(frozen=True)
class Act:
    """What one tag says.

    Attributes:
        action: What is done.
        artifact: Its name; where it is of a project in a folder, `folder:name`.
        version: Without the v; "" where the tag names none.
        stage: Likewise.
        counter: The tag's place among those of its artifact; 0 without one.
        tag: The tag.
        time: When.
    """

    action: Action
    artifact: str
    version: str
    stage: str
    counter: int
    tag: GitTag
    time: datetime.datetime


@dataclass(eq=False)
class Version:
    """A version of an artifact.

    Attributes:
        artifact: Its name.
        version: Without the v; "" for a commit that got a stage and was never registered.
        commit: That it is.
        made: What made it one.
        later: (stage, whether it is set, act) and acts without a stage, in their order.
    """

    artifact: str
    version: str
    commit: str
    made: Act
    later: list[tuple[str, bool, Act]] = field(default_factory=list)


@dataclass
class Tagged:
    """All tags of a repository.

    Attributes:
        versions: In the order in which they were made.
        skipped: (tag, why) of tags that look like GTO's and can't be read.
        lightweight: Names of tags that look like GTO's and have neither time nor author; GTO passes them over.
    """

    versions: list[Version] = field(default_factory=list)
    lightweight: list[str] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)


def read_tags(tags: Iterable[GitTag]) -> Tagged:
    """Returns what GTO's tags say; other tags are passed over."""
    tagged = Tagged()
    of_artifacts: dict[str, list[Act]] = defaultdict(list)
    for tag in tags:
        act = _act(tag, tagged)
        if act is not None:
            of_artifacts[act.artifact].append(act)
    for acts in of_artifacts.values():
        acts.sort(key=lambda act: (act.time, act.counter, act.tag.name))  # git's times have whole seconds
        tagged.versions += _versions(acts)
    tagged.versions.sort(key=lambda version: (version.made.time, version.made.counter, version.made.tag.name))
    return tagged


def _act(tag: GitTag, tagged: Tagged) -> Act | None:
    match = _TAG.fullmatch(tag.name)
    if match is None:
        return None
    if tag.time is None:
        tagged.lightweight.append(tag.name)
        return None
    if not tag.commit:
        tagged.skipped.append((tag.name, "it names no commit."))
        return None
    try:
        time = datetime.datetime.fromtimestamp(tag.time, datetime.timezone.utc)
    except (ValueError, OverflowError, OSError):
        tagged.skipped.append((tag.name, f"its time, {tag.time} seconds after 1970, is none."))
        return None
    action: Action = "deprecate"
    if match["version"]:
        action = "deregister" if match["cancel"] else "register"
    elif match["stage"]:
        action = "unassign" if match["cancel"] else "assign"
    name, counter = match["artifact"].replace("=", ":"), int(match["counter"] or 0)
    return Act(action, name, match["version"] or "", match["stage"] or "", counter, tag, time)


def _versions(acts: list[Act]) -> list[Version]:
    """The versions of one artifact: registrations first, as a stage may be given before."""
    found: list[Version] = []
    for act in acts:
        if act.action == "register" and not any(_is(one, act) for one in found):
            found.append(Version(act.artifact, act.version, act.tag.commit, act))
    stages = _Stages()
    for act in acts:
        if act.stage:
            stages.assign(act, _at(act, found))
            continue
        concerned = [one for one in found if act.action == "deprecate" or _is(one, act)]
        for one in concerned:
            if act is not one.made and one.made.time <= act.time:
                one.later.append(("", act.action == "register", act))
        if act.action != "deprecate":
            stages.register(act, concerned)
    return found


class _Stages:
    """Stages of one artifact over time.

    A stage names the version that got it last, still has it, and is registered still, as `gto show` says.
    """

    def __init__(self) -> None:
        self._given: dict[str, list[Version]] = defaultdict(list)  # the last is the one that got it last
        self._shown: dict[str, Version] = {}
        self._gone: list[Version] = []

    def assign(self, act: Act, version: Version) -> None:
        given = self._given[act.stage]
        if version in given:
            given.remove(version)
        if act.action == "assign":
            given.append(version)
        self._look(act.stage, act)

    def register(self, act: Act, versions: list[Version]) -> None:
        for version in versions:
            if act.action == "deregister":
                self._gone.append(version)
            elif version in self._gone:
                self._gone.remove(version)
        for stage in self._given:
            self._look(stage, act)

    def _look(self, stage: str, act: Act) -> None:
        before = self._shown.pop(stage, None)
        now = next((version for version in reversed(self._given[stage]) if version not in self._gone), None)
        if now is not None:
            self._shown[stage] = now
        if now is not before and now is not None:
            now.later.append((stage, True, act))
        elif now is None and before is not None:
            before.later.append((stage, False, act))


def _is(one: Version, act: Act) -> bool:
    return one.version == act.version and one.commit == act.tag.commit


def _at(act: Act, found: list[Version]) -> Version:
    """The version at a commit: the last that was there then, else the first that came; else the commit is one."""
    here = [one for one in found if one.commit == act.tag.commit]
    if not here:
        here = [Version(act.artifact, "", act.tag.commit, act)]
        found.append(here[0])
    before = [one for one in here if one.made.time <= act.time]
    return before[-1] if before else here[0]


def moves(version: Version) -> Iterator[tuple[str, bool, Act]]:
    """Yields (stage or "", whether it is set, act) in the order of time."""
    yield from sorted(version.later, key=lambda each: (each[2].time, each[2].counter))
