"""Runs under MLflow's own environment: makes a store, changes it, or says what MLflow's client says of it.

python mlflow_store.py make|change|tell|many URI [COUNT]
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

UNICODE = "Ziffern 数字 ✓"
MODELS = {"digits": 6, "a model": 2, UNICODE: 4}
"""Registered models and how many versions each has."""


def make(client: Any, folder: str) -> None:
    """3 models, 12 versions, moved aliases, a deleted run, datasets, a nested run, Unicode."""
    from mlflow.entities import Dataset, DatasetInput, InputTag, Metric, Param, RunTag

    experiment = client.create_experiment("trainings", os.path.join(folder, "mlruns", "trainings"))
    parent = client.create_run(experiment, 1_700_000_000_000, run_name="search")
    for place, (name, count) in enumerate(MODELS.items()):
        client.create_registered_model(name, {"team": f"vision {place}"}, f"All of {name}.")
        for number in range(1, count + 1):
            started = 1_700_000_000_000 + 1_000 * (100 * place + number)
            tags = {"mlflow.parentRunId": parent.info.run_id} if number == 2 else {}
            run = client.create_run(experiment, started, {**tags, "owner": "änna"}, f"{name} {number}")
            run_id = run.info.run_id
            metrics = [Metric("accuracy", 0.5 + step / 100 + number / 1_000, started, step) for step in range(3)]
            metrics += [Metric("Verlüst", float("nan"), started, 7), Metric("a/b", -1e-9, started, 0)]
            params = {"lr": "1e-3", "batch": "128", "opt": "adam", "flag": "True", "id": "007", "größe": str(number)}
            git = RunTag("mlflow.source.git.commit", f"{number:040x}")
            client.log_batch(run_id, metrics, [Param(*each) for each in params.items()], [git])
            data = Dataset(
                "mnist", f"d{number:07x}", "local", json.dumps({"uri": "/data/mnist"}), None, '{"num_rows": 60}'
            )
            client.log_inputs(run_id, [DatasetInput(data, [InputTag("mlflow.data.context", "training")])])
            model = os.path.join(folder, "built")
            os.makedirs(model, exist_ok=True)
            for file, text in (("MLmodel", "flavors: {}\n"), ("weights.bin", f"{name} {number}")):
                with open(os.path.join(model, file), "w", encoding="utf-8") as out:
                    out.write(text)
            client.log_artifacts(run_id, model, "model")
            client.create_model_version(
                name,
                f"runs:/{run_id}/model",
                run_id,
                {"k": f"v{number}"},
                description=f"{name}, the {number}.\n<b>x</b>",
            )
            client.set_terminated(run_id)
            client.set_registered_model_alias(name, "champion", str(number))
    client.set_registered_model_alias("digits", "production", "3")
    client.set_registered_model_alias("digits", "production", "2")
    client.delete_run(client.get_model_version("digits", "4").run_id)


def change(client: Any, _: str) -> None:
    """What a team does to it later."""
    client.set_registered_model_alias("digits", "production", "5")
    client.delete_registered_model_alias("a model", "champion")
    client.set_model_version_tag("digits", "1", "k", "later")
    client.set_model_version_tag("digits", "1", "new", "label")
    client.update_model_version("digits", "2", "Another description.")
    client.log_metric(client.get_model_version("digits", "1").run_id, "test_accuracy", 0.875, 1_700_000_900_000, 9)
    client.create_model_version("digits", "runs:/x/model", client.get_model_version("digits", "6").run_id)


def many(client: Any, folder: str, count: int) -> None:
    """One model with many versions, each of a run of its own."""
    from mlflow.entities import Metric, Param

    experiment = client.create_experiment("trainings", os.path.join(folder, "mlruns", "trainings"))
    client.create_registered_model("many")
    for number in range(count):
        run_id = client.create_run(experiment).info.run_id
        metrics = [Metric(f"metric {each}", number + each, 1_700_000_000_000, 5) for each in range(10)]
        client.log_batch(run_id, metrics, [Param(f"param {each}", str(each)) for each in range(20)])
        client.create_model_version("many", f"runs:/{run_id}/model", run_id)


def tell(client: Any) -> dict[str, Any]:
    """What the client says: the independent reader."""
    return {
        model.name: {
            "description": model.description,
            "tags": dict(model.tags),
            "aliases": {alias: int(number) for alias, number in dict(model.aliases).items()},
            "versions": [version(client, one) for one in client.search_model_versions(f"name='{model.name}'")],
        }
        for model in client.search_registered_models()
    }


def version(client: Any, one: Any) -> dict[str, Any]:
    run = client.get_run(one.run_id)
    return {
        "number": int(one.version),
        "created": one.creation_timestamp,
        "description": one.description,
        "tags": dict(one.tags),
        "metrics": {metric.key: [repr(metric.value), metric.step] for metric in run.data._metric_objs},
        "params": dict(run.data.params),
        "deleted": run.info.lifecycle_stage == "deleted",
        "commit": run.data.tags.get("mlflow.source.git.commit"),
        "datasets": [each.dataset.digest for each in run.inputs.dataset_inputs],
    }


def main(what: str, uri: str, count: str = "0") -> None:
    from mlflow import MlflowClient

    folder = os.getcwd()
    client = MlflowClient(uri, uri)
    if what == "many":
        many(client, folder, int(count))
    elif what != "tell":
        {"make": make, "change": change}[what](client, folder)
    json.dump(tell(client) if what != "many" else None, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
