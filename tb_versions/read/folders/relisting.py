"""Decides which folders are listed again although their time has not changed.

Some file systems never change a folder's time when something appears in it: goofys and s3fs show the time of the mount,
or none. So every folder is listed again, in rounds: one begins at the first scan two seconds after the last one began,
and ends when each folder was listed. The time for this is bounded: with tens of thousands of folders, or slow ones, a
round takes several scans.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

ROUND_NS = 2_000_000_000
"""Shortest time from the beginning of one round to that of the next."""

_SHARE = 20
"""Listing again takes at most one in so many seconds."""


class Relisting:
    """Keeps the rounds of one scanner.

    Attributes:
        still: Devices where a folder was seen to change without a change of its time: folders there are always listed.
    """

    def __init__(self) -> None:
        """The first scan begins the first round."""
        self.still: set[int] = set()
        self._round = 0  # when it began
        self._is_done = True
        self._begun = time.monotonic_ns()
        self._left = 0  # nanoseconds that this scan may take for listing

    def begin(self) -> None:
        """Begins a scan."""
        elapsed = time.monotonic_ns() - self._begun
        self._begun += elapsed
        self._left = min(self._left, 0) + elapsed // _SHARE
        now = time.time_ns()
        if self._is_done and not 0 <= now - self._round < ROUND_NS:
            self._round = now
        self._is_done = True

    def is_due(self, listed: int, device: int) -> bool:
        """Whether a folder that was listed then, on that device, is to be listed again in this scan."""
        if device in self.still:
            return True
        if listed >= self._round:
            return False
        if self._left <= 0:
            self._is_done = False
            return False
        return True

    @contextmanager
    def spending(self) -> Iterator[None]:
        """Counts the time that a listing takes."""
        start = time.monotonic_ns()
        yield
        self._left -= time.monotonic_ns() - start

    def differs(self, device: int, *, in_spite_of_time: bool) -> None:
        """Notes that a folder was not as known, and whether its time was."""
        if in_spite_of_time:
            self.still.add(device)
