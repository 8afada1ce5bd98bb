"""Where folders can't be renamed, a version's files are put into its place one by one, and the manifest last."""

from __future__ import annotations

import os
import shutil
import warnings
from pathlib import Path
from typing import Any

import pytest

import tb_versions as tbv
from tb_versions.core import codec
from tb_versions.core.manifest import MANIFEST_NAME
from tb_versions.errors import StorageError, TbVersionsWarning, VersionExistsError
from tb_versions.read.folders.scan import Root, Scanner
from tb_versions.write import failures, filling, placement
from tb_versions.write.restore import Restorer
from tests.support import no_rename

pytestmark = pytest.mark.slow

NOTHING = tbv.Capture(code=False, environment=False, hardware=False)


@pytest.fixture(autouse=True)
def _nothing_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failures, "_reported", set())
    monkeypatch.setattr(failures, "_said", {"no writer"})


@pytest.fixture(params=no_rename.KINDS)
def kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    no_rename.forbid(monkeypatch, request.param)
    return str(request.param)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    (folder / "deep" / "er").mkdir(parents=True)
    for name in ("weights.bin", "a", "b", "deep/er/c"):
        (folder / name).write_bytes(name.encode())
    return folder


@pytest.fixture
def models(tmp_path: Path) -> Path:
    return tmp_path / "models"


def published(source: Path, models: Path, **options: Any) -> tbv.PublishedVersion:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TbVersionsWarning)
        version = tbv.publish(source, models, name="digits", **{"strict": True, "capture": NOTHING, **options})
    assert version is not None
    return version


def found(models: Path) -> tuple[list[str], list[str]]:
    scan = Scanner([Root(str(models), "models", "models_dir")]).scan()
    return [place.relative for place in scan.manifests], [where for where, _ in scan.problems]


def everything_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@pytest.mark.usefixtures("kind")
def test_versions_are_published_whole(source: Path, models: Path) -> None:
    assert [published(source, models).number for _ in range(3)] == [1, 2, 3]
    for number in ("1", "2", "3"):
        folder = models / "digits" / number
        assert everything_in(folder) == sorted([*everything_in(source), MANIFEST_NAME])
        assert codec.decode((folder / MANIFEST_NAME).read_bytes()).number == int(number)
        assert not tbv.verify(f"digits:{number}", models_dir=models)
    assert os.listdir(models / "digits" / ".versions" / "tmp") == []
    assert os.listdir(models / "digits" / ".versions" / "unfinished") == []


@pytest.mark.usefixtures("kind")
def test_a_given_number_and_numbers_of_others_count(source: Path, models: Path) -> None:
    assert published(source, models, number=7).number == 7
    (models / "digits" / "9").mkdir()
    assert published(source, models).number == 10
    with pytest.raises(VersionExistsError):
        published(source, models, number=9)


def test_it_is_found_out_before_the_export(source: Path, models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    no_rename.forbid(monkeypatch, "EMFILE")
    order: list[str] = []
    probe = placement.can_rename_folders
    monkeypatch.setattr(placement, "can_rename_folders", lambda folder: order.append("tried") or probe(folder))
    monkeypatch.setattr(placement, "complete", lambda *_, **__: order.append("exported") or 1 / 0)
    with pytest.raises(ZeroDivisionError):
        published(source, models)
    assert order == ["tried", "exported"]


def test_it_is_said_once(source: Path, models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    no_rename.forbid(monkeypatch, "EMFILE")
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        for _ in range(2):
            tbv.publish(source, models, name="digits", capture=NOTHING)
    assert ["can't rename folders, so versions are copied" in str(warning.message) for warning in told] == [True]


@pytest.mark.usefixtures("kind")
def test_a_failed_copy_leaves_nothing_and_the_number_is_free(
    source: Path, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    published(source, models)

    def full(built: str, target: str) -> None:
        (Path(target) / "half").write_bytes(b"h")
        raise OSError(28, "No space left on device", target)

    with monkeypatch.context() as patch:
        patch.setattr(filling, "copy_files", full)
        with pytest.raises(StorageError, match="No space left on device"):
            published(source, models)
    assert found(models) == (["digits/1"], [])
    assert sorted(os.listdir(models / "digits")) == [".versions", "1"]
    assert published(source, models).number == 2


@pytest.mark.parametrize("files", [[], ["weights.bin"], ["saved_model.pb"], ["deep/a", "b"]], ids=str)
def test_a_killed_writer_leaves_what_is_no_version_and_is_reported(
    source: Path, models: Path, files: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It never came to the manifest; how far it came makes no difference."""
    no_rename.forbid(monkeypatch, "EMFILE")
    published(source, models)

    class Killed(BaseException):
        """Nothing of the writer runs any more."""

    def killed(_: str, target: str) -> None:
        for name in files:
            (Path(target) / name).parent.mkdir(exist_ok=True)
            (Path(target) / name).write_bytes(b"")
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(filling, "copy_files", killed)
        patch.setattr(shutil, "rmtree", lambda *_, **__: None)
        patch.setattr(os, "unlink", lambda *_, **__: None)
        with pytest.raises(Killed):
            published(source, models)
    assert found(models) == (["digits/1"], ["models/digits/2"])
    assert published(source, models).number == 3
    assert found(models) == (["digits/1", "digits/3"], ["models/digits/2"])
    shutil.rmtree(models / "digits" / "2")
    assert found(models) == (["digits/1", "digits/3"], [])
    assert published(source, models).number == 4


def test_a_version_that_is_there_is_not_taken_back_for_a_late_error(
    source: Path, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_rename.forbid(monkeypatch, "EMFILE")
    create = filling.create_if_absent

    def late(*arguments: Any, **options: Any) -> bool:
        create(*arguments, **options)
        raise StorageError("the disk did not confirm it")

    monkeypatch.setattr(filling, "create_if_absent", late)
    assert published(source, models).number == 1
    assert found(models) == (["digits/1"], [])


def test_a_graph_file_comes_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """TensorFlow Serving loads a folder as soon as it has one."""
    from tb_versions.write import savers

    source, target = tmp_path / "source", tmp_path / "target"
    for name in ("saved_model.pb", "variables/variables.index", "assets/words"):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes(b"")
    target.mkdir()
    order: list[str] = []
    monkeypatch.setattr(savers, "_copy_file", lambda _, to: order.append(os.path.relpath(to, target)))
    savers.copy_files(source, str(target))
    assert order == ["assets/words", "variables/variables.index", "saved_model.pb"]


@pytest.mark.usefixtures("kind")
def test_manifests_of_an_export_are_restored(source: Path, models: Path, tmp_path: Path) -> None:
    data = (published(source, models).path / MANIFEST_NAME).read_bytes()
    with Restorer(tmp_path / "elsewhere") as restorer:
        assert [restorer.restore(data), restorer.restore(data)] == ["restored", "same"]
    assert everything_in(tmp_path / "elsewhere" / "digits" / "1") == [MANIFEST_NAME]
    assert os.listdir(tmp_path / "elsewhere" / "digits" / ".versions" / "tmp") == []


@pytest.mark.parametrize("kind", ["EMFILE", "EXDEV", "ENOTEMPTY"])
def test_an_exported_folder_is_written(source: Path, models: Path, tmp_path: Path, kind: str) -> None:
    published(source, models)
    with pytest.MonkeyPatch.context() as patch:
        no_rename.forbid(patch, kind)
        tbv.export(tmp_path / "site", models_dir=models, format="site")
    assert (tmp_path / "site" / "index.html").exists()
    assert [name for name in os.listdir(tmp_path) if "tmp" in name] == []


@pytest.mark.usefixtures("kind")
def test_what_dead_writers_left_is_removed(source: Path, models: Path) -> None:
    published(source, models)
    machine = filling.new_name().partition("-")[0]
    left = models / "digits" / ".versions" / "tmp" / f"{machine}-{2**22 + 1}-1-abc"
    left.mkdir()
    for name in "abcd":
        (left / name).touch()
    published(source, models)
    assert not left.exists()
