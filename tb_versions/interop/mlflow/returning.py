"""Versions become versions of a registered model in MLflow: the way back."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

from tb_versions.actions.files import DIGESTS, Files
from tb_versions.actions.target import Target, find_target
from tb_versions.core import codec, storage
from tb_versions.core.manifest import MANIFEST_LIMIT, MANIFEST_NAME, Scalar, VersionManifest
from tb_versions.core.times import milliseconds
from tb_versions.errors import RefusedError
from tb_versions.interop.mlflow.client import asked, open_client
from tb_versions.interop.mlflow.opening import sqlite_path
from tb_versions.interop.mlflow.packing import pack
from tb_versions.read.manifests.files_at import FilesAt, files_at
from tb_versions.registry.state import State

MANIFEST_TAG = "tb_versions.manifest"
"""Tag of a version in MLflow that has the digest of its manifest here: so it is not registered twice."""

REFERENCE_TAG = "tb_versions.version"

_KEY = re.compile(r"[\w./ :-]{1,250}")
_BATCH = 100


@dataclass(frozen=True)
class Returned:
    """What became of a version.

    Attributes:
        reference: `model:number` here.
        model: Name of the registered model.
        number: Its number in MLflow; 0 where it was not registered.
        is_new: Whether it was registered now; False if it was before.
        notes: What could not be kept, in words.
        dry_run: Whether nothing was written because that was asked for.
    """

    reference: str
    model: str
    number: int
    is_new: bool
    notes: tuple[str, ...] = ()
    dry_run: bool = False

    def __str__(self) -> str:
        name = f"{self.model} version {self.number}"
        if not self.is_new:
            return f"{self.reference} is {name} in MLflow already."
        if self.dry_run:
            return f"{self.reference} would be registered as {self.model} in MLflow. Nothing was written."
        return f"{self.reference} is {name} in MLflow."


class Registrar:
    """Registers versions in one MLflow store."""

    def __init__(self, uri: str, *, name: str = "", experiment: str = "tb-versions", dry_run: bool = False) -> None:
        """Makes no request yet.

        Args:
            uri: Of the server or database.
            name: Of the registered model; by default that of the model here, or what it was before it was imported.
            experiment: Name of the experiment that gets a run for each version.
            dry_run: Whether to write nothing.

        """
        self._uri, self._name, self._experiment, self._dry_run = uri, name, experiment, dry_run
        self._known: dict[str, dict[str, int]] = {}
        self._largest: dict[str, int] = {}

    def register(self, reference: str, models_dir: str | None) -> Returned:
        """Registers a version with its files, unless that was done before; then its aliases.

        Args:
            reference: As in `promote`.
            models_dir: Folder of models.

        Raises:
            RefusedError: Its files are not at hand.
            VersionDamagedError: They are not what was published.
            InvalidQueryError: MLflow does not answer, or refuses.
            MissingDependencyError: It is not installed.
            TbVersionsError: As in `promote`.
        """
        target = find_target(reference, models_dir)
        manifest, files = _at_hand(target)
        state = target.opened.state()
        name = self._name or (manifest.imported.model if manifest.imported else "") or manifest.model
        known, notes = self._versions(name), list[str]()
        number = known.get(target.found.manifest_digest, 0)
        if self._dry_run or number:
            returned = Returned(manifest.reference, name, number, not number, (), self._dry_run)
        else:
            number, notes = self._register(target, manifest, files, name=name, state=state)
            returned = Returned(manifest.reference, name, number, is_new=True, notes=tuple(notes))
        if not self._dry_run:
            notes = [*returned.notes, *self._aliases(name, number, state.aliases_of(manifest.number))]
        return Returned(returned.reference, name, number, returned.is_new, tuple(notes), self._dry_run)

    def _register(
        self, target: Target, manifest: VersionManifest, files: FilesAt, *, name: str, state: State
    ) -> tuple[int, list[str]]:
        """Logs a run with the files, and registers it; nothing stays where that fails."""
        notes: list[str] = []
        made = milliseconds(manifest.created) if manifest.created else None
        later = state.version(manifest.number)
        labels = {**manifest.labels, **later.labels}
        own = {key: value for key, value in labels.items() if value is not None}
        run = self._ask(lambda: self._client.create_run(self._experiment_id(), made, run_name=_run_name(manifest)))
        run_id = run.info.run_id
        try:
            self._log(run_id, manifest, own, notes, made=made)
            with tempfile.TemporaryDirectory(prefix="tb-versions-") as scratch:
                model = os.path.join(scratch, "model")
                packed = pack(manifest, files.folder, model, run_id=run_id, only=files.only)
                self._ask(lambda: self._client.log_artifacts(run_id, model, "model"))
            if not packed.flavors:
                notes.append("MLflow keeps its files and can't load them: they are of no flavor that is known here.")
            self._ask(lambda: self._client.set_terminated(run_id, "FINISHED", made))
            tags = {key: value for key, value in own.items() if not key.startswith(("mlflow.", "run."))}
            tags |= {MANIFEST_TAG: target.found.manifest_digest, REFERENCE_TAG: manifest.reference}
            description = manifest.description if later.description is None else later.description
            self._create_model(name, manifest)
            version = self._ask(
                lambda: self._client.create_model_version(
                    name, f"runs:/{run_id}/model", run_id, tags=_fit(tags, notes), description=description or None
                )
            )
        except BaseException:
            self._ask(lambda: self._client.delete_run(run_id))
            raise
        number = int(version.version)
        self._known[name][target.found.manifest_digest] = number
        if number != manifest.number:
            notes.append(f"MLflow counts on by itself, so it is version {number} there.")
        return number, notes

    def _log(
        self, run_id: str, manifest: VersionManifest, labels: Mapping[str, str], notes: list[str], *, made: int | None
    ) -> None:
        from mlflow.entities import Metric, Param, RunTag

        named = {metric.name: metric for metric in manifest.metrics if not (metric.dataset or metric.slice)}
        fit = _fit(named, notes)
        if len(named) < len(manifest.metrics):
            notes.append("Metrics of a dataset or slice have no place in MLflow, and were left out.")
        metrics = [Metric(key, metric.value, made or 0, metric.step or 0) for key, metric in fit.items()]
        params = [Param(key, _param(value)) for key, value in _fit(manifest.hyperparameters, notes).items()]
        of_run = {key.removeprefix("run."): value for key, value in labels.items() if key.startswith("run.")}
        tags = [RunTag(key, value) for key, value in {**_fit(of_run, notes), **_code(manifest)}.items()]
        for at in range(0, max(len(metrics), len(params), len(tags)), _BATCH):
            part = slice(at, at + _BATCH)
            self._ask(partial(self._client.log_batch, run_id, metrics[part], params[part], tags[part]))

    def _aliases(self, name: str, number: int, aliases: Sequence[str]) -> Iterator[str]:
        """Sets aliases that name nothing in MLflow; yields what is otherwise there."""
        model = self._ask(lambda: self._client.get_registered_model(name)) if aliases else None
        for alias in aliases:
            there = dict(model.aliases).get(alias) if model else None
            if there is None:
                self._ask(partial(self._client.set_registered_model_alias, name, alias, str(number)))
            elif int(there) != number:
                yield f"The alias {alias} is version {there} in MLflow, and stays."

    def _create_model(self, name: str, manifest: VersionManifest) -> None:
        if self._largest[name] >= 0:
            return
        imported = manifest.imported
        tags = dict(imported.model_labels) if imported else None
        description = imported.model_description if imported else None
        self._ask(lambda: self._client.create_registered_model(name, tags or None, description or None))
        self._largest[name] = 0

    def _versions(self, name: str) -> dict[str, int]:
        """Numbers in MLflow of the versions of a registered model, by the digests of their manifests here."""
        if name not in self._known:
            self._largest[name], self._known[name] = -1, {}
            if self._dry_run and self._uri.startswith("sqlite:") and not os.path.exists(sqlite_path(self._uri)):
                return {}
            quoted = name.replace("'", "''")
            models = self._ask(lambda: self._client.search_registered_models(f"name='{quoted}'"))
            self._largest[name] = 0 if any(model.name == name for model in models) else -1
            token: str | None = None
            while True:
                page = self._ask(partial(self._client.search_model_versions, f"name='{quoted}'", 200, None, token))
                for version in page:
                    if MANIFEST_TAG in version.tags:
                        self._known[name][version.tags[MANIFEST_TAG]] = int(version.version)
                token = page.token
                if not token:
                    break
        return self._known[name]

    def _experiment_id(self) -> str:
        found = self._client.get_experiment_by_name(self._experiment)
        return str(found.experiment_id if found else self._client.create_experiment(self._experiment, self._place()))

    def _place(self) -> str | None:
        """Where MLflow's files go: the server knows it; of a database, `mlruns` beside it and not where we are now."""
        if not self._uri.startswith("sqlite:"):
            return None
        folder = os.path.dirname(os.path.abspath(sqlite_path(self._uri)))
        return os.path.join(folder, "mlruns", self._experiment)

    @cached_property
    def _client(self) -> Any:
        """MLflow's client. It makes a database that is not there, so it is not opened before there is a need."""
        return open_client(self._uri)

    def _ask(self, ask: Callable[[], Any]) -> Any:
        return asked(self._uri, ask)


def _at_hand(target: Target) -> tuple[VersionManifest, FilesAt]:
    """The manifest, and where the files are, which were compared with it."""
    place = target.found.places[0]
    data = storage.read_capped(os.path.join(place.folder, MANIFEST_NAME), MANIFEST_LIMIT, within=place.root.path)
    manifest = codec.decode(data)
    if place.root.is_remote:
        raise RefusedError(
            f"{manifest.reference} is in an object store: copy it to this disk first (tb-versions copy)."
        )
    if not manifest.digest:
        raise RefusedError(f"{manifest.reference} was imported without its files, so there is nothing to register.")
    Files(target.found).check(DIGESTS)
    return manifest, files_at(place, manifest.files_elsewhere)


def _run_name(manifest: VersionManifest) -> str:
    return manifest.labels.get("mlflow.run_name", manifest.reference)


def _code(manifest: VersionManifest) -> dict[str, str]:
    code = manifest.code
    if code is None:
        return {}
    found = {
        "mlflow.source.git.commit": code.commit,
        "mlflow.source.git.branch": code.branch,
        "mlflow.source.git.repoURL": code.remote,
        "mlflow.source.name": code.entry_point,
    }
    return {key: value for key, value in found.items() if value}


def _param(value: Scalar) -> str:
    """A hyperparameter as MLflow keeps it: 128.0 of a manifest, which has one kind of number, was 128."""
    is_whole = isinstance(value, float) and value.is_integer() and abs(value) < 2**53
    return str(int(value)) if is_whole else str(value)


def _fit(given: Mapping[str, Any], notes: list[str]) -> dict[str, Any]:
    """What MLflow takes: it refuses some names."""
    fit = {key: value for key, value in given.items() if _KEY.fullmatch(key) and ".." not in key and key[0] != "/"}
    if len(fit) < len(given):
        left_out = ", ".join(sorted(given.keys() - fit.keys())[:3])
        notes.append(f"MLflow takes no names like these, which were left out: {left_out}.")
    return fit
