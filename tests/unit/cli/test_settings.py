from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from tests.support.world import World

Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def deep_below(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)


def ids(result: Result) -> list[str]:
    assert result.exit_code == 0, result.output
    return [row["id"] for row in json.loads(result.stdout)]


def test_a_file_above_says_where_to_look(run: Run, world: World, tmp_path: Path) -> None:
    (tmp_path / "tb-versions.toml").write_text(
        f'logdir = "{world.logs.relative_to(tmp_path)}"\nmodels_dir = ["{world.models.relative_to(tmp_path)}"]'
    )
    assert ids(run("list", "--json", where=False)) == ["digits:1", "digits:2", "faces:7"]


def test_a_variable_comes_before_the_file(
    run: Run, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tb-versions.toml").write_text('models_dir = "nowhere"')
    monkeypatch.setenv("TB_VERSIONS_MODELS_DIR", f"{world.models}:{world.models / 'digits'}")
    assert ids(run("list", "--json", where=False)) == ["digits:1", "digits:2", "faces:7"]


def test_an_option_comes_before_the_variable(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TB_VERSIONS_MODELS_DIR", "nowhere")
    monkeypatch.setenv("TB_VERSIONS_LOGDIR", "nowhere")
    assert len(ids(run("list", "--json"))) == 3


@pytest.mark.parametrize("option", ["--models-dir", "--models_dir", "--versions_models_dir"])
def test_the_models_folder_goes_by_the_names_of_python_and_tensorboard(run: Run, world: World, option: str) -> None:
    assert len(ids(run("list", "--json", option, str(world.models), where=False))) == 3


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("logdir = ", "can't be read"),
        ("modelsdir = 'x'", '"modelsdir" is not known; known are logdir, models_dir, sources, tables and from_table.'),
        ("models_dir = 3", "models_dir must be a folder"),
        ("logdir = ['a', 'b']", "logdir must be one folder."),
        ("tables = ['a', 'b']", "tables must be one folder."),
        ("from_table = 'yes'", "from_table must be true or false."),
        ('models_dir = "a\\u0000b"', "models_dir must be a folder"),
        ("logdir = " + "[" * 3_000, "can't be read"),
    ],
)
def test_a_wrong_file_is_a_sentence_that_names_it(run: Run, tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "tb-versions.toml"
    path.write_text(content)
    result = run("list", where=False)
    assert result.exit_code == 2
    assert str(path) in result.stderr
    assert message in result.stderr


def test_a_file_that_another_user_left_where_everybody_may_is_not_used(
    run: Run, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "tb-versions.toml"
    path.write_text(f'models_dir = "{world.models}"')
    monkeypatch.setattr(os, "getuid", lambda: 12_345)
    os.chown(path, 54_321, -1) if os.geteuid() == 0 else pytest.skip("only root gives files away")
    assert len(ids(run("list", "--json", where=False))) == 3
    tmp_path.chmod(0o1777)
    result = run("list", where=False)
    assert result.exit_code == 2
    assert f"{path} is another user's" in result.stderr
