"""Finds version folders below the allowed folders; a second scan costs only what changed.

A folder named by a number is a version if it has a manifest, and nothing is searched in it. In any other folder with a
manifest there may be versions, which it would hide: it is no version then, and that is a problem.

A folder with the same change time (ctime, which copying tools can't set back) is not listed at each scan, but every few
seconds: on some file systems that time stands still, see `relisting`. Version folders are not entered. Symlinks are
never followed, so nothing outside the allowed folders is ever opened.
"""

from __future__ import annotations

import os
import time
from collections.abc import Collection
from dataclasses import dataclass, field

from msgspec import Struct

from tb_versions.core.elsewhere import Sources, bound
from tb_versions.core.layout import PRIVATE_FOLDER, UNFINISHED
from tb_versions.core.manifest import MANIFEST_NAME, visible
from tb_versions.core.storage import is_remote
from tb_versions.read.folders.file_keys import TICK_NS, file_key
from tb_versions.read.folders.part import Part
from tb_versions.read.folders.relisting import Relisting

MAX_DEPTH = 16
"""Levels of folders below an allowed folder that are searched."""

MAX_FOLDERS = 500_000
"""Most folders that are searched, unless a caller wants more."""

_MOST_LINKS = 100
"""Most symlinks of one folder whose targets are read."""

_MOST_NAMED = 5
"""Most symlinks of an allowed folder that are named each; of the others only the first is, and their number."""

_OF_A_SAVED_MODEL = frozenset({"variables", "assets", "assets.extra"})
"""Folders in which nothing is searched, where they lie beside a manifest or a `saved_model.pb`."""

_ABOVE_OTHERS = (
    "has a manifest, but versions lie in this folder, so it is no version itself. If it was written by mistake, remove "
    "it; else move the versions elsewhere."
)

_NOT_SEARCHED = "too deep or too many folders; what is below was not searched."

_UNFINISHED = (
    "has no manifest: its files are being written one by one, or that was interrupted. If nothing writes there any "
    "more, remove the folder; its number is not used again."
)


@dataclass(frozen=True)
class Root:
    """An allowed folder.

    Attributes:
        path: Absolute path; of a store, of its copy on this disk.
        shown: As the user typed it, or its URL.
        kind: "logdir" or "models_dir".
        sources: Folders that were bound to sources of files elsewhere when this one was opened; see `core.elsewhere`.
    """

    path: str
    shown: str
    kind: str
    sources: Sources = field(default_factory=bound, compare=False, repr=False)

    @property
    def is_remote(self) -> bool:
        """Whether it is the copy of a folder in an object store, with manifests and registries but no models."""
        return is_remote(self.shown)

    @property
    def given(self) -> str:
        """What names it to `find` and its like."""
        return self.shown if self.is_remote else self.path


class Place(Struct, frozen=True, gc=False):
    """Where a version folder is.

    Attributes:
        root: The allowed folder.
        folder: Absolute path; of the allowed folder, or below it.
    """

    root: Root
    folder: str

    @property
    def relative(self) -> str:
        """POSIX path below the allowed folder."""
        return self.folder[len(self.root.path.rstrip("/")) + 1 :]

    @property
    def shown(self) -> str:
        """Path as the user knows it."""
        return os.path.join(self.root.shown, self.relative)

    def as_shown(self, message: str) -> str:
        """Returns a message that names the place, or something in it, as the user knows it, not by a copy's path."""
        return message.replace(self.root.path, self.root.shown) if self.root.is_remote else message


@dataclass
class Found:
    """What a scan found.

    Attributes:
        manifests: Version folders with a manifest.
        keys: Key of each manifest that this scan asked the system about, by its folder; see `file_key`.
        unregistered: SavedModel folders without one.
        models: Models' folders that have a registry, or had versions put into them: this package's own folder is there.
        problems: (where, why) for each folder that was not searched.
        exists: Whether each allowed folder exists, by its path.
        complete: Whether every folder was searched; see `Scanner.scan`.
    """

    manifests: list[Place] = field(default_factory=list)
    keys: dict[str, bytes] = field(default_factory=dict)
    unregistered: list[Place] = field(default_factory=list)
    models: list[Place] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)
    exists: dict[str, bool] = field(default_factory=dict)
    complete: bool = True


class _Folder(Struct, gc=False):
    """What is known of a folder.

    Attributes:
        changed: Its change time (ctime) when it was listed, nanoseconds.
        listed: When it was listed, nanoseconds.
        children: Names of the folders in it, in natural order, with "/" between them: a model has thousands; none of a
            version named by a number, or of SavedModels.
        links: Names of symlinks in it that lead out of the allowed folders, once `_outward` has looked.
        reason: Why it could not be listed, or "".
        is_model: Whether this package's own folder is in it, as in a model's.
        names: Hash of all names in it, whatever their order; 0 for a version named by a number.
    """

    changed: int
    listed: int
    children: str = ""
    manifest: bool = False
    saved_model: bool = False
    links: tuple[str, ...] = ()
    reason: str = ""
    is_model: bool = False
    names: int = 0
    place: Place | None = None

    @property
    def is_settled(self) -> bool:
        """Whether any later change has another time: one in the same tick of the clock has the same."""
        return self.changed < self.listed - TICK_NS


_SETTLED = _Folder(0, TICK_NS + 1, manifest=True)
"""A version that is settled: one for all of them, for of a version the times say nothing else."""

_Known = _Folder | Place
"""What is known of a folder; of a settled version its place."""


class Scanner:
    """Remembers the folders it has seen, so that the next scan lists only what changed."""

    def __init__(self, roots: list[Root], *, part: Part | None = None, most_folders: int = MAX_FOLDERS) -> None:
        """Reads nothing yet.

        Args:
            roots: Allowed folders. One that lies inside another is scanned once, as part of the outer.
            part: What is searched; None searches all.
            most_folders: Most folders that are searched.
        """
        self._most_folders = most_folders
        self._part = part
        self._roots = _without_nested(roots)
        self._all_roots = roots
        self._known: dict[str, _Known] = {}
        self._names = {name for root in roots for name in (root.path, os.path.realpath(root.path))}
        self._relisting = Relisting()

    def scan(self, *, enough: int | None = None) -> Found:
        """Returns every version folder below the allowed folders, in a stable order.

        Args:
            enough: Stop at so many, highest numbers first, so that the first rows come early.
        """
        found = Found()
        self._relisting.begin()
        seen: dict[str, _Known] = {}
        for root in self._all_roots:
            found.exists[root.path] = os.path.isdir(root.path)
        for root in self._roots:
            if found.exists[root.path]:
                self._scan_root(root, found, seen, enough=enough)
        self._known = seen if found.complete else {**self._known, **seen}
        return found

    def _scan_root(self, root: Root, found: Found, seen: dict[str, _Known], *, enough: int | None) -> None:
        outward: list[tuple[str, str]] = []
        hiding: set[str] = set()  # folders with a manifest in which others were found
        first = len(found.manifests)
        pending = [(path, depth, "") for path, depth in self._starts(root)]  # and the lowest with a manifest above
        while pending:
            if enough is not None and len(found.manifests) >= enough:
                found.complete = False
                break
            path, depth, manifest_above = pending.pop()
            folder = self._look(path, found.keys)
            if folder is None:
                continue
            if folder is _SETTLED or isinstance(folder, Place):
                version = folder if isinstance(folder, Place) else Place(root, path)
                seen[version.folder] = version
                found.manifests.append(version)
                hiding.add(manifest_above)
                continue
            place = folder.place = folder.place or Place(root, path)
            seen[place.folder] = folder  # the same text as before, not another of each path
            if folder.links:
                outward += self._outward(place, folder)
            if not folder.manifest and _is_unfinished(path, seen):
                found.problems.append((place.shown, _UNFINISHED))
                continue
            if _note(folder, place, found):
                hiding.add(manifest_above)
            if folder.children and depth < MAX_DEPTH and len(seen) <= self._most_folders:
                above = path.rstrip("/") + "/"
                names = folder.children.split("/")
                last_first = reversed(names) if enough is None else names
                lowest = path if folder.manifest else manifest_above
                pending.extend((above + child, depth + 1, lowest) for child in last_first)
            elif folder.children:
                found.problems.append((place.shown, _NOT_SEARCHED))
        _leave_out(hiding, found, first)
        found.problems += _not_followed(outward)

    def _starts(self, root: Root) -> list[tuple[str, int]]:
        """The paths at which the search begins, last first, and their depths: all of an allowed folder, or a part."""
        part = self._part
        if part is None or not part.folders or part.only_in not in ("", root.path):
            return [(root.path, 0)]
        paths = [os.path.join(root.path, name) for name in sorted(part.folders, reverse=True)]
        there = [(path, 1) for path in paths if os.path.isdir(path) and not os.path.islink(path)]
        return there if there or part.in_place else [(root.path, 0)]

    def _look(self, path: str, keys: dict[str, bytes]) -> _Known | None:
        """What is in a folder, listed only if it may have changed; None where it is gone."""
        known = self._known.get(path)
        if isinstance(known, Place):
            return known  # a version never changes, and that it is removed or moved changes the folder above
        try:
            if (known is None or known.manifest) and self._is_numbered(path):
                version = _version_at(path, keys)
                if version is not None:
                    return version
            status = os.stat(path, follow_symlinks=False)
            if known is not None and known.changed == status.st_ctime_ns and known.is_settled:
                if not self._relisting.is_due(known.listed, status.st_dev) or self._is_as_known(path, known):
                    return known
                status = os.stat(path, follow_symlinks=False)
                self._relisting.differs(status.st_dev, in_spite_of_time=known.changed == status.st_ctime_ns)
            return _list(path, status.st_ctime_ns, is_numbered=self._is_numbered(path))
        except FileNotFoundError:
            return None
        except OSError as error:
            return _Folder(0, 0, reason=f"can't be read: {error.strerror}.")

    def _is_numbered(self, path: str) -> bool:
        """Whether a folder is named by a number, as versions are; an allowed folder may be called 2026."""
        return _is_number(path.rpartition("/")[2]) and path not in self._names

    def _is_as_known(self, path: str, known: _Folder) -> bool:
        """Whether a folder holds the names that it held when it was listed. Raises OSError."""
        now = time.time_ns()
        with self._relisting.spending():
            is_same = _hash(os.listdir(path)) == known.names
        if is_same:
            known.listed = now
        return is_same

    def _outward(self, place: Place, folder: _Folder) -> list[tuple[str, str]]:
        """The folder's symlinks out of the allowed folders, as the user knows them, and what they lead to."""
        targets = {link: self._target_outside(place.folder, link) for link in folder.links}
        folder.links = tuple(link for link, target in targets.items() if target)
        return [(os.path.join(place.shown, link), targets[link]) for link in folder.links]

    def _target_outside(self, path: str, link: str) -> str:
        """What a symlink's text names if that is outside the allowed folders, or ""; nothing there is touched."""
        try:
            text = os.readlink(os.path.join(path, link))
        except OSError:
            return ""
        target = os.path.normpath(os.path.join(path, text))
        inside = any(target == root or target.startswith(root.rstrip(os.sep) + os.sep) for root in self._names)
        return "" if inside else text

    @property
    def still(self) -> Collection[int]:
        """Devices on which the times of folders were seen to stand still."""
        return self._relisting.still

    def forget(self, folder: str) -> None:
        """Makes the next scan look at a folder again."""
        self._known.pop(folder, None)


def _is_unfinished(path: str, seen: dict[str, _Known]) -> bool:
    """Whether a folder without a manifest is a version whose files are still coming, or were when its writer died."""
    above, _, name = path.rpartition("/")
    model = seen.get(above)
    return (
        isinstance(model, _Folder)
        and model.is_model
        and name.isdigit()
        and os.path.lexists(f"{above}/{UNFINISHED}/{name}")
    )


def _not_followed(outward: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """A problem for each of the first symlinks, and one for all others."""
    outside = "outside of the folders that are read, and is not followed"
    remedy = "To read what is there, name it as a folder of its own."
    problems = [
        (link, f"is a symlink to {visible(target)}, {outside}. {remedy}") for link, target in outward[:_MOST_NAMED]
    ]
    if len(outward) > _MOST_NAMED:
        rest = outward[_MOST_NAMED:]
        more = f", like {len(rest) - 1:,} more" if len(rest) > 1 else ""
        problems.append((rest[0][0], f"is a symlink, too, {outside}{more}."))
    return problems


def _leave_out(hiding: Collection[str], found: Found, first: int) -> None:
    """Takes folders that hide others out of the versions from a position on, and reports them."""
    if not any(hiding):
        return
    found.problems += [(p.shown, _ABOVE_OTHERS) for p in found.manifests[first:] if p.folder in hiding]
    found.manifests[first:] = [place for place in found.manifests[first:] if place.folder not in hiding]


def _note(folder: _Folder, place: Place, found: Found) -> bool:
    """Notes what a folder is; whether it is a version, or a SavedModel named by a number."""
    if folder.is_model and not (folder.manifest or folder.saved_model):
        found.models.append(place)
    if folder.manifest:
        found.manifests.append(place)
    elif folder.saved_model:
        found.unregistered.append(place)
    elif folder.reason:
        found.problems.append((place.shown, folder.reason))
    return folder.manifest or (folder.saved_model and _is_number(place.relative.rpartition("/")[2]))


def _is_number(name: str) -> bool:
    return name.isascii() and name.isdigit()


def _version_at(path: str, keys: dict[str, bytes]) -> _Folder | None:
    """The folder where it has a manifest: asking for that takes half the time of listing it."""
    listed = time.time_ns()
    try:
        status = os.stat(f"{path}/{MANIFEST_NAME}", follow_symlinks=False)
    except OSError:
        return None
    keys[path] = file_key(status, listed)
    if status.st_ctime_ns < listed - TICK_NS:
        return _SETTLED
    return _Folder(status.st_ctime_ns, listed, manifest=True)


def _list(path: str, changed: int, *, is_numbered: bool) -> _Folder:
    folder = _Folder(changed, time.time_ns())
    names: list[str] = []
    children: list[str] = []
    links: list[str] = []
    with os.scandir(path) as entries:
        for entry in entries:
            name = entry.name
            names.append(name)
            if name == MANIFEST_NAME:
                folder.manifest = True
            elif name == "saved_model.pb" and not entry.is_dir(follow_symlinks=False):
                folder.saved_model = True
            elif name.startswith("."):
                folder.is_model = folder.is_model or name == PRIVATE_FOLDER
            elif entry.is_dir(follow_symlinks=False):
                children.append(name)
            elif entry.is_symlink() and len(links) < _MOST_LINKS:
                links.append(name)
    if folder.manifest or folder.saved_model:
        children = [] if is_numbered else [c for c in children if c not in _OF_A_SAVED_MODEL]
    folder.children = "/".join(sorted(children, key=natural))
    if links:
        folder.links = tuple(sorted(links))
    folder.names = _hash(names)
    return folder


def _hash(names: list[str]) -> int:
    return hash(frozenset(names))


def natural(name: str) -> tuple[int, int, str]:
    """Returns what orders names of folders: numbers by their value, before all others."""
    return (0, int(name), name) if _is_number(name) and len(name) < 20 else (1, 0, name)


def _without_nested(roots: list[Root]) -> list[Root]:
    kept: list[Root] = []
    real = {root: os.path.realpath(root.path) for root in roots}
    for root in roots:
        inside = any(
            other is not root
            and (
                real[root].startswith(real[other].rstrip(os.sep) + os.sep)
                or (real[root] == real[other] and other in kept)
            )
            for other in roots
        )
        if not inside:
            kept.append(root)
    return kept
