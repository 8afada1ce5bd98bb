"""What an MLflow store says, whatever it is read from. Nothing in it is trusted. Pure."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

DELETED_STAGE = "Deleted_Internal"
"""Stage of a version that was deleted: MLflow keeps its row."""


@dataclass(frozen=True)
class DatasetRecord:
    """An input of a run: name, MLflow's digest, where from as JSON, profile as JSON, and what for."""

    name: str
    digest: str = ""
    source: str = ""
    profile: str = ""
    context: str = ""


@dataclass(frozen=True)
class RunRecord:
    """A run.

    Attributes:
        run_id: 32 hexadecimal digits.
        name: As people see it.
        is_deleted: Whether it lies in MLflow's trash.
        artifacts: Where its files are.
        metrics: The latest value of each metric and its step, as MLflow shows it.
        params: Texts.
        tags: Those of people and of MLflow.
        datasets: Its inputs.
    """

    run_id: str
    name: str = ""
    is_deleted: bool = False
    artifacts: str = ""
    metrics: Mapping[str, tuple[float, int]] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    datasets: Sequence[DatasetRecord] = ()


@dataclass(frozen=True)
class VersionRecord:
    """A version of a registered model.

    Attributes:
        number: MLflow's, from 1.
        created: Milliseconds since 1970.
        description: "" without one.
        source: What it was registered from.
        location: Where its files are; "" where only `source` says it.
        run_id: Its run; "" without one.
        stage: "None", "Staging", "Production" or "Archived", as older MLflow has them.
        status: "READY", if all went well.
        tags: Its own.
    """

    number: int
    created: int
    description: str = ""
    source: str = ""
    location: str = ""
    run_id: str = ""
    stage: str = ""
    status: str = "READY"
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ModelRecord:
    """A registered model, its aliases and its versions in ascending order."""

    name: str
    description: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    aliases: Mapping[str, int] = field(default_factory=dict)
    versions: Sequence[VersionRecord] = ()


class Store(Protocol):
    """An MLflow store that is open for reading.

    Attributes:
        problems: (where, why) of what could not be read, added to while it is read.
    """

    problems: list[tuple[str, str]]

    def identity(self) -> str:
        """Returns what identifies the store wherever it lies, see `identity_of`."""

    def models(self, names: Collection[str]) -> Iterator[ModelRecord]:
        """Yields registered models by name; all of them without names."""

    def run(self, run_id: str) -> RunRecord | None:
        """Returns a run; None where it is not there any more."""


def identity_of(experiments: Iterable[tuple[int, str]]) -> str:
    """Returns what identifies a store: made of the time and id of its oldest experiment, which MLflow makes at first.

    A database, the server before it and a copy of either have the same.

    Args:
        experiments: Time in milliseconds (0 where unknown) and id of each, deleted ones too.
    """
    oldest = min(experiments, default=(0, ""))
    return hashlib.sha256(f"mlflow {oldest[0]} {oldest[1]}".encode()).hexdigest()[:16]


def latest(points: Iterable[tuple[int, int, float]]) -> tuple[float, int] | None:
    """Returns MLflow's latest value and its step: the largest of (step, time, value)."""
    found = max(points, key=lambda point: (point[0], point[1], _comparable(point[2])), default=None)
    return None if found is None else (found[2], found[0])


def _comparable(value: float) -> float:
    return float("-inf") if math.isnan(value) else value
