"""Fixtures of the fault tests: a process that forks writers, and strace round one of them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.effort import FULL
from tests.system_tools import STRACE_HELP, find_strace

ROOT = Path(__file__).resolve().parents[2]


class Zygote:
    """Speaks with tests/faults/writers.py."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self.process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("writers.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        assert self.answer() == {"ready": True}

    def ask(self, **command: object) -> Any:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()
        return self.answer()

    def answer(self) -> Any:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, "the process that forks writers died"
        return json.loads(line)

    def here(self, task: str, **arguments: object) -> Any:
        """Runs a task without a fault; what it returned."""
        result = self.ask(do="here", task=task, arguments=arguments)["result"]
        assert result["error"] is None, result["error"]
        assert result["warnings"] == []
        return result["value"]

    def forked(self, task: str, **arguments: object) -> Any:
        """Runs a task in a process of its own."""
        pid = self.ask(do="fork", task=task, arguments=arguments)["pid"]
        return self.ask(do="go", pid=pid)

    def traced(self, options: list[str], task: str, **arguments: object) -> tuple[Any, str]:
        """Runs a task in a process of its own under strace; its end and strace's log."""
        pid = self.ask(do="fork", task=task, arguments=arguments)["pid"]
        self.log.unlink(missing_ok=True)
        strace = subprocess.Popen(
            ["strace", "-f", "-y", "-o", str(self.log), *options, "-p", str(pid)],
            stderr=subprocess.PIPE,
            text=True,
        )
        assert strace.stderr is not None
        line = strace.stderr.readline()
        if "attached" not in line:
            self.ask(do="go", pid=pid)
            pytest.skip(f"strace can't attach here: {line.strip()}")
        end = self.ask(do="go", pid=pid)
        strace.stderr.read()
        strace.wait()
        return end, self.log.read_text(errors="replace")

    def close(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()


@pytest.fixture(scope="session")
def zygote(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Zygote]:
    process = Zygote(tmp_path_factory.mktemp("strace") / "log")
    yield process
    process.close()


@pytest.fixture
def strace() -> None:
    if find_strace() is None:
        pytest.skip(STRACE_HELP)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A folder to publish: two files, one of them in a folder."""
    folder = tmp_path / "source"
    (folder / "variables").mkdir(parents=True)
    (folder / "weights.bin").write_bytes(bytes(range(256)) * 8)
    (folder / "variables" / "index").write_bytes(b"index")
    return folder


@pytest.fixture
def sample() -> Callable[[list[Any], int], list[Any]]:
    """Evenly spread points where there are too many; all of them in `make faults`."""

    def choose(points: list[Any], most: int) -> list[Any]:
        if FULL or len(points) <= most:
            return points
        print(f"{len(points)} points, of which {most} evenly spread are tried; `make faults` tries all")
        return [points[i * len(points) // most] for i in range(most)]

    return choose


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = shutil.which("mount")
    if mount is None or os.geteuid() != 0:
        pytest.skip("mounting a small disk needs root")
    done = subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if done.returncode != 0:
        pytest.skip(f"mounting is refused here: {done.stderr.decode().strip()}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.fixture
def offline() -> list[str]:
    """Begins a command that runs without any network but its own loopback."""
    up = "import fcntl,socket,struct;s=socket.socket();fcntl.ioctl(s,0x8914,struct.pack('16sh14x',b'lo',1|64))"
    begin = ["unshare", "-n", "sh", "-c", f'"{sys.executable}" -c "{up}" && exec "$@"', "sh"]
    if shutil.which("unshare") is None or subprocess.run([*begin, "true"], check=False, capture_output=True).returncode:
        pytest.skip("no network namespaces here")
    return begin
