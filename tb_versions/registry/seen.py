"""What this user has seen of each log: a log that is shorter or another one later was cut or rewritten.

One small file for each models folder, in the user's state folder. It is no cache: deleting it means that what was cut
before is not noticed.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping

import msgspec

from tb_versions.core import storage
from tb_versions.core.user_folders import keeps
from tb_versions.errors import DamagedLogError, RewrittenLogError, StorageError, TbVersionsError
from tb_versions.registry.events import digest_of
from tb_versions.registry.log import Log
from tb_versions.registry.remedies import fsck
from tb_versions.registry.state import Head

STATE_DIR = "TB_VERSIONS_STATE_DIR"
"""Variable that names another folder for it; empty turns it off."""

_NAME_ANOTHER = f"The variable {STATE_DIR} names another folder, in which this user can write."

_OF_THIS_PROCESS = "memory://"  # another process has another store of that name

_LIMIT = 16 * 2**20
_PAUSES = (0.001, 0.003, 0.01, 0.03, *(0.1,) * 20)
_DECODER = msgspec.json.Decoder(dict[str, Head])


class Seen:
    """The heads that were seen in one models folder."""

    def __init__(self, models: str, *, folder: str | None = None) -> None:
        """Reads nothing yet.

        Args:
            models: Real path or URL of the models folder.
            folder: Where it is remembered; None for the user's state folder.
        """
        self._folder = ("" if models.startswith(_OF_THIS_PROCESS) else _state_folder()) if folder is None else folder
        self._name = hashlib.sha256(os.fsencode(models)).hexdigest()[:32]

    def heads(self) -> Mapping[str, Head]:
        """Returns the head of each model's log that was seen last; of a damaged file nothing."""
        if not self._folder:
            return {}
        try:
            return _DECODER.decode(storage.read_capped(self._path, _LIMIT))
        except (TbVersionsError, OSError, msgspec.MsgspecError, RecursionError):
            return {}

    def check(self, model: str, log: Log, head: Head) -> None:
        """Raises where a log is not the one that was seen before, or ends before it.

        Args:
            model: Its name.
            log: Its log.
            head: Its last event.

        Raises:
            RewrittenLogError: See above; `acknowledge` accepts the log as it is now.
            StorageError: The log can't be read.
        """
        known = self.heads().get(model, Head())
        if known.number == 0 or known == head:
            return
        remedy = (
            "Restore it from a copy; or, if this is right, because the model was made anew for instance, accept it "
            f"with: {fsck(log.store, '--acknowledge')}"
        )
        if head.number < known.number:
            raise RewrittenLogError(
                f"{log.shown} was cut: it ends at event {head.number}, and event {known.number} was seen here before. "
                f"{remedy}"
            )
        if _digest_at(log, known.number) != known.digest:
            raise RewrittenLogError(
                f"{log.shown} was rewritten: its event {known.number} is not the one that was seen before. {remedy}"
            )

    def remember(self, heads: Mapping[str, Head]) -> None:
        """Remembers the heads of logs that were checked, unless later ones are known. A failure is harmless."""
        known = self.heads()
        if any(head.number > known.get(model, Head()).number for model, head in heads.items()):
            self._change(lambda before: _later(before, heads))

    def acknowledge(self, model: str, head: Head) -> None:
        """Accepts a log as it is now.

        Raises:
            StorageError: It can't be remembered.
        """
        if not self._folder:
            raise StorageError(f"What was seen can't be remembered: there is no folder for it. {_NAME_ANOTHER}")
        if not keeps():
            raise StorageError("What was seen can't be remembered: this process was told to keep nothing.")
        try:
            self._write(lambda before: {**before, model: head})
        except OSError as error:
            raise StorageError(
                f"What was seen can't be remembered in {self._folder}: {error.strerror or error}. {_NAME_ANOTHER}"
            ) from error

    def forget(self, model: str) -> bool:
        """Forgets what was seen of a model's log, because another model begins; whether that was possible."""
        return self._change(lambda before: {name: head for name, head in before.items() if name != model})

    @property
    def _path(self) -> str:
        return os.path.join(self._folder, f"{self._name}.json")

    def _change(self, changed: Callable[[Mapping[str, Head]], Mapping[str, Head]]) -> bool:
        if not self._folder or not keeps():
            return False
        try:
            self._write(changed)
        except OSError:
            return False
        return True

    def _write(self, changed: Callable[[Mapping[str, Head]], Mapping[str, Head]]) -> None:
        """Changes what is remembered. Raises OSError."""
        temporary = f"{self._path}.{uuid.uuid4().hex}"
        try:
            os.makedirs(self._folder, mode=0o700, exist_ok=True)
            with _locked(os.path.join(self._folder, "lock")):
                storage.write_file(temporary, msgspec.json.encode(changed(self.heads())), durable=False)
                os.replace(temporary, self._path)
        except OSError:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
            raise


def _later(before: Mapping[str, Head], heads: Mapping[str, Head]) -> dict[str, Head]:
    newer = {model: head for model, head in heads.items() if head.number > before.get(model, Head()).number}
    return {**before, **newer}


def _digest_at(log: Log, number: int) -> str:
    try:
        return digest_of(log.entry(number))
    except (FileNotFoundError, DamagedLogError):
        return ""


@contextlib.contextmanager
def _locked(path: str) -> Iterator[None]:
    """Waits a while for the lock; whoever holds it may have been stopped. Raises OSError."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        for pause in _PAUSES:
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            time.sleep(pause)
        else:
            raise TimeoutError(errno.ETIMEDOUT, f"{path} is locked by another process")
        yield
    finally:
        os.close(descriptor)


def _state_folder() -> str:
    named = os.environ.get(STATE_DIR)
    if named is not None:
        return os.path.abspath(named) if named else ""
    above = os.environ.get("XDG_STATE_HOME", "")
    if not os.path.isabs(above):  # as the XDG specification has it
        above = os.path.expanduser("~/Library/Application Support" if sys.platform == "darwin" else "~/.local/state")
    return os.path.join(above, "tb_versions") if os.path.isabs(above) else ""
