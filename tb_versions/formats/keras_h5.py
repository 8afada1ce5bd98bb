"""Keras's weights in HDF5: `.h5` files of old, and the `model.weights.h5` inside of Keras 3's archives."""

from __future__ import annotations

import re
from collections.abc import Sequence
from io import FileIO
from typing import Any

import orjson

from tb_versions.core.manifest import MetaGraph, SavedModel, Shape, Signature, Tensor, Variable, visible
from tb_versions.formats.hdf5 import Dataset, Hdf5, UnknownFormError
from tb_versions.formats.keras_config import inputs_of
from tb_versions.formats.safetensors import summed

_OF_A_LAYER = re.compile(r"(?:.+/)?vars/[0-9]+", re.ASCII)
_NOT_WEIGHTS = frozenset({"optimizer", "metrics", "seed_generator"})
_OLD = "model_weights/"


def read(file: FileIO) -> tuple[SavedModel | None, str]:
    """Returns inputs and weights of a model in a `.h5` file, or None, and the version of Keras that wrote it.

    Raises:
        WireError, ValueError, struct.error: It is damaged or too large.
    """
    try:
        hdf5 = Hdf5(file)
        texts, datasets = hdf5.attributes(), list(hdf5.datasets())
    except UnknownFormError:
        return None, ""
    version = visible(texts.get("keras_version", ""))[:100]
    return told(_inputs(texts.get("model_config", "")), weights(datasets, is_old=bool(version))), version


def read_config(file: FileIO) -> tuple[dict[str, Any], bool]:
    """Returns the configuration of the model in a `.h5` file, and whether arrays in it have their data in other files.

    The configuration is empty where the file holds weights alone.

    Raises:
        UnknownFormError: It is of a form of HDF5 that is not read.
        WireError, ValueError, struct.error: It is damaged or too large.
    """
    hdf5 = Hdf5(file)
    value = orjson.loads(hdf5.attributes().get("model_config", "") or "{}")
    for _ in hdf5.datasets():
        pass
    return value if isinstance(value, dict) else {}, hdf5.reaches_out


def told(inputs: tuple[Tensor, ...], variables: Sequence[Variable] | None) -> SavedModel | None:
    """Returns what a model of Keras says; None where that is nothing.

    Args:
        inputs: Those of the model.
        variables: Its weights; None where they are not known.
    """
    if not inputs and variables is None:
        return None
    graphs = (MetaGraph(signatures=(Signature(key="call", inputs=inputs),)),) if inputs else ()
    counted = summed(list(variables or ()))
    return SavedModel(
        meta_graphs=graphs,
        variables=counted.variables,
        variables_omitted=counted.variables_omitted,
        parameter_count=counted.parameter_count,
    )


def weights(datasets: Sequence[Dataset], *, is_old: bool = False) -> list[Variable] | None:
    """Returns the weights among arrays; None where they are not arrays of a model of Keras.

    Left out are the state of the optimizer, of metrics and of random generators, which are no parameters of the model.

    Args:
        datasets: All in a file.
        is_old: Whether the file says that Keras wrote it, as those of the old form do.
    """
    whole = [dataset for dataset in datasets if dataset.path.startswith(_OLD)]
    if whole:
        return [_variable(dataset, dataset.path.removeprefix(_OLD)) for dataset in whole]
    if is_old:
        return [_variable(each, each.path) for each in datasets if not each.path.startswith("optimizer_weights/")]
    layers = [dataset for dataset in datasets if _OF_A_LAYER.fullmatch(dataset.path)]
    if not layers or len(layers) < len(datasets):
        return None
    return [_variable(each, each.path) for each in layers if not _NOT_WEIGHTS & set(each.path.split("/"))]


def _variable(dataset: Dataset, name: str) -> Variable:
    return Variable(name=visible(name)[:1_024], dtype=dataset.dtype, shape=Shape(dimensions=dataset.sizes))


def _inputs(config: str) -> tuple[Tensor, ...]:
    if not config:
        return ()
    value = orjson.loads(config)
    return inputs_of(value) if isinstance(value, dict) else ()
