"""Compares what a model answers with what it answered before. Pure."""

from __future__ import annotations

from typing import Any

import numpy as np

from tb_versions.core.golden.file import Array
from tb_versions.core.golden.outcome import Output, Tolerance

_USUAL = {"float64": (1e-9, 1e-8), "float32": (1e-5, 1e-4), "bfloat16": (2e-2, 2e-2), "float16": (2e-3, 5e-3)}
_USUAL |= {"complex64": _USUAL["float32"], "complex128": _USUAL["float64"]}

_HIDDEN = 0.01
"""Share of the largest value that the tolerance may hide without a word."""


def compare(
    signature: str, name: str, *, before: Array, now: Array, dtype: str = "", tolerance: Tolerance | None = None
) -> Output:
    """Returns how one output compares.

    Numbers may differ by `absolute + relative · |before|`. By default that is 1e-5 and 1e-4 for float32, and what fits
    for other types; the first is multiplied by the largest number of the output where that is more than 1, because
    a sum of large numbers is off by more. Whole numbers, texts and booleans must be equal. NaN equals NaN.

    Args:
        signature: That has the output.
        name: Of the output.
        before: What was recorded.
        now: The answer.
        dtype: TensorFlow's name of the type, if it is another than NumPy's.
        tolerance: What is allowed instead.
    """
    if before.shape != now.shape:
        why = f"The shape is {list(now.shape)}, and was {list(before.shape)}."
        return Output(signature, name, ok=False, count=now.size, why=why)
    if before.dtype.kind != now.dtype.kind:
        return Output(
            signature, name, ok=False, count=now.size, why=f"The type is {now.dtype}, and was {before.dtype}."
        )
    if before.dtype.kind not in "fc":
        return _equal(signature, name, before=before, now=now, tolerance=tolerance or Tolerance())
    absolute, relative = _allowed(before, dtype or str(now.dtype), tolerance or Tolerance())
    return _close(signature, name, before=before, now=now, absolute=absolute, relative=relative)


def _allowed(before: Array, dtype: str, tolerance: Tolerance) -> tuple[float, float]:
    absolute, relative = _USUAL.get(dtype, _USUAL["float32"])
    finite = np.abs(before[np.isfinite(before)])
    largest = max(1.0, float(finite.max())) if finite.size else 1.0
    return (
        absolute * largest if tolerance.absolute is None else tolerance.absolute,
        relative if tolerance.relative is None else tolerance.relative,
    )


def _close(signature: str, name: str, *, before: Array, now: Array, absolute: float, relative: float) -> Output:
    wide: Any = np.complex128 if before.dtype.kind == "c" else np.float64
    was, is_now = before.astype(wide), now.astype(wide)
    with np.errstate(all="ignore"):
        same = np.isclose(is_now, was, rtol=relative, atol=absolute, equal_nan=True)
        both = np.isfinite(was) & np.isfinite(is_now)
        differences = np.abs(is_now[both] - was[both])
    beyond = int(same.size - np.count_nonzero(same))
    lost = int(np.count_nonzero(~both & ~same))
    error = float(differences.max()) if differences.size else (0.0 if not lost else None)
    if error is not None and not np.isfinite(error):
        error = None
    return Output(
        signature,
        name,
        ok=beyond == 0,
        count=int(same.size),
        beyond=beyond,
        max_error=None if lost else error,
        agreement=agreement(was, is_now) if before.dtype.kind == "f" else None,
        absolute=absolute,
        relative=relative,
        why=f"{lost:,} values are NaN or infinite, and were not, or the other way round."
        if lost
        else _hidden(was, absolute),
    )


def _hidden(before: Array, absolute: float) -> str:
    """A sentence where all values are so small that the tolerance hides what moves; "" where they are not."""
    largest = float(np.abs(before[np.isfinite(before)]).max(initial=0.0))
    if not 0 < largest < absolute / _HIDDEN:
        return ""
    return (
        f"The largest value is {largest:.2g}, so the tolerance of {absolute:.2g} hides changes of "
        f"{min(1.0, absolute / largest):.0%} of it: give a smaller one."
    )


def _equal(signature: str, name: str, *, before: Array, now: Array, tolerance: Tolerance) -> Output:
    """Whole numbers, texts and booleans; a tolerance that is given counts for whole numbers."""
    error = None
    same = np.asarray(before == now)
    if before.dtype.kind in "iu":
        # Exact also beyond 2**53: as Python's integers only where they differ.
        gaps = [abs(int(a) - int(b)) for a, b in zip(before[~same].flat, now[~same].flat, strict=True)]
        error = float(max(gaps, default=0))
        if tolerance.absolute is not None or tolerance.relative is not None:
            allowed = [
                gap <= (tolerance.absolute or 0) + (tolerance.relative or 0) * abs(int(was))
                for gap, was in zip(gaps, before[~same].flat, strict=True)
            ]
            same = same.copy()
            same[~same] = allowed
    beyond = int(same.size - np.count_nonzero(same))
    return Output(
        signature,
        name,
        ok=beyond == 0,
        count=int(same.size),
        beyond=beyond,
        max_error=error,
        absolute=tolerance.absolute or 0.0,
        relative=tolerance.relative or 0.0,
    )


def agreement(before: Array, now: Array) -> float | None:
    """Returns the share of examples whose largest score has the same position; None where there are no scores.

    Args:
        before: [examples, …, classes], two classes or more.
        now: Of the same shape.
    """
    if before.ndim < 2 or before.shape[-1] < 2 or not before.size:
        return None
    return float(np.mean(np.argmax(before, axis=-1) == np.argmax(now, axis=-1)))
