"""Weights and inputs of Keras's files, as Keras itself counts them."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import h5py
import pytest

from tb_versions.errors import NotAModelError
from tb_versions.formats import Told, read_format
from tb_versions.formats.hdf5 import Dataset
from tb_versions.formats.keras_h5 import weights
from tb_versions.formats.models import Model


def read(path: Path) -> Told:
    kind = "keras" if path.suffix == ".keras" else "keras_h5"
    return read_format(Model(str(path.parent), kind, path.name, True))


def test_states_of_optimizers_metrics_and_random_generators_are_no_weights() -> None:
    paths = ["layers/d/vars/0", "optimizer/vars/0", "layers/drop/seed_generator/vars/0", "metrics/m/vars/0"]
    found = weights([Dataset(path, (2, 3), "float32") for path in paths])
    assert found is not None
    assert [variable.name for variable in found] == ["layers/d/vars/0"]


def test_arrays_of_others_are_not_counted(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "data.h5", "w") as file:
        file.create_dataset("images", (1_000, 28, 28), dtype="uint8")
    assert read(tmp_path / "data.h5").saved_model is None
    with h5py.File(tmp_path / "new.h5", "w", libver="latest") as file:
        file.create_dataset("layers/d/vars/0", (3,), dtype="float32")
    assert read(tmp_path / "new.h5") == Told("keras_h5")


def test_what_is_no_hdf5_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "a.h5").write_bytes(b"x" * 200)
    with pytest.raises(NotAModelError, match="it is not an HDF5 file"):
        read(tmp_path / "a.h5")


def test_weights_in_an_archive_that_are_elsewhere_than_it_says_are_a_sentence(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.keras", "w") as packed:
        packed.writestr("config.json", "{}")
        packed.writestr("metadata.json", "{}")
        packed.writestr("model.weights.h5", b"no HDF5" * 100)
    with pytest.raises(NotAModelError, match="it is not an HDF5 file"):
        read(tmp_path / "a.keras")


def _models() -> Iterator[tuple[str, Callable[[Any], Any]]]:
    yield "dense", lambda layers: [layers.Input((8,)), layers.Dense(16), layers.BatchNormalization(), layers.Dense(3)]
    yield "many", lambda layers: [layers.Input((4,)), *(layers.Dense(4) for _ in range(40)), layers.Dropout(0.5)]
    yield "image", lambda layers: [layers.Input((8, 8, 1)), layers.Conv2D(4, 3), layers.Flatten(), layers.Dense(2)]
    yield "text", lambda layers: [layers.Input((6,)), layers.Embedding(50, 8), layers.LSTM(5), layers.Dense(1)]


@pytest.mark.tensorflow
@pytest.mark.parametrize("name", [name for name, _ in _models()])
def test_parameters_and_shapes_are_those_that_keras_counts(tmp_path: Path, name: str) -> None:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import keras

    inner = keras.Sequential(dict(_models())[name](keras.layers), name="inner")
    nested = keras.Sequential([keras.layers.Input(inner.input_shape[1:]), inner, keras.layers.Dense(7)])
    for model in (inner, nested):
        model.compile("adam", "mse", metrics=["mae"])
        model.optimizer.build(model.trainable_variables)
        for ending in ("a.keras", "b.h5"):
            model.save(tmp_path / ending)
        model.save_weights(tmp_path / "c.weights.h5")
        told = {ending: read(tmp_path / ending) for ending in ("a.keras", "b.h5", "c.weights.h5")}
        for each in told.values():
            assert each.saved_model is not None
            assert each.saved_model.parameter_count == model.count_params()
            shapes = sorted(v.shape.dimensions for v in each.saved_model.variables if v.shape)
            assert shapes == sorted(tuple(weight.shape) for weight in model.weights)
        for ending in ("a.keras", "b.h5"):
            found = told[ending]
            assert found.environment is not None
            assert found.environment.keras == keras.__version__
            assert found.saved_model is not None
            (tensor,) = found.saved_model.meta_graphs[0].signatures[0].inputs
            assert tensor.shape is not None
            assert tensor.shape.dimensions == (-1, *model.input_shape[1:])
