"""Artifacts and executions, as the recorded store of a real pipeline has them."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from tb_versions.interop.tfx.graph import Graph, read_graph, time_of
from tests.support import tfx


def make(folder: Path, *statements: str) -> str:
    with sqlite3.connect(folder / "metadata.sqlite") as database:
        database.executescript((tfx.RECORDED / "metadata.sql").read_text())
        for statement in statements:
            database.execute(statement)
    database.close()
    return str(folder / "metadata.sqlite")


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    return read_graph(make(tmp_path_factory.mktemp("graph")))


def test_artifacts_and_their_properties_are_those_that_mlmds_client_reads(graph: Graph) -> None:
    said = tfx.independent()["artifacts"]
    assert [str(number) for number in graph.artifacts] == [artifact["id"] for artifact in said]
    for artifact in said:
        found = graph.artifacts[int(artifact["id"])]
        assert (found.type, found.uri, found.state) == (artifact["type"], artifact["uri"], 2)
        properties = {**artifact.get("properties", {}), **artifact.get("customProperties", {})}
        assert found.properties == {name: _plain(value) for name, value in properties.items()}


def _plain(value: dict[str, str]) -> object:
    return int(value["intValue"]) if "intValue" in value else next(iter(value.values()))


def test_events_link_them_as_mlmds_client_says(graph: Graph) -> None:
    said = {
        (int(event["artifactId"]), int(event["executionId"]), event["type"], event["path"]["steps"][0]["key"])
        for event in tfx.independent()["events"]
        if not event["type"].startswith("INTERNAL_")  # what a Resolver put out, which it did not make
    }
    found = {
        (link.artifact.id, link.execution.id, kind, link.key)
        for kind, links in (("INPUT", graph.inputs), ("OUTPUT", graph.outputs))
        for each in links.values()
        for link in each
    }
    assert found == said


def test_the_first_execution_that_ended_well_made_an_artifact_and_a_cached_one_did_not(graph: Graph) -> None:
    examples = graph.made["Examples"]
    assert [(link.execution.id, link.execution.node) for link in examples] == [(1, "ExampleGen")]
    assert all(link.execution.node == "Trainer" for link in graph.made["Model"])  # the Resolver put them out later
    assert {link.execution.pipeline for link in graph.made["Model"]} == {"taxi"}


def test_what_went_into_a_training_reaches_back_to_the_examples_but_not_through_models(graph: Graph) -> None:
    last = graph.made["Model"][-1].execution
    found = [link.artifact.type for link in graph.before(last)]
    assert sorted(found) == ["ExampleStatistics", "Examples", "HyperParameters", "Model", "Schema"]


def test_the_identity_stays_as_a_store_grows_and_moves_and_another_store_has_another(
    graph: Graph, tmp_path: Path
) -> None:
    grown = make(tmp_path, "INSERT INTO Execution(type_id, last_known_state, name) VALUES (1, 3, 'new')")
    moved = str(shutil.copy(grown, tmp_path / "moved.db"))
    assert read_graph(moved).identity == graph.identity
    (tmp_path / "other").mkdir()
    other = make(tmp_path / "other", "UPDATE Execution SET name = 'another' WHERE id = 1")
    assert read_graph(other).identity != graph.identity


def test_values_of_the_wrong_kind_are_no_links_and_no_crash(tmp_path: Path) -> None:
    store = make(
        tmp_path,
        "UPDATE Event SET artifact_id = 'x' WHERE id = 1",
        "UPDATE Event SET execution_id = 1e300 WHERE id = 2",
        "UPDATE Artifact SET state = 'x', create_time_since_epoch = 'y', uri = x'00', type_id = -1",
        "UPDATE EventPath SET step_index = 'a', step_key = 5",
        "UPDATE Context SET name = CAST(x'ff' AS TEXT) || id",
        "UPDATE ArtifactProperty SET int_value = NULL, string_value = CAST(x'ff' AS TEXT)",
    )
    graph = read_graph(store)
    assert {artifact.created for artifact in graph.artifacts.values()} == {None}
    assert list(graph.made) == [""]


@pytest.mark.parametrize("value", [None, 0, -5, 2**63 - 1, "1795", 1.5])
def test_what_is_no_time_is_none(value: object) -> None:
    assert time_of(value) is None
