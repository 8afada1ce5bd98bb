"""Trackio's projects as versions: each version of a model artifact is one."""

from __future__ import annotations

import datetime
import hashlib
import math
import os
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from tb_versions.core.manifest import Metric, Scalar, shown, visible
from tb_versions.core.storage import existing_folder
from tb_versions.errors import InvalidQueryError, TbVersionsError
from tb_versions.interop.importing.assembling import Assembly, Part
from tb_versions.interop.importing.flattening import flatten, numbers, read_json
from tb_versions.interop.importing.foreign import Foreign, Said
from tb_versions.interop.importing.looked import Looked, because, few
from tb_versions.interop.trackio.tables import Row, Tables, open_tables, projects

TRACKER = "trackio"
MODEL = "model"
"""The type of artifacts that are models."""

_SPELLED = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
_AUTOMATIC = ("latest",)
_MOST_NAMES = 100_000
_STAY = "Its files stay among Trackio's, which are named by digests; --copy-files copies them."


@dataclass(frozen=True)
class Wanted:
    """What is wanted.

    Attributes:
        projects: Names; empty for all.
        runs: Whether a run without a model is a version, too.
        assembly: Where versions' folders are made.
    """

    projects: Collection[str] = ()
    runs: bool = False
    assembly: Assembly = field(default_factory=Assembly)


@dataclass
class _Run:
    """A run: its name, when it began, what was configured, and the last value of each metric with its step."""

    name: str = ""
    began: str = ""
    config: dict[str, Scalar] = field(default_factory=dict)
    values: dict[str, tuple[float, int, int]] = field(default_factory=dict)
    left_out: set[str] = field(default_factory=set)


def read_projects(folder: str, wanted: Wanted) -> Looked:
    """Reads Trackio's folder. Nothing in it is changed.

    Args:
        folder: TRACKIO_DIR, with a database for each project.
        wanted: What is wanted.

    Raises:
        UnreadableFolderError: It does not exist.
        InvalidQueryError: It has no project, or not one that is wanted.
    """
    root = os.path.realpath(existing_folder(folder, "Trackio's folder"))
    found, looked = projects(root), Looked()
    missing = [name for name in wanted.projects if name not in found]
    if missing or not found:
        what = f"no project {shown(missing[0])}" if missing else "no database of Trackio, PROJECT.db or PROJECT.parquet"
        raise InvalidQueryError(f"{visible(root)} has {what}.")
    for project, path in found.items():
        if not wanted.projects or project in wanted.projects:
            _read(root, (project, path), wanted, looked)
    return looked


def _read(root: str, found: tuple[str, str], wanted: Wanted, looked: Looked) -> None:
    project, path = found
    try:
        tables = open_tables(root, project, path)
        try:
            reader = _Project(tables, root, project, wanted)
            versions, without = reader.versions(), reader.without
        finally:
            tables.close()
    except (TbVersionsError, OSError) as error:
        looked.skipped.append((project, because(error, without=root)))
        return
    looked.versions += versions
    if tables.damaged:
        looked.skipped.append((project, f"{tables.damaged:,} rows have no JSON that can be read."))
    looked.note_runs([f"{name} of {project}" for name in without], what="no artifact of type model")


class _Project:
    def __init__(self, tables: Tables, root: str, project: str, wanted: Wanted) -> None:
        self.without: list[str] = []
        self._tables, self._name, self._wanted = tables, project, wanted
        self._blobs = os.path.join(root, "artifacts", project, "blobs", "sha256")
        self._store = hashlib.sha256(f"trackio {project}".encode()).hexdigest()[:16]
        self._runs: dict[str, _Run] = defaultdict(_Run)

    def versions(self) -> list[Foreign]:
        self._read_runs()
        artifacts = {row["id"]: row for row in self._tables.rows("artifacts") if row["type"] == MODEL}
        rows = [row for row in self._tables.rows("artifact_versions") if row["artifact_id"] in artifacts]
        rows.sort(key=lambda row: (str(row["artifact_id"]), _integer(row["version"])))
        aliases = defaultdict(list)
        for row in self._tables.rows("artifact_aliases"):
            aliases[row["artifact_version_id"]].append(str(row["alias"]))
        made_by = Counter(_run_key(row, "producer_") for row in rows)
        found = [
            self._of_artifact(artifacts[row["artifact_id"]], row, aliases[row["id"]], made_by=made_by) for row in rows
        ]
        ids = {row["id"] for row in rows}  # a run that logged what was there already made no version, and has one
        links = [row for row in self._tables.rows("run_artifact_links") if row["artifact_version_id"] in ids]
        with_models = {*made_by, *(_run_key(row) for row in links if row["direction"] == "output")}
        for key, run in self._runs.items():
            if key not in with_models and self._wanted.runs:
                found.append(self._of_run(key, run))
            elif key not in with_models:
                self.without.append(run.name or key)
        return found

    def _read_runs(self) -> None:
        for row in self._tables.rows("configs"):
            run = self._runs[_run_key(row)]
            run.name, run.began = str(row["run_name"] or ""), str(row["created_at"] or "")
            own = {name: value for name, value in row["values"].items() if not name.startswith("_")}
            run.began = str(row["values"].get("_Created") or run.began)
            run.config = flatten(own)
        for row in self._tables.rows("metrics"):
            run = self._runs[_run_key(row)]
            run.name = run.name or str(row["run_name"] or "")
            run.began = min(filter(None, (run.began, str(row["timestamp"] or ""))), default="")
            _log(run, row)

    def _base(self, key: str) -> Foreign:
        run = self._runs.get(key, _Run())
        labels = {"trackio.project": self._name, "trackio.run_id": key, "trackio.run_name": run.name}
        notes = []
        if run.left_out:
            notes.append(f"Logged and no numbers (texts, tables, media), so left out: {few(run.left_out)}.")
        return Foreign(
            tracker=TRACKER,
            store=self._store,
            key=f"run/{key}",
            model=self._name,
            number=None,
            created=_time(run.began),
            created_of="the time when its run began",
            labels={name: text for name, text in labels.items() if text},
            metrics=tuple(
                Metric(name=name, value=value, step=step) for name, (value, step, _) in sorted(run.values.items())
            ),
            hyperparameters=run.config,
            notes=tuple(notes),
        )

    def _of_run(self, key: str, run: _Run) -> Foreign:
        return replace(self._base(key), version=run.name or key)

    def _of_artifact(self, artifact: Row, row: Row, aliases: Sequence[str], *, made_by: Counter[str]) -> Foreign:
        key = _run_key(row, "producer_")
        base, number = self._base(key), _integer(row["version"])
        notes = [*base.notes]
        if not key or key not in self._runs:
            notes.append("Its run is not there, so there are no metrics and no hyperparameters.")
        elif made_by[key] > 1 and base.metrics:
            notes.append(f"{made_by[key]:,} versions are of its run. Metrics are the run's last, the same for each.")
        metadata = flatten(_document(row["metadata"]))
        version = replace(
            base,
            key=f"{artifact['name']}/v{number}/{str(row['manifest_digest'])[:64]}",
            model=f"{self._name}/{artifact['name']}",
            number=number,
            version=f"v{number}",
            created=_time(str(row["created_at"] or "")),
            created_of="the time when it was logged in Trackio",
            description="",
            labels={**{f"metadata.{name}": str(value) for name, value in metadata.items()}, **base.labels},
            model_description=str(artifact["description"] or ""),
            said=tuple(Said("alias_set", alias) for alias in aliases if alias not in _AUTOMATIC),
            notes=tuple(notes),
        )
        parts = partial(_parts, _document(row["manifest"]))
        return self._wanted.assembly.with_files(version, parts, [self._blobs], stay=_STAY)


def _parts(manifest: Any) -> Iterator[Part]:
    entries = manifest if isinstance(manifest, list) else []
    if not entries:
        raise InvalidQueryError("Trackio has no list of them.")
    for entry in entries:
        if not isinstance(entry, dict) or "ref" in entry:
            raise InvalidQueryError("some are references to other places.")
        digest = str(entry.get("digest", ""))
        yield Part(str(entry.get("path", "")), f"{digest[:2]}/{digest}", "sha256", digest, _integer(entry.get("size")))


def _log(run: _Run, row: Row) -> None:
    """Takes what was logged at one step: of each name the value at the largest step, and of those the last logged."""
    step, place = _integer(row["step"]), _integer(row["id"])
    values = {
        name: _SPELLED.get(value, value) if isinstance(value, str) else value for name, value in row["values"].items()
    }
    for name, value in values.items():
        found = {} if isinstance(value, dict) and "_type" in value else numbers(flatten(value, name))
        if not found:
            run.left_out.add(name)
        for key, number in found.items():
            before = run.values.get(key)
            if (before is None and len(run.values) < _MOST_NAMES) or (before and (step, place) >= before[1:]):
                run.values[key] = (number, step, place)


def _run_key(row: Row, prefix: str = "") -> str:
    """A run's id; its name in databases of before there were ids."""
    return str(row.get(f"{prefix}run_id") or row.get(f"{prefix}run_name") or "")


def _document(text: object) -> Any:
    try:
        return read_json(text) if isinstance(text, str) else {}
    except ValueError:
        return {}


def _time(text: str) -> datetime.datetime | None:
    try:
        found = datetime.datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=datetime.timezone.utc)


def _integer(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
