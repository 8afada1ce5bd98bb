"""Lets one process at a time bring models into a folder."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator


@contextlib.contextmanager
def alone(folder: str, *, makes: bool = False, is_shared: bool = False) -> Iterator[None]:
    """Waits until no other process is in here for the folder, where the file system can; writes nothing for it.

    Args:
        folder: Its path; where it does not exist nothing is waited for.
        makes: Whether it is made.
        is_shared: Whether others that say so, too, may be in here: they do other things in the folder.

    Raises:
        OSError: It can't be made.
    """
    if makes:
        os.makedirs(folder, exist_ok=True)
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        yield  # whoever uses the folder says what is wrong
        return
    try:
        with contextlib.suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_SH if is_shared else fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
