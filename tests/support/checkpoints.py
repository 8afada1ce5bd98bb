"""Writes the checkpoint of a SavedModel, tensors and index, without TensorFlow."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests.support.savedmodel_bytes import field, shape, table


def checkpoint(folder: Path, tensors: Mapping[str, bytes], *, order: bool = True, object_graph: bytes = b"") -> Path:
    """Writes `variables/` with tensors of bytes (uint8).

    Args:
        folder: Of the SavedModel.
        tensors: Content by name.
        order: Whether they lie in the order of their names; else in the other one.
        object_graph: Lies before them all.
    """
    (folder / "variables").mkdir(parents=True)
    data, entries = object_graph, []
    if object_graph:
        place = field(1, 7) + field(5, len(object_graph))
        entries.append((b"_CHECKPOINTABLE_OBJECT_GRAPH", place))
    for name in sorted(tensors, reverse=not order):
        content = tensors[name]
        place = field(1, 4) + field(2, shape(len(content))) + field(4, len(data)) + field(5, len(content))
        entries.append((name.encode(), place))
        data += content
    header = (b"", field(1, 1))
    (folder / "variables" / "variables.index").write_bytes(table(header, *sorted(entries)))
    (folder / "variables" / "variables.data-00000-of-00001").write_bytes(data)
    return folder
