"""Metrics that were measured after publishing: files `measured/<time>-<id>.json`, each independent of the others."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterator
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from tb_versions._version import __version__
from tb_versions.core.manifest import MAX_ITEMS, check_key, check_number, check_text, is_digest, shown
from tb_versions.core.store import Store
from tb_versions.errors import InvalidManifestError, StorageError, TbVersionsError
from tb_versions.registry.events import MAX_ACTOR

LIMIT = 1 << 20
"""Most bytes of a file; checked before it is read."""

FORMAT = 1
_FOLDER = "measured"


class Value(Struct, frozen=True, omit_defaults=True):
    """One metric.

    Attributes:
        name: As in a manifest.
        value: Any double; text "NaN", "Infinity", "-Infinity" where JSON has no number.
        goal: "max", "min" or "".
    """

    name: str
    value: float | str
    goal: str = ""

    @property
    def number(self) -> float:
        """The value as a double."""
        return float(self.value)


class Measured(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Metrics of a version that were measured together.

    Attributes:
        format: Of the file.
        id: 32 hexadecimal digits, chosen by the writer.
        time: When it was measured; with a zone.
        recorded: When it was written, by the writer's clock.
        actor: Who says so; a claim.
        tool: What wrote it, with its version.
        version: Number of the version.
        manifest: Digest of its manifest; "" where unknown.
        dataset: Data it was measured on; "" where unsaid.
        slice: Part of the dataset; "" for all of it.
        source: Where the numbers come from: "monitoring", "offline evaluation"; "" where unsaid.
        values: The metrics.
    """

    format: int
    id: str
    time: Annotated[datetime.datetime, Meta(tz=True)]
    recorded: Annotated[datetime.datetime, Meta(tz=True)]
    actor: str
    tool: str
    version: int
    manifest: str = ""
    dataset: str = ""
    slice: str = ""
    source: str = ""
    values: tuple[Value, ...]

    @property
    def time_ms(self) -> int:
        """Milliseconds since the epoch."""
        return round(self.time.timestamp() * 1_000)


_DECODER = msgspec.json.Decoder(Measured)


def record(store: Store, measured: Measured) -> str:
    """Writes measured metrics; returns the name of their file.

    Args:
        store: The folder `.versions` of the model.
        measured: As `new` makes it.

    Raises:
        InvalidManifestError: A rule is broken.
        StorageError: Writing failed.
    """
    _check(measured)
    data = msgspec.json.format(msgspec.json.encode(measured), indent=1) + b"\n"
    if len(data) > LIMIT:
        raise InvalidManifestError(f"The metrics have {len(data):,} bytes; at most {LIMIT:,} are allowed.")
    name = f"{max(measured.time_ms, 0):015}-{measured.id}.json"
    if not store.create(f"{_FOLDER}/{name}", data):
        raise StorageError(f"{store.shown}/{_FOLDER}/{name} exists already.")
    return name


def new(
    values: tuple[Value, ...],
    *,
    version: int,
    actor: str,
    manifest: str = "",
    time: datetime.datetime | None = None,
    dataset: str = "",
    part: str = "",
    source: str = "",
) -> Measured:
    """Returns metrics to be recorded, with a new id and now as the time of recording.

    Args:
        values: The metrics.
        version: Number of the version.
        actor: Who says so.
        manifest: Digest of the version's manifest.
        time: When they were measured; None for now.
        dataset: Data they were measured on.
        part: Slice of the dataset.
        source: Where they come from.
    """
    now = datetime.datetime.now(datetime.timezone.utc)
    return Measured(
        format=FORMAT,
        id=uuid.uuid4().hex,
        time=now if time is None else time.astimezone(datetime.timezone.utc),
        recorded=now,
        actor=actor,
        tool=f"tb_versions {__version__}",
        version=version,
        manifest=manifest,
        dataset=dataset,
        slice=part,
        source=source,
        values=values,
    )


class MeasuredReader:
    """Keeps what was measured of a model; each refresh reads only new files. Not thread-safe."""

    def __init__(self, store: Store) -> None:
        """Reads nothing yet.

        Args:
            store: The folder `.versions` of the model.
        """
        self._store = store
        self._read: dict[str, Measured | None] = {}
        self.found: tuple[Measured, ...] = ()
        self.problems: tuple[tuple[str, str], ...] = ()

    def refresh(self) -> tuple[Measured, ...]:
        """Returns everything measured, by time; the same tuple where nothing changed.

        Raises:
            StorageError: The folder can't be listed.
        """
        names = [name for name in self._store.names(_FOLDER) if name.endswith(".json")]
        new = [name for name in names if name not in self._read]
        gone = self._read.keys() - set(names)
        if not new and not gone:
            return self.found
        for name in gone:
            del self._read[name]
        problems = {where: why for where, why in self.problems if where.rpartition("/")[2] in self._read}
        for name, why in self._read_all(new):
            problems[f"{self._store.shown}/{_FOLDER}/{name}"] = why
        self.problems = tuple(problems.items())
        self.found = tuple(one for name in names if (one := self._read[name]) is not None)
        return self.found

    def _read_all(self, names: list[str]) -> Iterator[tuple[str, str]]:
        """Reads files; yields the name of each that can't be used, and why."""
        for name in names:
            self._read[name] = None
            try:
                found = _DECODER.decode(self._store.read(f"{_FOLDER}/{name}", LIMIT))
                if found.format > FORMAT:
                    raise InvalidManifestError("it was written by a newer version of tb_versions; upgrade.")
                _check(found)
            except (TbVersionsError, OSError, msgspec.MsgspecError, RecursionError) as error:
                yield name, f"These metrics can't be read: {error}"
            else:
                self._read[name] = found


def _check(measured: Measured) -> None:
    check_number(measured.version)
    check_text(measured.actor, "The actor", limit=MAX_ACTOR)
    check_text(measured.tool, "The tool", limit=MAX_ACTOR)
    for text, what in ((measured.dataset, "dataset"), (measured.slice, "slice"), (measured.source, "source")):
        check_text(text, f"The {what}", limit=256)
    if measured.manifest and not is_digest(measured.manifest):
        raise InvalidManifestError(f"{shown(measured.manifest)} is no digest.")
    if len(measured.id) != 32 or not measured.id.isascii() or not measured.id.isalnum():
        raise InvalidManifestError(f"{shown(measured.id)} is no id.")
    if not 0 < len(measured.values) <= MAX_ITEMS:
        raise InvalidManifestError(f"From 1 to {MAX_ITEMS:,} metrics are recorded together.")
    names = set()
    for value in measured.values:
        check_key(value.name, "A metric's name")
        if value.goal not in ("max", "min", ""):
            raise InvalidManifestError(f'The goal of metric {shown(value.name)} must be "max" or "min".')
        if isinstance(value.value, str) and value.value not in ("NaN", "Infinity", "-Infinity"):
            raise InvalidManifestError(f"The metric {shown(value.name)} must be a number, not {shown(value.value)}.")
        names.add(value.name)
    if len(names) < len(measured.values):
        raise InvalidManifestError("A metric is given twice.")
