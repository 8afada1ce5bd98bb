"""The identities of runs in the log directory, each looked up when a version asks for it, and kept.

No path of a manifest is opened here: runs are those that TensorBoard knows, and a run's folder that is reached over a
symlink below the log directory has no known identity.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Sequence

from msgspec import Struct

from tb_versions.core.run_identity import FirstFile, first_file, short_identity
from tb_versions.core.storage import open_folder
from tb_versions.errors import UnsafeFileError
from tb_versions.read.folders.roots import Roots

_CHECKS = 200
"""Runs that are looked at again in one refresh, 4 ms: a run may be deleted and another begun under its name."""


class _Seen(Struct, frozen=True, gc=False):
    """What was seen in a run's folder; `changed` is the folder's ctime in nanoseconds."""

    changed: int
    first: FirstFile | None
    identity: str


_NOTHING = _Seen(0, None, "")


class RunIdentities:
    """Identities of the runs that TensorBoard knows."""

    def __init__(self, roots: Roots) -> None:
        """Reads nothing yet.

        Args:
            roots: Where runs are.
        """
        self._roots = roots
        self._runs: tuple[str, ...] = ()
        self._seen: dict[str, _Seen] = {}
        self._holders: dict[str, list[str]] | None = None
        self._next = 0
        self.revision = 0

    def refresh(self, runs: tuple[str, ...]) -> int:
        """Looks again at some of the runs that were looked at.

        Args:
            runs: All runs that TensorBoard knows.

        Returns:
            A number that changes when an identity did.
        """
        if runs != self._runs:
            self._runs, self._holders = runs, None
            self._seen = {run: self._seen[run] for run in runs if run in self._seen}
        asked = list(self._seen)
        for offset in range(min(_CHECKS, len(asked))):
            self._check(asked[(self._next + offset) % len(asked)])
        self._next = (self._next + _CHECKS) % max(1, len(asked))
        return self.revision

    def of(self, run: str) -> str:
        """Returns the short identity of a run; "" where it is not known."""
        seen = self._seen.get(run)
        if seen is None:
            seen = self._seen[run] = self._look(run)
        return seen.identity

    def runs_with(self, identity: str) -> Sequence[str]:
        """Returns the runs that have an identity; the first call looks at every run."""
        if self._holders is None:
            self._holders = defaultdict(list)
            for run in self._runs:
                self._holders[self.of(run)].append(run)
        return self._holders.get(identity, ())

    def _check(self, run: str) -> None:
        before = self._seen[run]
        if before.identity and self._is_unchanged(run, before):
            return
        now = self._seen[run] = self._look(run)
        if now.identity != before.identity:
            self._holders = None
            self.revision += 1

    def _is_unchanged(self, run: str, seen: _Seen) -> bool:
        found = self._roots.folder_of(run)
        if found is None or seen.first is None:
            return False
        folder = os.path.join(*found)
        try:
            return (
                os.stat(folder, follow_symlinks=False).st_ctime_ns == seen.changed
                and os.stat(os.path.join(folder, seen.first.name), follow_symlinks=False).st_ino == seen.first.inode
            )
        except (OSError, ValueError):
            return False

    def _look(self, run: str) -> _Seen:
        found = self._roots.folder_of(run)
        if found is None:
            return _NOTHING
        try:
            descriptor = open_folder(os.path.join(*found), within=found[0])
        except (OSError, ValueError, UnsafeFileError):
            return _NOTHING
        try:
            changed, first = os.fstat(descriptor).st_ctime_ns, first_file(descriptor)
        finally:
            os.close(descriptor)
        return _Seen(changed, first, short_identity(first.identity) if first else "")
