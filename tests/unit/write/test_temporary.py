"""Temporary folders: gone at the end, and those of the dead are swept away."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tb_versions.write.temporary import scratch_path, sweep

DAY = 86_400


def parent(model: Path) -> Path:
    return model / ".versions" / "tmp"


def test_the_folder_is_gone_at_the_end_however_it_ends(tmp_path: Path) -> None:
    def interrupted() -> None:
        with scratch_path(str(tmp_path)) as folder:
            Path(folder, "half").mkdir(parents=True)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert os.listdir(parent(tmp_path)) == []


def test_the_model_folders_time_does_not_change(tmp_path: Path) -> None:
    parent(tmp_path).mkdir(parents=True)
    before = tmp_path.stat().st_mtime_ns
    with scratch_path(str(tmp_path)) as folder:
        os.mkdir(folder)
    assert tmp_path.stat().st_mtime_ns == before


def test_living_processes_keep_theirs(tmp_path: Path) -> None:
    with scratch_path(str(tmp_path)) as mine, scratch_path(str(tmp_path)) as other:
        os.mkdir(mine)
        os.mkdir(other)
        assert sweep(str(tmp_path)) == 0
        assert Path(mine).exists()
        assert Path(other).exists()


def test_what_a_dead_process_left_is_removed(tmp_path: Path) -> None:
    script = (
        "import os, sys\n"
        "from tb_versions.write.temporary import scratch_path\n"
        "context = scratch_path(sys.argv[1]); folder = context.__enter__(); os.mkdir(folder)\n"
        "open(os.path.join(folder, 'half'), 'w').close(); os._exit(1)\n"
    )
    root = Path(__file__).resolve().parents[3]
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False, cwd=root)
    assert len(os.listdir(parent(tmp_path))) == 1
    assert sweep(str(tmp_path)) == 1
    assert os.listdir(parent(tmp_path)) == []


def test_a_process_with_the_number_of_a_dead_one_does_not_keep_its_litter(tmp_path: Path) -> None:
    with scratch_path(str(tmp_path)) as mine:
        os.mkdir(mine)
        machine, pid, _, unique = os.path.basename(mine).split("-")
        (parent(tmp_path) / f"{machine}-{pid}-1-{unique}").mkdir()
        assert sweep(str(tmp_path)) == 1
        assert Path(mine).exists()


@pytest.mark.parametrize(("age", "removed"), [(0, 0), (2 * DAY, 1)])
def test_what_another_machine_left_goes_after_a_day(tmp_path: Path, age: int, removed: int) -> None:
    folder = parent(tmp_path) / "000000000000-1-1-abc"
    folder.mkdir(parents=True)
    os.utime(folder, (time.time() - age,) * 2)
    assert sweep(str(tmp_path)) == removed


def test_the_name_does_not_tell_the_machine(tmp_path: Path) -> None:
    with scratch_path(str(tmp_path)) as folder:
        assert os.uname().nodename not in os.path.basename(folder)


def test_this_machines_clock_does_not_decide(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = parent(tmp_path) / "000000000000-1-1-abc"
    folder.mkdir(parents=True)
    tomorrow = time.time() + 2 * DAY
    monkeypatch.setattr(time, "time", lambda: tomorrow)
    assert sweep(str(tmp_path)) == 0
    assert os.listdir(parent(tmp_path)) == [folder.name]


def test_a_sweeper_never_empties_what_its_owner_moved_into_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = parent(tmp_path) / "000000000000-1-1-abc"
    folder.mkdir(parents=True)
    (folder / "weights").write_text("w")
    os.utime(folder, (time.time() - 2 * DAY,) * 2)
    rename = os.rename

    def owner_first(source: str, target: str) -> None:
        rename(folder, tmp_path / "1")
        rename(source, target)

    monkeypatch.setattr(os, "rename", owner_first)
    assert sweep(str(tmp_path)) == 0
    assert os.listdir(tmp_path / "1") == ["weights"]


def test_an_owner_that_was_thought_dead_fails_cleanly(tmp_path: Path) -> None:
    folder = parent(tmp_path) / "000000000000-1-1-abc"
    folder.mkdir(parents=True)
    os.utime(folder, (time.time() - 2 * DAY,) * 2)
    assert sweep(str(tmp_path)) == 1
    with pytest.raises(FileNotFoundError):
        os.rename(folder, tmp_path / "1")


def test_what_a_killed_sweeper_left_is_removed(tmp_path: Path) -> None:
    (parent(tmp_path) / "000000000000-1-1-abc.dead-0123").mkdir(parents=True)
    (parent(tmp_path) / ".dead-4567").write_text("")
    sweep(str(tmp_path))
    assert os.listdir(parent(tmp_path)) == []
