"""What TFMA found when it compared metrics with thresholds. Field numbers are those of validation_result.proto."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tb_versions.core.manifest import visible
from tb_versions.errors import NotAModelError
from tb_versions.interop.tfx.metric_keys import key_of
from tb_versions.interop.tfx.slices import slice_of
from tb_versions.interop.tfx.values import NoNumberError, numbers_in
from tb_versions.interop.tfx.wire import choice, wrapped_double
from tb_versions.savedmodel.wire import Message, Source, WireError

_OK, _SLICES, _MISSING, _MISSING_CROSSED, _NO_THRESHOLDS, _RUBBER_STAMP = 1, 2, 3, 5, 6, 7  # of ValidationResult
_SLICE_KEY, _FAILURES, _CROSS_SLICE_KEY = 2, 3, 4  # of MetricsValidationForSlice
_KEY, _THRESHOLD, _VALUE, _MESSAGE = 1, 2, 3, 4  # of ValidationFailure
_VALUE_THRESHOLD, _CHANGE_THRESHOLD = 1, 2  # of MetricThreshold
_LOWER_IS_BETTER, _HIGHER_IS_BETTER = 1, 2
_MOST_FAILURES = 20


@dataclass(frozen=True)
class Verdict:
    """What came of comparing metrics with thresholds.

    Attributes:
        ok: Whether all were met.
        is_rubber_stamp: Whether thresholds of change did not count, as there was no model to compare with.
        reasons: What was not met, in words; of very many the first.
    """

    ok: bool
    is_rubber_stamp: bool
    reasons: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """All of it in one line."""
        said = ["Its thresholds are met" if self.ok else "Its thresholds are not met"]
        if self.is_rubber_stamp:
            said.append("there was no model to compare with, so that thresholds of change did not count")
        return "; ".join((*said, *self.reasons))


def read_verdict(records: Sequence[bytes], candidates: frozenset[str]) -> Verdict | None:
    """Returns what the records of `validations` say; None where there is none.

    Args:
        records: Serialized ValidationResults: one.
        candidates: Names under which the evaluation knows the model itself.

    Raises:
        NotAModelError: There are several, or it is no such message.
    """
    if not records:
        return None
    if len(records) > 1:
        raise NotAModelError(f"it has {len(records):,} results where there can be one")
    try:
        return _verdict(Source(io.BytesIO(records[0]), len(records[0])).message(), candidates)
    except WireError as error:
        raise NotAModelError(f"it is damaged: {visible(str(error))}") from None


def _verdict(message: Message, candidates: frozenset[str]) -> Verdict:
    flags = message.scalars(numbers=(_OK, _NO_THRESHOLDS, _RUBBER_STAMP))
    reasons = ["it has no thresholds"] if flags.get(_NO_THRESHOLDS) else []
    missing = sum(1 for number in (_MISSING, _MISSING_CROSSED) for _ in message.each(number))
    if missing:
        reasons.append(f"{missing:,} slices with thresholds are missing")
    failures = [words for each in message.each(_SLICES) for words in _failures(each, candidates)]
    more = len(failures) - _MOST_FAILURES
    reasons += failures[:_MOST_FAILURES] + ([f"and {more:,} more"] if more > 0 else [])
    return Verdict(bool(flags.get(_OK)), bool(flags.get(_RUBBER_STAMP)), tuple(reasons))


def _failures(of_slice: Message, candidates: frozenset[str]) -> Iterator[str]:
    part = slice_of(of_slice, _SLICE_KEY, _CROSS_SLICE_KEY)
    where = f" on {part}" if part else ""
    for failure in of_slice.each(_FAILURES):
        name = key_of(failure.child(_KEY)).called(candidates)
        asked = _asked(failure.child(_THRESHOLD))
        message = visible(" ".join(failure.text(_MESSAGE).split()))[:200]
        said = [_is(failure.child(_VALUE)), asked and f"asked for is {asked}", message]
        failure.source.keep(len(name) + 1_000)
        yield visible(f"{name}{where}: " + ", ".join(filter(None, said)))


def _is(value: Message | None) -> str:
    try:
        return "" if value is None else f"{numbers_in(value)['']:.6g}"
    except (NoNumberError, KeyError):
        return ""


def _asked(threshold: Message | None) -> str:
    chosen = choice(threshold, frozenset({_VALUE_THRESHOLD, _CHANGE_THRESHOLD})) if threshold else None
    if threshold is None or chosen is None:
        return ""
    value, change = threshold.child(_VALUE_THRESHOLD), threshold.child(_CHANGE_THRESHOLD)
    said = [_range(value) if value else "", _change(change) if change else ""]
    return ", ".join(filter(None, said))


def _range(threshold: Message) -> str:
    low, high = wrapped_double(threshold, 1), wrapped_double(threshold, 2)
    said = ["" if low is None else f"at least {low:.6g}", "" if high is None else f"at most {high:.6g}"]
    return " and ".join(filter(None, said))


def _change(threshold: Message) -> str:
    absolute, relative = wrapped_double(threshold, 1), wrapped_double(threshold, 2)
    direction = threshold.scalars(numbers=(3,)).get(3)
    than = {_LOWER_IS_BETTER: "at most", _HIGHER_IS_BETTER: "at least"}.get(int(direction or 0), "within")
    said = [
        "" if absolute is None else f"a change of {than} {absolute:+.6g}",
        "" if relative is None else f"a change of {than} {relative:+.6g} times the baseline",
    ]
    return " and ".join(filter(None, said))
