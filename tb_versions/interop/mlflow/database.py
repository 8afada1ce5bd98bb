"""An MLflow store in a SQLite database, read without MLflow.

MLflow's own client would create what is missing, and a table's triggers with it. This reads and nothing else.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import Any

from tb_versions.core.manifest import visible
from tb_versions.errors import InvalidQueryError
from tb_versions.interop.mlflow.records import (
    DELETED_STAGE,
    DatasetRecord,
    ModelRecord,
    RunRecord,
    VersionRecord,
    identity_of,
)
from tb_versions.interop.readonly_sqlite import Database

_NEEDED = {
    "registered_models": {"name", "description"},
    "model_versions": {"name", "version", "creation_time", "source", "run_id"},
    "experiments": {"experiment_id"},
    "runs": {"run_uuid", "lifecycle_stage"},
}
_VERSION = (
    "name",
    "version",
    "creation_time",
    "description",
    "source",
    "storage_location",
    "run_id",
    "current_stage",
    "status",
)


class DatabaseStore:
    """A database of MLflow."""

    def __init__(self, path: str) -> None:
        """Opens it and looks whether it is MLflow's.

        Args:
            path: Of the database's file.

        Raises:
            InvalidQueryError: It is no database of MLflow, or of an MLflow whose tables are others.
        """
        self.problems: list[tuple[str, str]] = []
        self._database = Database(path)
        for table, columns in _NEEDED.items():
            missing = columns - self._database.columns(table)
            if missing:
                raise InvalidQueryError(
                    f"{visible(path)} is no database of MLflow that is known here: table {table} has no "
                    f"{', '.join(sorted(missing))}. Start `mlflow server` on it and give its address: --uri http://…"
                )

    def identity(self) -> str:
        """Returns what identifies the store."""
        rows = self._database.rows("experiments", ("creation_time", "experiment_id"))
        return identity_of((_integer(made), str(name)) for made, name in rows)

    def models(self, names: Collection[str]) -> Iterator[ModelRecord]:
        """Yields registered models by name; all of them without names."""
        aliases: dict[str, dict[str, int]] = defaultdict(dict)
        for model, alias, number in self._database.rows("registered_model_aliases", ("name", "alias", "version")):
            aliases[str(model)][_text(alias)] = _integer(number)
        tags = self._tags("registered_model_tags", ("name",))
        versions = self._versions()
        found = sorted(self._database.rows("registered_models", ("name", "description")), key=lambda row: str(row[0]))
        for name, description in found:
            if isinstance(name, str) and (not names or name in names):
                own = sorted(versions.get(name, ()), key=lambda version: version.number)
                yield ModelRecord(name, _text(description), tags.get((name,), {}), aliases.get(name, {}), tuple(own))

    def run(self, run_id: str) -> RunRecord | None:
        """Returns a run; None where it is not there any more."""
        of_run = {"where": "run_uuid = ?", "values": (run_id,)}
        row = next(self._database.rows("runs", ("lifecycle_stage", "name", "artifact_uri"), **of_run), None)  # type: ignore[arg-type]
        if row is None:
            return None
        tags = self._pairs("tags", run_id)
        return RunRecord(
            run_id=run_id,
            name=_text(row[1]) or tags.get("mlflow.runName", ""),
            is_deleted=row[0] == "deleted",
            artifacts=_text(row[2]),
            metrics=self._metrics(run_id),
            params=self._pairs("params", run_id),
            tags=tags,
            datasets=tuple(self._datasets(run_id)),
        )

    def _versions(self) -> dict[str, list[VersionRecord]]:
        tags = self._tags("model_version_tags", ("name", "version"))
        found: dict[str, list[VersionRecord]] = defaultdict(list)
        for name, number, created, *texts in self._database.rows("model_versions", _VERSION):
            description, source, location, run_id, stage, status = map(_text, texts)
            if not isinstance(number, int):
                self.problems.append(
                    (f"model_versions {_text(name)[:200]}", "A version has no number, and was left out.")
                )
            elif stage != DELETED_STAGE:
                own = tags.get((name, number), {})
                found[name].append(
                    VersionRecord(number, _integer(created), description, source, location, run_id, stage, status, own)
                )
        return found

    def _tags(self, table: str, keys: tuple[str, ...]) -> dict[tuple[Any, ...], dict[str, str]]:
        found: dict[tuple[Any, ...], dict[str, str]] = defaultdict(dict)
        for *of, key, value in self._database.rows(table, (*keys, "key", "value")):
            found[tuple(of)][_text(key)] = _text(value)
        return found

    def _pairs(self, table: str, run_id: str) -> dict[str, str]:
        rows = self._database.rows(table, ("key", "value"), where="run_uuid = ?", values=(run_id,))
        return {_text(key): _text(value) for key, value in rows}

    def _metrics(self, run_id: str) -> dict[str, tuple[float, int]]:
        found = {}
        columns = ("key", "value", "step", "is_nan")
        for key, value, step, is_nan in self._database.rows(
            "latest_metrics", columns, where="run_uuid = ?", values=(run_id,)
        ):
            if not isinstance(value, (int, float)):
                where = f"latest_metrics {run_id} {_text(key)[:200]}"
                self.problems.append((where, "The value is no number, and was left out."))
            else:
                found[_text(key)] = (math.nan if is_nan else float(value), _integer(step))
        return found

    def _datasets(self, run_id: str) -> Iterator[DatasetRecord]:
        columns = ("input_uuid", "source_type", "source_id")
        where = "destination_id = ? AND destination_type = 'RUN'"
        for input_id, kind, source in self._database.rows("inputs", columns, where=where, values=(run_id,)):
            if kind != "DATASET":
                continue
            names = ("name", "digest", "dataset_source", "dataset_profile")
            row = next(self._database.rows("datasets", names, where="dataset_uuid = ?", values=(source,)), None)
            tags = self._database.rows("input_tags", ("name", "value"), where="input_uuid = ?", values=(input_id,))
            context = {_text(name): _text(value) for name, value in tags}.get("mlflow.data.context", "")
            if row is not None:
                name, digest, made_of, profile = map(_text, row)
                yield DatasetRecord(name, digest, made_of, profile, context)


def _text(value: object) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)


def _integer(value: object) -> int:
    return value if isinstance(value, int) else 0
