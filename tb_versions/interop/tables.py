"""People's own logs, a row for each model: CSV, JSON or YAML, with a mapping of columns to facts."""

from __future__ import annotations

import csv
import io
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from tb_versions.core import arguments
from tb_versions.core.manifest import Metric, Run, Scalar, shown
from tb_versions.core.storage import read_capped
from tb_versions.errors import InvalidManifestError, InvalidQueryError
from tb_versions.interop.importing.cleaning import scalar_of
from tb_versions.interop.inferring import Inferred
from tb_versions.interop.planning import Planned
from tb_versions.interop.yaml_text import read_yaml
from tb_versions.write.hyperparameters import to_hyperparameters
from tb_versions.write.values import to_step, to_time

Form = Literal["csv", "json", "yaml"]
Row = Mapping[str, Any]

MAX_BYTES = 16 << 20
"""Largest table in bytes."""

MAX_ROWS = 100_000

_INTEGER = re.compile(r"[+-]?[0-9]{1,400}", re.ASCII)

_KEYS = ("folder", "version")
_SINGLE = (*_KEYS, "step", "run", "created", "description")
_NAMED = ("metric", "hyperparameter", "label")


@dataclass(frozen=True)
class Mapped:
    """Which column says what.

    Attributes:
        single: "folder", "version", "step", "run", "created" or "description" to its column.
        named: (kind, name, column) of each metric, hyperparameter and label.
        unused: Columns that say nothing.
    """

    single: Mapping[str, str]
    named: tuple[tuple[str, str, str], ...]
    unused: tuple[str, ...] = field(default=())


def read_rows(path: str, form: Form) -> list[Row]:
    """Returns the rows of a table.

    Args:
        path: A file of at most 16 MiB. JSON and YAML hold a list of objects, or an object of objects by folder.
        form: How it is written.

    Raises:
        InvalidQueryError: It can't be read as that.
        MissingDependencyError: YAML needs a package.
        TbVersionsError, FileNotFoundError: As of `read_capped`.
    """
    try:
        data = read_capped(path, MAX_BYTES)
    except FileNotFoundError:
        raise InvalidQueryError(f"{path} does not exist.") from None
    except InvalidManifestError as error:
        raise InvalidQueryError(f"{path} is no table of at most {MAX_BYTES:,} bytes.") from error
    try:
        rows = list(_rows(data.decode("utf-8-sig"), form))
    except (ValueError, RecursionError, csv.Error) as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0][:200]
        raise InvalidQueryError(f"{path} can't be read as {form.upper()}: {reason}.") from error
    if len(rows) > MAX_ROWS:
        raise InvalidQueryError(f"{path} has {len(rows):,} rows, and at most {MAX_ROWS:,} are read.")
    return rows


def _rows(text: str, form: Form) -> Iterator[Row]:
    if form == "csv":
        yield from csv.DictReader(io.StringIO(text, newline=""), strict=True, restkey="")
        return
    value = json.loads(text) if form == "json" else read_yaml(text, aliases=True)
    if isinstance(value, dict):
        value = [{"folder": key, **row} if isinstance(row, dict) else row for key, row in value.items()]
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise ValueError("it holds no list of objects, one for each model")
    for row in value:
        yield {str(key): item for key, item in row.items()}


def mapping(rows: Sequence[Row], columns: Sequence[str]) -> Mapped:
    """Returns which column of a table says what.

    Args:
        rows: The table.
        columns: `FIELD=COLUMN`, as in `metric.accuracy=acc`. A column whose own name is a field needs none.

    Raises:
        InvalidQueryError: A field or column is not known, or no column says which model a row is about.
    """
    having = dict.fromkeys(name for row in rows for name in row if name)
    given = [_pair(text, having) for text in columns]
    taken = {column for _, column in given}
    own = [(name, name) for name in having if _is_field(name) and name not in taken | {part for part, _ in given}]
    single = {name: column for name, column in (*own, *given) if name in _SINGLE}
    named = [(*name.split(".", 1), column) for name, column in (*own, *given) if name not in _SINGLE]
    if rows and not any(key in single for key in _KEYS):
        raise InvalidQueryError(
            f"No column says which model a row is about; there are {', '.join(map(shown, having))}. "
            "Say --column folder=COLUMN or --column version=COLUMN."
        )
    used = {column for _, column in (*own, *given)}
    return Mapped(
        single, tuple((kind, name, at) for kind, name, at in named), tuple(c for c in having if c not in used)
    )


def _pair(text: str, having: Iterable[str]) -> tuple[str, str]:
    name, _, column = text.partition("=")
    if not _is_field(name):
        raise InvalidQueryError(
            f"{shown(name)} is no field; write {', '.join(_SINGLE)}, metric.NAME, hyperparameter.NAME or label.NAME."
        )
    if column not in having:
        raise InvalidQueryError(f"There is no column {shown(column)}; there are {', '.join(map(shown, having))}.")
    return name, column


def _is_field(name: str) -> bool:
    kind, _, rest = name.partition(".")
    return name in _SINGLE or (kind in _NAMED and bool(rest))


def stated(
    rows: Sequence[Row], columns: Mapped, versions: Sequence[Planned], known: Mapping[str, Inferred]
) -> tuple[dict[str, Inferred], list[str]]:
    """Returns what is known of versions, with what a table states put over what was inferred.

    Args:
        rows: The table.
        columns: By `mapping`.
        versions: Of the plan.
        known: What was inferred, by folder.

    Returns:
        What is known, by folder; and a sentence for each row that is about no version of the plan.

    Raises:
        InvalidQueryError: Two rows are about one version, or a value is not what its field holds.
    """
    found = dict(known)
    strangers: list[str] = []
    seen: dict[str, int] = {}
    for number, row in enumerate(rows, 1):
        folder = _folder(row, columns, versions, number)
        if folder is None:
            strangers.append(f"row {number:,}{_about(row, columns)} is about no model that is adopted now")
        elif folder in seen:
            raise InvalidQueryError(f"Rows {seen[folder]:,} and {number:,} of the table are both about {folder}.")
        else:
            seen[folder] = number
            try:
                found[folder] = _with(found.get(folder, Inferred()), row, columns)
            except (InvalidManifestError, TypeError, ValueError) as error:
                raise InvalidQueryError(f"Row {number:,} of the table: {error}") from error
    return found, strangers


def _folder(row: Row, columns: Mapped, versions: Sequence[Planned], number: int) -> str | None:
    """The folder of the one version that a row is about; None without one."""
    matching = [version for version in versions if _is_about(row, columns, version)]
    if len(matching) > 1:
        names = ", ".join(version.reference for version in matching[:3])
        raise InvalidQueryError(f"Row {number:,} of the table is about several models ({names}): give their paths.")
    return matching[0].model.path if matching else None


def _about(row: Row, columns: Mapped) -> str:
    """What a row calls its model, in brackets: ` ("digits_v3")`; "" where it does not say."""
    names = (row.get(columns.single.get(field, "")) for field in ("folder", "version"))
    return next((f" ({shown(str(name))})" for name in names if name not in (None, "")), "")


def _is_about(row: Row, columns: Mapped, version: Planned) -> bool:
    folder = row.get(columns.single.get("folder", ""))
    if folder not in (None, ""):
        wanted = os.path.normpath(str(folder))
        path = os.path.abspath(version.model.path)
        return path == wanted or path.endswith(os.sep + wanted.lstrip(os.sep))
    number = row.get(columns.single.get("version", ""))
    return str(number) in (str(version.number), version.reference)


def _with(known: Inferred, row: Row, columns: Mapped) -> Inferred:
    """What was known, with a row over it."""
    said = {name: row[column] for name, column in columns.single.items() if row.get(column) not in (None, "")}
    of_kind: dict[str, dict[str, Any]] = {kind: {} for kind in _NAMED}
    for kind, name, column in columns.named:
        if row.get(column) not in (None, ""):
            of_kind[kind][name] = row[column]
    step = to_step(_number(said["step"], "The step"), "The step") if "step" in said else None
    metrics = {
        name: Metric(name=name, value=float(_number(value, f"The metric {shown(name)}")), step=step, source="typed")
        for name, value in of_kind["metric"].items()
    }
    return replace(
        known,
        runs=_runs(known, said, step),
        metrics=(*metrics.values(), *(metric for metric in known.metrics if metric.name not in metrics)),
        hyperparameters={**known.hyperparameters, **to_hyperparameters(_plain(of_kind["hyperparameter"]))},
        labels={**known.labels, **{name: str(value) for name, value in of_kind["label"].items()}},
        description=str(said.get("description", known.description)),
        created=to_time(said["created"]) if "created" in said else known.created,
        evidence=tuple(e for e in known.evidence if not (e.field == "runs" and {"step", "run"} & said.keys())),
    )


def _runs(known: Inferred, said: Mapping[str, Any], step: int | None) -> tuple[Run, ...]:
    if "run" in said:
        return (Run(name=str(said["run"]), step=step),)
    if step is None:
        return known.runs
    return (replace(known.runs[0], step=step),) if known.runs else (Run(step=step),)


def _number(value: object, what: str) -> float | int:
    """A number that is one, or a text of one."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    text = str(value).strip()
    number = int(text) if _INTEGER.fullmatch(text) else arguments.number(text)
    if number is None:
        raise InvalidManifestError(f"{what} must be a number, not {shown(str(value))}.")
    return number


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Texts that spell a number as that number: CSV has no others."""
    return {name: _spelled(value) if isinstance(value, str) else value for name, value in values.items()}


def _spelled(text: str) -> Scalar:
    spelled = scalar_of(text.strip())
    return text if isinstance(spelled, (bool, str)) else spelled
