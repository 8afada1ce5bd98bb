"""Runs under MLflow's own environment: `mlflow_script.py FOLDER EXISTING RUNS`, then a line on stdin for each task."""

import itertools
import json
import logging
import sys
import time
from pathlib import Path

from mlflow import MlflowClient  # type: ignore[import-not-found, unused-ignore]
from mlflow.entities import Metric, Param  # type: ignore[import-not-found, unused-ignore]


def main() -> None:
    """Makes the versions that exist already, then runs a task for each line on stdin."""
    logging.disable(logging.CRITICAL)
    folder, existing, runs = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    client = MlflowClient(f"sqlite:///{folder}/mlflow.db")
    experiment = client.create_experiment("bench", artifact_location=str(folder / "artifacts"))
    client.create_registered_model("m")
    source = f"file://{folder}/model"

    def version(run_id: str | None = None) -> None:
        client.create_model_version("m", source, run_id)

    def metrics(run_id: str) -> None:
        now = int(time.time() * 1000)
        values = [Metric(f"metric_{i}", i / 20, now, 1) for i in range(20)]
        client.log_batch(run_id, values, [Param(f"parameter_{i}", str(i)) for i in range(20)])

    def everything() -> None:
        run_id = client.create_run(experiment).info.run_id
        metrics(run_id)
        version(run_id)
        client.set_terminated(run_id)

    def alias() -> None:
        client.set_registered_model_alias("m", "production", next(versions))

    def best() -> None:
        found = client.search_runs([experiment], order_by=["metrics.metric_1 DESC"], max_results=10)
        assert len(found) == 10

    versions = itertools.cycle(("1", "2"))
    for _ in range(existing):
        version()
    for number in range(runs):
        run_id = client.create_run(experiment).info.run_id
        client.log_batch(run_id, [Metric(f"metric_{i}", (number * 7919 + i) % 10_007, 0, 1) for i in range(4)])
    print("[0, 0]", flush=True)
    for line in sys.stdin:
        wall, cpu = time.perf_counter(), time.process_time()
        {"version": version, "everything": everything, "alias": alias, "best": best}[line.strip()]()
        print(json.dumps([time.perf_counter() - wall, time.process_time() - cpu]), flush=True)


if __name__ == "__main__":
    main()
