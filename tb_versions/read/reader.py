"""Builds the Catalog from manifests on disk and announcements in event files, at a cost that follows what changed."""

from __future__ import annotations

import contextlib
import dataclasses
import gc
import os
import time
import weakref
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from tb_versions.core import storage
from tb_versions.core.manifest import MANIFEST_LIMIT, MANIFEST_NAME
from tb_versions.errors import TbVersionsError, VersionNotFoundError
from tb_versions.read.announced import Announced
from tb_versions.read.announcements import AnnouncementReader
from tb_versions.read.catalog import Catalog, Version
from tb_versions.read.folders.part import Part
from tb_versions.read.folders.roots import Roots, roots_of
from tb_versions.read.folders.scan import Found, Place, Root, Scanner
from tb_versions.read.folders.stores import Looks
from tb_versions.read.joining import Joined
from tb_versions.read.manifests.cache import Cache, users_cache
from tb_versions.read.manifests.integrity import State
from tb_versions.read.manifests.kept import UNCHECKED, Manifests
from tb_versions.read.registered_elsewhere import without_adopted
from tb_versions.read.registries import Registries, problems_of
from tb_versions.read.removed import with_removed
from tb_versions.read.runs.identities import RunIdentities
from tb_versions.read.runs.run_links import RunLinker, parent_run

if TYPE_CHECKING:  # it comes with NumPy and what reads event files
    from tb_versions.read.curves.run_files import RunFiles
    from tb_versions.read.runs.run_hyperparameters import RunHyperparameters

_MOST_UNREGISTERED = 100
_SAMPLE = 1_000  # points of a curve that TensorBoard keeps by default


class CatalogReader:
    """Keeps a catalog; each refresh reads only what changed. Not thread-safe; `LiveCatalog` is."""

    def __init__(
        self,
        roots: Roots,
        provider: Any = None,
        *,
        unreadable: Sequence[tuple[str, str]] = (),
        part: Part | None = None,
        kept: int | None = _SAMPLE,
        cache: Cache | None = None,
        waits: bool = True,
    ) -> None:
        """Reads nothing yet.

        Args:
            roots: The allowed folders.
            provider: A TensorBoard DataProvider; None reads manifests on disk only.
            unreadable: (where, why) of what the provider leaves out.
            part: Only these models; None reads all.
            kept: Most points of a curve that the provider has; see `CurveReader`.
            cache: What earlier processes read; None reads all.
            waits: Whether a look waits for object stores; else they are read in threads of their own.
        """
        self._roots = roots
        self._looks = Looks(roots.stores, models=part.folders if part else (), in_background=not waits)
        self._in_stores: tuple[tuple[str, str], ...] = ()
        self._part = part
        self._scanner = Scanner(list(roots.allowed), part=part)
        self._run_files: RunFiles | None = None
        self._cache = cache
        self._manifests = Manifests(cache)
        self._joined = Joined(self._whereabouts)
        self._registries = Registries(roots.allowed)
        self._waiting = False
        self._next_check = 0
        self._curve_problems: tuple[tuple[str, str], ...] = ()
        self._latest: tuple[Found, tuple[str, ...], list[tuple[str, str]]] = (Found(), (), [])
        self._identities = RunIdentities(roots)
        self._linker: tuple[tuple[object, ...], RunLinker] = ((), RunLinker(()))
        self.catalog = Catalog(loading=True)
        self.connect(provider, unreadable, kept=kept)

    def connect(self, provider: Any, unreadable: Sequence[tuple[str, str]] = (), *, kept: int | None = _SAMPLE) -> None:
        """Changes the DataProvider; what was read from disk is kept.

        Args:
            provider: As above.
            unreadable: As above.
            kept: See `CurveReader`.
        """
        self._unreadable = tuple(unreadable)
        self._provider = provider
        self._announcements = AnnouncementReader(provider, models=self._part.models if self._part else ())
        self._kept = kept
        self._curves: Any = None
        self._hyperparameters = None if provider is None else _run_hyperparameters(provider)
        self._inputs: tuple[object, ...] = ()

    @property
    def provider(self) -> Any:
        """The DataProvider, or None."""
        return self._provider

    @property
    def run_files(self) -> RunFiles:
        """Finds the event files of runs."""
        if self._run_files is None:
            from tb_versions.read.curves.run_files import RunFiles

            self._run_files = RunFiles(self._roots)
        return self._run_files

    def load(self, *, at_most: int | None = None, check: bool = False) -> Found:
        """Reads the manifests on disk that are new; `refresh` joins them to a catalog.

        Args:
            at_most: As of `refresh`.
            check: As of `refresh`.

        Raises:
            StorageError: An object store can't be read, for which this reader waits.
        """
        self._in_stores = self._looks.refresh()
        found = self._scanner.scan(enough=at_most)
        with _no_garbage_collection():
            changed = self._manifests.update(
                found, check=check, still=self._scanner.still, everything=self._part is None
            )
            self._joined.put(changed, self._manifests.records)
        return found

    def refresh(self, *, at_most: int | None = None, check: bool = False, found: Found | None = None) -> Catalog:
        """Returns the catalog as it is now; the same object where nothing changed.

        Args:
            at_most: Look for so many manifests only, so that the first rows come early; the catalog is `loading`
                until a call without this. None reads all.
            check: Whether to compare the files of each version with its manifest while that is read.
            found: What `load` returned just now; by default it is called.

        Raises:
            StorageError: An object store can't be read, for which this reader waits.
        """
        found = self.load(at_most=at_most, check=check) if found is None else found
        with _no_garbage_collection():
            # Asking what is announced may take longer than the first rows may.
            announced, runs, problems = self._listen() if found.complete else ([], (), [])
            self._joined.announce(announced)
            self._waiting = not found.complete
            registries = self._registries.refresh(
                found.models,
                complete=found.complete and self._part is None,
                wanted=self._part.folders if self._part else None,
                still=self._scanner.still,
            )
            inputs = (
                id(registries),
                found.problems,
                found.exists,
                [place.folder for place in found.unregistered],
                runs,
                self._identities.refresh(runs),
                problems,
                self._in_stores,
                self._waiting,
            )
            news = self._hyperparameters is not None and self._hyperparameters.refresh()
            due = time.monotonic() >= self._announcements.retry_at
            if self._joined.is_outdated or inputs != self._inputs or due or news:
                self._latest = (found, runs, [*problems, *self._in_stores])
                self._rebuild()
                self._inputs = inputs
        return self.catalog

    def refresh_curves(self) -> Catalog:
        """Reads what is new in the curves of linked runs."""
        if self._provider is None:
            return self.catalog
        if self._curves is None:
            from tb_versions.read.curves.curve_reader import CurveReader
            from tb_versions.read.curves.linked_curves import LinkedCurves

            self._curves = LinkedCurves(CurveReader(self._provider, kept=self._kept), self.run_files, self._cache)
        from tb_versions.read.runs.all_runs import exports_by_run

        try:
            curves, changed = self._curves.refresh(exports_by_run(self.catalog.versions))
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
        records = self._manifests.records
        known = list(records) if folders is None else [folder for folder in folders if folder in records]
        count = len(known) if at_most is None else min(at_most, len(known))
        start = self._next_check if folders is None else 0
        if folders is None and known:
            self._next_check = (start + count) % len(known)
        changed = []
        with storage.SiblingFolders() as siblings:
            for offset in range(count):
                record = self._manifests.check(known[(start + offset) % len(known)], siblings)
                if record is not None:
                    changed.append(record)
        gone = [record for record in changed if record.place.folder not in records]
        self._joined.put(changed, records)
        if gone:  # or replaced or repaired: the next scan looks
            for record in gone:
                self._scanner.forget(record.place.folder)
            return self.refresh()
        if changed:
            self._rebuild()
        return self.catalog

    @property
    def unchecked(self) -> int:
        """Number of version folders whose files were never checked."""
        return sum(1 for r in self._manifests.records.values() if r.listing is not None and r.files is UNCHECKED)

    def _listen(self) -> tuple[list[Announced], tuple[str, ...], list[tuple[str, str]]]:
        if self._provider is None:
            return [], (), []
        runs: tuple[str, ...] = ()
        try:
            runs = tuple(sorted(run.run_name for run in self._provider.list_runs(_context(), experiment_id="")))
            announced, problems = self._announcements.everything(_context(), runs)
            return announced, runs, problems
        except Exception as error:  # noqa: BLE001 - as above
            return [], runs, [("event files", _sentence(error))]

    def _rebuild(self) -> None:
        found, runs, problems = self._latest
        state = (runs, self._identities.revision, self._waiting)
        if self._linker[0] != state:
            self._linker = (state, RunLinker(runs, self._identities, search=not self._waiting))
        claims = self._joined.not_on_disk()
        listings = self._announcements.listings(_context(), claims) if claims else {}
        self._joined.join(listings, self._linker[1], lambda: {p.folder: at for at, p in enumerate(found.manifests)})
        versions = self._joined.versions
        versions = with_removed(versions, self._registries.known)
        if self._hyperparameters is not None:
            versions = self._hyperparameters.added_to(versions)
            if self._hyperparameters.problem:
                problems = [*problems, ("event files", self._hyperparameters.problem)]
        damaged = [(v.places[0].shown if v.places else v.id, v.notice) for v in self._joined.damaged]
        absent = [
            (root.shown, _absence(root))
            for root in self._roots.allowed
            if not root.is_remote and not found.exists[root.path]
        ]
        unregistered = without_adopted(found.unregistered, versions)
        registries = self._registries.known
        of_logs = problems_of(registries)
        told = (
            *absent,
            *of_logs,
            *found.problems,
            *self._unreadable,
            *problems,
            *damaged,
            *self._roots.remote,
            *self._curve_problems,
        )
        self.catalog = Catalog(
            versions=versions,
            roots=tuple((root, root.is_remote or found.exists[root.path]) for root in self._roots.allowed),
            problems=tuple(dict.fromkeys(told)),  # the scan and the reader of event files meet the same folders
            unregistered=len(unregistered),
            unregistered_in=tuple(place.shown for place in unregistered[:_MOST_UNREGISTERED]),
            known_runs=runs,
            curves=self.catalog.curves,
            registries=registries,
            loading=self._waiting,
        )

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
        if version.kept_at is not None:
            return storage.read_capped(version.kept_at.folder, MANIFEST_LIMIT, within=version.kept_at.root.path)
        failure: Exception | None = None
        places = () if version.from_event else version.places
        for place in places:
            try:
                return _manifest_at(place)
            except (TbVersionsError, FileNotFoundError) as error:  # noqa: PERF203
                failure = error
        for announced in version.announced:
            try:
                return self._announcements.manifest(_context(), announced)
            except TbVersionsError as error:  # noqa: PERF203
                failure = failure or error
        raise failure or VersionNotFoundError(f"No folder and no event file has the manifest of {version.id}.")


def _manifest_at(place: Place) -> bytes:
    return storage.read_capped(os.path.join(place.folder, MANIFEST_NAME), MANIFEST_LIMIT, within=place.root.path)


def _run_hyperparameters(provider: Any) -> RunHyperparameters:
    from tb_versions.read.runs.run_hyperparameters import RunHyperparameters

    return RunHyperparameters(provider)


def _context() -> Any:
    """TensorBoard's request context; importing it takes as long as reading a thousand manifests."""
    from tensorboard.context import RequestContext

    return RequestContext()


def _absence(root: Root) -> str:
    what = "log directory" if root.kind == "logdir" else "models folder"
    there = os.path.lexists(root.path)
    return f"the {what} is not a folder." if there else f"the {what} does not exist; is the name spelled right?"


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


@contextlib.contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Turns the garbage collector off for a bulk load: it makes millions of objects that stay, in half the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def open_reader(
    logdir: str = "",
    models_dirs: Sequence[str] = (),
    *,
    part: Part | None = None,
    check: bool = True,
    curves: bool = True,
    cached: bool = True,
) -> CatalogReader:
    """Returns a reader that has read everything once, without a server.

    Args:
        logdir: What `tensorboard --logdir` gets; "" reads no event files.
        models_dirs: Folders of models, `<models>/<model>/<number>/`.
        part: Only these models; see `CatalogReader`.
        check: Whether to compare the files of each version with its manifest.
        curves: Whether the curves of linked runs are read: best, last, and values at export that no manifest has.
        cached: Whether what earlier processes read of a manifest that did not change is used.
    """
    cache = users_cache() if cached else None
    if not logdir:
        reader = CatalogReader(roots_of("", models_dirs), part=part, cache=cache)
        reader.refresh(check=check)
        return reader
    from tb_versions.read.curves.event_files import reading

    unreadable: list[tuple[str, str]] = []
    with ExitStack() as stack:
        finish = stack.enter_context(reading(logdir, unreadable, every_point=False, cache=cache))
        reader = CatalogReader(roots_of(logdir, models_dirs), part=part, cache=cache)
        found = reader.load(check=check)  # while the event files are read
        reader.connect(finish(), unreadable)
        reader.refresh(found=found)
        if curves:
            reader.refresh_curves()
        # Manifests that only event files have are read when they are asked for.
        weakref.finalize(reader, stack.pop_all().close)
    return reader
