"""One version, looked at now: its files may have changed since the table was made."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tb_versions import payload
from tb_versions.errors import UnsafeFileError
from tb_versions.payload import details
from tb_versions.read.reader import open_reader
from tb_versions.write.publish import publish
from tests.support.world import strict
from tests.unit.read.test_catalog import catalog_of, record


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


@pytest.mark.parametrize(
    "stray", [".DS_Store", "Thumbs.db", ".nfs000012", ".versions/00001.json", "assets.extra/tf_serving_warmup_requests"]
)
def test_a_file_that_makes_no_difference_to_the_table_makes_none_here(models: Path, stray: str) -> None:
    path = models / "digits" / "1" / stray
    path.parent.mkdir(exist_ok=True)
    path.write_text("x")
    reader = open_reader("", [str(models)])
    (version,) = reader.check().versions
    told = details(reader.catalog, version, reader.manifest_bytes)
    assert (version.state, told["state"], told["files_changed"]) == ("present", "present", [])


def test_a_manifest_that_is_unsafe_by_now_makes_the_version_unreachable(models: Path) -> None:
    reader = open_reader("", [str(models)])

    def unsafe(_: object) -> bytes:
        raise UnsafeFileError("version_manifest.json is a symlink.")

    told = details(reader.catalog, reader.catalog.find("digits:1"), unsafe)
    assert (told["state"], told["notice"]) == ("unreachable", "version_manifest.json is a symlink.")
    assert told["manifest"] is None


def version_of(**fields: Any) -> Any:
    data = json.dumps({"schemaVersion": 1, "model": "m", "number": 1, **fields}).encode()
    catalog = catalog_of([record("m", 1)])
    return strict(payload.dump(payload.version_payload(catalog, catalog.versions[0], data)))


def test_a_manifest_that_is_too_deep_travels_as_text_only() -> None:
    deep: Any = []
    for _ in range(300):
        deep = [deep]
    told = version_of(x=deep)
    assert told["manifest"] is None
    assert "100 levels deep" in told["notice"]
    assert "[[[[" in told["manifest_text"]


@pytest.mark.parametrize("fields", [{"metrics": "none"}, {"code": [1]}, {"description": 5}])
def test_a_manifest_that_breaks_the_schema_travels_as_text_only(fields: dict[str, Any]) -> None:
    told = version_of(**fields)
    assert told["manifest"] is None
    assert "breaks the schema" in told["notice"]


def test_unknown_fields_of_a_manifest_travel() -> None:
    told = version_of(later={"a": [1]})
    assert (told["manifest"]["later"], told["notice"]) == ({"a": [1]}, None)
