"""The versions that a table has, each once and in the order of `list`, and what the logs in the tables say of them.

With an overlay (see `newer`) versions that came since are among them, and those whose folders are gone are not.
"""

from __future__ import annotations

import copy
import datetime
import os
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from msgspec.structs import replace

from tb_versions.core.codec import manifest_digest
from tb_versions.core.times import moment_or_none
from tb_versions.errors import StorageError
from tb_versions.fleet.indexed_logs import indexed_logs
from tb_versions.fleet.logs import last_events
from tb_versions.fleet.manifests import Manifests, linked
from tb_versions.fleet.overlay import Overlay
from tb_versions.fleet.schema import Typed, typed_in
from tb_versions.fleet.stored import Stored, Text, text_of
from tb_versions.fleet.tables import EVENTS, UNREAD, VERSIONS, table_in, tables_of
from tb_versions.read.catalog import Version, identify_group
from tb_versions.read.folders.roots import roots_of
from tb_versions.read.folders.scan import Place, Root
from tb_versions.read.registries import Known, ModelRegistry
from tb_versions.read.said import Said, alias_order

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

_OF_MANIFESTS = ("path", "model", "number", "manifest_digest", "manifest")
_ROWS_AT_A_TIME = 2_000
_OF_OVERLAY = ("ids", "contested", "registries", "said", "_said_rows", "_inverse", "_path")


class Standing:
    """What the tables say, as they were when this was made. No file of a model is looked at, but where that is said.

    A version's position is that in the order of `list`; a row is a place in the table, or behind it one of the overlay.

    Attributes:
        root: The models folder.
        tables: Folder or URL of the tables.
        changed: When a run of `tb-versions index` changed the table of versions last.
        table_version: Of the table of versions.
        names: Of its columns.
        order: The row of each version, in the order of `list`.
        overlay: What came since, and what is gone.
    """

    def __init__(self, models_dir: str, to: str | None = None) -> None:
        """Reads which versions there are.

        Args:
            models_dir: Folder of models, or its URL.
            to: Where the tables are; by default `.index` in the models folder.

        Raises:
            MissingDependencyError: deltalake or pyarrow is not installed.
            StorageError: There is no table, it can't be read, or it was made by another version of this package.
        """
        self.root: Root = roots_of(models_dirs=(models_dir,)).allowed[0]
        self.tables = tables_of(models_dir, to)
        self._delta = table_in(self.tables, VERSIONS)
        table = self._delta.existing()
        self.table_version: int = table.version()
        self.changed = _changed(table)
        self.stored = Stored(self._delta, table)
        self.names = frozenset(self.stored.schema.names)
        self._manifests = Manifests(self.root, self._delta.url)
        self._models, self._numbers = self._first_columns()
        self._lay(Overlay())

    def under(self, overlay: Overlay) -> Standing:
        """Returns what the tables say with this over them.

        Raises:
            StorageError: It lies over another version of the tables; or they can't be read.
        """
        if overlay.table not in (-1, self.table_version):
            raise StorageError(f"{self._delta.url} was changed meanwhile. Run it again.")
        found = copy.copy(self)
        for name in _OF_OVERLAY:
            found.__dict__.pop(name, None)
        found._lay(overlay)
        return found

    def looked(self, overlay: Overlay) -> None:
        """Notes that a later look found the same."""
        self.overlay = overlay

    def _lay(self, overlay: Overlay) -> None:
        self.overlay = overlay
        self._contested: dict[int, Version] = {}
        self._codes, self._number = self._with_newer_first(overlay)
        self.order = self._in_order()

    def __len__(self) -> int:
        return len(self.order)

    @property
    def paths(self) -> pa.ChunkedArray:
        """The paths of the table, in its own order, also of what is gone."""
        return self.stored.column("path")

    @cached_property
    def typed(self) -> Typed:
        """The metrics and hyperparameters with a column of their own."""
        schema = self.stored.schema
        return typed_in(schema.names, {name: str(schema.field(name).type) for name in schema.names})

    @cached_property
    def last_events(self) -> Mapping[str, int]:
        """The number of the last event in the tables of each model's folder that has some."""
        events = table_in(self.tables, EVENTS)
        table = events.existing()
        with events.explained():
            return last_events(table)

    # Columns.

    @property
    def models(self) -> pa.StringArray:
        """The different models."""
        return self._different

    @property
    def model_codes(self) -> NDArray[np.int32]:
        """The position in `models` of each version's model."""
        return self._codes[self.order]

    @property
    def numbers(self) -> NDArray[np.int64]:
        """The number of each version."""
        return self._number[self.order]

    def pieces(self, names: Sequence[str]) -> Iterator[tuple[int, pa.RecordBatch]]:
        """Yields the first row and some columns of pieces of all rows: of the table, then of the overlay."""
        import pyarrow as pa

        first = 0
        for batch in self.stored.batches(names):
            yield first, batch
            first += batch.num_rows
        newer = self.overlay.rows
        if newer is not None:
            schema = pa.schema([self.stored.schema.field(name) for name in names])
            there = {name: newer.column(name) for name in names if name in newer.column_names}
            columns = {name: there.get(name, pa.nulls(len(newer), schema.field(name).type)) for name in names}
            for batch in pa.table(columns).cast(schema).combine_chunks().to_batches():
                yield first, batch
                first += batch.num_rows

    def column(self, name: str) -> pa.Array:
        """Returns a column, a value for each version; it is read each time."""
        import pyarrow as pa

        pieces = [batch.column(0) for _, batch in self.pieces([name])]
        found = pa.chunked_array(pieces, self.stored.schema.field(name).type).take(pa.array(self.order))
        return found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found

    def text(self, name: str) -> Text:
        """Returns a column of texts by its different ones, a code for each version."""
        found = text_of(batch.column(0) for _, batch in self.pieces([name]))
        return Text(found.different, found.codes[self.order])

    def few(self, names: Sequence[str], positions: Sequence[int]) -> pa.Table:
        """Returns some columns of some versions, in the order of their positions."""
        return self._few(names, self.order[np.asarray(positions, np.int64)])

    def _few(self, names: Sequence[str], rows: NDArray[Any]) -> pa.Table:
        import pyarrow as pa

        is_newer = rows >= self.stored.count
        found = self.stored.rows(names, rows[~is_newer].tolist())
        if not is_newer.any():
            return found
        assert self.overlay.rows is not None
        newer = self.overlay.rows.select(list(names)).take(pa.array(rows[is_newer] - self.stored.count))
        places = np.empty(len(rows), np.int64)
        places[np.flatnonzero(~is_newer)] = np.arange(len(found))
        places[np.flatnonzero(is_newer)] = len(found) + np.arange(len(newer))
        return pa.concat_tables([found, newer.cast(found.schema)]).take(pa.array(places))

    @property
    def ids(self) -> list[str]:
        """The id of each version."""
        return self.ids_of(range(len(self)))

    def ids_of(self, rows: Sequence[int]) -> list[str]:
        """Returns the ids of some versions, by their positions."""
        at = self.order[np.asarray(rows, np.int64)]
        models = self._different.take(_indices(self._codes[at])).to_pylist()
        contested = self.contested
        return [
            contested[row].id if row in contested else f"{model}:{number}"
            for row, model, number in zip(rows, models, self._number[at].tolist(), strict=True)
        ]

    @cached_property
    def contested(self) -> dict[int, Version]:
        """Those of the versions that share model and number with others, or have several folders, by position."""
        if not self._contested:
            return {}
        positions = self._inverse[np.fromiter(self._contested, np.int64)].tolist()
        return dict(sorted(zip(positions, self._contested.values(), strict=True)))

    def position(self, row: int) -> int:
        """Returns the position of a row; -1 if it is no version."""
        return int(self._inverse[row])

    @cached_property
    def _inverse(self) -> NDArray[np.int32]:
        """The position of each row; -1 of those that are no version."""
        found = np.full(len(self._number), -1, np.int32)
        found[self.order] = np.arange(len(self.order), dtype=np.int32)
        return found

    # What logs say.

    @cached_property
    def unread_paths(self) -> frozenset[str]:
        """Folders of manifests that could not be read when the tables were made: they are no versions here."""
        table = table_in(self.tables, UNREAD)
        return frozenset(table.columns(["path"]).column("path").to_pylist() if table.open() is not None else ())

    @property
    def unread(self) -> int:
        """How many manifests could not be read when the tables were made."""
        return len(self.unread_paths)

    @cached_property
    def registries(self) -> dict[str, tuple[ModelRegistry, ...]]:
        """What follows from the events in the tables, by model; nothing of what was measured later."""
        since = self.overlay.logs
        found: dict[str, list[ModelRegistry]] = defaultdict(list)
        for path, registry in self._indexed_logs.items():
            if path not in since:
                found[registry.model].append(registry)
        for said in filter(None, since.values()):
            found[said.model].append(said)
        return {model: tuple(group) for model, group in found.items()}

    @cached_property
    def _indexed_logs(self) -> dict[str, ModelRegistry]:
        return indexed_logs(self.tables, self.root)

    @cached_property
    def said(self) -> dict[int, Said]:
        """What the logs say of each version that they mention, by its position in `order`."""
        known = [registry for group in self.registries.values() for registry in group]
        rows = self._rows_of(known)
        found: dict[int, Said] = {}
        for place, registry in enumerate(known):
            aliases: dict[int, list[str]] = defaultdict(list)
            for name in () if registry.kind else sorted(registry.state.aliases, key=alias_order):
                aliases[registry.state.aliases[name].version].append(name)
            for number in _mentioned(registry):
                row = rows.get((place, number))
                if row is not None:
                    found[row] = Said(registry, number, registry.state.version(number), tuple(aliases[number]))
        return found

    def holders(self, registries: Known) -> list[Version]:
        """Returns the versions that aliases name in some logs, without what their manifests say."""
        rows = self._said_rows
        wanted = [
            row
            for group in registries.values()
            for registry in group
            for number in {alias.version for alias in registry.state.aliases.values()}
            if (row := rows.get((registry.place.folder, number))) is not None
        ]
        found = []
        for row, told in zip(wanted, self.few(_OF_MANIFESTS[:4], wanted).to_pylist(), strict=True):
            version = Version(
                model=told["model"],
                number=told["number"],
                manifest_digest=told["manifest_digest"] or "",
                held_in=Place(self.root, os.path.join(self.root.path, told["path"] or "")),
                state="unchecked",
            )
            found.append(self.contested.get(row) or replace(version, id=f"{version.model}:{version.number}"))
        return found

    @cached_property
    def _said_rows(self) -> dict[tuple[str, int], int]:
        return {(said.registry.place.folder, said.number): row for row, said in self.said.items()}

    @property
    def removed(self) -> int:
        """How many versions were removed: their manifests, which are kept, are not in the tables."""
        there = self._said_rows
        return sum(
            state.removed is not None and (registry.place.folder, number) not in there
            for group in self.registries.values()
            for registry in group
            for number, state in registry.state.versions.items()
        )

    def _rows_of(self, known: Sequence[ModelRegistry]) -> dict[tuple[int, int], int]:
        """The position of each (log, number) that logs mention: of several the first."""
        wanted = {
            (registry.place.relative, registry.model, number): (place, number)
            for place, registry in enumerate(known)
            for number in _mentioned(registry)
        }
        found: dict[tuple[int, int], int] = {}
        if not wanted:
            return found
        numbers = np.array([n for n in {number for *_, number in wanted} if n < 2**63], np.int64)
        models = {model for _, model, _ in wanted}
        is_model = np.array([name in models for name in self._different.to_pylist()], np.bool_)
        at = np.flatnonzero(is_model[self.model_codes] & np.isin(self.numbers, numbers))
        names = self._different.take(_indices(self.model_codes[at])).to_pylist()
        for row, model, number, path in zip(
            at.tolist(), names, self.numbers[at].tolist(), self._paths_at(at), strict=True
        ):
            version = self.contested.get(row)
            paths = [place.relative for place in version.places] if version else [path]
            for each in paths:
                key = wanted.get((each.rpartition("/")[0], model, number))
                if key is not None:
                    found.setdefault(key, row)
        return found

    def _paths_at(self, positions: NDArray[np.int64]) -> list[str]:
        """The paths of some versions, which may be many."""
        if len(positions) < _ROWS_AT_A_TIME:
            return [path or "" for path in self.few(("path",), positions.tolist()).column(0).to_pylist()]
        wanted = np.sort(self.order[positions])
        found: list[Any] = []
        for first, batch in self.pieces(["path"]):
            inside = wanted[np.searchsorted(wanted, first) : np.searchsorted(wanted, first + batch.num_rows)] - first
            found += batch.column(0).take(_indices(inside)).to_pylist()
        by_row = dict(zip(wanted.tolist(), found, strict=True))
        return [by_row[row] or "" for row in self.order[positions].tolist()]

    # Manifests.

    def versions(self, positions: Sequence[int], *, from_files: bool = False) -> dict[int, Version]:
        """Returns some versions by their positions, with what their manifests say; files of models are not looked at.

        Args:
            positions: Of the versions.
            from_files: Whether manifests are read from their folders, where they are the ones that the table has: that
                is faster where the folders are on this disk.

        Raises:
            StorageError: The table has another manifest than it says.
        """
        found: dict[int, Version] = {}
        left = [row for row in positions if row not in self.contested]
        for row in positions:
            if row in self.contested:
                found[row] = linked(self.contested[row])
        if from_files:
            named = self.few(_OF_MANIFESTS[:4], left).to_pylist()
            for row, told, data in zip(
                left, named, self._manifests.in_files([each["path"] for each in named]), strict=True
            ):
                if data is not None and manifest_digest(data) == told["manifest_digest"]:
                    found[row] = self._manifests.version({**told, "manifest": data})
            left = [row for row in left if row not in found]
        for first in range(0, len(left), _ROWS_AT_A_TIME):
            some = left[first : first + _ROWS_AT_A_TIME]
            for row, told in zip(some, self.few(_OF_MANIFESTS, some).to_pylist(), strict=True):
                found[row] = self._manifests.version(told)
        return found

    # Which versions there are, and their order.

    def _first_columns(self) -> tuple[Text, NDArray[np.int64]]:
        """Model and number of each row of the table."""
        numbers: list[NDArray[np.int64]] = [np.zeros(0, np.int64)]

        def models() -> Iterator[pa.Array]:
            for batch in self.stored.batches(("model", "number")):
                if batch.column(0).null_count or batch.column(1).null_count:
                    raise StorageError(
                        f"{self._delta.url} has rows without a model or a number: tb-versions index --check."
                    )
                numbers.append(batch.column(1).to_numpy())
                yield batch.column(0)

        return text_of(models()), np.concatenate(numbers)

    def _with_newer_first(self, overlay: Overlay) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """Codes of models and numbers of all rows, those of the overlay among them."""
        import pyarrow as pa

        self._different: pa.StringArray = self._models.different
        newer = overlay.rows
        if newer is None:
            return self._models.codes, self._numbers
        names = self._different.to_pylist()
        codes = {name: code for code, name in enumerate(names)}
        own = [codes.setdefault(name, len(codes)) for name in newer.column("model").to_pylist()]
        self._different = pa.array(list(codes), pa.string())
        numbers = newer.column("number").to_numpy()
        return np.concatenate([self._models.codes, np.array(own, np.int32)]), np.concatenate([self._numbers, numbers])

    def _in_order(self) -> NDArray[np.int64]:
        """Rows by model, number and id, and of several folders with the same manifest the first."""
        import pyarrow.compute as pc

        ranks = np.empty(len(self._different), np.int32)
        ranks[pc.sort_indices(self._different).to_numpy()] = np.arange(len(ranks), dtype=np.int32)
        models, numbers = ranks[self._codes], self._number
        order: NDArray[np.int64] = np.arange(len(numbers))
        if len(self.overlay.gone):
            there = np.ones(len(numbers), np.bool_)
            there[self.overlay.gone] = False
            order = order[there]
        models, numbers = models[order], numbers[order]
        steps = np.diff(models)
        if not ((steps > 0) | ((steps == 0) & (numbers[1:] >= numbers[:-1]))).all():
            by = np.lexsort((numbers, models))
            order, models, numbers = order[by], models[by], numbers[by]
        same = (models[1:] == models[:-1]) & (numbers[1:] == numbers[:-1])
        return self._settled(order, same) if same.any() else order

    def _settled(self, order: NDArray[np.int64], same: NDArray[np.bool_]) -> NDArray[np.int64]:
        """The order where rows share model and number with the next: each version once, by its id."""
        starts = np.flatnonzero(np.concatenate([[True], ~same]))
        ends = np.append(starts[1:], len(order))
        several = np.flatnonzero(ends - starts > 1)
        kept: list[NDArray[np.int64]] = []
        before = 0
        for start, end in zip(starts[several].tolist(), ends[several].tolist(), strict=True):
            claims = self._claims(order[start:end])
            kept += [order[before:start], np.array(claims, np.int64)]
            before = end
        return np.concatenate([*kept, order[before:]], dtype=np.int64)

    def _claims(self, rows: NDArray[np.int64]) -> list[int]:
        """The row of each version among rows that share model and number, ordered by its id."""
        told = sorted(zip(self._few(_OF_MANIFESTS, rows).to_pylist(), rows.tolist(), strict=True), key=_path_of)
        groups: dict[str, list[int]] = defaultdict(list)
        for place, (each, _) in enumerate(told):
            groups[each["manifest_digest"] or ""].append(place)
        made = [
            self._manifests.made(
                [told[place][0]["path"] or "" for place in places], digest, told[places[0]][0]["manifest"] or b""
            )
            for digest, places in groups.items()
        ]
        first, row = told[0][0], {digest: told[places[0]][1] for digest, places in groups.items()}
        named = identify_group(f"{first['model']}:{first['number']}", made)
        for version in named:
            self._contested[row[version.manifest_digest]] = version
        return [row[version.manifest_digest] for version in named]


def _path_of(told: tuple[Mapping[str, Any], int]) -> str:
    return told[0]["path"] or ""


def _indices(places: NDArray[Any]) -> pa.Array:
    """Places for `take`, which may be none."""
    import pyarrow as pa

    return pa.array(places.astype(np.int64), pa.int64())


def _mentioned(registry: ModelRegistry) -> set[int]:
    return {*registry.state.versions, *(alias.version for alias in registry.state.aliases.values())}


def _changed(table: Any) -> datetime.datetime | None:
    """When a table was changed last, or None."""
    told: Mapping[str, Any] = next(iter(table.history(1)), {})
    stamp = told.get("timestamp")
    return moment_or_none(stamp) if isinstance(stamp, int) else None
