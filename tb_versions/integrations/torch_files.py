"""What files with PyTorch's weights say: safetensors by their header, others by what is known of them in memory."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from typing import Any

from tb_versions.core.manifest import SavedModel, Shape, Variable, visible
from tb_versions.formats import read_format
from tb_versions.formats.models import Model
from tb_versions.formats.safetensors import summed
from tb_versions.write.savers import Told

FORMAT = "pytorch"
"""The manifest's format of what `torch.save` writes."""


def tell_safetensors(folder: str) -> Told:
    """Returns what the safetensors in a folder say; where there are none, that they are files."""
    if not any(name.endswith(".safetensors") for name in os.listdir(folder)):
        return Told("files")
    told = read_format(Model(folder=folder, format="safetensors"))
    return Told(told.format, told.saved_model)


def tensors(state: Mapping[str, Any]) -> SavedModel:
    """Returns names, types and shapes of the tensors in a state."""
    return summed(
        [
            Variable(
                name=visible(str(name))[:1_024],
                dtype=str(value.dtype).rpartition(".")[2],
                shape=Shape(dimensions=tuple(int(size) for size in value.shape)),
            )
            for name, value in state.items()
            if hasattr(value, "dtype") and math.prod(value.shape) >= 0
        ]
    )
