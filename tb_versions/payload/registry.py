"""What was said of versions later, as it travels: `Registry` in types.ts, docs/http-api.md in prose. Pure.

It stands in the head of the table and not in its blocks, so that a promotion changes no block.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

from tb_versions.core.manifest import visible
from tb_versions.errors import TbVersionsError
from tb_versions.payload.wire import wire_integer, wire_number
from tb_versions.read.catalog import Catalog
from tb_versions.read.freshness import GateNow
from tb_versions.read.registries import ModelRegistry
from tb_versions.read.said import alias_order, first_line, rows_of
from tb_versions.registry.checked import files_word, signature_now, trusted_keys
from tb_versions.registry.measured import Measured, Value
from tb_versions.registry.policy import parse
from tb_versions.registry.state import AliasState, By, PolicySeen, VersionState

MOST_PREVIOUS = 20
"""Most earlier holders of an alias that travel."""

MOST_APPROVALS = 20
"""Most approvals of one version that travel."""

MOST_LABELS = 100
"""Most labels of one version that travel."""

MOST_MEASURED = 100
"""Most columns of metrics that were measured later; the rarest are left out and counted."""

LONGEST_REASON = 300
"""Most characters of a reason in the table; the history has all."""

Kind = tuple[str, str, str, str]
"""Name, dataset, slice and source of a metric that was measured later: each is a column."""


def registry_payload(catalog: Catalog, *, at: int | None = None) -> dict[str, Any]:
    """Returns what registries say; see `Registry` in types.ts.

    Args:
        catalog: With the registries as they were at that time.
        at: Milliseconds since the epoch; None for now.
    """
    kinds = measured_kinds(catalog)
    models = {model: _models(catalog, group) for model, group in catalog.registries.items()}
    return {
        "at": at,
        "models": models,
        "measured": [_kind(kind, goal) for kind, goal in kinds.items()],
        "measured_values": _measured_values(catalog, kinds),
        "measured_left_out": len(_counted(catalog)) - len(kinds),
    }


def measured_kinds(catalog: Catalog) -> dict[Kind, str]:
    """Returns the metrics measured later that have columns, and the goal of each; the most frequent ones, by name."""
    counted = _counted(catalog)
    kept = {kind for kind, _ in counted.most_common(MOST_MEASURED)}
    goals: dict[Kind, str] = {}
    for registry in _registries(catalog):
        for measured in registry.measured:
            for value in measured.values:
                kind = kind_of(measured, value)
                if kind in kept and (value.goal or kind not in goals):
                    goals[kind] = value.goal
    return dict(sorted(goals.items()))


def latest_measured(measured: Sequence[Measured]) -> dict[Kind, tuple[Measured, Value]]:
    """Returns the latest value of each metric.

    Args:
        measured: Of one version, by time.
    """
    return {kind_of(each, value): (each, value) for each in measured for value in each.values}


def kind_of(measured: Measured, value: Value) -> Kind:
    """Returns what tells one column of metrics measured later from another."""
    return (value.name, measured.dataset, measured.slice, measured.source)


def measured_key(kind: Kind) -> str:
    """Returns how a metric measured later is called: `accuracy [2026-11/night] (monitoring)`."""
    name, dataset, part, source = kind
    where = "/".join(filter(None, (dataset, part)))
    return name + (f" [{where}]" if where else "") + (f" ({source})" if source else "")


def version_said(
    state: VersionState,
    *,
    manifest: str = "",
    trusted: frozenset[str] = frozenset(),
    gates: Sequence[GateNow] = (),
    is_whole: bool = False,
) -> dict[str, Any]:
    """Returns what a log says of one version, without what it does not say; see `VersionSaid` in types.ts.

    Args:
        state: What the log says of it.
        manifest: Digest of the manifest that is there now: what was checked of another one does not count.
        trusted: Fingerprints of the keys that the policy trusts.
        gates: What the results of gates are worth now.
        is_whole: Whether reasons and the description are whole, as in the details of one version.
    """
    most = None if is_whole else MOST_APPROVALS
    approvals = islice(state.approvals_of(manifest).values(), most)
    of_another = islice(state.approvals_of_another(manifest).values(), most)
    labels = islice(sorted(state.labels.items()), None if is_whole else MOST_LABELS)
    verified, replayed = state.verified, state.replayed
    said = {
        "approvals": [_by(by, is_whole=is_whole) for by in approvals],
        "approvals_of_another_manifest": [_by(by, is_whole=is_whole) for by in of_another],
        "deprecated": state.deprecated and _by(state.deprecated, is_whole=is_whole),
        "removed": state.removed and {**_by(state.removed, is_whole=is_whole), "by": visible(state.removed_by)},
        "labels": {visible(key): value and visible(value) for key, value in labels},
        "description": _description(state.description, is_whole=is_whole),
        "semantic_version": visible(state.semantic_version) or None,
        "verified": verified
        and {
            "ok": verified[0],
            "how": visible(verified[1]),
            "now": files_word(state, manifest) or None,
            **_by(verified[2], is_whole=is_whole),
        },
        "signed": signature_now(state, manifest, trusted)[0] or None,
        "gates": [gate_now(each) for each in gates],
        "replayed": replayed
        and {
            "ok": replayed.ok,
            "words": visible(replayed.words),
            # Only of another manifest: an export does not tell the digest of one from which something was taken out.
            "manifest": None if replayed.manifest == manifest else visible(replayed.manifest) or None,
            **_by(replayed.by, is_whole=is_whole),
        },
        "notes": state.notes,
    }
    told = {name: value for name, value in said.items() if value or (name == "description" and value is not None)}
    return {**told, "events": len(state.events)}


def gate_now(now: GateNow) -> dict[str, Any]:
    """Returns what the last result of a gate is worth now; see `GateSaid` in types.ts."""
    result = now.result
    return {
        "gate": visible(now.key),
        "on": visible(result.on) or None,
        "verdict": now.verdict,
        "passed": result.passed,
        "count": result.count,
        "failed": result.failed,
        "changed": list(now.changed),
        "until": result.bound.until,
        "promoted": [visible(name) for name in now.promoted],
        "event": result.by.event,
        "actor": visible(result.by.actor),
        "time": result.by.ms,
    }


def markdown(text: str) -> str:
    """Returns a text of several lines with hidden characters spelled out."""
    return "\n".join("\t".join(map(visible, line.split("\t"))) for line in text.splitlines())


def _models(catalog: Catalog, group: Sequence[ModelRegistry]) -> dict[str, Any]:
    first, *others = [_model(catalog, registry, is_only=len(group) == 1) for registry in group]
    return {**first, "others": others}


def _model(catalog: Catalog, registry: ModelRegistry, *, is_only: bool) -> dict[str, Any]:
    state, trusted = registry.state, trusted_keys(registry.state)
    rows = rows_of(registry, catalog.by_model.get(registry.model, ()), is_only=is_only)
    plain = {number: f"{registry.model}:{number}" for number in rows}
    ids = {number: row.id if row else None for number, row in rows.items()}
    return {
        "folder": visible(registry.place.shown),
        "head": state.head.number,
        "time": state.ms if state.head.number else None,
        "problem": registry.problem or None,
        "kind": registry.kind or None,
        "skewed": len(state.skewed),
        "policy": state.policy and _policy(state.policy),
        "aliases": [
            _alias(name, alias, row.manifest_digest if row else "")
            for name, alias in sorted(state.aliases.items(), key=lambda each: alias_order(each[0]))
            for row in (rows.get(alias.version),)
        ],
        "versions": {
            str(number): version_said(
                state.versions[number],
                manifest=row.manifest_digest if row else "",
                trusted=trusted,
                gates=catalog.gates(row) if row else (),
            )
            for number in sorted(state.versions)
            for row in (rows.get(number),)
        },
        "ids": {str(number): name for number, name in ids.items() if name != plain[number]},
    }


def _alias(name: str, alias: AliasState, manifest: str) -> dict[str, Any]:
    """What is said of an alias; `manifest` is the digest of the manifest that is there now, or ""."""
    earlier = [wire_integer(holder.version) for holder in reversed(alias.stack[-1 - MOST_PREVIOUS : -1])]
    another = {"another_manifest": True} if alias.holder.is_of_another(manifest) else {}
    return {
        "name": visible(name),
        "number": wire_integer(alias.version),
        "event": alias.by.event,
        **_by(alias.by),
        "previous": earlier,
        **another,
    }


def _by(by: By, *, is_whole: bool = False) -> dict[str, Any]:
    reason = by.reason if is_whole or len(by.reason) <= LONGEST_REASON else by.reason[: LONGEST_REASON - 1] + "…"
    return {"actor": visible(by.actor), "time": by.ms, "reason": markdown(reason)}


def _policy(policy: PolicySeen) -> dict[str, Any]:
    try:
        protected = sorted(parse(policy.rules).aliases, key=alias_order)
    except TbVersionsError:
        protected = []
    return {"digest": policy.digest, "protected": [visible(name) for name in protected]}


def _description(text: str | None, *, is_whole: bool) -> str | None:
    if text is None or is_whole:
        return None if text is None else markdown(text)
    return first_line(text)


def _kind(kind: Kind, goal: str) -> dict[str, Any]:
    name, dataset, part, source = map(visible, kind)
    key = visible(measured_key(kind))
    return {"key": key, "name": name, "goal": goal or "unknown", "dataset": dataset, "slice": part, "source": source}


def _measured_values(catalog: Catalog, kinds: Mapping[Kind, str]) -> dict[str, list[list[Any]]]:
    places = {kind: place for place, kind in enumerate(kinds)}
    values: dict[str, list[list[Any]]] = {}
    for name, of_version in catalog.said.items():
        if of_version.measured:
            values[name] = [
                [places[kind], wire_number(value.number), measured.time_ms]
                for kind, (measured, value) in latest_measured(of_version.measured).items()
                if kind in places
            ]
    return values


def _counted(catalog: Catalog) -> Counter[Kind]:
    """How often each metric was measured; the order does not depend on which folder was read first."""
    kinds = [kind_of(m, value) for registry in _registries(catalog) for m in registry.measured for value in m.values]
    return Counter(sorted(kinds))


def _registries(catalog: Catalog) -> list[ModelRegistry]:
    return [registry for group in catalog.registries.values() for registry in group]
