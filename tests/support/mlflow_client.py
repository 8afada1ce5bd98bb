"""The real MLflow in tests: makes stores, and runs beside our own command line."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.support.effort import HANGS
from tests.support.servers import stop

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
ENVIRONMENT = {"MLFLOW_ALLOW_FILE_STORE": "true", "MLFLOW_DISABLE_TELEMETRY": "true", "PYTHONWARNINGS": "ignore"}


def ask_mlflow(python: Path, folder: Path, *arguments: str) -> Any:
    """Runs tests/support/mlflow_store.py under MLflow's own Python; returns what it prints."""
    folder.mkdir(parents=True, exist_ok=True)
    command = [python, "-I", HERE / "mlflow_store.py", *arguments]
    done = _run(command, folder)
    return json.loads(done.stdout)


def with_mlflow(python: Path, folder: Path, *arguments: object, code: int = 0) -> str:
    """Runs `tb-versions` (or a script that ends in .py) with MLflow at hand; returns what it prints."""
    (site,) = python.parent.parent.glob("lib/python*/site-packages")
    done = _run([sys.executable, HERE / "with_mlflow.py", site, *map(str, arguments)], folder, code=code)
    return done.stdout


def _run(command: list[Any], folder: Path, *, code: int = 0) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **ENVIRONMENT, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=HANGS
    )
    assert done.returncode == code, (done.stdout + done.stderr)[-4_000:]
    return done


@contextlib.contextmanager
def mlflow_server(python: Path, folder: Path, uri: str) -> Iterator[str]:
    """A real MLflow server before a database; yields its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [python, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    command += ["--backend-store-uri", uri, "--default-artifact-root", str(folder / "mlruns")]
    log = folder.parent / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=folder, env={**os.environ, **ENVIRONMENT}, stdout=output, stderr=output, start_new_session=True
        )
    try:
        address = f"http://127.0.0.1:{port}"
        end = time.monotonic() + HANGS
        while not _answers(f"{address}/health"):
            assert process.poll() is None, log.read_text(errors="replace")[-4_000:]
            assert time.monotonic() < end, log.read_text(errors="replace")[-4_000:]
            time.sleep(0.1)
        yield address
    finally:
        stop(process)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
