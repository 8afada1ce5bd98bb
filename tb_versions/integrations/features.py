"""What a model of a table says of its input: the names of its columns, as a signature."""

from __future__ import annotations

from collections.abc import Sequence

from tb_versions.core.manifest import MAX_ITEMS, MetaGraph, SavedModel, Shape, Signature, Tensor, visible

_MAX_NAME = 1_024


def features(names: Sequence[str], count: int, *, key: str = "predict") -> SavedModel | None:
    """Returns a signature with an input for each column, or one input for all of them.

    Args:
        names: Names of the columns; empty if they have none. Above 1,000 they are left out.
        count: Number of columns; 0 if it is not known.
        key: Name of the signature.

    Returns:
        None if nothing is known.
    """
    if names and len(names) <= MAX_ITEMS:
        inputs = tuple(Tensor(name=visible(name)[:_MAX_NAME], shape=Shape(dimensions=(-1,))) for name in names)
    elif count > 0:
        inputs = (Tensor(name="X", shape=Shape(dimensions=(-1, count))),)
    else:
        return None
    return SavedModel(meta_graphs=(MetaGraph(signatures=(Signature(key=key, inputs=inputs),)),))
