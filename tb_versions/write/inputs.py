"""Finds inputs of a model whose names Keras made up. They have a counter, so that a model built again has others."""

from __future__ import annotations

import re

from tb_versions.core.manifest import VersionManifest, shown
from tb_versions.write.failures import warn_once

_AUTOMATIC = re.compile(r"keras_tensor(_[0-9]+)?")
_AUTOMATIC_IN_KERAS_2 = re.compile(r"input_[0-9]+")


def is_automatic(name: str, keras: str) -> bool:
    """Returns whether Keras made a name up; "input_1" counts only where Keras 2 made the model.

    Args:
        name: Of an input.
        keras: Version of Keras that made the model; "" where it is not known.
    """
    return bool(_AUTOMATIC.fullmatch(name) or (keras.startswith("2.") and _AUTOMATIC_IN_KERAS_2.fullmatch(name)))


def automatic_names(manifest: VersionManifest) -> list[str]:
    """Returns the names of inputs that Keras made up, sorted.

    "input_1" counts only where the environment says that Keras 2 made the model: elsewhere somebody chose that name.
    """
    names = {
        tensor.name
        for graph in (manifest.saved_model.meta_graphs if manifest.saved_model else ())
        for signature in graph.signatures
        for tensor in signature.inputs
    }
    keras = manifest.environment.keras if manifest.environment else ""
    return sorted(name for name in names if is_automatic(name, keras))


def warn_of_automatic_names(manifest: VersionManifest) -> None:
    """Warns once for a model whose clients would break when it is built again."""
    names = automatic_names(manifest)
    if names:
        inputs = f"inputs {', '.join(map(shown, names[:5]))}" if len(names) > 1 else f"input {shown(names[0])}"
        warn_once(
            f"inputs of {manifest.model}",
            f"Keras chose the name of the {inputs} of {manifest.reference}. If the model is built again, the name may "
            "change, which breaks gRPC clients and requests in columns. Choose it yourself: "
            'keras.Input(shape, name="image").',
        )
