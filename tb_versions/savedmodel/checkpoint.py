"""Finds a TF 1 model's variables in its checkpoint's index, for it has no object graph.

Left out is what only training needs: `global_step`, `save_counter`, and optimizers' slots, which are the
variables named like another one of the same shape and an optimizer's word ("w/Adam_1").

Field numbers are those of TensorFlow's tensor_bundle.proto and variable.proto.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from tb_versions.core.manifest import Variable
from tb_versions.savedmodel.dtypes import dtype_name, read_shape
from tb_versions.savedmodel.metagraph import read_map
from tb_versions.savedmodel.table import read_table
from tb_versions.savedmodel.wire import Message, Source, WireError

_COLLECTIONS = 4  # of MetaGraphDef
_BYTES_LIST, _VALUES, _VARIABLE_NAME = 2, 1, 1  # of CollectionDef, BytesList, VariableDef
_DTYPE, _SHAPE = 1, 2  # of BundleEntryProto
_STEP_COUNTERS = frozenset({"global_step", "save_counter", "_CHECKPOINTABLE_OBJECT_GRAPH"})
_SLOT = re.compile(r"(.+)/(?:Adam|AdaMax|Adagrad|Adadelta|Ftrl|Momentum|RMSProp)(?:_\d+)?")
_POWER = re.compile(r"(?:.*/)?beta[12]_power(?:_\d+)?")


@dataclass(frozen=True)
class Collections:
    """Names of the variables that the graphs of a TF 1 model list: all, and those that training changes."""

    listed: frozenset[str]
    trainable: frozenset[str]


def read_collections(meta_graphs: list[Message]) -> Collections:
    """Reads the collections of MetaGraphDefs.

    Raises:
        WireError: A graph is damaged.
    """
    trainable = _collected(meta_graphs, "trainable_variables")
    return Collections(trainable | _collected(meta_graphs, "variables"), trainable)


def read_checkpoint(index: bytes, collections: Collections) -> list[Variable]:
    """Reads the model's variables.

    Args:
        index: Content of variables.index.
        collections: Say which variables are trainable.

    Raises:
        WireError: The index is damaged.
    """
    variables = {}
    budget = Source(io.BytesIO(), 0)
    for name, variable in _entries(index):
        budget.keep(len(name), objects=4)
        trainable = name in collections.trainable if name in collections.listed else None
        variables[name] = replace(variable, name=name, trainable=trainable)
    return [variable for variable in variables.values() if not _is_training_state(variable, variables)]


def _entries(index: bytes) -> Iterator[tuple[str, Variable]]:
    """The tensors of a checkpoint; its header has an empty key, parts of partitioned variables begin with NUL."""
    for key, value in read_table(index):
        if key and not key.startswith(b"\0"):
            entry = Source(io.BytesIO(value), len(value)).message()
            try:
                name = key.decode()
            except UnicodeDecodeError:
                raise WireError("a variable's name that is not UTF-8") from None
            dtype = int(entry.scalars(numbers=(_DTYPE,)).get(_DTYPE, 0))
            yield name, Variable(dtype=dtype_name(dtype), shape=read_shape(entry.child(_SHAPE)))


def _is_training_state(variable: Variable, variables: dict[str, Variable]) -> bool:
    if variable.name in _STEP_COUNTERS or _POWER.fullmatch(variable.name):
        return True
    slot = _SLOT.fullmatch(variable.name)
    owner = variables.get(slot[1]) if slot else None
    return owner is not None and owner.shape == variable.shape


def _collected(meta_graphs: list[Message], collection: str) -> frozenset[str]:
    """Names of the variables in a collection of the graphs, without ":0"."""
    names = set()
    for meta_graph in meta_graphs:
        values = read_map(meta_graph, _COLLECTIONS).get(collection)
        listed = values.child(_BYTES_LIST) if values else None
        for definition in listed.each(_VALUES) if listed else ():
            name = definition.text(_VARIABLE_NAME)
            meta_graph.source.keep(len(name))
            names.add(name.rpartition(":")[0])
    return frozenset(names)
