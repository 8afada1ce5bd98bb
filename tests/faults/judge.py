"""Tells whether a models folder is sound."""

from __future__ import annotations

import os
import re
from collections.abc import Collection
from pathlib import Path

from tb_versions.core import codec
from tb_versions.core.digest import digest_files, list_files, version_digest
from tb_versions.core.manifest import MANIFEST_NAME, VersionManifest
from tb_versions.read.folders.scan import Root, Scanner

CALLS = "openat,mkdir,write,fsync,close,link,rename,unlink,unlinkat,rmdir"
"""System calls that a publishing process changes or opens files with."""


def whole_versions(model_folder: Path, *, apart_from: Collection[str] = ()) -> dict[int, VersionManifest]:
    """The versions of a model. Fails on an integer folder that is not a whole version."""
    versions = {}
    for path in model_folder.iterdir() if model_folder.exists() else ():
        if path.name.isdigit() and path.name not in apart_from:
            manifest = codec.decode((path / MANIFEST_NAME).read_bytes())
            assert manifest.files == digest_files(path, list_files(path))
            assert manifest.digest == version_digest(manifest.files)
            assert manifest.number == int(path.name)
            versions[manifest.number] = manifest
    return versions


def unfinished(model_folder: Path) -> list[str]:
    """Integer folders without a manifest. Fails on one that no reader would report."""
    scan = Scanner([Root(str(model_folder.parent), "models", "models_dir")]).scan()
    reported = {Path(where).name for where, _ in scan.problems}
    names = [
        path.name for path in model_folder.iterdir() if path.name.isdigit() and not (path / MANIFEST_NAME).exists()
    ]
    assert set(names) == reported
    assert scan.unregistered == [], "half a version could be registered"
    return names


def litter(model_folder: Path) -> list[str]:
    folder = model_folder / ".versions" / "tmp"
    return os.listdir(folder) if folder.exists() else []


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder but this package's private ones."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".versions" not in path.parts
    }


def points_of(log: str) -> list[tuple[str, int]]:
    """Every system call in a log as (name, how many of that name so far in its thread), in order."""
    counts: dict[tuple[str, str], int] = {}
    points = []
    for line in log.splitlines():
        match = re.match(r"(\d+) +([a-z0-9_]+)\(", line)
        if match:
            key = match[1], match[2]
            counts[key] = counts.get(key, 0) + 1
            if "<pipe:" not in line:  # the test's own
                points.append((match[2], counts[key]))
    return list(dict.fromkeys(points))
