"""`tb-versions inspect`."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tb_versions.cli import main
from tests.support.effort import HANGS
from tests.support.savedmodel_bytes import graph, info, saved_model, small_model, write_model
from tests.support.world import World

ROOT = Path(__file__).resolve().parents[3]
Run = Callable[..., Result]


def inspect(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["inspect", *arguments], prog_name="tb-versions")


def writing(folder: Path) -> Path:
    return write_model(folder, saved_model(info("serve") + graph("WriteFile", "MyOp")))


def test_it_says_what_is_in_a_folder_and_exits_with_0(tmp_path: Path) -> None:
    done = inspect(str(writing(tmp_path / "m")))
    assert done.exit_code == 0
    assert "saved_model.pb: WriteFile: writes files." in done.output
    assert "ops: 2 of 2 kinds" in done.output


@pytest.mark.parametrize(
    ("ops", "degree", "code"),
    [
        (("WriteFile",), "dangerous", 1),
        (("MyOp",), "dangerous", 0),
        (("MyOp",), "custom", 1),
        (("SaveV2", "MatMul"), "custom", 0),
    ],
)
def test_fail_on_is_an_answer(tmp_path: Path, ops: tuple[str, ...], degree: str, code: int) -> None:
    write_model(tmp_path / "m", saved_model(info("serve") + graph(*ops)))
    assert inspect(str(tmp_path / "m"), "--fail-on", degree).exit_code == code


def test_what_could_not_be_looked_at_is_never_a_yes(tmp_path: Path) -> None:
    write_model(tmp_path / "m", b"\xff" * 20)
    done = inspect(str(tmp_path / "m"), "--fail-on", "dangerous")
    assert done.exit_code == 5
    assert "is not known" in done.stderr
    (tmp_path / "empty").mkdir()
    assert inspect(str(tmp_path / "empty"), "--fail-on", "dangerous").exit_code == 5


def test_a_file_is_inspected_alone(tmp_path: Path) -> None:
    (tmp_path / "x.pkl").write_bytes(pickle.dumps(os.system))
    assert "posix.system" in inspect(str(tmp_path / "x.pkl")).output


def test_json_has_all_of_it(tmp_path: Path) -> None:
    told = json.loads(inspect(str(writing(tmp_path / "m")), "--json").output)
    assert told["counts"] == {"dangerous": 1, "custom": 1, "unread": 0, "usual": 0}
    assert told["findings"][0] == {
        "kind": "dangerous",
        "file": "saved_model.pb",
        "name": "WriteFile",
        "why": "writes files",
        "count": 1,
    }
    (model,) = told["models"]
    assert model["model"]["metaGraphs"][0]["ops"] == {"MyOp": 1, "WriteFile": 1}


def test_a_version_is_inspected_by_its_name(world: World, run: Run) -> None:
    folder = world.models / "digits" / "1"
    writing(folder)
    assert "WriteFile" in run("inspect", "digits:1").output
    assert "WriteFile" in run("inspect", str(folder), where=False).output
    assert run("inspect", "digits:99").exit_code != 0


def test_nothing_is_there_to_inspect(tmp_path: Path) -> None:
    done = inspect(str(tmp_path / "x"))
    assert done.exit_code == 2
    assert "Traceback" not in done.output


def test_no_text_of_a_model_reaches_the_terminal_raw(tmp_path: Path) -> None:
    write_model(tmp_path / "m", saved_model(info("serve", version="\x1b[31m") + graph("\x1b]0;x\x07")))
    assert "\x1b" not in inspect(str(tmp_path / "m")).output
    assert "\x1b" not in inspect(str(tmp_path / "m"), "--json").output


def test_inspecting_loads_nothing_of_a_framework(tmp_path: Path) -> None:
    write_model(tmp_path / "m", small_model())
    (tmp_path / "m" / "x.pkl").write_bytes(pickle.dumps(os.system))
    script = (
        "import sys\nfrom click.testing import CliRunner\nfrom tb_versions.cli import main\n"
        "result = CliRunner().invoke(main, ['inspect', sys.argv[1]])\n"
        "assert result.exit_code == 0, result.output\n"
        "heavy = {'tensorflow', 'keras', 'torch', 'sklearn', 'onnx'} & {n.partition('.')[0] for n in sys.modules}\n"
        "mapped = [line for line in open('/proc/self/maps') if 'tensorflow' in line]\n"
        "print(sorted(heavy), len(mapped))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "m")],
        capture_output=True,
        text=True,
        check=False,
        timeout=HANGS,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout == "[] 0\n"


def test_what_was_found_is_recorded_of_a_version_that_is_as_published(tmp_path: Path) -> None:
    world = World(tmp_path)
    graphs = saved_model(info("serve") + graph("WriteFile"))
    folder = world.version("digits", 1, files={"saved_model.pb": graphs})
    models = ("--models-dir", str(world.models))
    assert inspect("digits:1", *models).exit_code == 0
    assert not (world.models / "digits" / ".versions" / "log").exists()
    done = inspect("digits:1", *models, "--record", "--actor", "anna", "--json")
    assert done.exit_code == 0, done.output
    assert "digits:1: 1 dangerous finding in" in done.stderr
    assert json.loads(done.stdout)["counts"]["dangerous"] == 1
    history = CliRunner().invoke(main, ["history", "digits", *models], prog_name="tb-versions").output
    assert "saved_model.pb: WriteFile" in history
    (folder / "saved_model.pb").write_bytes(b"another")
    done = inspect("digits:1", *models, "--record")
    assert done.exit_code == 1
    assert "is not as published, so what is in its files is not recorded" in done.stderr


def test_a_path_that_is_no_version_has_no_history(tmp_path: Path) -> None:
    done = inspect(str(writing(tmp_path / "m")), "--record")
    assert done.exit_code == 2
    assert "--record is for a version" in done.stderr
