"""Versions in an object store: small folders, published as fast as files can be written."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import tb_versions as tbv
from tests.support.object_stores import BUCKET

MODELS = f"s3://{BUCKET}/models"


def exported(folder: Path, *, files: int = 3, size: int = 100) -> Path:
    """A folder that can be published."""
    (folder / "variables").mkdir(parents=True)
    for number in range(files):
        (folder / "variables" / f"{number}.bin").write_bytes(os.urandom(size))
    return folder


def publish(
    tmp_path: Path, url: str = MODELS, *, name: str = "digits", files: int = 3, **facts: Any
) -> tbv.PublishedVersion:
    """Publishes such a folder without a word."""
    source = tmp_path / os.urandom(8).hex()
    version = tbv.publish(exported(source, files=files), url, name=name, run_dir=tmp_path / "run", strict=True, **facts)
    assert version is not None
    return version


def keys(url: str) -> list[str]:
    """Every object below a URL."""
    from tb_versions.core.object_store import open_store

    return [entry.key for entry in open_store(url).entries()]


def complete(found: Iterable[str]) -> set[str]:
    """The folders that have a manifest."""
    return {key.rpartition("/")[0] for key in found if key.endswith("/version_manifest.json")}
