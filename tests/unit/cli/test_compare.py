"""`tb-versions compare`."""

from __future__ import annotations

import json

import pytest

pytestmark = pytest.mark.slow


def test_a_table_with_only_the_differences(run):
    done = run("compare", "digits:1", "digits:2")
    assert done.exit_code == 0
    assert "digits 1 (baseline)" in done.stdout
    assert "semantic version" in done.stdout
    assert "rows that do not differ are hidden" in done.stdout


def test_all_rows_on_request(run):
    done = run("compare", "digits:1", "faces", "--all")
    assert done.exit_code == 0
    assert "format" in done.stdout
    assert "hidden" not in done.stdout


def test_the_baseline_can_be_chosen(run):
    done = run("compare", "digits:1", "digits:2", "--baseline", "digits:2", "--json")
    assert json.loads(done.stdout)["baseline"] == 1


def test_a_goal_can_be_set(run):
    rows = json.loads(run("compare", "digits:1", "digits:2", "--goal", "nan=min", "--json").stdout)["rows"]
    (row,) = [row for row in rows if row["key"] == "nan"]
    assert row["details"] == {"goal": "min", "goal_source": "caller"}


def test_markdown(run):
    done = run("compare", "digits:1", "run:cnn", "--markdown")
    assert done.exit_code == 0
    assert "| | digits 1 (baseline) | run cnn |" in done.stdout


def test_folders_need_no_options(run, world):
    folders = [str(world.models / "digits" / number) for number in "12"]
    done = run("compare", *folders, "--json", where=False)
    assert done.exit_code == 0
    assert [m["kind"] for m in json.loads(done.stdout)["members"]] == ["folder", "folder"]


def test_hostile_text_does_not_reach_the_terminal(run, world):
    world.version("digits", 3, labels={"x": "\u202e[bold]evil"}, hyperparameters={"y": "[red]z"})
    done = run("compare", "digits:1", "digits:3")
    assert "\u202e" not in done.stdout
    assert "\\u{202e}[bold]evil" in done.stdout
    assert "[red]z" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["digits:1"], 2, "2 to 60 different members; only digits:1 was given."),
        (["digits:1", "digits:1"], 2, "all 2 that were given are digits:1."),
        (["digits:1", "cnn"], 1, "The run of that name is written run:cnn."),
        (["digits:1", "digits:9"], 1, "no version"),
        (["digits:1", "run:nope"], 1, "no run"),
        (["digits:1", "./nope"], 2, "does not exist"),
        (["digits:1", "digits:2", "--goal", "loss"], 2, "--goal val_loss=min"),
        (["digits:1", "digits:2", "--json", "--markdown"], 2, "not for both"),
    ],
)
def test_what_is_wrong_is_one_sentence(run, arguments, code, words):
    done = run("compare", *arguments)
    assert done.exit_code == code
    assert words in done.stderr


def test_somewhere_must_be_looked(run):
    assert "Say where to look" in run("compare", "digits:1", "digits:2", where=False).stderr


def test_a_goal_for_no_metric_is_said_with_what_was_meant(run):
    for form in ([], ["--json"]):
        done = run("compare", "digits:1", "digits:2", "--goal", "val_acc=max", *form)
        assert done.exit_code == 0
        assert 'A goal is given for "val_acc", which is no metric' in done.stderr
        assert "--goal val_acc: did you mean val_accuracy?" in done.stderr
    assert "did you mean" not in run("compare", "digits:1", "digits:2", "--goal", "val_accuracy=max").stderr


def test_a_run_without_a_log_directory_says_what_is_missing(run, world):
    done = run("compare", "digits:1", "run:cnn", "--models-dir", str(world.models), where=False)
    assert done.exit_code == 1
    assert done.stderr.endswith("Runs and curves are read from --logdir, which was not given.\n")
    assert "--logdir" not in run("compare", "digits:1", "run:nope").stderr


def test_folders_may_be_named_by_their_manifests_and_be_the_baseline(run, world):
    one, two = (str(world.models / "digits" / number) for number in "12")
    done = run("compare", f"{one}/version_manifest.json", f"{two}/", "--baseline", two, "--json", where=False)
    assert done.exit_code == 0
    answer = json.loads(done.stdout)
    assert [m["label"] for m in answer["members"]] == ["digits/2", "digits/1"] or answer["baseline"] in (0, 1)


def test_a_path_of_a_known_version_is_that_version(run, world):
    done = run("compare", str(world.models / "digits" / "1"), "digits:2", "--json")
    assert [(m["kind"], m["id"]) for m in json.loads(done.stdout)["members"]] == [
        ("version", "digits:1"),
        ("version", "digits:2"),
    ]
