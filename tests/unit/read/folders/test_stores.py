from __future__ import annotations

import threading
from pathlib import Path

import pytest

import tb_versions as tbv
from tb_versions.read.folders.roots import roots_of
from tb_versions.read.folders.stores import Looks, existing_models
from tb_versions.read.reader import CatalogReader, open_reader
from tests.support.object_stores import Buckets, Fault
from tests.support.remote import MODELS, publish

pytestmark = pytest.mark.slow


def settled(looks: Looks) -> tuple[tuple[str, str], ...]:
    """What is told once no look goes on."""
    looks.refresh()
    for thread in threading.enumerate():
        if thread.name == "versions-store":
            thread.join()
    return tuple(problem for look in looks._looks for problem in look.problems(told=True))


def test_versions_of_stores_and_folders_are_in_one_catalog(s3: Buckets, tmp_path: Path) -> None:
    publish(tmp_path, metrics={"accuracy": 0.9})
    publish(tmp_path, str(tmp_path / "models"), name="faces")
    catalog = open_reader("", [MODELS, str(tmp_path / "models")]).catalog
    assert {version.id: version.state for version in catalog.versions} == {
        "digits:1": "unchecked",
        "faces:1": "present",
    }
    assert catalog.find("digits:1").places[0].shown == f"{MODELS}/digits/1"
    assert catalog.problems == ()


def test_a_refresh_reads_what_is_new(s3: Buckets, tmp_path: Path) -> None:
    publish(tmp_path)
    reader = open_reader("", [MODELS])
    publish(tmp_path)
    with s3.counting() as asked:
        assert [version.number for version in reader.refresh().versions] == [1, 2]
    assert asked["GET"] == 1
    assert reader.check() is reader.catalog


def test_a_command_is_told_that_a_store_can_not_be_read(s3: Buckets, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TB_VERSIONS_STORE_TIMEOUT", "1")
    s3.faults.append(Fault("503", lambda _: True, times=1_000))
    with pytest.raises(tbv.StorageError, match="can't be reached or used"):
        open_reader("", [MODELS])


def test_a_page_waits_for_no_store(s3: Buckets, tmp_path: Path) -> None:
    publish(tmp_path)
    publish(tmp_path, str(tmp_path / "models"), name="faces")
    s3.faults.append(Fault("silent", lambda asked: asked.kind == "LIST", times=1))
    reader = CatalogReader(roots_of("", [MODELS, str(tmp_path / "models")]), waits=False)
    catalog = reader.refresh()
    assert [version.id for version in catalog.versions] == ["faces:1"]
    assert catalog.problems == ((MODELS, "is being read; nothing of it was read yet."),)


def test_what_was_read_last_is_shown_with_its_age(s3: Buckets, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(tmp_path)
    open_reader("", [MODELS])
    monkeypatch.setenv("TB_VERSIONS_STORE_TIMEOUT", "1")
    s3.faults.append(Fault("503", lambda _: True, times=1_000))
    looks = Looks([MODELS], in_background=True)
    ((where, why),) = settled(looks)
    assert where == MODELS
    assert why.startswith(f"could not be read: {MODELS} can't be reached or used")
    assert "; what is shown was read at 20" in why
    reader = CatalogReader(roots_of("", [MODELS]), waits=False)
    assert [version.id for version in reader.refresh().versions] == ["digits:1"]


def test_a_store_that_is_back_is_no_problem_any_more(s3: Buckets, tmp_path: Path) -> None:
    publish(tmp_path)
    looks = Looks([MODELS], in_background=True)
    assert settled(looks) == ()


def test_a_missing_folder_and_a_url_of_no_store_are_refused(tmp_path: Path) -> None:
    with pytest.raises(tbv.UnreadableFolderError):
        existing_models(tmp_path / "nowhere")
    with pytest.raises(tbv.UnsupportedStorageError):
        existing_models("ftp://host/models")
    assert existing_models("gs://bucket/models/") == "gs://bucket/models"
