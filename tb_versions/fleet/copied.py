"""Models as the tables have them: their logs, and the versions of one, where no files of them are at hand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import takewhile

from tb_versions.actions.asking import Copied
from tb_versions.core.manifest import shown, visible
from tb_versions.core.store import Store
from tb_versions.errors import StorageError, UnsupportedStorageError, VersionNotFoundError
from tb_versions.fleet.answering import catalog_of, rows_of_models
from tb_versions.fleet.delta import Delta
from tb_versions.fleet.proving import manifests_of
from tb_versions.fleet.reading import matching
from tb_versions.fleet.standing import Standing
from tb_versions.fleet.tables import EVENTS
from tb_versions.read.catalog import Version
from tb_versions.read.folders.scan import natural
from tb_versions.read.registries import Known, ModelRegistry
from tb_versions.registry.log import key_of
from tb_versions.registry.registry import Registry


def copied(standing: Standing, model: str) -> Copied:
    """Returns a model's log and versions.

    Args:
        standing: The tables.
        model: Its name.

    Raises:
        VersionNotFoundError: The tables have no such model.
        StorageError: They have several logs of it, or can't be read.
    """
    rows = rows_of_models(standing, [model])
    events = _events(standing, model)
    if not rows and not events:
        raise VersionNotFoundError(f"The table has no model {shown(model)}.")
    catalog, versions = catalog_of(standing, rows)
    row_of = {version.id: row for row, version in zip(rows, versions, strict=True)}

    def version(number: int) -> Version:
        return catalog.find(f"{model}:{number}")

    def data(version: Version) -> bytes:
        row = row_of[version.id]
        return manifests_of(standing, [row])[row]

    shown_as = f"{visible(standing.tables)}/{EVENTS} ({visible(model)})"
    return Copied(model, Registry(_Events(events, shown_as)), version, data)


class CopiedRegistry(ModelRegistry, frozen=True):
    """What is known of a model beside its manifests, by the tables.

    Attributes:
        entries: The events by the key that they have in a folder.
    """

    entries: Mapping[str, bytes] = {}

    @property
    def store(self) -> Store:
        """Where the events are read from."""
        return _Events(self.entries, f"the table of events ({visible(self.model)})")


def copied_registries(standing: Standing) -> Known:
    """Returns the registries of all models: their logs as the tables have them, but for those that went on since.

    Raises:
        StorageError: A table can't be read, or has not the log as it was written.
    """
    delta = Delta(standing.tables, EVENTS)
    rows = delta.columns(("path", "number", "event"))
    entries: dict[str, dict[str, bytes]] = defaultdict(dict)
    for path, number, event in zip(
        *(rows.column(name).to_pylist() for name in ("path", "number", "event")), strict=True
    ):
        entries[path][key_of(number or 0)] = event or b""
    found: dict[str, list[ModelRegistry]] = defaultdict(list)
    for registry in sorted((each for group in standing.registries.values() for each in group), key=_as_scanned):
        path = visible(registry.place.relative)
        is_newer = path in standing.overlay.logs
        found[registry.model].append(registry if is_newer else _copy(registry, entries[path]))
    return {model: tuple(group) for model, group in found.items()}


def _copy(registry: ModelRegistry, entries: Mapping[str, bytes]) -> CopiedRegistry:
    return CopiedRegistry(registry.model, registry.place, registry.state, entries=entries)


def _as_scanned(registry: ModelRegistry) -> list[tuple[int, int, str]]:
    """What puts registries in the order in which a search finds them."""
    return [natural(name) for name in registry.place.relative.split("/")]


def _events(standing: Standing, model: str) -> dict[str, bytes]:
    """The events of a model's only log, by the key that they have in a folder."""
    delta = Delta(standing.tables, EVENTS)
    table = delta.existing()
    with delta.explained():
        rows = matching(table, "model", [model], ("path", "number", "event")).to_pylist()
    paths = {row["path"] or "" for row in rows}
    if len(paths) > 1:
        raise StorageError(
            f"{visible(model)} has logs in {', '.join(map(visible, sorted(paths)))}: which of them counts is not known."
        )
    return {key_of(row["number"] or 0): row["event"] or b"" for row in rows}


class _Events:
    """Entries of a log as a `Store` that nobody writes to."""

    def __init__(self, entries: Mapping[str, bytes], shown: str) -> None:
        self._entries = entries
        self._shown = shown

    @property
    def shown(self) -> str:
        return self._shown

    def read(self, key: str, _limit: int) -> bytes:
        if key not in self._entries:
            raise FileNotFoundError(key)
        return self._entries[key]

    def read_each(self, keys: Iterable[str], _limit: int) -> Iterator[bytes]:
        return (self._entries[key] for key in takewhile(self._entries.__contains__, keys))

    def exists(self, key: str) -> bool:
        return key in self._entries

    def first_there(self, keys: Sequence[str]) -> str | None:
        return next(filter(self._entries.__contains__, keys), None)

    def names(self, folder: str) -> list[str]:
        return sorted(key.rpartition("/")[2] for key in self._entries if key.rpartition("/")[0] == folder)

    def ages(self, _folder: str) -> Mapping[str, float]:
        return {}

    def create(self, _key: str, _data: bytes) -> bool:
        raise self._refused()

    def delete(self, _key: str) -> None:
        raise self._refused()

    def move(self, _key: str, _target: str) -> None:
        raise self._refused()

    def _refused(self) -> UnsupportedStorageError:
        return UnsupportedStorageError(f"{self._shown} follows from files: nothing is written to it.")
