"""The events of a model's log, newest first, and what was measured of a version, as they travel. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from tb_versions.core.manifest import visible
from tb_versions.core.times import milliseconds
from tb_versions.errors import DamagedLogError
from tb_versions.payload.behaviour import tested_outputs
from tb_versions.payload.registry import markdown
from tb_versions.payload.wire import SCHEMA_VERSION, wire_integer, wire_number
from tb_versions.registry import events
from tb_versions.registry.events import KINDS, Event
from tb_versions.registry.measured import PRECISION, Measured, Value

MOST_MEASUREMENTS = 1_000
"""Most measurements of one version that travel."""

LONGEST_UNKNOWN = 4_096
"""Most characters of what an event of an unknown kind says that travel."""

_TEXTS = frozenset({"text", "rules", "found"})


def event_payload(event: Event, *, effective_ms: int, skewed: bool) -> dict[str, Any]:
    """Returns one event; see `LogEvent` in types.ts.

    Args:
        event: As the log has it.
        effective_ms: Its effective time, milliseconds since the epoch.
        skewed: Whether its own clock was more than five minutes behind the event before.
    """
    known = event.kind in KINDS
    return {
        "number": event.number,
        "kind": visible(event.kind),
        "version": None if event.version is None else wire_integer(event.version),
        "time": event.time_ms,
        "effective": effective_ms,
        "skewed": skewed,
        "actor": visible(event.actor),
        "reason": markdown(event.reason),
        "tool": visible(event.tool),
        "critical": event.critical,
        "known": known,
        "origin": event.origin
        and {"number": wire_integer(event.origin.number), "digest": visible(event.origin.digest)},
        **(
            _said(event) if known else {"data": visible(bytes(event.data).decode("utf-8", "replace"))[:LONGEST_UNKNOWN]}
        ),
    }


def history_payload(
    model: str, *, head: int, problem: str, told: Iterable[dict[str, Any]], more: bool
) -> dict[str, Any]:
    """Returns a page of a model's events; see `HistoryPayload` in types.ts.

    Args:
        model: Its name.
        head: Number of its last event.
        problem: Why the log can't be read further, or "".
        told: The events, newest first.
        more: Whether there are older ones.
    """
    return {
        "schema_version": SCHEMA_VERSION,
        "model": model,
        "head": head,
        "problem": problem or None,
        "events": list(told),
        "more": more,
    }


def measured_payload(measured: Sequence[Measured]) -> dict[str, Any]:
    """Returns what was measured of one version, newest first; see `MeasuredPayload` in types.ts.

    Args:
        measured: By time.
    """
    return {
        "schema_version": SCHEMA_VERSION,
        "measured": [_measurement(each) for each in reversed(measured[-MOST_MEASUREMENTS:])],
        "left_out": max(0, len(measured) - MOST_MEASUREMENTS),
    }


def _measurement(measured: Measured) -> dict[str, Any]:
    return {
        "time": measured.time_ms,
        "recorded": milliseconds(measured.recorded),
        "actor": visible(measured.actor),
        "source": visible(measured.source),
        "dataset": visible(measured.dataset),
        "slice": visible(measured.slice),
        "values": [
            {"name": visible(v.name), "value": wire_number(v.number), "goal": v.goal or "unknown", **precision_of(v)}
            for v in measured.values
        ],
    }


def precision_of(value: Value) -> dict[str, Any]:
    """Returns what is known of a value's interval and examples; nothing where nothing is."""
    known = {name: getattr(value, name) for name in PRECISION}
    return {
        name: wire_integer(item) if name == "examples" else item for name, item in known.items() if item is not None
    }


def _said(event: Event) -> dict[str, Any]:
    """What the kind says, with hidden characters spelled out."""
    try:
        said = events.said(event)
    except DamagedLogError as error:
        return {"problem": visible(str(error))}
    told = {each.encode_name: getattr(said, each.name) for each in msgspec.structs.fields(said)}
    if event.kind == "copied":
        told["events"] = len(said.events)
    if event.kind == "behaviour_compared":
        told |= {"outputs": tested_outputs(said), "words": said.words, "manifest": event.manifest}
    if event.kind == "inspected":
        told["words"] = said.words
    return {name: _visible(name, value) for name, value in told.items()}


def _visible(name: str, value: Any) -> Any:
    if isinstance(value, str):
        return markdown(value) if name in _TEXTS else visible(value)
    if isinstance(value, (list, tuple)):
        return [_visible(name, item) for item in value]
    if isinstance(value, dict):
        return {key: _visible(key, item) for key, item in value.items()}
    if isinstance(value, msgspec.Struct):
        return {each.encode_name: _visible("", getattr(value, each.name)) for each in msgspec.structs.fields(value)}
    return wire_integer(value) if isinstance(value, int) and not isinstance(value, bool) else value
