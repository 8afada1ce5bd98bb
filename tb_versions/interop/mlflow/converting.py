"""From MLflow's records to versions as another tracker recorded them. Pure, but for finding files."""

from __future__ import annotations

import datetime
import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from tb_versions.core.elsewhere import Sources
from tb_versions.core.manifest import Code, Dataset, Metric, Relation
from tb_versions.interop.importing.cleaning import scalar_of
from tb_versions.interop.importing.foreign import Foreign, Said
from tb_versions.interop.mlflow.artifacts import find
from tb_versions.interop.mlflow.records import DatasetRecord, ModelRecord, RunRecord, Store, VersionRecord

TRACKER = "mlflow"

_COMMIT, _BRANCH, _REMOTE = (f"mlflow.source.git.{name}" for name in ("commit", "branch", "repoURL"))
_ENTRY_POINT, _PARENT_RUN = "mlflow.source.name", "mlflow.parentRunId"
_PROMPT = "mlflow.prompt.is_prompt"
"""Tag of a registered model that is a prompt, which MLflow's own lists of models leave out."""

_OF_A_MODEL = re.compile(r"models:/([^/]+)/([0-9]{1,18})")
_OF_A_RUN = re.compile(r"runs:/([0-9a-f]{32})/(.+)", re.DOTALL)
_MODEL_ID = re.compile(r"models:/(m-[0-9a-f]{32})")


def key_of(model: str, version: VersionRecord) -> str:
    """Returns what identifies a version in its store; its time, too, for a deleted model's numbers begin again."""
    return f"{model}/{version.number}/{version.created}"


def foreign_of(store: Store, names: Collection[str], *, sources: Sources) -> Iterator[Foreign]:
    """Yields the versions of a store.

    Args:
        store: The store.
        names: Of models; empty for all.
        sources: Real paths of folders below which files may be opened, by the names of sources.

    Raises:
        TbVersionsError: The store can't be read.
    """
    models = [model for model in store.models(names) if model.tags.get(_PROMPT) != "true"]
    converter = _Converter(store, models, sources=sources)
    for model in models:
        for version in model.versions:
            yield converter.convert(model, version)


class _Converter:
    def __init__(self, store: Store, models: Sequence[ModelRecord], *, sources: Sources) -> None:
        self._store, self._id = store, store.identity()
        self._sources = sources
        self._keys: dict[tuple[str, int], str] = {}
        self._of_runs: dict[str, list[str]] = defaultdict(list)
        for model in models:
            for version in model.versions:
                self._keys[model.name, version.number] = key_of(model.name, version)
                self._of_runs[version.run_id].append(key_of(model.name, version))
        self._runs: dict[str, RunRecord | None] = {}

    def convert(self, model: ModelRecord, version: VersionRecord) -> Foreign:
        run, notes = self._run(version)
        place = find(self._location(version), self._sources)
        if place.is_part:
            notes.append(
                "Of what MLflow logged, the model itself is the version; MLmodel and what is beside it is not."
            )
        if version.status not in ("", "READY"):
            notes.append(f"MLflow says of it: {version.status}.")
        return Foreign(
            tracker=TRACKER,
            store=self._id,
            key=key_of(model.name, version),
            model=model.name,
            number=version.number,
            created=_time(version.created),
            description=version.description,
            labels=_labels(version, run),
            metrics=tuple(Metric(name=name, value=value, step=step) for name, (value, step) in _sorted(run.metrics)),
            hyperparameters={name: scalar_of(text) for name, text in _sorted(run.params)},
            parent_keys=self._parents(version, run),
            datasets=tuple(map(_dataset, run.datasets)),
            code=_code(run),
            folder=place.folder,
            only=place.only,
            elsewhere=place.elsewhere,
            said=tuple(Said("alias_set", alias) for alias, number in model.aliases.items() if number == version.number),
            model_description=model.description,
            model_labels=model.tags,
            notes=tuple(notes),
            created_of="the time when it was registered in MLflow",
        )

    def _location(self, version: VersionRecord) -> str:
        """Where the files of a version are, as the store has it."""
        location = version.location or version.source
        of_a_run = _OF_A_RUN.fullmatch(location)
        if of_a_run is None:
            return location
        run = self._cached_run(of_a_run[1])
        return f"{run.artifacts}/{of_a_run[2]}" if run else ""

    def _cached_run(self, run_id: str) -> RunRecord | None:
        if run_id not in self._runs:
            self._runs[run_id] = self._store.run(run_id)
        return self._runs[run_id]

    def _run(self, version: VersionRecord) -> tuple[RunRecord, list[str]]:
        """The run of a version, and what is to be said of it."""
        if not version.run_id:
            return RunRecord(""), ["MLflow names no run of it, so there are no metrics and no hyperparameters."]
        run = self._cached_run(version.run_id)
        if run is None:
            return RunRecord(""), ["Its run is not there any more, so there are no metrics and no hyperparameters."]
        notes = ["Its run was deleted in MLflow."] if run.is_deleted else []
        siblings = len(self._of_runs[version.run_id])
        if siblings > 1 and run.metrics:
            notes.append(
                f"{siblings:,} versions are of its run. Metrics are the run's latest, as MLflow shows them for each."
            )
        return run, notes

    def _parents(self, version: VersionRecord, run: RunRecord) -> dict[str, Relation]:
        """Versions of the run above, and the one that this one was copied from."""
        copied = _OF_A_MODEL.fullmatch(version.source)
        original = self._keys.get((copied[1], int(copied[2]))) if copied else None
        above = self._of_runs.get(run.tags.get(_PARENT_RUN, "?"), ())
        return dict.fromkeys([*([original] if original else []), *above], "derived_from")


def _labels(version: VersionRecord, run: RunRecord) -> dict[str, str]:
    """Its tags as they are; what MLflow says beside them, and people's tags of the run, with a word before."""
    found = dict(version.tags)
    of_mlflow = {
        "run_id": version.run_id,
        "run_name": run.name,
        "parent_run_id": run.tags.get(_PARENT_RUN, ""),
        "model_id": match[1] if (match := _MODEL_ID.fullmatch(version.source)) else "",
        "stage": "" if version.stage in ("", "None") else version.stage,
    }
    found |= {f"mlflow.{name}": text for name, text in of_mlflow.items() if text}
    return found | {f"run.{key}": text for key, text in _sorted(run.tags) if not key.startswith("mlflow.")}


def _code(run: RunRecord) -> Code | None:
    commit, branch, remote = (run.tags.get(key, "") for key in (_COMMIT, _BRANCH, _REMOTE))
    entry_point = run.tags.get(_ENTRY_POINT, "")
    if not (commit or entry_point):
        return None
    if entry_point.startswith(("/", "file:")) or "\\" in entry_point:
        entry_point = re.split(r"[/\\]", entry_point)[-1]
    return Code(commit=commit, branch=branch, remote=remote, entry_point=entry_point)


def _dataset(record: DatasetRecord) -> Dataset:
    source, profile = _object(record.source), _object(record.profile)
    uri = next((str(source[key]) for key in ("uri", "url", "path") if isinstance(source.get(key), str)), "")
    rows = profile.get("num_rows")
    return Dataset(
        name=record.name,
        uri=uri,
        digest=record.digest,
        rows=rows if isinstance(rows, int) and not isinstance(rows, bool) and 0 <= rows < 2**53 else None,
        split=record.context,
        digest_of="MLflow's digest, partly of a sample",
    )


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _time(milliseconds: int) -> datetime.datetime | None:
    try:
        return datetime.datetime.fromtimestamp(milliseconds / 1_000, datetime.timezone.utc) if milliseconds else None
    except (ValueError, OverflowError, OSError):
        return None


def _sorted(given: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return sorted(given.items())
