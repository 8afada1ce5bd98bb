"""Catalogs of single models, each read from its own folder when somebody asks for it.

For folders of models of which nobody reads everything: a table says what there is, and this has the details.
"""

from __future__ import annotations

import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from tb_versions.core.manifest import one_form, shown, visible
from tb_versions.core.references import parse_reference
from tb_versions.errors import InvalidQueryError, StorageError, TbVersionsError, VersionNotFoundError
from tb_versions.read.catalog import Catalog, Version
from tb_versions.read.folders.part import part_of
from tb_versions.read.folders.roots import Roots
from tb_versions.read.folders.scan import Root
from tb_versions.read.reader import CatalogReader

FRESH = 2.0
"""Seconds for which what was read of a model is given again without a look at its folder."""

MOST_ASKED = 200
"""Most models of one request."""

MOST_BESIDE = 50
"""Most other models that are read because results of gates name their versions."""

MOST_KEPT = 60
"""Most models that are kept for the next request, …"""

MOST_VERSIONS = 50_000
"""… and most versions of them together."""

WAITS = 10
"""Seconds that a request which reads models waits for another one."""

_CHECKS = 200  # version folders whose files are compared per look, once all were seen


@dataclass(frozen=True)
class Reading:
    """What was read for a request.

    Attributes:
        catalog: The versions of some models, or all.
        manifest_bytes: Reads the manifest of one of these versions; raises TbVersionsError.
        models: The models that it has; None where it has all that there are.
    """

    catalog: Catalog
    manifest_bytes: Callable[[Version], bytes]
    models: tuple[str, ...] | None = None


@dataclass
class _Kept:
    reader: CatalogReader
    read_at: float = float("-inf")


class SomeModels:
    """Reads models one by one, and keeps the last few. Thread-safe."""

    def __init__(self, roots: Roots, root: Root, provider: Any, *, kept: int | None) -> None:
        """Reads nothing yet.

        Args:
            roots: Says where runs are; none of its folders is searched.
            root: The models folder, `<models>/<model>/<number>/`.
            provider: TensorBoard's DataProvider.
            kept: Most points of a curve that the provider has; see `CurveReader`.
        """
        self._roots = replace(roots, allowed=(root,), remote=())
        self.root = root
        self._provider = provider
        self._points = kept
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._reading = threading.Lock()

    def read(self, models: Iterable[str], *, beside: Iterable[str] = (), fresh: float = FRESH) -> Reading:
        """Returns the versions of some models as they are in their folders.

        Args:
            models: Their names, with `beside` at most `MOST_ASKED`.
            beside: Other models that are wanted, if they are there.
            fresh: Seconds, see `FRESH`; 0 looks now.

        Raises:
            VersionNotFoundError: One of `models` has no folder, or nothing is in it.
            InvalidQueryError: They are too many.
            StorageError: The folder can't be read, or other requests take long.
        """
        wanted = list(dict.fromkeys(models))
        also = [name for name in dict.fromkeys(beside) if name not in wanted]
        count = len(wanted) + len(also)
        if count > MOST_ASKED:
            raise InvalidQueryError(
                f"{count:,} models were asked for; where a table stands for the folder, at most {MOST_ASKED} are read "
                "for one request. Ask for fewer, or use the command line."
            )
        if not self._reading.acquire(timeout=WAITS):
            raise StorageError("Other models are still being read; try again in a moment.")
        try:
            readers = self._readers(wanted, also, fresh)
            catalogs = [_only(reader.catalog, name) for name, reader in readers.items()]
        finally:
            self._forget()
            self._reading.release()
        catalog = _merged(catalogs) if catalogs else Catalog(roots=((self.root, True),), known_runs=self._runs())
        return Reading(catalog, lambda version: readers[version.model].manifest_bytes(version), tuple(readers))

    def has_folder(self, model: str) -> bool:
        """Whether a model has a folder; for one in an object store whether it was read before."""
        return _is_plain(model) and _is_folder(os.path.join(self.root.path, model))

    def _readers(self, wanted: Sequence[str], also: Sequence[str], fresh: float) -> dict[str, CatalogReader]:
        """The readers of models, and of those with which their gates compared."""
        found = {}
        for name in wanted:
            reader = self._refreshed(name, fresh)
            if reader is None:
                raise VersionNotFoundError(_not_found(name, self.root))
            found[name] = reader
        others = _baselines(reader.catalog for reader in found.values())[:MOST_BESIDE]
        for name in (*also, *others):
            reader = found.get(name) or self._refreshed(name, fresh)
            if reader is not None:
                found[name] = reader
        return found

    def _refreshed(self, model: str, fresh: float) -> CatalogReader | None:
        """The reader of a model, which looked just now; None where no folder of that name has anything of it."""
        kept = self._kept.get(model)
        if kept is None:
            if not _is_plain(model) or not (self.root.is_remote or self.has_folder(model)):
                return None
            # What earlier processes kept is one file for all models: loading it takes longer than reading one of them.
            reader = CatalogReader(self._roots, self._provider, part=part_of(model, in_place=True), kept=self._points)
            kept = self._kept[model] = _Kept(reader)
        self._kept.move_to_end(model)
        if time.monotonic() - kept.read_at >= fresh:
            try:
                _look(kept.reader)
            except TbVersionsError:
                raise
            except Exception as error:  # noqa: BLE001 - as in the catalog of everything, it is shown and never raised
                kept.reader.with_problem("catalog", error)
            kept.read_at = time.monotonic()
        if not _has(kept.reader.catalog, model):
            del self._kept[model]
            return None
        return kept.reader

    def _forget(self) -> None:
        """Lets those go that were not asked for lately."""
        count = sum(len(kept.reader.catalog.versions) for kept in self._kept.values())
        while len(self._kept) > MOST_KEPT or (count > MOST_VERSIONS and len(self._kept) > 1):
            _, gone = self._kept.popitem(last=False)
            count -= len(gone.reader.catalog.versions)

    def _runs(self) -> tuple[str, ...]:
        """Names of all runs, for a comparison of runs alone."""
        from tensorboard.context import RequestContext

        try:
            listed = self._provider.list_runs(RequestContext(), experiment_id="")
        except Exception as error:
            raise StorageError(f"TensorBoard's runs could not be listed: {error}") from error
        return tuple(sorted(run.run_name for run in listed))


def models_of(references: Iterable[str]) -> list[str]:
    """Returns the models that references name, each once.

    Raises:
        InvalidReferenceError: One is no reference.
    """
    return list(dict.fromkeys(parse_reference(one_form(reference)).model for reference in references))


def _look(reader: CatalogReader) -> None:
    reader.refresh()
    reader.refresh_curves()
    reader.check(at_most=None if reader.unchecked else _CHECKS)


def _is_plain(model: str) -> bool:
    return bool(model) and not model.startswith(".") and not any(each in model for each in ("/", "\\", "\0"))


def _is_folder(path: str) -> bool:
    return os.path.isdir(path) and not os.path.islink(path)


def _has(catalog: Catalog, model: str) -> bool:
    return model in catalog.by_model or model in catalog.registries


def _not_found(model: str, root: Root) -> str:
    where = visible(f"{root.shown.rstrip('/')}/{model}")
    return (
        f"There is no model {shown(model)} in {visible(root.shown)}: {where} is no folder with versions of it. "
        "Where a table stands for the folder, a model is read from the folder of its name and from no other."
    )


def _baselines(catalogs: Iterable[Catalog]) -> list[str]:
    """Models of the versions with which gates compared: whether a result still counts depends on them."""
    named: dict[str, None] = {}
    for registry in chain.from_iterable(chain.from_iterable(each.registries.values() for each in catalogs)):
        for state in registry.state.versions.values():
            for result in state.gates.values():
                for baseline in result.bound.baselines:
                    for text in (baseline.name, baseline.version):
                        if ":" in text or "@" in text:
                            named[one_form(text.partition("@")[0].partition(":")[0])] = None
    return list(named)


def _only(catalog: Catalog, model: str) -> Catalog:
    """Without versions of other models that lie in this one's folder: they are read from their own."""
    if len(catalog.by_model.get(model, ())) == len(catalog.versions) and set(catalog.registries) <= {model}:
        return catalog
    registries = {name: found for name, found in catalog.registries.items() if name == model}
    return replace(catalog, versions=catalog.by_model.get(model, ()), registries=registries)


def _merged(catalogs: Sequence[Catalog]) -> Catalog:
    """One catalog of several, each of another model."""
    if len(catalogs) == 1:
        return catalogs[0]
    versions = chain.from_iterable(catalog.versions for catalog in catalogs)
    return Catalog(
        versions=tuple(sorted(versions, key=lambda version: (version.model, version.number, version.id))),
        roots=catalogs[0].roots,
        problems=tuple(dict.fromkeys(chain.from_iterable(catalog.problems for catalog in catalogs))),
        unregistered=sum(catalog.unregistered for catalog in catalogs),
        unregistered_in=tuple(chain.from_iterable(catalog.unregistered_in for catalog in catalogs)),
        known_runs=tuple(sorted(set(chain.from_iterable(catalog.known_runs for catalog in catalogs)))),
        curves=dict(chain.from_iterable(catalog.curves.items() for catalog in catalogs)),
        registries=dict(chain.from_iterable(catalog.registries.items() for catalog in catalogs)),
    )
