"""Takes the files of a version that the registry's log says is removed out of its place, and empties the trash.

The manifest moves unchanged to `.versions/removed/<number>.json`: lineage and comparison still know the version. Then
the folder moves to `.versions/trash/<number>` by one rename, so TensorFlow Serving sees all of it or nothing. Each step
can be done again: what a killed process left is finished by the next call.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tb_versions.core.layout import GOLDEN, NUMBERS, PRIVATE_FOLDER, REMOVED, TRASH
from tb_versions.core.manifest import MANIFEST_LIMIT, MANIFEST_NAME
from tb_versions.core.storage import cannot_rename_folders, create_if_absent, fsync_folder, read_capped
from tb_versions.errors import StorageError, UnsafeFileError
from tb_versions.registry.remedies import about
from tb_versions.write import numbers
from tb_versions.write.model_folder import check_model_folder
from tb_versions.write.publish import storage_errors

_IN_PLACE = ".in-place"
"""End of the name of a file in the trash for a version whose folder can't be renamed: it holds the folder's name."""


@dataclass(frozen=True)
class Emptied:
    """What emptying the trash deleted.

    Attributes:
        numbers: Of the versions, ascending.
        size: Bytes of their files.
        failures: A sentence for each version whose files could not all be deleted.
    """

    numbers: tuple[int, ...]
    size: int
    failures: tuple[str, ...] = ()


def take_out(folder: Path, number: int) -> bool:
    """Takes a version out of its place.

    Args:
        folder: `<models>/<model>/<number>`, as it is spelled.
        number: The version's number.

    Returns:
        Whether its files are in the trash now; False where folders can't be renamed: then they stay until the trash is
        emptied, and only the manifest has moved.

    Raises:
        UnsafeFileError: A symlink is in the way.
        StorageError: Reading or writing failed; the next call goes on from there.
    """
    model_folder = folder.parent
    check_model_folder(model_folder)
    with storage_errors():
        for name in (REMOVED, TRASH, NUMBERS):
            os.makedirs(model_folder / name, exist_ok=True)
            _check_no_link(model_folder / name)
        numbers.keep(os.fspath(model_folder), number)  # a version that was put there by hand has no reservation
        _keep_manifest(folder, model_folder / REMOVED / f"{number}.json")
        return _to_trash(folder, number)


def is_taken_out(folder: Path) -> bool:
    """Whether no version is left in a folder: it is gone, or has no manifest any more."""
    return not os.path.lexists(folder / MANIFEST_NAME)


def in_trash(model_folder: Path) -> Iterator[tuple[int, int]]:
    """Yields number and bytes of every version whose files are in the trash, or wait for being deleted in place.

    Raises:
        StorageError: It can't be read.
    """
    with storage_errors():
        for number, path in _trash(model_folder):
            yield number, sum(status.st_size for status in _files(path))


def empty_trash(model_folder: Path, *, only: int | None = None) -> Emptied:
    """Deletes the files of removed versions for good.

    Args:
        model_folder: `<models>/<model>`.
        only: Number of the version whose files are deleted; None for all.

    Raises:
        UnsafeFileError: A symlink is in the way.
        StorageError: The trash can't be read.
    """
    check_model_folder(model_folder)
    emptied, size, failures = [], 0, []
    with storage_errors():
        for number, path in list(_trash(model_folder)):
            if only not in (None, number):
                continue
            bytes_there = sum(status.st_size for status in _files(path))
            problems: list[str] = []
            golden = _golden(model_folder, number)
            for gone in filter(os.path.lexists, (golden, path)):  # the trash last: it leads to the next try
                shutil.rmtree(gone, onerror=lambda _, where, error: problems.append(f"{where}: {error[1]}"))  # noqa: B023
            if any(map(os.path.lexists, (golden, path))):
                failures.append(f"Files of version {number} are left. {problems[0] if problems else path}")
                continue
            with contextlib.suppress(FileNotFoundError):
                os.unlink(model_folder / TRASH / f"{number}{_IN_PLACE}")
            emptied.append(number)
            size += bytes_there
    return Emptied(tuple(emptied), size, tuple(failures))


def _golden(model_folder: Path, number: int) -> Path:
    """The folder with a version's golden outputs, which are users' data and go with its files.

    Raises:
        UnsafeFileError: The folder above is a symlink, so it is not ours.
    """
    above = model_folder / PRIVATE_FOLDER / GOLDEN
    if above.is_symlink():
        raise UnsafeFileError(f"{above} is a symlink, and what is behind it is not deleted. Remove the link.")
    return above / str(number)


def _keep_manifest(folder: Path, kept: Path) -> None:
    """Copies the manifest to where those of removed versions are. Raises OSError, StorageError."""
    try:
        data = read_capped(folder / MANIFEST_NAME, MANIFEST_LIMIT, within=folder.parent)
    except FileNotFoundError:
        return  # it was done before
    if not create_if_absent(kept, data) and read_capped(kept, MANIFEST_LIMIT) != data:
        raise StorageError(
            f"{kept} is the manifest of another version than the one in {folder}. Move away what does not belong "
            f"here, and run: {about('fsck', os.fspath(folder.parent), '--repair')}"
        )


def _to_trash(folder: Path, number: int) -> bool:
    trash = folder.parent / TRASH
    if not os.path.lexists(folder):
        return True
    target = trash / str(number)
    if os.path.lexists(target):
        model_folder = os.fspath(folder.parent)
        raise StorageError(
            f"{folder} was removed before, and {target} is in its way. Move that away, or empty the trash with: "
            f"{about('prune', model_folder, '--empty-trash --yes')} and then run: "
            f"{about('fsck', model_folder, '--repair')}"
        )
    try:
        os.rename(folder, target)
    except OSError as error:
        if not cannot_rename_folders(error, target):
            raise
        create_if_absent(trash / f"{number}{_IN_PLACE}", f"{folder.name}\n".encode())
        with contextlib.suppress(FileNotFoundError):
            os.unlink(folder / MANIFEST_NAME)
        fsync_folder(folder)
        return False
    fsync_folder(trash)
    fsync_folder(folder.parent)
    return True


def _trash(model_folder: Path) -> Iterator[tuple[int, Path]]:
    """Number and folder of what is to be deleted; nothing that a symlink leads to. Raises OSError."""
    trash = model_folder / TRASH
    _check_no_link(trash)
    try:
        names = sorted(os.listdir(trash))
    except FileNotFoundError:
        return
    for name in names:
        number = name.removesuffix(_IN_PLACE)
        if not (number.isascii() and number.isdigit() and len(number) < 20):
            continue
        path = trash / name
        if name != number:
            spelled = read_capped(path, 64).decode("ascii", "replace").strip()
            path = model_folder / spelled
            if not spelled.isdigit() or int(spelled) != int(number) or os.path.lexists(path / MANIFEST_NAME):
                continue
        if os.path.isdir(path) and not os.path.islink(path):
            yield int(number), path


def _files(folder: Path) -> Iterator[os.stat_result]:
    for parent, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                yield os.lstat(os.path.join(parent, name))


def _check_no_link(path: Path) -> None:
    if os.path.islink(path):
        raise StorageError(f"{path} is a symlink; nothing is moved through it. Put a folder in its place.")
