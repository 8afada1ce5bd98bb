"""The artifacts and executions of pipelines, as ML Metadata has them, linked with each other; ids are MLMD's own."""

from __future__ import annotations

import datetime
import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tb_versions.core.manifest import Scalar
from tb_versions.core.times import moment_of
from tb_versions.interop.tfx.metadata import Store, open_store

LIVE, MARKED_FOR_DELETION, DELETED = 2, 3, 4  # states of artifacts
_COMPLETE, _CACHED = 3, 5  # states of executions
_INPUTS, _OUTPUTS = (2, 3), (1, 4)  # types of events
_MOST_MS = 253_402_300_799_000  # year 9999


@dataclass(frozen=True)
class Artifact:
    """A thing that a pipeline made or used.

    Attributes:
        id: Its number in the store.
        type: "Model", "Examples" …
        uri: Where the pipeline had it; never opened as it is.
        state: 2 where it is there.
        created: When it was registered, None where that is not known.
        properties: Its own and custom ones.
    """

    id: int
    type: str
    uri: str
    state: int | None
    created: datetime.datetime | None
    properties: Mapping[str, Scalar]


@dataclass(frozen=True)
class Execution:
    """One run of a pipeline's component.

    Attributes:
        id: Its number in the store, which its output folders are named by.
        is_done: Whether it ended well, or took an earlier one's outputs.
        pipeline: Name of the pipeline.
        node: What the pipeline calls the component: "Trainer".
        run: What the pipeline calls this run of it all.
        properties: Its own and custom ones.
    """

    id: int
    is_done: bool
    pipeline: str
    node: str
    run: str
    properties: Mapping[str, Scalar]


@dataclass(frozen=True)
class Link:
    """An execution read or made an artifact.

    Attributes:
        artifact: The artifact.
        execution: The execution.
        key: What the component calls it: "model", "examples", "blessing".
        index: Which of several under that key.
    """

    artifact: Artifact
    execution: Execution
    key: str
    index: int = 0


@dataclass(frozen=True)
class Graph:
    """What a store says.

    Attributes:
        identity: Of the store: it stays where the store is moved and grows.
        artifacts: By number, in ascending order.
        made_by: The execution that made an artifact, by its number: the first that ended well.
        inputs: What an execution read, by its number.
        outputs: What it made.
        made: By type, each artifact with the execution that made it, in the order of their numbers.
        notes: Sentences: what was left out.
    """

    identity: str
    artifacts: Mapping[int, Artifact]
    made_by: Mapping[int, Link]
    inputs: Mapping[int, Sequence[Link]]
    outputs: Mapping[int, Sequence[Link]]
    made: Mapping[str, Sequence[Link]]
    notes: Sequence[str] = ()

    def input_of(self, execution: Execution, key: str) -> Artifact | None:
        """The artifact that an execution read under a key; None where there is none, or several."""
        found = [link.artifact for link in self.inputs.get(execution.id, ()) if link.key == key]
        return found[0] if len(found) == 1 else None

    def before(self, execution: Execution) -> Iterator[Link]:
        """Yields all that went into an execution, nearest first, each artifact once, with what made it."""
        waiting, seen = [execution], {execution.id}
        found: set[int] = set()
        while waiting:
            for link in self.inputs.get(waiting.pop(0).id, ()):
                maker = self.made_by.get(link.artifact.id)
                if link.artifact.id in found:
                    continue
                found.add(link.artifact.id)
                yield maker or link
                if maker is not None and maker.execution.id not in seen and link.artifact.type != "Model":
                    seen.add(maker.execution.id)
                    waiting.append(maker.execution)


def read_graph(path: str) -> Graph:
    """Reads a metadata store.

    Raises:
        TbVersionsError: As `open_store`.
    """
    with open_store(path) as store:
        types = {row[0]: _text(row[1]) for row in store.rows("Type")}
        artifacts = _artifacts(store, types)
        executions, first = _executions(store, types)
        links = list(_links(store, artifacts, executions))
        notes = [f"{store.too_long:,} very long texts of the metadata store were left out."]
        identity = _identity(first, store, types)
    return _linked(identity, artifacts, links, notes if store.too_long else [])


def _linked(
    identity: str, artifacts: Mapping[int, Artifact], links: Sequence[tuple[bool, Link]], notes: Sequence[str]
) -> Graph:
    inputs: dict[int, list[Link]] = defaultdict(list)
    outputs: dict[int, list[Link]] = defaultdict(list)
    made_by: dict[int, Link] = {}
    for is_output, link in links:
        (outputs if is_output else inputs)[link.execution.id].append(link)
        if is_output and link.execution.is_done:
            made_by.setdefault(link.artifact.id, link)
    made: dict[str, list[Link]] = defaultdict(list)
    for number in sorted(made_by):
        made[artifacts[number].type].append(made_by[number])
    return Graph(identity, artifacts, made_by, inputs, outputs, made, notes)


def _artifacts(store: Store, types: Mapping[int, str]) -> dict[int, Artifact]:
    properties = _properties(store, "ArtifactProperty")
    found = {}
    for number, kind, uri, state, created in sorted(store.rows("Artifact"), key=_first):
        if isinstance(number, int):
            name = types.get(kind, "")
            found[number] = Artifact(number, name, _text(uri), state, time_of(created), properties.get(number, {}))
    return found


def _executions(store: Store, types: Mapping[int, str]) -> tuple[dict[int, Execution], str]:
    """All executions, and what identifies the first."""
    properties = _properties(store, "ExecutionProperty")
    contexts = _contexts(store, types)
    found: dict[int, Execution] = {}
    first = ""
    for number, kind, state, name, created in sorted(store.rows("Execution"), key=_first):
        if not isinstance(number, int):
            continue
        first = first or f"{number} {types.get(kind, '')} {name} {created}"
        around = contexts.get(number, {})
        pipeline = around.get("pipeline", "")
        found[number] = Execution(
            id=number,
            is_done=state in (_COMPLETE, _CACHED),
            pipeline=pipeline,
            node=around.get("node", "").removeprefix(f"{pipeline}."),
            run=around.get("pipeline_run", ""),
            properties=properties.get(number, {}),
        )
    return found, first


def _contexts(store: Store, types: Mapping[int, str]) -> dict[int, dict[str, str]]:
    """By execution: type of a context to its name."""
    contexts = {row[0]: (types.get(row[1], ""), _text(row[2])) for row in store.rows("Context")}
    found: dict[int, dict[str, str]] = defaultdict(dict)
    for context, execution in store.rows("Association"):
        if context in contexts:
            kind, name = contexts[context]
            found[execution].setdefault(kind, name)
    return found


def _links(
    store: Store, artifacts: Mapping[int, Artifact], executions: Mapping[int, Execution]
) -> Iterator[tuple[bool, Link]]:
    keys: dict[int, str] = {}
    indices: dict[int, int] = {}
    for event, is_index, index, key in store.rows("EventPath"):
        if is_index and isinstance(index, int):
            indices.setdefault(event, index)
        elif isinstance(key, str):
            keys.setdefault(event, key)
    for event, artifact, execution, kind in sorted(store.rows("Event"), key=_first):
        if artifact in artifacts and execution in executions and kind in (*_INPUTS, *_OUTPUTS):
            link = Link(artifacts[artifact], executions[execution], keys.get(event, ""), indices.get(event, 0))
            yield kind in _OUTPUTS, link


def _properties(store: Store, table: str) -> dict[int, dict[str, Scalar]]:
    """By owner; bools are there from schema 10 on."""
    found: dict[int, dict[str, Scalar]] = defaultdict(dict)
    for owner, name, *values, truth in store.rows(table, "bool_value"):
        value = next((value for value in values if value is not None), None if truth is None else bool(truth))
        if isinstance(name, str) and value is not None:
            found[owner][name] = value
    return found


def _identity(first: str, store: Store, types: Mapping[int, str]) -> str:
    """A digest of the first execution and the first context, which stay as the store grows and moves."""
    rows = sorted(store.rows("Context"), key=_first)[:1]
    context = f"{types.get(rows[0][1], '')} {rows[0][2]} {rows[0][3]}" if rows else ""
    return "sha256:" + hashlib.sha256(f"{first}\n{context}".encode("utf-8", "surrogatepass")).hexdigest()


def time_of(milliseconds: object) -> datetime.datetime | None:
    """A time of MLMD; None where it is none."""
    if not isinstance(milliseconds, int) or not 0 < milliseconds < _MOST_MS:
        return None
    return moment_of(milliseconds)


def _first(row: Sequence[object]) -> int:
    return row[0] if isinstance(row[0], int) else -1


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
