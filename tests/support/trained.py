"""A small project in a git repository, whose script publishes a version in a second, without TensorFlow."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tb_versions.core import codec
from tb_versions.core.manifest import MANIFEST_NAME, VersionManifest
from tests.support.effort import HANGS
from tests.support.git_repositories import Registry

ROOT = Path(__file__).resolve().parents[2]

TRAIN = """
import argparse, os, pathlib, random, tempfile
import tb_versions as tbv

parser = argparse.ArgumentParser()
parser.add_argument("--models", required=True)
parser.add_argument("--extra", default="")
arguments = parser.parse_args()
tbv.provenance.set_seeds(3)
UNITS = 4
with tempfile.TemporaryDirectory() as folder:
    (pathlib.Path(folder) / "weights.bin").write_bytes(random.randbytes(UNITS * 8))
    tbv.publish(
        folder, arguments.models, name="digits", strict=True, metrics={"accuracy": random.random()},
        hyperparameters={"units": UNITS}, capture=tbv.Capture(diff_limit=10_000),
        datasets=[tbv.digest_file("data/x.csv", name="x", split="train")],
    )
print("trained")
"""


def environment() -> dict[str, str]:
    """Variables with which a script finds this package."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "0"}


class Project:
    """The project at `base/project`, and its models at `base/models`."""

    def __init__(self, base: Path, script: str = TRAIN) -> None:
        self.base, self.models = base, base / "models"
        self.repository = Registry(base / "project")
        self.commit = self.repository.commit(train__py=script, data___x__csv="1,2\n3,4\n")

    @property
    def folder(self) -> Path:
        return self.repository.folder

    def train(self, *arguments: str) -> VersionManifest:
        """Trains as a user does, and returns the manifest of the newest version."""
        command = [sys.executable, "-W", "ignore", "train.py", *(arguments or ("--models", "../models"))]
        subprocess.run(command, cwd=self.folder, env=environment(), check=True, capture_output=True, timeout=HANGS)
        return self.manifest(max(int(path.name) for path in (self.models / "digits").iterdir() if path.name.isdigit()))

    def path(self, number: int) -> Path:
        """Of a version's manifest."""
        return self.models / "digits" / str(number) / MANIFEST_NAME

    def manifest(self, number: int) -> VersionManifest:
        return codec.decode(self.path(number).read_bytes())
