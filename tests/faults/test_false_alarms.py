"""The same model under other numbers of threads and other kernels is the same; one that was scaled is not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tb_versions.core.golden.file import Asked, write
from tb_versions.core.golden.running import ask
from tests.support.effort import FULL

pytestmark = [pytest.mark.faults, pytest.mark.tensorflow, pytest.mark.slow]

SIGNATURES = 50 if FULL else 5
OTHERS = ((1, 0), (3, 0), (1, 1), (4, 1))
"""Threads of an operation, and whether oneDNN's kernels are used; the golden outputs are of 2 and 0."""


def exported(folder: Path, *, scale: float = 1.0) -> str:
    """A convolution, a recurrent layer and a deep sum, one kernel of which is scaled, as many signatures."""
    import keras
    import tensorflow as tf

    keras.utils.set_random_seed(7)
    images = keras.Input((16, 16, 3), name="images")
    hidden = keras.layers.Conv2D(16, 3, activation="relu")(images)
    hidden = keras.layers.Reshape((14, 14 * 16))(hidden)
    hidden = keras.layers.LSTM(32)(hidden)
    hidden = keras.layers.Dense(512, activation="gelu", name="scaled")(hidden)
    model = keras.Model(images, [keras.layers.Dense(10, activation="softmax")(hidden), keras.layers.Dense(1)(hidden)])
    kernel, bias = model.get_layer("scaled").get_weights()
    model.get_layer("scaled").set_weights([kernel * scale, bias])
    module = tf.Module()
    module.model = model

    @tf.function(input_signature=[tf.TensorSpec([None, 16, 16, 3], tf.float32, name="images")])
    def call(images: Any) -> Any:
        scores, value = model(images, training=False)
        return {"scores": scores, "value": value}

    tf.saved_model.save(module, str(folder), signatures={f"s{number}": call for number in range(SIGNATURES)})
    return str(folder)


def test_replays_with_other_threads_and_kernels_raise_no_alarm_and_a_scaled_kernel_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(0)
    scales = 10 ** rng.uniform(-1, 3, SIGNATURES)
    inputs = {
        f"s{number}": Asked({"images": (rng.normal(size=(4, 16, 16, 3)) * scales[number]).astype("float32")})
        for number in range(SIGNATURES)
    }
    folder = exported(tmp_path / "m")

    def asked(data: bytes, at: str, threads: int, onednn: int, **more: Any) -> Any:
        monkeypatch.setenv("TF_NUM_INTRAOP_THREADS", str(threads))
        monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", str(onednn))
        return ask("It", at, data, **more)

    golden = asked(write(inputs), folder, 2, 0, keeps_answers=True).answers
    found = [asked(golden, folder, threads, onednn).outcome for threads, onednn in OTHERS]
    alarms = [each for outcome in found for each in outcome.outputs if not each.ok]
    assert alarms == []
    assert sum(len({each.signature for each in outcome.outputs}) for outcome in found) == len(OTHERS) * SIGNATURES
    assert max(outcome.max_error or 0.0 for outcome in found) > 0  # they do differ, in the last digits

    scaled = asked(golden, exported(tmp_path / "scaled", scale=1.01), 2, 0).outcome
    assert {each.signature for each in scaled.differing} == inputs.keys()
