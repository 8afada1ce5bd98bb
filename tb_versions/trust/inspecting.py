"""Inspects a model: finds the files in a folder and asks each format's module. Nothing is loaded, unpickled or run."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import FileIO

from tb_versions.core.digest import REGISTRY_FOLDER
from tb_versions.core.manifest import FILE_LIST_NAME, MANIFEST_NAME, visible
from tb_versions.errors import NotAModelError, NotASavedModelError, UnreadableFolderError
from tb_versions.formats import opened, read_format
from tb_versions.formats.models import Model
from tb_versions.trust import others
from tb_versions.trust.findings import Finding, Inspection, Part, joined
from tb_versions.trust.pickled import ZIP, inspect_pickle
from tb_versions.trust.saved_model import GRAPH, KERAS_METADATA, OTHER_FORMS, inspect_metadata, inspect_saved_model

MAX_FILES = 100_000
"""Most files that are looked at."""

_Look = Callable[[FileIO, str], Iterator[Finding]]
_LOOKS: dict[str, _Look] = {
    "keras": others.inspect_keras,
    "keras_h5": others.inspect_h5,
    "onnx": others.inspect_onnx,
    "tflite": others.inspect_tflite,
    "pickle": inspect_pickle,
    "pytorch": inspect_pickle,
    "numpy": inspect_pickle,
}
_ENDINGS = {
    ".keras": "keras",
    ".h5": "keras_h5",
    ".hdf5": "keras_h5",
    ".onnx": "onnx",
    ".tflite": "tflite",
    ".safetensors": "safetensors",
    ".pt": "pytorch",
    ".pth": "pytorch",
    ".ckpt": "pytorch",
    ".pkl": "pickle",
    ".pickle": "pickle",
    ".joblib": "pickle",
    ".npz": "numpy",
    ".npy": "numpy",
}
_KNOWN = frozenset({"fingerprint.pb", MANIFEST_NAME, FILE_LIST_NAME})
_PROGRAMS = frozenset({".py", ".pyc", ".so", ".dll", ".dylib", ".sh", ".exe", ".jar"})
_OF_VARIABLES = ("variables.index", "variables.data-")
_PROTOCOLS = range(2, 6)


@dataclass
class _Seen:
    parts: list[Part] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    files: int = 0
    size: int = 0


def inspect_model(path: str) -> Inspection:
    """Returns what a model contains, without loading it.

    Every file is looked at by its ending, and one of unknown ending by its first bytes. Symlinks are not followed.

    Args:
        path: A folder, or one file.

    Raises:
        UnreadableFolderError: There is no such folder or file, or it can't be listed.
    """
    seen = _Seen()
    if os.path.isdir(path):
        for folder, name in _files(path, seen):
            _look(os.path.join(path, folder), name, os.path.join(folder, name), seen=seen)
    elif os.path.lexists(path):
        _look(os.path.dirname(path) or ".", os.path.basename(path), os.path.basename(path), seen=seen)
    else:
        raise UnreadableFolderError(f"There is no folder and no file {visible(path)}.")
    return Inspection(path, tuple(seen.parts), joined(seen.findings), seen.files, seen.size, others=tuple(seen.others))


def _files(top: str, seen: _Seen) -> Iterator[tuple[str, str]]:
    """Folder below the top and name of each file, in order; the registry's own folder is left out."""

    def unread(error: OSError) -> None:
        where = os.path.relpath(str(error.filename), top)
        if where == ".":
            raise UnreadableFolderError(f"{visible(top)} can't be listed: {error.strerror}.")
        seen.findings.append(Finding("unread", where, "", f"the folder can't be listed: {error.strerror}"))

    for folder, folders, names in os.walk(top, onerror=unread):
        links = [name for name in folders if os.path.islink(os.path.join(folder, name))]
        folders[:] = sorted(name for name in folders if name != REGISTRY_FOLDER and name not in links)
        within = os.path.relpath(folder, top)
        for name in sorted([*names, *links]):
            if seen.files >= MAX_FILES:
                seen.findings.append(Finding("unread", "", "", f"more than {MAX_FILES:,} files; the rest was left out"))
                return
            yield ("" if within == "." else within), name


def _look(folder: str, name: str, file: str, *, seen: _Seen) -> None:
    """Looks at one file."""
    file = visible(file)
    seen.files += 1
    path = os.path.join(folder, name)
    try:
        status = os.lstat(path)
        if not stat.S_ISREG(status.st_mode):
            seen.findings.append(Finding("unread", file, "", "it is no plain file, and is not opened"))
            return
        seen.size += status.st_size
        _read(folder, name, file, seen=seen)
    except (NotAModelError, NotASavedModelError) as error:
        seen.findings.append(Finding("unread", file, "", _reason(str(error), path)))
    except OSError as error:
        seen.findings.append(Finding("unread", file, "", f"it can't be read: {error.strerror}"))


def _read(folder: str, name: str, file: str, *, seen: _Seen) -> None:
    if name == GRAPH:
        part, found = inspect_saved_model(folder, os.path.dirname(file))
        seen.parts.append(part)
        seen.findings += found
    elif name == KERAS_METADATA:
        seen.findings += inspect_metadata(os.path.join(folder, name), file)
    elif name in OTHER_FORMS:
        seen.findings.append(Finding("unread", file, "", "a SavedModel in a form that is not read"))
    elif name not in _KNOWN and not _is_of_checkpoint(folder, name):
        _read_file(folder, name, file, seen=seen)


def _read_file(folder: str, name: str, file: str, *, seen: _Seen) -> None:
    """Reads a file by its ending, or its first bytes."""
    path = os.path.join(folder, name)
    ending = os.path.splitext(name)[1].lower()
    if ending in _PROGRAMS:
        seen.findings.append(Finding("custom", file, "", "a program, which was not judged"))
        return
    form = _ENDINGS.get(ending) or _by_its_bytes(path)
    if not form:
        seen.others.append(file)
        return
    size = os.lstat(path).st_size
    look = _LOOKS.get(form)
    found: list[Finding] = []
    try:
        if look is not None:
            with opened(path) as data:
                found.extend(look(data, file))
        told = read_format(Model(folder, form, name, is_loose=True))
        keras = told.environment.keras if told.environment else ""
        seen.parts.append(Part(file, form, size, told.saved_model, f"Keras {visible(keras)}" if keras else ""))
    except NotAModelError:
        seen.parts.append(Part(file, form, size))
        raise
    finally:
        seen.findings += found


def _by_its_bytes(path: str) -> str:
    """The format of a file of unknown ending that could be taken for a model; "" of any other."""
    with opened(path) as file:
        head = file.read(8) or b""
    if head[:1] == b"\x80" and len(head) > 1 and head[1] in _PROTOCOLS:
        return "pickle"
    if head[:4] == ZIP:
        return "pytorch"
    if head[4:8] == b"TFL3":
        return "tflite"
    return "keras_h5" if head == b"\x89HDF\r\n\x1a\n" else ""


def _is_of_checkpoint(folder: str, name: str) -> bool:
    """Whether a file holds a SavedModel's variables: plain numbers, which TensorFlow reads as such."""
    return os.path.basename(folder) == "variables" and name.startswith(_OF_VARIABLES)


def _reason(error: str, path: str) -> str:
    return error.removeprefix(f"{path} ").rstrip(".") or "it can't be read"
