"""`remove` and `prune` on the command line: nothing is removed that was not asked for."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tb_versions.cli import main
from tb_versions.core.manifest import MANIFEST_NAME, Metric
from tests.support.world import World

Run = Callable[..., Result]


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """`digits:1` to `digits:4`, with accuracies."""
    world = World(tmp_path)
    for number, value in enumerate((0.9, 0.7, 0.8, 0.6), 1):
        world.version("digits", number, metrics=(Metric(name="acc", value=value, goal="max"),))
    return world.models


@pytest.fixture
def verb(models: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command over the models folder."""
    monkeypatch.setenv("TB_VERSIONS_MODELS_DIR", str(models))
    monkeypatch.setenv("TB_VERSIONS_ACTOR", "anna")

    def run(*arguments: str, code: int = 0) -> Result:
        result = CliRunner().invoke(main, arguments, prog_name="tb-versions")
        assert result.exit_code == code, (arguments, result.output, result.exception)
        return result

    return run


def there(models: Path) -> list[str]:
    return sorted(path.parent.name for path in (models / "digits").glob(f"*/{MANIFEST_NAME}"))


def test_prune_says_what_it_would_do_and_does_it_with_yes(verb: Run, models: Path) -> None:
    rules = ("prune", "digits", "--keep-last", "1", "--keep-best", "1", "--by", "acc")
    said = verb(*rules).stdout
    assert [line.split() for line in said.splitlines()[:5]] == [
        ["version", "size", "why"],
        ["digits:4", "13", "bytes", "keep", "the", "newest"],
        ["digits:3", "13", "bytes", "remove"],
        ["digits:2", "13", "bytes", "remove"],
        ["digits:1", "13", "bytes", "keep", "the", "best", "by", "acc"],
    ]
    assert said.splitlines()[5:] == [
        "Would remove 2 of 4 versions, 26 bytes.",
        "Nothing was changed; add --yes to do it.",
    ]
    assert there(models) == ["1", "2", "3", "4"]
    assert "Removed 2 of 4 versions, 26 bytes. Their files are in the trash" in verb(*rules, "--yes").stdout
    assert there(models) == ["1", "4"]
    assert "Would delete the files of 2 removed versions of digits" in verb("prune", "--empty-trash").stdout
    assert "Deleted the files of 2 removed versions of digits" in verb("prune", "--empty-trash", "--yes").stdout
    assert not list((models / "digits/.versions/trash").iterdir())


def test_dry_run_wins_over_yes(verb: Run, models: Path) -> None:
    verb("prune", "--keep-last", "1", "--yes", "--dry-run")
    assert there(models) == ["1", "2", "3", "4"]


def test_prune_answers_in_json(verb: Run) -> None:
    told = json.loads(verb("prune", "--keep-last", "3", "--yes", "--json").stdout)
    assert told["dry_run"] is False
    assert [(each["id"], each["removed"], each["kept"]) for each in told["versions"]][-1] == ("digits:1", True, None)
    assert told["trash"] == []


def test_versions_are_removed_by_name_and_by_range(verb: Run, models: Path) -> None:
    assert verb("remove", "digits:1..2", "--reason", "old").stdout.splitlines() == [
        "digits:1 is removed; its files are in the trash.",
        "digits:2 is removed; its files are in the trash.",
    ]
    assert there(models) == ["3", "4"]
    refused = verb("promote", "digits:1", "--alias", "production", "--reason", "x", code=1)
    assert "digits:1 was removed (anna, " in refused.stderr
    assert "removed" in verb("show", "digits:1").stdout


def test_what_is_in_production_is_refused(verb: Run, models: Path) -> None:
    verb("promote", "digits:2", "--alias", "production", "--reason", "good")
    assert "it holds production" in verb("remove", "digits:2", "--reason", "x", code=1).stderr
    assert there(models) == ["1", "2", "3", "4"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["prune"],
        ["prune", "--keep-last", "-1"],
        ["prune", "--keep-last", "x"],
        ["prune", "--younger-than", "soon"],
        ["prune", "--younger-than", "30"],
        ["prune", "--keep-best", "1"],
        ["prune", "--keep-best", "1", "--by", "nope"],
        ["prune", "--keep-best", "1", "--by", "acc", "--goal", "up"],
        ["prune", "--keep-last", "1", "--keep-lst", "1"],
        ["remove", "digits:1"],
        ["remove", "--reason", "x"],
        ["remove", "digits:x", "--reason", "x"],
        ["remove", "digits:3..1", "--reason", "x"],
        ["copy", "digits:1"],
        ["copy", "digits:1..2", "--to", "there", "--number", "7"],
        ["copy", "digits:1", "--to", "there", "--number", "-1"],
    ],
)
def test_wrong_usage_is_one_line_and_changes_nothing(verb: Run, models: Path, arguments: list[str]) -> None:
    error = verb(*arguments, code=2).stderr
    assert "Traceback" not in error
    assert len([line for line in error.splitlines() if line.startswith(("Error:", "tb-versions:"))]) == 1, error
    assert there(models) == ["1", "2", "3", "4"]


@pytest.mark.parametrize("arguments", [["prune", "nope", "--keep-last", "1"], ["remove", "digits:9", "--reason", "x"]])
def test_what_is_not_there_is_named(verb: Run, arguments: list[str]) -> None:
    assert "digits" in verb(*arguments, code=1).stderr


def test_versions_are_copied_and_not_copied_again(verb: Run, models: Path, tmp_path: Path) -> None:
    shared = str(tmp_path / "shared")
    assert verb("copy", "digits:1..2", "--to", shared).stdout.splitlines() == [
        f"digits:1 was copied to {shared}/digits/1.",
        f"digits:2 was copied to {shared}/digits/2.",
    ]
    told: Any = json.loads(verb("copy", "digits:2", "--to", shared, "--json").stdout)
    copied = {"source": "digits:2", "reference": "digits:2", "folder": f"{shared}/digits/2", "copied": False}
    assert told == [{**copied, "golden": None, "signatures": 0, "unread_signatures": 0}]


def test_fsck_finishes_a_removal_that_was_interrupted(verb: Run, models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patched:
        patched.setattr("os.rename", fails)
        verb("remove", "digits:2", "--reason", "old", code=5)
    assert "Version 2 was removed, but its folder is still there." in verb("fsck", code=1).stdout
    assert there(models) == ["1", "2", "3", "4"]
    verb("fsck", "--repair", "--dry-run", code=1)
    assert there(models) == ["1", "2", "3", "4"]
    assert "Its files are in the trash now." in verb("fsck", "--repair").stdout
    assert there(models) == ["1", "3", "4"]
    verb("fsck")


def test_a_copy_can_be_tried_first(verb: Run, tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    assert "Nothing was written" in verb("copy", "digits:1", "--to", str(shared), "--dry-run").stdout
    assert not shared.exists()
