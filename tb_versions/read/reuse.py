"""Finds a published version, checks its files, and loads it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from tb_versions.core import storage
from tb_versions.core.codec import load_json
from tb_versions.core.digest import Changes, Progress, compare, version_digest
from tb_versions.core.manifest import MANIFEST_LIMIT, MANIFEST_NAME
from tb_versions.errors import (
    InvalidManifestError,
    MissingDependencyError,
    NotASavedModelError,
    VersionDamagedError,
    VersionNotFoundError,
)
from tb_versions.read.catalog import Catalog, Version, is_in_place
from tb_versions.read.integrity import in_words, listed_files
from tb_versions.read.reader import CatalogReader
from tb_versions.read.roots import roots_of

_KERAS_ARCHIVE = "assets.extra/model.keras"


def path(reference: str, *, models_dir: str | os.PathLike[str]) -> Path:
    """Returns the folder of a version, without checking its files.

    Args:
        reference: `digits:3`, `digits:1.4.0`, or `digits` for the highest number.
        models_dir: Folder of models, `<models>/<model>/<number>/`.

    Raises:
        InvalidReferenceError: It is no reference.
        VersionNotFoundError: It names no version.
        AmbiguousVersionError: It names several.
        UnreadableFolderError: The models folder does not exist.
    """
    return Path(folder_of(find(reference, models_dir)))


def verify(reference: str, *, models_dir: str | os.PathLike[str], progress: Progress | None = None) -> Changes:
    """Reads every file of a version and compares it with the manifest.

    Args:
        reference: As in `path`.
        models_dir: As in `path`.
        progress: Called with the bytes read so far and the bytes in all.

    Returns:
        What differs; falsy if nothing does.

    Raises:
        VersionDamagedError: The manifest itself can't be read.
        TbVersionsError: As in `path`.
    """
    return verify_version(find(reference, models_dir), progress=progress)


def load(reference: str, *, models_dir: str | os.PathLike[str]) -> Any:
    """Checks the digest of every file of a version and loads the model. That runs its code: load only what you trust.

    Args:
        reference: As in `path`.
        models_dir: As in `path`.

    Returns:
        A Keras model where the version holds its native archive (it can be trained further), else what
        `tf.saved_model.load` returns.

    Raises:
        VersionDamagedError: A file differs from the manifest; nothing was loaded.
        NotASavedModelError: The version holds other files; use `path`.
        MissingDependencyError: TensorFlow is not installed.
        TbVersionsError: As in `path`.
    """
    version = find(reference, models_dir)
    changes = verify_version(version)
    folder = folder_of(version)
    if changes:
        raise VersionDamagedError(f"{version.id} in {folder} is not what was published: {in_words(changes)}")
    try:
        import tensorflow as tf
    except ImportError as error:
        raise MissingDependencyError("Loading a model needs TensorFlow: pip install tensorflow.") from error
    archive = os.path.join(folder, _KERAS_ARCHIVE)
    if os.path.isfile(archive):
        return tf.keras.models.load_model(archive)
    if not os.path.isfile(os.path.join(folder, "saved_model.pb")):
        raise NotASavedModelError(f"{version.id} is no SavedModel; tb_versions.path gives its folder, {folder}.")
    return tf.saved_model.load(folder)


def find(reference: str, models_dir: str | os.PathLike[str]) -> Version:
    """Returns the version that a reference names in a models folder; raises as `path`."""
    folder = storage.existing_folder(models_dir, "The models folder")
    catalog = CatalogReader(roots_of("", [str(folder)])).refresh()
    # Only <models>/<model>/<number>/: a manifest that somebody put elsewhere must not decide what is loaded.
    return Catalog(versions=tuple(v for v in catalog.versions if _is_under(folder, v))).find(reference)


def _is_under(models_dir: Path, version: Version) -> bool:
    """Whether a version lies in `<models>/<model>/<number>/`, or `<number>/` where a model's own folder was given."""
    depths = {place.relative.count("/") for place in version.places}
    return is_in_place(version) and (1 in depths or (0 in depths and models_dir.resolve().name == version.model))


def folder_of(version: Version) -> str:
    """Returns the absolute path of a version's folder.

    Raises:
        VersionNotFoundError: Only an event file knows the version.
    """
    if not version.places:
        raise VersionNotFoundError(f"{version.id} has no folder here. {version.notice}".strip())
    return version.places[0].folder


def verify_version(version: Version, *, progress: Progress | None = None) -> Changes:
    """Reads every file of a version and compares it with the manifest; raises as `verify`."""
    folder = folder_of(version)
    if version.state == "damaged":
        raise VersionDamagedError(f"The manifest of {version.id} can't be read: {version.notice}")
    within = version.places[0].root.path
    try:
        data = storage.read_capped(os.path.join(folder, MANIFEST_NAME), MANIFEST_LIMIT, within=within)
        fields = load_json(data)
    except (FileNotFoundError, InvalidManifestError) as error:
        raise VersionDamagedError(f"The manifest of {version.id} can't be read: {error}") from error
    files = listed_files(fields)
    if fields.get("digest") and fields["digest"] != version_digest(files):
        raise VersionDamagedError(f"The manifest of {version.id} was changed: its digest is not that of its file list.")
    return compare(folder, files, hash_contents=True, progress=progress, within=within)
