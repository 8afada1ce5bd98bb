"""Pipelines as versions; the values of all of them are compared in `tests/test_tfx.py`."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import sqlite3
from pathlib import Path
from random import Random

import pytest

from tb_versions.core import codec
from tb_versions.core.manifest import MANIFEST_NAME
from tb_versions.errors import TbVersionsError, UnreadableFolderError
from tb_versions.interop.imports import import_versions, plan_import
from tb_versions.interop.tfx.reading import read_pipelines
from tests.support import tfx
from tests.support.effort import tries


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tfx.lay_out(tmp_path / "taxi")


def change(folder: Path, *statements: str) -> None:
    with sqlite3.connect(folder / "metadata.sqlite") as database:
        for statement in statements:
            database.execute(statement)
    database.close()


def everything(folder: Path) -> dict[str, object]:
    """Every file below a folder: its content, size and times."""
    return {
        os.path.join(path, name): (
            hashlib.sha256(Path(path, name).read_bytes()).hexdigest(),
            os.stat(Path(path, name)).st_mtime_ns,
        )
        for path, _, names in os.walk(folder)
        for name in names
    }


def test_a_pipeline_becomes_versions_twice_the_same_and_stays_as_it_is(folder: Path, tmp_path: Path) -> None:
    before = everything(folder)
    models = tmp_path / "models"
    for became in ("new", "same"):
        read = read_pipelines(str(folder), pushed_alias="production")
        outcomes = list(import_versions(plan_import(read.versions, models), actor="anna"))
        assert [(one.reference, one.became) for one in outcomes if one.planned] == [
            (f"taxi:{number}", became) for number in (1, 2, 3)
        ]
        first = first if became == "same" else everything(models)  # noqa: F821 - set in the first turn
    assert everything(models) == first
    assert everything(folder) == before
    manifest = codec.decode((models / "taxi" / "3" / MANIFEST_NAME).read_bytes())
    assert [(parent.model, parent.number, parent.relation) for parent in manifest.parents] == [
        ("taxi", 1, "derived_from")
    ]
    assert manifest.imported is not None
    assert (manifest.imported.tracker, manifest.imported.files) == ("tfx", "linked")
    assert manifest.saved_model is not None


def test_a_pipeline_that_was_moved_and_grew_adds_only_what_is_new(folder: Path, tmp_path: Path) -> None:
    models = tmp_path / "models"
    read = read_pipelines(str(folder)).versions[:2]
    assert [one.became for one in import_versions(plan_import(read, models)) if one.planned] == ["new", "new"]
    moved = shutil.copytree(folder, tmp_path / "elsewhere" / "pipeline")
    read = read_pipelines(str(moved)).versions
    assert [one.became for one in import_versions(plan_import(read, models)) if one.planned] == ["same", "same", "new"]


def test_files_are_those_of_the_trainer_and_the_pushed_ones_where_only_these_are_at_hand(folder: Path) -> None:
    trained = read_pipelines(str(folder)).versions[0]
    assert trained.folder.endswith("/Format-Serving")
    shutil.rmtree(folder / "Trainer")
    first, second, _ = read_pipelines(str(folder)).versions
    assert "/Pusher/pushed_model/" in first.folder
    assert first.elsewhere is not None
    assert first.elsewhere.path.startswith("Pusher/pushed_model/")
    assert "Its files are those that were pushed; the trained ones are not at hand." in first.notes
    assert (second.folder, second.elsewhere) == ("", None)
    assert any(note.startswith("Its files are not at hand: ") for note in second.notes)


def test_pushed_files_that_differ_from_the_trained_ones_are_said(folder: Path) -> None:
    pushed = min(folder.glob("Pusher/pushed_model/*/saved_model.pb"), key=lambda path: int(path.parent.name))
    pushed.write_bytes(pushed.read_bytes() + b"\x08\x01")
    assert "The files that were pushed differ in saved_model.pb; these are the trained ones." in (
        read_pipelines(str(folder)).versions[0].notes
    )


def test_the_component_is_in_the_name_where_it_is_not_the_trainer(folder: Path) -> None:
    change(folder, "UPDATE Context SET name = 'taxi.Fine.Tuner' WHERE name = 'taxi.Trainer'")
    assert {version.model for version in read_pipelines(str(folder)).versions} == {"taxi.Fine.Tuner"}
    assert {version.model for version in read_pipelines(str(folder), name="cab").versions} == {"cab"}


def test_a_model_of_a_failed_or_unknown_pipeline_is_skipped_with_a_sentence(folder: Path) -> None:
    change(
        folder,
        "UPDATE Artifact SET state = 5 WHERE id = (SELECT min(id) FROM Artifact WHERE uri LIKE '%Trainer/model/%')",
    )
    read = read_pipelines(str(folder))
    assert len(read.versions) == 2
    assert [why for _, why in read.skipped] == ["its pipeline did not finish or keep it."]
    change(folder, "UPDATE Context SET name = 'x' || id WHERE type_id = (SELECT id FROM Type WHERE name = 'pipeline')")
    change(folder, "DELETE FROM Association")
    assert {why for _, why in read_pipelines(str(folder)).skipped} == {
        "its pipeline did not finish or keep it.",
        "the store does not say of which pipeline it is. Give the model a name with --name.",
    }


def test_a_model_that_no_execution_made_is_skipped(folder: Path) -> None:
    change(folder, "UPDATE Execution SET last_known_state = 4")
    read = read_pipelines(str(folder))
    assert read.versions == []
    assert {why for _, why in read.skipped} == {"no execution that ended well made it."}


def test_a_version_with_damaged_results_is_skipped_and_the_others_are_not(folder: Path) -> None:
    damaged = min(
        folder.glob("Evaluator/evaluation/*/metrics-00000-of-00002.tfrecord"), key=lambda path: int(path.parent.name)
    )
    damaged.write_bytes(b"\xff" * 8 + damaged.read_bytes()[8:])
    read = read_pipelines(str(folder))
    assert [version.key for version in read.versions] == [v.key for v in read_pipelines(str(folder)).versions]
    assert len(read.versions) == 2
    assert str(folder) not in read.skipped[0][1]
    assert "is damaged: the record at byte 0" in read.skipped[0][1]


def test_nothing_outside_of_the_pipelines_folder_is_opened(folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    shutil.copytree(folder / "Trainer", outside)
    shutil.rmtree(folder / "Trainer")
    (folder / "Trainer").symlink_to(outside)
    change(folder, f"UPDATE Artifact SET uri = '{outside}/model/5' WHERE uri LIKE '%PushedModel%'")
    shutil.rmtree(folder / "Pusher")
    assert {version.folder for version in read_pipelines(str(folder)).versions} == {""}


def test_a_store_is_found_by_its_usual_names_or_named(folder: Path, tmp_path: Path) -> None:
    store = (folder / "metadata.sqlite").rename(tmp_path / "store.db")
    with pytest.raises(UnreadableFolderError, match=r"has no metadata.sqlite and no metadata.db"):
        read_pipelines(str(folder))
    assert len(read_pipelines(str(folder), metadata=str(store)).versions) == 3
    (folder / "metadata.sqlite").symlink_to(store)
    with pytest.raises(UnreadableFolderError, match="is a symlink"):
        read_pipelines(str(folder))
    with pytest.raises(TbVersionsError, match="does not exist"):
        read_pipelines(str(tmp_path / "missing"))


def test_an_estimators_export_and_its_runs_are_found_in_a_real_folder_of_tfx(folder: Path, test_data: Path) -> None:
    first = min((folder / "Trainer" / "model").iterdir(), key=lambda path: int(path.name))
    shutil.rmtree(first / "Format-Serving")
    shutil.copytree(test_data / "logdirs" / "tfx_chicago_taxi", first / "Format-Serving")
    version = read_pipelines(str(folder)).versions[0]
    base = f"Trainer/model/{first.name}/Format-Serving"
    assert version.elsewhere is not None
    assert version.elsewhere.path == f"{base}/export/chicago-taxi/1646034756"
    assert [run.name for run in version.runs] == [base, f"{base}/eval_chicago-taxi-eval"]
    assert all(run.identity for run in version.runs)
    assert any(note.startswith("The files that were pushed differ in ") for note in version.notes)


@pytest.mark.parametrize("seed", range(tries(20)))
def test_a_store_with_bytes_changed_anywhere_is_read_or_refused_with_a_sentence(folder: Path, seed: int) -> None:
    random, store = Random(seed), folder / "metadata.sqlite"
    data = bytearray(store.read_bytes())
    for _ in range(random.choice([1, 20, 200])):
        data[random.randrange(len(data))] = random.randrange(256)
    store.write_bytes(data)
    with contextlib.suppress(TbVersionsError):
        read_pipelines(str(folder))
