"""The shell commands of the guide on TF Serving, against the stand-in, and a real server where there is one."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

import tb_versions as tbv
from tb_versions.serving.status import Server
from tests.support.effort import HANGS
from tests.support.servables import servable
from tests.support.tensorflow_serving import StandIn, running
from tests.support.world import World

GUIDE = Path(__file__).parent.parent / "docs/guides/serve-with-tf-serving.md"
ADDRESS = "http://localhost:8501"

Start = Callable[[Path], AbstractContextManager[str]]


def commands() -> list[str]:
    """Every command of the guide's shell blocks, in order."""
    blocks = re.findall(r"^```sh\n(.*?)^```$", GUIDE.read_text(), re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


def run(command: str, folder: Path, url: str) -> str:
    program, *arguments = shlex.split(command.replace(ADDRESS, url))
    assert program == "tb-versions"
    environment = {**os.environ, "TB_VERSIONS_ACTOR": "anna"}
    done = subprocess.run(
        [sys.executable, "-m", "tb_versions.cli", *arguments],
        cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=HANGS,
    )  # fmt: skip
    assert done.returncode == 0, (command, done.stdout, done.stderr)
    return done.stdout


def follow(folder: Path, start: Start) -> dict[str, str]:
    """Does what the guide says; the server starts as soon as there is a file for it. Returns what was printed."""
    told: dict[str, str] = {}
    promote, make_folder, write, *rest = commands()
    told[promote] = run(promote, folder, "")
    subprocess.run(shlex.split(make_folder), cwd=folder, check=True)
    told[write] = run(write, folder, "")
    with start(folder / "serving/models.config") as url:
        for command in rest:
            told[command] = run(command, folder, url)
        assert Server(url).labelled("digits", "production") == 3
        assert Server(url).labelled("digits", "canary") is None
    return told


def test_the_guide_does_what_it_says(tmp_path: Path) -> None:
    world = World(tmp_path)
    for number in (1, 2, 3):
        servable(world, "digits", number)
    refusals = []

    @contextmanager
    def start(config: Path) -> Iterator[str]:
        with running(StandIn(config, allow_unavailable=True)) as server:
            yield server.url
            refusals.extend(server.server.refusals)

    told = follow(tmp_path, start)
    assert refusals == []
    assert [text for command, text in told.items() if " drift " in command] == [
        f"No differences: 1 model against serving/models.config and {url}.\n"
        for url in re.findall(r"http://127\.0\.0\.1:[0-9]+", str(told))[:1]
    ]
    assert "10% canary;" in next(text for command, text in told.items() if "nginx" in command)
    assert "0 % of the calls go to canary" in next(text for command, text in told.items() if "envoy" in command)


@pytest.mark.tensorflow
@pytest.mark.slow
def test_a_real_server_does_the_same(tmp_path: Path) -> None:
    program = shutil.which("tensorflow_model_server")
    if program is None:
        pytest.skip("there is no tensorflow_model_server on the PATH")
    import tensorflow as tf

    model = tf.keras.Sequential([tf.keras.Input((8,), name="pixels"), tf.keras.layers.Dense(1)])
    for _ in range(3):
        tbv.publish(model, tmp_path / "models", name="digits", warmup=tf.zeros((2, 8)), run_dir=tmp_path, strict=True)

    @contextmanager
    def start(config: Path) -> Iterator[str]:
        port, rest_port = free_port(), free_port()
        flags = {
            "port": port,
            "rest_api_port": rest_port,
            "model_config_file": config,
            "model_config_file_poll_wait_seconds": 1,
            "allow_version_labels_for_unavailable_models": "true",
        }
        command = [program, *(f"--{name}={value}" for name, value in flags.items())]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
            assert process.stderr is not None
            said = next(line for line in process.stderr if "Exporting HTTP/REST API" in line)
            assert said
            drain = threading.Thread(target=process.stderr.read)
            drain.start()
            try:
                yield f"http://127.0.0.1:{rest_port}"
            finally:
                process.terminate()
                drain.join()

    follow(tmp_path, start)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
    return number
