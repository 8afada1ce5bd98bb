"""A checksum of weights differs when any bit, shape, type or place differs, and only then."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tb_versions.write.weights import checksum, device_sums, sums

LARGE = 127 * 16 * 2  # float32 values that fill the fewest rows which are summed


def of(*arrays: Any) -> bytes:
    result = checksum(SimpleNamespace(weights=list(arrays)))
    assert result is not None
    return result


@pytest.mark.parametrize("size", [3, LARGE, LARGE + 1, 10 * LARGE])
def test_every_single_bit_counts(size: int) -> None:
    values = np.random.default_rng(0).normal(size=size).astype("float32")
    before = of(values)
    assert of(values.copy()) == before
    for place in (0, size // 2, size - 1):
        changed = values.copy()
        changed.view(np.uint32)[place] ^= 1
        assert of(changed) != before


@pytest.mark.parametrize("distance", [1, 2, 127, 254, 1_024, 4_096])
def test_exchanged_values_count(distance: int) -> None:
    values = np.ones(10 * LARGE, "float32")
    values[5] = 2
    changed = np.ones(10 * LARGE, "float32")
    changed[5 + distance] = 2
    assert of(values) != of(changed)


def test_shape_type_and_order_of_variables_count() -> None:
    zeros = np.zeros((2, 3), "float32")
    others = (zeros.reshape(3, 2), zeros.astype("int32"), zeros.astype("float64"))
    assert len({of(zeros), *(of(other) for other in others)}) == 4
    ones = np.ones((2, 3), "float32")
    assert of(zeros, ones) != of(ones, zeros)


@given(st.binary(max_size=64), st.binary(max_size=64))
def test_different_bytes_have_different_checksums(first: bytes, second: bytes) -> None:
    arrays = [np.frombuffer(data, np.uint8) for data in (first, second)]
    assert (of(arrays[0]) == of(arrays[1])) is (first == second)


def test_weights_that_can_not_be_read_have_none() -> None:
    assert checksum(object()) is None
    assert checksum(SimpleNamespace(weights=[object()])) is None
    assert checksum(SimpleNamespace(variables=[])) == checksum(SimpleNamespace(weights=()))


@pytest.mark.tensorflow
@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64", "int8", "int64", "bool", "complex64"])
@pytest.mark.parametrize("size", [0, 5, 20 * LARGE + 3])
def test_a_device_computes_the_same_sums(dtype: str, size: int) -> None:
    import tensorflow as tf

    values = tf.cast(tf.random.uniform([size], 0, 100, dtype=tf.int32), dtype)
    data = np.ascontiguousarray(values.numpy()).view(np.uint8)
    assert b"".join(device_sums(values)) == b"".join(sums(data))


@pytest.mark.tensorflow
def test_all_weights_of_a_model_count_and_states_of_metrics_and_seeds_do_not() -> None:
    import keras

    layers = [keras.layers.Dense(3, trainable=False), keras.layers.BatchNormalization(), keras.layers.Dropout(0.5)]
    model = keras.Sequential([keras.Input((4,)), *layers, keras.layers.Dense(2, dtype="bfloat16")])
    model.compile("sgd", "mse", metrics=["mae"])
    before = checksum(model)
    model.evaluate(np.ones((4, 4)), np.ones((4, 2)), verbose=0)
    model(np.ones((4, 4)), training=True)  # moves the seed of Dropout, and the averages of BatchNormalization
    moved = checksum(model)
    assert moved != before
    for weight in model.weights:
        kept = weight.numpy()
        weight.assign(kept + 1)
        assert checksum(model) != moved
        weight.assign(kept)
    assert checksum(model) == moved


@pytest.mark.tensorflow
@pytest.mark.parametrize("place", ["attribute", "list", "mapping", "module", "nested module"])
def test_a_variable_of_tensorflow_that_keras_does_not_list_counts(place: str) -> None:
    import keras
    import tensorflow as tf

    variable, module, outer = tf.Variable(1.0), tf.Module(), tf.Module()
    module.own, outer.inner = variable, module
    held = {"list": [(variable,)], "mapping": {"a": [variable]}, "module": module, "nested module": [outer]}
    layer = keras.layers.Dense(3)
    layer.held = held.get(place, variable)
    model = keras.Sequential([keras.Input((4,)), layer, keras.layers.Dropout(0.5)])
    model.compile("adam", "mse", metrics=["mae"])
    before = checksum(model)
    model.fit(np.ones((4, 4)), np.ones((4, 3)), epochs=0)
    model.evaluate(np.ones((4, 4)), np.ones((4, 3)), verbose=0)
    assert checksum(model) == before
    variable.assign(2.0)
    assert checksum(model) not in (before, None)
