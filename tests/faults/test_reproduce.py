"""Real trainings again: the demo's from a clean clone, and one whose answers were kept."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tb_versions.core.golden import file
from tb_versions.read.reuse.finding import find
from tb_versions.trust.reproducing.again import files_of
from tb_versions.trust.reproducing.against import compare_with
from tests.support.effort import FULL, HANGS
from tests.support.trained import ROOT, Project

pytestmark = pytest.mark.slow

WITH_ANSWERS = """
import keras, numpy, tensorflow
import tb_versions as tbv

tbv.provenance.set_seeds(3)
x = numpy.random.default_rng(0).normal(size=(32, 4)).astype("float32")
model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
model.compile("adam", "mse")
history = model.fit(x, x[:, :2], epochs=2, verbose=0)
tbv.publish(
    model, "../models", name="digits", strict=True, golden=x[:4], metrics={"loss": history.history["loss"][-1]},
    datasets=[tbv.digest_array(x, name="x", split="train")],
)
"""


def reproduce(ref: str, models: Path, repository: Path, out: Path, *options: str) -> tuple[int, dict[str, Any]]:
    """Trains again in the environment of this test; the exit code, and what report.json says came of it."""
    command = [sys.executable, "-m", "tb_versions.cli", "reproduce", ref, "--models-dir", str(models), "--run", "--yes"]
    done = subprocess.run(
        [*command, "--environment", "current", "--out", str(out), *options],
        cwd=repository,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=HANGS,
    )
    assert (out / "report.json").exists(), done.stderr
    result = json.loads((out / "report.json").read_text())["result"]
    assert result is not None, done.stderr
    return done.returncode, result


def test_the_demo_trains_to_the_same_weights_and_numbers_and_says_which_files_differ(
    demo_output: Path, tmp_path: Path
) -> None:
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", str(demo_output / "project"), str(clone)], check=True, timeout=HANGS)
    code, found = reproduce("digits:8", demo_output / "models", clone, tmp_path / "out")
    assert (code, found["ok"], found["compared"], found["verdict"]) == (0, True, "digits:8", "the same weights"), found
    assert (found["bytes"], found["weights"]) == ("different", "same")
    assert found["weights_digests"][0] == found["weights_digests"][1]
    assert {metric["verdict"] for metric in found["metrics"]} == {"same"}
    notes = " ".join(found["notes"])
    assert "fingerprint.pb differs: it has a UUID of its own for each export" in notes
    assert [each for each in found["differences"] if each["is_known"]] == []


@pytest.mark.skipif(not FULL, reason="loads TensorFlow six times; `make faults` runs it")
def test_answers_are_compared_with_those_that_were_kept(tmp_path: Path) -> None:
    project = Project(tmp_path / "first", WITH_ANSWERS)
    manifest = project.train("none")
    assert manifest.seeding is not None
    assert manifest.seeding.could_not == ()
    code, found = reproduce("digits:1", project.models, project.folder, tmp_path / "out")
    assert (code, found["weights"], found["answers"], found["ok"]) == (0, "same", "same", True), found

    first = files_of(find("digits:1", project.models), manifest)
    (key, asked), *_ = file.read(first.golden).items()
    moved = file.Asked(asked.inputs, {name: value + 1 for name, value in asked.outputs.items()})
    other = compare_with(replace(first, golden=file.write({key: moved})), first)
    assert (other.answers, other.ok, other.verdict) == ("different", False, "the same bytes, but different answers")


@pytest.mark.skipif(not FULL, reason="loads TensorFlow four times; `make faults` runs it")
def test_answers_so_small_that_the_tolerance_hides_them_are_said_to_be(tmp_path: Path) -> None:
    project = Project(
        tmp_path / "first",
        WITH_ANSWERS.replace(
            "model.compile(", "model.layers[0].kernel.assign(1e-9 * model.layers[0].kernel)\nmodel.compile("
        )
        .replace("epochs=2", "epochs=0")
        .replace('history.history["loss"][-1]', "0.5"),
    )
    manifest = project.train("none")
    first = files_of(find("digits:1", project.models), manifest)
    found = compare_with(first, first)
    assert found.answers == "same"
    assert any("hides changes" in note for note in found.notes), found.notes
