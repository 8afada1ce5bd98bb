"""Seeds every generator that this process has loaded, and keeps what got the seed and what could not."""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tb_versions.core.manifest import Seeding, shown
from tb_versions.errors import InvalidManifestError
from tb_versions.privacy.scrub import scrub_text

_LARGEST = 2**32 - 1  # NumPy's
_LATE = {"tensorflow": "TensorFlow", "torch": "PyTorch"}

_last: Seeding | None = None


def set_seeds(seed: int, *, deterministic_ops: bool = True) -> Seeding:
    """Seeds Python's `random`, NumPy, and TensorFlow, Keras and PyTorch where they are imported already.

    Call it first thing, after the imports. Versions that this process publishes later say what got the seed and what
    did not. Generators with a seed of their own (`numpy.random.default_rng(seed)`, `tf.random.Generator`, keys of JAX)
    get theirs where they are made.

    Args:
        seed: From 0 to 4,294,967,295.
        deterministic_ops: Whether TensorFlow, where it is imported, uses only ops that give the same answer each time:
            slower on a GPU, and an op that can't raises an error.

    Returns:
        What got the seed, and sentences about what could not.

    Raises:
        InvalidManifestError: The seed is no such integer.
    """
    global _last
    if isinstance(seed, bool) or not hasattr(seed, "__index__") or not 0 <= int(seed) <= _LARGEST:
        raise InvalidManifestError(f"A seed must be an integer from 0 to {_LARGEST}, not {shown(seed)}.")
    number = seed.__index__()
    steps: list[tuple[str, Callable[[], object]]] = [("python", lambda: random.seed(number))]
    steps.append(("numpy", lambda: _numpy(number)))
    tensorflow, keras, torch = (sys.modules.get(name) for name in ("tensorflow", "keras", "torch"))
    if keras is not None:
        steps.append(("keras", lambda: keras.utils.set_random_seed(number)))
    if tensorflow is not None:
        steps.append(("tensorflow", lambda: tensorflow.random.set_seed(number)))
    if tensorflow is not None and deterministic_ops:
        steps.append(("op_determinism", lambda: tensorflow.config.experimental.enable_op_determinism()))  # noqa: PLW0108 - its parts may be missing, too
    if torch is not None:
        steps.append(("torch", lambda: torch.manual_seed(number)))
    _last = _taken(number, steps)
    return _last


def capture_seeding() -> Seeding | None:
    """Returns what the last `set_seeds` of this process did; a library that was imported since did not get the seed."""
    if _last is None:
        return None
    late = [name for name in _LATE if name in sys.modules and name not in _last.was_set]
    sentences = [
        f"{_LATE[name]} was imported after set_seeds, and did not get the seed: call it after the imports."
        for name in late
    ]
    return replace(_last, could_not=(*_last.could_not, *(each for each in sentences if each not in _last.could_not)))


def _taken(seed: int, steps: list[tuple[str, Callable[[], object]]]) -> Seeding:
    was_set: list[str] = []
    could_not: list[str] = []
    for name, take in steps:
        try:
            take()
            was_set.append(name)
        except Exception as error:  # noqa: BLE001, PERF203 - whatever it is, the training goes on, and the record says it
            could_not.append(f"{name}: {type(error).__name__}: {scrub_text(str(error))[:200]}")
    if not os.environ.get("PYTHONHASHSEED", "").isdecimal():
        could_not.append(
            f"The order of Python's sets of texts: it is fixed when Python starts, with PYTHONHASHSEED={seed}."
        )
    return Seeding(seed=seed, was_set=tuple(sorted(was_set)), could_not=tuple(could_not))


def _numpy(seed: int) -> Any:
    import numpy as np

    np.random.seed(seed)
