"""Opens a SavedModel's files and puts together what they say."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from tb_versions.core.manifest import Fingerprint, MetaGraph, SavedModel, Variable, shown
from tb_versions.core.storage import local_path
from tb_versions.errors import NotASavedModelError
from tb_versions.savedmodel.checkpoint import read_checkpoint, read_collections
from tb_versions.savedmodel.dtypes import elements
from tb_versions.savedmodel.metagraph import read_functions, read_meta_graph
from tb_versions.savedmodel.objects import ObjectGraph
from tb_versions.savedmodel.table import MAX_TABLE
from tb_versions.savedmodel.wire import Message, Source, WireError

MAX_VARIABLES = 2_000
"""Most variables that a manifest lists; the rest is counted."""

MAX_GRAPH = 2**31 - 1
"""Most bytes of saved_model.pb: protobuf's own limit, so that TensorFlow can't load more either."""

_MAX_FINGERPRINT = 64 * 1024
_MAX_INT64 = 2**63 - 1
_META_GRAPHS, _OBJECT_GRAPH = 2, 7  # of SavedModel, MetaGraphDef
_T = TypeVar("_T")
_OPEN_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def read_saved_model(folder: str | os.PathLike[str]) -> SavedModel:
    """Reads a SavedModel of TensorFlow 1 or 2 without loading it; TensorFlow need not be installed.

    Variables are those of the model: without the state of optimizers, step counters and random generators,
    each once, sorted by name and cut at 2,000; `parameter_count` is the sum of the elements of them all.
    A TF 2 model's come from its object graph, a TF 1 model's from its checkpoint.

    Args:
        folder: What holds saved_model.pb.

    Returns:
        Signatures, tags, op counts, variables and fingerprint.

    Raises:
        NotASavedModelError: The folder is missing, holds something else, or is damaged; the message names
            the file and says what is wrong.
    """
    path = local_path(folder)
    _check_folder(path)
    with opened(path / "saved_model.pb", MAX_GRAPH) as source:
        messages = _meta_graphs(source)
        meta_graphs = tuple(read_meta_graph(message) for message in messages)
        if not meta_graphs:
            raise WireError("it holds no graph")
        objects = next((graph for m in messages if (graph := m.child(_OBJECT_GRAPH)) is not None), None)
        variables = ObjectGraph(objects).variables() if objects else _checkpoint_variables(path, messages)
    variables.sort(key=lambda variable: variable.name)
    return SavedModel(
        meta_graphs=meta_graphs,
        variables=tuple(variables[:MAX_VARIABLES]),
        variables_omitted=max(0, len(variables) - MAX_VARIABLES),
        parameter_count=min(sum(elements(variable.shape) for variable in variables), _MAX_INT64),
        fingerprint=_read_optional(path / "fingerprint.pb", _MAX_FINGERPRINT, _fingerprint),
    )


def read_graphs(folder: str | os.PathLike[str]) -> tuple[MetaGraph, ...]:
    """Reads a SavedModel's graphs alone, whatever is wrong with its variables; raises as `read_saved_model`."""
    with opened(local_path(folder) / "saved_model.pb", MAX_GRAPH) as source:
        return tuple(read_meta_graph(message) for message in _meta_graphs(source))


def function_names(folder: str | os.PathLike[str]) -> frozenset[str]:
    """Returns the names of the functions in a SavedModel's graphs, which nodes of TensorFlow 1 name like ops.

    Raises:
        NotASavedModelError: As in `read_saved_model`.
    """
    with opened(local_path(folder) / "saved_model.pb", MAX_GRAPH) as source:
        return frozenset(name for message in _meta_graphs(source) for name in read_functions(message))


def _meta_graphs(source: Source) -> list[Message]:
    messages = []
    for message in source.message().each(_META_GRAPHS):
        source.keep(objects=10)
        messages.append(message)
    return messages


def _checkpoint_variables(folder: Path, messages: list[Message]) -> list[Variable]:
    collections = read_collections(messages)

    def read(source: Source) -> list[Variable]:
        return read_checkpoint(source.read(0, source.size), collections)

    return _read_optional(folder / "variables" / "variables.index", MAX_TABLE, read) or []


def _fingerprint(source: Source) -> Fingerprint:
    values = source.message().scalars(numbers=(1, 2, 3, 4, 5))
    if not any(values.values()):
        raise WireError("it holds no fingerprint")
    return Fingerprint(
        saved_model_checksum=str(values.get(1, 0)),
        graph_def_program_hash=str(values.get(2, 0)),
        signature_def_hash=str(values.get(3, 0)),
        saved_object_graph_hash=str(values.get(4, 0)),
        checkpoint_hash=str(values.get(5, 0)),
    )


def _read_optional(path: Path, limit: int, read: Callable[[Source], _T]) -> _T | None:
    """Reads a file that a SavedModel need not have."""
    if not os.path.lexists(path):
        return None
    with opened(path, limit) as source:
        return read(source)


@contextmanager
def opened(path: Path, limit: int) -> Iterator[Source]:
    """A plain file to read from; whatever is wrong with it becomes a NotASavedModelError that names it."""
    try:
        with open(os.open(path, _OPEN_FLAGS), "rb", buffering=0) as file:
            yield Source(file, _checked_size(os.fstat(file.fileno()), limit))
    except WireError as error:
        raise NotASavedModelError(f"{path} is damaged or no part of a SavedModel: {error}.") from error
    except OSError as error:
        reason = "it is a symlink" if path.is_symlink() else error.strerror
        raise NotASavedModelError(f"{path} can't be read: {reason}.") from error


def _checked_size(status: os.stat_result, limit: int) -> int:
    if not stat.S_ISREG(status.st_mode):
        raise WireError("it is not a plain file")
    if status.st_size == 0:
        raise WireError("it is empty")
    if status.st_size > limit:
        raise WireError(f"it has {status.st_size:,} bytes, and more than {limit:,} can't be read")
    return status.st_size


def _check_folder(path: Path) -> None:
    """Says in one sentence why a folder is no SavedModel, if that can be seen from its names."""
    try:
        names = sorted(os.listdir(path))
    except FileNotFoundError:
        raise NotASavedModelError(f"{path} is no SavedModel: there is no such folder.") from None
    except NotADirectoryError:
        raise NotASavedModelError(f"{path} is no SavedModel but a file. {_file_advice(path.name)}") from None
    except OSError as error:
        raise NotASavedModelError(f"{path} is no readable SavedModel: {error.strerror}.") from error
    if "saved_model.pb" not in names:
        raise NotASavedModelError(f"{path} is no SavedModel: {_why_not(path, names)}")


def _why_not(path: Path, names: list[str]) -> str:
    if "saved_model.pbtxt" in names:
        return (
            "saved_model.pbtxt is the text format, which is not supported. "
            "Load it with TensorFlow and save it again with as_text=False."
        )
    if "export.meta" in names:
        return "found a TF1 session-bundle export.meta; TensorFlow dropped that format. Export it as a SavedModel."
    if "keras_metadata.pb" in names or "variables" in names:
        return "saved_model.pb is missing; the export was cut off or a file was lost. Export it again."
    single = next((name for name in names if name.endswith((".keras", ".h5", ".hdf5", ".tflite", ".onnx"))), None)
    if single is not None:
        return f"it holds {shown(single)} and no saved_model.pb. {_file_advice(single)}"
    inner = next((name for name in names if (path / name / "saved_model.pb").is_file()), None)
    if inner is not None:
        return f"it holds no saved_model.pb, but its folder {shown(inner)} does. Name that one."
    return "it holds no saved_model.pb." if names else "it is empty."


def _file_advice(name: str) -> str:
    if name.endswith((".keras", ".h5", ".hdf5")):
        return "Load it with keras.models.load_model and write a SavedModel with model.export(folder)."
    return "Give the folder that holds saved_model.pb."
