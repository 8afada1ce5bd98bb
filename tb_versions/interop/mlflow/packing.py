"""A version's files as a model of MLflow: a folder with `MLmodel`. No model is loaded."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tb_versions.core.manifest import VersionManifest
from tb_versions.errors import InvalidQueryError
from tb_versions.write.savers import copy_folder

_SAVED_MODEL = "data/model"
_SERVE = "serve"
_DEFAULT_SIGNATURE = "serving_default"


@dataclass(frozen=True)
class Packed:
    """What a folder holds.

    Attributes:
        flavors: Names of MLflow's flavors; empty where MLflow can keep the files and not load them.
    """

    flavors: tuple[str, ...]


def pack(manifest: VersionManifest, folder: str, to: str, *, run_id: str = "", only: str = "") -> Packed:
    """Copies a version's files into a new folder and describes them to MLflow.

    A SavedModel becomes one of the flavor `tensorflow`, called by a signature with a dict or a DataFrame; a `.keras`
    file one of the same flavor that Keras loads. Files that MLflow logged itself stay as they are.

    Args:
        manifest: Of the version.
        folder: With its files, which were compared with the manifest.
        to: Path of the new folder, which does not exist.
        run_id: MLflow's run.
        only: Name of its one file in that folder; "" for all.

    Raises:
        InvalidQueryError: The SavedModel has no signature by which it could be called.
        OSError, TbVersionsError: As of `copy_folder`.
    """
    if not only and os.path.isfile(os.path.join(folder, "MLmodel")):
        copy_folder(Path(folder), to)
        return Packed(("as MLflow logged it",))
    keras = only if manifest.format == "keras" and only else _keras_file(manifest)
    os.mkdir(to)
    if manifest.saved_model is not None and manifest.format == "saved_model":
        flavor = _of_saved_model(manifest)
        os.mkdir(os.path.join(to, "data"))
        copy_folder(Path(folder), os.path.join(to, _SAVED_MODEL))
        return _described(to, run_id, {"python_function": {"loader_module": "mlflow.tensorflow"}, "tensorflow": flavor})
    if keras:
        return _pack_keras(folder, keras, to, run_id=run_id)
    copy_folder(Path(folder), os.path.join(to, "data"), only=only)
    return _described(to, run_id, {})


def _pack_keras(folder: str, name: str, to: str, *, run_id: str) -> Packed:
    data = os.path.join(to, "data")
    copy_folder(Path(folder), data, only=name)
    os.rename(os.path.join(data, name), os.path.join(data, "model.keras"))
    for file, text in (("keras_module.txt", "keras"), ("save_format.txt", "keras")):
        Path(data, file).write_text(text, encoding="utf-8")
    flavor = {"data": "data", "model_type": "keras"}
    loader = {"loader_module": "mlflow.tensorflow", "data": "data"}
    return _described(to, run_id, {"python_function": loader, "tensorflow": flavor})


def _keras_file(manifest: VersionManifest) -> str:
    names = [file.path for file in manifest.files if file.path.endswith(".keras") and "/" not in file.path]
    return names[0] if manifest.format == "keras" and len(names) == 1 else ""


def _of_saved_model(manifest: VersionManifest) -> dict[str, Any]:
    """What MLflow needs to know of a SavedModel: which graph, and by which signature it is called."""
    assert manifest.saved_model is not None
    for graph in manifest.saved_model.meta_graphs:
        keys = [signature.key for signature in graph.signatures if not signature.key.startswith("__")]
        if _SERVE in graph.tags and keys:
            key = _DEFAULT_SIGNATURE if _DEFAULT_SIGNATURE in keys else sorted(keys)[0]
            return {
                "saved_model_dir": _SAVED_MODEL,
                "meta_graph_tags": list(graph.tags),
                "signature_def_key": key,
                "model_type": "tf1-estimator",  # MLflow's word for "called by a signature", of whatever made it
            }
    raise InvalidQueryError(
        f"{manifest.reference} has no signature for serving, so MLflow could not call it. Export the model with one."
    )


def _described(to: str, run_id: str, flavors: dict[str, dict[str, Any]]) -> Packed:
    from mlflow.models import Model

    described = Model(artifact_path="model", run_id=run_id or None)
    for name, configuration in flavors.items():
        described.add_flavor(name, **configuration)
    described.save(os.path.join(to, "MLmodel"))
    return Packed(tuple(flavors))
