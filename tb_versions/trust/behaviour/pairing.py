"""Which signature, input and output of one model is which of another. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tb_versions.core.golden.file import Array, Asked
from tb_versions.core.manifest import Shape, Signature, Tensor, shown

Names = Mapping[str, str]
"""Names of the first model's inputs to those of the second's."""


def common_signatures(before: Sequence[Signature], after: Sequence[Signature]) -> tuple[dict[str, Names], list[str]]:
    """Returns the signatures that both models have and that take the same, and a sentence for each other one.

    Inputs belong together by their names; where each model has one, whatever the names: Keras numbers them.

    Args:
        before: Of the first model.
        after: Of the second.
    """
    theirs = {one.key: one for one in after}
    found: dict[str, Names] = {}
    why = [f"Only the second has the signature {shown(key)}." for key in theirs if key not in {b.key for b in before}]
    for one in before:
        other = theirs.get(one.key)
        if other is None:
            why.append(f"Only the first has the signature {shown(one.key)}.")
            continue
        names = _names(one, other)
        if names is None:
            why.append(
                f"The signature {shown(one.key)} takes {_listed(one)} in the first and {_listed(other)} in the second."
            )
        else:
            found[one.key] = names
    return found, why


def _names(one: Signature, other: Signature) -> Names | None:
    mine, theirs = ({tensor.name: tensor for tensor in each.inputs} for each in (one, other))
    names = {name: name for name in mine}
    if mine.keys() != theirs.keys():
        if not len(mine) == len(theirs) == 1:
            return None
        names = dict(zip(mine, theirs, strict=True))
    return names if all(_takes_the_same(mine[name], theirs[names[name]]) for name in names) else None


def _takes_the_same(one: Tensor, other: Tensor) -> bool:
    shapes = [each.shape or Shape(unknown_rank=True) for each in (one, other)]
    if one.dtype != other.dtype:
        return False
    if any(shape.unknown_rank for shape in shapes):
        return True
    first, second = (shape.dimensions for shape in shapes)
    return len(first) == len(second) and all(a == b or -1 in (a, b) for a, b in zip(first, second, strict=True))


def _listed(signature: Signature) -> str:
    return ", ".join(f"{shown(each.name)} ({each.dtype}{_shape(each)})" for each in signature.inputs) or "nothing"


def _shape(tensor: Tensor) -> str:
    if tensor.shape is None or tensor.shape.unknown_rank:
        return ""
    return f" [{', '.join('any' if size == -1 else str(size) for size in tensor.shape.dimensions)}]"


def takes_any_number(signature: Signature) -> bool:
    """Returns whether the first axis of each input may have any size."""
    shapes = [each.shape for each in signature.inputs if each.shape is not None and not each.shape.unknown_rank]
    return all(shape.dimensions[:1] == (-1,) for shape in shapes)


def common_outputs(before: Asked, after: Asked) -> tuple[list[tuple[str, str]], list[str]]:
    """Returns which outputs belong together, by name, and a sentence for each that has no other.

    Where one is left on each side, these belong together whatever their names: Keras 2 numbers them.

    Args:
        before: With what the first model answered.
        after: With what the second one did.
    """
    pairs = [(name, name) for name in before.outputs if name in after.outputs]
    mine = [name for name in before.outputs if name not in after.outputs]
    theirs = [name for name in after.outputs if name not in before.outputs]
    if len(mine) == len(theirs) == 1:
        return [*pairs, (mine[0], theirs[0])], []
    sides = ((mine, "first"), (theirs, "second"))
    return pairs, [f"Only the {side} answers with the output {shown(name)}." for names, side in sides for name in names]


def same_answers(one: tuple[Asked, Asked], other: tuple[Asked, Asked]) -> bool:
    """Returns whether two signatures were asked and answered the same by both models, as Keras's `serve` is."""
    return all(
        _values(getattr(mine, kind)) == _values(getattr(theirs, kind))
        for mine, theirs in zip(one, other, strict=True)
        for kind in ("inputs", "outputs")
    )


def _values(arrays: Mapping[str, Array]) -> list[tuple[str, object]]:
    """What can be compared by ==."""
    return [(str(array.dtype), content_of(array)) for array in arrays.values()]


def content_of(array: Array) -> tuple[object, ...]:
    """Returns the shape of an array and its content, which can be compared by == and hashed."""
    return (array.shape, tuple(array.reshape(-1).tolist()) if array.dtype.kind == "O" else array.tobytes())
