"""`python trackio_project.py FOLDER`: Trackio logs runs and models, exports Parquet, and says what is in them."""

import json
import os
import pathlib
import sys

folder = pathlib.Path(sys.argv[1]).resolve()
os.environ.update({"TRACKIO_DIR": str(folder), "HF_HUB_OFFLINE": "1"})

import contextlib  # noqa: E402

import trackio  # noqa: E402 - it reads its variables when it is imported
from trackio.sqlite_storage import SQLiteStorage  # noqa: E402


def train(name: str, models: int, **config: object) -> None:
    trackio.init(project="mnist", name=name, config=config, embed=False)
    for step in range(4):
        trackio.log({"acc": 0.5 + step / 9, "nan": float("nan"), "inf": float("inf"), "t": "text", "d": {"e": step}})
    for number in range(models):
        model = folder / "model"
        (model / "variables").mkdir(parents=True, exist_ok=True)
        (model / "weights.bin").write_bytes(f"{name} {number}".encode())
        (model / "variables/index").write_bytes(bytes(1_000))
        artifact = trackio.Artifact("digits", type="model", description="All digits", metadata={"n": number})
        artifact.add_dir(str(model))
        trackio.log_artifact(artifact, aliases=["prod"] if number == 0 else ["next"])
    trackio.finish()


with contextlib.redirect_stdout(sys.stderr):
    train("rün one", 2, lr=1e-3, opt={"name": "adam"}, layers=[1, 2])
    train("two", 1, lr=0.1)
    train("no model", 0)
    SQLiteStorage._dataset_import_attempted = True  # else it looks for a dataset in the hub before it exports
    SQLiteStorage.export_to_parquet()
told = {"runs": {}, "versions": []}
for name in SQLiteStorage.get_runs("mnist"):
    logs = SQLiteStorage.get_logs("mnist", name)
    told["runs"][name] = {
        "config": {k: v for k, v in SQLiteStorage.get_run_config("mnist", name).items() if not k.startswith("_")},
        "logs": [{**{k: repr(v) for k, v in log.items()}} for log in logs],
    }
for number in range(3):
    told["versions"].append(SQLiteStorage.get_artifact_manifest("mnist", "digits", f"v{number}"))
for alias in ("prod", "next", "latest"):
    told.setdefault("aliases", {})[alias] = SQLiteStorage.resolve_artifact_version("mnist", "digits", alias)["version"]
print(json.dumps(told, default=str))
