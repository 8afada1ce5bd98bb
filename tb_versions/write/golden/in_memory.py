"""What the model in memory answers, to compare its export with. It is asked on the CPU, as the export is."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any

from tb_versions.core.golden.arrays import parts_of, plain_array
from tb_versions.core.golden.file import Array
from tb_versions.core.manifest import Signature, shown, visible
from tb_versions.errors import InvalidManifestError

_DEFAULT = "serving_default"
_OF_KERAS = (_DEFAULT, "serve")


def answers_in_memory(
    model: Any, signature: Signature, inputs: Mapping[str, Array], *, is_keras: bool, signatures: object = None
) -> dict[str, Array]:
    """Returns what the model in memory answers, by the names of the signature's outputs.

    Args:
        model: A Keras model or a tf.Module.
        signature: Of its export.
        inputs: By name.
        is_keras: Whether it is a Keras model.
        signatures: As given to `publish`, for a tf.Module.

    Raises:
        InvalidManifestError: It can't be asked for the same; the text says why.
    """
    tf = sys.modules.get("tensorflow")
    if tf is None:
        raise InvalidManifestError("TensorFlow is not loaded here.")
    call = _keras_call(model, signature) if is_keras else _function(model, signature, signatures)
    dtypes = {tensor.name: tensor.dtype for tensor in signature.inputs}
    try:
        with tf.device("/CPU:0"):
            tensors = {name: _tensor(tf, value, dtypes[name]) for name, value in inputs.items()}
            found = call(tensors)
    except Exception as error:
        line = visible(str(error).strip().partition("\n")[0])[:200]
        raise InvalidManifestError(f"The model in memory can't be asked: {type(error).__name__}: {line}") from error
    named = _named(tf, found, [tensor.name for tensor in signature.outputs])
    parts = {name: part for output, value in named.items() for name, part in parts_of(output, value).items()}
    return {name: plain_array(name, part) for name, part in parts.items()}


def _tensor(tf: Any, value: Array, dtype: str) -> Any:
    if value.dtype.kind == "O":
        return tf.constant(value.tolist(), tf.string, shape=value.shape)
    return tf.constant(value, dtype)


def _keras_call(model: Any, signature: Signature) -> Callable[[Mapping[str, Any]], Any]:
    if signature.key not in _OF_KERAS:
        raise InvalidManifestError(f"What the signature {shown(signature.key)} calls is not known.")

    def call(tensors: Mapping[str, Any]) -> Any:
        if len(tensors) == 1:
            return model(next(iter(tensors.values())), training=False)
        known = [each.name for each in getattr(model, "inputs", None) or ()]
        if not known:
            return model(dict(tensors), training=False)
        nest = sys.modules["tensorflow"].nest
        return model(nest.map_structure(lambda each: tensors[each.name], model.input), training=False)

    return call


def _function(model: Any, signature: Signature, signatures: object) -> Callable[[Mapping[str, Any]], Any]:
    """The function of a tf.Module that became a signature."""
    if isinstance(signatures, Mapping):
        function = signatures.get(signature.key)
    elif signatures is not None:
        function = signatures if signature.key == _DEFAULT else None
    else:
        named = [name for cls in type(model).__mro__ for name, value in vars(cls).items() if _is_traced(value)]
        function = getattr(model, named[0]) if len(named) == 1 and signature.key == _DEFAULT else None
    if not callable(function):
        raise InvalidManifestError(f"Which function became the signature {shown(signature.key)} is not known.")
    return lambda tensors: _called(function, tensors)


def _called(function: Any, tensors: Mapping[str, Any]) -> Any:
    """What a function returns for the inputs of its signature; ragged and sparse ones are put together again."""
    nest = sys.modules["tensorflow"].nest
    concrete = function if hasattr(function, "structured_input_signature") else function.get_concrete_function()
    specs = concrete.structured_input_signature
    flat = nest.flatten(specs, expand_composites=True)
    if len(flat) == len(nest.flatten(specs)):
        return function(**tensors)
    names = [argument.name for argument in concrete.function_def.signature.input_arg[: len(flat)]]
    if set(names) != tensors.keys():
        raise InvalidManifestError(f"Which arguments {', '.join(map(shown, sorted(tensors)))} are is not known.")
    arguments, named = nest.pack_sequence_as(specs, [tensors[name] for name in names], expand_composites=True)
    return function(*arguments, **named)


def _is_traced(value: object) -> bool:
    """Whether it is a tf.function with an input signature, which TensorFlow exports by itself if it is the only one."""
    return hasattr(value, "get_concrete_function") and getattr(value, "input_signature", None) is not None


def _named(tf: Any, found: Any, names: list[str]) -> dict[str, Any]:
    """What was returned, by the names that the export gave to it."""
    if isinstance(found, Mapping) and {str(name) for name in found} == set(names):
        return {str(name): value for name, value in found.items()}
    flat = tf.nest.flatten(found)
    if len(flat) == len(names) == 1:
        return {names[0]: flat[0]}
    numbered = [f"output_{index}" for index in range(len(flat))]
    if set(numbered) == set(names):
        return dict(zip(numbered, flat, strict=True))
    raise InvalidManifestError("Which of its outputs became which of the export's is not known.")
