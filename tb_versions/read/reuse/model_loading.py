"""Loads the model of a version whose files were checked: Keras' own archive, else the SavedModel.

The only module of `read` that imports TensorFlow and Keras. What they raise becomes one sentence with a remedy.
"""

from __future__ import annotations

import importlib
import os
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tb_versions.core.manifest import visible
from tb_versions.core.patterns import loadable
from tb_versions.errors import MissingDependencyError, ModelLoadError, TbVersionsError

KERAS_ARCHIVE = "assets.extra/model.keras"
"""Path of Keras' own archive in a version."""

SAVED_MODEL = "saved_model.pb"

_MOST_METADATA = 65_536
_UNKNOWN = re.compile(r"Could not locate \w+ '(?P<name>[^']+)'")
_UNKNOWN_KERAS_2 = re.compile(r"Unknown [\w ]+: '(?P<name>[^']+)'")
_REGISTERED = re.compile(r"'registered_name': '(?P<name>[^']*>[^']*)'")
_NEEDS_KERAS_2 = "It was saved by Keras 2, which newer ones of TensorFlow do not have: pip install tf_keras."


@dataclass(frozen=True)
class HowToLoad:
    """What a caller says of the Keras archive, as in `keras.models.load_model`; and whether nothing else will do."""

    custom_objects: Mapping[str, Any] | None = None
    compile: bool = True
    safe_mode: bool = True
    strict: bool = False


@dataclass
class Loaded:
    """A model, and sentences about what it lacks."""

    model: Any
    lacks: list[str] = field(default_factory=list)


def load_model(version_id: str, folder: str, *, has: frozenset[str], keras: str, how: HowToLoad) -> Loaded:
    """Loads the model of a version; its files must have been checked.

    Args:
        version_id: What messages call it.
        folder: The version's folder.
        has: Which of `KERAS_ARCHIVE` and `SAVED_MODEL` the manifest lists; no other file decides what is loaded.
        keras: Version of the Keras that wrote it, as the manifest says; "" where it does not.
        how: How to load the archive.

    Raises:
        ModelLoadError: Neither can be loaded.
        MissingDependencyError: TensorFlow, or Keras 2, is not installed.
    """
    if KERAS_ARCHIVE not in has:
        return Loaded(_saved_model(version_id, folder))
    archive = os.path.join(folder, KERAS_ARCHIVE)
    try:
        return _keras_model(version_id, archive, keras=keras, how=how)
    except TbVersionsError as error:
        if how.strict or SAVED_MODEL not in has:
            raise
        reason = str(error)
    try:
        model = _saved_model(version_id, folder)
    except TbVersionsError as error:
        raise type(error)(f"{reason} Nor can its SavedModel: {error}") from error
    instead = "Its SavedModel was loaded instead, which can be called (by .serve or .signatures) and not trained."
    return Loaded(model, [f"{reason} {instead}"])


def _keras_model(version_id: str, archive: str, *, keras: str, how: HowToLoad) -> Loaded:
    if not zipfile.is_zipfile(archive):
        raise ModelLoadError(f"The Keras archive of {version_id} can't be loaded: it was no zip file when published.")
    library = _library(version_id, archive, keras)
    try:
        return Loaded(_from_archive(library, archive, how, compile=how.compile))
    except Exception as error:  # noqa: BLE001 - Keras raises whatever a layer raises
        failure = error
    reason = _reason(failure, how)
    if how.compile and not how.strict:
        # A loss or an optimizer that is not known is no reason to do without the Keras model.
        try:
            model = _from_archive(library, archive, how, compile=False)
        except Exception:  # noqa: BLE001, S110 - the first failure says more
            pass
        else:
            said = f"{version_id} was loaded without its loss, metrics and optimizer: {reason} Or pass compile=False."
            return Loaded(model, [said])
    raise ModelLoadError(f"The Keras archive of {version_id} can't be loaded: {reason}") from failure


def _from_archive(library: Any, archive: str, how: HowToLoad, *, compile: bool) -> Any:  # noqa: A002 - Keras' name
    known = dict(how.custom_objects) if how.custom_objects else None
    return library.models.load_model(archive, custom_objects=known, compile=compile, safe_mode=how.safe_mode)


def _library(version_id: str, archive: str, keras: str) -> Any:
    """The Keras that reads an archive: 2 can't read those of 3, nor 3 those of 2."""
    is_old = (_written_by(archive) or keras).startswith("2.")
    try:
        return importlib.import_module("tf_keras" if is_old else "keras")
    except ImportError as error:
        remedy = _NEEDS_KERAS_2 if is_old else "Keras is not installed: pip install tensorflow."
        raise MissingDependencyError(f"The Keras archive of {version_id} can't be loaded. {remedy}") from error


def _written_by(archive: str) -> str:
    """The version of Keras that an archive says wrote it; "" where it says nothing."""
    try:
        with zipfile.ZipFile(archive) as members, members.open("metadata.json") as metadata:
            said = re.search(rb'"keras_version":\s*"([0-9.]+)', metadata.read(_MOST_METADATA))
    except (OSError, KeyError, RuntimeError, NotImplementedError, zipfile.BadZipFile):
        return ""
    return said[1].decode() if said else ""


def _reason(error: Exception, how: HowToLoad) -> str:
    """Why an archive can't be loaded, and what to pass if that is an error that an argument mends."""
    said = str(error)
    if "safe_mode" in said and how.safe_mode:
        return "it holds a Python lambda, which is code. If you trust who published it, pass safe_mode=False."
    unknown = _UNKNOWN.search(said) or _UNKNOWN_KERAS_2.search(said)
    if unknown is None:
        return _first_line(error)
    name = visible(unknown["name"])
    registered = _REGISTERED.search(said, unknown.start())
    if registered is None:
        return f"{name} is not known here. Pass custom_objects={{{name!r}: {name}}}."
    key = visible(registered["name"])
    return f"{name} is not known here. Import the module that registers it, or pass custom_objects={{{key!r}: {name}}}."


def _saved_model(version_id: str, folder: str) -> Any:
    try:
        tf = importlib.import_module("tensorflow")
    except ImportError as error:
        raise MissingDependencyError("Loading a model needs TensorFlow: pip install tensorflow.") from error
    try:
        try:
            return tf.saved_model.load(loadable(folder))
        except AttributeError as error:
            # Variables of an optimizer of Keras 2, whose class only Keras 2 brings back.
            if "add_slot" not in str(error):
                raise
            importlib.import_module("tf_keras")
            return tf.saved_model.load(loadable(folder))
    except ImportError as error:
        raise MissingDependencyError(f"{version_id} in {folder} can't be loaded. {_NEEDS_KERAS_2}") from error
    except Exception as error:
        raise ModelLoadError(
            f"{version_id} in {folder} can't be loaded: {_first_line(error)} {_saved_model_remedy(error)}"
        ) from error


def _saved_model_remedy(error: Exception) -> str:
    if "Op type not registered" in str(error):
        return "Import the library that has this op (tensorflow_text, for example) before."
    if "tags" in str(error):
        return "Load it with tf.saved_model.load(tb_versions.path(…), tags=…)."
    return "tb_versions.path gives its folder, for the library that wrote it."


def _first_line(error: Exception) -> str:
    """Kind and first line of an error, without the model's whole configuration."""
    line = str(error).strip().partition("\n")[0].partition(" Full object config")[0]
    return f"{type(error).__name__}: {visible(line)[:300].rstrip('.')}."
