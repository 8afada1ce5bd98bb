"""Looks a model's registry over: what is missing, damaged, mixed up or left behind; and mends what is certain."""

from __future__ import annotations

import itertools
import os
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec
from msgspec import Struct

from tb_versions.core import storage
from tb_versions.core.layout import UNFINISHED
from tb_versions.core.manifest import MANIFEST_NAME, MAX_NUMBER
from tb_versions.core.store import Store
from tb_versions.errors import DamagedLogError, NewerLogError, RefusedError, StorageError, TbVersionsError
from tb_versions.registry import checkpoints, events, forks, measured, policy, remedies
from tb_versions.registry.log import Log, key_of
from tb_versions.registry.measured import MeasuredReader
from tb_versions.registry.registry import Registry
from tb_versions.registry.seen import Seen
from tb_versions.registry.state import AliasState, Fold, Head, Holder, State

OLD = 3_600
"""Seconds after which a temporary file, or half an event, is not being written any more."""

_REMOVED = "removed"
_NUMBERS = "numbers"
_FOLDERS = ("log", checkpoints.FOLDER, measured.FOLDER, _REMOVED, _NUMBERS, "")
_LITTER = ".tmp-"


class Finding(Struct, frozen=True, kw_only=True):
    """Something that is not as it should be.

    Attributes:
        kind: "gap", "damaged", "newer", "fork", "twice": of an event. "cut": events were deleted at the end.
            "rewritten": not the log that was seen before. "checkpoint", "litter", "stray": of a file.
            "unfinished_removal", "orphan", "alias", "unreadable": of a version. "another_manifest": of a version that
            is not what was given an alias. "policy", "measured": of such a file.
        key: Of the file in the store; "" if it is about none.
        what: A sentence for people: what is wrong, and what to do.
        event: Number of the event, or None.
        version: Number of the version, or None.
        is_certain: Whether `repair` mends it.
    """

    kind: str
    what: str
    key: str = ""
    event: int | None = None
    version: int | None = None
    is_certain: bool = False


class Manifests(Struct, frozen=True):
    """The manifests of a model, for what its log says of them.

    Attributes:
        model: Name of the model.
        models_dir: The models folder as a command would name it.
        digest: Returns the digest of a version's manifest; "" where it is not there or can't be read.
    """

    model: str
    models_dir: str
    digest: Callable[[int], str]


def check(
    store: Store,
    *,
    folders: Mapping[int, bool | None],
    seen: Head | None = None,
    manifests: Manifests | None = None,
) -> list[Finding]:
    """Returns everything that is not as it should be; reads the whole log and changes nothing.

    Args:
        store: The folder `.versions` of the model.
        folders: The model's version folders: number, and whether there is a manifest, None where that can't be known;
            see `folders_of`.
        seen: The head that was seen last, or None.
        manifests: Those of the model, of which only those of versions that hold an alias are read; None to read none.

    Raises:
        StorageError: The store can't be read.
    """
    read = _Read(store, seen or Head())
    return [
        *read.findings,
        *_of_checkpoints(store, read),
        *_of_files(store, read.log),
        *_of_versions(store, read, folders),
        *_of_aliases(read, folders),
        *(_of_replaced(read.state, manifests) if manifests else ()),
        *_of_unreadable(folders),
        *_of_others(store),
    ]


def folders_of(model_folder: str, *, within: str) -> dict[int, bool | None]:
    """Returns the number of each version folder, and whether there is a manifest in it; None where it can't be read.

    Args:
        model_folder: The model's folder.
        within: A folder above; see `storage.open_folder`.

    Raises:
        StorageError: It can't be listed.
    """
    try:
        descriptor = storage.open_folder(model_folder, within=within)
        try:
            return {
                int(name): _has_manifest(name, descriptor)
                for name in os.listdir(descriptor)
                if name.isascii() and name.isdigit() and len(name) <= 40 and int(name) <= MAX_NUMBER
            }
        finally:
            os.close(descriptor)
    except OSError as error:
        raise StorageError(f"{model_folder} can't be listed: {error.strerror}.") from error


def repair(store: Store, findings: Sequence[Finding]) -> list[tuple[Finding, str]]:
    """Mends what is certain: deletes litter, moves other files to `damaged/`; never deletes an event.

    Where two copies of a log were mixed, it moves the events that do not follow what this user saw last.

    Args:
        store: The folder `.versions` of the model.
        findings: As `check` returned them.

    Returns:
        Each finding that was mended, and a sentence on what was done.

    Raises:
        StorageError: Something can't be changed; what was done before stays done.
    """
    done = []
    for finding in findings:
        if finding.is_certain and finding.kind == "litter":
            store.delete(finding.key)
            done.append((finding, f"{finding.key} is deleted."))
        elif finding.is_certain and finding.kind == "fork":
            first = forks.first_of(Log(store))
            if first is not None and first == finding.event:  # nobody mended it meanwhile
                done.append((finding, str(forks.set_aside(store, first))))
        elif finding.is_certain:
            done.append((finding, forks.move(store, finding.key)))
    return done


def acknowledge(store: Store, seen: Seen, model: str) -> Head:
    """Accepts a log that was cut or rewritten as it is now; returns its head.

    Checkpoints of events that are gone are moved to `damaged/`.

    Raises:
        DamagedLogError: It is damaged in another way, which must be mended first.
        NewerLogError: A newer version of this package wrote an event that can't be ignored.
        StorageError: It can't be read, or what was seen can't be remembered.
    """
    numbers = Log(store).numbers()
    for number, _, name in list(checkpoints.names(store)):
        if number > max(numbers, default=0):
            forks.move(store, f"{checkpoints.FOLDER}/{name}")
    head = Registry(store).known().head
    seen.acknowledge(model, head)
    return head


class _Read:
    """A log as it was read from its first to its last entry.

    Attributes:
        store: Where it is.
        log: It.
        seen: The head that was seen before.
        digests: Of each entry that can be read, by number.
        last: Number of the last entry; 0 for none.
        states: The state after each event of which there is a checkpoint, as far as it is known.
        state: The state after the last event that is known.
        removed: Versions of which there is a removal event.
        findings: What is wrong with the log.
    """

    def __init__(self, store: Store, seen: Head) -> None:
        self.store, self.log, self.seen = store, Log(store), seen
        self.digests: dict[int, str] = {}
        self.states: dict[int, State] = {}
        self.removed: set[int] = set()
        self.findings: list[Finding] = []
        self._ids: dict[str, int] = {}
        self._checkpoints = {number for number, _, _ in _checkpoint_names(store)}
        self._ages = store.ages("log")
        self._fold, self._is_mixed = Fold(), False
        numbers = self.log.numbers()
        self.last = numbers[-1] if numbers else 0
        for before, number in itertools.pairwise([0, *numbers]):
            self._find_gap(before, number)
            data = self._entry(number)
            if data is not None and self._is_sound(number, data) and number == self._fold.head.number + 1:
                self._fold.apply(data)
                if number in self._checkpoints:
                    self.states[number] = self._fold.state()
            if self._is_mixed:
                break  # what comes after it is set aside with it
        self.state = self._fold.state()
        self._compare_with_seen()

    def _add(self, kind: str, number: int, what: str, *, is_certain: bool = False) -> None:
        finding = Finding(kind=kind, what=what, key=key_of(number), event=number, is_certain=is_certain)
        self.findings.append(finding)

    def _find_gap(self, before: int, number: int) -> None:
        if number > before + 1 and not self.store.exists(key_of(before + 1)):  # others write while this one lists
            missing = f"Event {before + 1} is" if number == before + 2 else f"Events {before + 1} to {number - 1} are"
            self._add("gap", before + 1, f"{missing} missing, though there is an event {number}. Restore from a copy.")

    def _entry(self, number: int) -> bytes | None:
        try:
            data = self.log.entry(number)
        except FileNotFoundError:
            return None
        except DamagedLogError as error:
            self._add("damaged", number, f"{error} Restore it from a copy.")
            return None
        self.digests[number] = events.digest_of(data)
        return data

    def _is_sound(self, number: int, data: bytes) -> bool:
        """Whether an entry is an event that follows the one before; adds what is wrong with it."""
        try:
            event = events.decode(data, number)
            if event.kind in events.KINDS:
                events.said(event)
        except NewerLogError as error:
            self._add("newer", number, str(error))
            return False
        except DamagedLogError as error:
            self._add_damaged(number, data, error)
            return False
        first = self._ids.setdefault(event.id, number)
        if first != number:
            self._add("twice", number, f"Event {number} is event {first} once more: both have the id {event.id}.")
        before = "" if number == 1 else self.digests.get(number - 1)
        follows = before is None or event.prev == before
        if not follows:
            self._add_fork(number)
        if event.kind == "removed" and event.version is not None and not self._is_mixed:
            self.removed.add(event.version)
        return before is not None and follows

    def _add_fork(self, number: int) -> None:
        """An event that does not follow: certainly another copy's if the one before is the last that was seen."""
        what = f"Event {number} does not follow the event {number - 1} that is here: two copies of the log were mixed"
        join = remedies.fsck(self.store, "--merge OTHER")
        is_first = 1 < number == self._fold.head.number + 1
        if is_first and self._fold.head == self.seen:
            self._is_mixed = True
            what = f"{what}. What is here from event {number} on is the other copy's, which is joined whole ({join})."
            self._add("fork", number, what, is_certain=True)
            return
        accept = remedies.fsck(self.store, "--acknowledge")
        without = f" Without one, accept the log up to event {number - 1} ({accept})." if is_first else ""
        restore = f"Restore both from one copy, or join the other copy ({join})."
        self._add("fork", number, f"{what}, or event {number - 1} was changed. {restore}{without}")

    def _add_damaged(self, number: int, data: bytes, error: DamagedLogError) -> None:
        """An event that breaks off at the end of the log, and of which nothing else knows, was never written whole."""
        known = max(self.seen.number, *self._checkpoints, 0)
        if number < self.last or number <= known or not _breaks_off(data):
            self._add("damaged", number, f"{error} Restore it from a copy.")
        elif self._ages.get(os.path.basename(key_of(number)), 0) < OLD:
            self._add("damaged", number, f"Event {number} breaks off; it may be being written now. Look again later.")
        else:
            what = f"Event {number}, the last, breaks off: whoever wrote it was interrupted. Nobody was told of it."
            self._add("damaged", number, what, is_certain=True)

    def _compare_with_seen(self) -> None:
        number, remedy = self.seen.number, _restore_or_accept(self.store)
        if number > self.last:
            what = f"The log ends at event {self.last}; event {number} was seen here before. {remedy}"
            self._add("cut", number, what)
        elif number in self.digests and self.digests[number] != self.seen.digest:
            self._add("rewritten", number, f"Event {number} is not the one that was seen here before. {remedy}")


def _restore_or_accept(store: Store) -> str:
    accept = remedies.fsck(store, "--acknowledge")
    return f"Restore the log from a copy; or, if this is right, accept it as it is with: {accept}"


class _Named(Struct):
    head: Head


class _AnyCheckpoint(Struct):
    """What a checkpoint of any package says of its event."""

    state: _Named


def _of_checkpoints(store: Store, read: _Read) -> Iterator[Finding]:
    for number, mark, name in _checkpoint_names(store):
        key = f"{checkpoints.FOLDER}/{name}"
        head = _head_of(store, key)
        state = checkpoints.read(store, name) if mark == checkpoints.MARK else None
        what = ""
        if head is None or head.number != number or (mark == checkpoints.MARK and state is None):
            what = "is damaged"
        elif number > read.last:
            if store.exists(key_of(number)):  # written since the log was read
                continue
            remedy = _restore_or_accept(store)
            what = f"The log ends at event {read.last}; there is a checkpoint of event {number}. {remedy}"
            yield Finding(kind="cut", what=what, key=key, event=number)
            continue
        elif read.digests.get(number, head.digest) != head.digest:
            what = f"is of another event {number} than the one that is here"
        elif state is not None and number in read.states and checkpoints.plain(read.states[number]) != state:
            what = f"holds another state than the events up to {number} make"
        if what:
            what = f"The checkpoint {name} {what}. It is derived from the log, and not needed."
            yield Finding(kind="checkpoint", what=what, key=key, event=number, is_certain=True)


def _of_files(store: Store, log: Log) -> Iterator[Finding]:
    for folder in _FOLDERS:
        try:
            ages = store.ages(folder)
        except StorageError as error:
            yield Finding(kind="stray", what=str(error), key=folder)
            continue
        for name, seconds in ages.items():
            if name.startswith(_LITTER):
                key = f"{folder}/{name}".lstrip("/")
                use = "was left by a writer that was interrupted" if seconds >= OLD else "may be in use"
                yield Finding(kind="litter", what=f"{key} {use}.", key=key, is_certain=seconds >= OLD)
    for name in log.strays():
        what = f"log/{name} is no event, and ignored. If it is another copy of one, see: tb-versions fsck --merge"
        yield Finding(kind="stray", what=what, key=f"log/{name}")


def _of_versions(store: Store, read: _Read, folders: Mapping[int, bool | None]) -> Iterator[Finding]:
    def found(kind: str, number: int, what: str) -> Finding:
        return Finding(kind=kind, what=f"Version {number} {what}", version=number)

    kept = {int(name[:-5]) for name in _names(store, _REMOVED) if name.endswith(".json") and _is_number(name[:-5])}
    reserved = {int(name) for name in _names(store, _NUMBERS) if _is_number(name)}
    unfinished = set(_names(store, os.path.basename(UNFINISHED)))
    for number in sorted(read.removed):
        if folders.get(number, False) or (number in folders and number not in kept):
            yield found("unfinished_removal", number, "was removed, but its folder is still there.")
        elif number not in kept:
            yield found("orphan", number, "was removed, and its manifest is kept nowhere. Restore it from a copy.")
    for number in sorted(kept - read.removed):
        yield found("orphan", number, "has a manifest among the removed ones, but no event says that it was removed.")
    for number, has_manifest in sorted(folders.items()):
        is_known = number in read.removed or str(number) in unfinished
        if has_manifest is False and number in reserved and not is_known:
            yield found("orphan", number, "has a folder without a manifest: its publishing was interrupted.")


def _of_aliases(read: _Read, folders: Mapping[int, bool | None]) -> Iterator[Finding]:
    for name, alias in read.state.aliases.items():
        if folders.get(alias.version, False) is False:
            lack = "no manifest in its folder" if alias.version in folders else "no folder"
            what = f"Version {alias.version} has {lack}, though the alias {name} names it."
            yield Finding(kind="alias", what=what, version=alias.version)


def _of_replaced(state: State, manifests: Manifests) -> Iterator[Finding]:
    """Finds aliases whose number leads to another manifest than the one that was given the alias."""
    digests = {number: manifests.digest(number) for number in {each.version for each in state.aliases.values()}}
    for name, alias in state.aliases.items():
        if alias.holder.is_of_another(digests[alias.version]):
            what = (
                f"Version {alias.version} is not what was promoted to {name}: its manifest is another one than at "
                f"event {alias.holder.event} of the log. {_remedy(name, alias, state, manifests)}"
            )
            yield Finding(kind="another_manifest", what=what, event=alias.holder.event, version=alias.version)


def _remedy(name: str, alias: AliasState, state: State, manifests: Manifests) -> str:
    """What to do about an alias of another manifest; a rollback is named only where it leads to what was promoted."""
    model = manifests.model
    promote = _command(f"promote {shlex.quote(f'{model}:{alias.version}')}", name, manifests)
    promotion = f"romote what is there, if it is right: {promote}"
    before = alias.stack[-2] if len(alias.stack) > 1 else None
    if before is None or not _is_what_was_promoted(before, state, manifests):
        return f"P{promotion}"
    back = _command(f"rollback {shlex.quote(model)}", name, manifests)
    return f"Roll back to version {before.version}: {back}; or p{promotion}"


def _is_what_was_promoted(holder: Holder, state: State, manifests: Manifests) -> bool:
    """Whether the version is there with the manifest that was given the alias, as far as its event says."""
    digest = "" if state.version(holder.version).removed else manifests.digest(holder.version)
    return bool(digest) and not holder.is_of_another(digest)


def _command(what: str, alias: str, manifests: Manifests) -> str:
    """A command as it is typed; the reason is for whoever types it."""
    where = f"--models-dir {shlex.quote(manifests.models_dir)}"
    return f"tb-versions {what} --alias {shlex.quote(alias)} --reason … {where}"


def _of_unreadable(folders: Mapping[int, bool | None]) -> Iterator[Finding]:
    for number in sorted(number for number, has_manifest in folders.items() if has_manifest is None):
        what = f"Version {number} has a folder that can't be read, so it is not known what is in it."
        yield Finding(kind="unreadable", what=what, version=number)


def _of_others(store: Store) -> Iterator[Finding]:
    try:
        policy.read(store)
    except RefusedError as error:
        yield Finding(kind="policy", what=str(error), key=policy.POLICY_NAME)
    reader = MeasuredReader(store)
    try:
        reader.refresh()
    except StorageError:
        return  # named above
    for where, why in reader.problems:
        yield Finding(kind="measured", what=f"{where}: {why}", key=f"{measured.FOLDER}/{where.rpartition('/')[2]}")


def _checkpoint_names(store: Store) -> list[tuple[int, str, str]]:
    try:
        return list(checkpoints.names(store))
    except StorageError:
        return []  # the folder is named as a stray


def _names(store: Store, folder: str) -> list[str]:
    try:
        return store.names(folder)
    except StorageError:
        return []  # the folder is named as a stray


def _head_of(store: Store, key: str) -> Head | None:
    try:
        return msgspec.json.decode(store.read(key, checkpoints.LIMIT), type=_AnyCheckpoint).state.head
    except (TbVersionsError, OSError, msgspec.MsgspecError, RecursionError):
        return None


def _breaks_off(data: bytes) -> bool:
    """Whether bytes are not even JSON."""
    try:
        msgspec.json.decode(data)
    except msgspec.ValidationError:
        return False
    except (msgspec.DecodeError, RecursionError):
        return True
    return False


def _is_number(name: str) -> bool:
    return name.isascii() and name.isdigit() and len(name) <= 19 and int(name) <= MAX_NUMBER


def _has_manifest(name: str, above: int) -> bool | None:
    try:
        os.stat(f"{name}/{MANIFEST_NAME}", dir_fd=above, follow_symlinks=False)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return None
    return True
