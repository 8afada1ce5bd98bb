"""Finds a published version, checks its files, and loads it."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tensorboard.context import RequestContext

from tb_versions.core import storage
from tb_versions.core.arguments import paths
from tb_versions.core.digest import Progress
from tb_versions.core.elsewhere import binding, checked_sources
from tb_versions.errors import NotASavedModelError, TbVersionsWarning, VersionDamagedError, VersionNotFoundError
from tb_versions.read.announcements import AnnouncementReader
from tb_versions.read.catalog import Catalog, Version
from tb_versions.read.folders.roots import roots_of
from tb_versions.read.folders.scan import Place
from tb_versions.read.manifests.files_at import FilesAt, files_at
from tb_versions.read.manifests.integrity import in_words
from tb_versions.read.reader import open_reader
from tb_versions.read.reuse.finding import find
from tb_versions.read.reuse.model_loading import KERAS_ARCHIVE, SAVED_MODEL, HowToLoad, load_model
from tb_versions.read.reuse.remote_files import fetched
from tb_versions.read.reuse.verifying import Announcements, Verified, place_of, prevents_loading, verify_place


def path(
    reference: str | os.PathLike[str],
    *,
    models_dir: str | os.PathLike[str] | None = None,
    sources: Mapping[str, str | os.PathLike[str]] | None = None,
) -> Path:
    """Returns the folder of a version, without checking its files; where its one file lies elsewhere, that file.

    A version in an object store is fetched into the user's cache, and what was fetched is checked.

    Args:
        reference: `digits:3`, `digits:1.4.0`, `digits@production`, `digits@production~1` for what the next rollback
            would return to, or `digits` for the newest that is there; or the path of a version's folder or of its
            manifest, as a `Path` or with a slash.
        models_dir: Folder of models, `<models>/<model>/<number>/`, or its URL. Not needed for a path.
        sources: Folders by the names of sources, for versions whose files lie elsewhere: `{"nas": "/mnt/nas"}`. By
            default what the variable `TB_VERSIONS_SOURCES` says.

    Raises:
        FilesElsewhereError: The files lie elsewhere, and their source is bound to no folder.
        InvalidReferenceError: It is no reference.
        VersionNotFoundError: It names no version.
        AmbiguousVersionError: It names several.
        VersionRemovedError: The version was removed.
        VersionDamagedError: An alias names it, and its manifest is not the one that was promoted.
        DamagedLogError: What an alias names is not known: its log is damaged, or was cut or rewritten.
        UnreadableFolderError: The models folder, or the folder of the path, does not exist.
        VersionDamagedError: What was fetched is not what was published.
        StorageError: It can't be fetched.
    """
    with binding(checked_sources(sources)):
        version = find(reference, models_dir)
        return Path(_files(version, here(version)).path)


def verify(
    reference: str | os.PathLike[str],
    *,
    models_dir: str | os.PathLike[str] | None = None,
    logdir: str | os.PathLike[str] | None = None,
    sources: Mapping[str, str | os.PathLike[str]] | None = None,
    progress: Progress | None = None,
) -> Verified:
    """Reads every file of a version and compares it with the manifest.

    Args:
        reference: As in `path`.
        models_dir: As in `path`.
        logdir: What `tensorboard --logdir` gets: the manifest is compared with the copy that a run there announces.
        sources: As in `path`.
        progress: Called with the bytes read so far and the bytes in all.

    Returns:
        What differs; falsy if nothing does.

    Raises:
        FilesElsewhereError: Files that lie elsewhere can't be compared: nobody said where, or which they are.
        VersionDamagedError: The manifest itself can't be read.
        TbVersionsError: As in `path`.
    """
    with binding(checked_sources(sources)):
        version = find(reference, models_dir)
    announcements = None if logdir is None else _announcements(os.fspath(logdir))
    return verify_place(version, place_of(version), announcements=announcements, progress=progress).result


def load(
    reference: str | os.PathLike[str],
    *,
    models_dir: str | os.PathLike[str] | None = None,
    sources: Mapping[str, str | os.PathLike[str]] | None = None,
    custom_objects: Mapping[str, Any] | None = None,
    compile: bool = True,  # noqa: A002 - as in keras.models.load_model
    safe_mode: bool = True,
    strict: bool = False,
) -> Any:
    """Checks the digest of every file of a version and loads the model. That runs its code: load only what you trust.

    Args:
        reference: As in `path`.
        models_dir: As in `path`.
        sources: As in `path`.
        custom_objects: Names to classes and functions of your own, for the Keras archive; as in
            `keras.models.load_model`, like the next two.
        compile: Whether the Keras model gets its loss, metrics and optimizer back.
        safe_mode: Whether to refuse Python lambdas in the Keras archive, which are code.
        strict: Whether to raise an error instead of a `TbVersionsWarning`, where files were added to the version, or
            where its Keras archive can't be loaded as it was saved.

    Returns:
        A Keras model where the version holds its native archive (it can be trained further), else what
        `tf.saved_model.load` returns; that also, with a warning, where the archive can't be loaded.

    Raises:
        FilesElsewhereError: As in `verify`.
        VersionDamagedError: A file is changed or missing, or one that may be loaded with the model was added; nothing
            was loaded.
        NotASavedModelError: The version holds other files; use `path`.
        ModelLoadError: TensorFlow or Keras can't load it.
        MissingDependencyError: TensorFlow, or Keras 2 for a model of Keras 2, is not installed.
        TbVersionsError: As in `path`.
    """
    with binding(checked_sources(sources)):
        version = find(reference, models_dir)
        ready = ready_to_load(version, strict=strict)
    loaded = load_model(
        version.id,
        ready.folder,
        has=ready.has,
        keras=_keras_of(ready.manifest),
        how=HowToLoad(custom_objects, compile=compile, safe_mode=safe_mode, strict=strict),
    )
    for sentence in (*ready.said, *loaded.lacks):
        warnings.warn(sentence, TbVersionsWarning, stacklevel=2)
    return loaded.model


@dataclass(frozen=True)
class Ready:
    """A version whose files were all read and are as published.

    Attributes:
        folder: With its files, on this disk.
        has: Which of `KERAS_ARCHIVE` and `SAVED_MODEL` the manifest lists; one of them at least.
        manifest: Its JSON.
        said: Sentences about files that were added.
    """

    folder: str
    has: frozenset[str]
    manifest: Mapping[str, Any]
    said: tuple[str, ...] = ()


def ready_to_load(version: Version, *, strict: bool = False, progress: Progress | None = None) -> Ready:
    """Reads every file of a version and compares it with the manifest, so that its model may be loaded.

    Args:
        version: The version.
        strict: Whether files that were added are an error, also where they are not of a model.
        progress: Called with the bytes read so far and the bytes in all.

    Raises:
        VersionDamagedError: A file is changed or missing, or one that may be loaded with the model was added.
        NotASavedModelError: The version holds other files.
        TbVersionsError: As in `verify`.
    """
    place = here(version, check=False)
    verified = verify_place(version, place, progress=progress)
    at = _files(version, place)
    said = _check(f"{version.id} in {at.path}", verified.result, strict=strict)
    has = frozenset(file.path for file in verified.files) & {KERAS_ARCHIVE, SAVED_MODEL}
    if not has:
        kind = "file" if at.only else "folder"
        raise NotASavedModelError(f"{version.id} is no SavedModel; tb_versions.path gives its {kind}, {at.path}.")
    return Ready(at.path, has, verified.manifest, tuple(said))


def open_catalog(
    logdir: str | os.PathLike[str] = "",
    models_dir: str | os.PathLike[str] | Sequence[str | os.PathLike[str]] = (),
    *,
    models_dirs: Sequence[str | os.PathLike[str]] = (),
    sources: Mapping[str, str | os.PathLike[str]] | None = None,
) -> Catalog:
    """Returns every version found in a log directory and in models folders, without a server.

    Of a local log directory every point of a curve counts; of one at a URL a sample of 1,000, which is marked.

    Args:
        logdir: What `tensorboard --logdir` gets; "" reads no event files.
        models_dir: Folder of models, `<models>/<model>/<number>/`, or a list of them.
        models_dirs: The old name of `models_dir`.
        sources: As in `path`.

    Returns:
        The catalog, files checked by names and sizes, curves joined.
    """
    with binding(checked_sources(sources)):
        return open_reader(os.fspath(logdir), [*paths(models_dir), *paths(models_dirs)]).catalog


def here(version: Version, *, check: bool = True) -> Place:
    """Returns the place of a version on this disk; what was fetched is compared with the manifest if asked for."""
    place = place_of(version)
    if not place.root.is_remote:
        return place
    if version.state == "damaged":
        raise VersionDamagedError(f"The manifest of {version.id} can't be read: {version.notice}")
    copy = fetched(place, digest=version.manifest_digest)
    if check:
        _check(f"{version.id} in {place.shown}", verify_place(version, copy).result, strict=True)
    return copy


def folder_of_files(version: Version, place: Place) -> str:
    """Returns the folder of a version's files, or its one file that lies elsewhere; raises as `path`."""
    return _files(version, place).path


def _files(version: Version, place: Place) -> FilesAt:
    """Where the files of a version are.

    Raises:
        VersionNotFoundError: They lie elsewhere, and nothing is there any more.
        TbVersionsError: As `locate`.
    """
    try:
        return files_at(place, version.listing.elsewhere if version.listing else None)
    except FileNotFoundError as error:
        raise VersionNotFoundError(f"The files of {version.id} are gone. {error}") from error


def _check(what: str, found: Verified, *, strict: bool) -> list[str]:
    """Returns what is to be said of a version that may be loaded; raises VersionDamagedError if it may not."""
    if prevents_loading(found, strict=strict):
        raise VersionDamagedError(f"{what} is not what was published: {in_words(found)}")
    if not found.extra:
        return []
    return [f"{what} was loaded without the files that were added after it was published: {in_words(found)}"]


def _keras_of(manifest: Mapping[str, object]) -> str:
    environment = manifest.get("environment")
    keras = environment.get("keras") if isinstance(environment, Mapping) else None
    return keras if isinstance(keras, str) else ""


def _announcements(logdir: str) -> Announcements:
    """Every announcement in a log directory; raises UnreadableFolderError if it does not exist."""
    from tb_versions.read.curves.event_files import provider_of

    storage.existing_folder(logdir, "The log directory")
    unreadable: list[tuple[str, str]] = []
    provider = provider_of(logdir, unreadable)
    context = RequestContext()
    runs = sorted(run.run_name for run in provider.list_runs(context, experiment_id=""))
    announced, problems = AnnouncementReader(provider).everything(context, runs)
    return Announcements(announced, roots_of(logdir).resolve, problems=[*unreadable, *problems])
