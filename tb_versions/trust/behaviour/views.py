"""An example's inputs and answers in a few words, for whoever asked: they may be users' data. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tb_versions.core.golden.file import Array
from tb_versions.core.manifest import shown
from tb_versions.trust.behaviour.comparing import Behaviour

_MOST_VALUES = 6


def example_in_words(inputs: Mapping[str, Array], example: int) -> str:
    """Returns an example of some inputs: "x: 0.1, 0.5, … (784 numbers, 0 to 1)"."""
    return "; ".join(
        f"{name}: {_values(value[example : example + 1])}" for name, value in inputs.items() if np.ndim(value)
    )


def answers_in_words(found: Behaviour, signature: str, output: str, example: int) -> tuple[str, str]:
    """Returns what both versions answered to an example; "" where it is not there under that name."""
    before, after = found.answers[signature]
    names = (output if output in before.outputs else next(iter(before.outputs), ""), output)
    pair = (before.outputs.get(names[0]), after.outputs.get(names[1]))
    first, second = (
        "" if each is None or example >= len(each) else _values(each[example : example + 1]) for each in pair
    )
    return first, second


def _values(value: Any) -> str:
    array = np.asarray(value)
    flat = array.reshape(-1)
    if array.dtype.kind == "O":
        words = [
            shown(each.decode("utf-8", "replace") if isinstance(each, bytes) else each) for each in flat[:_MOST_VALUES]
        ]
    else:
        words = [f"{each:.4g}" if array.dtype.kind in "fc" else str(each) for each in flat[:_MOST_VALUES].tolist()]
    if flat.size <= _MOST_VALUES:
        return ", ".join(words)
    if array.dtype.kind in "iuf" and np.isfinite(flat).all():
        return f"{', '.join(words)}, … ({flat.size:,} numbers, {flat.min():.4g} to {flat.max():.4g})"
    return f"{', '.join(words)}, … ({flat.size:,} values)"
