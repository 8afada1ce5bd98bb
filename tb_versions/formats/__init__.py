"""What a model's files say of themselves without running anything: headers are parsed, nothing is unpickled or loaded.

Each format has a module with a function `read(file, path)`, which gets an open plain file. PyTorch's and orbax's files
are only listed and hashed.
"""

from __future__ import annotations

import os
import stat
import struct
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import FileIO

from tb_versions.core.manifest import Environment, SavedModel
from tb_versions.errors import NotAModelError
from tb_versions.formats import keras, keras_h5, onnx, safetensors, tflite
from tb_versions.formats.models import Model
from tb_versions.savedmodel.wire import WireError

_OPEN_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@dataclass(frozen=True)
class Told:
    """What files say.

    Attributes:
        format: As in the manifest.
        saved_model: Inputs, outputs, variables; None where the format does not say them. A SavedModel's own is read
            with its digest.
        environment: The software that wrote it, where the file names it.
    """

    format: str
    saved_model: SavedModel | None = None
    environment: Environment | None = None


def read_format(model: Model) -> Told:
    """Returns what the files of a model say.

    Raises:
        NotAModelError: A file is not what its ending says, or is damaged; the message names it.
    """
    if model.format == "keras":
        with opened(os.path.join(model.folder, model.file)) as file:
            told, version = keras.read(file)
            return Told("keras", told, Environment(keras=version) if version else None)
    if model.format == "safetensors":
        return Told("safetensors", safetensors.joined(_shards(model)))
    if model.format in _READERS:
        with opened(os.path.join(model.folder, model.file)) as file:
            return Told(model.format, _READERS[model.format](file))
    if model.format == "keras_h5":
        with opened(os.path.join(model.folder, model.file)) as file:
            told, version = keras_h5.read(file)
            return Told("keras_h5", told, Environment(keras=version) if version else None)
    return Told("saved_model" if model.format == "saved_model" else "files")


_READERS: dict[str, Callable[[FileIO], SavedModel]] = {"onnx": onnx.read, "tflite": tflite.read}


def _shards(model: Model) -> Iterator[SavedModel]:
    for name in [model.file] if model.is_loose else sorted(os.listdir(model.folder)):
        if name.lower().endswith(".safetensors"):
            with opened(os.path.join(model.folder, name)) as file:
                yield safetensors.read(file)


@contextmanager
def opened(path: str) -> Iterator[FileIO]:
    """A plain file to read from; whatever is wrong with it becomes a NotAModelError that names it."""
    try:
        with open(os.open(path, _OPEN_FLAGS), "rb", buffering=0) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise WireError("it is not a plain file")
            yield file
    except (WireError, ValueError, struct.error, zipfile.BadZipFile, RecursionError, NotImplementedError) as error:
        raise NotAModelError(f"{path} is damaged, or not what its ending says: {_reason(error)}.") from error
    except OSError as error:
        raise NotAModelError(f"{path} can't be read: {error.strerror}.") from error


def _reason(error: Exception) -> str:
    return (str(error).strip().rstrip(".") or type(error).__name__).splitlines()[0][:200]
