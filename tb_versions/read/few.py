"""One thing without a tuple around it: nearly all versions have one folder, one announcement and one record. Pure."""

from __future__ import annotations

from typing import TypeAlias, TypeVar

_Kind = TypeVar("_Kind")

Few: TypeAlias = _Kind | tuple[_Kind, ...]
"""One thing, which is no tuple itself, or none or several in a tuple."""


def few(some: tuple[_Kind, ...]) -> Few[_Kind]:
    """Returns things as they are kept."""
    return some[0] if len(some) == 1 else some


def many(kept: Few[_Kind]) -> tuple[_Kind, ...]:
    """Returns what `few` got."""
    return kept if isinstance(kept, tuple) else (kept,)
