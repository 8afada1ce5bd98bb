"""Fills the demo's output folder: a project with a git history, its logs, its models."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from demo import story
from demo.stages import DAMAGED, DELETED, STAGES, Setting, Stage

SOURCE = Path(__file__).parent / "project"

_QUIET = {
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_ENABLE_ONEDNN_OPTS": "0",
    "CUDA_VISIBLE_DEVICES": "-1",
    "PYTHONUNBUFFERED": "1",
}


class Workspace:
    """The demo's output folder.

    Attributes:
        out: The folder; holds `logs/`, `models/`, `project/` and, once all is written, `expected.json`.
    """

    def __init__(self, out: Path) -> None:
        self.out = out

    @property
    def logs(self) -> Path:
        """What `tensorboard --logdir` gets."""
        return self.out / "logs"

    @property
    def models(self) -> Path:
        """What `--versions_models_dir` gets."""
        return self.out / "models"

    @property
    def expected(self) -> Path:
        """Says what was written; its presence says that all was."""
        return self.out / "expected.json"

    def is_current(self) -> bool:
        """Whether it is complete, and this version of the demo made it."""
        return self.expected.exists() and json.loads(self.expected.read_text()).get("demo") == _digest_of_demo()

    def fill(self) -> None:
        """Trains everything; about a minute and a half on two cores."""
        project = self.out / "project"
        shutil.copytree(SOURCE, project, ignore=shutil.ignore_patterns("__pycache__"))
        (project / ".gitignore").write_text("__pycache__/\n")
        git = shutil.which("git")
        if git is None:
            print("git is not installed: the versions will not say which code made them.", flush=True)
        else:
            _git(project, "init", "--quiet", "--initial-branch=main")
        settings: dict[str, Setting] = {}
        for number, stage in enumerate(STAGES, 1):
            print(f"[{number}/{len(STAGES)}] {stage.message or 'Dropout (not committed)'}", flush=True)
            settings |= stage.settings
            (project / "settings.json").write_text(json.dumps(settings, indent=2) + "\n")
            if git and stage.message:
                _git(project, "add", "--all")
                _git(project, "commit", "--quiet", "--message", stage.message)
            _train(project, stage)
        model, version = DELETED
        print(f"Deleting the folder of {model}:{version}, to show what the tab says then.", flush=True)
        shutil.rmtree(self.models / model / str(version))
        print("Promoting and rolling back, to show what the registry says.", flush=True)
        story.tell(self.models)
        print("Asking two versions the same images, to show what changed in their answers.", flush=True)
        story.ask(self.models)
        model, version = DAMAGED
        print(f"Changing one bit of {model}:{version}, to show what reading every file finds.", flush=True)
        story.damage(self.models, model, version)
        print("Verifying all versions and replaying the releases, as a nightly job would.", flush=True)
        story.check(self.models)
        self._write_expected(has_git=git is not None)

    def _write_expected(self, *, has_git: bool) -> None:
        lines = (self.out / "written.jsonl").read_text().splitlines()
        versions = [json.loads(line) for line in lines]
        uncommitted = {run for stage in STAGES if not stage.message for run in stage.settings}
        for version in versions:
            version["dirty"] = version["run"] in uncommitted if has_git else None
            version["state"] = "missing" if (version["model"], version["number"]) == DELETED else "present"
        runs = [run for stage in STAGES for run in stage.settings]
        made = {version["run"] for version in versions}
        expected = {
            "demo": _digest_of_demo(),
            "versions": versions,
            "runs": runs,
            "runs_without_version": [r for r in runs if r not in made],
        }
        temporary = self.expected.with_suffix(".tmp")
        temporary.write_text(json.dumps(expected, indent=2) + "\n")
        temporary.replace(self.expected)

    def summary(self) -> str:
        """One line on what is there."""
        expected: dict[str, Any] = json.loads(self.expected.read_text())
        models = {version["model"] for version in expected["versions"]}
        return f"{len(expected['versions'])} versions of {len(models)} models from {len(expected['runs'])} runs"


def _digest_of_demo() -> str:
    sources = sorted((*SOURCE.glob("*.py"), *SOURCE.parent.glob("*.py")))
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()


def _train(project: Path, stage: Stage) -> None:
    command = [sys.executable, "train.py", "--logs", "../logs", "--models", "../models", "--record", "../written.jsonl"]
    done = subprocess.run([*command, *stage.settings], cwd=project, env={**os.environ, **_QUIET}, check=False)
    if done.returncode != 0:
        raise SystemExit(f"The training failed (exit code {done.returncode}); what is above says why.")


def _git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=Demo", "-c", "user.email=demo@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, stdin=subprocess.DEVNULL)
