"""What a pipeline says of a model: metrics, blessings, pushes."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from tb_versions.errors import NotAModelError
from tb_versions.interop.tfx.graph import read_graph
from tb_versions.interop.tfx.judging import Judged, judge
from tb_versions.interop.tfx.places import OutputFolder
from tests.support import tfx


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tfx.lay_out(tmp_path / "taxi")


def change(folder: Path, *statements: str) -> None:
    with sqlite3.connect(folder / "metadata.sqlite") as database:
        for statement in statements:
            database.execute(statement)
    database.close()


def evaluate_twice(folder: Path) -> None:
    """Lets the evaluation of the second model be one of the first."""
    first, second = (read_graph(str(folder / "metadata.sqlite")).made["Model"][n].artifact.id for n in (0, 1))
    inputs = f"type = 3 AND execution_id IN (SELECT execution_id FROM Event WHERE artifact_id = {second} AND type = 3)"
    change(
        folder,
        f"DELETE FROM Event WHERE artifact_id = {first} AND {inputs}",
        f"UPDATE Event SET artifact_id = {first} WHERE artifact_id = {second} AND type = 3",
    )


def judged(folder: Path, place: int) -> Judged:
    graph = read_graph(str(folder / "metadata.sqlite"))
    return judge(graph, OutputFolder(str(folder)), graph.made["Model"][place].artifact)


def test_a_blessing_is_an_approval_by_the_component_with_its_reasons(folder: Path) -> None:
    said = judged(folder, 0).said
    assert [(each.kind, each.actor) for each in said] == [
        ("approved", "Evaluator of taxi (TFX)"),
        ("noted", "Pusher of taxi (TFX)"),
    ]
    assert said[0].reason.startswith("Blessed. Its thresholds are met; there was no model to compare with")
    assert all(each.time for each in said)


def test_a_model_that_is_not_blessed_has_a_note_that_says_why_and_was_not_pushed(folder: Path) -> None:
    found = judged(folder, 1)
    assert [(each.kind, each.text) for each in found.said] == [("noted", "Not blessed by Evaluator.")]
    assert "auc on country:us: 0.25, asked for is at least 0.5" in found.said[0].reason
    assert (found.pushed, found.pushed_links) == ({}, [])


def test_a_push_tells_the_last_two_names_of_its_destination(folder: Path) -> None:
    found = judged(folder, 2)
    assert found.said[-1].text == f"Pushed by Pusher to taxi/{found.pushed['pushed_version']}."


def test_a_store_and_a_folder_that_disagree_on_a_blessing_are_not_believed(folder: Path) -> None:
    change(folder, "UPDATE ArtifactProperty SET int_value = 1 WHERE name = 'blessed'")
    found = judged(folder, 1)
    assert found.said == []
    assert "says one thing in the store and another in its folder" in found.notes[-1]


def test_a_blessing_that_the_store_does_not_state_is_none(folder: Path) -> None:
    change(folder, "DELETE FROM ArtifactProperty WHERE name = 'blessed'")
    found = judged(folder, 0)
    assert [each.kind for each in found.said] == ["noted"]  # the push
    assert "the store does not" in found.notes[-1]


def test_a_component_that_does_not_bless_any_more_withdraws_its_approval(folder: Path) -> None:
    evaluate_twice(folder)
    kinds = [each.kind for each in judged(folder, 0).said]
    assert kinds == ["approved", "noted", "approval_withdrawn", "noted"]


def test_results_of_a_second_evaluation_say_what_is_different(folder: Path) -> None:
    evaluate_twice(folder)
    again = read_graph(str(folder / "metadata.sqlite")).made["ModelEvaluation"][1].execution.id
    assert {metric.dataset for metric in judged(folder, 0).metrics} == {"eval", f"eval (Evaluator, execution {again})"}


def test_the_first_evaluation_keeps_its_name_where_its_results_are_not_at_hand(folder: Path) -> None:
    evaluate_twice(folder)
    links = read_graph(str(folder / "metadata.sqlite")).made["ModelEvaluation"]
    (folder / "Evaluator" / "evaluation" / str(links[0].execution.id)).rename(folder / "gone")
    found = judged(folder, 0)
    assert {metric.dataset for metric in found.metrics} == {f"eval (Evaluator, execution {links[1].execution.id})"}
    assert found.notes[0] == f"The results of Evaluator (execution {links[0].execution.id}) are not at hand."


def test_splits_that_were_evaluated_name_the_dataset(folder: Path) -> None:
    links = read_graph(str(folder / "metadata.sqlite")).made["ModelEvaluation"]
    change(
        folder,
        "INSERT INTO ExecutionProperty(execution_id, name, is_custom_property, string_value) "
        f"""VALUES ({links[0].execution.id}, 'example_splits', 1, '["test", "late"]')""",
    )
    assert {metric.dataset for metric in judged(folder, 0).metrics} == {"test+late"}


def test_damaged_results_are_an_error(folder: Path) -> None:
    for path in folder.glob("Evaluator/evaluation/*/metrics-00001-of-00002.tfrecord"):
        path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(NotAModelError, match="is damaged"):
        judged(folder, 0)
