"""Which files are a model, by their endings. Opens nothing."""

from __future__ import annotations

import os
from dataclasses import dataclass

FORMATS = {
    ".keras": "keras",
    ".h5": "keras_h5",
    ".hdf5": "keras_h5",
    ".tflite": "tflite",
    ".onnx": "onnx",
    ".safetensors": "safetensors",
    ".pt": "pytorch",
    ".pth": "pytorch",
    ".ckpt": "pytorch",
}
"""Endings of files that hold a model, and what they are."""


@dataclass(frozen=True)
class Model:
    """A folder with a model and no manifest.

    Attributes:
        folder: As the user named it, or below that.
        format: "saved_model", "orbax", or one of `FORMATS`.
        file: Name of the model's file, where it is one; else "".
        is_loose: Whether other things lie beside that file, so that the folder is not the model.
    """

    folder: str
    format: str
    file: str = ""
    is_loose: bool = False

    @property
    def path(self) -> str:
        """Path of the folder, or of the file that lies loose."""
        return os.path.join(self.folder, self.file) if self.is_loose else self.folder

    @property
    def only(self) -> str:
        """Name of the file where that is all of the model; "" where all in the folder is."""
        return self.file if self.is_loose else ""


def format_of(name: str) -> str:
    """Returns the format of a file by its ending; "" of one that holds no model."""
    return FORMATS.get(os.path.splitext(name)[1].lower(), "")
