"""What the team says of the versions afterwards: who approved what, what was in production, and what was checked."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np

import tb_versions as tbv


def tell(models: Path) -> None:
    """Approves, promotes, records, rolls back and notes why, as three people would.

    Nothing is deprecated or removed: the tab would hide what the demo is there to show.
    """
    tbv.approve("digits:1.0.0", models, reason="Test accuracy holds on five seeds.", actor="ben")
    tbv.promote("digits:1.0.0", models, alias="production", reason="First release.", actor="anna")
    tbv.promote("digits:1.1.0", models, alias="staging", reason="Fine-tuned on moved images.", actor="anna")
    tbv.approve("digits:1.1.0", models, reason="Better on moved images, no worse on the others.", actor="ben")
    tbv.promote("digits@staging", models, alias="production", reason="Better on moved images.", actor="anna")
    for week, accuracy in enumerate((0.913, 0.874), 1):
        tbv.record(
            "digits@production", models, {"accuracy": accuracy}, dataset=f"scans-week-{week}", source="monitoring"
        )
    tbv.rollback(
        "digits", models, alias="production", reason="Accuracy fell below 0.9 on this week's scans.", actor="carla"
    )
    tbv.note(
        "digits:1.1.0",
        models,
        text="The scanner's images are **darker** since Monday. Train on them before the next try.",
        actor="carla",
    )
    tbv.promote("digits-tiny:0.2.0", models, alias="production", reason="Fits the microcontroller.", actor="anna")


def ask(models: Path) -> None:
    """Asks the release and the version tuned from it the test images: what flipped, and which is right more often."""
    from sklearn.datasets import load_digits

    pixels, labels = load_digits(return_X_y=True)
    test = np.random.default_rng(0).permutation(len(labels))[1500:]  # the split of project/train.py
    images = (pixels[test] / 16).astype("float32")
    tbv.compare_answers("digits:1.0.0", "digits:1.1.0", models, inputs=images, labels=labels[test], actor="ben")


def damage(models: Path, model: str, number: int) -> None:
    """Changes one bit of a version's weights, and no size or name, as a failing disk does."""
    (weights,) = (models / model / str(number) / "variables").glob("variables.data-*")
    content = bytearray(weights.read_bytes())
    content[len(content) // 2] ^= 1
    weights.write_bytes(content)


def check(models: Path) -> None:
    """Reads every file of every version, and asks the two releases their golden inputs again, as a nightly job does."""
    places = ("--models-dir", str(models), "--actor", "nightly")
    _command("verify", "--all", "--record", *places, may_find=True)
    for release in ("digits:1.0.0", "digits:1.1.0"):
        _command("replay", release, *places)


def _command(*arguments: str, may_find: bool = False) -> None:
    """Runs `tb-versions`; exit code 1 says that something is not as it should be, which is meant with `may_find`."""
    command = [sys.executable, "-m", "tb_versions.cli", *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode not in ((0, 1) if may_find else (0,)):
        raise SystemExit(f"tb-versions {arguments[0]} failed (exit code {done.returncode}):\n{done.stdout}")
