"""What came into an object store since its table was made, by names."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tb_versions.core.object_store import open_store
from tb_versions.errors import StorageError
from tb_versions.fleet.indexing import index
from tb_versions.fleet.newer import Newer, fresh
from tb_versions.fleet.standing import Standing
from tests.support.object_stores import BUCKET, Buckets
from tests.support.remote import publish

pytestmark = pytest.mark.slow

URL = f"s3://{BUCKET}/models"


def test_new_versions_are_fetched_and_gone_ones_left_out(s3: Buckets, tmp_path: Path) -> None:
    for _ in range(3):
        publish(tmp_path, name="digits")
    tables = os.fspath(tmp_path / "tables")
    index(URL, tables)
    publish(tmp_path, name="digits")
    publish(tmp_path, name="faces")
    store = open_store(URL)
    store.delete_all([f"digits/1/{entry.key}" for entry in store.entries("digits/1")])
    standing = Standing(URL, tables)
    with s3.counting() as asked:
        overlay = Newer(URL).look(standing)
    assert asked["LIST"] == 3
    assert asked["GET"] == 2
    found = fresh(URL, tables)
    assert found.ids == ["digits:2", "digits:3", "digits:4", "faces:1"]
    assert (overlay.newer, len(overlay.gone)) == (2, 1)
    assert "as indexed" in overlay.problem


def test_a_store_that_can_not_be_read_is_an_error(s3: Buckets, tmp_path: Path) -> None:
    publish(tmp_path, name="digits")
    tables = os.fspath(tmp_path / "tables")
    index(URL, tables)
    standing = Standing(URL, tables)
    with pytest.raises(StorageError):
        Newer(f"s3://{BUCKET}-that-is-not-there/models").look(standing)


def test_a_look_that_takes_too_long_says_so(s3: Buckets, tmp_path: Path) -> None:
    publish(tmp_path, name="digits")
    tables = os.fspath(tmp_path / "tables")
    index(URL, tables)
    overlay = Newer(URL).look(Standing(URL, tables), longest=-1)
    assert (overlay.looked_ms, overlay.newer) == (None, 0)
    assert "takes longer" in overlay.problem
