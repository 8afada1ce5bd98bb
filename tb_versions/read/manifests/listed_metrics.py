"""The metrics that the table shows of a version, packed: a table has some millions of them."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import repeat
from operator import attrgetter
from typing import Any, NamedTuple, overload

from msgspec import Struct

from tb_versions.core.fields import fields_of
from tb_versions.core.manifest import Metric, metric_key, visible
from tb_versions.read.manifests import decoding
from tb_versions.read.manifests.decoding import integer
from tb_versions.read.manifests.goals import KnownGoal, infer_goal

_Said = tuple[str, str | int, str, str, str | int, str, str]
_SAID: Callable[[decoding.Metric], _Said] = attrgetter("name", "goal", "dataset", "slice", "source", "run", "tag")
_VALUE: Callable[[decoding.Metric], float | str] = attrgetter("value")
_STEP: Callable[[decoding.Metric], decoding.Integer | None] = attrgetter("step")
_READ = {field.name: field.read for field in fields_of(Metric)}


class MetricKind(Struct, frozen=True, eq=False):
    """What metrics of one table column share; one object for all of them.

    Attributes:
        key: The column: the name, with ` [dataset/slice]` behind it where there is one.
        goal: Better when higher ("max") or lower ("min"), or "unknown".
        goal_source: "manifest", "inferred" from the name, or "unknown".
        source: "typed", "log", "evaluated", "inferred" or "imported"; "run" where only a run's curve has it.
        run: Run that it was copied from, or "".
        tag: Tag that it was copied from, or "".
    """

    key: str
    name: str
    dataset: str
    slice: str
    goal: KnownGoal
    goal_source: str
    source: str
    run: str
    tag: str


class ListedMetric(NamedTuple):
    """A metric's value, and the step at which it was taken."""

    kind: MetricKind
    value: float
    step: int | None


class ListedMetrics(Struct, frozen=True, eq=False, gc=False):
    """The metrics of one version but those of slices, in the manifest's order; a sixth of the memory of a tuple.

    Versions of one training share their kinds, and a version has nearly always one step for all of its metrics.

    Attributes:
        kinds: What the metrics are: one object for all versions that have these.
        packed: Their values in the same order, as doubles of this machine.
        steps: The steps at which they were taken, or one for all.
    """

    kinds: tuple[MetricKind, ...]
    packed: bytes
    steps: tuple[int | None, ...]

    @property
    def values(self) -> memoryview[float]:
        """Their values, in the same order."""
        return memoryview(self.packed).cast("d")

    def __len__(self) -> int:
        return len(self.kinds)

    @overload
    def __getitem__(self, index: int) -> ListedMetric: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[ListedMetric]: ...
    def __getitem__(self, index: int | slice) -> ListedMetric | Sequence[ListedMetric]:
        return list(self)[index]

    def __iter__(self) -> Iterator[ListedMetric]:
        steps = self.steps if len(self.steps) == len(self.kinds) else repeat(*self.steps)
        return map(ListedMetric, self.kinds, self.values, steps)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ListedMetrics | list | tuple) and list(self) == list(other)

    def __hash__(self) -> int:
        return hash(tuple(self))


def listed_metrics(metrics: Sequence[decoding.Metric]) -> ListedMetrics:
    """Returns the metrics of one manifest; of those with one column only the first.

    Raises:
        InvalidManifestError: A step is no integer.
    """
    kinds, places = _columns(tuple(map(_SAID, metrics)))
    if len(places) < len(metrics):
        metrics = [metrics[place] for place in places]
    packed = array("d", list(map(float, map(_VALUE, metrics)))).tobytes()
    written = list(map(_STEP, metrics))
    if written and written.count(written[0]) == len(written):  # as nearly always
        return ListedMetrics(kinds, packed, shared_steps((integer(written[0]),)))
    step_of = {step: integer(step) for step in set(written)}
    steps = shared_steps(tuple(step_of.values())) if len(step_of) == 1 else tuple(map(step_of.get, written))
    return ListedMetrics(kinds, packed, steps)


@lru_cache(maxsize=4_096)
def shared_steps(steps: tuple[int | None, ...]) -> tuple[int | None, ...]:
    """Returns one tuple for all versions that have these steps."""
    return steps


@lru_cache(maxsize=1_024)
def _columns(said: tuple[_Said, ...]) -> tuple[tuple[MetricKind, ...], tuple[int, ...]]:
    """The first kind of each column, as one tuple for all manifests with these; and its place in the manifest."""
    kinds = tuple(map(_kind, said))
    place_of = {kind.key: place for place, kind in reversed(list(enumerate(kinds)))}
    places = tuple(sorted(place_of.values()))
    return tuple(kinds[place] for place in places), places


@lru_cache(maxsize=8_192)
def _kind(said: _Said) -> MetricKind:
    """One object for all metrics of which a manifest says the same."""
    name, goal, dataset, part, source, run, tag = said
    name, dataset, part, run, tag = map(visible, (name, dataset, part, run, tag))
    known, inferred = _READ["goal"](goal), infer_goal(name)
    return shared_kind(
        metric_key(name, dataset, part),
        name,
        dataset,
        part,
        known or inferred,
        "manifest" if known else "unknown" if inferred == "unknown" else "inferred",
        _READ["source"](source) or "typed",
        run,
        tag,
    )


@lru_cache(maxsize=8_192)
def shared_kind(*fields: Any) -> MetricKind:
    """Returns the one object with these fields, in the order of the class."""
    return MetricKind(*fields)
