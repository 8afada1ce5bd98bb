"""Random seeds that can be read back. A generator's state does not tell its seed; those are for the author to say."""

from __future__ import annotations

import os
import sys
from typing import Any

_SMALLEST, _LARGEST = -(2**63), 2**63 - 1


def capture_seeds() -> dict[str, int]:
    """Returns the seeds that the process remembers, sorted by name.

    * "keras": what `keras.utils.set_random_seed` was given last. That call seeds Python's `random` and
      NumPy too, but the program may have seeded them again since, so nothing is said of those.
    * "python_hash": PYTHONHASHSEED, if it is a number.
    * "tensorflow": what `tf.random.set_seed` was given last.

    Loads nothing: Keras and TensorFlow are asked only if the program has loaded them. Neither has a public
    way to ask, so this reads a private one and says nothing where that is not as it was in Keras 3 and
    TensorFlow 2.

    Returns:
        Empty if no seed is known. Values outside of 64 bits are left out.
    """
    known = {"keras": _keras(), "python_hash": _python_hash(), "tensorflow": _tensorflow()}
    return {name: seed for name, seed in known.items() if _is_seed(seed)}


def _is_seed(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and _SMALLEST <= value <= _LARGEST


def _python_hash() -> int | None:
    text = os.environ.get("PYTHONHASHSEED", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 20 else None


def _tensorflow() -> Any:
    """`tensorflow.python.eager.context.global_seed()`: reads one attribute, does not initialise the runtime."""
    return _ask("tensorflow.python.eager.context", "global_seed")


def _keras() -> Any:
    """`keras.src.utils.rng_utils.get_random_seed()`: reads one attribute."""
    return _ask("keras.src.utils.rng_utils", "get_random_seed")


def _ask(module: str, function: str) -> Any:
    """What a function without arguments of a loaded module returns; None if it isn't there or fails."""
    try:
        return getattr(sys.modules[module], function)()
    except Exception:  # noqa: BLE001 - a private function may do anything: the fact is absent
        return None
