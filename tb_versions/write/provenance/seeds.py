"""Random seeds that can be read back. A generator's state does not contain its seed; the author states such seeds."""

from __future__ import annotations

import os
import sys
from typing import Any

_SMALLEST, _LARGEST = -(2**63), 2**63 - 1


def capture_seeds() -> dict[str, int]:
    """Returns the seeds that this process knows, sorted by name.

    * "keras": the last argument of `keras.utils.set_random_seed`. That call also seeds Python's `random` and NumPy, but
      the program may have seeded them again later, so those are not recorded.
    * "python_hash": PYTHONHASHSEED, if it is a number.
    * "tensorflow": the last argument of `tf.random.set_seed`.

    Loads no library: Keras and TensorFlow are read only if the program has loaded them. Neither has a public function
    for this, so private ones of Keras 3 and TensorFlow 2 are used; if they change, the seed is left out.

    Returns:
        Seeds by name; empty if none is known. Values that need more than 64 bits are left out.
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
    """The result of a function of a loaded module; None if it does not exist or fails."""
    try:
        return getattr(sys.modules[module], function)()
    except Exception:  # noqa: BLE001 - a private function may do anything: the fact is absent
        return None
