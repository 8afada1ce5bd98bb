"""The file of golden outputs: an .npz, read without pickle, each size checked before anything is made of it.

    index.json   which array is which input or output of which signature
    a0.npy …     numbers; of a text the bytes of all strings, one after the other, and their lengths

A text is an array of objects of the class bytes here.
"""

from __future__ import annotations

import io
import math
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np
from msgspec import Struct

from tb_versions.core.layout import GOLDEN
from tb_versions.errors import InvalidManifestError

FILE_LIMIT = 64 << 20
"""Most bytes of the file, and of all arrays in it together."""

INPUTS_LIMIT = 16 << 20
"""Most bytes of all inputs."""

MOST_ARRAYS = 2_000
"""Most arrays in the file."""

_FORMAT = 1
_INDEX = "index.json"
_INDEX_LIMIT = 1 << 20
_HEADER_LIMIT = 4_096
_KINDS = "biufc"

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Asked:
    """What a signature was asked, and what it answered.

    Attributes:
        inputs: By name.
        outputs: By name; empty where nothing is known of them.
        labels: The right answers, by name of the output, see `labels`; empty where they are not known.
    """

    inputs: Mapping[str, Array]
    outputs: Mapping[str, Array] = field(default_factory=dict)
    labels: Mapping[str, Array] = field(default_factory=dict)


class _Entry(Struct, frozen=True, omit_defaults=True):
    name: str
    data: str
    lengths: str = ""


class _Signature(Struct, frozen=True, omit_defaults=True):
    key: str
    inputs: tuple[_Entry, ...]
    outputs: tuple[_Entry, ...] = ()
    labels: tuple[_Entry, ...] = ()


class _Index(Struct, frozen=True):
    format: int
    signatures: tuple[_Signature, ...]


def key_of(number: int) -> str:
    """Returns the key of a version's file in the model's folder `.versions`."""
    return f"{GOLDEN}/{number}/golden.npz"


def write(asked: Mapping[str, Asked]) -> bytes:
    """Returns the file's bytes, the same each time.

    Args:
        asked: By signature.

    Raises:
        InvalidManifestError: It would be too large.
    """
    arrays: dict[str, Array] = {}
    signatures = tuple(
        _Signature(
            key,
            tuple(_entry(arrays, name, value) for name, value in sorted(one.inputs.items())),
            tuple(_entry(arrays, name, value) for name, value in sorted(one.outputs.items())),
            tuple(_entry(arrays, name, value) for name, value in sorted(one.labels.items())),
        )
        for key, one in sorted(asked.items())
    )
    size = sum(array.nbytes for array in arrays.values())
    index = msgspec.json.encode(_Index(_FORMAT, signatures))
    if size > FILE_LIMIT or len(arrays) > MOST_ARRAYS or len(index) > _INDEX_LIMIT:
        raise InvalidManifestError(
            f"Golden inputs and outputs have {size:,} bytes in {len(arrays):,} arrays; at most {FILE_LIMIT:,} in "
            f"{MOST_ARRAYS:,} are kept. Give fewer examples."
        )
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as members:
        members.writestr(zipfile.ZipInfo(_INDEX), index, zipfile.ZIP_DEFLATED)
        for name, array in arrays.items():
            packed = io.BytesIO()
            np.lib.format.write_array(packed, array, version=(1, 0), allow_pickle=False)
            members.writestr(zipfile.ZipInfo(f"{name}.npy"), packed.getvalue(), zipfile.ZIP_DEFLATED)
    return made.getvalue()


def _entry(arrays: dict[str, Array], name: str, value: Array) -> _Entry:
    """Adds an array, unless it is there, to those that are written."""
    if value.dtype.kind != "O":
        return _Entry(name, _add(arrays, value))
    texts = value.reshape(-1).tolist()
    lengths = np.array([len(text) for text in texts], "<i8").reshape(value.shape)
    data = np.frombuffer(b"".join(texts), np.uint8)
    return _Entry(name, _add(arrays, data), _add(arrays, lengths))


def _add(arrays: dict[str, Array], value: Array) -> str:
    little = np.ascontiguousarray(value, value.dtype.newbyteorder("<")).reshape(value.shape)
    for name, array in arrays.items():
        if array.dtype == little.dtype and array.shape == little.shape and array.tobytes() == little.tobytes():
            return name
    name = f"a{len(arrays)}"
    arrays[name] = little
    return name


def read(data: bytes) -> dict[str, Asked]:
    """Returns what the file says, by signature.

    Args:
        data: The file's bytes, which may be anybody's.

    Raises:
        InvalidManifestError: It is no such file, or larger than it may be.
    """
    if len(data) > FILE_LIMIT:
        raise _damaged(f"it has {len(data):,} bytes, and at most {FILE_LIMIT:,} are read")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as members:
            return _read(members)
    except InvalidManifestError:
        raise
    except Exception as error:  # zipfile and NumPy raise whatever a hostile file makes them raise
        raise _damaged(f"{type(error).__name__}: {str(error)[:200]}") from error


def _read(members: zipfile.ZipFile) -> dict[str, Asked]:
    infos = {info.filename: info for info in members.infolist()}
    size = sum(info.file_size for info in infos.values())
    if len(members.infolist()) > MOST_ARRAYS + 1 or size > FILE_LIMIT + _INDEX_LIMIT + MOST_ARRAYS * _HEADER_LIMIT:
        raise _damaged(f"it unpacks to {size:,} bytes in {len(infos):,} files, which is more than is read")
    if infos[_INDEX].file_size > _INDEX_LIMIT:
        raise _damaged("its index is too large")
    index = msgspec.json.decode(members.read(_INDEX), type=_Index)
    if index.format != _FORMAT:
        raise InvalidManifestError(
            f"The golden outputs are of format {index.format}, and this version of tb_versions reads {_FORMAT}: "
            "pip install --upgrade tensorboard-plugin-versions"
        )
    arrays: dict[str, Array] = {}

    def array(name: str) -> Array:
        if name not in arrays:
            arrays[name] = _array(members.read(f"{name}.npy"))
        return arrays[name]

    def value(entry: _Entry) -> Array:
        return _texts(array(entry.data), array(entry.lengths)) if entry.lengths else array(entry.data)

    def values(entries: tuple[_Entry, ...]) -> dict[str, Array]:
        return {entry.name: value(entry) for entry in entries}

    return {one.key: Asked(values(one.inputs), values(one.outputs), values(one.labels)) for one in index.signatures}


def _array(data: bytes) -> Array:
    """An array of a .npy file. NumPy reads its header only: it would make room for whatever that says."""
    file = io.BytesIO(data)
    if np.lib.format.read_magic(file) != (1, 0):
        raise _damaged("an array is of a version of NumPy's format that is not read")
    shape, is_fortran, dtype = np.lib.format.read_array_header_1_0(file, max_header_size=_HEADER_LIMIT)
    if is_fortran or dtype.kind not in _KINDS or dtype.hasobject:
        raise _damaged(f"an array of {dtype} is not read")
    if len(shape) > 32 or any(size < 0 for size in shape):
        raise _damaged("an array has no shape that can be")
    if math.prod(shape) * dtype.itemsize != len(data) - file.tell():
        raise _damaged(f"an array of the shape {list(shape)} has {len(data) - file.tell():,} bytes")
    return np.frombuffer(data, dtype, offset=file.tell()).reshape(shape)


def _texts(data: Array, lengths: Array) -> Array:
    if data.dtype != np.uint8 or data.ndim != 1 or lengths.dtype != np.dtype("<i8"):
        raise _damaged("a text is not made of bytes and lengths")
    whole, found, at = data.tobytes(), [], 0
    for length in lengths.reshape(-1).tolist():
        if not 0 <= length <= len(whole) - at:
            raise _damaged("a text ends before its length says")
        found.append(whole[at : at + length])
        at += length
    if at != len(whole):
        raise _damaged("a text goes on after its length says")
    texts = np.empty(len(found), object)
    texts[:] = found
    return texts.reshape(lengths.shape)


def _damaged(why: str) -> InvalidManifestError:
    return InvalidManifestError(f"The golden outputs can't be read: {why}.")
