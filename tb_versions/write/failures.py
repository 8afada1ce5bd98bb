"""Failures while publishing: one warning per cause, and training goes on; with strict=True, an error."""

from __future__ import annotations

import os
import re
import sys
import warnings

from tb_versions.errors import TbVersionsWarning

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_NUMBERS = re.compile(r"\b[0-9a-f]{6,}\b|[0-9a-f]{12,}|[0-9]+")
"""Numbers, and the hexadecimal parts of temporary names, such as `saved_model.pb.tmp314e5e933bad`."""

_reported: set[str] = set()
_said: set[str] = set()


def report(error: Exception, what: str, *, strict: bool) -> None:
    """Raises the error if strict; otherwise warns, once per distinct message.

    Messages that differ in numbers only count as one: a full disk is reported once, although each version that does not
    fit has its own number and its own temporary folder.

    Args:
        error: What went wrong.
        what: What was not done because of it, without a full stop: "digits:3 was not announced".
        strict: Whether to raise.

    Raises:
        Exception: `error`, if strict.
    """
    if strict:
        raise error
    message = f"{what}: {_sentence(error)} Training goes on; strict=True would raise."
    _warn_unless_in(_reported, _NUMBERS.sub("#", message), message)


def report_again() -> None:
    """Makes `report` warn about causes that were reported before: a new training begins."""
    _reported.clear()


def warn_once(key: str, message: str) -> None:
    """Warns, unless there was a warning with the same key in this process."""
    _warn_unless_in(_said, key, message)


def warn(message: str) -> None:
    """Issues a `TbVersionsWarning` at the line of the user's code that called this package."""
    frame, level = sys._getframe(1), 2
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        frame, level = frame.f_back, level + 1
    warnings.warn(message, TbVersionsWarning, stacklevel=level)


def _warn_unless_in(keys: set[str], key: str, message: str) -> None:
    if key not in keys:
        keys.add(key)
        warn(message)


def _sentence(error: Exception) -> str:
    text = str(error).strip() or type(error).__name__
    if type(error).__module__ == "builtins":
        text = f"{type(error).__name__}: {text}"
    return text if text.endswith(".") else text + "."
