"""Folders with TFMA's results."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tb_versions.errors import NotAModelError, TbVersionsError, UnsafeFileError
from tb_versions.interop.tfx.evaluation import read_evaluation, read_json
from tests.support.savedmodel_bytes import field
from tests.support.tfma_bytes import named, record, write_results


def config(*specs: dict[str, object]) -> str:
    return json.dumps({"evalConfig": {"modelSpecs": list(specs)}})


def test_a_folder_has_numbers_and_a_verdict(tmp_path: Path) -> None:
    folder = str(write_results(tmp_path, named("auc", 0.5), verdict=field(1, 1)))
    evaluation = read_evaluation(folder, within=folder)
    assert [(each.key.name, each.value) for each in evaluation.measured] == [("auc", 0.5)]
    assert evaluation.verdict is not None
    assert evaluation.verdict.ok


def test_a_folder_without_results_says_nothing(tmp_path: Path) -> None:
    evaluation = read_evaluation(str(tmp_path), within=str(tmp_path))
    assert (list(evaluation.measured), evaluation.verdict, list(evaluation.notes)) == ([], None, [])


@pytest.mark.parametrize(
    ("specs", "own"),
    [
        ([{"name": "candidate"}, {"name": "base", "isBaseline": True}], {"", "candidate"}),
        ([{"name": "one"}, {"name": "two"}], {""}),
        ([{}], {""}),
        (["no spec", {"name": 3}], {""}),
    ],
)
def test_the_only_model_that_is_no_baseline_is_the_own_one(
    tmp_path: Path, specs: list[dict[str, object]], own: set[str]
) -> None:
    folder = str(write_results(tmp_path, config=config(*specs)))
    assert read_evaluation(folder, within=folder).candidates == own


def test_a_configuration_that_the_caller_knows_is_used_where_the_folder_has_none(tmp_path: Path) -> None:
    folder, known = str(write_results(tmp_path)), {"model_specs": [{"name": "mine"}, {"is_baseline": True}]}
    assert read_evaluation(folder, within=folder, config=known).candidates == {"", "mine"}
    assert read_evaluation(folder, within=folder, config=[known]).candidates == {""}


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    folder = write_results(tmp_path, b"\xff")
    with pytest.raises(NotAModelError, match=r"metrics-00000-of-00001.tfrecord can't be read: its record 1 is damaged"):
        read_evaluation(str(folder), within=str(folder))
    write_results(tmp_path).joinpath("validations.tfrecord").write_bytes(record(b"") * 2)
    with pytest.raises(NotAModelError, match=r"validations.tfrecord can't be read: it has 2 results"):
        read_evaluation(str(folder), within=str(folder))


def test_results_as_parquet_are_not_read_and_that_is_said(tmp_path: Path) -> None:
    (tmp_path / "metrics-00000-of-00001.parquet").write_bytes(b"PAR1")
    assert "as Parquet" in read_evaluation(str(tmp_path), within=str(tmp_path)).notes[0]


def test_a_pickle_of_an_old_release_is_not_opened(tmp_path: Path) -> None:
    (tmp_path / "eval_config").write_bytes(record(b"cos\nsystem\n(S'touch pwned'\ntR."))
    assert read_evaluation(str(tmp_path), within=str(tmp_path)).config == {}


def test_json_is_read_from_plain_files_only(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    (tmp_path / "secret.json").write_text("{}")
    (inner / "link.json").symlink_to(tmp_path / "secret.json")
    with pytest.raises(UnsafeFileError):
        read_json(str(inner / "link.json"), within=str(inner))
    for text in ("{", "[" * 100_000, '{"a": NaN}'):
        (inner / "bad.json").write_text(text)
        with pytest.raises(NotAModelError, match="is not JSON"):
            read_json(str(inner / "bad.json"), within=str(inner))
    (inner / "large.json").write_text(" " * (4 * 1024 * 1024 + 1))
    with pytest.raises(TbVersionsError, match="at most"):
        read_json(str(inner / "large.json"), within=str(inner))
