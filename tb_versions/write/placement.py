"""Puts a version into its place `<models>/<model>/<number>/`: completely, or not at all.

A new version is built in a temporary folder: saved, parsed, digested, its manifest written last, everything fsynced.
Then one `rename` gives the folder its number. So TensorFlow Serving, which loads every folder whose name is an integer,
and the Versions tab see either nothing or a complete version, even if the process is killed. Where folders can't be
renamed, which is tried before anything is exported, `filling` puts the files there one by one and the manifest last.
"""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from tb_versions._version import __version__
from tb_versions.core import codec
from tb_versions.core.digest import LIST_LIMIT, separated
from tb_versions.core.manifest import FILE_LIST_NAME, MANIFEST_NAME, VersionManifest, validate
from tb_versions.core.storage import (
    cannot_rename_folders,
    create_if_absent,
    fsync_folder,
    fsync_tree,
    read_capped,
    write_file,
)
from tb_versions.errors import StorageError, TbVersionsError, UnsafeFileError, VersionExistsError
from tb_versions.write import numbers
from tb_versions.write.complete import complete
from tb_versions.write.facts import Facts
from tb_versions.write.failures import report, warn_once
from tb_versions.write.filling import can_rename_folders, fill, holds, local_scratch
from tb_versions.write.model_folder import check_model_folder
from tb_versions.write.savers import Saver
from tb_versions.write.temporary import scratch_path

_FILE_BY_FILE = (
    "so versions are copied there file by file, the manifest last. TensorFlow Serving may find one before it is "
    "complete: name the numbers that it serves."
)
_TAKEN = (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR)


@dataclass(frozen=True)
class Placed:
    """A version in its place.

    Attributes:
        folder: The version's folder; its URL in an object store.
        manifest: The manifest.
        data: The manifest's bytes, as written.
    """

    folder: Path | str
    manifest: VersionManifest
    data: bytes


def place_version(
    saver: Saver,
    model_folder: Path,
    draft: VersionManifest,
    *,
    facts: Facts,
    number: int | None,
    adopts: bool = False,
) -> Placed:
    """Builds a new version and gives it its place.

    Args:
        saver: Fills the version's folder.
        model_folder: Folder of all versions of the model; created if it is missing.
        draft: What the author stated; its number is ignored.
        facts: What the author stated, as `complete` needs it.
        number: The version's number; None takes the next one.
        adopts: As of `complete`.

    Raises:
        VersionExistsError: The number is taken.
        TbVersionsError: The model can't be saved, or its files can't be read.
        OSError: Reading or writing failed.
    """
    return _place(model_folder, number, lambda built: build(saver, built, draft, facts, adopts=adopts))


def place_elsewhere(model_folder: Path, manifest: VersionManifest, *, number: int | None) -> Placed:
    """Gives a version its place whose files lie elsewhere: its folder holds the manifest, and nothing else.

    Args:
        model_folder: Folder of all versions of the model; created if it is missing.
        manifest: All that is known, `files_elsewhere` among it; its number is ignored. What files there are and their
            digest, `complete` finds out (`adopts`); a manifest without them says that they are not known.
        number: The version's number; None takes the next one.

    Raises:
        VersionExistsError: The number is taken.
        TbVersionsError: A value breaks a rule, or no version can be put there.
        OSError: Writing failed.
    """
    manifest, listed = separated(validate(replace(manifest, created_by=f"tb_versions {__version__}")))
    check_model_folder(model_folder)

    def build_manifest(built: str) -> VersionManifest:
        os.mkdir(built)
        if listed is not None:
            write_file(os.path.join(built, FILE_LIST_NAME), listed, durable=False)
        return manifest

    return _place(model_folder, number, build_manifest, reserves_later=True)


def _place(
    model_folder: Path,
    number: int | None,
    build_at: Callable[[str], VersionManifest],
    *,
    reserves_later: bool = False,
) -> Placed:
    """Builds a version in a temporary folder with a function that gets its path, and gives it its place."""
    folder = os.fspath(model_folder)
    make_folder(model_folder)
    numbers.prepare(folder)
    can_rename = can_rename_folders(folder)
    if not can_rename:
        warn_once(f"no rename {folder}", f"{folder} is on a file system that can't rename folders, {_FILE_BY_FILE}")
    with scratch_path(folder) if can_rename else local_scratch() as built:
        manifest = build_at(built)
        if can_rename:
            fsync_tree(built, own_names=False)
        check_model_folder(model_folder)  # once more: the export may have taken hours
        place = move if can_rename else fill
        if reserves_later and number is not None:
            return _place_given(built, manifest, number=number, place=place, model_folder=model_folder)
        placed, links = None, numbers.count_links(folder)
        while placed is None:  # ends: each round takes another number, or raises
            placed = _place_at(_take_number(folder, number), built, manifest, place=place, model_folder=model_folder)
    if number is None:
        numbers.remember(folder, placed.manifest.number, links_before=links)
    return placed


def build(saver: Saver, built: str, draft: VersionManifest, facts: Facts, *, adopts: bool = False) -> VersionManifest:
    """Fills the folder of a version, and returns the manifest that will be in it.

    Args:
        saver: Fills the folder.
        built: Path of the folder, which does not exist.
        draft: What the author stated.
        facts: What the author stated, as `complete` needs it.
        adopts: As of `complete`.

    Raises:
        TbVersionsError: The model can't be saved, or its files can't be read.
        OSError: Reading or writing failed.
    """
    with errors_about(built, os.fspath(saver.folder or f"the export of {draft.model}")):
        saver.save(built)
        if saver.tell is not None:
            told = saver.tell(built)
            draft = replace(draft, format=told.format, saved_model=told.saved_model)
        if saver.ask is not None:
            draft = replace(draft, golden=saver.ask(built))
        manifest, listed = separated(_with_keras(complete(draft, built, facts, adopts=adopts), saver.keras))
    if listed is not None:
        write_file(os.path.join(built, FILE_LIST_NAME), listed, durable=False)
    return manifest


def place_manifest(folder: Path, draft: VersionManifest, facts: Facts, *, adopts: bool = False) -> Placed:
    """Writes the manifest of a folder that is in its final place already.

    Args:
        folder: The version's folder.
        draft: What is known of it.
        facts: As of `complete`.
        adopts: As of `complete`.

    Raises:
        VersionExistsError: Another writer was faster.
        TbVersionsError: The folder's files can't be read.
        OSError: Reading or writing failed.
    """
    manifest, listed = separated(complete(draft, folder, facts, adopts=adopts))
    data = codec.encode(manifest)
    beside = _beside(folder)
    _place_list(folder, listed, temporary_folder=beside)
    fsync_tree(folder)
    if folder.parent.name == manifest.model:
        created = _create_in_layout(folder, manifest, data)
    else:
        created = create_if_absent(folder / MANIFEST_NAME, data, temporary_folder=beside)
    if not created:
        check_no_manifest(folder)
    return Placed(folder, manifest, data)


def _beside(folder: Path) -> str | None:
    """The folder above, if a temporary file can go there: what a killed writer leaves in a version is its file."""
    above = os.fspath(folder.parent)
    with contextlib.suppress(OSError):
        if os.access(above, os.W_OK) and os.stat(above).st_dev == os.stat(folder).st_dev:
            return above
    return None


def _place_list(folder: Path, listed: bytes | None, *, temporary_folder: str | None) -> None:
    """Puts the list of files beside a manifest that will come; one that a killed writer left may be there."""
    path = folder / FILE_LIST_NAME
    if listed is not None and create_if_absent(path, listed, temporary_folder=temporary_folder):
        return
    if os.path.lexists(path) and (listed is None or read_capped(path, LIST_LIMIT) != listed):
        raise UnsafeFileError(
            f"{path} bears the name of this package's lists of files, and is not that of this version. Remove it."
        )


def check_no_manifest(folder: str | os.PathLike[str]) -> None:
    """Raises VersionExistsError if the folder has a manifest."""
    if os.path.lexists(os.path.join(folder, MANIFEST_NAME)):
        raise VersionExistsError(
            f"{os.fspath(folder)} has a manifest already, and versions are immutable: publish a new version instead."
        )


def confirm(placed: Placed, *, strict: bool) -> None:
    """Waits until the disk has a new version's name; a failure is a warning, because the version is in place.

    Raises:
        StorageError: With `strict`: the disk reports an error.
    """
    folder = Path(placed.folder)
    try:
        fsync_folder(folder.parent)
    except OSError as error:
        what = f"{placed.manifest.reference} is in place in {folder.parent}, but the disk did not confirm it"
        if strict:
            raise StorageError(f"{what}: {error.strerror}.") from error
        report(error, what, strict=False)


def _with_keras(manifest: VersionManifest, version: str) -> VersionManifest:
    """The manifest with the Keras that the model belongs to; a process may have loaded Keras 2 and 3."""
    environment = manifest.environment
    return replace(manifest, environment=replace(environment, keras=version)) if environment and version else manifest


@contextlib.contextmanager
def errors_about(built: str, what: str) -> Iterator[None]:
    """Makes errors name what is published, not its temporary copy, which will be gone when somebody reads them."""
    try:
        yield
    except TbVersionsError as error:
        error.args = (str(error).replace(built, what),)
        raise


def _create_in_layout(folder: Path, manifest: VersionManifest, data: bytes) -> bool:
    """Creates the manifest of a folder `<model>/<number>` and reserves that number, as for a new version."""
    model_folder = os.fspath(folder.parent)
    numbers.prepare(model_folder)
    with scratch_path(model_folder) as scratch:
        os.mkdir(scratch)
        created = create_if_absent(folder / MANIFEST_NAME, data, temporary_folder=scratch)
        numbers.keep(model_folder, manifest.number)
    return created


def _take_number(model_folder: str, number: int | None) -> int:
    """Reserves the given number, or the next one."""
    if number is None:
        return numbers.reserve(model_folder)
    if not numbers.claim(model_folder, number):
        raise VersionExistsError(f"Another writer took the number {number} in {model_folder}.")
    return number


def _place_given(
    built: str,
    manifest: VersionManifest,
    *,
    number: int,
    place: Callable[[str, str, bytes], bool],
    model_folder: Path,
) -> Placed:
    """Puts a folder that was built in a moment at a number that nobody has, and reserves that afterwards.

    So a writer that is killed in between leaves a version, and no number that is taken for nothing. Who reserves the
    number meanwhile finds something there, and takes another one.

    Raises:
        VersionExistsError: The number is taken.
    """
    manifest = replace(manifest, number=number)
    target, folder = model_folder / str(number), os.fspath(model_folder)
    data = codec.encode(manifest)
    if numbers.is_reserved(folder, number) or not place(built, os.fspath(target), data):
        raise VersionExistsError(f"Another writer took the number {number} in {folder}.")
    numbers.keep(folder, number)
    return Placed(target, manifest, data)


def _place_at(
    number: int,
    built: str,
    manifest: VersionManifest,
    *,
    place: Callable[[str, str, bytes], bool],
    model_folder: Path,
) -> Placed | None:
    """Puts the built folder at a reserved number; None if something else is there."""
    manifest = replace(manifest, number=number)
    target = model_folder / str(number)
    try:
        data = codec.encode(manifest)
        return Placed(target, manifest, data) if place(built, os.fspath(target), data) else None
    except BaseException:
        numbers.release(os.fspath(model_folder), number)
        raise


def move(built: str, target: str, manifest: bytes) -> bool:
    """Writes the manifest and renames the finished folder; False if the target exists."""
    path = os.path.join(built, MANIFEST_NAME)
    write_file(path, manifest)
    fsync_folder(built)
    # rename() would replace an empty folder, so look first; if the target is anything else, rename() fails.
    if not os.path.lexists(target):
        try:
            os.rename(built, target)
            return True
        except OSError as error:
            if not os.path.lexists(built) and holds(
                target, manifest
            ):  # the answer of a rename that was done may be lost
                return True
            if cannot_rename_folders(error, target):  # of so large a folder, or from one folder to another
                os.unlink(path)
                return fill(built, target, manifest)
            if error.errno not in _TAKEN:
                raise
    os.unlink(path)
    return False


def make_folder(folder: Path) -> None:
    """Creates a folder and its missing parents, and waits until the disk has their names."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    with contextlib.suppress(FileExistsError):
        folder.mkdir()
    fsync_folder(folder.parent)
