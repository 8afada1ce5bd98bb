from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tensorboard.context import RequestContext

from tb_versions.read.curves.event_files import provider_of
from tests.support.world import World


def runs_of(logdir: Path) -> list[str]:
    found = provider_of(str(logdir)).list_runs(RequestContext(), experiment_id="")
    return sorted(run.run_name for run in found)


def test_runs_of_a_log_directory_are_read(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.scalars("a/train", "loss", [(1, 0.5)])
    world.scalars("b", "loss", [(1, 0.5)])
    world.close()
    assert runs_of(world.logs) == ["a/train", "b"]


def test_a_missing_folder_has_no_runs(tmp_path: Path) -> None:
    assert runs_of(tmp_path / "nowhere") == []


def test_home_is_expanded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(tmp_path)
    world.scalars("a", "loss", [(1, 0.5)])
    world.close()
    monkeypatch.setenv("HOME", str(tmp_path))
    assert runs_of(Path("~/logs")) == ["a"]


def test_a_run_that_breaks_the_reader_is_left_out_and_named(tmp_path: Path) -> None:
    """A header that claims 2^63 bytes: no memory holds them."""
    import struct

    from tensorboard.summary.writer.record_writer import masked_crc32c

    world = World(tmp_path)
    world.scalars("good", "loss", [(1, 0.5)])
    world.close()
    script = (
        "import sys\nfrom tensorboard.context import RequestContext\n"
        "from tb_versions.read.curves.event_files import provider_of\n"
        "from tb_versions.read.no_tensorflow import without_tensorflow\nwithout_tensorflow()\nbad = []\n"
        "runs = provider_of(sys.argv[1], bad).list_runs(RequestContext(), experiment_id='')\n"
        "print([run.run_name for run in runs], bad)\n"
    )
    header = struct.pack("<Q", (1 << 63) - 1)
    (world.logs / "bad").mkdir()
    (world.logs / "bad" / "events.out.tfevents.1.x").write_bytes(header + struct.pack("<I", masked_crc32c(header)))
    done = subprocess.run([sys.executable, "-c", script, world.logs], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("['good'] [('run bad', \"its event files can't be read: ")


def test_runs_written_by_pytorch_are_read(test_data: Path, tmp_path: Path) -> None:
    shutil.copytree(test_data / "logdirs" / "pytorch_runs", tmp_path / "logs")
    assert runs_of(tmp_path / "logs")


def test_a_commands_own_process_does_without_tensorflow(tmp_path: Path) -> None:
    script = (
        "import sys\nfrom tb_versions.read.curves.event_files import provider_of\n"
        "from tb_versions.read.no_tensorflow import without_tensorflow\n"
        "without_tensorflow()\nprovider_of(sys.argv[1])\nprint('tensorflow' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, tmp_path], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
