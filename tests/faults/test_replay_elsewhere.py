"""A version is replayed under a second TensorFlow, in an environment of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

import tb_versions as tbv
from tb_versions.cli import main

pytestmark = [pytest.mark.faults, pytest.mark.tensorflow, pytest.mark.client("tensorflow220")]

NOTHING = tbv.Capture(code=False, environment=False, hardware=False)


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, [*arguments])
    return result.exit_code, result.output


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """`digits:1`, a Keras model with golden outputs of this TensorFlow."""
    import keras

    keras.utils.set_random_seed(1)
    model = keras.Sequential(
        [keras.Input((6,), name="x"), keras.layers.Dense(8, "relu"), keras.layers.Dense(3, "softmax")]
    )
    golden = np.random.default_rng(0).normal(size=(16, 6))
    version = tbv.publish(model, tmp_path, name="digits", golden=golden, capture=NOTHING, strict=True)
    assert version is not None
    return tmp_path


@pytest.mark.filterwarnings("ignore:digits.* is published, but no run")
def test_another_tensorflow_gives_its_verdict(models: Path, client_python: Path) -> None:
    import tensorflow as tf

    where = ("--models-dir", str(models))
    code, said = run("replay", "digits:1", *where, "--python", str(client_python), "--json")
    told: dict[str, Any] = json.loads(said[said.index("{") :])
    assert (code, told["ok"], told["tensorflow"], told["agreement"]) == (0, True, "2.20.0", 1.0)
    assert tf.__version__ != "2.20.0"
    code, said = run("show", "digits:1", *where)
    assert "replayed on TF 2.20.0 / CPU" in said
    assert "not replayed since TensorFlow changed" in said
    assert run("replay", "digits:1", *where)[0] == 0
    assert "not replayed since" not in run("show", "digits:1", *where)[1]


@pytest.mark.filterwarnings("ignore:digits.* is published, but no run")
def test_what_the_other_python_lacks_is_told_before_anything_is_loaded(models: Path, tmp_path: Path) -> None:
    import venv

    venv.create(tmp_path / "bare", symlinks=True)
    code, said = run("replay", "digits:1", "--models-dir", str(models), "--python", str(tmp_path / "bare/bin/python"))
    assert code == 5
    assert "lacks tensorflow, numpy, msgspec, semver: " in said
    assert "-m pip install tensorflow numpy msgspec semver" in said


@pytest.mark.filterwarnings("ignore:digits.* is published, but no run")
def test_a_model_of_keras_2_says_what_is_missing_and_records_nothing(tmp_path: Path, client_python: Path) -> None:
    """It is saved here, where Keras 2 is installed; the other environment has none."""
    script = (
        "import numpy as np, tf_keras\n"
        "model = tf_keras.Sequential([tf_keras.Input((4,), name='x'), tf_keras.layers.Dense(1)])\n"
        "model.compile(tf_keras.optimizers.legacy.Adam(), 'mse')\n"
        "model.fit(np.ones((8, 4)), np.ones((8, 1)), verbose=0)\n"
        "model.save('folder', save_format='tf')\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, cwd=tmp_path, capture_output=True)
    models = tmp_path / "models"
    version = tbv.publish(
        tmp_path / "folder", models, name="digits", golden=[[1, 2, 3, 4]], capture=NOTHING, strict=True
    )
    assert version is not None
    assert run("replay", "digits:1", "--models-dir", str(models), "--no-record")[0] == 0
    code, said = run("replay", "digits:1", "--models-dir", str(models), "--python", str(client_python))
    assert code == 5
    assert "pip install tf_keras" in said
    assert tbv.history("digits", models) == []
