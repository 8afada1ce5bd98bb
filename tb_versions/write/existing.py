"""What a writer needs to know about the versions of a model that exist. Unreadable manifests don't count."""

from __future__ import annotations

import contextlib
import math
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from tb_versions.core import codec
from tb_versions.core.manifest import MANIFEST_LIMIT, MANIFEST_NAME, Run
from tb_versions.core.storage import read_capped
from tb_versions.errors import TbVersionsError, VersionExistsError
from tb_versions.write.numbers import parse_number
from tb_versions.write.runs import are_same


def values_of(metric: str, model_folder: Path, *, runs: Sequence[Run]) -> dict[str, float]:
    """Returns a metric's values in the versions of a model, by reference, except NaN.

    Args:
        metric: Name of the metric.
        model_folder: Folder of all versions of the model. 10,000 of them take about half a second.
        runs: Runs of a training, whose versions count; without any, all count.
    """
    found = {}
    for number, fields in _manifests(model_folder):
        for value in _values(fields, metric, runs):
            found[f"{model_folder.name}:{number}"] = value
    return found


def check_semantic_version(semantic_version: str, model_folder: Path) -> None:
    """Refuses a semantic version that another version of the model has; "" is always free.

    Raises:
        VersionExistsError: Another version has it.
    """
    if not semantic_version:
        return
    for number, fields in _manifests(model_folder, containing=semantic_version):
        if semantic_version in (fields.get("semanticVersion"), fields.get("semantic_version")):
            raise VersionExistsError(
                f"{model_folder.name}:{number} has the semantic version {semantic_version} already; within a model "
                "each names one version. Choose a new one."
            )


def _manifests(model_folder: Path, *, containing: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The name of each version's folder, and its manifest's fields, if a text is in it."""
    with contextlib.suppress(OSError):
        for name in os.listdir(model_folder):
            if parse_number(name) is not None:
                with contextlib.suppress(OSError, TbVersionsError, orjson.JSONDecodeError):
                    data = read_capped(model_folder / name / MANIFEST_NAME, MANIFEST_LIMIT)
                    if containing.encode() in data:
                        yield name, codec.load_json(data)


def _values(fields: Mapping[str, Any], metric: str, runs: Sequence[Run]) -> Iterable[float]:
    with contextlib.suppress(AttributeError, TypeError, ValueError):
        if runs and not are_same(runs, [_run(entry) for entry in fields.get("runs", ())]):
            return
        for entry in fields.get("metrics", ()):
            if entry.get("name") == metric and not (entry.get("dataset") or entry.get("slice")):
                value = float(entry.get("value", 0))
                if not math.isnan(value):
                    yield value


def _run(entry: Mapping[str, Any]) -> Run:
    return Run(name=entry.get("name", ""), identity=entry.get("identity", ""))
