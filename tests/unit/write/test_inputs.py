"""Inputs with made-up names are pointed out once, with the remedy."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest

import tb_versions as tbv
from tb_versions.core.manifest import Environment, MetaGraph, SavedModel, Signature, Tensor, VersionManifest
from tb_versions.write.inputs import automatic_names, warn_of_automatic_names

NOTHING = tbv.Capture(code=False, environment=False, hardware=False)


def manifest(*names: str, keras: str = "3.15.1", number: int = 1) -> VersionManifest:
    signature = Signature(key="serving_default", inputs=tuple(Tensor(name=name) for name in names))
    model = SavedModel(meta_graphs=(MetaGraph(signatures=(signature,)),))
    return VersionManifest(model="m", number=number, saved_model=model, environment=Environment(keras=keras))


@pytest.mark.parametrize(
    ("name", "keras", "automatic"),
    [
        ("keras_tensor", "3.15.1", True),
        ("keras_tensor_57", "3.15.1", True),
        ("input_1", "2.21.0", True),
        ("input_1", "3.15.1", False),
        ("image", "3.15.1", False),
        ("my_keras_tensor_5", "3.15.1", False),
        ("args_0", "3.15.1", False),
    ],
)
def test_made_up_names_are_recognised(name: str, keras: str, automatic: bool) -> None:
    assert automatic_names(manifest(name, keras=keras)) == ([name] if automatic else [])


def test_a_model_without_a_graph_has_none() -> None:
    assert automatic_names(VersionManifest(model="m", number=1)) == []


def test_a_model_is_pointed_out_once_with_all_its_inputs() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for number in (1, 2):
            warn_of_automatic_names(manifest("keras_tensor_1", "keras_tensor_2", "image", number=number))
        warn_of_automatic_names(manifest("image"))
    (said,) = [str(w.message) for w in caught]
    assert 'inputs "keras_tensor_1", "keras_tensor_2" of m:1' in said
    assert 'keras.Input(shape, name="image")' in said


@pytest.mark.tensorflow
def test_publishing_says_so_and_a_name_ends_it(tmp_path: Path) -> None:
    import keras

    nameless = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    with pytest.warns(tbv.TbVersionsWarning, match="Keras chose the name of the input"):
        tbv.publish(nameless, tmp_path, name="m", strict=True, capture=NOTHING)
    with warnings.catch_warnings():
        warnings.simplefilter("error", tbv.TbVersionsWarning)
        named = keras.Sequential([keras.Input((2,), name="image"), keras.layers.Dense(1)])
        tbv.publish(named, tmp_path, name="n", strict=True, capture=NOTHING)
