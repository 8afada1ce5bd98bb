"""The registries of all models: each look reads only what was appended, and nothing for each version.

Of two allowed folders that hold the same model each has a log of its own: a version belongs to the log of the folder
that its manifest lies in.
"""

from __future__ import annotations

import os
import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from tb_versions.core.codec import manifest_digest
from tb_versions.core.layout import PRIVATE_FOLDER
from tb_versions.core.manifest import MANIFEST_LIMIT, one_form, visible
from tb_versions.core.mirror import mirror_of
from tb_versions.core.store import LocalStore, Store
from tb_versions.errors import DamagedLogError, NewerLogError, RewrittenLogError, TbVersionsError
from tb_versions.read.folders.scan import Place, Root
from tb_versions.read.manifests.listing import Listing, read_listing
from tb_versions.registry.log import Log
from tb_versions.registry.measured import Measured, MeasuredReader
from tb_versions.registry.registry import Registry
from tb_versions.registry.seen import Seen
from tb_versions.registry.state import EMPTY, Head, State

REMOVED = "removed"
"""Folder beside the log with the manifests of removed versions, `<number>.json`."""

ProblemKind = Literal["", "damaged", "newer", "rewritten"]

_SETTLED_NS = 2_000_000_000  # of the coarsest clock of a file system, FAT's

_ERRORS = {"damaged": DamagedLogError, "newer": NewerLogError, "rewritten": RewrittenLogError}


class RemovedManifest(Struct, frozen=True):
    """The manifest of a removed version.

    Attributes:
        place: Its file.
        listing: What the table shows of it.
        digest: "sha256:<hex>" of its bytes.
    """

    place: Place
    listing: Listing
    digest: str


class ModelRegistry(Struct, frozen=True):
    """What is known of a model beside its manifests, in one folder.

    Attributes:
        model: Its name.
        place: Its folder.
        state: What follows from its log; with a problem, the last that is known.
        kind: Of the problem that makes the state not known; "" where it is known.
        problem: That problem, a sentence; or "".
        measured: What was measured later, by time.
        removed: The manifests of removed versions.
        others: (where, why) of what else can't be read.
    """

    model: str
    place: Place
    state: State = EMPTY
    kind: ProblemKind = ""
    problem: str = ""
    measured: tuple[Measured, ...] = ()
    removed: tuple[RemovedManifest, ...] = ()
    others: tuple[tuple[str, str], ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to say."""
        return not (self.state.head.number or self.problem or self.measured or self.removed or self.others)

    @property
    def store(self) -> Store:
        """Where the registry keeps its files; another object for each caller, for reading in its own thread."""
        return _store(self.place)

    def check_known(self) -> None:
        """Raises where the state is not known.

        Raises:
            DamagedLogError: The log is damaged; RewrittenLogError if it is not the one that was seen before.
            NewerLogError: A newer version of this package wrote an event that can't be ignored.
        """
        if self.kind:
            raise _ERRORS[self.kind](self.problem)


Known = Mapping[str, tuple[ModelRegistry, ...]]
"""Registries by model; where several folders hold a model, in the order of the allowed folders."""


class Registries:
    """Keeps the registries of all models. Not thread-safe."""

    def __init__(self, roots: Sequence[Root]) -> None:
        """Reads nothing yet.

        Args:
            roots: The allowed folders.
        """
        self._roots = roots
        self._followed: dict[str, _Followed] = {}
        self._seen: dict[str, _SeenHeads] = {}
        self._searched: set[str] = set()
        self._order: tuple[ModelRegistry, ...] = ()
        self.known: Known = {}

    def refresh(
        self,
        folders: Sequence[Place],
        *,
        complete: bool = True,
        wanted: Collection[str] | None = None,
        still: Collection[int] = (),
    ) -> Known:
        """Returns the registries as they are now; the same object where nothing changed.

        Args:
            folders: Those of models, as a scan found them.
            complete: Whether they are all.
            wanted: Names of the folders of models that are looked at where these are not all; None for no names.
            still: Devices on which the times of folders stand still.
        """
        self._follow(folders, complete=complete, wanted=wanted)
        heads: dict[str, dict[str, Head]] = defaultdict(dict)
        for followed in self._followed.values():
            if followed.refresh(still, self._seen[followed.models]) and not followed.said.kind:
                heads[followed.models][followed.name] = followed.said.state.head
        for models, changed in heads.items():
            self._seen[models].remember(changed)
        return self._put(tuple([each.said for each in self._followed.values() if not each.said.is_empty]))

    def _follow(self, folders: Sequence[Place], *, complete: bool, wanted: Collection[str] | None) -> None:
        """Follows what is there. A folder that had a log and still is there, without one, has a log that was cut."""
        there = {place.folder: place for place in folders}
        if complete:
            for folder in self._followed.keys() - there.keys():
                said = self._followed[folder].said
                if not ((said.state.head.number or said.kind == "rewritten") and _is_folder(folder)):
                    del self._followed[folder]
        for folder, place in there.items():
            if folder not in self._followed:
                self._begin(place)
        if complete or wanted is not None:
            for place in self._without_log(wanted):
                self._begin(place)
        if complete:
            order = {place.folder: at for at, place in enumerate(folders)}
            self._followed = dict(sorted(self._followed.items(), key=lambda item: order.get(item[0], len(order))))

    def _begin(self, place: Place) -> None:
        followed = self._followed[place.folder] = _Followed(place)
        if followed.models not in self._seen:
            self._seen[followed.models] = _SeenHeads(_identity(place.root, followed.models))

    def _without_log(self, wanted: Collection[str] | None) -> Iterator[Place]:
        """Folders of models whose log was seen earlier and is gone altogether; asked once for each models folder.

        Only those of the names that are wanted; of all where no names are.
        """
        for root in self._roots:
            models = os.path.realpath(root.path)
            if models in self._searched:
                continue
            self._searched.add(models)
            seen = self._seen.setdefault(models, _SeenHeads(_identity(root, models)))
            for name in seen.heads:
                folder = os.path.join(root.path, name)
                is_wanted = wanted is None or name in wanted
                if is_wanted and folder not in self._followed and _is_folder(folder):
                    yield Place(root, folder)

    def _put(self, said: tuple[ModelRegistry, ...]) -> Known:
        if len(said) != len(self._order) or any(a is not b for a, b in zip(said, self._order, strict=True)):
            self._order = said
            groups: dict[str, list[ModelRegistry]] = defaultdict(list)
            for registry in said:
                groups[registry.model].append(registry)
            self.known = {model: tuple(group) for model, group in groups.items()}
        return self.known


def _identity(root: Root, models: str) -> str:
    """What a models folder is remembered by: its real path; of the copy of a store, what tells the store."""
    return mirror_of(root.shown).identity if root.is_remote else models


class _SeenHeads:
    """What this user saw of the logs in a models folder; read once, then kept by what this process sees itself."""

    def __init__(self, models: str) -> None:
        self._seen = Seen(models)
        self.heads = dict(self._seen.heads())

    def check(self, name: str, log: Log, head: Head) -> None:
        """Raises RewrittenLogError where a log is not the one that was seen before, or ends before it."""
        if self.heads.get(name) != head:
            self._seen.check(name, log, head)

    def remember(self, heads: Mapping[str, Head]) -> None:
        """Remembers the heads of logs that were checked."""
        new = {name: head for name, head in heads.items() if self.heads.get(name) != head}
        if new:
            self.heads.update(new)
            self._seen.remember(new)


class _Followed:
    """The registry in one folder.

    Attributes:
        said: What it says.
        models: Real path of the models folder.
        name: That of the model's folder.
    """

    def __init__(self, place: Place) -> None:
        real = os.path.realpath(place.folder)
        self.models, self.name = os.path.split(real)
        own = os.path.join(place.folder, PRIVATE_FOLDER)
        store = _store(place)
        self._registry = Registry(store)
        self._measured = MeasuredReader(store)
        self._removed = _RemovedReader(store, place)
        self._folders = [_Folder(os.path.join(own, name)) for name in ("log", "measured", REMOVED)]
        self.said = ModelRegistry(visible(one_form(self.name)), place)

    def refresh(self, still: Collection[int], seen: _SeenHeads) -> bool:
        """Reads what is new; whether the log's head is another than before."""
        log, measured, removed = [folder.has_changed(still) for folder in self._folders]
        before = self.said
        number = before.state.head.number
        if log or before.kind or (self._has_next(number) if number else self.name in seen.heads):
            self._read_log(seen)
        if measured or removed:
            self._read_others(measured=measured, removed=removed)
        return self.said.state.head != before.state.head

    def _has_next(self, number: int) -> bool:
        """Whether there is an event after one: where times of folders stand still, this is seen all the same."""
        try:
            return self._registry.log.has(number + 1)
        except TbVersionsError:
            return True

    def _read_log(self, seen: _SeenHeads) -> None:
        problem, kind = "", ""
        try:
            state = self._registry.refresh()
            problem = state.problem
            kind = state.problem_kind
            if not problem:
                seen.check(self.name, self._registry.log, state.head)
        except RewrittenLogError as error:
            problem, kind = str(error), "rewritten"
        except (TbVersionsError, OSError) as error:
            problem, kind = f"The log can't be read: {error}", "damaged"
        state = self._registry.state
        root = self.said.place.root
        problem = visible(problem.replace(root.path, root.shown))
        if (state, problem) != (self.said.state, self.said.problem):
            self.said = replace(self.said, state=state, kind=kind, problem=problem)

    def _read_others(self, *, measured: bool, removed: bool) -> None:
        readers: list[MeasuredReader | _RemovedReader] = []
        readers += [self._measured] if measured else []
        readers += [self._removed] if removed else []
        where = os.path.join(self.said.place.shown, PRIVATE_FOLDER)
        problems = [(where, why) for why in map(_refreshed, readers) if why]
        self.said = replace(
            self.said,
            measured=self._measured.found,
            removed=self._removed.found,
            others=(*problems, *self._measured.problems, *self._removed.problems),
        )


def _refreshed(reader: MeasuredReader | _RemovedReader) -> str:
    """Lets a reader read what is new; returns why it can't, or ""."""
    try:
        reader.refresh()
    except (TbVersionsError, OSError) as error:
        return visible(str(error))
    return ""


class _Folder:
    """Says whether names may have come or gone in a folder since it was asked last."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._mark: tuple[int, ...] | None = None
        self._is_settled = True

    def has_changed(self, still: Collection[int]) -> bool:
        before, was_settled = self._mark, self._is_settled
        try:
            status = os.lstat(self._path)
        except OSError as error:
            self._mark, self._is_settled = (error.errno or 0,), True
            is_absent = isinstance(error, (FileNotFoundError, NotADirectoryError))
            return before not in (None, self._mark) if is_absent else before != self._mark
        self._mark = (status.st_dev, status.st_ino, status.st_mtime_ns, status.st_ctime_ns)
        self._is_settled = status.st_ctime_ns < time.time_ns() - _SETTLED_NS and status.st_dev not in still
        return before != self._mark or not was_settled


class _RemovedReader:
    """Keeps the manifests of removed versions; each refresh reads only new files."""

    def __init__(self, store: Store, place: Place) -> None:
        self._store = store
        self._place = place
        self._read: dict[str, RemovedManifest | str] = {}
        self.found: tuple[RemovedManifest, ...] = ()
        self.problems: tuple[tuple[str, str], ...] = ()

    def refresh(self) -> None:
        """Reads what is new. Raises StorageError."""
        names = [name for name in self._store.names(REMOVED) if name.endswith(".json")]
        for name in self._read.keys() - set(names):
            del self._read[name]
        for name in names:
            if name not in self._read:
                self._read[name] = self._manifest(name)
        self.found = tuple(one for one in self._read.values() if isinstance(one, RemovedManifest))
        where = os.path.join(self._place.shown, PRIVATE_FOLDER, REMOVED)
        self.problems = tuple((f"{where}/{name}", why) for name, why in self._read.items() if isinstance(why, str))

    def _manifest(self, name: str) -> RemovedManifest | str:
        key = f"{REMOVED}/{name}"
        try:
            data = self._store.read(key, MANIFEST_LIMIT)
            listing = read_listing(data)
        except (TbVersionsError, OSError) as error:
            return f"The manifest of a removed version can't be read: {visible(str(error))}"
        if name != f"{listing.number}.json":
            return f"It is the manifest of {listing.model}:{listing.number}, and its name is another."
        place = self._place
        file = os.path.join(place.folder, PRIVATE_FOLDER, key)
        return RemovedManifest(Place(place.root, file), listing, manifest_digest(data))


def nothing_said(model: str) -> ModelRegistry:
    """Returns the registry of a model that has none."""
    return ModelRegistry(model, Place(Root("", "", "models_dir"), ""))


def problems_of(known: Known) -> list[tuple[str, str]]:
    """Returns (where, why) for everything that registries can't show."""
    found: list[tuple[str, str]] = []
    for registry in (each for group in known.values() for each in group):
        if registry.problem:
            found.append((os.path.join(registry.place.shown, PRIVATE_FOLDER, "log"), registry.problem))
        found += registry.others
    return found


def removed_in(known: Known) -> Iterable[tuple[ModelRegistry, RemovedManifest]]:
    """Yields the manifests of removed versions with the registry that keeps each."""
    for group in known.values():
        for registry in group:
            for manifest in registry.removed:
                yield registry, manifest


def _is_folder(path: str) -> bool:
    return os.path.isdir(path) and not os.path.islink(path)


def _store(place: Place) -> LocalStore:
    return LocalStore(os.path.join(place.folder, PRIVATE_FOLDER), within=place.root.path)
