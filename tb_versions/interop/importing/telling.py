"""Brings what a tracker says of a model's versions into its log here, and measured values beside it.

Between two imports both sides may change. What changed only there is taken over; what changed here stays, and where
both changed that is said: an alias that somebody moved here is never moved back by an import.
"""

from __future__ import annotations

import datetime
import os
import shlex
import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from tb_versions.actions.target import checked_alias
from tb_versions.core.codec import manifest_digest
from tb_versions.core.manifest import MAX_DESCRIPTION, MAX_TEXT, shown, visible
from tb_versions.core.times import EPOCH, milliseconds
from tb_versions.errors import TbVersionsError
from tb_versions.interop.importing import cleaning
from tb_versions.interop.importing.brought import Brought, Line, Subject, Value, content_of, event_id, said_as
from tb_versions.interop.importing.cleaning import Notes, line, prose
from tb_versions.interop.importing.foreign import Foreign, Said
from tb_versions.interop.importing.known import KnownVersion
from tb_versions.read.reuse.registered import open_registry
from tb_versions.registry import policy
from tb_versions.registry.events import MAX_ACTOR, MAX_REASON
from tb_versions.registry.policy import Rule
from tb_versions.registry.registry import Draft
from tb_versions.registry.state import State

_MOST_AHEAD_MS = 5 * 60_000


@dataclass(frozen=True)
class Here:
    """A version of a tracker that is a version here, too.

    Attributes:
        foreign: As the tracker has it.
        version: As it is here.
        is_new: Whether it was brought just now, so that its manifest says what the tracker does.
    """

    foreign: Foreign
    version: KnownVersion
    is_new: bool = False


@dataclass(frozen=True)
class Told:
    """A sentence on what was taken over, or would be, and whether it could not be."""

    text: str
    is_refused: bool = False


class Teller:
    """Tells one model's log what a tracker says of its versions."""

    def __init__(
        self,
        models_dir: str,
        versions: Sequence[Here],
        *,
        actor: str,
        dry_run: bool = False,
        unplaced: Collection[str] = (),
    ) -> None:
        """Reads nothing yet.

        Args:
            models_dir: Real path of the models folder.
            versions: All versions of one model of one store that are here, in the tracker's order.
            actor: Who imports.
            dry_run: Whether to write nothing.
            unplaced: Aliases that name a version there which is none here.
        """
        self.model = versions[0].version.model
        self._versions, self._actor, self._dry_run = versions, actor, dry_run
        self._unplaced = frozenset(unplaced)
        self._line: Line = versions[0].foreign.line
        self._statements = _statements(versions)
        stated = (self._id(here, said) for here, said in self._statements if _is_event(said))
        self._brought = Brought(self._line, stated)
        self._opened = open_registry(self.model, os.path.join(models_dir, self.model))
        self._state = State()

    def tell(self) -> Iterator[Told]:
        """Takes over what is new there; yields a sentence for each thing.

        Raises:
            TbVersionsError: The log is not known, or can't be written. What was taken over stays.
        """
        if os.path.isdir(self._opened.folder):  # in a dry run it may not be there
            self._state = self._opened.state()
            self._brought.read(self._opened.registry)
        for here, said in self._statements:
            if _is_event(said):
                yield from self._event(here, said)
        yield from self._aliases()
        for here in self._versions:
            yield from self._facts(here)

    def _event(self, here: Here, said: Said) -> Iterator[Told]:
        """Something that was said once, or at a time."""
        if self._id(here, said) in self._brought.ids:
            return
        if said.kind in ("alias_set", "alias_removed"):
            yield from self._alias(said.name, here if said.kind == "alias_set" else None, here, said)
        else:
            yield self._append(here, said, event_id=self._id(here, said))

    def _aliases(self) -> Iterator[Told]:
        """Aliases where they are now."""
        now = {said.name: (here, said) for here, said in self._statements if not _is_event(said)}
        for name, (here, said) in now.items():
            yield from self._alias(name, here, here, said)
        for name in sorted(self._unplaced):
            text = f"names a version in {self._line[0]} that is none here; here it stays as it is."
            yield Told(f"{self.model}@{visible(name)} {text}", is_refused=True)
        for subject in sorted(self._brought.states):
            _, _, name = subject
            is_there = name in now or name in self._unplaced
            if subject[0] == "alias" and not is_there and self._brought.values[subject] is not None:
                last = self._here(self._brought.values[subject])
                yield from self._alias(name, None, last, Said("alias_removed", name))

    def _here(self, number: Value) -> Here:
        return next((here for here in self._versions if here.version.number == number), self._versions[0])

    def _alias(self, name: str, to: Here | None, about: Here, said: Said) -> Iterator[Told]:
        """Moves an alias where only the tracker moved it since the last import."""
        subject: Subject = ("alias", 0, name)
        before, wanted = self._brought.values.get(subject), to.version.number if to else None
        if wanted == before and not _is_event(said):
            return
        known = self._state.aliases.get(name)
        ours = known.version if known else None
        if ours == wanted:
            return
        reference = f"{self.model}@{visible(name)}"
        if why := self._why_not(name, to):
            yield Told(f"{reference}: {why}", is_refused=True)
        elif ours != before:
            yield Told(
                f"{reference} is {_number(ours)} here and {_number(wanted)} in {about.foreign.tracker}; it was moved "
                f"here since the last import, so it stays. To follow: tb-versions {self._follow(name, wanted)}",
                is_refused=True,
            )
        else:
            yield self._append(about, said, event_id=self._id(about, said) if _is_event(said) else "")

    def _follow(self, name: str, wanted: int | None) -> str:
        models_dir = shlex.quote(os.path.dirname(self._opened.folder))
        rest = f"--alias {name} --reason WHY --models-dir {models_dir}"
        return f"unalias {self.model} {rest}" if wanted is None else f"promote {self.model}:{wanted} {rest}"

    def _why_not(self, name: str, to: Here | None) -> str:
        try:
            checked_alias(name)
            rule = policy.read(self._opened.store).policy.rule(name) if os.path.isdir(self._opened.folder) else Rule()
        except TbVersionsError as error:
            return str(error)
        if rule != Rule():
            return "a policy protects it, which an import does not pass by; promote the version here."
        if to is not None and (to.version.removed or self._state.version(to.version.number).removed):
            return f"{self.model}:{to.version.number} was removed here."
        return ""

    def _facts(self, here: Here) -> Iterator[Told]:
        """Labels and the description, which the manifest has as they were."""
        if here.version.removed or here.is_new:
            return
        number, manifest, notes = here.version.number, here.version.manifest, Notes()
        labels, was = cleaning.labels_of(here.foreign.labels, notes), manifest.labels
        later = self._state.version(number)
        for key in sorted(
            {*labels, *was} | {k for kind, n, k in self._brought.values if (kind, n) == ("label", number)}
        ):
            ours = later.labels[key] if key in later.labels else was.get(key)
            said = Said("label_set", key, labels[key]) if key in labels else Said("label_removed", key)
            yield from self._fact(here, ("label", number, key), (was.get(key), ours, labels.get(key)), said)
        text, was_text = prose(here.foreign.description), manifest.description
        ours = was_text if later.description is None else later.description
        said = Said("described", text=text)
        yield from self._fact(here, ("description", number, ""), (was_text, ours, text), said)

    def _fact(self, here: Here, subject: Subject, values: tuple[Value, Value, Value], said: Said) -> Iterator[Told]:
        """A value of which the manifest, this side and the tracker say something."""
        written, ours, theirs = values
        before = self._brought.values.get(subject, written)
        if theirs in (before, ours):
            return
        if ours != before:
            what = f"label {shown(subject[2])}" if subject[0] == "label" else "description"
            text = f"{self.model}:{here.version.number}: its {what} was changed here and in {here.foreign.tracker}; "
            yield Told(f"{text}it stays {shown(ours)}.", is_refused=True)
        else:
            yield self._append(here, said)

    def _append(self, here: Here, said: Said, *, event_id: str = "") -> Told:
        """Writes an event; one that says a state gets the id that its number gives it."""
        if not self._dry_run:
            event = self._opened.registry.append(lambda state: self._draft(state, here, said, event_id))
            assert event is not None
            self._brought.note(event)
            self._state = self._opened.registry.state
            self._opened.seen.remember({self.model: self._state.head})
        return Told(_in_words(f"{self.model}:{here.version.number}", said))

    def _draft(self, state: State, here: Here, said: Said, event_id: str) -> Draft:
        self._opened.check_seen()
        number = here.version.number
        known = state.aliases.get(said.name)
        what = said_as(_cleaned(said), known.version if known else None)
        ms, is_own = _moment(said.time, state)
        there = "" if is_own or said.time is None else f" There at {said.time:%Y-%m-%d %H:%M:%S %Z}."
        reason = f"{said.reason} " if said.reason else ""
        reason = line(f"{reason}Imported from {here.foreign.tracker}.{there}", MAX_REASON)
        return Draft(
            kind=said.kind,
            said=what,
            version=number,
            manifest="" if here.version.removed else manifest_digest(here.version.data),
            actor=line(said.actor, MAX_ACTOR).strip() or self._actor,
            reason=reason,
            event_id=event_id or self._brought.state_id(number, said.kind, what, state.head.number + 1),
            time_ms=ms,
        )

    def _id(self, here: Here, said: Said) -> str:
        at = said.time.astimezone(datetime.timezone.utc).isoformat() if said.time else ""
        at += f" {said.order}" if said.order else ""
        content = content_of(said_as(_cleaned(said)))
        return event_id(self._line, here.version.number, said.kind, content=content, at=at)


def _statements(versions: Sequence[Here]) -> list[tuple[Here, Said]]:
    """Everything that is said, what has a time in the order of times, then the rest."""
    found = [(here, said) for here in versions for said in here.foreign.said]
    return sorted(found, key=lambda each: _moment_there(each[1]))


def _moment_there(said: Said) -> tuple[bool, float, int]:
    return said.time is None, said.time.timestamp() if said.time else 0.0, said.order


def _is_event(said: Said) -> bool:
    """Whether something was said at a time or once; else it is so now."""
    return said.time is not None or said.kind not in ("alias_set", "alias_removed")


def _cleaned(said: Said) -> Said:
    """With texts that can be recorded; an alias and a label's key stay as they are, and are refused if they can't."""
    if said.kind in ("noted", "described"):
        return replace(said, text=prose(said.text, MAX_DESCRIPTION))
    return replace(said, text=line(said.text, MAX_TEXT)) if said.kind == "label_set" else said


def _moment(time_there: datetime.datetime | None, state: State) -> tuple[int | None, bool]:
    """When an event says that it was: its own time, unless the log is further already; and whether it is that."""
    if time_there is None:
        return None, False
    ms = milliseconds(time_there)
    is_own = ms >= state.ms and milliseconds(EPOCH) <= ms <= time.time() * 1_000 + _MOST_AHEAD_MS
    return (ms, True) if is_own else (None, False)


def _number(number: int | None) -> str:
    return "nothing" if number is None else f"version {number}"


def _in_words(reference: str, said: Said) -> str:
    if said.kind == "alias_set":
        return f"{reference.partition(':')[0]}@{visible(said.name)} is {reference}"
    if said.kind == "alias_removed":
        return f"{reference.partition(':')[0]}@{visible(said.name)} names nothing any more"
    words = {
        "label_set": f"label {shown(said.name)} is {shown(said.text)}",
        "label_removed": f"no label {shown(said.name)}",
    }
    return f"{reference}: {words.get(said.kind, said.kind.replace('_', ' '))}"
