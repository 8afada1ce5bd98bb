"""What went into a model."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tb_versions.errors import NotAModelError
from tb_versions.interop.tfx.graph import Execution, Graph, read_graph
from tb_versions.interop.tfx.origins import (
    best_hyperparameters,
    datasets_of,
    hyperparameters_of,
    parents_of,
    runs_of,
)
from tb_versions.interop.tfx.places import OutputFolder
from tests.support import tfx
from tests.support.event_files import begin


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tfx.lay_out(tmp_path / "taxi")


def last(folder: Path) -> tuple[Graph, OutputFolder, Execution]:
    graph = read_graph(str(folder / "metadata.sqlite"))
    return graph, OutputFolder(str(folder)), graph.made["Model"][-1].execution


def test_datasets_are_the_examples_by_split_and_the_schema(folder: Path) -> None:
    found = {(dataset.name, dataset.split): dataset for dataset in datasets_of(*last(folder))}
    assert found.keys() == {
        ("ExampleGen.examples", "train"),
        ("ExampleGen.examples", "eval"),
        ("SchemaGen.schema", "schema"),
    }
    assert (found["ExampleGen.examples", "train"].rows, found["ExampleGen.examples", "eval"].rows) == (800, 1_000)
    assert found["ExampleGen.examples", "train"].uri == "ExampleGen/examples/1/Split-train"
    assert found["SchemaGen.schema", "schema"].digest_of == "file"


def test_a_count_of_a_sample_is_no_count_of_examples(folder: Path) -> None:
    graph, output, training = last(folder)
    counted = graph.made["ExampleStatistics"][0].execution
    for name, value in (("sample_rate_by_split", '{"train": 0.1}'), ("stats_options_json", '{"sample_rate": 0.5}')):
        object.__setattr__(counted, "properties", {name: value})
        assert {dataset.rows for dataset in datasets_of(graph, output, training)} == {None}
    object.__setattr__(counted, "properties", {"sample_rate_by_split": "null"})
    assert {dataset.rows for dataset in datasets_of(graph, output, training)} == {800, 1_000, None}


def test_damaged_statistics_leave_the_count_unknown(folder: Path) -> None:
    for path in folder.glob("StatisticsGen/statistics/*/*/FeatureStats.pb"):
        path.write_bytes(b"\xff")
    assert {dataset.rows for dataset in datasets_of(*last(folder))} == {None}


def test_hyperparameters_are_the_tuners_and_the_components_own(folder: Path) -> None:
    notes: list[str] = []
    assert hyperparameters_of(*last(folder), notes) == {
        "learning_rate": 0.9,
        "layers": 3,
        "activation": "relu",
        "saved_model": "/models/one",
        "seed": 7,
        "train_args.num_steps": 100,
        "train_args.splits": '["train"]',
    }
    assert notes == []


def test_a_parameter_with_the_name_of_a_hyperparameter_is_left_out_and_that_is_said(folder: Path) -> None:
    graph, output, training = last(folder)
    object.__setattr__(training, "properties", {"layers": 99, "module_file": "/home/me/x.py", "custom_config": "null"})
    notes: list[str] = []
    assert hyperparameters_of(graph, output, training, notes)["layers"] == 3
    assert notes == ["The parameter layers of Trainer has the name of a hyperparameter; left out."]


@pytest.mark.parametrize("text", ["{", "[]", '{"values": 3}'])
def test_a_tuners_file_that_is_none_is_said(folder: Path, text: str) -> None:
    for path in folder.glob("Tuner/*/*/best_hyperparameters.txt"):
        path.write_text(text)
    notes: list[str] = []
    assert "layers" not in hyperparameters_of(*last(folder), notes)
    assert notes[0].startswith("The hyperparameters that Tuner found can't be read: ")


def test_lists_in_a_tuners_file_are_recorded_as_json(tmp_path: Path) -> None:
    (tmp_path / "best_hyperparameters.txt").write_text(json.dumps({"values": {"a": [1, 2], "b": None, "c": True}}))
    assert best_hyperparameters(str(tmp_path), within=str(tmp_path)) == {"a": "[1, 2]", "c": True}
    (tmp_path / "best_hyperparameters.txt").write_text("[" * 50_000)
    with pytest.raises(NotAModelError, match="is not JSON"):
        best_hyperparameters(str(tmp_path), within=str(tmp_path))


def test_a_model_that_a_training_began_from_is_its_parent(folder: Path) -> None:
    graph, _, training = last(folder)
    first = graph.made["Model"][0].artifact.id
    assert parents_of(graph, training) == {f"artifacts/{first}": "derived_from"}
    assert parents_of(graph, graph.made["Model"][0].execution) == {}


def test_runs_are_named_as_tensorboard_does_over_the_output_folder(folder: Path) -> None:
    graph, output, training = last(folder)
    run = folder / "Trainer" / "model_run" / str(training.id) / "train"
    run.mkdir(parents=True)
    (run / "events.out.tfevents.1.host").write_bytes(begin(1.0))
    found = runs_of(graph, output, training)
    assert [each.name for each in found] == [f"Trainer/model_run/{training.id}/train"]
    assert found[0].identity.startswith("sha256:")
