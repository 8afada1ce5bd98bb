"""Checksums of a model's weights, to recognise weights that were seen before. Loads neither Keras nor TensorFlow.

A callback that restores or swaps weights doesn't announce it. So the weights of an epoch are recognised by their bits:
two checksums are equal if every variable has the same type, shape and bits.

An epoch may last less than a second, so this must be fast. A large variable is not hashed itself. It is read as a
table of 64-bit integers, 127 in each row, and the sums of its rows and of its columns are hashed; a sum that does not
fit wraps around. Both kinds of sums together notice where a value is, not only that it is somewhere. Sums are computed
on the device that holds the variable, so only they are copied from a GPU.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_COLUMNS = 127
"""Numbers in a row: a prime number, so that a row of the table is not a row of any usual layer."""

_FEWEST_ROWS = 16
"""A smaller variable is hashed itself: its sums would not be much smaller."""

_WORD = 8
"""Bytes in one number."""


def checksum(model: Any) -> bytes | None:
    """Returns a checksum of all weights of a model, trainable or not.

    Args:
        model: A Keras model, another object with variables in `weights` or `variables`, a PyTorch module, or the
            mapping that its `state_dict()` returns.

    Returns:
        32 bytes; None if the model has no list of weights, or one can't be read (it is not built yet, its device has no
        memory left …).
    """
    try:
        total = hashlib.sha256()
        for variable in _variables(model):
            value = _value(variable)
            total.update(f"{value.dtype} {value.shape}\n".encode())
            for part in _parts(value):
                total.update(part)
        return total.digest()
    except Exception:  # noqa: BLE001 -- weights that can't be read are unknown; they must not stop a training
        return None


def _variables(model: Any) -> Iterable[Any]:
    """All weights, and variables of TensorFlow that are exported with the model though Keras does not list them.

    Keras' `weights` leaves out the states of metrics and random seeds, which `variables` has. Keras 3 leaves out a
    `tf.Variable` that a layer has as an attribute, too, and so do callbacks that restore weights.
    """
    if isinstance(model, Mapping) or _is_torch_module(model):
        return _tensors(model)
    listed = list(model.weights if hasattr(model, "weights") else model.variables)
    known = {id(variable) for variable in listed}
    return listed + [variable for variable in _unlisted(model) if id(variable) not in known]


def _is_torch_module(model: Any) -> bool:
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(model, torch.nn.Module) and not hasattr(model, "_flatten_layers")


def _tensors(model: Any) -> Iterable[Any]:
    """The tensors in the state of a PyTorch module, by name; what else a module keeps there is no weight."""
    state = model if isinstance(model, Mapping) else model.state_dict()
    return [state[name] for name in sorted(state) if hasattr(state[name], "dtype")]


def _unlisted(model: Any) -> list[Any]:
    """Every `tf.Variable` in attributes of a Keras 3 model and its layers, also in lists, mappings and `tf.Module`s.

    Models of Keras 2 are modules themselves, and list all variables but counters of their own.
    """
    tf = sys.modules.get("tensorflow")
    if tf is None or isinstance(model, tf.Module) or not hasattr(model, "_flatten_layers"):
        return []
    found: dict[int, Any] = {}
    for layer in model._flatten_layers():
        for name in sorted(vars(layer)):
            found.update({id(variable): variable for variable in _in_attribute(vars(layer)[name], tf)})
    return list(found.values())


def _in_attribute(value: Any, tf: Any) -> Iterable[Any]:
    if isinstance(value, tf.Variable):
        return [value]
    if isinstance(value, tf.Module) and not hasattr(value, "_flatten_layers"):
        return cast("Iterable[Any]", value.variables)
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        return [variable for each in value for variable in _in_attribute(each, tf)]
    return ()


def _value(variable: Any) -> Any:
    """The tensor or array in a variable: its `value`, which in TensorFlow is a method."""
    value = getattr(variable, "value", variable)
    value = value() if callable(value) else value
    return value.value() if hasattr(value, "value") else value  # Keras 3 on TensorFlow: `value` was a tf.Variable


def _parts(value: Any) -> Iterable[bytes]:
    if not _is_tensorflow(value):
        return sums(_bits_of_other_libraries(value))
    if "CPU" in value.device:
        return sums(_bits_of_tensorflow(value))
    return device_sums(value)


def sums(data: npt.NDArray[np.uint8]) -> Iterable[bytes]:
    """Returns what is hashed of a variable in this process's memory.

    Args:
        data: Its bytes.
    """
    import numpy as np

    rows = len(data) // (_COLUMNS * _WORD)
    if rows < _FEWEST_ROWS:
        return [data.tobytes()]
    end = rows * _COLUMNS * _WORD
    table = data[:end].view(np.int64).reshape(rows, _COLUMNS)
    return [table.sum(axis=0).tobytes(), table.sum(axis=1).tobytes(), data[end:].tobytes()]


def device_sums(value: Any) -> Iterable[bytes]:
    """Returns the same as `sums` for a tensor of TensorFlow, computed where the tensor is."""
    tf = sys.modules["tensorflow"]
    value = tf.cast(value, tf.uint8) if value.dtype == tf.bool else value
    flat = tf.reshape(value, [-1])
    in_a_word = _WORD // value.dtype.size
    rows = flat.shape[0] // (_COLUMNS * in_a_word)
    if rows < _FEWEST_ROWS:
        return [_bits_of_tensorflow(flat).tobytes()]
    end = rows * _COLUMNS * in_a_word
    words = tf.bitcast(tf.reshape(flat[:end], [-1, in_a_word] if in_a_word > 1 else [-1]), tf.int64)
    table = tf.reshape(words, [rows, _COLUMNS])
    by_column, by_row = tf.reduce_sum(table, 0), tf.reduce_sum(table, 1)
    return [by_column.numpy().tobytes(), by_row.numpy().tobytes(), _bits_of_tensorflow(flat[end:]).tobytes()]


def _is_tensorflow(value: Any) -> bool:
    tf = sys.modules.get("tensorflow")
    return tf is not None and isinstance(value, tf.Tensor)


def _bits_of_tensorflow(value: Any) -> npt.NDArray[np.uint8]:
    """A tensor's bytes; on a CPU without a copy."""
    import numpy as np

    if "CPU" not in value.device:
        return np.ascontiguousarray(value.numpy()).reshape(-1).view(np.uint8)
    try:
        array = np.asarray(memoryview(value))
    except ValueError:  # NumPy has no bfloat16 of its own
        array = np.asarray(memoryview(sys.modules["tensorflow"].bitcast(value, "uint8")))
    return array.reshape(-1).view(np.uint8)


def _bits_of_other_libraries(value: Any) -> npt.NDArray[np.uint8]:
    """The bytes of an array or of a tensor of PyTorch or JAX."""
    import numpy as np

    torch = sys.modules.get("torch")
    if torch is not None and isinstance(value, torch.Tensor):
        value = value.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy()
    return np.ascontiguousarray(np.asarray(value)).reshape(-1).view(np.uint8)
