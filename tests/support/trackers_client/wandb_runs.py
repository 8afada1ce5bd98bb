"""`python wandb_runs.py FOLDER`: two offline runs of W&B; prints what its own messages say of them.

W&B has no reader of record files in Python since its 0.2x releases: frames are taken apart here, messages are its own.
"""

import json
import os
import pathlib
import struct
import sys

folder = pathlib.Path(sys.argv[1]).resolve()
own = {"WANDB_DIR": "", "WANDB_CACHE_DIR": "cache", "WANDB_DATA_DIR": "data", "WANDB_CONFIG_DIR": "config"}
os.environ.update({name: str(folder / path) for name, path in own.items()})
os.environ.update({"WANDB_MODE": "offline", "WANDB_SILENT": "true", "WANDB_ERROR_REPORTING": "false"})

import wandb  # noqa: E402 - it reads its variables when it is imported
from wandb.proto import wandb_internal_pb2 as messages  # noqa: E402


def train(name: str, steps: int, **config: object) -> None:
    run = wandb.init(project="größen", name=name, config=config, notes="why", tags=["a", "ÿ"], group="g")
    model = folder / "model"
    (model / "variables").mkdir(parents=True, exist_ok=True)
    for step in range(steps):
        run.log({"acc": 0.5 + step / 7, "val/loss": 1 / (step + 1), "nested": {"x": step}, "text": "no number"})
        (model / "weights.bin").write_bytes(f"{name} {step}".encode())
        (model / "variables" / "index").write_bytes(bytes(100_000))
        artifact = wandb.Artifact(
            "digits", "model", description=f"after {step}", metadata={"step": step, "by": {"k": 1}}
        )
        artifact.add_dir(str(model))
        run.log_artifact(artifact, aliases=["best"] if step == 1 else [])
    run.log({"acc": 0.99, "nan": float("nan"), "inf": float("-inf")})
    run.summary["best_acc"] = 0.99
    run.finish()


def records(data: bytes):
    position, whole = 7, b""
    while position + 7 <= len(data):
        if 32_768 - position % 32_768 < 7:
            position += 32_768 - position % 32_768
            continue
        _, length, kind = struct.unpack_from("<IHB", data, position)
        whole += data[position + 7 : position + 7 + length]
        position += 7 + length
        if kind in (1, 4):
            yield messages.Record.FromString(whole)
            whole = b""


def told(path: pathlib.Path) -> dict:
    found = {"config": {}, "history": {}, "summary": {}, "artifacts": []}
    for record in records(path.read_bytes()):
        kind = record.WhichOneof("record_type")
        if kind == "run":
            found["id"], found["name"] = record.run.run_id, record.run.display_name
            found["config"] |= {item.key: json.loads(item.value_json) for item in record.run.config.update}
        elif kind == "history":
            for item in record.history.item:
                found["history"]["/".join(item.nested_key) or item.key] = [item.value_json, record.history.step.num]
        elif kind == "summary":
            found["summary"] |= {
                item.key or ".".join(item.nested_key): item.value_json for item in record.summary.update
            }
        elif kind == "artifact":
            one = record.artifact
            files = {entry.path: entry.size for entry in one.manifest.contents}
            last = {name: value for name, value in found["history"].items() if not name.startswith("_")}
            found["artifacts"].append(
                {
                    "name": one.name,
                    "digest": one.digest,
                    "aliases": list(one.aliases),
                    "files": files,
                    "then": last,
                    "description": one.description,
                }
            )
    return found


train("first", 3, lr=1e-3, layers=[1, 2], opt={"name": "adam"})
train("zweite", 1, lr=0.1)
plain = wandb.init(project="größen", name="no model")
plain.log({"acc": 1.0})
plain.finish()
print(json.dumps([told(path) for path in sorted(folder.glob("wandb/offline-run-*/*.wandb"))]))
