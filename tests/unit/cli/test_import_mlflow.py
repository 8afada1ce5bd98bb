"""`tb-versions import-mlflow` and `export-mlflow`."""

from __future__ import annotations

import os
import re
import sqlite3
import sys
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner, Result

from tb_versions.cli import main
from tb_versions.core import codec
from tests.support.mlflow_client import ROOT, ask_mlflow, with_mlflow
from tests.support.mlruns import put, write_store
from tests.support.world import World

GUIDE = ROOT / "docs/guides/come-from-mlflow.md"


def run(*arguments: object, code: int = 0) -> Result:
    done = CliRunner().invoke(main, ["import-mlflow", *map(str, arguments)], prog_name="tb-versions")
    assert done.exit_code == code, done.output
    return done


@pytest.fixture
def mlruns(tmp_path: Path) -> Path:
    return write_store(tmp_path / "mlruns")


def test_a_folder_is_imported_and_says_what_became_of_it(mlruns: Path, tmp_path: Path) -> None:
    done = run("--uri", mlruns, "--models-dir", tmp_path / "models")
    assert "digits@champion is digits:2." in done.stdout
    assert f"--source mlflow={mlruns.resolve()}" in done.stdout
    assert "digits:1, digits:2: 2 versions are of its run." in done.stdout
    assert done.stdout.endswith("Imported 2 versions; 1 said later.\n")
    again = run("--uri", f"file://{mlruns}", "--models-dir", tmp_path / "models")
    assert again.stdout == "Imported 0 versions; 2 imported before.\n"
    manifest = codec.decode((tmp_path / "models/digits/2/version_manifest.json").read_bytes())
    assert manifest.labels["mlflow.run_name"] == "rün ✓"
    assert manifest.labels["run.team"] == "vision"
    assert {metric.name: metric.step for metric in manifest.metrics} == {"acc": 2, "val/loss": 3}
    assert {file.path for file in manifest.files} == {"MLmodel", "weights.bin"}
    told = CliRunner().invoke(main, ["show", "digits:2", "--models-dir", str(tmp_path / "models")]).stdout
    assert "as recorded" in told
    assert "at export" not in told


def test_what_could_not_be_read_is_said_and_the_code_is_1(mlruns: Path, tmp_path: Path) -> None:
    put(mlruns / "models/digits/version-1/meta.yaml", "!!python/object/apply:os.system [x]")
    done = run("--uri", mlruns, "--models-dir", tmp_path / "models", code=1)
    assert "Not read: models/digits/version-1/meta.yaml: could not determine a constructor" in done.stdout
    assert done.stdout.endswith("Imported 1 version; 1 said later; 1 not read.\n")


@pytest.mark.parametrize(
    ("uri", "words"),
    [
        ("./nothing", "does not exist"),
        ("sqlite:///nothing.db", "can't be read: No such file"),
        ("sqlite://", "names no database"),
        ("sqlite:///empty.db", "is no database of MLflow that is known here"),
        (".", "is no MLflow store"),
        ("http://me:hunter2@127.0.0.1:9", "MLflow"),
    ],
)
def test_an_address_that_leads_nowhere_is_one_sentence(
    uri: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    sqlite3.connect("empty.db").execute("CREATE TABLE t (a)")
    done = CliRunner().invoke(main, ["import-mlflow", "--uri", uri, "--models-dir", "models"], prog_name="tb-versions")
    assert done.exit_code in (2, 5)
    assert words in done.output
    assert "hunter2" not in done.output
    assert len(done.output.splitlines()) == 1
    assert sorted(os.listdir()) == ["empty.db"]


def test_a_model_that_is_not_there_is_named(mlruns: Path, tmp_path: Path) -> None:
    done = run("--uri", mlruns, "--models-dir", tmp_path / "models", "--model", "other", code=1)
    assert 'MLflow has no registered model "other"' in done.output


def test_json_has_the_keys_that_the_page_of_commands_names(mlruns: Path, tmp_path: Path) -> None:
    told = orjson.loads(run("--uri", mlruns, "--models-dir", tmp_path / "m", "--dry-run", "--json").stdout)
    assert [(one["id"], one["became"], one["files"]) for one in told["versions"]] == [
        ("digits:1", "new", "linked"),
        ("digits:2", "new", "linked"),
    ]
    assert told["changes"] == [{"model": "digits", "became": "changed", "what": "digits@champion is digits:2"}]
    assert not (tmp_path / "m").exists()


def test_a_version_without_files_is_not_registered(mlruns: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    run("--uri", mlruns, "--models-dir", tmp_path / "models", "--source", f"nas={empty}")
    arguments = [
        "export-mlflow",
        "digits:1",
        "--models-dir",
        str(tmp_path / "models"),
        "--uri",
        f"sqlite:///{empty}/m.db",
    ]
    done = CliRunner().invoke(main, arguments, prog_name="tb-versions")
    assert done.exit_code == 1
    assert "digits:1 was imported without its files" in done.output
    assert os.listdir(empty) == []


def test_without_mlflow_an_export_says_what_to_install(
    mlruns: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("--uri", mlruns, "--models-dir", tmp_path / "models", "--copy-files")
    monkeypatch.setitem(sys.modules, "mlflow", None)
    arguments = ["export-mlflow", "digits", "--models-dir", f"{tmp_path}/models", "--uri", f"sqlite:///{tmp_path}/m.db"]
    done = CliRunner().invoke(main, arguments, prog_name="tb-versions")
    assert done.exit_code == 5
    assert done.output.startswith("tb-versions: This needs MLflow's client: pip install")


@pytest.mark.client("mlflow")
@pytest.mark.slow
def test_the_commands_of_the_guide_run(client_python: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    ask_mlflow(client_python, tmp_path, "make", "sqlite:///mlflow.db")
    blocks = re.findall(r"```sh\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    commands = [line.split() for block in blocks for line in block.splitlines()]
    assert len(commands) == 5
    for command in commands:
        assert command[0] == "tb-versions"
        if command[1] == "export-mlflow":
            with_mlflow(client_python, tmp_path, *command[1:])
        else:
            done = CliRunner().invoke(main, command[1:], prog_name="tb-versions")
            assert done.exit_code == 0, done.output
    assert "digits" in ask_mlflow(client_python, tmp_path, "tell", "sqlite:///back.db")


def test_without_the_client_a_return_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(tmp_path)
    world.version("digits", 1)
    monkeypatch.setitem(sys.modules, "mlflow", None)
    arguments = ["export-mlflow", "digits:1", "--uri", "http://127.0.0.1:1", "--models-dir", str(world.models)]
    done = CliRunner().invoke(main, arguments, prog_name="tb-versions")
    assert (done.exit_code, "pip install" in done.stderr, "does not answer" in done.stderr) == (5, True, False)
