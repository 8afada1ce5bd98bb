"""Dead letters: what could not be done, or came out as "no", with the reason; kept until it is done.

They are a folder of files of JSON lines, to which lines are only added: a file for each share, and one for each worker
of a pipeline; in an object store, an object each time. The last line about something counts; "yes" takes it back.
"""

from __future__ import annotations

import datetime
import fcntl
import io
import json
import os
import stat
import time
import uuid
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from tb_versions.core.manifest import visible
from tb_versions.core.object_store import open_store
from tb_versions.core.storage import is_remote, open_plain
from tb_versions.errors import StorageError, TbVersionsError

FOLDER = ".dead-letters"
"""Folder of the dead letters, inside a models folder; whoever looks for versions passes it by."""

Answer = Literal["yes", "no", "not known"]

_ENDING = ".jsonl"
_LONGEST = 1 << 20
_MOST_OF_AN_OBJECT = 256 << 20
_FLAGS = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_LAST_YEAR = 9_000  # a time that nobody can be behind is none
_PROCESS = uuid.uuid4().hex[:8]


@dataclass(frozen=True)
class Letter:
    """One line.

    Attributes:
        verb: What was to be done: verify, adopt, gate.
        what: With what: the path of a version below the models folder, or of a model.
        answer: "no": it was done, and the answer is no; "not known": it could not be done; "yes" takes back what was
            said before.
        why: The reason.
        where: Folder or URL.
        when: Milliseconds since the epoch.
        job: The run that says so: 32 hexadecimal digits.
        keep: What is to be known when it is done again: the number that a model was to get.
    """

    verb: str
    what: str
    answer: Answer
    why: str = ""
    where: str = ""
    when: int = 0
    job: str = ""
    keep: str = ""


@dataclass(frozen=True)
class Letters:
    """The dead letters of one verb. Workers get it by value: it holds nothing open.

    Attributes:
        folder: Absolute path or URL of the folder; made with the first letter.
        verb: See `Letter`.
        share: Ends the name of this writer's file, such as "3-of-8"; "" if it does all.
        job: As of `Letter`.
        has_workers: Whether several processes write, each into a file of its own.
        after: The time of the last letter before this run, milliseconds since the epoch: each new one is later, also
            where the clock of another host was ahead.
    """

    folder: str
    verb: str
    share: str = ""
    job: str = field(default_factory=lambda: uuid.uuid4().hex)
    has_workers: bool = False
    after: int = -1

    def add(self, letters: Iterable[Letter]) -> None:
        """Adds lines, and waits until the disk has them.

        Args:
            letters: Their verb, job and time are filled in here.

        Raises:
            StorageError: They can't be written.
        """
        now = max(time.time_ns() // 1_000_000, self.after + 1)
        lines = [_line(replace(each, verb=self.verb, job=self.job, when=max(now, each.when))) for each in letters]
        if not lines:
            return
        data = "".join(lines).encode("ascii")
        if is_remote(self.folder):
            open_store(self.folder).put_new(f"{self._name}-{now}-{uuid.uuid4().hex[:8]}{_ENDING}", data)
            return
        path = os.path.join(self.folder, self._name + _ENDING)
        try:
            os.makedirs(self.folder, exist_ok=True)
            _append(path, data)
        except OSError as error:
            raise StorageError(
                f"Dead letters can't be written to {visible(path)}: {error.strerror}. Give another folder: "
                "--dead-letters DIR."
            ) from error

    def outstanding(self) -> dict[str, Letter]:
        """Returns, of each thing, the last letter, where that is no "yes"; raises as `last`."""
        return {what: letter for what, letter in self.last().items() if letter.answer != "yes"}

    def last(self) -> dict[str, Letter]:
        """Returns, of each thing, the last letter. Lines that are none are passed over.

        Raises:
            StorageError: The folder can't be read.
        """
        last: dict[str, Letter] = {}
        for line in self._lines():
            letter = _letter(line)
            if letter is not None and letter.verb == self.verb:
                known = last.get(letter.what)
                if known is None or known.when <= letter.when:
                    last[letter.what] = letter
        return dict(sorted(last.items()))

    @property
    def _name(self) -> str:
        parts = [self.verb, self.share] if not self.has_workers else [self.verb, self.job, _PROCESS, str(os.getpid())]
        return "-".join(filter(None, parts))

    def _lines(self) -> Iterator[bytes]:
        if is_remote(self.folder):
            yield from self._lines_of_objects()
            return
        try:
            names = sorted(os.listdir(self.folder))
        except FileNotFoundError:
            return
        except OSError as error:
            raise StorageError(f"{visible(self.folder)} can't be read: {error.strerror}.") from error
        for name in filter(self._is_mine, names):
            with suppress(FileNotFoundError):
                yield from _of_file(open_plain(os.path.join(self.folder, name), within=self.folder))

    def _lines_of_objects(self) -> Iterator[bytes]:
        store = open_store(self.folder)
        names = [name for name in store.listed().files if self._is_mine(name)]
        for key, found in store.read_all(names, _MOST_OF_AN_OBJECT):
            if isinstance(found, TbVersionsError):
                raise StorageError(f"{visible(self.folder)}/{key} can't be read: {found}") from found
            if not isinstance(found, Exception):
                yield from found[0].splitlines()

    def _is_mine(self, name: str) -> bool:
        return name.endswith(_ENDING) and name.startswith((f"{self.verb}.", f"{self.verb}-"))


def letters_folder(models_dir: str, given: str | None) -> str:
    """Returns where the dead letters of a models folder are: as said, else beside the models.

    Raises:
        StorageError: There a link leads elsewhere, which nobody said.
    """
    if given:
        return given.rstrip("/") if is_remote(given) else os.path.abspath(os.path.expanduser(given))
    if is_remote(models_dir):
        return f"{models_dir.rstrip('/')}/{FOLDER}"
    folder = os.path.join(os.path.abspath(os.path.expanduser(models_dir)), FOLDER)
    if os.path.islink(folder):
        raise StorageError(f"{visible(folder)} is a symlink, and is not followed. Give the folder: --dead-letters DIR.")
    return folder


def _append(path: str, data: bytes) -> None:
    """Adds lines to a file, after the end of one that a killed writer left unfinished. Raises OSError."""
    descriptor = os.open(path, _FLAGS, 0o666)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(0, "it is no plain file")
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        size = os.fstat(descriptor).st_size
        if size and os.pread(descriptor, 1, size - 1) != b"\n":
            data = b"\n" + data
        view = memoryview(data)
        while view:
            view = view[os.write(descriptor, view) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _of_file(file: Any) -> Iterator[bytes]:
    """The lines of an unbuffered file, which is closed then, without those that are too long or not ended."""
    with io.BufferedReader(file) as buffered:
        while line := buffered.readline(_LONGEST):
            if line.endswith(b"\n"):
                yield line
                continue
            while line and not line.endswith(b"\n"):
                line = buffered.readline(_LONGEST)


def _line(letter: Letter) -> str:
    when = datetime.datetime.fromtimestamp(letter.when / 1_000, datetime.timezone.utc)
    return json.dumps({**asdict(letter), "when": when.isoformat(timespec="milliseconds")}) + "\n"


def _letter(line: bytes) -> Letter | None:
    """What a line says; None where it is none, as one that a killed writer left unfinished."""
    try:
        fields = json.loads(line)
        texts = {name: str(fields[name]) for name in ("verb", "what", "why", "where", "job", "keep")}
        when = datetime.datetime.fromisoformat(fields["when"])
        answer = fields["answer"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return None
    if answer not in ("yes", "no", "not known") or when.tzinfo is None or when.year > _LAST_YEAR:
        return None
    return Letter(answer=answer, when=round(when.timestamp() * 1_000), **texts)
