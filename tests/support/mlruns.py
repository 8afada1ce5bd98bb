"""Writes a small `mlruns` folder as MLflow's file store does, for tests without MLflow."""

from __future__ import annotations

from pathlib import Path

RUN = "0123456789abcdef0123456789abcdef"
EXPERIMENT = "370057394521577232"


def put(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def write_store(folder: Path) -> Path:
    """One experiment with a run, and the model `digits` with two versions."""
    put(folder / "0/meta.yaml", "artifact_location: /gone/mlruns/0\ncreation_time: 1700000000000\nexperiment_id: '0'\n")
    put(
        folder / EXPERIMENT / "meta.yaml",
        f"artifact_location: /gone/mlruns/{EXPERIMENT}\ncreation_time: 1700000000001\nexperiment_id: '{EXPERIMENT}'\n",
    )
    run = folder / EXPERIMENT / RUN
    put(
        run / "meta.yaml",
        f"artifact_uri: /gone/mlruns/{EXPERIMENT}/{RUN}/artifacts\nlifecycle_stage: active\nrun_id: {RUN}\n"
        "run_name: rün ✓\n",
    )
    put(run / "metrics/acc", "1700000000100 0.5 0\n1700000000200 0.75 2\n1700000000300 0.6 1\n")
    put(run / "metrics/val/loss", "1700000000100 nan 3\n")
    put(run / "params/lr", "1e-3")
    put(run / "tags/mlflow.source.git.commit", "ab" * 20)
    put(run / "tags/team", "vision")
    put(run / "artifacts/model/MLmodel", "flavors: {}\n")
    put(run / "artifacts/model/weights.bin", "12345")
    put(run / "inputs/i1/meta.yaml", "source_id: d1\nsource_type: DATASET\ntags:\n  mlflow.data.context: training\n")
    put(
        folder / EXPERIMENT / "datasets/d1/meta.yaml",
        'digest: c247459b\nname: mnist\nprofile: \'{"num_rows": 60}\'\nsource: \'{"uri": "/data"}\'\n',
    )
    model = folder / "models/digits"
    put(model / "meta.yaml", "aliases: {}\ndescription: Ziffern\nname: digits\n")
    put(model / "tags/team", "vision")
    put(model / "aliases/champion", "2")
    for number in (1, 2):
        put(
            model / f"version-{number}/meta.yaml",
            f"creation_timestamp: 170000000100{number}\ncurrent_stage: None\ndescription: 'v{number}'\nname: digits\n"
            f"run_id: {RUN}\nsource: runs:/{RUN}/model\nstatus: READY\nversion: {number}\n",
        )
    put(model / "version-2/tags/k", "v")
    put(model / "version-3/meta.yaml", "creation_timestamp: 1\ncurrent_stage: Deleted_Internal\nversion: 3\n")
    return folder
