"""Runs that name the model which they wrote."""

from __future__ import annotations

from typing import Any

import pytest

from tb_versions.interop.stated_runs import stated_runs

PATHS = {"1": ["/data/models/digits/1"], "2": ["/data/models/digits/2", "/data/models/digits/2/model.keras"]}


def stated(**runs: dict[str, Any]) -> dict[str, tuple[str, bool]]:
    return {key: (said.run, said.is_output) for key, said in stated_runs(PATHS, runs).items()}


@pytest.mark.parametrize(
    "value",
    [
        "/data/models/digits/1",
        "/data/models/digits/1/",
        "file:///data/models/digits/1",
        "models/digits/1",
        "./digits/1",
        "/home/anna/exp/digits/1",
    ],
)
def test_a_path_names_a_model_by_how_it_ends(value: str) -> None:
    assert stated(mlp={"export_dir": value}) == {"1": ("mlp", True)}


def test_the_file_in_a_models_folder_names_it_too() -> None:
    assert stated(mlp={"save_path": "digits/2/model.keras"}) == {"2": ("mlp", True)}


@pytest.mark.parametrize("name", ["model_uri", "model_path", "checkpoint", "training/ckpt_dir"])
def test_what_may_be_the_model_that_a_run_began_with_is_no_output(name: str) -> None:
    found = stated(mlp={name: "/data/models/digits/1"})
    assert found in ({"1": ("mlp", False)}, {})
    assert (found == {}) == (name == "checkpoint")


@pytest.mark.parametrize(
    "settings",
    [
        {"export_dir": "1"},
        {"export_dir": "/elsewhere/1"},
        {"export_dir": "other/models/digits/1"},
        {"export_dir": "models/digits"},
        {"optimizer": "/data/models/digits/1"},
        {"export_dir": 1},
    ],
)
def test_what_names_no_model_surely_says_nothing(settings: dict[str, Any]) -> None:
    assert stated(mlp=settings) == {}


def test_two_runs_that_name_one_model_say_nothing() -> None:
    said = {"export_dir": "models/digits/1"}
    assert stated(mlp=said, cnn=said) == {}
    assert stated(mlp=said, cnn={"export_dir": "models/digits/2"}) == {"1": ("mlp", True), "2": ("cnn", True)}


def test_two_models_whose_paths_end_alike_are_not_told_apart() -> None:
    paths = {"a": ["/a/digits/1"], "b": ["/b/digits/1"]}
    assert stated_runs(paths, {"mlp": {"export_dir": "digits/1"}}) == {}
    assert set(stated_runs(paths, {"mlp": {"export_dir": "/b/digits/1"}})) == {"b"}
