"""The events of the logs as a table: what came since is added, what is of another log is taken away."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from tb_versions.core.manifest import visible
from tb_versions.errors import TbVersionsError
from tb_versions.fleet.delta import Delta, appended, replaced
from tb_versions.fleet.found import Here
from tb_versions.fleet.reading import table_of
from tb_versions.fleet.rows import (
    events_table,
)
from tb_versions.read.folders.scan import Place
from tb_versions.read.registries import ModelRegistry, Registries
from tb_versions.registry.events import Event, decode, digest_of
from tb_versions.registry.log import Log

if TYPE_CHECKING:
    from deltalake import DeltaTable


EVENTS_A_COMMIT = 20_000
"""Events that are written in one commit."""

_LAST = ("path", "number_last", "digest_last")


def told(
    logs: Registries, models: Sequence[Place], *, complete: bool = True
) -> tuple[list[ModelRegistry], list[tuple[str, str]]]:
    """Returns the registries whose state is known, and (where, why) of the others.

    Args:
        logs: What reads them.
        models: Folders of models.
        complete: Whether they are all.
    """
    found = [said for of_model in logs.refresh(models, complete=complete).values() for said in of_model]
    return [said for said in found if not said.problem], [
        (said.place.shown, said.problem) for said in found if said.problem
    ]


def index_events(events: Delta, registries: Sequence[ModelRegistry], here: Here, *, rebuild: bool) -> int:
    """Adds the events that came since the last one of each model, some thousand in a commit; returns how many.

    Args:
        events: The table.
        registries: Whose logs are read.
        here: The models folder.
        rebuild: Whether all are added anew.
    """
    added = 0
    if rebuild:
        events.change(lambda table: None if table is None else replaced(events_table([])))
    events.change(lambda table: _without_other_logs(table, registries, here))
    if events.open() is None:
        events.change(lambda table: None if table is not None else replaced(events_table([])))
    while True:
        found: list[tuple[str, str, Event, bytes]] = []

        def change(table: DeltaTable | None, found: list[tuple[str, str, Event, bytes]] = found) -> Any:
            found[:] = islice(new_events(registries, last_events(table)), EVENTS_A_COMMIT)
            return appended(events_table(found))

        events.change(change)
        added += len(found)
        if len(found) < EVENTS_A_COMMIT:
            return added


def _without_other_logs(table: DeltaTable | None, registries: Iterable[ModelRegistry], here: Here) -> Any:
    """The change that takes away the events of logs that are gone, or in whose place others are; None for none."""
    if table is None:
        return None
    import pyarrow as pa
    import pyarrow.compute as pc

    known = {visible(said.place.relative): said for said in registries}
    there = {visible(place.relative) for place in here.models}
    rows = table_of(table, ["path", "number", "digest"]).sort_by("number")
    last = rows.group_by("path", use_threads=False).aggregate([("number", "last"), ("digest", "last")])
    wrong = [
        path
        for path, number, digest in zip(*(last.column(name).to_pylist() for name in _LAST), strict=True)
        if (not _has(known[path], number, digest) if path in known else path not in there and here.is_known(path))
    ]
    if not wrong:
        return None
    every = table_of(table)
    return replaced(every.filter(pc.invert(pc.is_in(every.column("path"), value_set=pa.array(wrong, pa.string())))))


def _has(said: ModelRegistry, number: int, digest: str) -> bool:
    """Whether a log has an event of this number and digest; one that can't be read is no reason to forget it."""
    head = said.state.head
    if head.number <= number:
        return (head.number, head.digest) == (number, digest)
    try:
        data = Log(said.store).entry(number)
        decode(data, number)
    except (TbVersionsError, OSError):
        return True
    return digest_of(data) == digest


def last_events(table: DeltaTable | None) -> dict[str, int]:
    """Returns the number of the last event of each model's folder that a table has."""
    if table is None:
        return {}
    columns = table_of(table, ["path", "number"]).group_by("path").aggregate([("number", "max")])
    last = zip(columns.column("path").to_pylist(), columns.column("number_max").to_pylist(), strict=True)
    return {path: number or 0 for path, number in last}


def new_events(registries: Iterable[ModelRegistry], last: dict[str, int]) -> Iterator[tuple[str, str, Event, bytes]]:
    """Yields path and name of the model, event and bytes of each event that comes after the last; raises as `Log`."""
    for said in registries:
        path = visible(said.place.relative)
        for number, data in Log(said.store).after(last.get(path, 0)):
            yield path, said.model, decode(data, number), data
