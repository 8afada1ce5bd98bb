"""Builds the Catalog from manifests on disk and announcements in event files, at a cost that follows what changed."""

from __future__ import annotations

import dataclasses
import gc
import os
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from msgspec.structs import replace
from tensorboard.context import RequestContext

from tb_versions.core import storage
from tb_versions.core.codec import manifest_digest
from tb_versions.core.manifest import MANIFEST_LIMIT, MANIFEST_NAME, visible
from tb_versions.errors import TbVersionsError, VersionNotFoundError
from tb_versions.read.announcements import Announced, AnnouncementReader, Claim
from tb_versions.read.catalog import Catalog, State, Version, identify
from tb_versions.read.curve_reader import CurveReader, LinkedCurves
from tb_versions.read.identities import RunIdentities
from tb_versions.read.integrity import FileState, check_files
from tb_versions.read.listing import Listing, read_listing
from tb_versions.read.roots import Roots, roots_of
from tb_versions.read.run_links import RunLinker, parent_run
from tb_versions.read.runs import export_steps
from tb_versions.read.scan import Found, Place, Root, Scanner

_CONTEXT = RequestContext()
_UNCHECKED = FileState("unchecked", "")
_MOST_UNREGISTERED = 100


class CatalogReader:
    """Keeps a catalog; each refresh reads only what changed. Not thread-safe; `LiveCatalog` is."""

    def __init__(self, roots: Roots, provider: Any = None, *, unreadable: Sequence[tuple[str, str]] = ()) -> None:
        """Reads nothing yet.

        Args:
            roots: The allowed folders.
            provider: A TensorBoard DataProvider; None reads manifests on disk only.
            unreadable: (where, why) of what the provider leaves out.
        """
        self._roots = roots
        self._scanner = Scanner(list(roots.allowed))
        self._on_disk: dict[str, Version] = {}
        self._files: dict[str, FileState] = {}
        self._waiting = False
        self._next_check = 0
        self._curve_problems: tuple[tuple[str, str], ...] = ()
        self._latest: tuple[Found, list[Announced], tuple[str, ...], list[tuple[str, str]]] = (Found(), [], (), [])
        self._identities = RunIdentities(roots)
        self._linker: tuple[tuple[tuple[str, ...], int], RunLinker] = (((), 0), RunLinker(()))
        self.catalog = Catalog(loading=True)
        self.connect(provider, unreadable)

    def connect(self, provider: Any, unreadable: Sequence[tuple[str, str]] = ()) -> None:
        """Changes the DataProvider; what was read from disk is kept.

        Args:
            provider: As above.
            unreadable: As above.
        """
        self._unreadable = tuple(unreadable)
        self._provider = provider
        self._announcements = AnnouncementReader(provider)
        self._curves = LinkedCurves(CurveReader(provider))
        self._inputs: tuple[object, ...] = ()

    def refresh(self, *, at_most: int | None = None) -> Catalog:
        """Returns the catalog as it is now; the same object where nothing changed.

        Args:
            at_most: Look for so many manifests only, so that the first rows come early; the catalog is `loading`
                until a call without this. None reads all.
        """
        found = self._scanner.scan(enough=at_most)
        with _no_garbage_collection():
            read = self._read_new(found)
            # Asking what is announced may take longer than the first rows may.
            announced, runs, problems = self._listen() if found.complete else ([], (), [])
            inputs = (
                self._places(found),
                found.problems,
                found.exists,
                [place.folder for place in found.unregistered],
                announced,
                runs,
                self._identities.refresh(runs),
                problems,
            )
            if read or inputs != self._inputs or time.monotonic() >= self._announcements.retry_at:
                self._latest = (found, announced, runs, problems)
                self._rebuild(*self._latest)
                self._inputs = inputs
        return self.catalog

    def refresh_curves(self) -> Catalog:
        """Reads what is new in the curves of linked runs."""
        if self._provider is None:
            return self.catalog
        try:
            curves, changed = self._curves.refresh(export_steps(self.catalog.versions))
        except Exception as error:  # noqa: BLE001 - a provider's failure is shown, never raised at a viewer
            curves, changed = self.catalog.curves, False
            failures = [("curves", _sentence(error))]
        else:
            failures = [(f"curves of run {run}", why) for run, why in sorted(self._curves.failures.items())]
        rest = tuple(problem for problem in self.catalog.problems if problem not in self._curve_problems)
        self._curve_problems = tuple(failures)
        problems = (*rest, *self._curve_problems)
        if changed or problems != self.catalog.problems:
            self.catalog = dataclasses.replace(self.catalog, curves=curves, problems=problems)
        return self.catalog

    def check(self, *, at_most: int | None = None, folders: Sequence[str] | None = None) -> Catalog:
        """Compares the names and sizes of versions' files with their manifests, some versions at a time.

        Args:
            at_most: Most versions to look at now; None looks at all.
            folders: Only these version folders.
        """
        known = list(self._on_disk) if folders is None else [f for f in folders if f in self._on_disk]
        count = len(known) if at_most is None else min(at_most, len(known))
        start = self._next_check if folders is None else 0
        before = len(self._on_disk)
        changed = False
        for offset in range(count):
            folder = known[(start + offset) % len(known)]
            changed = self._check_one(folder) or changed
        if folders is None and known:
            self._next_check = (start + count) % len(known)
        if len(self._on_disk) < before:
            return self.refresh()
        if changed:
            self._rebuild(*self._latest)
        return self.catalog

    @property
    def unchecked(self) -> int:
        """Number of version folders whose files were never checked."""
        return sum(1 for folder, seen in self._on_disk.items() if seen.listing and folder not in self._files)

    def _check_one(self, folder: str) -> bool:
        on_disk = self._on_disk[folder]
        place = on_disk.places[0]
        if on_disk.listing is None:
            if _read(place) != on_disk:
                self._forget(folder)
            return False
        state = check_files(folder, on_disk.manifest_digest, within=place.root.path)
        if state is None:
            self._forget(folder)
            return False
        if self._files.get(folder) == state:
            return False
        self._files[folder] = state
        return True

    def _forget(self, folder: str) -> None:
        """Makes the next refresh read a folder again: its manifest is gone, was replaced or repaired."""
        self._scanner.forget(folder)
        del self._on_disk[folder]
        self._files.pop(folder, None)

    def _read_new(self, found: Found) -> bool:
        current = {place.folder: place for place in found.manifests}
        gone = self._on_disk.keys() - current.keys() if found.complete else ()
        for folder in gone:
            del self._on_disk[folder]
            self._files.pop(folder, None)
        new = [place for folder, place in current.items() if folder not in self._on_disk]
        self._waiting = not found.complete
        with storage.SiblingFolders() as folders:
            for place in new:
                self._on_disk[place.folder] = _read(place, folders)
        return bool(gone or new)

    def _places(self, found: Found) -> tuple[str, ...]:
        return tuple(place.folder for place in found.manifests)

    def _listen(self) -> tuple[list[Announced], tuple[str, ...], list[tuple[str, str]]]:
        if self._provider is None:
            return [], (), []
        runs: tuple[str, ...] = ()
        try:
            runs = tuple(sorted(run.run_name for run in self._provider.list_runs(_CONTEXT, experiment_id="")))
            announced, problems = self._announcements.everything(_CONTEXT, runs)
            return announced, runs, problems
        except Exception as error:  # noqa: BLE001 - as above
            return [], runs, [("event files", _sentence(error))]

    def _rebuild(
        self, found: Found, announced: list[Announced], runs: tuple[str, ...], problems: list[tuple[str, str]]
    ) -> None:
        state = (runs, self._identities.revision)
        if self._linker[0] != state:
            self._linker = (state, RunLinker(runs, self._identities))
        linker = self._linker[1]
        versions = linker.link_all(identify(self._found(found, announced)), search=not self._waiting)
        damaged = [(v.places[0].shown if v.places else v.id, v.notice) for v in versions if v.state == "damaged"]
        absent = [(root.shown, _absence(root)) for root in self._roots.allowed if not found.exists[root.path]]
        remote = [(path, "is remote; manifests there are not searched yet.") for path in self._roots.remote]
        told = (*absent, *found.problems, *self._unreadable, *problems, *damaged, *remote, *self._curve_problems)
        self.catalog = Catalog(
            versions=versions,
            roots=tuple((root, found.exists[root.path]) for root in self._roots.allowed),
            problems=tuple(dict.fromkeys(told)),  # the scan and the reader of event files meet the same folders
            unregistered=len(found.unregistered),
            unregistered_in=tuple(place.shown for place in found.unregistered[:_MOST_UNREGISTERED]),
            known_runs=runs,
            curves=self.catalog.curves,
            loading=self._waiting,
        )

    def _found(self, found: Found, announced: list[Announced]) -> list[Version]:
        """Every manifest once, on disk or announced; without ids and runs."""
        claims: dict[Claim, list[Announced]] = defaultdict(list)
        for item in announced:
            claims[item.claim].append(item)
        groups: dict[str, list[Version]] = defaultdict(list)
        for place in found.manifests:
            on_disk = self._on_disk.get(place.folder)
            if on_disk is not None:
                groups[on_disk.manifest_digest or place.folder].append(on_disk)
        versions = [self._joined(group, claims) for group in groups.values()]
        if self._waiting:
            return versions
        return _merge_damaged([*versions, *self._announced_versions(claims)])

    def _joined(self, group: list[Version], claims: dict[Claim, list[Announced]]) -> Version:
        """Returns one manifest on disk with its announcements, which are removed from `claims`."""
        first = group[0]
        if first.listing is None:
            return first
        files = self._files.get(first.places[0].folder, _UNCHECKED)
        announced = claims.pop((first.manifest_digest, first.model, first.number), ())
        return replace(
            first,
            places=first.places if len(group) == 1 else tuple(version.places[0] for version in group),
            announced=tuple(announced),
            state=files.state,
            notice=files.notice,
        )

    def _announced_versions(self, claims: Mapping[Claim, list[Announced]]) -> list[Version]:
        listings = self._announcements.listings(_CONTEXT, claims) if claims else {}
        return [self._announced(group, listings.get(claim)) for claim, group in claims.items()]

    def _announced(self, group: list[Announced], listing: Listing | str | None) -> Version:
        """One manifest that no allowed folder has."""
        first = group[0]
        version = Version(model=first.model, number=first.number, announced=tuple(group), state="damaged")
        if not isinstance(listing, Listing):
            return replace(version, notice=listing or "The announcement could not be read.")
        state, notice = self._whereabouts(first)
        return replace(version, listing=listing, manifest_digest=first.digest, state=state, notice=notice)

    def _whereabouts(self, announced: Announced) -> tuple[State, str]:
        """Says why the folder of an announced version is not found; decided by its path, nothing is opened."""
        path = self._roots.resolve(parent_run(announced.run), announced.location)
        if path is None:
            return "missing", "No folder that was looked into holds its manifest. This is the copy in the event file."
        if not self._roots.is_allowed(path):
            return "outside", (
                "Its folder is outside the folders that were looked into; add it with --versions_models_dir. "
                "This is the copy in the event file."
            )
        if _is_barred(path):
            return "unreachable", "Its folder can't be read. This is the copy in the event file."
        return "missing", "Its folder is gone. This is the copy in the event file."

    def with_problem(self, where: str, error: Exception) -> Catalog:
        """Adds an error to the catalog's problems, once."""
        problem = (where, _sentence(error))
        if problem not in self.catalog.problems:
            self.catalog = dataclasses.replace(self.catalog, problems=(*self.catalog.problems, problem))
        return self.catalog

    def manifest_bytes(self, version: Version) -> bytes:
        """Returns a version's manifest, from disk or, where no folder has it, from the event file.

        Raises:
            TbVersionsError: Neither can be read.
        """
        failure: Exception | None = None
        places = () if version.from_event else version.places
        for place in places:
            try:
                return _manifest_at(place)
            except (TbVersionsError, FileNotFoundError) as error:  # noqa: PERF203
                failure = error
        for announced in version.announced:
            try:
                return self._announcements.manifest(_CONTEXT, announced)
            except TbVersionsError as error:  # noqa: PERF203
                failure = failure or error
        raise failure or VersionNotFoundError(f"No folder and no event file has the manifest of {version.id}.")


def _manifest_at(place: Place, folders: storage.SiblingFolders | None = None) -> bytes:
    path = os.path.join(place.folder, MANIFEST_NAME)
    return storage.read_capped(path, MANIFEST_LIMIT, within=place.root.path, folders=folders)


def _absence(root: Root) -> str:
    what = "log directory" if root.kind == "logdir" else "models folder"
    there = os.path.lexists(root.path)
    return f"the {what} is not a folder." if there else f"the {what} does not exist; is the name spelled right?"


def _read(place: Place, folders: storage.SiblingFolders | None = None) -> Version:
    """What a folder's manifest says; its files are not looked at."""
    try:
        data = _manifest_at(place, folders)
        listing, digest = read_listing(data), manifest_digest(data)
    except FileNotFoundError:
        reason = "The manifest vanished while it was read."
    except (TbVersionsError, OSError) as error:
        reason = str(error)
    else:
        return Version(
            model=listing.model,
            number=listing.number,
            listing=listing,
            manifest_digest=digest,
            places=(place,),
            state="unchecked",
        )
    model, number = _guess(place)
    return Version(model=model, number=number, places=(place,), state="damaged", notice=reason)


def _guess(place: Place) -> tuple[str, int]:
    """The model and number that a damaged manifest's folder suggests."""
    parts = [visible(part) for part in place.relative.split("/")]
    last = parts[-1]
    if last.isascii() and last.isdigit() and len(last) < 19:
        return parts[-2] if len(parts) > 1 else visible(os.path.basename(place.root.path)), int(last)
    return last or visible(os.path.basename(place.root.path)), 0


def _merge_damaged(found: list[Version]) -> list[Version]:
    """A damaged manifest and an announcement of the same version are one: shown from the announcement."""
    announced = {(v.model, v.number): v for v in found if v.listing and not v.places}
    merged = []
    used = set()
    for version in found:
        copy = announced.get((version.model, version.number)) if version.listing is None and version.places else None
        if copy is None:
            merged.append(version)
            continue
        used.add(id(copy))
        notice = f"{version.notice} This is the copy in the event file."
        merged.append(replace(copy, places=version.places, state="damaged", notice=notice))
    return [version for version in merged if id(version) not in used]


def _is_barred(path: str) -> bool:
    """Whether a folder on the way to an allowed path can't be entered."""
    while path and not os.path.lexists(path):
        parent = os.path.dirname(path)
        if parent == path:
            return False
        path = parent
    return os.path.isdir(path) and not os.access(path, os.R_OK | os.X_OK)


def _sentence(error: Exception) -> str:
    first = (str(error).strip() or type(error).__name__).splitlines()[0]
    return f"TensorBoard's data could not be read: {first[:200]}"


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Turns the garbage collector off for a bulk load: it makes millions of objects that stay, in half the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def open_catalog(logdir: str = "", models_dirs: Sequence[str] = ()) -> Catalog:
    """Returns every version found in a log directory and in models folders, without a server.

    Event files are read with TensorBoard's own reader, which uses TensorFlow's file system where that is installed.

    Args:
        logdir: What `tensorboard --logdir` gets; "" reads no event files.
        models_dirs: Folders of models, `<models>/<model>/<number>/`.

    Returns:
        The catalog, files checked by names and sizes, curves joined.
    """
    reader = open_reader(logdir, models_dirs)
    return reader.catalog


def open_reader(logdir: str = "", models_dirs: Sequence[str] = ()) -> CatalogReader:
    """Returns a reader that has read everything once; see `open_catalog`."""
    from tb_versions.read.event_files import provider_of

    unreadable: list[tuple[str, str]] = []
    provider = provider_of(logdir, unreadable) if logdir else None
    reader = CatalogReader(roots_of(logdir, models_dirs), provider, unreadable=unreadable)
    reader.refresh()
    reader.check()
    reader.refresh_curves()
    return reader
