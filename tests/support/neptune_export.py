"""Writes Parquet by the schema that Neptune Exporter publishes (its README and `model.py`)."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet

SCHEMA = pyarrow.schema(
    [
        ("project_id", pyarrow.string()),
        ("run_id", pyarrow.string()),
        ("attribute_path", pyarrow.string()),
        ("attribute_type", pyarrow.string()),
        ("step", pyarrow.decimal128(18, 6)),
        ("timestamp", pyarrow.timestamp("ms", tz="UTC")),
        ("int_value", pyarrow.int64()),
        ("float_value", pyarrow.float64()),
        ("string_value", pyarrow.string()),
        ("bool_value", pyarrow.bool_()),
        ("datetime_value", pyarrow.timestamp("ms", tz="UTC")),
        ("string_set_value", pyarrow.list_(pyarrow.string())),
        ("file_value", pyarrow.struct([("path", pyarrow.string())])),
        (
            "histogram_value",
            pyarrow.struct(
                [
                    ("type", pyarrow.string()),
                    ("edges", pyarrow.list_(pyarrow.float64())),
                    ("values", pyarrow.list_(pyarrow.float64())),
                ]
            ),
        ),
    ]
)

PROJECT = "team/mnist-数"
MADE = datetime.datetime(2025, 5, 6, 7, 8, 9, 123_000, tzinfo=datetime.timezone.utc)


def part_name(text: str) -> str:
    """A name as the exporter makes it safe."""
    plain = "".join(c if c.isalnum() or c in "_-" else "_" for c in text)
    return f"{plain}-{hashlib.blake2b(text.encode(), digest_size=8).hexdigest()}"


def single(path: str, value: Any) -> dict[str, Any]:
    kinds = {bool: "bool", int: "int", float: "float", str: "string", datetime.datetime: "datetime", list: "string_set"}
    kind = kinds[type(value)]
    return {"attribute_path": path, "attribute_type": kind, f"{kind}_value": value}


def series(path: str, points: Mapping[str, float]) -> Iterable[dict[str, Any]]:
    for place, (step, value) in enumerate(points.items()):
        time = MADE + datetime.timedelta(seconds=place)
        yield {
            "attribute_path": path,
            "attribute_type": "float_series",
            "step": Decimal(step),
            "timestamp": time,
            "float_value": value,
        }


def file(path: str, stored: str) -> dict[str, Any]:
    return {"attribute_path": path, "attribute_type": "file", "file_value": {"path": stored}}


def export(
    folder: Path, run_id: str, *rows: dict[str, Any], scope: str = "", part: int = 0, project: str = PROJECT
) -> Path:
    """Writes one part of one export; returns its path."""
    own = [{"project_id": project, "run_id": run_id, **row} for row in rows]
    path = folder / part_name(project) / scope / f"{part_name(run_id)}_part_{part}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(own, schema=SCHEMA), path, compression="snappy")
    return path


def model_version(folder: Path, number: int, *rows: dict[str, Any], stage: str = "none") -> Path:
    sys = [
        single("sys/id", f"MN-DIG-{number}"),
        single("sys/model_id", "MN-DIG"),
        single("sys/stage", stage),
        single("sys/creation_time", MADE),
        single("sys/description", f"the {number}."),
        single("sys/tags", ["a", "ÿ"]),
    ]
    return export(folder, f"MN-DIG-{number}", *sys, *rows, scope="model_versions")
