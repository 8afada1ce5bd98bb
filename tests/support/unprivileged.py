"""Commands for whom the modes of files hold, though the tests run as root."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest

_ROOTS_RIGHTS = "-dac_override,-dac_read_search"


def run_unprivileged(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs Python with these arguments as the same user without the right to open everything."""
    command = [sys.executable, *arguments]
    if os.geteuid() == 0:
        setpriv = shutil.which("setpriv")
        if setpriv is None:
            pytest.skip("root opens every folder, and there is no setpriv here")
        command = [setpriv, f"--bounding-set={_ROOTS_RIGHTS}", f"--inh-caps={_ROOTS_RIGHTS}", *command]
    return subprocess.run(command, capture_output=True, text=True, check=False)
