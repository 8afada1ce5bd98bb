"""Runs are named as TensorBoard shows them, and no name is an absolute path."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tensorboard.summary.writer.event_file_writer import EventFileWriter

from tb_versions.core.manifest import Run
from tb_versions.write.runs import are_same, identity_of, run_name, runs_of


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


def begin(folder: Path) -> str:
    """Begins a run; its identity."""
    EventFileWriter(str(folder)).close()
    return identity_of(folder)


def test_a_run_has_the_identity_of_its_folder_however_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    logs = tmp_path / "logs"
    identity = begin(logs / "a")
    for given_run in ("a", str(logs / "a"), "logs/a", Run(name="a"), Path("logs/a"), "../" + tmp_path.name + "/logs/a"):
        assert [(run.name, run.identity) for run in runs(given_run, logdir=logs)] == [("a", identity)], given_run
    assert runs("b", logdir=logs)[0].identity == ""
    assert runs("a")[0].identity == ""
    assert runs(Run(name="a", identity="sha256:" + "0" * 64), logdir=logs)[0].identity == "sha256:" + "0" * 64


def test_the_announcing_run_has_its_identity_also_where_it_is_given_by_name(tmp_path: Path) -> None:
    folder = tmp_path / "exp1" / "tb"
    identity = begin(folder)
    now = datetime.datetime.now(datetime.timezone.utc)
    for given_run in (None, run_name(folder)):
        (run,) = runs_of(given_run, logdir=None, run_dir=folder, step=1, now=now)
        assert (run.name, run.identity) == (run_name(folder), identity)


@pytest.mark.parametrize("folder", ["gs://bucket/logs/a", "s3://bucket/a", "hdfs://host/a"])
def test_a_remote_run_has_no_identity(folder: str) -> None:
    assert identity_of(folder) == ""
    (run,) = runs_of(None, logdir=None, run_dir=folder, step=1, now=datetime.datetime.now(datetime.timezone.utc))
    assert run.identity == ""


def test_trainings_are_one_by_their_identities_and_else_by_their_names() -> None:
    def of(*pairs: tuple[str, str]) -> list[Run]:
        return [Run(name=name, identity=identity) for name, identity in pairs]

    assert are_same(of(("a", "1")), of(("b", "1")))
    assert not are_same(of(("a", "1")), of(("a", "2")))
    assert are_same(of(("a", "1"), ("b", "2")), of(("c", "2")))
    assert are_same(of(("a", "1")), of(("a", "")))
    assert not are_same(of(("a", "1")), of(("b", "")))
    assert not are_same(of(("a", "1"), ("a/validation", "")), of(("a", "2"), ("a/validation", "")))
    assert not are_same(of(("", "")), of(("", "")))
