"""Event files without a server: TensorBoard's own multiplexer, and no TensorFlow even where it is installed."""

from __future__ import annotations

import logging
import os
import sys
import types
from typing import Any


def provider_of(logdir: str) -> Any:
    """Returns a DataProvider over everything in a log directory, read once.

    TensorBoard takes TensorFlow's file system where TensorFlow is installed, which costs 3 s and 500 MB;
    its own switch for builds without TensorFlow is set here, unless TensorFlow is loaded already.

    Args:
        logdir: A folder of runs. A missing one gives a provider without runs.
    """
    if "tensorflow" not in sys.modules:
        sys.modules.setdefault("tensorboard.compat.notf", types.ModuleType("tensorboard.compat.notf"))
    from tensorboard.backend.event_processing.data_provider import MultiplexerDataProvider
    from tensorboard.backend.event_processing.plugin_event_multiplexer import EventMultiplexer

    logging.getLogger("tensorboard").setLevel(logging.ERROR)
    logdir = os.path.expanduser(logdir)
    multiplexer = EventMultiplexer(
        size_guidance={"scalars": 1_000, "tensors": 10}, tensor_size_guidance={"scalars": 1_000}
    )
    if os.path.isdir(logdir) or "://" in logdir:
        multiplexer.AddRunsFromDirectory(logdir)
        multiplexer.Reload()
    return MultiplexerDataProvider(multiplexer, logdir)
