"""What an event says, as one line for people. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tb_versions.actions.telling import Told
from tb_versions.comparison.paired import paired
from tb_versions.core.manifest import shown, visible
from tb_versions.errors import DamagedLogError
from tb_versions.registry import events
from tb_versions.registry.events import KINDS

_LONGEST = 60


def in_words(told: Told) -> str:
    """Returns what happened, without who, when and why: "production: digits:9 → digits:13"."""
    event = told.event
    name = told.model if event.version is None else f"{told.model}:{event.version}"
    if event.kind not in KINDS:
        return visible(f"{name}: {event.kind}, which this version of tb_versions does not know")
    try:
        said = events.said(event)
    except DamagedLogError as error:
        return visible(str(error))
    tell = _WORDS.get(event.kind)
    words = visible(f"{name}: {event.kind.replace('_', ' ')}") if tell is None else visible(tell(name, said))
    return f"{words} (event {event.origin.number} of another copy)" if event.origin else words


def _moved(name: str, said: Any) -> str:
    model = name.partition(":")[0]
    return f"{said.alias}: {f'{model}:{said.from_} → ' if said.from_ is not None else ''}{name}"


def _policy(name: str, said: Any) -> str:
    what = "policy changed" if said.digest else "policy is gone"
    return f"{name}: {what}{'. Loosened: ' + ' '.join(said.loosened) if said.loosened else ''}"


def _verified(name: str, said: Any) -> str:
    found = f": {said.found}" if said.found else ""
    return f"{name}: {'as published' if said.ok else 'not as published'}, by {said.how}{found}"


def _gate(name: str, said: Any) -> str:
    bad = failed_rules(said)
    what = f"failed ({bad})" if bad else f"passed, {len(said.findings)} rules"
    return f"{name}: gate {said.key} {what}"


def failed_rules(said: events.GateChecked) -> str:
    """Returns the first rules of a gate's result that did not pass; "" where all did."""
    bad = [each.rule for each in said.findings if each.verdict != "passed"]
    more = f" and {len(bad) - 3} more" if len(bad) > 3 else ""
    return f"{', '.join(bad[:3])}{more}"


def _replayed(name: str, said: Any) -> str:
    return f"{name}: {said.words}{'. ' + said.found if said.found else ''}"


def _compared(name: str, said: Any) -> str:
    tested = [f"{each.name}: {of.words}" for each, of in zip(said.outputs, paired(said.outputs), strict=True) if of]
    return ". ".join((f"{name}: {said.words}", *tested))


def _checked(name: str, said: Any) -> str:
    return f"{name}: {f'signature verified, by {said.who}' if said.ok else f'signature not verified: {said.found}'}"


def _text(what: str) -> Callable[[str, Any], str]:
    def tell(name: str, said: Any) -> str:
        line = " ".join(said.text.split())
        return f"{name}: {what} {shown(line if len(line) <= _LONGEST else line[:_LONGEST] + '…')}"

    return tell


_WORDS: Mapping[str, Callable[[str, Any], str]] = {
    "alias_set": _moved,
    "alias_rolled_back": lambda name, said: f"{_moved(name, said)}, rolled back",
    "alias_removed": lambda name, said: f"{said.alias}: removed from {name}",
    "removed": lambda name, said: f"{name}: removed{'' if said.by in ('', 'remove') else f' by {said.by}'}",
    "label_set": lambda name, said: f"{name}: label {said.key} = {shown(said.value)}",
    "label_removed": lambda name, said: f"{name}: label {said.key} removed",
    "described": _text("described"),
    "noted": _text("note"),
    "semantic_version_given": lambda name, said: f"{name}: semantic version {said.semantic_version}",
    "policy_changed": _policy,
    "verified": _verified,
    "deployed": lambda name, said: f"{name}: deployed to {said.target}{f' as {said.alias}' if said.alias else ''}",
    "gate_checked": _gate,
    "replayed": _replayed,
    "inspected": lambda name, said: f"{name}: {said.words}{': ' + said.found if said.found else ''}",
    "behaviour_compared": _compared,
    "signed": lambda name, said: f"{name}: signed with {events.key_in_words(said.key)}, as who signed says",
    "signature_checked": _checked,
    "copied": lambda name, said: f"{name}: copied from {said.source}",
}
