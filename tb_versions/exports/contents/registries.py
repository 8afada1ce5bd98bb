"""What logs say, as an export carries it: of its own versions only, and without the names of people."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from dataclasses import replace as replace_fields
from typing import Any

from msgspec.structs import replace

from tb_versions import payload
from tb_versions.errors import TbVersionsError
from tb_versions.exports.contents.selection import Selection
from tb_versions.read.catalog import Catalog, Version
from tb_versions.read.freshness import GateNow
from tb_versions.read.registries import Known, ModelRegistry
from tb_versions.read.removed import notice_of
from tb_versions.read.timeline import TimedEvent, Timelines
from tb_versions.registry.measured import Measured
from tb_versions.registry.state import AliasState, By, State, VersionState

MOST_EVENTS = 2_000
"""Most events of one model that an export carries: the newest ones."""

_MAY_NAME_OTHERS = ("rules", "loosened", "data")
"""Fields of events that may name people who did nothing yet: policies, and what an event of an unknown kind says."""

_SHORTEST_NAME = 3  # of those that are masked in texts too


@dataclass(frozen=True)
class History:
    """What logs and measurements say in full, as it travels.

    Attributes:
        events: By model, oldest first: those about the export's versions and about the model.
        measured: By the version's id, newest first, as in `MeasuredPayload`.
        left_out: Sentences about what is missing.
    """

    events: Mapping[str, list[dict[str, Any]]] = field(default_factory=dict)
    measured: Mapping[str, list[dict[str, Any]]] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()


class People:
    """Gives people numbers in the order in which they are met, so that who approved and who promoted stays apart."""

    def __init__(self, names: Iterable[str], *, keeps: bool) -> None:
        """Knows everybody who is named.

        Args:
            names: In their order.
            keeps: Whether names stay as they are.
        """
        self.keeps = keeps
        known = dict.fromkeys(filter(None, names))
        self._numbers = {} if keeps else {name: f"person {number}" for number, name in enumerate(known, 1)}
        spelled = sorted((n for n in self._numbers if len(n) >= _SHORTEST_NAME), key=lambda name: (-len(name), name))
        words = "|".join(map(re.escape, spelled))
        self._in_text = re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE) if words else None
        self._folded = {name.casefold(): number for name, number in self._numbers.items()}

    def name(self, name: str) -> str:
        """Returns what stands for a person."""
        return name if self.keeps or not name else self._numbers.get(name, "somebody")

    def text(self, text: str) -> str:
        """Returns a text without names of people who are known."""
        if self._in_text is None:
            return text
        return self._in_text.sub(lambda match: self._folded.get(match[0].casefold(), "somebody"), text)

    def by(self, by: By) -> By:
        """Returns who did something and why, without names."""
        return replace(by, actor=self.name(by.actor), reason=self.text(by.reason))

    def tree(self, value: Any, key: str = "") -> Any:
        """Returns JSON without names."""
        if isinstance(value, str):
            return self.name(value) if key == "actor" else self.text(value)
        if isinstance(value, dict):
            return {name: self.tree(one, name) for name, one in value.items()}
        return [self.tree(one, key) for one in value] if isinstance(value, list) else value


def shared_registries(selection: Selection, *, keeps_people: bool) -> tuple[Selection, History]:
    """Returns a selection whose catalog says only what may be shared, and the history of its versions.

    Args:
        selection: The export's versions.
        keeps_people: Whether the author included the names of people.
    """
    catalog = selection.catalog
    if not catalog.registries:
        return selection, History()
    chosen = None if selection.is_whole else frozenset((v.model, v.number) for v in catalog.versions)
    lines, events = Timelines(), {}
    for registry in _registries(catalog.registries):
        events[registry.place.folder] = _events(lines, registry, chosen)
    people = People(_names(catalog.registries, events), keeps=keeps_people)
    known = {
        model: tuple(_shared(registry, chosen, people) for registry in group)
        for model, group in catalog.registries.items()
        if chosen is None or any(name == model for name, _ in chosen)
    }
    versions = tuple(_without_names(version, known) for version in catalog.versions)
    judged = catalog.judged and {
        name: tuple(_gate(now, people) for now in each) for name, each in catalog.judged.items()
    }
    shared = replace_fields(catalog, registries=known, versions=versions, judged=judged)
    # Of several folders that hold a model the log of the first travels.
    told = {model: _told(events[group[0].place.folder], people) for model, group in known.items()}
    left_out = tuple(_left_out(known, events))
    return replace_fields(selection, catalog=shared), History(told, _measured(shared), left_out)


def _without_names(version: Version, known: Known) -> Version:
    """A removed version's notice says who removed it."""
    if version.kept_at is None:
        return version
    file = version.kept_at.folder
    of = next((each for each in known.get(version.model, ()) if file.startswith(f"{each.place.folder}/")), None)
    return version if of is None else replace(version, notice=notice_of(of, version.number))


_Chosen = frozenset[tuple[str, int]] | None
_Events = tuple[list[TimedEvent], bool, str]


def _events(lines: Timelines, registry: ModelRegistry, chosen: _Chosen) -> _Events:
    """The newest events, whether there are more, and why they can't be read, or ""."""
    try:
        found, more = lines.page(registry, limit=MOST_EVENTS)
    except TbVersionsError as error:
        return [], False, str(error)
    return [one for one in found if _is_chosen(registry.model, one.event.version, chosen)], more, ""


def _is_chosen(model: str, number: int | None, chosen: _Chosen) -> bool:
    return chosen is None or number is None or (model, number) in chosen


def _registries(known: Known) -> Iterator[ModelRegistry]:
    for group in known.values():
        yield from group


def _names(known: Known, events: Mapping[str, _Events]) -> Iterator[str]:
    for registry in _registries(known):
        yield from (one.event.actor for one in reversed(events[registry.place.folder][0]))
        for version in registry.state.versions.values():
            yield from version.approvals
            yield from (by.actor for by in _bys(version))
            yield from (result.by.actor for result in version.gates.values())
        yield from (alias.by.actor for alias in registry.state.aliases.values())
        yield from (measured.actor for measured in registry.measured)


def _bys(version: VersionState) -> Iterator[By]:
    yield from (by for by in (version.deprecated, version.removed) if by is not None)
    if version.verified:
        yield version.verified[2]
    if version.replayed:
        yield version.replayed.by
    if version.inspected:
        yield version.inspected.by
    yield from (signature.by for signature in version.signatures.values())


def _shared(registry: ModelRegistry, chosen: _Chosen, people: People) -> ModelRegistry:
    model, state = registry.model, registry.state
    versions = {n: _version(v, people) for n, v in state.versions.items() if _is_chosen(model, n, chosen)}
    aliases = {
        name: AliasState(alias.stack, people.by(alias.by))
        for name, alias in state.aliases.items()
        if _is_chosen(model, alias.version, chosen)
    }
    policy = state.policy and replace(state.policy, by=people.by(state.policy.by))
    return replace(
        registry,
        place=replace(registry.place, root=replace_fields(registry.place.root, shown="")),
        state=_state(state, versions, aliases, policy),
        problem=people.text(registry.problem),
        measured=tuple(
            _measurement(measured, people)
            for measured in registry.measured
            if _is_chosen(model, measured.version, chosen)
        ),
    )


def _state(state: State, versions: Any, aliases: Any, policy: Any) -> State:
    return replace(state, versions=versions, aliases=aliases, policy=policy)


def _version(version: VersionState, people: People) -> VersionState:
    verified = version.verified
    return replace(
        version,
        approvals={people.name(actor): people.by(by) for actor, by in version.approvals.items()},
        deprecated=version.deprecated and people.by(version.deprecated),
        removed=version.removed and people.by(version.removed),
        labels={people.text(key): value and people.text(value) for key, value in version.labels.items()},
        description=version.description and people.text(version.description),
        verified=verified and (verified[0], verified[1], people.by(verified[2])),
        signatures={
            digest: replace(each, by=people.by(each.by), who=people.text(each.who), found=people.text(each.found))
            for digest, each in version.signatures.items()
        },
        replayed=version.replayed and replace(version.replayed, by=people.by(version.replayed.by)),
        inspected=version.inspected
        and replace(version.inspected, by=people.by(version.inspected.by), found=people.text(version.inspected.found)),
        gates={people.text(key): replace(result, by=people.by(result.by)) for key, result in version.gates.items()},
    )


def _gate(now: GateNow, people: People) -> GateNow:
    result = now.result
    return replace(
        now, key=people.text(now.key), result=replace(result, by=people.by(result.by), on=people.text(result.on))
    )


def _measurement(measured: Measured, people: People) -> Measured:
    return replace(
        measured,
        actor=people.name(measured.actor),
        source=people.text(measured.source),
        dataset=people.text(measured.dataset),
        slice=people.text(measured.slice),
        values=tuple(replace(value, name=people.text(value.name)) for value in measured.values),
    )


def _told(events: _Events, people: People) -> list[dict[str, Any]]:
    found, _, _ = events
    told = [payload.event_payload(x.event, effective_ms=x.effective_ms, skewed=x.skewed) for x in reversed(found)]
    if not people.keeps:
        told = [{name: value for name, value in event.items() if name not in _MAY_NAME_OTHERS} for event in told]
    shared: list[dict[str, Any]] = people.tree(told)
    return shared


def _left_out(known: Known, events: Mapping[str, _Events]) -> Iterator[str]:
    for model, group in known.items():
        _, more, problem = events[group[0].place.folder]
        if more:
            yield f"Events of {model} before the newest {MOST_EVENTS:,}."
        if problem:
            yield f"The history of {model}: {problem}"
        if len(group) > 1:
            yield f"The history of {model} in {len(group) - 1:,} more folders."


def _measured(catalog: Catalog) -> dict[str, list[dict[str, Any]]]:
    return {
        name: payload.measured_payload(said.measured)["measured"]
        for name, said in catalog.said.items()
        if said.measured
    }
