from __future__ import annotations

import os
from pathlib import Path

import pytest

import tb_versions as tbv
from tb_versions.core.manifest import MANIFEST_NAME
from tb_versions.core.object_store import open_store
from tests.support.object_stores import Buckets
from tests.support.remote import MODELS, exported, publish

pytestmark = pytest.mark.slow

VERSION = f"{MODELS}/digits/1"


def test_an_untouched_version_verifies(s3: Buckets, tmp_path: Path) -> None:
    publish(tmp_path)
    told: list[tuple[int, int]] = []
    found = tbv.verify("digits:1", models_dir=MODELS, progress=lambda done, size: told.append((done, size)))
    assert not found
    assert told[-1] == (300, 300)
    assert not tbv.verify(VERSION)


def test_every_difference_is_named(s3: Buckets, tmp_path: Path) -> None:
    publish(tmp_path)
    store = open_store(VERSION)
    store.write("variables/0.bin", b"x" * 100)
    store.write("variables/1.bin", b"short")
    store.delete("variables/2.bin")
    store.write("evil.txt", b"x")
    store.write(".DS_Store", b"x")
    store.write(".versions/note", b"x")
    store.write("a\\b", b"x")
    found = tbv.verify("digits:1", models_dir=MODELS)
    assert found.changed == ("variables/0.bin",)
    assert found.resized == ("variables/1.bin",)
    assert found.missing == ("variables/2.bin",)
    assert found.extra == ("evil.txt",)
    assert found.ignored == (".DS_Store",)
    assert found.outside_digest == (".versions/note",)
    assert [file.path for file in found.unsafe] == ["a\\b"]


def test_a_mark_of_an_empty_folder_makes_no_difference(s3: Buckets, tmp_path: Path) -> None:
    publish(tmp_path)
    open_store(VERSION).write("variables", b"")  # how a client sees the object `variables/` of a console
    assert not tbv.verify("digits:1", models_dir=MODELS)


def test_a_version_with_many_files_has_its_list_beside_it(s3: Buckets, tmp_path: Path) -> None:
    folder = exported(tmp_path / "model", files=1_001, size=1)
    tbv.publish(folder, MODELS, name="digits", run_dir=tmp_path / "run", strict=True)
    assert not tbv.verify("digits:1", models_dir=MODELS)
    assert len(list(tbv.path("digits", models_dir=MODELS).glob("variables/*"))) == 1_001


def test_a_version_is_fetched_once_and_checked(s3: Buckets, tmp_path: Path) -> None:
    version = publish(tmp_path)
    folder = tbv.path("digits:1", models_dir=MODELS)
    assert folder.is_relative_to(tmp_path / "cache")
    assert {file.path for file in version.manifest.files} < {
        str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()
    }
    with s3.counting() as asked:
        assert tbv.path("digits:1", models_dir=MODELS) == folder
    assert asked == {"GET": 1}  # the manifest


def test_what_was_changed_in_the_store_is_not_used(s3: Buckets, tmp_path: Path) -> None:
    publish(tmp_path)
    open_store(VERSION).write("variables/0.bin", b"x" * 100)
    with pytest.raises(tbv.VersionDamagedError, match=r"digits:1 in s3://bucket/models/digits/1 is not what was"):
        tbv.path("digits:1", models_dir=MODELS)


def test_the_copy_is_checked_each_time(s3: Buckets, tmp_path: Path) -> None:
    publish(tmp_path)
    folder = tbv.path("digits:1", models_dir=MODELS)
    (folder / "variables" / "0.bin").write_bytes(b"x" * 100)
    with pytest.raises(tbv.VersionDamagedError):
        tbv.path("digits:1", models_dir=MODELS)


def test_names_that_lead_elsewhere_are_not_fetched(s3: Buckets, tmp_path: Path) -> None:
    publish(tmp_path)
    open_store(VERSION).write("a\\..\\..\\b", b"x")
    with pytest.raises(tbv.UnsafeFileError, match="a name that no file of a version may have"):
        tbv.path("digits:1", models_dir=MODELS)


def test_references_are_looked_up_in_the_store(s3: Buckets, tmp_path: Path) -> None:
    for semantic in ("1.0.0", "1.1.0", ""):
        publish(tmp_path, semantic_version=semantic)
    publish(tmp_path, name="faces")
    names = {ref: tbv.path(ref, models_dir=MODELS).name for ref in ("digits", "digits:2", "digits:1.0.0", "faces")}
    assert names == {"digits": "3", "digits:2": "2", "digits:1.0.0": "1", "faces": "1"}
    with pytest.raises(tbv.VersionNotFoundError, match='digits has no version "9"; it has 3, 2'):
        tbv.path("digits:9", models_dir=MODELS)
    with pytest.raises(tbv.VersionNotFoundError, match="Did you mean digits"):
        tbv.path("digit", models_dir=MODELS)


def test_a_version_under_another_number_is_found_when_its_objects_are_moved_back(s3: Buckets, tmp_path: Path) -> None:
    publish(tmp_path)
    publish(tmp_path)
    store, other = open_store(VERSION), open_store(f"{MODELS}/digits/7")
    manifest = store.read(MANIFEST_NAME, 100_000)
    other.write(MANIFEST_NAME, manifest)
    store.delete(MANIFEST_NAME)
    with pytest.raises(tbv.VersionNotFoundError) as caught:
        tbv.note("digits:1", MODELS, text="x")
    assert str(caught.value).endswith(f"If it is the one, move its objects to {VERSION}.")
    store.write(MANIFEST_NAME, manifest)
    other.delete(MANIFEST_NAME)
    assert tbv.note("digits:1", MODELS, text="x").event


def test_a_damaged_manifest_is_told_by_its_url(s3: Buckets, tmp_path: Path) -> None:
    publish(tmp_path)
    open_store(VERSION).write("version_manifest.json", b"{")
    with pytest.raises(tbv.VersionDamagedError) as caught:
        tbv.verify("digits:1", models_dir=MODELS)
    assert str(tmp_path) not in str(caught.value)


def test_an_alias_leads_to_its_version(s3: Buckets, tmp_path: Path) -> None:
    publish(tmp_path)
    publish(tmp_path)
    tbv.promote("digits:1", MODELS, alias="production", reason="first")
    change = tbv.promote("digits:2", MODELS, alias="production", reason="better")
    assert change.after == 2
    assert tbv.path("digits@production", models_dir=MODELS).name == "2"
    assert tbv.rollback("digits", MODELS, alias="production").after == 1
    assert tbv.path("digits@production", models_dir=MODELS).name == "1"


def test_a_changed_version_is_not_promoted(s3: Buckets, tmp_path: Path) -> None:
    publish(tmp_path)
    open_store(VERSION).write("variables/0.bin", b"short")
    with pytest.raises(tbv.VersionDamagedError, match=r"s3://bucket/models/digits/1 is not what was published"):
        tbv.promote("digits:1", MODELS, alias="production", reason="x")


def test_a_log_that_was_cut_in_the_store_is_found(s3: Buckets, tmp_path: Path) -> None:
    publish(tmp_path)
    for alias in ("staging", "production"):
        tbv.promote("digits:1", MODELS, alias=alias, reason="x")
    open_store(f"{MODELS}/digits/.versions").delete(f"log/{2:020}.json")
    with pytest.raises(tbv.TbVersionsError, match="was cut"):
        tbv.promote("digits:1", MODELS, alias="canary", reason="x")


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_cache_that_can_not_be_written_is_a_sentence(s3: Buckets, tmp_path: Path) -> None:
    publish(tmp_path)
    (tmp_path / "cache").chmod(0o500)
    with pytest.raises(tbv.StorageError, match="can't be kept"):
        tbv.path("digits:1", models_dir=MODELS)
