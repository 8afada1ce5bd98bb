"""Where the files of an MLflow version are: below a folder that the operator named, and nowhere else.

What a store says of places is not trusted: MLflow's own check of `source` was passed by again and again. A place counts
only by the part that lies below the named folder, once all links are resolved.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from tb_versions.core.manifest import FilesElsewhere, check_path_elsewhere
from tb_versions.core.storage import is_inside
from tb_versions.errors import InvalidManifestError

_INNER = ("data/model", "tfmodel", "model", "data")
"""Where a logged model has its SavedModel, by flavor and age of MLflow."""

_KERAS = "data/model.keras"


@dataclass(frozen=True)
class Place:
    """Where files are.

    Attributes:
        folder: Real path of their folder; "" where they are not at hand.
        only: Name of the one file in it, where others lie beside it.
        path: POSIX path below the root of the folder or the one file; "" where it is not known.
        is_part: Whether the folder is the model inside of what MLflow logged.
    """

    folder: str = ""
    only: str = ""
    path: str = ""
    is_part: bool = False


def find(location: str, roots: Sequence[str]) -> Place:
    """Returns where the files of a version are.

    Args:
        location: As the store has it: a path, `file:///…`, `mlflow-artifacts:/…`, `s3://…`.
        roots: Real paths of folders below which files may be opened.
    """
    guess = ""
    for root in roots:
        for path in _candidates(location, root):
            guess = guess or path
            folder = os.path.realpath(os.path.join(root, path))
            if is_inside(folder, root) and folder != root and os.path.isdir(folder):
                return _model_in(folder, path, root)
    return Place(path=guess)


def source_of(place: Place, label: str) -> FilesElsewhere | None:
    """Returns how a manifest names a place; None where it is not known."""
    return FilesElsewhere(source=label, path=place.path) if place.path else None


def _candidates(location: str, root: str) -> Iterator[str]:
    """Paths below a root that a location may mean: as it is, or as the store was before it was moved."""
    parts = _parts(location)
    absolute = "/" + "/".join(parts)
    if location.startswith(("/", "file:")) and is_inside(os.path.realpath(absolute), root):
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


def _model_in(folder: str, path: str, root: str) -> Place:
    """The model inside of what MLflow logged, where that is one of TensorFlow's; else all of it."""
    for inner in _INNER:
        found = os.path.realpath(os.path.join(folder, inner))
        if os.path.isfile(os.path.join(found, "saved_model.pb")) and is_inside(found, root):
            return Place(found, "", f"{path}/{inner}", is_part=True)
    keras = os.path.join(folder, _KERAS)
    if os.path.isfile(keras) and not os.path.islink(keras) and is_inside(os.path.realpath(keras), root):
        return Place(os.path.dirname(os.path.realpath(keras)), "model.keras", f"{path}/{_KERAS}", is_part=True)
    return Place(folder, "", path)
