"""Asks the signatures of a loaded SavedModel. Runs in the worker's process, which has TensorFlow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tb_versions.core.golden.arrays import parts_of, plain_array
from tb_versions.core.golden.file import Array, Asked
from tb_versions.core.manifest import shown, visible
from tb_versions.errors import InvalidManifestError


class NoAnswerHereError(Exception):
    """A signature can't be asked, or gives what is not compared; the text is a sentence."""


def answers_of(model: Any, key: str, asked: Asked) -> tuple[dict[str, Array], dict[str, str]]:
    """Returns what a signature answers, and TensorFlow's name of the type of each output.

    Args:
        model: A loaded SavedModel.
        key: Of the signature.
        asked: The inputs.

    Raises:
        NoAnswerHereError: There is no such signature, or it fails, or its outputs are no tensors.
    """
    signature = getattr(model, "signatures", {}).get(key)
    if signature is None:
        raise NoAnswerHereError(f"It has no signature {shown(key)}.")
    _, specs = signature.structured_input_signature
    if specs.keys() != asked.inputs.keys():
        raise NoAnswerHereError(
            f"The signature {shown(key)} takes {_listed(specs)}, and it was asked with {_listed(asked.inputs)}."
        )
    try:
        found = signature(**{name: _tensor(asked.inputs[name], specs[name]) for name in specs})
    except Exception as error:
        raise NoAnswerHereError(f"The signature {shown(key)} fails: {_first_line(error)}") from error
    parts = {name: part for output, value in found.items() for name, part in parts_of(output, value).items()}
    try:
        answers = {name: plain_array(name, part) for name, part in parts.items()}
    except InvalidManifestError as error:
        raise NoAnswerHereError(str(error)) from error
    return answers, {name: getattr(getattr(part, "dtype", None), "name", "") for name, part in parts.items()}


def _tensor(value: Array, spec: Any) -> Any:
    import tensorflow as tf

    if value.dtype.kind == "O":
        return tf.constant(value.tolist(), tf.string, shape=value.shape)
    return tf.constant(value, getattr(spec, "dtype", None))


def _listed(names: Mapping[str, Any]) -> str:
    return ", ".join(map(shown, sorted(names))) or "nothing"


def _first_line(error: Exception) -> str:
    line = str(error).strip().partition("\n")[0]
    return f"{type(error).__name__}: {visible(line)[:300].rstrip('.')}."
