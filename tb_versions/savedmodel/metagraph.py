"""Reads a MetaGraphDef: tags, signatures and op counts.

Field numbers are those of TensorFlow's meta_graph.proto, graph.proto, function.proto and node_def.proto.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from tb_versions.core.manifest import MetaGraph, Signature, Tensor
from tb_versions.savedmodel.dtypes import dtype_name, read_shape
from tb_versions.savedmodel.wire import Message, WireError

_INFO, _GRAPH, _SIGNATURES = 1, 2, 5  # of MetaGraphDef
_TAGS, _TENSORFLOW_VERSION = 4, 5  # of MetaInfoDef
_NODES, _LIBRARY = 1, 2  # of GraphDef
_FUNCTIONS, _FUNCTION_NODES = 1, 3  # of FunctionDefLibrary, FunctionDef
_SIGNATURE, _FUNCTION_NAME = 1, 1  # of FunctionDef, OpDef
_OP = 2  # of NodeDef
_KEY, _VALUE = 1, 2  # of a map's entry
_INTERNAL_SIGNATURES = frozenset({"__saved_model_init_op", "__saved_model_train_op"})
_MAX_OP = 1_024


def read_meta_graph(message: Message) -> MetaGraph:
    """Reads a MetaGraphDef.

    Returns:
        Tags and signatures sorted; op types to number of nodes, those of library functions included.

    Raises:
        WireError: It is damaged.
    """
    info = message.child(_INFO)
    return MetaGraph(
        tags=tuple(sorted(info.texts(_TAGS))) if info else (),
        tensorflow_version=info.text(_TENSORFLOW_VERSION) if info else "",
        signatures=tuple(_signatures(message)),
        ops=_count_ops(message.child(_GRAPH)),
    )


def read_map(message: Message, number: int) -> dict[str, Message]:
    """Reads a map<string, message> field: the last of several entries with one key wins."""
    entries = {}
    for entry in message.each(number):
        key = entry.text(_KEY)
        message.source.keep(len(key), objects=5)
        entries[key] = entry.child(_VALUE) or Message(message.source, [])
    return entries


def read_functions(message: Message) -> Iterator[str]:
    """Yields the names of the functions in the library of a MetaGraphDef; raises as `read_meta_graph`."""
    graph = message.child(_GRAPH)
    library = graph.child(_LIBRARY) if graph else None
    for function in library.each(_FUNCTIONS) if library else ():
        signature = function.child(_SIGNATURE)
        name = signature.text(_FUNCTION_NAME) if signature else ""
        message.source.keep(len(name))
        yield name


def _signatures(message: Message) -> Iterator[Signature]:
    for key, signature in sorted(read_map(message, _SIGNATURES).items()):
        if key not in _INTERNAL_SIGNATURES:
            method = signature.text(3)
            message.source.keep(len(method))
            yield Signature(
                key=key,
                method=method,
                inputs=tuple(_tensors(signature, 1)),
                outputs=tuple(_tensors(signature, 2)),
            )


def _tensors(signature: Message, number: int) -> Iterator[Tensor]:
    for name, tensor in sorted(read_map(signature, number).items()):
        values = tensor.scalars(texts=(1,), numbers=(2,))
        graph_name = str(values.get(1, "")) or _composite(tensor)
        tensor.source.keep(len(graph_name))
        yield Tensor(
            name=name,
            dtype=dtype_name(int(values.get(2, 0))),
            shape=read_shape(tensor.child(3)),
            tensor=graph_name,
        )


def _composite(tensor: Message) -> str:
    """Graph tensors of a sparse (values, indices, dense shape), ragged or other composite tensor."""
    sparse, composite = tensor.child(4), tensor.child(5)
    if sparse is not None:
        return ", ".join(sparse.text(part) for part in (1, 2, 3))
    if composite is None:
        return ""
    names = []
    for component in composite.each(2):
        name = component.text(1)
        tensor.source.keep(len(name))
        names.append(name)
    return ", ".join(names)


def _count_ops(graph: Message | None) -> dict[str, int]:
    """Counts op types over the graph and its function library."""
    counts: Counter[str] = Counter()
    if graph is None:
        return counts
    _count_nodes(graph, _NODES, counts)
    library = graph.child(_LIBRARY)
    for function in library.each(_FUNCTIONS) if library else ():
        _count_nodes(function, _FUNCTION_NODES, counts)
    return dict(sorted(counts.items()))


def _count_nodes(message: Message, number: int, counts: Counter[str]) -> None:
    for node in message.each(number):
        op = node.text(_OP)
        if op not in counts:
            if len(op) > _MAX_OP:
                raise WireError(f"an op type with a name of {len(op):,} characters")
            message.source.keep(len(op))
        counts[op] += 1
