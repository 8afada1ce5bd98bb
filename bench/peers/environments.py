"""Environments of other libraries, which make installs on first use."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from bench.figures import say

ROOT = Path(__file__).resolve().parents[2]


def python_of(name: str) -> Path | None:
    """Returns the Python of `.venv-NAME`, see `make clients`; None where it can't be installed."""
    try:
        subprocess.run(["make", f".venv-{name}/.installed"], cwd=ROOT, check=True, stdout=sys.stderr)
    except (OSError, subprocess.CalledProcessError) as error:
        say(f"{name}: {error}")
        return None
    return ROOT / f".venv-{name}" / "bin" / "python"
