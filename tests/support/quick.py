"""TensorBoards that start in a second: TensorFlow, which they would load only to read files, is not found."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_SITE = """
import sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("tensorflow", "keras"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Blocked())
"""


@contextmanager
def without_tensorflow(folder: Path) -> Iterator[None]:
    """Python processes started inside find no TensorFlow, as where it is not installed.

    Args:
        folder: For a file that these processes run first; must outlive their start.
    """
    (folder / "sitecustomize.py").write_text(_SITE)
    path = os.pathsep.join(filter(None, (os.fspath(folder), os.environ.get("PYTHONPATH"))))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", path)
        yield
