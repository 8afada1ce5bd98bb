"""Logs of a model's registry, made by appending and by writing files by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tb_versions.core.store import LocalStore
from tb_versions.registry import events
from tb_versions.registry.registry import Draft, Registry

DAY = 86_400_000
NOON = 1_795_435_200_000
"""2026-11-23 12:00 UTC in milliseconds."""


def store_of(models: Path, model: str = "digits") -> LocalStore:
    """The folder `.versions` of a model in a models folder, which is made."""
    models.mkdir(parents=True, exist_ok=True)
    return LocalStore(str(models / model / ".versions"), within=str(models))


def append(registry: Registry, kind: str, version: int | None = 1, **more: Any) -> events.Event:
    """Appends an event. What its kind says, and `actor`, `reason`, `time_ms`, … of `Draft`, are given by name."""
    of_draft = {name: more.pop(name) for name in list(more) if name in Draft.__struct_fields__}
    said = events.KINDS[kind].said(**more)
    draft = Draft(kind=kind, said=said, version=version, **{"actor": "anna", **of_draft})
    event = registry.append(lambda _: draft)
    assert event is not None
    return event


def promote(registry: Registry, *versions: int, alias: str = "production", **more: Any) -> None:
    for version in versions:
        append(registry, "alias_set", version, alias=alias, **more)


def entry(store: LocalStore, number: int) -> Path:
    """The file of an event."""
    return Path(store.shown) / "log" / f"{number:020}.json"


def fields(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_bytes())
    return found


def write(store: LocalStore, number: int, **changed: Any) -> bytes:
    """Writes an event by hand: "approved", after the one before, but for what is changed; None leaves a field out."""
    before = entry(store, number - 1)
    whole = {
        "format": 1,
        "critical": True,
        "number": number,
        "id": f"{number:032x}",
        "prev": events.digest_of(before.read_bytes()) if before.exists() else "",
        "time": "2026-11-23T12:00:00Z",
        "actor": "anna",
        "tool": "by hand",
        "kind": "approved",
        "version": 1,
        **changed,
    }
    data = json.dumps({name: value for name, value in whole.items() if value is not None}).encode()
    entry(store, number).parent.mkdir(parents=True, exist_ok=True)
    entry(store, number).write_bytes(data)
    return data


def relink(store: LocalStore, first: int) -> None:
    """Gives the entries from one on the digests of those before, as somebody who rewrites a log would."""
    for path in sorted(entry(store, 1).parent.glob("*.json"))[first - 1 :]:
        number = int(path.stem)
        write(
            store, **{**fields(path), "number": number, "prev": events.digest_of(entry(store, number - 1).read_bytes())}
        )
