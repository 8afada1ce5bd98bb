"""A shell in which `tb-versions` runs as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.support.effort import HANGS


class Shell:
    """Runs `tb-versions` over one models folder, and looks at its exit code: `shell("fsck")`."""

    def __init__(self, models: Path, *, actor: str = "anna") -> None:
        given = {"TB_VERSIONS_MODELS_DIR": str(models), "TB_VERSIONS_ACTOR": actor}
        self._environment = {**os.environ, **given}

    def __call__(self, *arguments: str, code: int = 0) -> str:
        """Returns what a command printed, on both streams."""
        return self.run([sys.executable, "-m", "tb_versions.cli", *arguments], code=code)

    def run(self, command: Sequence[str], *, code: int = 0) -> str:
        """Returns what a process printed, on both streams."""
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=HANGS, env=self._environment
        )
        assert done.returncode == code, (command, done.stdout, done.stderr)
        assert "Traceback" not in done.stderr
        return done.stdout + done.stderr
