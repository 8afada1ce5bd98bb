"""Writes what is said of a model's versions later, at times and with ids that are the same on every run."""

from __future__ import annotations

import datetime
import hashlib
import os
import shutil
from pathlib import Path
from typing import Any

import msgspec

from tb_versions.core.layout import PRIVATE_FOLDER
from tb_versions.core.manifest import MANIFEST_NAME
from tb_versions.core.store import LocalStore
from tb_versions.registry import events, measured
from tb_versions.registry.registry import Draft, Registry

BEGIN = datetime.datetime(2026, 11, 24, 9, 0, tzinfo=datetime.timezone.utc)
MINUTE = 60_000


def begin_ms(minutes: int = 0) -> int:
    """When the first event is said, or so many minutes later."""
    return round(BEGIN.timestamp() * 1_000) + minutes * MINUTE


class Chronicle:
    """The registry of one model's folder; each event is ten minutes after the one before."""

    def __init__(self, folder: Path) -> None:
        """Writes nothing yet."""
        self.folder = folder
        own = os.path.abspath(folder / PRIVATE_FOLDER)
        self.store = LocalStore(own, within=os.path.dirname(os.path.dirname(own)))
        self.registry = Registry(self.store)

    def say(
        self,
        kind: str,
        version: int | None,
        said: Any = None,
        *,
        actor: str = "anna",
        reason: str = "",
        minutes: int | None = None,
        raw: bytes | None = None,
        critical: bool = False,
    ) -> int:
        """Appends an event; returns its number.

        Args:
            kind: Of the event.
            version: That it is about.
            said: What the kind says.
            actor: Who says it.
            reason: Why.
            minutes: After the beginning; None for ten after the event before.
            raw: What an event of an unknown kind says.
            critical: Whether that kind is critical.
        """
        state = self.registry.refresh()
        number = state.head.number + 1
        time_ms = begin_ms((number - 1) * 10 if minutes is None else minutes)
        identity = hashlib.md5(f"{self.folder.name} {number}".encode(), usedforsecurity=False).hexdigest()
        if raw is None:
            drafted = Draft(
                kind=kind,
                said=events.Nothing() if said is None else said,
                version=version,
                actor=actor,
                reason=reason,
                event_id=identity,
                time_ms=time_ms,
            )
            self.registry.append(lambda _: drafted)
            return number
        event = events.Event(
            format=events.FORMAT,
            critical=critical,
            number=number,
            id=identity,
            prev=state.head.digest,
            time=datetime.datetime.fromtimestamp(time_ms / 1_000, datetime.timezone.utc),
            actor=actor,
            tool="other 1.0",
            kind=kind,
            version=version,
            reason=reason,
            data=msgspec.Raw(raw),
        )
        assert self.store.create(_entry(number), msgspec.json.encode(event))
        return number

    def damage(self, number: int, data: bytes) -> None:
        """Writes any bytes as an entry of the log."""
        path = self.folder / PRIVATE_FOLDER / _entry(number)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    def remove(self, number: int) -> None:
        """Does what a removal does to the files: the manifest is kept, all else goes."""
        kept = self.folder / PRIVATE_FOLDER / "removed"
        kept.mkdir(parents=True, exist_ok=True)
        os.replace(self.folder / str(number) / MANIFEST_NAME, kept / f"{number}.json")
        shutil.rmtree(self.folder / str(number))

    def measure(
        self, version: int, *, source: str = "", dataset: str = "", part: str = "", minutes: int = 0, **metrics: float
    ) -> str:
        """Records metrics of a version; returns the name of their file."""
        values = tuple(
            measured.Value(name, value if value == value else "NaN", "max" if name == "accuracy" else "")
            for name, value in metrics.items()
        )
        when = BEGIN + datetime.timedelta(minutes=minutes)
        made = measured.new(values, version=version, actor="anna", time=when, dataset=dataset, part=part, source=source)
        identity = hashlib.md5(f"{self.folder.name} {version} {minutes}".encode(), usedforsecurity=False).hexdigest()
        return measured.record(self.store, msgspec.structs.replace(made, id=identity, recorded=when))


def _entry(number: int) -> str:
    return f"log/{number:020}.json"
