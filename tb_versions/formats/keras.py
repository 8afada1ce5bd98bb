"""Keras 3's archive: a zip file with `config.json`, `metadata.json` and the weights, of which only shapes are read."""

from __future__ import annotations

import struct
import zipfile
from dataclasses import dataclass
from io import FileIO
from typing import Any

from tb_versions.core.manifest import SavedModel, Variable, visible
from tb_versions.formats.archives import check_directory, read_json
from tb_versions.formats.hdf5 import Hdf5, UnknownFormError
from tb_versions.formats.keras_config import inputs_of
from tb_versions.formats.keras_h5 import told, weights
from tb_versions.savedmodel.wire import WireError

_MAX_METADATA = 64 << 10
_MAX_CONFIG = 16 << 20
_WEIGHTS = "model.weights.h5"
_LOCAL = struct.Struct("<4s22xHH")
_ENCRYPTED = 1


@dataclass(frozen=True)
class Looked:
    """What the weights in an archive refer to.

    Attributes:
        problem: Why that is not known; "" if it is.
        reaches_out: Whether arrays have their data in other files.
    """

    problem: str = ""
    reaches_out: bool = False


def read(file: FileIO) -> tuple[SavedModel | None, str]:
    """Returns inputs and weights of the model in an archive, or None, and the version of Keras that wrote it.

    Raises:
        WireError, ValueError, zipfile.BadZipFile: It is damaged or too large.
    """
    check_directory(file)
    with zipfile.ZipFile(file) as archive:
        config = read_json(archive, "config.json", _MAX_CONFIG)
        metadata = read_json(archive, "metadata.json", _MAX_METADATA)
        variables = _weights(file, archive)
    version = metadata.get("keras_version")
    return told(inputs_of(config), variables), visible(version)[:100] if isinstance(version, str) else ""


def read_config(file: FileIO) -> dict[str, Any]:
    """Returns the configuration of the model in an archive; raises as `read`."""
    check_directory(file)
    with zipfile.ZipFile(file) as archive:
        return read_json(archive, "config.json", _MAX_CONFIG)


def look_at_weights(file: FileIO) -> Looked:
    """Returns what the weights in an archive refer to; raises as `read`."""
    check_directory(file)
    with zipfile.ZipFile(file) as archive:
        try:
            hdf5 = _hdf5(file, archive)
            for _ in hdf5.datasets() if hdf5 else ():
                pass
        except UnknownFormError as error:
            return Looked(str(error))
        if hdf5 is None:
            return Looked("the weights are not as Keras writes them")
        return Looked(reaches_out=hdf5.reaches_out)


def _weights(file: FileIO, archive: zipfile.ZipFile) -> list[Variable] | None:
    """The weights, where they are as Keras writes them; None of any other form."""
    try:
        hdf5 = _hdf5(file, archive)
        return None if hdf5 is None else weights(list(hdf5.datasets()))
    except UnknownFormError:
        return None


def _hdf5(file: FileIO, archive: zipfile.ZipFile) -> Hdf5 | None:
    """The file of weights in an archive, which is not packed; None where it is not so."""
    try:
        info = archive.getinfo(_WEIGHTS)
    except KeyError:
        return None
    if info.compress_type != zipfile.ZIP_STORED or info.flag_bits & _ENCRYPTED:
        return None
    file.seek(info.header_offset)
    head = file.read(_LOCAL.size) or b""
    if len(head) < _LOCAL.size or not head.startswith(b"PK\x03\x04"):
        raise WireError(f"{_WEIGHTS} in it is not where its list of files says")
    *_, name, extra = _LOCAL.unpack(head)
    return Hdf5(file, start=info.header_offset + _LOCAL.size + name + extra, size=info.file_size)
