"""Finds a TF 2 model's variables in its SavedObjectGraph.

The object graph, not the checkpoint, says which variables there are: Keras's `model.export` writes each of
its variables into the checkpoint twice. What belongs to training alone is left out: the state of optimizers
(objects with `_iterations`, or with `iter` and `learning_rate`; old optimizers' slots are reachable from
nowhere), the metrics that Keras 2 keeps, and the states of Keras's random generators.

Field numbers are those of TensorFlow's saved_object_graph.proto.
"""

from __future__ import annotations

from array import array
from collections import Counter, deque
from collections.abc import Callable, Iterable

from tb_versions.core.manifest import Variable
from tb_versions.savedmodel.dtypes import dtype_name, read_shape
from tb_versions.savedmodel.wire import Message, WireError

_NODES = 1  # of SavedObjectGraph
_CHILDREN, _VARIABLE = 1, 7  # of SavedObject
_NODE_ID, _LOCAL_NAME = 1, 2  # of ObjectReference
_DTYPE, _SHAPE, _TRAINABLE, _NAME = 1, 2, 3, 6  # of SavedVariable
_RANDOM_STATE = "seed_generator_state"
_KERAS_COPIES = "_all_variables"

_Edge = tuple[int, str]
"""Number of an object and the name under which its parent holds it."""

_Path = tuple[str, ...]


class ObjectGraph:
    """The objects of a model and what they hold.

    Args:
        message: A SavedObjectGraph.

    Raises:
        WireError: It is damaged.
    """

    def __init__(self, message: Message) -> None:
        self._source = message.source
        self._starts, self._ends = array("Q"), array("Q")
        for node in message.each(_NODES):
            message.source.keep()
            self._starts.append(node.spans[0][0])
            self._ends.append(node.spans[0][1])

    def variables(self) -> list[Variable]:
        """The distinct variables of the model itself; see the module.

        Raises:
            WireError: The graph is damaged.
        """
        if not self._starts:
            return []
        top = {name: node for node, name in self._children(0)}
        copies = top.get(_KERAS_COPIES) if "variables" in top else None
        paths = self._walk(0, {}, lambda _, name: copies is not None and name == _KERAS_COPIES)
        own = self._read_variables(paths)
        if copies is not None:
            more = self._walk(copies, paths, lambda *_: False)
            known = {_content(variable) for _, variable in own}
            own += [item for item in self._read_variables(more) if _content(item[1]) not in known]
        return _with_distinct_names(own)

    def _message(self, node: int) -> Message:
        return Message(self._source, [(self._starts[node], self._ends[node])])

    def _children(self, node: int) -> list[_Edge]:
        """What an object holds; counted as kept while the list grows, as one is alive at a time."""
        edges: list[_Edge] = []
        for reference in self._message(node).each(_CHILDREN):
            values = reference.scalars(texts=(_LOCAL_NAME,), numbers=(_NODE_ID,))
            name, child = str(values.get(_LOCAL_NAME, "")), int(values.get(_NODE_ID, 0))
            if child >= len(self._starts):
                raise WireError(f"its object {node} refers to object {child} of {len(self._starts)}")
            self._source.keep(len(name))
            edges.append((child, name))
        self._source.release(sum(len(name) for _, name in edges), objects=len(edges))
        return edges

    def _walk(self, start: int, seen: dict[int, _Path], skip: Callable[[int, str], bool]) -> dict[int, _Path]:
        """The shortest path to every object below one, breadth first, without those already seen."""
        paths: dict[int, _Path] = {start: ()}
        pending = deque([start])
        while pending:
            parent = pending.popleft()
            for child, name in self._model_edges(parent, paths[parent]):
                if child not in paths and child not in seen and not (parent == start and skip(child, name)):
                    path = (*paths[parent], name)
                    self._source.keep(len(name) + 8 * len(path))
                    paths[child] = path
                    pending.append(child)
        return paths

    def _model_edges(self, node: int, path: _Path) -> list[_Edge]:
        """What an object holds, without what belongs to training alone."""
        edges = self._children(node)
        names = {name for _, name in edges}
        if "_iterations" in names or {"iter", "learning_rate"} <= names:
            return []
        if path[-1:] == ("keras_api",):
            return [edge for edge in edges if edge[1] != "metrics"]
        return edges

    def _read_variables(self, paths: dict[int, _Path]) -> list[tuple[str, Variable]]:
        found = []
        for node, path in paths.items():
            message = self._message(node).child(_VARIABLE)
            if message is not None:
                variable = _read_variable(message)
                self._source.keep(len(variable.name), objects=4)
                if variable.name.rsplit("/", 1)[-1] != _RANDOM_STATE:
                    found.append(("/".join(path), variable))
        return found


def _read_variable(message: Message) -> Variable:
    values = message.scalars(texts=(_NAME,), numbers=(_DTYPE, _TRAINABLE))
    return Variable(
        name=str(values.get(_NAME, "")),
        dtype=dtype_name(int(values.get(_DTYPE, 0))),
        shape=read_shape(message.child(_SHAPE)),
        trainable=bool(values.get(_TRAINABLE, 0)),
    )


def _content(variable: Variable) -> tuple[object, ...]:
    return variable.name, variable.dtype, variable.shape


def _with_distinct_names(items: Iterable[tuple[str, Variable]]) -> list[Variable]:
    """Names a variable by its path in the object graph where it has no name, or another has the same one."""
    items = list(items)
    uses = Counter(variable.name for _, variable in items)
    return [
        variable
        if variable.name and uses[variable.name] == 1
        else Variable(name=path, dtype=variable.dtype, shape=variable.shape, trainable=variable.trainable)
        for path, variable in items
    ]
