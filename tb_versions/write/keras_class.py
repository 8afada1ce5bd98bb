"""Makes a class a callback of Keras or another library when it is used: defining it loads no such library."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from tb_versions.write.keras_fit import callback_classes


def new_callback(cls: Any, bases: Callable[[], tuple[type, ...]] = callback_classes) -> Any:
    """Creates an object, without calling `__init__`, whose class inherits from `cls` and from a library's `Callback`.

    Args:
        cls: The class.
        bases: Finds the library's classes of callbacks; Keras' by default.
    """
    return object.__new__(_with_bases(cls, bases()))


def plain_class(callback: Any) -> Any:
    """Returns the class that a callback's class was made from: the one that pickle finds by its name."""
    return getattr(type(callback), "_plain_class", type(callback))


@functools.cache
def _with_bases(cls: Any, bases: tuple[type, ...]) -> Any:
    missing = tuple(base for base in bases if not issubclass(cls, base))
    attributes = {"__module__": cls.__module__, "__doc__": cls.__doc__, "_plain_class": cls}
    return type(cls.__name__, (cls, *missing), attributes) if missing else cls
