"""Places before and after all other callbacks of a `fit`, wherever our callback itself is in the list.

`[A, PublishVersions, EarlyStopping]` becomes `[first, A, PublishVersions, EarlyStopping, last]` for the duration of one
`fit`: `first` sees the weights before any other callback changes them, `last` after all others have done so.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

_TEST_METHODS = ("on_test_begin", "on_test_batch_begin", "on_test_batch_end", "on_test_end")

# Modules of Keras 3 that define these methods without touching weights; tf_keras has all its callbacks in one module.
_HARMLESS = ("callback", "tensorboard", "progbar_logger", "callbacks")

Actions = Mapping[str, Callable[..., None]]
"""What to call, by the name of the callback's method: {"on_epoch_end": …}."""


class Hooks:
    """The first and the last callback of a list."""

    def __init__(self, driver: Any, callback_classes: tuple[type, ...], *, first: Actions, last: Actions) -> None:
        """Adds both callbacks; the list may be in the middle of a call.

        Args:
            driver: What `driving_list` returned.
            callback_classes: Keras' class of callbacks; of Keras 2 and 3 if both are loaded.
            first: Called before all other callbacks.
            last: Called after all other callbacks.
        """
        self._driver = driver
        self._both = [_callback(callback_classes, actions) for actions in (first, last)]
        # A new list: the loop that is calling now continues over the old one, and skips no callback.
        driver.callbacks = [self._both[0], *driver.callbacks, self._both[1]]

    def remove(self) -> None:
        """Removes both callbacks."""
        self._driver.callbacks = [other for other in self._driver.callbacks if other not in self._both]


def driving_list() -> Any:
    """Returns the Keras `CallbackList` that is calling, or None if something else calls.

    If that list is a member of a list that is calling too, the outer one is returned.
    """
    found: Any = None
    frame: Any = sys._getframe(1)
    while frame is not None:
        owner = frame.f_locals.get("self")
        if _is_callback_list(owner) and (found is None or any(member is found for member in owner.callbacks)):
            found = owner
        frame = frame.f_back
    return found


def members(driver: Any) -> Sequence[Any]:
    """Returns the callbacks in a list; empty for None."""
    return [] if driver is None else list(driver.callbacks)


def may_swap_weights(model: Any, callbacks: Iterable[Any]) -> bool:
    """Returns whether something may put other weights into the model for an evaluation.

    Everything may, except Keras' own `evaluate` and those of its callbacks that are known not to.
    """
    actions = [getattr(callback, name, None) for callback in callbacks for name in _TEST_METHODS]
    harmless = all(_is_keras(action) and action.__module__.rpartition(".")[2] in _HARMLESS for action in actions)
    return not harmless or not _is_keras(getattr(type(model), "evaluate", None))


def _is_keras(value: Any) -> bool:
    """Whether Keras itself defines a class or function, and not a program that inherits from it."""
    return getattr(value, "__module__", "").partition(".")[0] in ("keras", "tf_keras")


def _callback(classes: tuple[type, ...], actions: Actions) -> Any:
    return type("Hook", classes, {name: staticmethod(action) for name, action in actions.items()})()


def _is_callback_list(owner: object) -> bool:
    return any(cls.__name__ == "CallbackList" and _is_keras(cls) for cls in type(owner).__mro__)
