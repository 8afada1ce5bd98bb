"""File systems that can't rename folders, each in its own words."""

from __future__ import annotations

import errno
import os

import pytest

KINDS = ("EMFILE", "EXDEV", "EPERM", "ENOTEMPTY", "ENOTSUP", "a limit", "no renames and no links")


def forbid(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    """Makes renaming a folder with files fail; "a limit" is of three files, the last kind renames no file either."""
    rename, link = os.rename, os.link

    def refused(path: str, dir_fd: int | None) -> bool:
        if kind == "no renames and no links":
            return True
        descriptor = os.open(path, os.O_RDONLY, dir_fd=dir_fd)
        try:
            count = len(os.listdir(descriptor)) if os.path.isdir(descriptor) else 0
        finally:
            os.close(descriptor)
        return count > (2 if kind == "a limit" else 0)

    def fake_rename(old: str, new: str, *, src_dir_fd: int | None = None, dst_dir_fd: int | None = None) -> None:
        if refused(old, src_dir_fd):
            number = getattr(errno, {"a limit": "EMFILE"}.get(kind, kind), errno.ENOSYS)
            raise OSError(number, os.strerror(number), old)
        rename(old, new, src_dir_fd=src_dir_fd, dst_dir_fd=dst_dir_fd)

    def fake_link(old: str, new: str, **options: bool) -> None:
        if kind == "no renames and no links":
            raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS), old)
        link(old, new, **options)

    monkeypatch.setattr(os, "rename", fake_rename)
    monkeypatch.setattr(os, "link", fake_link)
