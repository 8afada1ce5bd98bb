"""TensorBoard without TensorFlow, in a process of our own. Imports nothing, so that `tb-versions --help` is quick."""

from __future__ import annotations

import sys
import types


def without_tensorflow() -> None:
    """Makes the TensorBoard of this process do without TensorFlow, which costs 3 s and 500 MB for a file system.

    This is TensorBoard's own switch for builds without TensorFlow, and it can't be undone: use it in the process of a
    command, never in a library's caller.
    """
    if "tensorflow" not in sys.modules:
        sys.modules.setdefault("tensorboard.compat.notf", types.ModuleType("tensorboard.compat.notf"))
