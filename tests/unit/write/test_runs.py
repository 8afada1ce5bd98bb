"""Runs are named as TensorBoard shows them, and no name is an absolute path."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tb_versions.core.manifest import Run
from tb_versions.write.runs import run_name, runs_of


def runs(given_runs: object, *, logdir: Path | None = None, step: int | None = None) -> tuple[Run, ...]:
    now = datetime.datetime.now(datetime.timezone.utc)
    return runs_of(given_runs, logdir=logdir, run_dir=None, step=step, now=now)


def test_run_names_are_relative_to_the_logdir_else_here_else_short(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run_name(tmp_path / "logs/a/train", tmp_path / "logs") == "a/train"
    assert run_name("logs/a", "logs") == "a"
    assert run_name("logs", "logs") == "."
    assert run_name("logs/a") == "logs/a"
    assert run_name("/somewhere/else/logs/a", "logs") == "logs/a"
    assert run_name("/x") == "x"
    assert not run_name("/").startswith("/")


def test_run_names_do_not_contain_the_home_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/users/alice")
    assert run_name("/users/alice/run") == "run"
    assert run_name("~/logs/a/train") == "a/train"


@given(st.text(alphabet="ab./~", max_size=12))
def test_run_names_are_never_absolute(folder: str) -> None:
    assert not run_name("/" + folder).startswith("/")


def test_runs_may_be_names_paths_or_runs(tmp_path: Path) -> None:
    logdir = tmp_path / "logs"
    found = runs(["a", str(logdir / "b"), Run(name="c", step=9)], logdir=logdir, step=2)
    assert [(run.name, run.step) for run in found] == [("a", 2), ("b", 2), ("c", 9)]
    assert all(run.wall_time is not None for run in found)
    with pytest.raises(TypeError, match="A run"):
        runs([3])


def test_a_step_without_a_run_is_kept() -> None:
    (run,) = runs(None, step=4)
    assert (run.name, run.step) == ("", 4)
    assert runs(None) == ()
