"""Version numbers of one model: unique among racing writers, never reused, found in constant time.

A number is reserved by creating `.versions/numbers/<number>` exclusively. That file is never removed, so a
number is not reused after its version was deleted. These files need no fsync: after a power failure the
version's folder, which is durable, still shows that its number is taken.

`.versions/next` holds the last number, and the model folder's modification time and number of links. While both are
unchanged, the next number is known without listing the folder; otherwise it is listed. It is written only where the
file system was seen to change both for the version just published: some never change a folder's times, and on most of
those a folder has one or two links, whatever is in it.
"""

from __future__ import annotations

import contextlib
import os

from tb_versions.core.layout import NUMBERS, PRIVATE_FOLDER
from tb_versions.core.manifest import MANIFEST_NAME, MAX_NUMBER
from tb_versions.errors import StorageError
from tb_versions.write.beginning import forget_earlier_in
from tb_versions.write.failures import warn

_TRIES_BEFORE_LISTING = 64
_PLAIN = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC  # a symlink may lead anywhere, a fifo would be waited for


def parse_number(name: str) -> int | None:
    """Returns the version number that a folder name spells (leading zeros allowed), or None."""
    if not (name.isascii() and name.isdigit()) or len(name) > 40:
        return None
    number = int(name)
    return number if number <= MAX_NUMBER else None


def list_numbers(model_folder: str) -> list[int]:
    """Returns the numbers of all version folders in ascending order. Raises OSError."""
    try:
        names = os.listdir(model_folder)
    except FileNotFoundError:
        return []
    return sorted(number for name in names if (number := parse_number(name)) is not None)


def prepare(model_folder: str) -> None:
    """Creates the folder that holds the reservations. Raises OSError.

    If it was removed, numbers of versions that were removed too are not known any more. That is said. If there is no
    version and no log either, the model begins.
    """
    folder = os.path.join(model_folder, NUMBERS)
    if os.path.isdir(folder):
        return
    found = [
        number
        for number in list_numbers(model_folder)
        if os.path.lexists(os.path.join(model_folder, str(number), MANIFEST_NAME))
    ]
    forget_earlier_in(model_folder, has_versions=bool(found))
    os.makedirs(folder, exist_ok=True)
    if found:
        warn(
            f"{os.path.join(model_folder, PRIVATE_FOLDER)} was missing, though there are versions. It keeps "
            f"numbers from being given twice: the next one is {found[-1] + 1} now, even if a version of that number "
            "was removed. Keep this folder, and copy it with the versions."
        )


def is_taken(model_folder: str, number: int) -> bool:
    """Returns whether a version with that number exists, existed, or is being written. Raises OSError."""
    return os.path.lexists(_reservation(model_folder, number)) or number in list_numbers(model_folder)


def is_reserved(model_folder: str, number: int) -> bool:
    """Returns whether a number was reserved; looks at no version's folder."""
    return os.path.lexists(_reservation(model_folder, number))


def reserve(model_folder: str) -> int:
    """Reserves the next number.

    Args:
        model_folder: The model's folder; `prepare` was called for it.

    Returns:
        One more than the largest number ever used; 1 for the first version. No other caller gets the same number.

    Raises:
        StorageError: The largest possible number is in use.
        OSError: Writing failed.
    """
    last = _remembered(model_folder)
    tries = _TRIES_BEFORE_LISTING if last is not None else 0
    number = 0 if last is None else last
    while True:
        if tries == 0:
            number = max(number, _largest(model_folder))
            tries = _TRIES_BEFORE_LISTING
        number += 1
        tries -= 1
        if number > MAX_NUMBER:
            raise StorageError(f"{model_folder} has a version {MAX_NUMBER}; there is no larger number.")
        if claim(model_folder, number):
            return number


def claim(model_folder: str, number: int) -> bool:
    """Reserves a given number unless it is or was in use; of several racing callers, one succeeds.

    Raises:
        OSError: Writing failed.
    """
    if os.path.lexists(os.path.join(model_folder, str(number))):
        return False
    try:
        _create(_reservation(model_folder, number))
    except FileExistsError:
        return False
    return True


def keep(model_folder: str, number: int) -> None:
    """Reserves the number of a version folder that exists already. Raises OSError."""
    with contextlib.suppress(FileExistsError):
        _create(_reservation(model_folder, number))


def release(model_folder: str, number: int) -> None:
    """Gives back a number that this caller reserved and whose version never became visible."""
    if not os.path.lexists(os.path.join(model_folder, str(number))):
        with contextlib.suppress(OSError):
            os.unlink(_reservation(model_folder, number))


def count_links(model_folder: str) -> int:
    """Returns the links of a folder: two, and one for each folder in it, where the file system counts them."""
    return os.stat(model_folder).st_nlink


def remember(model_folder: str, number: int, *, links_before: int) -> None:
    """Records the number just used, so that the next caller needs no listing. A failure is harmless.

    Args:
        model_folder: The model's folder.
        number: The number of the version that was just put there.
        links_before: What `count_links` said before that number was reserved. Unless there is exactly one more now,
            somebody else made a folder meanwhile, or they are not counted here; then nothing is recorded.
    """
    with contextlib.suppress(OSError):
        status = os.stat(model_folder)
        reserved = os.stat(_reservation(model_folder, number)).st_mtime_ns  # by the same clock, and not long ago
        if status.st_nlink != links_before + 1 or status.st_mtime_ns < reserved:
            return
        line = f"{number:019d} {status.st_mtime_ns:020d} {status.st_nlink:019d}\n".encode("ascii")
        # Overwritten in place, always with the same length: some file systems flush a file that is replaced or
        # truncated, which takes milliseconds. A half-written line does not parse, and is ignored.
        descriptor = os.open(_hint(model_folder), os.O_WRONLY | os.O_CREAT | _PLAIN, 0o666)
        try:
            os.pwrite(descriptor, line, 0)
        finally:
            os.close(descriptor)


def _remembered(model_folder: str) -> int | None:
    """The last number, if no folder was added or removed since it was recorded."""
    try:
        with open(os.open(_hint(model_folder), os.O_RDONLY | _PLAIN), encoding="ascii") as file:
            line = file.read(128)
        number, modified, links = (int(word) for word in line.split())
        status = os.stat(model_folder)
        unchanged = (status.st_mtime_ns, status.st_nlink) == (modified, links)
    except (OSError, ValueError):
        return None
    unchanged = unchanged and line.endswith("\n")
    return number if unchanged and os.path.lexists(_reservation(model_folder, number)) else None


def _largest(model_folder: str) -> int:
    numbers = list_numbers(model_folder)
    reserved = list_numbers(os.path.join(model_folder, NUMBERS))
    return max(numbers[-1:] + reserved[-1:], default=0)


def _create(path: str) -> None:
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666))


def _reservation(model_folder: str, number: int) -> str:
    return os.path.join(model_folder, NUMBERS, str(number))


def _hint(model_folder: str) -> str:
    return os.path.join(model_folder, PRIVATE_FOLDER, "next")
