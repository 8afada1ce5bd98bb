"""Saves a Keras model, a tf.Module, or a copy of a folder into the folder of a new version.

TensorFlow and Keras are used only if the model's own library has loaded them already.
"""

from __future__ import annotations

import contextlib
import inspect
import logging
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tb_versions.core.digest import check_amount, list_files
from tb_versions.core.manifest import Golden, SavedModel, shown
from tb_versions.core.storage import existing_folder, is_inside
from tb_versions.errors import ModelExportError, StorageError, UnsafeFileError
from tb_versions.write.failures import report
from tb_versions.write.origin import GRAPH_FILES
from tb_versions.write.values import type_name

KERAS_ARCHIVE = "assets.extra/model.keras"
"""Path of the native Keras archive in a version: `assets.extra` is TensorFlow Serving's folder for extra files."""

_DECORATION = re.compile(r"\{\{[^{}]*\}\}\s*|\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Saver:
    """How to save what is published.

    Attributes:
        save: Creates and fills the folder whose path it gets.
        folder: The folder that is copied; None for a model.
        keras: Version of the Keras that a Keras model belongs to, 2 or 3; "" for anything else.
        tell: Returns what is known of the files in the folder that was filled, where they are no SavedModel.
        ask: Asks the model in the folder that was filled, and returns what is recorded of its answers, or None.
    """

    save: Callable[[str], None]
    folder: Path | None = None
    keras: str = ""
    tell: Callable[[str], Told] | None = None
    ask: Callable[[str], Golden | None] | None = None


@dataclass(frozen=True)
class Told:
    """What is known of files that are no SavedModel.

    Attributes:
        format: As in the manifest.
        saved_model: Inputs, outputs and variables, where they are known.
    """

    format: str
    saved_model: SavedModel | None = None


def saver_of(model: object, *, keras_archive: bool = True, signatures: object = None, strict: bool = False) -> Saver:
    """Returns how to save a model. Writes nothing yet.

    Args:
        model: A Keras model, a tf.Module, the path of a folder, or a `Saver` that an integration made.
        keras_archive: Whether to save a Keras model's native archive too.
        signatures: For a tf.Module, as in `tf.saved_model.save`.
        strict: Whether an archive that can't be saved fails the whole save. If not, it is left out with a warning.

    Raises:
        TypeError: The model is something else, or `signatures` is given for something that is not a tf.Module.
        ModelExportError: A Keras model has no weights yet.
        UnreadableFolderError: There is no such folder.
    """
    if isinstance(model, Saver):
        return model
    is_folder, is_keras = isinstance(model, (str, os.PathLike)), bool(_keras_package(model))
    if signatures is not None and (is_folder or is_keras):
        raise TypeError("signatures= is for a tf.Module only; the export of a Keras model creates its own signatures.")
    if is_folder:
        folder = existing_folder(model, "The folder to publish,")  # type: ignore[arg-type]
        return Saver(lambda target: copy_folder(folder, target), folder)
    if is_keras:
        _check_built(model)
        return Saver(
            lambda to: _save_keras(model, to, archive=keras_archive, strict=strict), keras=_keras_version(model)
        )
    if _is_function(model):
        raise TypeError(
            "publish() takes a tf.Module, not a tf.function: TensorFlow saves no function by itself. Put it into a "
            'module, module = tf.Module(); module.f = f, and publish that with signatures={"serving_default": f}.'
        )
    if _is_trackable(model):
        return Saver(lambda target: _save_module(model, target, signatures))
    raise TypeError(
        f"publish() takes a Keras model, a tf.Module, or the path of an exported folder, not {type_name(model)}."
        f"{_integration_for(model)}"
    )


def _integration_for(model: object) -> str:
    """Where the function is that publishes a model of another library, as the end of a message."""
    packages = {cls.__module__.partition(".")[0] for cls in type(model).__mro__}
    for package, function in _INTEGRATIONS.items():
        if package in packages:
            return f" tb_versions.integrations.{package}.{function}() takes it."
    return ""


_INTEGRATIONS = {"xgboost": "publish_booster", "lightgbm": "publish_booster", "sklearn": "publish_estimator"}


def copy_folder(source: Path, target: str, *, only: str = "") -> None:
    """Copies the plain files of a folder with their times, without a manifest or `.versions` at its top.

    Args:
        source: The folder.
        target: Path of the copy, which does not exist.
        only: Name of the one file to copy; "" for all.

    Raises:
        UnsafeFileError: The folder holds a symlink, fifo, socket or device, too many files, or the target itself.
        StorageError: The disk is too small.
        UnreadableFolderError: A part of the folder can't be listed.
        OSError: Reading or writing failed.
    """
    if is_inside(os.path.dirname(target), source):
        raise UnsafeFileError(f"The models folder is inside {source}; publish a folder that doesn't contain it.")
    _check_before_copying(source, os.path.dirname(target), only=only)
    os.mkdir(target)
    copy_files(source, target, only=only)


def _check_before_copying(source: Path, to: str, *, only: str) -> None:
    """Refuses what could not be published after it was copied for minutes: too many files, or too large a folder."""
    entries = list_files(source, only=only)
    check_amount(entries, source)
    size, free = sum(entry.size for entry in entries), shutil.disk_usage(to).free
    if size > free > 0:  # some network file systems say 0
        raise StorageError(f"{source} has {size:,} bytes, but there are {free:,} bytes free on the disk of {to}.")


def copy_files(source: str | os.PathLike[str], target: str, *, only: str = "") -> None:
    """Copies the plain files of a folder into one that exists; raises as `copy_folder`.

    The graph file is copied last, because TensorFlow Serving loads a folder as soon as it has one.
    """
    made = {""}
    for entry in sorted(list_files(source, only=only), key=lambda entry: entry.path in GRAPH_FILES):
        folder = os.path.dirname(entry.path)
        if folder not in made:
            os.makedirs(os.path.join(target, folder), exist_ok=True)
            made.add(folder)
        _copy_file(os.path.join(source, entry.path), os.path.join(target, entry.path))


def _copy_file(source: str, target: str) -> None:
    descriptor = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(descriptor, "rb") as readable, open(target, "xb") as writable:
        shutil.copyfileobj(readable, writable, 1 << 20)
        modified = os.fstat(descriptor).st_mtime_ns
    with contextlib.suppress(OSError):  # some file systems set no times
        os.utime(target, ns=(modified, modified))


def _save_keras(model: Any, target: str, *, archive: bool, strict: bool) -> None:
    verbose = {"verbose": False} if "verbose" in inspect.signature(model.export).parameters else {}
    with _quiet_tensorflow(), _quiet_keras_2(), _as_export_error("This Keras model can't be exported"):
        model.export(target, **verbose)
    if archive:
        _save_archive(model, os.path.join(target, KERAS_ARCHIVE), strict=strict)


def _save_archive(model: Any, path: str, *, strict: bool) -> None:
    """Saves the native archive. A layer without `get_config` has none, but its SavedModel can be served."""
    folder = os.path.dirname(path)
    os.makedirs(folder, exist_ok=True)
    try:
        with _as_export_error("This Keras model can't be saved as .keras (keras_archive=False leaves that out)"):
            model.save(path)
    except ModelExportError as error:
        report(error, "A version is published without its Keras archive", strict=strict)
        with contextlib.suppress(FileNotFoundError):
            os.remove(path)
        if not os.listdir(folder):
            os.rmdir(folder)


def _save_module(model: object, target: str, signatures: object) -> None:
    tf = sys.modules["tensorflow"]
    with _quiet_tensorflow(), _as_export_error("This tf.Module can't be saved"):
        tf.saved_model.save(model, target, signatures=signatures)


def _check_built(model: Any) -> None:
    """Raises ModelExportError for a model that Keras can't export."""
    if getattr(model, "built", True):
        return
    name = f"The Keras model {shown(getattr(model, 'name', 'model'))}"
    if not _has_call(model):
        raise ModelExportError(
            f"{name} has no call(), so it can't be exported. Publish the part of it that will be served, for example "
            "publish(gan.generator, …) from a callback of your own, or give the model a call()."
        )
    if any(True for _ in model.weights):
        raise ModelExportError(
            f"{name} was trained without being called itself, so its inputs are not known. Call it once on a batch, or "
            "publish the part of it that will be served."
        )
    raise ModelExportError(
        f"{name} is not built, so it has no weights to export: train it, call it on a batch, or give it an Input first."
    )


def _has_call(model: Any) -> bool:
    """Whether a class of the program, or Keras' functional or sequential model, defines what the model computes."""
    call: Any = getattr(type(model), "call", None)
    is_keras = getattr(call, "__module__", "").partition(".")[0] in ("keras", "tf_keras")
    return not (is_keras and call.__qualname__ in ("Model.call", "Layer.call"))


def _keras_package(model: object) -> str:
    """The package that a Keras model belongs to: "keras" or "tf_keras"; "" for anything else."""
    packages = (cls.__module__.partition(".")[0] for cls in type(model).__mro__ if cls.__name__ == "Model")
    return next((package for package in packages if package in ("keras", "tf_keras")), "")


def _keras_version(model: object) -> str:
    version = getattr(sys.modules.get(_keras_package(model)), "__version__", "")
    return version if isinstance(version, str) else ""


def _is_trackable(model: object) -> bool:
    return "tensorflow" in sys.modules and any(
        cls.__name__ == "Trackable" and cls.__module__.startswith("tensorflow.") for cls in type(model).__mro__
    )


def _is_function(model: object) -> bool:
    """Whether it is a tf.function, or a concrete one: trackable, but TensorFlow makes no model of it."""
    tf = sys.modules.get("tensorflow")
    if tf is None:
        return False
    return isinstance(model, (tf.types.experimental.GenericFunction, tf.types.experimental.ConcreteFunction))


@contextlib.contextmanager
def _quiet_tensorflow() -> Iterator[None]:
    """Silences TensorFlow's log below warnings, such as "INFO:tensorflow:Assets written to"."""
    logger = logging.getLogger("tensorflow")
    level = logger.level
    logger.setLevel(max(level, logging.WARNING))
    try:
        yield
    finally:
        logger.setLevel(level)


@contextlib.contextmanager
def _quiet_keras_2() -> Iterator[None]:
    """Silences what Keras 2, whose `export` has no `verbose`, prints about each export."""
    utils = getattr(sys.modules.get("tf_keras"), "utils", None)
    if utils is None or not utils.is_interactive_logging_enabled():
        yield
        return
    utils.disable_interactive_logging()
    try:
        yield
    finally:
        utils.enable_interactive_logging()


@contextlib.contextmanager
def _as_export_error(what: str) -> Iterator[None]:
    try:
        yield
    except OSError:
        raise
    except Exception as error:
        said = _said(str(error))
        raise ModelExportError(f"{what}: {type(error).__name__}{said and f': {said}'}") from error


def _said(text: str) -> str:
    """The part of a long message that says what went wrong: the first line, of Keras' "Exception encountered" the next.

    TensorFlow's `{{function_node …}}` in front of a message names nothing that a user knows; Keras prints in bold.
    """
    lines = [line.strip() for line in _DECORATION.sub("", text).splitlines() if line.strip()]
    number = 2 if lines and lines[0].startswith("Exception encountered when calling") else 1
    return " ".join(lines[:number])[:500]
