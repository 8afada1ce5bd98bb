"""A run's identity is looked up when it is asked for, kept, and looked up anew when the run is another one."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from tensorboard.summary.writer.event_file_writer import EventFileWriter

from tb_versions.core.run_identity import identity_in, short_identity
from tb_versions.read.folders.roots import roots_of
from tb_versions.read.runs.identities import RunIdentities


def begin(folder: Path) -> str:
    EventFileWriter(str(folder)).close()
    return short_identity(identity_in(str(folder)))


def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the event files that are opened from now on."""
    names: list[str] = []
    real = os.open

    def spy(path: object, *arguments: object, **options: object) -> int:
        if "tfevents" in str(path):
            names.append(str(path))
        return real(path, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "open", spy)
    return names


def test_only_runs_that_are_asked_for_are_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = begin(tmp_path / "a")
    begin(tmp_path / "b")
    identities = RunIdentities(roots_of(str(tmp_path)))
    identities.refresh(("a", "b"))
    names = opened(monkeypatch)
    assert names == []
    assert identities.of("a") == identities.of("a") == first
    assert len(names) == 1
    assert list(identities.runs_with(first)) == ["a"]
    assert identities.runs_with("0" * 16) == ()
    assert len(names) == 2


def test_a_run_that_grows_is_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begin(tmp_path / "a")
    identities = RunIdentities(roots_of(str(tmp_path)))
    before = identities.refresh(("a",))
    identities.of("a")
    with next((tmp_path / "a").iterdir()).open("ab") as file:
        file.write(b"more")
    names = opened(monkeypatch)
    assert identities.refresh(("a",)) == before
    assert names == []


def test_another_run_in_the_same_place_is_noticed(tmp_path: Path) -> None:
    identities = RunIdentities(roots_of(str(tmp_path)))
    first = begin(tmp_path / "a")
    before = identities.refresh(("a",))
    assert identities.of("a") == first
    shutil.rmtree(tmp_path / "a")
    second = begin(tmp_path / "a")
    assert identities.refresh(("a",)) != before
    assert identities.of("a") == second != first
    assert list(identities.runs_with(second)) == ["a"]
    assert identities.runs_with(first) == ()


def test_a_run_that_begins_later_gets_its_identity(tmp_path: Path) -> None:
    identities = RunIdentities(roots_of(str(tmp_path)))
    (tmp_path / "a").mkdir()
    before = identities.refresh(("a",))
    assert identities.of("a") == ""
    identity = begin(tmp_path / "a")
    assert identities.refresh(("a",)) != before
    assert identities.of("a") == identity


def test_runs_of_named_log_directories_are_found(tmp_path: Path) -> None:
    identity = begin(tmp_path / "x" / "a")
    root = begin(tmp_path / "y")
    identities = RunIdentities(roots_of(logdir_spec=f"one:{tmp_path}/x,two:{tmp_path}/y"))
    assert (identities.of("one/a"), identities.of("two"), identities.of("three")) == (identity, root, "")


@pytest.mark.parametrize("run", ["link", "link/run", "../outside", "in/../../outside", "a\0b", "missing", "x" * 5_000])
def test_nothing_outside_the_log_directory_is_opened(tmp_path: Path, run: str) -> None:
    begin(tmp_path / "outside")
    begin(tmp_path / "outside" / "run")
    (tmp_path / "logs" / "in").mkdir(parents=True)
    (tmp_path / "logs" / "link").symlink_to(tmp_path / "outside")
    assert RunIdentities(roots_of(str(tmp_path / "logs"))).of(run) == ""


def test_a_remote_log_directory_has_no_identities() -> None:
    assert RunIdentities(roots_of("gs://bucket/logs")).of("a") == ""


def test_an_identity_is_kept_short_and_nothing_else_is_one() -> None:
    assert short_identity("sha256:" + "0123456789abcdef" * 4) == "0123456789abcdef"
    assert short_identity("") == short_identity("sha256:0") == short_identity("x" * 71) == ""
