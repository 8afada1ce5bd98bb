"""Where a pipeline's artifacts lie on this machine. A path that the metadata store names is never opened as it is."""

from __future__ import annotations

import os
from collections.abc import Iterator

from tb_versions.core.digest import list_files
from tb_versions.core.run_identity import is_event_file
from tb_versions.core.storage import is_inside
from tb_versions.errors import TbVersionsError
from tb_versions.interop.tfx.graph import Link

_SERVING = ("Format-Serving", "serving_model_dir")
_EXPORT = "export"  # an Estimator's: export/<name of the exporter>/<time>/saved_model.pb
_MOST_FOLDERS = 5_000
_MOST_RUNS = 100
_CHUNK = 1024 * 1024


class OutputFolder:
    """The folder of a pipeline's outputs: `<node>/<key>/<execution>` below it, wherever it was copied to.

    Args:
        folder: The folder.
    """

    def __init__(self, folder: str) -> None:
        self.root = os.path.realpath(folder)

    def find(self, link: Link) -> str:
        """Returns the real path of an artifact's folder; "" where it is not at hand, or not below this folder.

        Where the output folder was moved, the store's path has another beginning; its end is the same.
        """
        for relative in self._candidates(link):
            path = os.path.realpath(os.path.join(self.root, relative))
            if relative and is_inside(path, self.root) and path != self.root and os.path.isdir(path):
                return path
        return ""

    def relative(self, path: str) -> str:
        """The path of what lies below this folder, with slashes."""
        return os.path.relpath(path, self.root).replace(os.sep, "/")

    def _candidates(self, link: Link) -> Iterator[str]:
        uri = link.artifact.uri.removeprefix("file://")
        if uri.startswith(self.root + os.sep):
            yield uri[len(self.root) + 1 :]
        tail = f"{link.execution.node}/{link.key}/{link.execution.id}"
        for end in (tail, f"{tail}/{link.index}"):
            if f"/{uri}".rstrip("/").endswith(f"/{end}") and link.execution.node and link.key:
                yield end


def serving_folder(folder: str) -> str:
    """Returns the folder of the model that is served, inside a Model's folder; "" where it can't be told.

    TFX writes `Format-Serving`, releases before 0.29 `serving_model_dir`; Estimators export into one folder below.
    """
    for name in _SERVING:
        path = os.path.join(folder, name)
        if os.path.isdir(path) and not os.path.islink(path):
            export = os.path.join(path, _EXPORT)
            if os.path.isdir(export) and not os.path.islink(export):
                return _only_inner(_only_inner(export))
            return path
    return folder if any(os.path.isfile(os.path.join(folder, name)) for name in os.listdir(folder)) else ""


def _only_inner(folder: str) -> str:
    if not folder:
        return ""
    inner = [os.path.join(folder, name) for name in os.listdir(folder) if not name.startswith(".")]
    is_folder = len(inner) == 1 and os.path.isdir(inner[0]) and not os.path.islink(inner[0])
    return inner[0] if is_folder else ""


def difference(one: str, other: str) -> str:
    """Returns how the files of two folders differ, in words; "" where they are the same, byte by byte."""
    try:
        mine = {entry.path: entry.size for entry in list_files(one)}
        theirs = {entry.path: entry.size for entry in list_files(other)}
        unlike = [path for path in sorted(mine.keys() | theirs.keys()) if mine.get(path) != theirs.get(path)]
        unlike = unlike or [path for path in mine if not _is_same(os.path.join(one, path), os.path.join(other, path))]
    except (TbVersionsError, OSError) as error:
        return f"can't be compared: {error}"
    return f"differ in {unlike[0]}" + (f" and {len(unlike) - 1:,} more" if len(unlike) > 1 else "") if unlike else ""


def _is_same(one: str, other: str) -> bool:
    with open(one, "rb") as mine, open(other, "rb") as theirs:
        while True:
            chunk = mine.read(_CHUNK)
            if chunk != theirs.read(_CHUNK):
                return False
            if not chunk:
                return True


def run_folders(folder: str) -> list[str]:
    """Returns the folders with event files inside a folder, `train` first; no symlink is followed."""
    found: list[str] = []
    for looked, (path, folders, files) in enumerate(os.walk(folder), start=1):
        folders.sort(key=lambda name: (name != "train", name))
        if any(is_event_file(name) for name in files):
            found.append(path)
        if looked >= _MOST_FOLDERS or len(found) >= _MOST_RUNS:
            break
    return found
