"""`tb-versions curves`."""

from __future__ import annotations

import json

import pytest

pytestmark = pytest.mark.slow


def test_a_version_has_the_value_at_its_export_and_the_points(run):
    (one,) = json.loads(run("curves", "digits:2", "--json").stdout)
    (curve,) = one["curves"]
    assert (one["id"], curve["key"], curve["run"], curve["tag"]) == ("digits:2", "val_loss", "cnn", "val_loss")
    assert (curve["steps"], curve["values"], curve["points"]) == ([1, 2, 3], [0.5, 0.25, 0.75], 3)
    assert (curve["step"], curve["at_export"]) == (3, 0.75)
    assert (curve["best_step"], curve["best"], curve["last"]) == (2, 0.25, 0.75)


def test_it_says_the_same_in_words(run):
    done = run("curves", "digits:2", "run:cnn")
    assert done.exit_code == 0
    assert "0.75 (step 3)" in done.stdout
    assert "digits:2 val_loss: 3 of 3 points" in done.stdout
    assert "run:cnn val_loss: 3 of 3 points" in done.stdout


def test_few_points_keep_the_ends_the_extremes_and_the_export(run, world):
    world.scalars("long", "loss", [(step, 1 / step) for step in range(1, 1_001)])
    world.version("long", 1, run="long", step=500)
    (curve,) = json.loads(run("curves", "long", "--max-points", "6", "--json").stdout)[0]["curves"]
    assert curve["points"] == 1_000
    assert {1, 500, 1_000} <= set(curve["steps"])
    assert len(curve["steps"]) <= 7
    whole = json.loads(run("curves", "long", "--max-points", "0", "--json").stdout)[0]["curves"][0]
    assert len(whole["steps"]) == 1_000


def test_a_number_that_is_none_is_a_text(run, world):
    world.scalars("nan", "loss", [(1, float("nan")), (2, float("inf"))])
    world.version("nan", 1, run="nan", step=1)
    (curve,) = json.loads(run("curves", "nan", "--json").stdout)[0]["curves"]
    assert curve["values"] == ["NaN", "Infinity"]
    assert "NaN" in run("curves", "nan").stdout


def test_a_version_without_curves_is_said(run):
    done = run("curves", "faces", "--json")
    assert json.loads(done.stdout) == [{"id": "faces:7", "curves": []}]
    assert "faces:7: It has no curves" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["digits:9"], 1, "no version"),
        (["run:nope"], 1, "no run"),
        (["cnn"], 1, "run:cnn"),
        (["digits:2", "--metric", "val_los"], 2, "Did you mean val_loss?"),
        (["digits:2", "--metric", "xyz"], 2, "Metrics with curves are val_loss."),
        ([], 2, "REF"),
    ],
)
def test_what_is_wrong_is_one_sentence(run, arguments, code, words):
    done = run("curves", *arguments)
    assert done.exit_code == code
    assert words in done.stderr


def test_without_a_log_directory_there_are_no_curves(run, world):
    done = run("curves", "digits:1", "--models-dir", str(world.models), where=False)
    assert done.exit_code == 2
    assert "--logdir" in done.stderr
