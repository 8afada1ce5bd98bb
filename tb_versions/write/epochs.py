"""The numbers of each epoch, kept with the weights that they were measured on.

The logs of one epoch are about up to three states of the weights: training metrics about those at the end of the
epoch's batches, validation metrics about those that were in the model during evaluation (`SwapEMAWeights` puts averages
there), and what other callbacks add about those at the end of the epoch. So each part of the logs has its own checksum
of the weights. Published weights get the numbers of the latest part with an equal checksum, and no other numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

Checksum = bytes | None
"""A checksum of weights; None if they can't be read, and then equal to no other."""

Logs = Mapping[str, object]


@dataclass(frozen=True)
class Measured:
    """A part of an epoch's logs.

    Attributes:
        epoch: Epoch, counted from 0.
        weights: Checksum of the weights that were measured.
        logs: Values by name.
    """

    epoch: int
    weights: Checksum
    logs: Logs


class Measurements:
    """What was measured in one training."""

    def __init__(self) -> None:
        """Begins without any."""
        self._parts: list[Measured] = []

    def add(self, epoch: int, weights: Checksum, logs: Logs) -> None:
        """Adds what was measured on weights, at an epoch or a step."""
        self._parts.append(Measured(epoch, weights, logs))

    def of(self, weights: Checksum) -> dict[str, Measured]:
        """Returns, by name, the latest part of the logs that was measured on these weights."""
        return {name: part for part in self._of(weights) for name in part.logs}

    def epoch_of(self, weights: Checksum) -> int | None:
        """Returns the latest epoch that had these weights, or None."""
        return max((part.epoch for part in self._of(weights)), default=None)

    def latest(self) -> dict[str, object]:
        """Returns the logs of the latest epoch, no matter on which weights they were measured."""
        last = self._parts[-1].epoch if self._parts else None
        return {name: value for part in self._parts if part.epoch == last for name, value in part.logs.items()}

    def _of(self, weights: Checksum) -> list[Measured]:
        return [] if weights is None else [part for part in self._parts if part.weights == weights]


class Epochs(Measurements):
    """Records the numbers of one call of `fit`.

    `begin`, `test_begin`, `test_end` and `end` must be called before other callbacks act, `close` after all of them.
    `test_begin` and `test_end` may be left out if nothing can change the weights for an evaluation.
    """

    def __init__(self, checksum: Callable[[], Checksum]) -> None:
        """Creates an empty record.

        Args:
            checksum: Returns the checksum of the weights that are in the model now.
        """
        super().__init__()
        self._checksum = checksum
        self._trained: Checksum = None
        self._evaluated: Checksum = None
        self._was_evaluated = False
        self._at_end: Checksum = None
        self._own_logs: Logs = {}

    def begin(self) -> None:
        """An epoch begins."""
        self._was_evaluated = False

    def test_begin(self) -> None:
        """The epoch's evaluation begins: these are the weights that its batches led to."""
        self._trained = self._checksum()

    def test_end(self) -> None:
        """The evaluation has ended: these are the weights that were evaluated."""
        self._evaluated = self._checksum()
        self._was_evaluated = True

    def end(self, epoch: int, logs: Logs) -> None:
        """An epoch has ended."""
        self._at_end = self._checksum()
        if not self._was_evaluated:
            self._trained = self._evaluated = self._at_end
        elif self._trained != self._at_end:  # the evaluation began with other weights, or did not put these back
            self._trained = None
        self._own_logs = dict(logs)
        validation = {name: value for name, value in self._own_logs.items() if name.startswith("val_")}
        training = {name: value for name, value in self._own_logs.items() if name not in validation}
        self.add(epoch, self._trained, training)
        if validation:
            self.add(epoch, self._evaluated, validation)

    def close(self, epoch: int, logs: Logs) -> None:
        """All other callbacks have acted. What they added to the logs counts if they left the weights alone."""
        own = self._own_logs
        added = {name: value for name, value in logs.items() if name not in own or value is not own[name]}
        if added:
            unchanged = self._checksum() == self._at_end
            self.add(epoch, self._at_end if unchanged else None, added)
