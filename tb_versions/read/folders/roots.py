"""The folders that may be read: the logdir and every --versions_models_dir. Pure but for `~` and the current folder."""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Sequence
from dataclasses import dataclass

from tb_versions.core.storage import is_remote
from tb_versions.read.folders.scan import Root

_SPEC = re.compile(r"(?:(?P<name>[^:,/\\]+):)?(?P<path>(?:[a-z0-9]+://)?[^,]+)")


@dataclass(frozen=True)
class Roots:
    """The folders that the command line names.

    Attributes:
        allowed: Local folders that may be read.
        run_folders: (prefix of run names, folder) for every part of --logdir_spec; [("", logdir)] else.
        remote: URLs, which can't be read yet, as the user typed them.
    """

    allowed: tuple[Root, ...]
    run_folders: tuple[tuple[str, str], ...]
    remote: tuple[str, ...]

    def resolve(self, run: str, location: str) -> str | None:
        """Returns the absolute path that an announcement's location means; does not touch the disk.

        Args:
            run: Name of the run that holds the announcement.
            location: Path of the version's folder relative to the run's folder.

        Returns:
            The path, or None if the run's folder or the location is not known.
        """
        if not location or posixpath.isabs(location) or "\0" in location:
            return None
        found = self.folder_of(run)
        return None if found is None else os.path.normpath(os.path.join(*found, location))

    def folder_of(self, run: str) -> tuple[str, str] | None:
        """Returns the log directory that a run is in, and the run's path below it; None if it is remote."""
        if len(self.run_folders) == 1 and not self.run_folders[0][0]:
            return self.run_folders[0][1], run.lstrip("/")
        for prefix, folder in sorted(self.run_folders, key=lambda part: -len(part[0])):
            if run == prefix or not prefix or run.startswith(prefix + "/"):
                return folder, run[len(prefix) :].lstrip("/")
        return None

    def is_allowed(self, path: str) -> bool:
        """Whether a normalised absolute path is inside an allowed folder, by its text."""
        return any(path == r.path or path.startswith(r.path.rstrip(os.sep) + os.sep) for r in self.allowed)


def roots_of(logdir: str = "", models_dirs: Sequence[str] = (), logdir_spec: str = "") -> Roots:
    """Returns the folders that the command line allows.

    Args:
        logdir: Value of --logdir; "" where absent.
        models_dirs: Values of --versions_models_dir.
        logdir_spec: Value of --logdir_spec ("one:/a,two:/b"); "" where absent.
    """
    logdirs = [("", logdir)] if logdir else _parse_spec(logdir_spec)
    allowed: dict[str, Root] = {}
    remote: list[str] = []
    for kind, paths in (("logdir", [p for _, p in logdirs]), ("models_dir", list(models_dirs))):
        for path in paths:
            if is_remote(path):
                remote.append(path)
            else:
                absolute = _absolute(path)
                allowed.setdefault(absolute, Root(absolute, path, kind))
    folders = tuple((name, _absolute(path)) for name, path in logdirs if not is_remote(path))
    return Roots(tuple(allowed.values()), folders, tuple(remote))


def _absolute(path: str) -> str:
    return os.path.abspath(os.path.expanduser(path))


def _parse_spec(spec: str) -> list[tuple[str, str]]:
    return [(m["name"] or "", m["path"]) for m in _SPEC.finditer(spec)]
