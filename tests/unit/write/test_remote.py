from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import pytest

import tb_versions as tbv
from tb_versions.core.object_store import open_store
from tb_versions.write import remote
from tb_versions.write.remote import RemoteModel
from tests.support.object_stores import Buckets, Fault
from tests.support.remote import MODELS, exported, keys, publish
from tests.support.savedmodel_bytes import field, graph

pytestmark = pytest.mark.slow

VERSIONS = f"{MODELS}/digits"


def test_a_version_is_published_under_a_url(s3: Buckets, tmp_path: Path) -> None:
    version = publish(tmp_path, metrics={"accuracy": 0.9})
    assert version.reference == "digits:1"
    assert version.path == f"{MODELS}/digits/1"
    assert keys(f"{VERSIONS}/1") == ["variables/0.bin", "variables/1.bin", "variables/2.bin", "version_manifest.json"]
    assert tbv.open_catalog(models_dir=MODELS).find("digits:1").metrics == {"accuracy": 0.9}


def test_a_store_in_memory_needs_no_server(tmp_path: Path) -> None:
    url = f"memory://{uuid4().hex}/models"
    assert [publish(tmp_path, url).number for _ in range(3)] == [1, 2, 3]
    assert [version.id for version in tbv.open_catalog(models_dir=url).versions] == ["digits:1", "digits:2", "digits:3"]


def test_a_version_is_published_to_google_cloud_storage(gcs: Buckets, tmp_path: Path) -> None:
    url = "gs://bucket/models"
    assert publish(tmp_path, url).path == "gs://bucket/models/digits/1"
    assert tbv.path("digits", models_dir=url).is_dir()


def test_the_graph_comes_after_its_variables_and_the_manifest_last(s3: Buckets, tmp_path: Path) -> None:
    folder = exported(tmp_path / "model")
    (folder / "saved_model.pb").write_bytes(field(2, graph("Add")))
    (folder / "z.txt").write_bytes(b"last in the alphabet")
    tbv.publish(folder, MODELS, name="digits", run_dir=tmp_path, strict=True)
    written = [asked.key.removeprefix("models/digits/") for asked in s3.asked if asked.kind == "PUT"]
    assert written[-4:] == ["1/z.txt", "1/saved_model.pb", ".versions/ended/1", "1/version_manifest.json"]


def test_nothing_but_the_number_is_left_behind(s3: Buckets, tmp_path: Path) -> None:
    publish(tmp_path)
    own = [key for key in keys(VERSIONS) if key.startswith(".versions/")]
    assert [key for key in own if key != ".versions/probe"] == [".versions/numbers/1"]


def test_a_number_is_never_used_again(s3: Buckets, tmp_path: Path) -> None:
    publish(tmp_path)
    open_store(VERSIONS).delete_all([f"1/{key}" for key in keys(f"{VERSIONS}/1")])
    assert publish(tmp_path).number == 2


def test_a_folder_that_others_put_there_takes_its_number(s3: Buckets, tmp_path: Path) -> None:
    open_store(VERSIONS).write("7/saved_model.pb", b"copied by hand")
    assert publish(tmp_path).number == 8
    with pytest.raises(tbv.VersionExistsError, match="exists or existed"):
        publish(tmp_path, number=7)


def test_a_given_number_and_a_semantic_version_are_given_once(s3: Buckets, tmp_path: Path) -> None:
    publish(tmp_path, number=5, semantic_version="1.0.0")
    with pytest.raises(tbv.VersionExistsError, match="digits:5 exists or existed"):
        publish(tmp_path, number=5)
    with pytest.raises(tbv.VersionExistsError, match=r"digits:5 has the semantic version 1\.0\.0 already"):
        publish(tmp_path, semantic_version="1.0.0")


def test_a_parents_digest_is_looked_up_in_the_store(s3: Buckets, tmp_path: Path) -> None:
    first = publish(tmp_path)
    assert publish(tmp_path, parents=["digits:1"]).manifest.parents[0].digest == first.manifest.digest


def test_racing_writers_get_numbers_of_their_own(s3: Buckets, tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(lambda _: publish(tmp_path).number, range(16)))
    assert sorted(numbers) == list(range(1, 17))
    assert len(tbv.open_catalog(models_dir=MODELS).versions) == 16


@pytest.mark.parametrize("how", ["500", "cut", "409", "503"])
def test_each_request_may_go_wrong_once(s3: Buckets, tmp_path: Path, how: str) -> None:
    s3.faults += [Fault(how, lambda asked, nth=nth: asked.kind == "PUT" and len(s3.asked) > nth) for nth in (2, 5, 8)]
    assert publish(tmp_path).number == 1
    assert not tbv.verify("digits:1", models_dir=MODELS)


def test_a_store_that_is_down_stops_no_training(s3: Buckets, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TB_VERSIONS_STORE_TIMEOUT", "1")
    s3.faults.append(Fault("503", lambda _: True, times=1_000))
    folder = exported(tmp_path / "model")
    with pytest.warns(tbv.TbVersionsWarning, match=r"not published in s3://bucket/models: .* Training goes on"):
        assert tbv.publish(folder, MODELS, name="digits", run_dir=tmp_path, semantic_version="1.0.0") is None


def test_what_a_killed_writer_left_is_no_version_and_is_removed_after_a_week(s3: Buckets, tmp_path: Path) -> None:
    publish(tmp_path)
    store = open_store(VERSIONS)
    for key in (".versions/numbers/2", ".versions/unfinished/2", "2/variables/0.bin", "2/saved_model.pb"):
        store.write(key, b"x")
    assert [version.number for version in tbv.open_catalog(models_dir=MODELS).versions] == [1]
    model = RemoteModel(MODELS, "digits")
    assert model.sweep() == 0
    assert "2/saved_model.pb" in keys(VERSIONS)
    assert model.sweep(abandoned_s=-60) == 1
    left = [key for key in keys(VERSIONS) if key.startswith("2/") or key.endswith("/2")]
    assert left == [".versions/ended/2", ".versions/numbers/2"]
    assert publish(tmp_path).number == 3


def test_a_writer_that_was_given_up_writes_no_manifest(s3: Buckets, tmp_path: Path) -> None:
    store = open_store(VERSIONS)
    store.create(".versions/ended/1", b"by a sweep")
    with pytest.raises(tbv.StorageError, match="was given up"):
        publish(tmp_path)
    assert tbv.open_catalog(models_dir=MODELS).versions == ()


def test_a_finished_version_is_never_swept(s3: Buckets, tmp_path: Path) -> None:
    publish(tmp_path)
    open_store(VERSIONS).write(".versions/unfinished/1", b"its removal failed")
    assert RemoteModel(MODELS, "digits").sweep(abandoned_s=-60) == 0
    assert not tbv.verify("digits:1", models_dir=MODELS)
    assert ".versions/unfinished/1" not in keys(VERSIONS)


def test_progress_is_told(s3: Buckets, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    count = remote._told(lambda done, size: told.append((done, size)), 30, lambda: None)
    count(10)
    count(20)
    assert told == [(10, 30), (30, 30)]


def test_a_long_upload_gives_signs_of_life(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "_SIGN_OF_LIFE_S", -1.0)
    signs: list[float] = []
    count = remote._told(None, 30, lambda: signs.append(time.monotonic()))
    count(10)
    count(20)
    assert len(signs) == 2


@pytest.mark.parametrize("url", ["ftp://host/models", "s3://user:word@bucket/models", "https://bucket/models"])
def test_what_is_no_store_is_a_mistake_of_the_caller(url: str, tmp_path: Path) -> None:
    folder = exported(tmp_path / "model")
    with pytest.raises(tbv.UnsupportedStorageError):
        tbv.publish(folder, url, name="digits", run_dir=tmp_path)


def test_a_folder_that_is_in_the_store_already_becomes_a_version(s3: Buckets, tmp_path: Path) -> None:
    store = open_store(f"{VERSIONS}/7")
    store.write("variables/0.bin", b"weights")
    assert tbv.summary.version(f"{VERSIONS}/7", run_dir=tmp_path / "run", metrics={"accuracy": 0.9}, strict=True)
    version = tbv.open_catalog(models_dir=MODELS).find("digits:7")
    assert version.metrics == {"accuracy": 0.9}
    assert not tbv.verify("digits:7", models_dir=MODELS)
    assert publish(tmp_path).number == 8
    with pytest.raises(tbv.VersionExistsError, match="has a manifest already"):
        tbv.summary.version(f"{VERSIONS}/7", run_dir=tmp_path / "run", strict=True)


def test_what_is_no_version_in_a_store_is_refused(s3: Buckets, tmp_path: Path) -> None:
    with pytest.raises(tbv.InvalidManifestError, match=r"s3://bucket/models/digits/9 has no files"):
        tbv.summary.version(f"{VERSIONS}/9", run_dir=tmp_path / "run", strict=True)
    for url in (VERSIONS, f"{VERSIONS}/latest", f"{MODELS}/a b/1"):
        with pytest.raises(tbv.InvalidNameError):
            tbv.summary.version(url, run_dir=tmp_path / "run")
