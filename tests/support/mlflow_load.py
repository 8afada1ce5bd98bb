"""With TensorFlow and MLflow at hand: publishes Keras models, registers them in MLflow, and loads them from there."""

from __future__ import annotations

import os
import sys

import keras
import mlflow
import numpy as np

import tb_versions
from tb_versions.cli import main


def run(uri: str) -> None:
    model = keras.Sequential([keras.Input((3,), name="pixels"), keras.layers.Dense(2, name="out")])
    x = np.arange(6, dtype="float32").reshape(2, 3)
    expected = model(x).numpy()
    tb_versions.publish(model, "models", name="served", metrics={"acc": 0.5})
    os.makedirs("kept/one")
    model.save("kept/one/model.keras")
    main(["adopt", "kept", "--name", "kept"], standalone_mode=False)
    tb_versions.copy("kept/one", to="models")
    main(["export-mlflow", "served", "kept", "--models-dir", "models", "--uri", uri], standalone_mode=False)
    mlflow.set_tracking_uri(uri)
    served = mlflow.pyfunc.load_model("models:/served/1").predict({"pixels": x})
    kept = mlflow.pyfunc.load_model("models:/kept/1").predict(x)
    assert np.allclose(next(iter(served.values())), expected, atol=1e-6), served
    assert np.allclose(kept, expected, atol=1e-6), kept
    main(["import-mlflow", "--uri", uri, "--models-dir", "again", "--copy-files"], standalone_mode=False)
    again = tb_versions.load("served:1", models_dir="again")
    assert np.allclose(again(x), expected, atol=1e-6)


run(sys.argv[1])
