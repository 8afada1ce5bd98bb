"""MLflow's registry over SQLite, in an environment and a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from types import TracebackType

from bench.figures import Sample

_SCRIPT = Path(__file__).with_name("mlflow_script.py")


class Registry:
    """A process that does one thing for each line it is sent, and answers with the seconds it took."""

    def __init__(self, python: Path, folder: Path, existing: int, *, runs: int = 0) -> None:
        folder.mkdir(parents=True)
        environment = {**os.environ, "PYTHONWARNINGS": "ignore", "MLFLOW_DISABLE_TELEMETRY": "true"}
        self._process = subprocess.Popen(
            [python, "-I", _SCRIPT, folder, str(existing), str(runs)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            cwd=folder,
            env=environment,
        )
        self._answer()  # the versions that exist already are made

    def __enter__(self) -> Registry:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.communicate()

    def create_version(self) -> Sample:
        """Creates a model version and nothing else."""
        return self._ask("version")

    def set_alias(self) -> Sample:
        """Sets an alias to one of two versions in turn."""
        return self._ask("alias")

    def record_everything(self) -> Sample:
        """Creates a run, logs 20 metrics and 20 parameters, creates a model version, ends the run."""
        return self._ask("everything")

    def best(self) -> Sample:
        """Finds the ten best runs by a metric."""
        return self._ask("best")

    def _ask(self, what: str) -> Sample:
        assert self._process.stdin is not None
        self._process.stdin.write(what + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> Sample:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("MLflow's process ended")
        wall, cpu = json.loads(line)
        return Sample(wall, cpu)
