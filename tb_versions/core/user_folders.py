"""The folder of this user's cache: what is there can be read again from elsewhere, and deleted at any time."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager

NO_CACHE = "TB_VERSIONS_NO_CACHE"
"""Variable that turns the cache off."""

CACHE_DIR = "TB_VERSIONS_CACHE_DIR"
"""Variable that names another folder for it."""


_keeps = True


@contextmanager
def keeping_nothing() -> Iterator[None]:
    """Lets this process store nothing in the folders of this user inside a `with`; what is there is used.

    Copies of what lies in object stores are made all the same: there is no other way to read it.
    """
    global _keeps
    before, _keeps = _keeps, False
    try:
        yield
    finally:
        _keeps = before


def keeps() -> bool:
    """Whether this process may store something in the folders of this user."""
    return _keeps


def cache_folder() -> str:
    """Returns the folder, which may not exist; "" where it is turned off or there is no place for it."""
    if os.environ.get(NO_CACHE, "") not in ("", "0"):
        return ""
    named = os.environ.get(CACHE_DIR, "")
    if named:
        return os.path.abspath(named)
    above = os.environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(above):  # as the XDG specification has it
        above = os.path.expanduser("~/Library/Caches" if sys.platform == "darwin" else "~/.cache")
    return os.path.join(above, "tb_versions") if os.path.isabs(above) else ""


def is_safe(status: os.stat_result) -> bool:
    """Whether a folder is this user's, and nobody else may write there."""
    is_own = status.st_uid == os.geteuid()
    return stat.S_ISDIR(status.st_mode) and is_own and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
