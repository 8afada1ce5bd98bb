"""One version, looked at now: its files may have changed since the table was made."""

from __future__ import annotations

from pathlib import Path

import pytest

from tb_versions.errors import UnsafeFileError
from tb_versions.payload.version import details
from tb_versions.read.reader import open_reader
from tb_versions.write.publish import publish


@pytest.fixture
def models(tmp_path: Path) -> Path:
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "weights.bin").write_bytes(b"abc")
    publish(tmp_path / "made", tmp_path / "models", name="digits")
    return tmp_path / "models"


def test_a_file_that_vanished_after_the_table_was_made_is_told(models: Path) -> None:
    reader = open_reader("", [str(models)])
    version = reader.catalog.find("digits:1")
    assert details(reader.catalog, version, reader.manifest_bytes)["state"] == "present"
    (models / "digits" / "1" / "weights.bin").unlink()
    told = details(reader.catalog, version, reader.manifest_bytes)
    assert told["state"] == "changed"
    assert told["files_changed"] == [{"path": "weights.bin", "what": "missing"}]
    assert told["checked"] == "names and sizes of 1 file; contents were not read"


def test_a_manifest_that_is_unsafe_by_now_makes_the_version_unreachable(models: Path) -> None:
    reader = open_reader("", [str(models)])

    def unsafe(_: object) -> bytes:
        raise UnsafeFileError("version_manifest.json is a symlink.")

    told = details(reader.catalog, reader.catalog.find("digits:1"), unsafe)
    assert (told["state"], told["notice"]) == ("unreachable", "version_manifest.json is a symlink.")
    assert told["manifest"] is None
