"""TFMA's metrics of slices, one message a slice. Field numbers are those of metrics_for_slice.proto."""

from __future__ import annotations

import io
import json
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from tb_versions.core.manifest import MAX_METRICS, Metric, visible
from tb_versions.errors import NotAModelError
from tb_versions.interop.tfx.metric_keys import MetricKey, key_of
from tb_versions.interop.tfx.slices import slice_of
from tb_versions.interop.tfx.values import NoNumberError, bootstrap_bounds, ends_in, numbers_in
from tb_versions.savedmodel.wire import Message, Source, WireError

CONFIDENCE = 0.95
"""Of every interval that TFMA writes: it has no setting for that (utils/math_util.py)."""

_METRIC_BYTES = 700_000
"""Most bytes of a manifest for metrics, which has 1 MiB in all; estimated by their texts."""

_SLICE_KEY, _METRICS, _CROSS_SLICE_KEY, _KEYS_AND_VALUES = 1, 2, 3, 51  # of MetricsForSlice
_KEY, _VALUE, _INTERVAL = 1, 2, 3  # of MetricKeyAndValue
_UPPER, _LOWER = 1, 2  # of ConfidenceInterval
_ERROR = "__ERROR__"
_COUNT = "example_count"
_MOST = 200_000
"""Most numbers of one evaluation that are looked at."""


@dataclass(frozen=True)
class Measured:
    """A number that TFMA measured on a slice.

    Attributes:
        key: What it is.
        slice: Where; "" is all of the data.
        value: The number.
        lower: Lower end of its confidence interval, None where there is none.
        upper: Upper end.
        examples: How many examples the slice has, None where unknown.
    """

    key: MetricKey
    slice: str
    value: float
    lower: float | None = None
    upper: float | None = None
    examples: int | None = None


def read_metrics(records: Iterable[bytes], notes: Counter[str]) -> list[Measured]:
    """Returns what the records of `metrics` say, in their order.

    Args:
        records: Serialized MetricsForSlice.
        notes: Counts what is left out, by what it is.

    Raises:
        NotAModelError: A record is no such message.
    """
    found: list[Measured] = []
    for number, record in enumerate(records, start=1):
        source = Source(io.BytesIO(record), len(record))
        try:
            found += _with_examples(list(_of_slice(source.message(), notes)))
        except WireError as error:
            raise NotAModelError(f"its record {number:,} is damaged: {visible(str(error))}") from None
        if len(found) > _MOST:
            raise NotAModelError(f"it has more than {_MOST:,} numbers")
    return found


def _of_slice(message: Message, notes: Counter[str]) -> Iterator[Measured]:
    if message.child(_CROSS_SLICE_KEY) is not None:
        notes["numbers that are differences between two slices"] += sum(1 for _ in message.each(_KEYS_AND_VALUES))
        return
    part = slice_of(message, _SLICE_KEY, _CROSS_SLICE_KEY)
    for entry in message.each(_METRICS):  # a map: its entries have key and value in 1 and 2
        name = entry.text(_KEY)
        if name == _ERROR:
            notes["slices without numbers, such as those that are too small"] += 1
        else:
            yield from _numbers(MetricKey(name), part, entry, notes)
    for entry in message.each(_KEYS_AND_VALUES):
        yield from _numbers(key_of(entry.child(_KEY)), part, entry, notes)


def _numbers(key: MetricKey, part: str, entry: Message, notes: Counter[str]) -> Iterator[Measured]:
    value = entry.child(_VALUE)
    try:
        numbers = {} if value is None else numbers_in(value)
    except NoNumberError as error:
        notes[str(error)] += 1
        return
    if value is None or not key.name:
        notes["values without a name or without a number"] += 1
        return
    lower, upper = _interval(entry, value)
    for element, number in numbers.items():
        entry.source.keep(objects=4)
        low, high = lower.get(element), upper.get(element)
        if not _is_around(number, low, high):
            notes["intervals that don't hold their value"] += 1
            low = high = None
        yield Measured(replace(key, element=element), part, number, low, high)


def _interval(entry: Message, value: Message) -> tuple[Mapping[str, float], Mapping[str, float]]:
    """Lower and upper ends by element."""
    interval = entry.child(_INTERVAL)
    if interval is None:
        low, high = bootstrap_bounds(value)
        return {} if low is None else {"": low}, {} if high is None else {"": high}
    return ends_in(interval.child(_LOWER)), ends_in(interval.child(_UPPER))


def _is_around(value: float, low: float | None, high: float | None) -> bool:
    ends = [end for end in (low, high) if end is not None]
    if not ends:
        return True
    return all(map(math.isfinite, (*ends, value))) and (low is None or low <= value) and (high is None or value <= high)


def _with_examples(measured: list[Measured]) -> list[Measured]:
    """The numbers of one slice with its count of examples, where TFMA was asked to count."""
    counts: dict[tuple[str, str], float] = {}
    for each in measured:
        key = each.key
        if key.name == _COUNT and not key.weighted and not key.is_diff and not key.element:
            counts.setdefault((key.model_name, key.output_name), each.value)
    same = next(iter(counts.values())) if len(set(counts.values())) == 1 else None

    def count_for(key: MetricKey) -> int | None:
        count = counts.get((key.model_name, key.output_name), same)
        return int(count) if count is not None and count >= 0 and float(count).is_integer() else None

    return [each if each.key.is_diff else replace(each, examples=count_for(each.key)) for each in measured]


def to_metrics(
    measured: Iterable[Measured], dataset: str, candidates: frozenset[str], notes: Counter[str]
) -> list[Metric]:
    """Returns metrics as manifests have them; of the whole data first, then of slices with most examples first.

    Args:
        measured: Of one evaluation.
        dataset: What it was measured on.
        candidates: Names under which the evaluation knows the model itself; others are of the model it is compared
            with, and say so in their names.
        notes: Counts what is left out, by what it is.
    """
    by_name: dict[tuple[str, str], list[Measured]] = defaultdict(list)
    for each in measured:
        by_name[each.key.called(candidates), each.slice].append(each)
    found = []
    for (name, part), group in by_name.items():
        for each in group:
            called = each.key.called(candidates, says_unweighted=True) if len(group) > 1 else name
            found.append(_metric(each, called, part, dataset))
    unique = Counter((metric.name, metric.slice) for metric in found)
    twice = [metric for metric in found if unique[metric.name, metric.slice] > 1]
    notes["numbers that TFMA has several times under one name"] += len(twice)
    kept = [metric for metric in found if unique[metric.name, metric.slice] == 1]
    return sorted(kept, key=lambda metric: (bool(metric.slice), -(metric.examples or 0), metric.slice))


def _metric(each: Measured, name: str, part: str, dataset: str) -> Metric:
    has_interval = each.lower is not None or each.upper is not None
    return Metric(
        name=name,
        value=each.value,
        dataset=dataset,
        slice=part,
        lower=each.lower,
        upper=each.upper,
        confidence=CONFIDENCE if has_interval else None,
        examples=each.examples,
    )


def as_many_as_fit(metrics: Sequence[Metric], notes: list[str]) -> list[Metric]:
    """Returns as many metrics as a manifest holds: those of all data, then those of slices with most examples.

    Args:
        metrics: Of all evaluations of a version.
        notes: A sentence is added if some are left out.
    """
    ordered = sorted(metrics, key=lambda metric: (bool(metric.slice), -(metric.examples or 0)))
    kept: list[Metric] = []
    left = _METRIC_BYTES
    for metric in ordered:
        left -= 260 + sum(len(json.dumps(text)) for text in (metric.name, metric.dataset, metric.slice))
        if left < 0 or len(kept) == MAX_METRICS:
            break
        kept.append(metric)
    if len(kept) < len(ordered):
        notes.append(
            f"Of {len(ordered):,} metrics the first {len(kept):,} were taken, as a manifest holds: those of all data, "
            "then those of slices with most examples."
        )
    return kept
