"""`python dvc_project.py FOLDER`: DVC runs a pipeline and adds a file, GTO registers both; prints what they say."""

import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys

import dvc.api

folder = pathlib.Path(sys.argv[1]).resolve()
folder.mkdir(parents=True, exist_ok=True)
who = {"NAME": "Anna", "EMAIL": "anna@example.org"}
environment = {**os.environ, "DVC_NO_ANALYTICS": "1", "HOME": str(folder.parent), "PYTHONDONTWRITEBYTECODE": "1"}
environment |= {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in who.items()}
TRAIN = """\
import json, pathlib, yaml
params = yaml.safe_load(open("params.yaml"))
pathlib.Path("model/variables").mkdir(parents=True, exist_ok=True)
pathlib.Path("model/weights.bin").write_text(str(params["lr"]))
pathlib.Path("model/variables/index").write_bytes(bytes(1000))
json.dump({"acc": float(params["lr"]) * 3, "val": {"loss": 1e-7}}, open("metrics.json", "w"))
"""
PIPELINE = f"""\
stages:
  train:
    cmd: {sys.executable} train.py
    deps: [data.csv, train.py]
    params: [lr, opt.name]
    outs: [model]
    metrics: [{{metrics.json: {{cache: false}}}}]
artifacts:
  digits: {{path: model, type: model, desc: Digits}}
  labels: {{path: labels.txt}}
"""


def run(*command: str) -> str:
    tool = str(pathlib.Path(sys.executable).parent / command[0]) if command[0] in ("dvc", "gto") else command[0]
    done = subprocess.run(
        [tool, *command[1:]], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, (command, done.stdout[-2_000:], done.stderr[-2_000:])
    return done.stdout


def digest(path: pathlib.Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


run("git", "init", "-q", "-b", "main")
run("dvc", "init", "-q")
for name, text in {"train.py": TRAIN, "dvc.yaml": PIPELINE, "data.csv": "1,2\n", "labels.txt": "zero\r\none\n"}.items():
    (folder / name).write_text(text, newline="")
run("dvc", "add", "-q", "labels.txt")
told = []
for version, rate in (("v1.0.0", "1e-3"), ("v1.1.0", "0.25")):
    (folder / "params.yaml").write_text(f"lr: {rate}\nopt: {{name: adam, on: yes}}\nseed: 012\n")
    run("dvc", "repro", "-q")
    run("git", "add", "-A")
    run("git", "commit", "-q", "-m", version)
    run("gto", "register", "digits", "--version", version)
    shutil.rmtree(folder.parent / "got", ignore_errors=True)
    run("dvc", "get", "-q", ".", "model", "--rev", f"digits@{version}", "-o", str(folder.parent / "got"))
    got = [path for path in sorted((folder.parent / "got").rglob("*")) if path.is_file()]
    told.append(
        {
            "version": version,
            "metrics": dvc.api.metrics_show(repo=str(folder), rev=f"digits@{version}"),
            "params": dvc.api.params_show(repo=str(folder), rev=f"digits@{version}"),
            "files": {str(path.relative_to(folder.parent / "got")): digest(path) for path in got},
        }
    )
run("gto", "register", "labels", "--version", "v0.1.0")
print(json.dumps(told))
