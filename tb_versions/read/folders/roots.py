"""The folders that may be read: the logdir and every --versions_models_dir. No request is made, no folder opened."""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Sequence
from dataclasses import dataclass

from tb_versions.core.mirror import mirror_of
from tb_versions.core.storage import is_remote
from tb_versions.errors import TbVersionsError
from tb_versions.read.folders.scan import Root

_SPEC = re.compile(r"(?:(?P<name>[^:,/\\]+):)?(?P<path>(?:[a-z0-9]+://)?[^,]+)")


@dataclass(frozen=True)
class Roots:
    """The folders that the command line names.

    Attributes:
        allowed: Local folders that may be read.
        run_folders: (prefix of run names, folder) for every part of --logdir_spec; [("", logdir)] else.
        remote: (URL, why) of those that can't be read.
    """

    allowed: tuple[Root, ...]
    run_folders: tuple[tuple[str, str], ...]
    remote: tuple[tuple[str, str], ...]

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

    @property
    def stores(self) -> tuple[str, ...]:
        """URLs of the allowed folders that are in object stores."""
        return tuple(root.shown for root in self.allowed if root.is_remote)

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
    remote: list[tuple[str, str]] = []
    for kind, paths in (("logdir", [p for _, p in logdirs]), ("models_dir", list(models_dirs))):
        for path in paths:
            root = _root(path, kind, remote)
            if root is not None:
                allowed.setdefault(root.path, root)
    folders = tuple((name, _absolute(path)) for name, path in logdirs if not is_remote(path))
    return Roots(tuple(allowed.values()), folders, tuple(remote))


def _root(path: str, kind: str, remote: list[tuple[str, str]]) -> Root | None:
    """An allowed folder; a URL that can't be read is added to the others."""
    if not is_remote(path):
        return Root(_absolute(path), path, kind)
    if kind == "logdir":
        remote.append((path, "is remote; name a folder of models in it with --versions_models_dir."))
        return None
    try:
        mirror = mirror_of(path)
    except TbVersionsError as error:
        remote.append((path, str(error)))
        return None
    return Root(mirror.models, mirror.url, kind)


def _absolute(path: str) -> str:
    return os.path.abspath(os.path.expanduser(path))


def _parse_spec(spec: str) -> list[tuple[str, str]]:
    return [(m["name"] or "", m["path"]) for m in _SPEC.finditer(spec)]
