"""LiteRT's `.tflite`: a FlatBuffer, of which tables are followed by their offsets; weights are not read.

Numbers of fields are those of TensorFlow's schema.fbs.
"""

from __future__ import annotations

import mmap
import os
import struct
from dataclasses import replace
from io import FileIO

from tb_versions.core.manifest import MetaGraph, SavedModel, Shape, Signature, Tensor, Variable, visible
from tb_versions.formats.safetensors import summed
from tb_versions.savedmodel.wire import WireError

_OPERATORS, _SUBGRAPHS, _BUFFERS = 1, 2, 4  # of Model
_OLD_CODE, _CUSTOM_CODE, _BUILTIN_CODE = 0, 1, 3  # of OperatorCode
_CUSTOM = 32  # of BuiltinOperator
_TENSORS, _INPUTS, _OUTPUTS = 0, 1, 2  # of SubGraph
_SHAPE, _TYPE, _BUFFER, _NAME, _SIGNATURE = 0, 1, 2, 3, 7  # of Tensor
_DATA, _OFFSET, _SIZE = 0, 1, 2  # of Buffer
_MOST = 100_000
_MAX_NAME = 1_024
_DTYPES = ("float32", "float16", "int32", "uint8", "int64", "string", "bool", "int16", "complex64", "int8", "float64")


def read(file: FileIO) -> SavedModel:
    """Returns the inputs and outputs of a model's first graph, and its constant tensors.

    Raises:
        WireError, struct.error: It is damaged.
    """
    size = os.fstat(file.fileno()).st_size
    if size < 8 or file.read(8)[4:] != b"TFL3":
        raise WireError("it does not begin as such a file does")
    with mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ) as data:
        return _read(_Table(data, _u32(data, 0)))


def custom_operators(file: FileIO) -> list[str]:
    """Returns the names of a model's operators that LiteRT itself does not have; "Flex…" are TensorFlow's.

    Raises:
        WireError, struct.error: It is damaged.
    """
    size = os.fstat(file.fileno()).st_size
    if size < 8:
        raise WireError("it does not begin as such a file does")
    with mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ) as data:
        codes = _Table(data, _u32(data, 0)).tables(_OPERATORS)
        return [code.text(_CUSTOM_CODE) for code in codes if _builtin(code) == _CUSTOM or code.vector(_CUSTOM_CODE, 1)]


def _builtin(code: _Table) -> int:
    """The number of an operator; files of old have it in a smaller field."""
    old, new = code.at(_OLD_CODE), code.at(_BUILTIN_CODE)
    small = code.data[_checked(code.data, old, 1)] if old else 0
    return max(small, _u32(code.data, new) if new else 0)


class _Table:
    """A table of a FlatBuffer."""

    def __init__(self, data: mmap.mmap, place: int) -> None:
        self.data, self.place = data, place
        (back,) = struct.unpack_from("<i", data, _checked(data, place))
        self._fields = _checked(data, place - back)
        (self._size,) = struct.unpack_from("<H", data, self._fields)

    def at(self, field: int) -> int:
        """Where a field's value is; 0 if it is absent."""
        entry = 4 + 2 * field
        if entry + 2 > self._size:
            return 0
        (offset,) = struct.unpack_from("<H", self.data, self._fields + entry)
        return self.place + offset if offset else 0

    def vector(self, field: int, width: int = 4) -> range:
        """Where the parts of a vector are."""
        at = self.at(field)
        if not at:
            return range(0)
        start = at + _u32(self.data, at)
        count = _u32(self.data, start)
        if count * width > len(self.data) - start:
            raise WireError("a list in it reaches beyond its end")
        if width > 1 and count > _MOST:
            raise WireError(f"a list in it has more than {_MOST:,} parts")
        return range(start + 4, start + 4 + count * width, width)

    def tables(self, field: int) -> list[_Table]:
        """The tables of a vector."""
        return [_Table(self.data, at + _u32(self.data, at)) for at in self.vector(field)]

    def text(self, field: int) -> str:
        """A text, cut at 1,024 bytes."""
        where = self.vector(field, 1)
        return visible(self.data[where.start : min(where.stop, where.start + _MAX_NAME)].decode("utf-8", "replace"))


def _read(model: _Table) -> SavedModel:
    graphs = model.tables(_SUBGRAPHS)
    if not graphs:
        raise WireError("it holds no graph")
    tensors, buffers = graphs[0].tables(_TENSORS), model.tables(_BUFFERS)
    inputs, outputs = (_named(graphs[0], field, tensors) for field in (_INPUTS, _OUTPUTS))
    constants = [_variable(tensor) for tensor in tensors if _is_constant(tensor, buffers)]
    signature = Signature(key="main", inputs=inputs, outputs=outputs)
    return replace(summed(constants), meta_graphs=(MetaGraph(signatures=(signature,)),))


def _named(graph: _Table, field: int, tensors: list[_Table]) -> tuple[Tensor, ...]:
    named = []
    for at in graph.vector(field):
        index = _u32(graph.data, at)
        if index >= len(tensors):
            raise WireError(f"it names tensor {index} of {len(tensors)}")
        variable = _variable(tensors[index], signature=True)
        named.append(Tensor(name=variable.name, dtype=variable.dtype, shape=variable.shape))
    return tuple(named)


def _is_constant(tensor: _Table, buffers: list[_Table]) -> bool:
    at = tensor.at(_BUFFER)
    index = _u32(tensor.data, at) if at else 0
    if not 0 < index < len(buffers):
        return False
    buffer = buffers[index]
    size = buffer.at(_SIZE)
    return bool(buffer.vector(_DATA, 1)) or bool(size and struct.unpack_from("<Q", buffer.data, size)[0] > 1)


def _variable(tensor: _Table, *, signature: bool = False) -> Variable:
    field = _SIGNATURE if signature and tensor.vector(_SIGNATURE) else _SHAPE
    sizes = tuple(struct.unpack_from("<i", tensor.data, at)[0] for at in tensor.vector(field)[:64])
    at = tensor.at(_TYPE)
    kind = tensor.data[_checked(tensor.data, at, 1)] if at else 0
    return Variable(
        name=tensor.text(_NAME),
        dtype=_DTYPES[kind] if kind < len(_DTYPES) else f"dtype {kind}",
        shape=Shape(dimensions=tuple(max(size, -1) for size in sizes)),
    )


def _u32(data: mmap.mmap, at: int) -> int:
    return int(struct.unpack_from("<I", data, _checked(data, at))[0])


def _checked(data: mmap.mmap, at: int, size: int = 2) -> int:
    if not 0 <= at <= len(data) - size:
        raise WireError("an offset in it leads beyond its end")
    return at
