"""Metrics that were measured after publishing: files `measured/<time>-<id>.json`, each independent of the others."""

from __future__ import annotations

import datetime
import math
import uuid
from typing import Annotated

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from tb_versions._version import __version__
from tb_versions.core.manifest import (
    MAX_ITEMS,
    Metric,
    check_key,
    check_number,
    check_text,
    is_digest,
    precision_problem,
    shown,
)
from tb_versions.core.store import Store
from tb_versions.core.times import milliseconds
from tb_versions.errors import InvalidManifestError, StorageError, TbVersionsError
from tb_versions.registry.events import MAX_ACTOR, check_id

LIMIT = 1 << 20
"""Most bytes of a file; checked before it is read."""

PRECISION = ("lower", "upper", "examples", "confidence")
"""Fields of a value that say how precise it is, as in a manifest."""

FORMAT = 1
FOLDER = "measured"


class Value(Struct, frozen=True, omit_defaults=True):
    """One metric.

    Attributes:
        name: As in a manifest.
        value: Any double; text "NaN", "Infinity", "-Infinity" where JSON has no number.
        goal: "max", "min" or "".
        lower: Lower end of its interval, and the next three, as in `Metric`; None where unknown.
        upper: Upper end of it.
        examples: How many examples it was measured on.
        confidence: Of the interval: 0.95.
    """

    name: str
    value: float | str
    goal: str = ""
    lower: float | None = None
    upper: float | None = None
    examples: int | None = None
    confidence: float | None = None

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
        return milliseconds(self.time)


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
    measured = replace(measured, values=tuple(map(_written, measured.values)))
    check(measured)
    data = msgspec.json.format(msgspec.json.encode(measured), indent=1) + b"\n"
    if len(data) > LIMIT:
        raise InvalidManifestError(f"The metrics have {len(data):,} bytes; at most {LIMIT:,} are allowed.")
    name = f"{max(measured.time_ms, 0):015}-{measured.id}.json"
    if not store.create(f"{FOLDER}/{name}", data):
        raise StorageError(f"{store.shown}/{FOLDER}/{name} exists already.")
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
        self._problems: dict[str, str] = {}
        self.found: tuple[Measured, ...] = ()
        self.problems: tuple[tuple[str, str], ...] = ()

    def refresh(self) -> tuple[Measured, ...]:
        """Returns everything measured, by time; the same tuple where nothing changed.

        Raises:
            StorageError: The folder can't be listed.
        """
        names = [name for name in self._store.names(FOLDER) if name.endswith(".json")]
        gone = self._read.keys() - set(names)
        for name in gone:
            del self._read[name]
        problems = {name: why for name, why in self._problems.items() if name in self._read}
        new = [name for name in names if name not in self._read]
        for name in new:
            problems |= self._read_one(name)
        if problems != self._problems or gone or any(self._read.get(name) for name in new):
            self._problems = problems
            self.problems = tuple((f"{self._store.shown}/{FOLDER}/{name}", why) for name, why in problems.items())
            found = (one for one in self._read.values() if one is not None)
            self.found = tuple(sorted(found, key=lambda one: (one.time_ms, one.id)))
        return self.found

    def _read_one(self, name: str) -> dict[str, str]:
        """Reads a file; returns why it can't be used, by its name. One that may be readable later is read again."""
        try:
            found = _DECODER.decode(self._store.read(f"{FOLDER}/{name}", LIMIT))
            if found.format > FORMAT:
                raise InvalidManifestError("they were written by a newer version of tb_versions; upgrade.")
            check(found)
        except FileNotFoundError:
            return {}
        except StorageError as error:
            return {name: f"These metrics can't be read: {error}"}
        except (TbVersionsError, msgspec.MsgspecError, RecursionError) as error:
            self._read[name] = None
            return {name: f"These metrics can't be read: {error}"}
        self._read[name] = found
        return {}


def _written(value: Value) -> Value:
    """A value as JSON can hold it: what is no finite number as text."""
    if isinstance(value.value, str):
        return value
    try:
        number = float(value.value)
    except (OverflowError, TypeError, ValueError) as error:
        raise InvalidManifestError(
            f"The metric {shown(value.name)} must be a double, not {shown(value.value)}."
        ) from error
    if math.isfinite(number):
        return replace(value, value=number)
    return replace(value, value="NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity")


def _metric(value: Value) -> Metric:
    """A value as a manifest's metric, whose rules hold here too."""
    known = {name: getattr(value, name) for name in PRECISION}
    return Metric(name=value.name, value=value.number, **known)


def check(measured: Measured) -> None:
    """Raises InvalidManifestError where measured metrics break a rule, InvalidNameError where a name does."""
    check_number(measured.version)
    check_text(measured.actor, "The actor", limit=MAX_ACTOR)
    check_text(measured.tool, "The tool", limit=MAX_ACTOR)
    for text, what in ((measured.dataset, "dataset"), (measured.slice, "slice"), (measured.source, "source")):
        check_text(text, f"The {what}", limit=256)
    if measured.manifest and not is_digest(measured.manifest):
        raise InvalidManifestError(f"{shown(measured.manifest)} is no digest.")
    check_id(measured.id)
    if not 0 < len(measured.values) <= MAX_ITEMS:
        raise InvalidManifestError(f"From 1 to {MAX_ITEMS:,} metrics are recorded together.")
    names = set()
    for value in measured.values:
        check_key(value.name, "A metric's name")
        if value.goal not in ("max", "min", ""):
            raise InvalidManifestError(f'The goal of metric {shown(value.name)} must be "max" or "min".')
        if isinstance(value.value, str) and value.value not in ("NaN", "Infinity", "-Infinity"):
            raise InvalidManifestError(f"The metric {shown(value.name)} must be a number, not {shown(value.value)}.")
        why_not = precision_problem(_metric(value))
        if why_not:
            raise InvalidManifestError(f"The metric {shown(value.name)} {why_not}")
        names.add(value.name)
    if len(names) < len(measured.values):
        raise InvalidManifestError("A metric is given twice.")
