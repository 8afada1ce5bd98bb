"""Runs, models and model versions in a folder that Neptune Exporter wrote.

    <data>/<project>/<run>_part_<n>.parquet                     runs
    <data>/<project>/models/<id>_part_<n>.parquet               models of Neptune 2
    <data>/<project>/model_versions/<id>_part_<n>.parquet       their versions

The schema is the exporter's (https://github.com/neptune-ai/neptune-exporter, `model.py`): one row for each attribute,
or for each point of a series. An export is complete once its part 0 is there.
"""

from __future__ import annotations

import datetime
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from tb_versions.core.manifest import Scalar
from tb_versions.interop.parquet_rows import read_rows

RUNS, MODELS, VERSIONS = "", "models", "model_versions"

_NEEDED = ("project_id", "run_id", "attribute_path", "attribute_type", "step", "timestamp")
_VALUES = {
    "int": "int_value",
    "float": "float_value",
    "string": "string_value",
    "bool": "bool_value",
    "datetime": "datetime_value",
    "string_set": "string_set_value",
}
_COLUMNS = (*_NEEDED, *_VALUES.values(), "file_value")
_PART = re.compile(r"(?P<name>.+)_part_(?P<part>[0-9]{1,6})\.parquet")
_MOST_ATTRIBUTES = 100_000


@dataclass
class Exported:
    """A run, model or model version.

    Attributes:
        project: Neptune's, `workspace/name`.
        id: Its id in it.
        single: Attributes with one value, by path: numbers, bools, texts, times and lists of texts.
        series: The last value and its step of each series of numbers; the step None where it is no integer.
        files: Paths of its files below the project's folder of files.
        left_out: Paths of series of texts and histograms.
        odd_steps: Paths of series whose last step is no integer, or is not known.
    """

    project: str = ""
    id: str = ""
    single: dict[str, Any] = field(default_factory=dict)
    series: dict[str, tuple[float, int | None]] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    left_out: set[str] = field(default_factory=set)
    odd_steps: set[str] = field(default_factory=set)

    def text(self, path: str) -> str:
        """Returns an attribute that is a text; "" without it."""
        value = self.single.get(path)
        return value if isinstance(value, str) else ""

    def time(self, path: str) -> datetime.datetime | None:
        """Returns an attribute that is a time; None without it."""
        value = self.single.get(path)
        return value if isinstance(value, datetime.datetime) else None


def hyperparameters(one: Exported) -> dict[str, Scalar]:
    """Returns the attributes with one value that are not Neptune's own, a time as text."""
    found: dict[str, Scalar] = {}
    for path, value in sorted(one.single.items()):
        if path.startswith("sys/"):
            continue
        text = value.isoformat() if isinstance(value, datetime.datetime) else value
        found[path] = ", ".join(map(str, value)) if isinstance(value, list) else text
    return found


def complete(folder: str) -> dict[str, list[str]]:
    """Returns the paths of the parts of each export in a folder that is complete, in their order."""
    parts: dict[str, dict[int, str]] = {}
    for name in sorted(os.listdir(folder)):
        match = _PART.fullmatch(name)
        if match is not None and not os.path.islink(os.path.join(folder, name)):
            parts.setdefault(match["name"], {})[int(match["part"])] = os.path.join(folder, name)
    return {name: [of[part] for part in sorted(of)] for name, of in parts.items() if 0 in of}


def read_exported(paths: list[str]) -> Exported:
    """Reads the parts of one export.

    Raises:
        InvalidQueryError: One is no Parquet file of this schema, or damaged.
        MissingDependencyError: pyarrow is not installed.
    """
    reader = _Reader()
    for row in _rows(paths):
        reader.take(row)
    return reader.finished()


def _rows(paths: list[str]) -> Iterator[dict[str, Any]]:
    for path in paths:
        yield from read_rows(path, _COLUMNS, needed=_NEEDED)


class _Reader:
    def __init__(self) -> None:
        self._one = Exported()
        self._last: dict[str, tuple[Decimal, Any, float]] = {}

    def take(self, row: dict[str, Any]) -> None:
        one, path, kind = self._one, row["attribute_path"], row["attribute_type"]
        one.project, one.id = one.project or str(row["project_id"] or ""), one.id or str(row["run_id"] or "")
        if not isinstance(path, str) or len(one.single) + len(self._last) + len(one.files) >= _MOST_ATTRIBUTES:
            return
        if kind in _VALUES:
            if (value := row.get(_VALUES[kind])) is not None:
                one.single[path] = value
        elif kind == "float_series":
            self._point(path, row)
        elif kind in ("file", "file_series", "file_set", "artifact"):
            stored = (row.get("file_value") or {}).get("path")
            if isinstance(stored, str):
                one.files.append(stored)
        else:
            one.left_out.add(path)

    def _point(self, path: str, row: dict[str, Any]) -> None:
        if (value := row.get("float_value")) is None:
            return
        step = row["step"] if isinstance(row["step"], Decimal) else Decimal("-Infinity")
        point = (step, row["timestamp"], float(value))
        before = self._last.get(path)
        if before is None or step > before[0] or (step == before[0] and _later(point[1], before[1])):
            self._last[path] = point

    def finished(self) -> Exported:
        for path, (step, _, value) in self._last.items():
            is_whole = step.is_finite() and step == step.to_integral_value()
            self._one.series[path] = (value, int(step) if is_whole else None)
            if not is_whole:
                self._one.odd_steps.add(path)
        return self._one


def _later(one: Any, other: Any) -> bool:
    return one is not None and (other is None or one >= other)
