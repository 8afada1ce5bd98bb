"""Where the files of an MLflow version are: below a folder that the operator named, and nowhere else.

What a store says of places is not trusted: MLflow's own check of `source` was passed by again and again. A place counts
only by the part that lies below the named folder, once all links are resolved.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import unquote, urlsplit

from tb_versions.core.elsewhere import Sources
from tb_versions.core.manifest import FilesElsewhere, check_path_elsewhere
from tb_versions.core.storage import is_inside
from tb_versions.errors import InvalidManifestError

_INNER = ("data/model", "tfmodel", "model", "data")
"""Where a logged model has its SavedModel, by flavor and age of MLflow."""

_KERAS = "data/model.keras"

DEFAULT_SOURCE = "mlflow"
"""Name of the source that files of a store are of, where the operator names none."""


@dataclass(frozen=True)
class Place:
    """Where files are.

    Attributes:
        folder: Real path of their folder; "" where they are not at hand.
        only: Name of the one file in it, where others lie beside it.
        elsewhere: The same below a source; where they are not at hand, where they should be. None: not known.
        is_part: Whether the folder is the model inside of what MLflow logged.
    """

    folder: str = ""
    only: str = ""
    elsewhere: FilesElsewhere | None = None
    is_part: bool = False


def find(location: str, sources: Sources) -> Place:
    """Returns where the files of a version are.

    Args:
        location: As the store has it: a path, `file:///…`, `mlflow-artifacts:/…`, `s3://…`.
        sources: Real paths of folders below which files may be opened, by the names of sources.
    """
    for label, root in sources.items():
        for path in _candidates(location, root):
            folder = os.path.realpath(os.path.join(root, path))
            if is_inside(folder, root) and folder != root and os.path.isdir(folder):
                return _model_in(folder, FilesElsewhere(source=label, path=path), root)
    guess = next(_candidates(location, ""), None)
    label = next(iter(sources), DEFAULT_SOURCE)
    return Place(elsewhere=FilesElsewhere(source=label, path=guess) if guess else None)


def _candidates(location: str, root: str) -> Iterator[str]:
    """Paths below a root that a location may mean: as it is, or as the store was before it was moved."""
    parts = _parts(location)
    absolute = "/" + "/".join(parts)
    if root and location.startswith(("/", "file:")) and is_inside(os.path.realpath(absolute), root):
        yield from _checked(os.path.relpath(os.path.realpath(absolute), root))
    for at, part in enumerate(parts):
        rest = parts[at:]
        if "artifacts" in rest[1:4] and part != "artifacts":  # <experiment>/<run>/artifacts/…, models/<id>/artifacts
            yield from _checked("/".join(rest))


def _parts(location: str) -> list[str]:
    if "://" in location or location.startswith(("file:", "mlflow-artifacts:")):
        location = unquote(urlsplit(location).path)
    parts = [part for part in location.split("/") if part]
    return [] if "\0" in location or len(location) > 4_096 or {".", ".."} & set(parts) else parts


def _checked(path: str) -> Iterator[str]:
    try:
        yield check_path_elsewhere(path)
    except InvalidManifestError:
        return


def _model_in(folder: str, at: FilesElsewhere, root: str) -> Place:
    """The model inside of what MLflow logged, where that is one of TensorFlow's; else all of it."""
    for inner in _INNER:
        found = os.path.realpath(os.path.join(folder, inner))
        if os.path.isfile(os.path.join(found, "saved_model.pb")) and is_inside(found, root):
            return Place(found, "", replace(at, path=f"{at.path}/{inner}"), is_part=True)
    keras = os.path.join(folder, _KERAS)
    if os.path.isfile(keras) and not os.path.islink(keras) and is_inside(os.path.realpath(keras), root):
        inside = replace(at, path=f"{at.path}/{_KERAS}")
        return Place(os.path.dirname(os.path.realpath(keras)), "model.keras", inside, is_part=True)
    return Place(folder, "", at)
