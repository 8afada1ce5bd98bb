"""What is compared of a model's graph, and which variables two graphs have in common. Pure.

Keras numbers what has no name: the third `Dense` that a process makes is `dense_2`, and the same model built again has
`dense_3`, `dense_4`, `dense_5` in `sequential_1`. So two variables are the same one where their names agree, or else
where they agree without these counters: each part of a name is replaced by its place among the parts in its folder that
differ in a counter only.

    sequential_1/dense_3/kernel, sequential_1/dense_4/kernel  →  dense/kernel, dense:2/kernel

Where one graph has a word that the other has not, the layer may have been given another name. It was where all else
agrees, each layer has a counterpart with the same variables by type and shape, and layers of one word keep their order.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tb_versions.core.manifest import SavedModel, Shape, visible

_COUNTED = re.compile(r"(.+)_([0-9]{1,9})", re.DOTALL)
_PLACE = re.compile(r":([0-9]{1,9})(?=/|$)")
_DEEPEST = 30
"""Parts of a name that are looked at one by one; what is below stays together."""


@dataclass(frozen=True, slots=True)
class Architecture:
    """What is compared of a graph: nothing in it changes with the weights.

    Attributes:
        variables: Name to type and shape: "float32[64,10]".
        uncounted: Name to the name without what depends on when and where a model was built; no two have the same.
        ops: Op type to how many there are.
        is_parsed: Whether variables or ops were found in the files.
        omitted: Number of variables beyond those that are listed here.
    """

    variables: Mapping[str, str]
    uncounted: Mapping[str, str]
    ops: Mapping[str, int]
    is_parsed: bool
    omitted: int


@dataclass(frozen=True, slots=True)
class VariableChanges:
    """How the variables of two graphs differ, by the names that each has.

    Attributes:
        reshaped: (name, before, after) with type and shape.
        renamed: (before, after) of layers that have the same variables under another name.
        is_known: False where names differ and not all variables are listed: nobody can say which ones are others.
    """

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    reshaped: tuple[tuple[str, str, str], ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()
    is_known: bool = True


def is_parsed(model: SavedModel) -> bool:
    """Whether variables or ops were found in a model's files; a signature alone, as of a booster, tells neither."""
    return bool(model.variables or any(graph.ops for graph in model.meta_graphs))


def ops_of(model: SavedModel) -> Counter[str]:
    """Returns how many ops of each type a model has."""
    counted: Counter[str] = Counter()
    for graph in model.meta_graphs:
        counted.update({visible(op): number for op, number in graph.ops.items()})
    return counted


def architecture_of(model: SavedModel) -> Architecture:
    """Returns what is compared of a model's graph."""
    variables = {visible(v.name): f"{visible(v.dtype)}{_shape(v.shape)}" for v in model.variables}
    return Architecture(
        variables, _uncounted(variables), ops_of(model), is_parsed(model), omitted=model.variables_omitted
    )


def variable_changes(old: Architecture, new: Architecture, *, is_alike: bool) -> VariableChanges:
    """Returns how the variables of two graphs differ.

    Args:
        old: Of the baseline.
        new: Of the other.
        is_alike: Whether all else agrees, so that a layer under another name may be the same one.
    """
    if old.variables.keys() == new.variables.keys():
        return VariableChanges(reshaped=tuple(_reshaped(old, new, {name: name for name in new.variables})))
    if old.omitted or new.omitted:
        return VariableChanges(is_known=False)
    by_key = {key: name for name, key in old.uncounted.items()}
    pairs = {name: by_key[key] for name, key in new.uncounted.items() if key in by_key}
    added = sorted(new.variables.keys() - pairs.keys())
    removed = sorted(old.variables.keys() - set(pairs.values()))
    renamed = _renamed(old, new) if is_alike and (added or removed) else None
    if renamed is not None:
        return VariableChanges(renamed=tuple(renamed))
    return VariableChanges(tuple(added), tuple(removed), tuple(_reshaped(old, new, pairs)))


def _reshaped(old: Architecture, new: Architecture, pairs: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    for name in sorted(pairs):
        before, after = old.variables[pairs[name]], new.variables[name]
        if before != after:
            yield name, before, after


@dataclass(frozen=True, slots=True)
class _Layer:
    """Variables of one folder.

    Attributes:
        word: The name without counters; equal for layers of one kind that have no name of their own.
        places: What stood in the place of the counters.
    """

    name: str
    word: str
    places: tuple[int, ...]


def _layers(of: Architecture) -> dict[str, list[_Layer]]:
    """Layers by what they hold, each list in order: "bias float32[10], kernel float32[64,10]" to dense, dense_1."""
    held: dict[_Layer, list[str]] = {}
    for name, text in of.variables.items():
        folder, slash, leaf = of.uncounted[name].rpartition("/")
        key = folder if slash else leaf
        places = tuple(map(int, _PLACE.findall(key)))
        layer = _Layer(name.rpartition("/")[0] or name, _PLACE.sub("", key), places)
        held.setdefault(layer, []).append(f"{leaf if slash else ''} {text}")
    layers: dict[str, list[_Layer]] = {}
    for layer in sorted(held, key=lambda layer: (layer.word, layer.places, layer.name)):
        layers.setdefault(", ".join(sorted(held[layer])), []).append(layer)
    return layers


def _renamed(old: Architecture, new: Architecture) -> list[tuple[str, str]] | None:
    """Layers and what they are called now, but for counters; None where the architecture is another one."""
    before, after = _layers(old), _layers(new)
    if {held: len(layers) for held, layers in before.items()} != {held: len(layers) for held, layers in after.items()}:
        return None
    pairs = [pair for held, layers in before.items() for pair in _counterparts(layers, after[held])]
    counted = sorted((a.word, a.places, b.places) for a, b in pairs if a.word == b.word)
    if any(a[0] == b[0] and a[2] > b[2] for a, b in itertools.pairwise(counted)):
        return None
    return sorted((a.name, b.name) for a, b in pairs if a.word != b.word)


def _counterparts(old: Sequence[_Layer], new: Sequence[_Layer]) -> Iterator[tuple[_Layer, _Layer]]:
    """Pairs of layers that hold the same: by their words, then the others in order."""
    waiting: dict[str, deque[_Layer]] = {}
    for layer in new:
        waiting.setdefault(layer.word, deque()).append(layer)
    left = []
    for layer in old:
        if waiting.get(layer.word):
            yield layer, waiting[layer.word].popleft()
        else:
            left.append(layer)
    yield from zip(left, (layer for layers in waiting.values() for layer in layers), strict=True)


def _uncounted(names: Iterable[str]) -> dict[str, str]:
    """Names without counters and without the one folder that holds all of them."""
    split = {name: name.split("/", _DEEPEST) for name in names}
    folders = {parts[0] if len(parts) > 2 else "" for parts in split.values()}
    start = 1 if len(folders) == 1 and "" not in folders else 0
    inside: dict[str, set[str]] = {}
    for parts in split.values():
        for depth, part in enumerate(parts):
            inside.setdefault("/".join(parts[:depth]), set()).add(part)
    places = {folder: _places(parts) for folder, parts in inside.items()}
    found = {
        name: "/".join(places["/".join(parts[:depth])][parts[depth]] for depth in range(start, len(parts)))
        for name, parts in split.items()
    }
    return found if len(set(found.values())) == len(found) else {name: name for name in split}


def _places(parts: Iterable[str]) -> dict[str, str]:
    """The parts of names in one folder without their counters: dense_3, dense_5, out → dense, dense:2, out."""
    alike: dict[str, list[tuple[int, str]]] = {}
    for part in parts:
        counted = _COUNTED.fullmatch(part)
        word, number = (counted[1], int(counted[2])) if counted else (part, 0)
        alike.setdefault(word, []).append((number, part))
    return {
        part: word if place == 0 else f"{word}:{place + 1}"
        for word, found in alike.items()
        for place, (_, part) in enumerate(sorted(found))
    }


def _shape(shape: Shape | None) -> str:
    if shape is None or shape.unknown_rank:
        return "[…]"
    return "[" + ",".join("?" if d < 0 else str(d) for d in shape.dimensions) + "]"
