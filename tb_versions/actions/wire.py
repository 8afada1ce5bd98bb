"""What verbs answer, as JSON: the same for the command line and for HTTP. Pure."""

from __future__ import annotations

from typing import Any

from tb_versions.actions.asking import Which
from tb_versions.actions.target import Change
from tb_versions.actions.telling import Told
from tb_versions.core.manifest import visible
from tb_versions.payload.history import event_payload, precision_of
from tb_versions.payload.wire import wire_integer, wire_number
from tb_versions.registry.measured import Measured


def change_payload(change: Change) -> dict[str, Any]:
    """Returns what a verb changed; `event` is null where nothing was written."""
    event = change.event
    return {
        "model": change.model,
        "number": None if change.number is None else wire_integer(change.number),
        "event": event and event_payload(event, effective_ms=change.effective_ms, skewed=change.skewed),
        "before": _value(change.before),
        "after": _value(change.after),
        "said": visible(change.said),
        "dry_run": change.dry_run,
    }


def told_payload(told: Told) -> dict[str, Any]:
    """Returns an event with its model."""
    event = event_payload(told.event, effective_ms=told.effective_ms, skewed=told.skewed)
    return {"model": told.model, **event}


def which_payload(which: Which) -> dict[str, Any]:
    """Returns what an alias names."""
    verified = which.verified_later
    return {
        "model": which.model,
        "alias": which.alias,
        "number": wire_integer(which.number),
        "id": which.id,
        "semantic_version": which.semantic_version or None,
        "digest": which.digest or None,
        "at": which.at,
        "since": which.since,
        "event": which.event,
        "actor": visible(which.actor),
        "reason": visible(which.reason),
        "replaced": None if which.replaced is None else wire_integer(which.replaced),
        "rolled_back": which.rolled_back,
        "datasets": [
            {"name": visible(data.name), "split": visible(data.split), "digest": visible(data.digest)}
            for data in which.datasets
        ],
        "metrics": {visible(name): wire_number(value) for name, value in which.metrics.items()},
        "verified": which.verified or None,
        "verified_later": verified
        and {"ok": verified[0], "how": verified[1], "actor": visible(verified[2]), "time": verified[3]},
        "replayed": visible(which.replayed) or None,
        "approvals": [{"actor": visible(name), "time": ms} for name, ms in which.approvals.items()],
        "deprecated": which.deprecated,
        "gate": which.gate,
        "attestation": which.attestation,
        "path": which.path,
        "problems": list(map(visible, which.problems)),
    }


def recorded_payload(measured: Measured) -> dict[str, Any]:
    """Returns metrics that were recorded."""
    return {
        "number": wire_integer(measured.version),
        "time": measured.time_ms,
        "actor": visible(measured.actor),
        "dataset": visible(measured.dataset),
        "slice": visible(measured.slice),
        "source": visible(measured.source),
        "values": [
            {"name": visible(v.name), "value": wire_number(v.number), "goal": v.goal or None, **precision_of(v)}
            for v in measured.values
        ],
    }


def _value(value: str | int | None) -> str | int | None:
    return wire_integer(value) if isinstance(value, int) else value
