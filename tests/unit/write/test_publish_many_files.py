"""A version with thousands of files is published, checked, exported and restored like any other."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

import tb_versions as tbv
from tb_versions.core import codec
from tb_versions.core.digest import digest_files, list_files, lists, version_digest
from tb_versions.core.manifest import FILE_LIST_NAME, MANIFEST_NAME
from tb_versions.errors import StorageError, TbVersionsError, UnsafeFileError, VersionDamagedError
from tb_versions.read.manifests.integrity import check_files
from tb_versions.read.reuse.api import open_catalog
from tb_versions.write import savers
from tb_versions.write.restore import Restorer
from tests.support import no_rename

NOTHING = tbv.Capture(code=False, environment=False, hardware=False)


@pytest.fixture(autouse=True)
def _three_files_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that the tests need not write thousands."""
    for module in ("lists", "changes"):
        monkeypatch.setattr(f"tb_versions.core.digest.{module}.MOST_IN_MANIFEST", 2)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    (folder / "deep").mkdir(parents=True)
    for name in ("a", "b", "deep/c", "deep/é", "z"):
        (folder / name).write_bytes(name.encode())
    return folder


@pytest.fixture
def models(tmp_path: Path) -> Path:
    return tmp_path / "models"


def published(source: Path, models: Path, **options: Any) -> tbv.PublishedVersion:
    version = tbv.publish(source, models, name="m", capture=NOTHING, **{"strict": True, **options})
    assert version is not None
    return version


def state(models: Path) -> tuple[str, str]:
    (version,) = open_catalog(models_dirs=[str(models)]).versions
    found = check_files(version.places[0], version.manifest_digest)
    assert found is not None
    return found.state, found.notice


def test_its_list_stands_beside_the_manifest(source: Path, models: Path) -> None:
    version = published(source, models)
    manifest = codec.decode((version.path / MANIFEST_NAME).read_bytes())
    assert manifest.files == ()
    assert manifest.file_list is not None
    assert manifest.file_list.count == 5
    files = digest_files(source, list_files(source))
    assert manifest.digest == manifest.file_list.digest == version_digest(files)
    lines = (version.path / FILE_LIST_NAME).read_text().splitlines()
    assert [json.loads(line) for line in lines] == [[file.path, file.size, file.digest] for file in files]
    assert state(models) == ("present", "")
    assert not tbv.verify("m:1", models_dir=models)


@pytest.mark.parametrize("kind", ["EMFILE", "no renames and no links"])
def test_its_list_comes_along_where_folders_can_not_be_renamed(
    source: Path, models: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    no_rename.forbid(monkeypatch, kind)
    published(source, models, strict=True)
    assert state(models) == ("present", "")


def test_a_copy_of_a_published_version_gets_a_list_of_its_own(source: Path, models: Path) -> None:
    first = published(source, models)
    (first.path / "a").unlink()
    shutil.copytree(first.path, source.parent / "copy")
    second = published(source.parent / "copy", models)
    assert second.manifest.file_list is not None
    assert second.manifest.file_list.count == 4
    assert not tbv.verify("m:2", models_dir=models)


def test_differences_are_found(source: Path, models: Path) -> None:
    folder = published(source, models).path
    (folder / "a").unlink()
    (folder / "b").write_bytes(b"B")
    (folder / "z").write_bytes(b"longer")
    (folder / "extra").touch()
    changes = tbv.verify("m:1", models_dir=models)
    assert (changes.missing, changes.changed, changes.resized, changes.extra) == (("a",), ("b",), ("z",), ("extra",))
    assert state(models)[0] == "changed"


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        (lambda path: path.unlink(), "is missing"),
        (lambda path: path.write_bytes(b""), "was changed"),
        (lambda path: path.write_bytes(path.read_bytes().replace(b'"b",1', b'"b",2')), "was changed"),
        (lambda path: (path.unlink(), path.symlink_to("a")), "symlink"),
        (lambda path: (path.unlink(), os.mkfifo(path)), "not a plain file"),
    ],
    ids=["missing", "empty", "forged", "a symlink", "a fifo"],
)
def test_a_damaged_list_is_named_and_nothing_verifies(source: Path, models: Path, damage: Any, why: str) -> None:
    damage(published(source, models).path / FILE_LIST_NAME)
    found, notice = state(models)
    assert found in ("changed", "unreachable")
    assert why in notice
    with pytest.raises(TbVersionsError):
        tbv.verify("m:1", models_dir=models)
    with pytest.raises(TbVersionsError):
        tbv.load("m:1", models_dir=models)


def test_a_manifest_that_claims_another_digest_is_damaged(source: Path, models: Path) -> None:
    path = published(source, models).path / MANIFEST_NAME
    fields = json.loads(path.read_bytes())
    path.write_text(json.dumps({**fields, "digest": "sha256:" + "1" * 64}))
    with pytest.raises(VersionDamagedError, match=r"fileList\.digest is not its digest"):
        tbv.verify("m:1", models_dir=models)


def test_a_manifest_with_two_lists_is_damaged(source: Path, models: Path) -> None:
    path = published(source, models).path / MANIFEST_NAME
    fields = json.loads(path.read_bytes())
    path.write_text(json.dumps({**fields, "files": [{"path": "a", "size": "1"}]}))
    with pytest.raises(VersionDamagedError, match="both files and fileList"):
        tbv.verify("m:1", models_dir=models)


def test_a_folder_is_described_in_place(source: Path, models: Path) -> None:
    shutil.copytree(source, models / "m" / "7")
    tbv.summary.version(models / "m" / "7", strict=True, capture=NOTHING)
    assert not tbv.verify("m:7", models_dir=models)


def test_a_list_that_a_killed_writer_left_is_no_hindrance(source: Path, models: Path) -> None:
    left = (published(source, models).path / FILE_LIST_NAME).read_bytes()
    shutil.copytree(source, models / "m" / "7")
    (models / "m" / "7" / FILE_LIST_NAME).write_bytes(left)
    tbv.summary.version(models / "m" / "7", strict=True, capture=NOTHING)
    assert not tbv.verify("m:7", models_dir=models)


@pytest.mark.parametrize("names", ["ab", "abcdef"])
def test_a_file_that_has_the_name_of_a_list_is_refused_in_place(models: Path, names: str) -> None:
    folder = models / "m" / "7"
    folder.mkdir(parents=True)
    for name in [*names, FILE_LIST_NAME]:
        (folder / name).write_text(name)
    with pytest.raises(UnsafeFileError, match="bears the name of this package's lists of files"):
        tbv.summary.version(folder, strict=True, capture=NOTHING)
    assert not (folder / MANIFEST_NAME).exists()


def test_an_export_holds_it_and_it_is_restored(source: Path, models: Path, tmp_path: Path) -> None:
    from click.testing import CliRunner

    from tb_versions.cli import main

    data = (published(source, models).path / MANIFEST_NAME).read_bytes()
    for out, form in (("page.html", "html"), ("site", "tensorboard-dev")):
        tbv.export(tmp_path / out, models_dir=models, format=form)
        done = CliRunner().invoke(
            main,
            ["import", str(tmp_path / out), "--models-dir", str(tmp_path / f"to-{out}")],
            catch_exceptions=False,
        )
        assert done.exit_code == 0, done.output
        assert (tmp_path / f"to-{out}" / "m" / "1" / MANIFEST_NAME).read_bytes() == data
        assert state(tmp_path / f"to-{out}") == (
            "changed",
            "Only the manifest is here, none of its 5 files: as after `tb-versions import`.",
        )


def test_a_restored_manifest_must_agree_with_its_list(source: Path, models: Path, tmp_path: Path) -> None:
    data = (published(source, models).path / MANIFEST_NAME).read_text()
    other = data.replace('"count": "5"', '"count": "100001"')
    assert other != data
    with pytest.raises(TbVersionsError, match=r"fileList\.count"), Restorer(tmp_path / "to") as restorer:
        restorer.restore(other.encode())


def test_a_comparison_counts_its_files(source: Path, models: Path) -> None:
    published(source, models)
    (source / "more").touch()
    published(source, models)
    comparison = tbv.compare(["m:1", "m:2"], models_dir=models)
    (row,) = [row for row in comparison.rows if (row.group, row.key) == ("files", "files")]
    assert [cell.text for cell in row.cells] == ["5 files", "6 files"]
    assert row.differs


def test_a_disk_that_is_too_small_is_named_before_anything_is_copied(
    source: Path, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied: list[str] = []
    monkeypatch.setattr(savers, "_copy_file", lambda old, _: copied.append(old))
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10, 5, 5))
    with pytest.raises(StorageError, match=r"has 16 bytes, but there are 5 bytes free on the disk of"):
        published(source, models)
    assert copied == []


def test_more_files_than_a_list_may_have_are_refused_before_anything_is_copied(
    source: Path, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied: list[str] = []
    monkeypatch.setattr(savers, "_copy_file", lambda old, _: copied.append(old))
    with monkeypatch.context() as patch:
        patch.setattr("tb_versions.core.digest.files.MAX_FILES", 4)
        with pytest.raises(UnsafeFileError, match="more than 4 files or folders"):
            published(source, models)
    with monkeypatch.context() as patch:
        patch.setattr(lists, "LIST_LIMIT", 300)
        with pytest.raises(UnsafeFileError, match="so many files with so long names"):
            published(source, models)
    assert copied == []
