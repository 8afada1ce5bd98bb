"""What a model of a table says of its input: the names of its columns, as a signature."""

from __future__ import annotations

from collections.abc import Sequence

from tb_versions.core.manifest import MAX_ITEMS, MetaGraph, SavedModel, Shape, Signature, Tensor, visible

_MAX_NAME = 1_024


def features(names: Sequence[str], count: int, *, library: str) -> SavedModel | None:
    """Returns a signature with an input for each column, or one input for all of them.

    Args:
        names: Names of the columns; empty if they have none. Above 1,000 they are left out.
        count: Number of columns; 0 if it is not known.
        library: What predicts; the signature is called "<library>.predict", so that files of another library, which
            break clients, never seem to have the same one.

    Returns:
        None if nothing is known.
    """
    if names and len(names) <= MAX_ITEMS:
        inputs = tuple(Tensor(name=visible(name)[:_MAX_NAME], shape=Shape(dimensions=(-1,))) for name in names)
    elif count > 0:
        inputs = (Tensor(name="X", shape=Shape(dimensions=(-1, count))),)
    else:
        return None
    return SavedModel(meta_graphs=(MetaGraph(signatures=(Signature(key=f"{library}.predict", inputs=inputs),)),))
