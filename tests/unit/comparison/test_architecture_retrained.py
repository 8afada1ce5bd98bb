"""Models that Keras builds twice in one process, with other counters in their names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tb_versions.comparison.rows.graphs import compare_graphs
from tb_versions.comparison.rows.signatures import compare_models
from tb_versions.core.manifest import VersionManifest
from tb_versions.savedmodel import read_saved_model

pytestmark = pytest.mark.tensorflow


def sequential(units: int = 16, activation: str = "relu", **more: Any) -> Any:
    from keras import Input, Sequential, layers

    dense = layers.Dense
    return Sequential([Input((8,)), dense(units, activation, **more), dense(16, "relu"), dense(1)])


def functional(*, is_shared: bool = False) -> Any:
    from keras import Input, Model, layers

    entry = Input((8,))
    first = layers.Dense(8, "relu")
    second = first if is_shared else layers.Dense(8, "relu")
    return Model(entry, layers.Dense(1)(layers.add([first(entry), second(first(entry))])))


def nested() -> Any:
    from keras import Input, Sequential, layers

    inner = [Sequential([layers.Dense(16, "relu"), layers.Dense(8)]) for _ in range(2)]
    return Sequential([Input((8,)), *inner, layers.Dense(1)])


def subclassed() -> Any:
    import keras
    import numpy as np

    class Net(keras.Model):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.blocks = [keras.layers.Dense(8, "relu") for _ in range(11)]

        def call(self, x: Any) -> Any:
            for block in self.blocks:
                x = block(x)
            return x

    net = Net()
    net(np.zeros((1, 8), np.float32))
    return net


def convolutional() -> Any:
    from keras import Input, Sequential, layers

    block = [
        part
        for _ in range(2)
        for part in (layers.Conv2D(4, 3, padding="same"), layers.BatchNormalization(), layers.ReLU())
    ]
    return Sequential([Input((8, 8, 1)), *block, layers.GlobalAveragePooling2D(), layers.Dense(1)])


def recurrent() -> Any:
    from keras import Input, Sequential, layers

    cells = (layers.LSTM(8, return_sequences=True), layers.GRU(8, return_sequences=True), layers.LSTM(4))
    return Sequential([Input((5, 8)), *cells, layers.Dense(1)])


def exported(make: Callable[[], Any], folder: Path) -> VersionManifest:
    make().export(folder, verbose=False)
    return VersionManifest(model="m", number=1, saved_model=read_saved_model(folder))


@pytest.mark.parametrize("make", [sequential, functional, nested, subclassed, convolutional, recurrent])
def test_a_model_built_again_has_the_same_architecture(tmp_path, make):
    old, new = exported(make, tmp_path / "1"), exported(make, tmp_path / "2")
    finding = compare_graphs(old, new)
    assert finding.verdict == "same architecture, other weight files"
    assert not finding.renamed


def test_what_differs_is_told_though_counters_differ_too(tmp_path):
    base = exported(sequential, tmp_path / "1")
    others = {
        "units": lambda: sequential(24),
        "activation": lambda: sequential(activation="tanh"),
        "type": lambda: sequential(dtype="float16"),
    }
    for name, make in others.items():
        assert compare_graphs(base, exported(make, tmp_path / name)).verdict == "different architecture", name
    shared = exported(lambda: functional(is_shared=True), tmp_path / "shared")
    assert compare_graphs(shared, exported(functional, tmp_path / "apart")).verdict == "different architecture"


def test_clients_of_a_model_built_again_are_told_apart(tmp_path):
    old, new = exported(sequential, tmp_path / "1").saved_model, exported(sequential, tmp_path / "2").saved_model
    finding = compare_models(old, new)
    assert finding.verdict == "breaking"
    (words,) = {reason.partition(": ")[2] for reason in finding.reasons}
    assert "gRPC clients break" in words
    assert "columns" in words
    assert "REST rows" in words
