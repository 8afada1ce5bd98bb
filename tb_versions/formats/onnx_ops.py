"""What an ONNX model runs, in graphs within graphs and in its functions too, and which other files hold its weights.

Field numbers are those of onnx.proto.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from io import FileIO

from tb_versions.savedmodel.wire import Message, Source, WireError

MAX_NAMES = 10_000
"""Most different operators and files that are kept."""

_GRAPH, _FUNCTIONS = 7, 25  # of ModelProto
_NODES, _INITIALIZERS, _SPARSE = 1, 5, 15  # of GraphProto
_OP, _ATTRIBUTES, _DOMAIN = 4, 5, 7  # of NodeProto
_TENSOR, _INNER, _TENSORS, _INNERS, _SPARSE_TENSOR, _SPARSE_TENSORS = 5, 6, 10, 11, 22, 23  # of AttributeProto
_FUNCTION_NAME, _FUNCTION_NODES, _FUNCTION_DOMAIN, _DEFAULTS = 1, 7, 10, 11  # of FunctionProto
_EXTERNAL, _LOCATION = 13, 14  # of TensorProto
_VALUES, _INDICES = 1, 2  # of SparseTensorProto
_IS_EXTERNAL = 1


@dataclass(frozen=True)
class Operators:
    """What a model runs and reads.

    Attributes:
        counts: (domain, operator) to number of nodes, without those that call a function of the model.
        files: Paths of the files that its tensors name, to number of tensors.
    """

    counts: dict[tuple[str, str], int]
    files: dict[str, int]


def read_operators(file: FileIO) -> Operators:
    """Returns what a model runs, and which files its weights are in.

    Raises:
        WireError: It is damaged, or names too many things.
    """
    model = Source(file, os.fstat(file.fileno()).st_size).message()
    counts: Counter[tuple[str, str]] = Counter()
    files: Counter[str] = Counter()
    functions = set()
    pending = [(graph, _NODES) for graph in model.each(_GRAPH)]
    for function in model.each(_FUNCTIONS):
        functions.add((function.text(_FUNCTION_DOMAIN), function.text(_FUNCTION_NAME)))
        pending.append((function, _FUNCTION_NODES))
    while pending:
        graph, nodes = pending.pop()
        if nodes == _NODES:
            files.update(_files(_tensors_of(graph, _INITIALIZERS, _SPARSE)))
        else:
            pending += _inside(graph, _DEFAULTS, files)
        for node in graph.each(nodes):
            values = node.scalars(texts=(_OP, _DOMAIN))
            counts[str(values.get(_DOMAIN, "")), str(values.get(_OP, ""))] += 1
            pending += _inside(node, _ATTRIBUTES, files)
        if max(len(counts), len(files), len(functions)) > MAX_NAMES:
            raise WireError(f"it names more than {MAX_NAMES:,} operators or files")
    return Operators({key: count for key, count in counts.items() if key not in functions}, dict(files))


def _inside(holder: Message, number: int, files: Counter[str]) -> list[tuple[Message, int]]:
    """The graphs in attributes; notes the files of tensors in them."""
    graphs = []
    for attribute in holder.each(number):
        for inner in (_INNER, _INNERS):
            for graph in attribute.each(inner):
                graph.source.keep()
                graphs.append((graph, _NODES))
        files.update(_files(_tensors_of(attribute, _TENSOR, _SPARSE_TENSOR)))
        files.update(_files(_tensors_of(attribute, _TENSORS, _SPARSE_TENSORS)))
    return graphs


def _tensors_of(holder: Message, plain: int, sparse: int) -> Iterator[Message]:
    yield from holder.each(plain)
    for each in holder.each(sparse):
        yield from each.each(_VALUES)
        yield from each.each(_INDICES)


def _files(tensors: Iterator[Message]) -> Iterator[str]:
    for tensor in tensors:
        if tensor.scalars(numbers=(_LOCATION,)).get(_LOCATION) != _IS_EXTERNAL:
            continue
        for entry in tensor.each(_EXTERNAL):
            pair = entry.scalars(texts=(1, 2))
            if pair.get(1) == "location":
                yield str(pair.get(2, ""))
