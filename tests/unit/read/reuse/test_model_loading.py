from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.effort import HANGS

pytestmark = pytest.mark.tensorflow
ROOT = Path(__file__).resolve().parents[3]

OBJECTS = """
import json, os, sys, warnings, zipfile
import keras, tensorflow as tf
import tb_versions as tbv

class Scale(keras.layers.Layer):
    def call(self, x):
        return x * 3.0

class Far(keras.metrics.MeanSquaredError):
    pass

def my_loss(y, p):
    return keras.ops.mean(keras.ops.square(y - p))

def my_metric(y, p):
    return keras.ops.mean(keras.ops.abs(y - p))

def my_activation(x):
    return keras.ops.tanh(x) * 2

OWN = {"Scale": Scale, "my_loss": my_loss, "my_metric": my_metric, "my_activation": my_activation, "Far": Far}
"""

PUBLISH = """
@keras.saving.register_keras_serializable(package="mine")
class Registered(keras.layers.Layer):
    def call(self, x):
        return x * 3.0

class Net(keras.Model):
    def __init__(self, units=2, **more):
        super().__init__(**more)
        self.dense = keras.layers.Dense(units)
    def call(self, x):
        return self.dense(x)

def make(layer=None, loss="mse", metrics=None):
    layers = [keras.Input((4,), name="x"), layer or keras.layers.Dense(2), keras.layers.Dense(1)]
    model = keras.Sequential(layers)
    model.compile("sgd", loss, metrics=metrics)
    return model

def texts(layer):
    words = keras.Input((1,), dtype="string", name="words")
    return keras.Model(words, layer(words))

class Module(tf.Module):
    @tf.function(input_signature=[tf.TensorSpec([None])])
    def __call__(self, x):
        return x

warnings.filterwarnings("ignore", ".*no run in TensorBoard.*")
net = Net()
net(tf.ones((1, 4)))
models = {
    "loss": make(loss=my_loss),
    "metric": make(metrics=[my_metric]),
    "metric-class": make(metrics=[Far()]),
    "layer": make(Scale()),
    "activation": make(keras.layers.Dense(2, activation=my_activation)),
    "registered": make(Registered()),
    "lambda": make(keras.layers.Lambda(lambda x: x * 2.0)),
    "subclassed": net,
    "plain": make(),
    "lookup": texts(keras.layers.StringLookup(vocabulary=["a", "b"])),
    "ragged": texts(keras.layers.TextVectorization(vocabulary=["a", "b"], ragged=True)),
    "module": Module(),
}
for name, model in models.items():
    tbv.publish(model, "models", name=name, strict=True)
for name, graph in (("not-a-zip", True), ("only-not-a-zip", False)):
    if graph:
        make().export(name, verbose=False)
    os.makedirs(f"{name}/assets.extra")
    with open(f"{name}/assets.extra/model.keras", "wb") as file:
        file.write(b"PK no archive")
    tbv.publish(name, "models", name=name, strict=True)
make().export("of-keras-2", verbose=False)
os.makedirs("of-keras-2/assets.extra")
with zipfile.ZipFile("of-keras-2/assets.extra/model.keras", "w") as archive:
    archive.writestr("metadata.json", json.dumps({"keras_version": "2.15.0"}))
tbv.publish("of-keras-2", "models", name="of-keras-2", strict=True)
os.makedirs("pytorch")
with open("pytorch/model.pt", "wb") as file:
    file.write(b"x")
tbv.publish("pytorch", "models", name="pytorch", strict=True)
"""

LOAD = """
def load(name, **how):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            model = tbv.load(name, models_dir="models", **how)
            kind = "keras" if isinstance(model, keras.Model) else "savedmodel"
            compiled = bool(getattr(model, "compiled", False))
        except tbv.TbVersionsError as error:
            kind, compiled = f"{type(error).__name__}: {error}", False
    own = [w for w in caught if issubclass(w.category, tbv.TbVersionsWarning)]
    assert all(w.filename == "<string>" for w in own), own
    return {"kind": kind, "compiled": compiled, "said": " ".join(str(w.message) for w in own)}

sys.modules["tf_keras"] = None
names = sorted(os.listdir("models"))
plain = {name: load(name) for name in names}
given = {name: load(name, custom_objects=OWN) for name in ("loss", "metric", "metric-class", "layer", "activation")}
strict = {name: load(name, strict=True) for name in ("loss", "layer", "lambda", "plain")}
others = {
    "loss without compile": load("loss", compile=False),
    "lambda, not safe": load("lambda", safe_mode=False),
    "registered, given": load("registered", custom_objects={"mine>Registered": Scale}),
}
with open("models/plain/1/notes.txt", "w") as file:
    file.write("seen by me")
others["a file more"] = load("plain")
others["a file more, strict"] = load("plain", strict=True)
print(json.dumps({"plain": plain, "given": given, "strict": strict, "others": others}))
"""


def run(script: str, folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])},
        timeout=HANGS,
    )
    assert done.returncode == 0, done.stderr[-3_000:]
    return done.stdout


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What loading says, in a process that knows none of the author's classes; by how and by model."""
    folder = tmp_path_factory.mktemp("load")
    run(OBJECTS + PUBLISH, folder)
    return json.loads(run(OBJECTS + LOAD, folder).splitlines()[-1])


@pytest.mark.parametrize("name", ["plain", "lookup", "ragged"])
def test_a_model_of_keras_own_layers_comes_back_as_it_was(loaded: Any, name: str) -> None:
    assert (loaded["plain"][name]["kind"], loaded["plain"][name]["said"]) == ("keras", "")


@pytest.mark.parametrize(("name", "what"), [("loss", "my_loss"), ("metric", "my_metric"), ("metric-class", "Far")])
def test_without_its_own_loss_or_metric_a_model_can_be_used_and_says_what_to_pass(
    loaded: Any, name: str, what: str
) -> None:
    found = loaded["plain"][name]
    assert (found["kind"], found["compiled"]) == ("keras", False)
    assert f"{name}:1 was loaded without its loss, metrics and optimizer: {what} is not known here." in found["said"]
    assert f"Pass custom_objects={{'{what}': {what}}}." in found["said"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("layer", "Scale is not known here. Pass custom_objects={'Scale': Scale}."),
        ("activation", "Pass custom_objects={'my_activation': my_activation}."),
        ("registered", "Import the module that registers it, or pass custom_objects={'mine>Registered': Registered}."),
        ("lambda", "If you trust who published it, pass safe_mode=False."),
        ("subclassed", "Net is not known here."),
        ("not-a-zip", "it was no zip file when published."),
        ("of-keras-2", "pip install tf_keras."),
    ],
)
def test_where_the_archive_cannot_be_loaded_the_saved_model_is_and_the_warning_says_why(
    loaded: Any, name: str, words: str
) -> None:
    found = loaded["plain"][name]
    assert found["kind"] == "savedmodel"
    assert words in found["said"]
    assert "Its SavedModel was loaded instead" in found["said"]


@pytest.mark.parametrize("name", ["loss", "metric", "metric-class", "layer", "activation"])
def test_custom_objects_are_passed_on(loaded: Any, name: str) -> None:
    assert loaded["given"][name] == {"kind": "keras", "compiled": True, "said": ""}


def test_compile_and_safe_mode_are_passed_on(loaded: Any) -> None:
    others = loaded["others"]
    assert others["loss without compile"] == {"kind": "keras", "compiled": False, "said": ""}
    assert others["lambda, not safe"] == {"kind": "keras", "compiled": True, "said": ""}
    assert others["registered, given"] == {"kind": "keras", "compiled": True, "said": ""}


def test_strict_takes_nothing_instead(loaded: Any) -> None:
    strict = loaded["strict"]
    assert strict["plain"] == {"kind": "keras", "compiled": True, "said": ""}
    for name, words in (("loss", "my_loss"), ("layer", "'Scale': Scale"), ("lambda", "safe_mode=False")):
        assert strict[name]["kind"].startswith("ModelLoadError: The Keras archive of ")
        assert words in strict[name]["kind"]


def test_a_module_is_loaded_and_other_files_are_named(loaded: Any) -> None:
    assert loaded["plain"]["module"] == {"kind": "savedmodel", "compiled": False, "said": ""}
    assert loaded["plain"]["pytorch"]["kind"].startswith("NotASavedModelError: pytorch:1 is no SavedModel; ")
    assert loaded["plain"]["only-not-a-zip"]["kind"].startswith("ModelLoadError: ")


def test_a_file_that_was_added_is_named_and_stops_only_a_strict_load(loaded: Any) -> None:
    found = loaded["others"]["a file more"]
    assert found["kind"] == "keras"
    assert (
        "was loaded without the files that were added after it was published: 1 file is extra: notes.txt."
        in (found["said"])
    )
    assert loaded["others"]["a file more, strict"]["kind"].startswith("VersionDamagedError: ")


KERAS_2 = """
import numpy as np, tf_keras
import tb_versions as tbv

def make(optimizer):
    model = tf_keras.Sequential([tf_keras.Input((4,), name="x"), tf_keras.layers.Dense(1)])
    model.compile(optimizer, "mse")
    model.fit(np.ones((8, 4)), np.ones((8, 1)), verbose=0)
    return model

tbv.publish(make("adam"), "models", name="archive", strict=True)
make(tf_keras.optimizers.legacy.Adam()).save("folder", save_format="tf")
tbv.publish("folder", "models", name="folder", strict=True)
"""

LOAD_KERAS_2 = """
import sys, warnings
import tb_versions as tbv
warnings.simplefilter("error", tbv.TbVersionsWarning)
print(type(tbv.load("archive", models_dir="models")).__module__.partition(".")[0])
tbv.load("folder", models_dir="models")
"""

WITHOUT_KERAS_2 = """
import sys
sys.modules["tf_keras"] = None
import tb_versions as tbv
try:
    tbv.load("folder", models_dir="models")
except tbv.MissingDependencyError as error:
    print(error)
"""


@pytest.mark.skipif(importlib.util.find_spec("tf_keras") is None, reason="tf_keras is not installed")
def test_models_of_keras_2_need_keras_2_and_say_so(tmp_path: Path) -> None:
    run(KERAS_2, tmp_path)
    assert run(LOAD_KERAS_2, tmp_path).split() == ["tf_keras"]
    assert run(WITHOUT_KERAS_2, tmp_path).strip().endswith("pip install tf_keras.")
