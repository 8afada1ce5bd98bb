"""What is said before a version is handed over, and what stops it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import Any

import pytest

from tb_versions.core.manifest import Environment, FilesElsewhere, SavedModel, Tensor
from tb_versions.savedmodel.known_ops import KNOWN_OPS_OF
from tests.support.servables import graph, servable
from tests.support.world import World
from tests.unit.serving.conftest import Run

Promote = Callable[..., None]


def tensor(name: str, dtype: str = "float32", where: str = "x:0") -> Tensor:
    return Tensor(name=name, dtype=dtype, tensor=where)


@pytest.mark.parametrize(
    ("saved_model", "more", "said"),
    [
        (graph(), {}, ""),
        (graph(key="other"), {}, "it has no signature serving_default, so each call must name one."),
        (graph(tag="train"), {}, "no graph has the tag serve"),
        (graph(tensor("keras_tensor_12")), {}, "Keras chose the name of keras_tensor_12"),
        (graph(tensor("input_1")), {}, ""),
        (graph(tensor("input_1")), {"environment": Environment(keras="2.15.0")}, "Keras chose the name of input_1"),
        (graph(tensor("words", "string")), {}, "words is of strings: REST takes UTF-8 text"),
        (graph(tensor("tokens", "variant", "a:0, b:0")), {}, "tokens is ragged or sparse, which REST can't take"),
        (graph(tensor("half", "float16")), {}, "REST can't take half (float16); gRPC can."),
        (graph(ops=("MatMul", "MyOp")), {}, f"TensorFlow {KNOWN_OPS_OF} does not have MyOp"),
        (graph(tensorflow="2.19.1"), {}, ""),
        (graph(tensorflow="2.20.0"), {}, "TensorFlow 2.20.0 exported it, and the server has 2.19"),
        (graph(tensorflow=""), {}, "the TensorFlow that exported it is not known."),
    ],
)
def test_what_clients_may_stumble_on_is_said_and_stops_nothing(
    world: World, verb: Run, promote: Promote, saved_model: SavedModel, more: dict[str, Any], said: str
) -> None:
    servable(world, "digits", 9, saved_model, **more)
    promote("digits:9")
    result = verb("serving-config", "--server-version", "2.19")
    lines = [line for line in result.stderr.splitlines() if "digits" in line]
    assert (len(lines) == 1 and said in lines[0]) if said else lines == []
    assert "versions: 9" in result.stdout


def broken(world: World, how: str) -> None:
    folder = world.models / "digits/2"
    if how == "gone":
        shutil.rmtree(folder)
    elif how == "manifest gone":
        (folder / "version_manifest.json").unlink()
    elif how == "manifest damaged":
        (folder / "version_manifest.json").write_text("{")
    elif how == "another manifest":
        servable(world, "digits", 2, description="another")
    elif how == "graph gone":
        (folder / "saved_model.pb").unlink()
    elif how.startswith("files elsewhere"):
        elsewhere = FilesElsewhere(source="nas", path="digits/2")
        path = servable(world, "digits", 2, files_elsewhere=elsewhere) / "version_manifest.json"
        if how.endswith("otherwise"):
            path.write_text(path.read_text().replace('"filesElsewhere"', '"files_elsewhere"'))
    elif how == "no SavedModel":
        path = folder / "version_manifest.json"
        path.write_text(path.read_text().replace('"meta_graphs"', '"x"').replace('"metaGraphs"', '"x"'))
    else:
        shutil.copytree(folder, world.models / "digits/002")


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ("gone", "its folder is not there"),
        ("manifest gone", "it has no manifest"),
        ("manifest damaged", "its manifest can't be read"),
        ("another manifest", "its manifest is not the one that was promoted (event 1)"),
        ("files elsewhere", "its files lie elsewhere; serve a copy that has them"),
        ("files elsewhere, spelled otherwise", "its files lie elsewhere"),
        ("graph gone", "it is no SavedModel"),
        ("no SavedModel", "it is no SavedModel"),
        ("twice", "the folders 002 and 2 have this number"),
    ],
)
def test_what_would_not_load_stops_everything(world: World, verb: Run, promote: Promote, how: str, why: str) -> None:
    promote("digits:2")
    broken(world, how)
    result = verb("serving-config", code=1)
    assert result.stdout == ""
    assert why in " ".join(result.stderr.split())
    assert "Nothing is written" in result.stderr


def test_folders_that_the_server_skips_are_named(world: World, verb: Run, promote: Promote) -> None:
    promote("digits:2")
    shutil.copytree(world.models / "digits/1", world.models / "digits/1-best")
    assert "digits: the server skips 1-best" in verb("serving-config").stderr


def test_a_manifest_in_another_spelling_is_understood(world: World, verb: Run, promote: Promote) -> None:
    path = world.models / "digits/2/version_manifest.json"
    text = path.read_text()
    for ours, theirs in (("savedModel", "saved_model"), ("metaGraphs", "meta_graphs"), ("serving_default", "other")):
        text = text.replace(f'"{ours}"', f'"{theirs}"')
    path.write_text(text)
    promote("digits:2")
    assert "it has no signature serving_default" in verb("serving-config").stderr


def test_a_version_of_the_server_that_is_none_is_refused(verb: Run, promote: Promote) -> None:
    promote("digits:1")
    assert "is no version of TensorFlow Serving" in verb("serving-config", "--server-version", "new", code=2).stderr


def test_labels_that_rest_does_not_promise_are_named_only_where_labels_are_written(verb: Run, promote: Promote) -> None:
    promote("digits:1", "blue-green")
    assert "blue-green may not work" in verb("serving-config", "--aliases-as-labels").stderr
    assert "blue-green" not in verb("serving-config").stderr
