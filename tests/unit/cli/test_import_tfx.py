"""`tb-versions import-tfx`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner, Result

from tb_versions.cli import main
from tests.support import tfx


def run(*arguments: object, code: int = 0) -> Result:
    done = CliRunner().invoke(main, ["import-tfx", *map(str, arguments)], prog_name="tb-versions")
    assert done.exit_code == code, done.output
    return done


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tfx.lay_out(tmp_path / "taxi")


def test_a_pipeline_is_imported_with_what_it_says_and_then_nothing_is_new(folder: Path, tmp_path: Path) -> None:
    arguments = ("--pipeline", folder, "--models-dir", tmp_path / "models", "--pushed-alias", "production")
    told = run(*arguments).output
    assert "taxi@production is taxi:3" in told
    assert f"--source tfx={folder.resolve()}" in told
    assert told.endswith("Imported 3 versions; 7 said later.\n")
    assert run(*arguments).output == "Imported 0 versions; 3 imported before.\n"


def test_a_trial_writes_nothing_and_tells_it_as_json(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    done = run("--pipeline", folder, "--models-dir", tmp_path / "models", "--dry-run", "--json", "--name", "cab")
    told: dict[str, Any] = orjson.loads(done.stdout)
    assert [version["id"] for version in told["versions"]] == ["cab:1", "cab:2", "cab:3"]
    assert [path.name for path in (tmp_path / "models").rglob("*")] == []


def test_a_model_that_is_skipped_is_named_and_counts_for_the_exit_code(folder: Path, tmp_path: Path) -> None:
    for path in folder.glob("Evaluator/evaluation/*/metrics-00000-of-00002.tfrecord"):
        path.write_bytes(b"x")
    told = run("--pipeline", folder, "--models-dir", tmp_path / "models", code=1).output
    assert told.count("Not read: taxi, artifact") == 3
    assert told.endswith("Imported 0 versions; 3 not read.\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--pushed-alias", "v1"), "v1"),
        (("--label", "a/b"), "a/b"),
        (("--metadata", "/dev/null"), "is no plain file"),
    ],
)
def test_a_wrong_argument_gets_one_sentence(
    folder: Path, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    done = CliRunner().invoke(
        main, ["import-tfx", "--pipeline", str(folder), "--models-dir", str(tmp_path / "models"), *arguments]
    )
    assert done.exit_code in (1, 2, 5)
    assert said in done.output
    assert done.output.count("\n") == 1
    assert not (tmp_path / "models").exists()
