"""Takes a removed version out of an object store, and deletes its files for good.

Objects can't be renamed. So the manifest alone moves, to `.versions/removed/<number>.json`: without it there is no
version. The mark `.versions/trash/<number>` holds the name of its folder until its objects are deleted. Each step can
be done again.
"""

from __future__ import annotations

from collections.abc import Iterator

from tb_versions.core.layout import GOLDEN, NUMBERS, PRIVATE_FOLDER, REMOVED, TRASH
from tb_versions.core.manifest import MANIFEST_LIMIT, MANIFEST_NAME
from tb_versions.core.object_store import ObjectStore
from tb_versions.errors import StorageError
from tb_versions.registry.remedies import about
from tb_versions.write.removal import Emptied


def take_out(model: ObjectStore, folder: str, number: int) -> None:
    """Takes a version out of its place.

    Args:
        model: The folder of the model.
        folder: Name of the version's folder in it.
        number: The version's number.

    Raises:
        StorageError: The store can't be read or written; the next call goes on from there.
    """
    model.create(f"{NUMBERS}/{number}", b"{}\n")  # a version that was put there by hand has no reservation
    kept = f"{REMOVED}/{number}.json"
    try:
        data = model.read(f"{folder}/{MANIFEST_NAME}", MANIFEST_LIMIT)
    except FileNotFoundError:
        data = b""  # it was done before
    if data and not model.create(kept, data) and model.read(kept, MANIFEST_LIMIT) != data:
        raise StorageError(
            f"{model.shown}/{kept} is the manifest of another version than the one in {model.shown}/{folder}. Move "
            f"away what does not belong here, and run: {about('fsck', model.shown, '--repair')}"
        )
    model.create(f"{TRASH}/{number}", f"{folder}\n".encode())
    model.delete(f"{folder}/{MANIFEST_NAME}")


def in_trash(model: ObjectStore) -> Iterator[tuple[int, int]]:
    """Yields number and bytes of every removed version whose objects are there. Raises StorageError."""
    for number, folder in _marks(model):
        yield number, sum(entry.size for entry in model.entries(folder))


def empty_trash(model: ObjectStore, *, only: int | None = None) -> Emptied:
    """Deletes the objects of removed versions for good.

    Args:
        model: The folder of the model.
        only: Number of one version; None for all.

    Raises:
        StorageError: The trash can't be listed.
    """
    emptied, size, failures = [], 0, []
    for number, folder in list(_marks(model)):
        if only not in (None, number):
            continue
        try:
            entries = list(model.entries(folder))
            golden = f"{PRIVATE_FOLDER}/{GOLDEN}/{number}"  # users' data, which go with the version's files
            model.delete_all([f"{golden}/{entry.key}" for entry in model.entries(golden)])
            model.delete_all([f"{folder}/{entry.key}" for entry in entries])
            model.delete(f"{TRASH}/{number}")
        except StorageError as error:
            failures.append(f"Objects of version {number} are left. {error}")
            continue
        emptied.append(number)
        size += sum(entry.size for entry in entries)
    return Emptied(tuple(emptied), size, tuple(failures))


def _marks(model: ObjectStore) -> Iterator[tuple[int, str]]:
    """Number and folder of what is to be deleted: never what has a manifest."""
    for name in model.names(TRASH):
        if not (name.isascii() and name.isdigit() and len(name) < 20):
            continue
        folder = model.read(f"{TRASH}/{name}", 64).decode("ascii", "replace").strip()
        is_number = folder.isascii() and folder.isdigit() and int(folder) == int(name)
        if is_number and not model.exists(f"{folder}/{MANIFEST_NAME}"):
            yield int(name), folder
