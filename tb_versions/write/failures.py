"""Failures while publishing: one warning per cause, and training goes on; with strict=True, an error."""

from __future__ import annotations

import os
import sys
import warnings

from tb_versions.errors import TbVersionsWarning

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_reported: set[tuple[str, ...]] = set()


def report(error: Exception, what: str, *, strict: bool) -> None:
    """Raises the error if strict; otherwise warns, once per cause.

    Args:
        error: What went wrong.
        what: What was not done because of it, without a full stop: "digits:3 was not announced".
        strict: Whether to raise.

    Raises:
        Exception: `error`, if strict.
    """
    if strict:
        raise error
    cause = error.__cause__ if error.__cause__ is not None else error
    key = (what, type(cause).__name__, str(getattr(cause, "errno", "")))
    if key not in _reported:
        _reported.add(key)
        warn(f"{what}: {_sentence(error)} Training goes on; strict=True would raise.")


def warn(message: str) -> None:
    """Issues a `TbVersionsWarning` at the line of the user's code that called this package."""
    frame, level = sys._getframe(1), 2
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        frame, level = frame.f_back, level + 1
    warnings.warn(message, TbVersionsWarning, stacklevel=level)


def _sentence(error: Exception) -> str:
    text = str(error).strip() or type(error).__name__
    if type(error).__module__ == "builtins":
        text = f"{type(error).__name__}: {text}"
    return text if text.endswith(".") else text + "."
