"""ONNX: a protobuf message, read field by field; weights are skipped.

Field numbers are those of onnx.proto.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from io import FileIO

from tb_versions.core.manifest import MetaGraph, SavedModel, Shape, Signature, Tensor, Variable, visible
from tb_versions.formats.safetensors import summed
from tb_versions.savedmodel.dtypes import MAX_RANK
from tb_versions.savedmodel.wire import BYTES, VARINT, Message, Source, WireError, read_varint, signed

_IR_VERSION, _GRAPH = 1, 7  # of ModelProto
_NODE, _INITIALIZER, _INPUT, _OUTPUT = 1, 5, 11, 12  # of GraphProto
_OP_TYPE = 4  # of NodeProto
_DIMS, _DATA_TYPE, _TENSOR_NAME = 1, 2, 8  # of TensorProto
_NAME, _TYPE = 1, 2  # of ValueInfoProto
_MOST = 2**31 - 1
_MOST_OPS = 1_000
_DTYPES = {
    1: "float32",
    2: "uint8",
    3: "int8",
    4: "uint16",
    5: "int16",
    6: "int32",
    7: "int64",
    8: "string",
    9: "bool",
    10: "float16",
    11: "float64",
    12: "uint32",
    13: "uint64",
    16: "bfloat16",
}


def read(file: FileIO) -> SavedModel:
    """Returns a model's inputs and outputs, its operations and its weights' shapes.

    Raises:
        WireError: It is damaged.
    """
    size = os.fstat(file.fileno()).st_size
    if not 0 < size <= _MOST:
        raise WireError(f"it has {size:,} bytes; an ONNX file has 1 to {_MOST:,}")
    model = Source(file, size).message()
    graph = model.child(_GRAPH)
    if graph is None or not model.scalars(numbers=(_IR_VERSION,)):
        raise WireError("it holds no graph")
    variables = [_variable(tensor) for tensor in graph.each(_INITIALIZER)]
    weights = {variable.name for variable in variables}
    signature = Signature(
        key="main",
        inputs=tuple(tensor for tensor in _tensors(graph, _INPUT) if tensor.name not in weights),
        outputs=tuple(_tensors(graph, _OUTPUT)),
    )
    return replace(summed(variables), meta_graphs=(MetaGraph(signatures=(signature,), ops=_ops(graph)),))


def _ops(graph: Message) -> dict[str, int]:
    ops: Counter[str] = Counter()
    for node in graph.each(_NODE):
        name = visible(node.text(_OP_TYPE))[:256]
        if name in ops or len(ops) < _MOST_OPS:
            ops[name] += 1
    return dict(ops)


def _variable(tensor: Message) -> Variable:
    tensor.source.keep(objects=4)
    values = tensor.scalars(texts=(_TENSOR_NAME,), numbers=(_DATA_TYPE,))
    return Variable(
        name=visible(str(values.get(_TENSOR_NAME, "")))[:1_024],
        dtype=_dtype(values.get(_DATA_TYPE, 0)),
        shape=Shape(dimensions=tuple(_dims(tensor))),
    )


def _dims(tensor: Message) -> Iterator[int]:
    """The sizes of a tensor, each a field of its own or all packed into one."""
    count = 0
    for field, kind, start, end in tensor.fields():
        if field != _DIMS:
            continue
        for size in [start] if kind == VARINT else _packed(tensor.source, start, end) if kind == BYTES else ():
            count += 1
            if count > MAX_RANK or signed(size) < 0:
                raise WireError("a tensor in it has no possible shape")
            yield size


def _packed(source: Source, start: int, end: int) -> Iterator[int]:
    if end - start > 10 * MAX_RANK:
        raise WireError("a tensor in it has no possible shape")
    data, offset = source.read(start, end), 0
    while offset < len(data):
        size, offset = read_varint(data, offset)
        yield size


def _tensors(graph: Message, number: int) -> Iterator[Tensor]:
    for value in graph.each(number):
        value.source.keep(objects=4)
        of_type = value.child(_TYPE)
        tensor = of_type.child(1) if of_type is not None else None
        name = visible(value.text(_NAME))[:1_024]
        if tensor is None:
            yield Tensor(name=name)
            continue
        shape = tensor.child(2)
        sizes = None if shape is None else tuple(_size(dimension) for dimension in shape.each(1))
        yield Tensor(
            name=name,
            dtype=_dtype(tensor.scalars(numbers=(1,)).get(1, 0)),
            shape=Shape(unknown_rank=True) if sizes is None or len(sizes) > MAX_RANK else Shape(dimensions=sizes),
        )


def _size(dimension: Message) -> int:
    size = signed(int(dimension.scalars(numbers=(1,)).get(1, -1)))
    return size if size >= 0 else -1


def _dtype(number: str | int) -> str:
    return _DTYPES.get(int(number), f"dtype {number}" if number else "")
