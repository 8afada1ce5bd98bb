"""The ops that TensorFlow itself has."""

from __future__ import annotations

import functools
from importlib import resources

KNOWN_OPS_OF = "2.21"
"""The TensorFlow whose ops `known_ops.txt` lists."""


@functools.cache
def known_ops() -> frozenset[str]:
    """Returns the names of TensorFlow's own ops."""
    return frozenset(resources.files("tb_versions.savedmodel").joinpath("known_ops.txt").read_text("ascii").split())
