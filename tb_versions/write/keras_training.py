"""One call of `model.fit`, as a callback sees it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tb_versions.core.manifest import Scalar
from tb_versions.write import keras_fit as fitting
from tb_versions.write.epochs import Epochs
from tb_versions.write.failures import warn
from tb_versions.write.keras_hooks import Hooks, driving_list, may_swap_weights, members
from tb_versions.write.weights import checksum

KerasLogs = Mapping[str, object] | None
"""What Keras gives to a callback's method."""


class Training:
    """What is known about one training.

    Attributes:
        epochs: The numbers of each epoch with the weights that they were measured on.
        tensorboard: The TensorBoard callback, or None.
        hyperparameters: Hyperparameters by name.
        first_epoch: First epoch, counted from 0; None before it begins.
        last_epoch: Last epoch that has ended, or None.
        logs: Logs of that epoch.
        was_monitored: Whether the monitored value was in the logs of any epoch.
    """

    def __init__(self, read_model: Callable[[], Any], *, on_epoch: Callable[[], None], on_end: Callable[[], None]):
        """Creates a training that has not begun.

        Args:
            read_model: Returns the model that is trained.
            on_epoch: Called after each epoch, when all other callbacks have acted.
            on_end: Called after training, when all other callbacks have acted.
        """
        self.epochs = Epochs(lambda: checksum(read_model()))
        self._read_model = read_model
        self.tensorboard: Any = None
        self.hyperparameters: dict[str, Scalar] = {}
        self.first_epoch: int | None = None
        self.last_epoch: int | None = None
        self.logs: dict[str, object] = {}
        self.was_monitored = False
        self._on_epoch = on_epoch
        self._on_end = on_end
        self._started = time.monotonic()
        self._hooks: Hooks | None = None
        self._warned_of: set[str] = set()

    def begin(self) -> Sequence[Any]:
        """Hooks into the list of callbacks that is calling, if there is one.

        Returns:
            The callbacks in that list.
        """
        driver = driving_list()
        callbacks = members(driver)
        if driver is not None:
            epochs = self.epochs
            first: dict[str, Callable[..., None]] = {
                "on_epoch_begin": lambda *_, **__: epochs.begin(),
                "on_epoch_end": lambda epoch, logs=None: epochs.end(epoch, _named(logs)),
            }
            if may_swap_weights(self._read_model(), callbacks):
                first["on_test_begin"] = lambda *_, **__: epochs.test_begin()
                first["on_test_end"] = lambda *_, **__: epochs.test_end()
            last: Mapping[str, Callable[..., None]] = {"on_epoch_end": self._close_epoch, "on_train_end": self._close}
            self._hooks = Hooks(driver, fitting.callback_classes(), first=first, last=last)
        return callbacks

    def end_epoch(self, epoch: int, logs: KerasLogs) -> None:
        """Notes the logs of an epoch. It is closed when all other callbacks have acted."""
        self.logs = _named(logs)
        if self._hooks is None:
            self.epochs.end(epoch, self.logs)
            self._close_epoch(epoch, logs)

    def end(self) -> None:
        """Closes the training, unless that happens after other callbacks."""
        if self._hooks is None:
            self._close()

    def detach(self) -> None:
        """Removes the hooks."""
        if self._hooks is not None:
            self._hooks.remove()
            self._hooks = None

    @property
    def seconds(self) -> float:
        """Duration until now."""
        return time.monotonic() - self._started

    def warn_once(self, subject: str, message: str) -> None:
        """Warns about a subject once in this training."""
        if subject not in self._warned_of:
            self._warned_of.add(subject)
            warn(message)

    def _close_epoch(self, epoch: int, logs: KerasLogs = None) -> None:
        self.logs = {**self.logs, **_named(logs)}
        self.last_epoch = epoch
        self.epochs.close(epoch, self.logs)
        self._on_epoch()

    def _close(self, logs: KerasLogs = None) -> None:
        del logs
        self.detach()
        self._on_end()


def _named(logs: KerasLogs) -> dict[str, object]:
    """A copy of the logs; names that are not strings become strings, those that have no text the name of their type."""
    return {_text(name): value for name, value in (logs or {}).items()}


def _text(name: object) -> str:
    try:
        return str(name)
    except Exception:  # noqa: BLE001 -- of anybody's class, and no failure here may stop a training
        return type(name).__name__
