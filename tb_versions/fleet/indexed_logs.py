"""What the logs in the tables say: the state that follows from their events, as it follows from a log."""

from __future__ import annotations

import os

from tb_versions.core.manifest import visible
from tb_versions.errors import StorageError, TbVersionsError
from tb_versions.fleet.tables import EVENTS, table_in
from tb_versions.read.folders.scan import Place, Root
from tb_versions.read.registries import ModelRegistry
from tb_versions.registry.state import Fold

_COLUMNS = ("path", "model", "number", "event")
_ROWS_AT_A_TIME = 2_000


def indexed_logs(tables: str, root: Root) -> dict[str, ModelRegistry]:
    """Returns what the events in the tables say, by the path of the model's folder; nothing was measured later.

    Args:
        tables: Folder or URL of the tables.
        root: The models folder.

    Raises:
        StorageError: They can't be read, or are not those of a log.
    """
    delta = table_in(tables, EVENTS)
    rows = delta.columns(_COLUMNS, delta.existing()).sort_by([("path", "ascending"), ("number", "ascending")])
    logs: dict[tuple[str, str], Fold] = {}
    for batch in rows.to_batches(max_chunksize=_ROWS_AT_A_TIME):
        path, model, _, event = (batch.column(name).to_pylist() for name in _COLUMNS)
        for of_path, of_model, data in zip(path, model, event, strict=True):
            _apply(logs.setdefault((of_path or "", of_model or ""), Fold()), of_model or "", data or b"")
    return {
        path: ModelRegistry(model, Place(root, os.path.join(root.path, path)), fold.state())
        for (path, model), fold in logs.items()
    }


def _apply(fold: Fold, model: str, event: bytes) -> None:
    try:
        fold.apply(event)
    except TbVersionsError as error:
        raise StorageError(
            f"The tables have not the log of {visible(model)} as it was written: {visible(str(error))} "
            "Make them anew with tb-versions index --rebuild."
        ) from error
