"""A model's folder that readers would not find is refused before anything is exported."""

from __future__ import annotations

import os
import posix
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import tb_versions as tbv
from tb_versions.core.manifest import MANIFEST_NAME
from tb_versions.errors import InvalidNameError, UnsafeFileError, VersionNotFoundError
from tb_versions.read.reuse.api import open_catalog
from tb_versions.write import failures, placement
from tests.support.savedmodel_bytes import small_model, write_model
from tests.support.world import tree_hash

NOTHING = tbv.Capture(code=False, environment=False, hardware=False)


@pytest.fixture
def models(tmp_path: Path) -> Path:
    folder = tmp_path / "models"
    folder.mkdir()
    return folder


def published(source: Path, models: Path, name: str = "digits", **options: Any) -> tbv.PublishedVersion:
    version = tbv.publish(source, models, name=name, capture=NOTHING, **{"strict": True, **options})
    assert version is not None
    return version


def linked(models: Path, target: str, *, missing: bool = False) -> Path:
    link = models / "digits"
    link.symlink_to(target)
    if not missing:
        (models / target).mkdir(parents=True)
    return link


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize(
    ("target", "remedy"),
    [
        ("../scratch/digits", "Publish to models_dir="),
        ("../scratch/of-anna", "Move the model into "),
        (".hidden", "Move the model into "),
        ("other", "Move the model into "),
    ],
)
def test_a_symlink_is_refused_and_nothing_is_written(
    source: Path, models: Path, target: str, remedy: str, strict: bool
) -> None:
    linked(models, target)
    before = tree_hash(models.parent)
    with pytest.raises(
        UnsafeFileError, match=r"models/digits is a symlink to .*, and readers of .* follow none\."
    ) as told:
        published(source, models, strict=strict)
    assert remedy in str(told.value)
    assert os.path.basename(target) in str(told.value)
    assert tree_hash(models.parent) == before


def test_a_dangling_symlink_is_refused(source: Path, models: Path) -> None:
    linked(models, "../nowhere/digits", missing=True)
    with pytest.raises(UnsafeFileError, match="is a symlink to"):
        published(source, models)
    assert not (models.parent / "nowhere").exists()


@pytest.mark.parametrize("inner", [".versions", ".versions/tmp", ".versions/numbers", ".versions/unfinished"])
def test_nothing_is_written_through_a_planted_symlink(source: Path, models: Path, tmp_path: Path, inner: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (models / "digits" / inner).parent.mkdir(parents=True)
    (models / "digits" / inner).symlink_to(outside)
    with pytest.raises(
        UnsafeFileError, match=f"digits/{inner} is a symlink to {outside}; nothing is written through it"
    ):
        published(source, models)
    assert os.listdir(outside) == []


def test_a_symlink_that_was_planted_during_the_export_is_refused(
    source: Path, models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    complete = placement.complete

    def plant(*arguments: Any, **options: Any) -> Any:
        (models / "digits").rename(models / "moved")
        (models / "digits").symlink_to(models / "moved")
        return complete(arguments[0], str(arguments[1]).replace("/digits/", "/moved/"), arguments[2], **options)

    monkeypatch.setattr(placement, "complete", plant)
    with pytest.raises(UnsafeFileError, match="is a symlink to"):
        published(source, models)
    assert [name for name in os.listdir(models / "moved") if name.isdigit()] == []


def test_the_models_folder_itself_may_be_a_symlink(source: Path, models: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(models)
    assert published(source, tmp_path / "link").number == 1
    assert tbv.path("digits", models_dir=tmp_path / "link") == tmp_path / "link" / "digits" / "1"
    assert [version.id for version in open_catalog(models_dirs=[str(tmp_path / "link")]).versions] == ["digits:1"]


def test_what_the_message_says_works(source: Path, models: Path, tmp_path: Path) -> None:
    linked(models, "../scratch/digits")
    assert published(source, tmp_path / "scratch").reference == "digits:1"
    assert tbv.path("digits", models_dir=tmp_path / "scratch").name == "1"


@pytest.mark.parametrize("ask", [tbv.path, tbv.load, tbv.verify])
def test_who_looks_for_the_model_is_told_of_the_symlink(models: Path, ask: Callable[..., Any]) -> None:
    linked(models, "../scratch/digits")
    with pytest.raises(
        VersionNotFoundError,
        match=r"no model.*models/digits is a symlink, .* not followed: pass models_dir='.*/scratch'",
    ):
        ask("digits", models_dir=models)


@pytest.mark.parametrize("which", ["model", "version"])
def test_a_folder_behind_a_symlink_is_not_described(tmp_path: Path, models: Path, which: str) -> None:
    (tmp_path / "scratch" / "digits" / "7").mkdir(parents=True)
    (tmp_path / "scratch" / "digits" / "7" / "model.pt").write_bytes(b"m")
    if which == "model":
        (models / "digits").symlink_to(tmp_path / "scratch" / "digits")
    else:
        (models / "digits").mkdir()
        (models / "digits" / "7").symlink_to(tmp_path / "scratch" / "digits" / "7")
    with pytest.raises(UnsafeFileError, match="is a symlink to"):
        tbv.summary.version(models / "digits" / "7", capture=NOTHING)
    assert not (tmp_path / "scratch" / "digits" / "7" / MANIFEST_NAME).exists()
    tbv.summary.version(tmp_path / "scratch" / "digits" / "7", capture=NOTHING)


class CaseInsensitive:
    """A file system where Digits and digits are one name: every path is looked up as it is spelled in its folder."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, top: Path) -> None:
        self.top = str(top)
        for name in ("stat", "lstat", "mkdir", "open", "scandir", "listdir", "unlink", "rmdir", "utime"):
            monkeypatch.setattr(os, name, self._one(getattr(os, name)))
        for name in ("rename", "link"):
            monkeypatch.setattr(os, name, self._two(getattr(os, name)))
        self.list = posix.listdir

    def spelled(self, path: Any) -> Any:
        if not isinstance(path, (str, os.PathLike)) or not os.fspath(path).startswith(self.top + "/"):
            return path
        found = self.top
        for part in os.fspath(path)[len(self.top) + 1 :].split("/"):
            names = self.list(found) if posix.access(found, os.F_OK) else []
            found = f"{found}/{next((name for name in names if name.lower() == part.lower()), part)}"
        return found

    def _one(self, function: Any) -> Any:
        return lambda path=".", *rest, **options: function(self.spelled(path), *rest, **options)

    def _two(self, function: Any) -> Any:
        return lambda old, new, **options: function(self.spelled(old), self.spelled(new), **options)


@pytest.mark.parametrize(
    ("there", "given"), [("Digits", "digits"), ("digits", "DIGITS"), ("mnist-CNN.v2", "MNIST-cnn.V2")]
)
def test_another_spelling_of_a_model_is_refused_where_case_is_not_distinguished(
    source: Path, models: Path, there: str, given: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    published(source, models, there)
    CaseInsensitive(monkeypatch, models)
    before = tree_hash(models)
    with pytest.raises(
        InvalidNameError, match=rf"is the folder of the model {there}, .* Call the model {there}, or choose"
    ):
        published(source, models, given)
    assert tree_hash(models) == before
    assert published(source, models, there).number == 2


def test_a_described_folder_has_one_spelling_where_case_is_not_distinguished(
    models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (models / "Digits" / "7").mkdir(parents=True)
    (models / "Digits" / "7" / "model.pt").write_bytes(b"m")
    CaseInsensitive(monkeypatch, models)
    with pytest.raises(InvalidNameError, match="the model Digits"):
        tbv.summary.version(models / "digits" / "7", capture=NOTHING)


def test_two_spellings_are_two_models_where_case_is_distinguished(source: Path, models: Path) -> None:
    for name in ("digits", "Digits", "DIGITS", "dIGITS"):
        assert published(source, models, name).reference == f"{name}:1"
    assert len(open_catalog(models_dirs=[str(models)]).versions) == 4


@pytest.mark.parametrize(("graph", "count"), [(True, 1), (False, 0)])
def test_a_path_that_tensorflow_takes_for_a_pattern_is_said_once(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, graph: bool, count: int
) -> None:
    monkeypatch.setattr(failures, "_said", {"no writer"})
    if graph:
        write_model(source, small_model())
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        for _ in range(2):
            published(source, tmp_path / "[old]")
    assert len(told) == count
    assert all("they take brackets and backslashes in a path for a pattern" in str(one.message) for one in told)
