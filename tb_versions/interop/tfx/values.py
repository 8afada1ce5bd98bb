"""The numbers in a value of TFMA, which may hold several. Field numbers are those of metrics_for_slice.proto."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from tb_versions.interop.tfx.slices import shortest
from tb_versions.interop.tfx.wire import choice, double, doubles, floats, integers, wrapped_double
from tb_versions.savedmodel.wire import Message, WireError, signed

_DOUBLE, _BOUNDED, _CUTOFFS, _CONFUSION, _ARRAY, _T_DISTRIBUTION = 1, 2, 4, 5, 7, 9  # of MetricValue
_NO_NUMBERS: Mapping[int, str] = {
    3: "values that TFMA could not convert",
    6: "texts",
    10: "messages in the place of a value",
    11: "confusion matrices of several classes",
}
_TYPES = frozenset({_DOUBLE, _BOUNDED, _CUTOFFS, _CONFUSION, _ARRAY, _T_DISTRIBUTION, *_NO_NUMBERS})
_LOWER, _UPPER, _VALUE, _METHODOLOGY = 1, 2, 3, 4  # of BoundedValue
_POISSON_BOOTSTRAP = 2
_UNSAMPLED = 4  # of TDistributionValue
_COUNTS = {2: "false negatives", 3: "true negatives", 4: "false positives", 5: "true positives"}
_RATES = {6: "precision", 7: "recall"}
_WRITTEN_LATELY = {20: "false positive rate", 21: "F1", 22: "accuracy", 23: "false omission rate"}
"""Of ConfusionMatrixAtThreshold. An absent number is 0, but early releases wrote none of these."""

_MOST_ELEMENTS = 1_000


class NoNumberError(Exception):
    """A value holds no number; the message is what it holds, in the plural."""


def ends_in(value: Message | None) -> dict[str, float]:
    """Returns the ends of intervals in a MetricValue by what tells them apart; nothing where it holds none.

    In confusion matrices these are of counts only: TFMA computes each rate from the ends of counts, of tp / (tp + fp)
    both at their lower end, which is no end of an interval of the rate.

    Raises:
        WireError: It is damaged.
    """
    try:
        found = {} if value is None else numbers_in(value)
    except NoNumberError:
        return {}
    rates = tuple(f", {name}" for name in (*_RATES.values(), *_WRITTEN_LATELY.values()))
    return {name: number for name, number in found.items() if not name.endswith(rates)}


def numbers_in(value: Message) -> dict[str, float]:
    """Returns the numbers of a MetricValue by what tells them apart: "" for a single one, "cutoff 5", "[3]".

    Raises:
        NoNumberError: It holds none.
        WireError: It is damaged.
    """
    chosen = choice(value, _TYPES)
    if chosen is None:
        raise NoNumberError("empty values")
    number, inner = chosen
    if number in _NO_NUMBERS:
        raise NoNumberError(_NO_NUMBERS[number])
    if number in (_CUTOFFS, _CONFUSION, _ARRAY):
        found = dict({_CUTOFFS: _cutoffs, _CONFUSION: _confusion, _ARRAY: _array}[number](inner))
        if not found:
            raise NoNumberError("empty values")
        return found
    return {"": _single(number, inner)}


def _single(number: int, inner: Message) -> float:
    if number == _DOUBLE:
        value = double(inner, 1)
        return 0.0 if value is None else value
    found = wrapped_double(inner, _VALUE if number == _BOUNDED else _UNSAMPLED)
    if found is None:
        raise NoNumberError("intervals without a value")
    return found


def bootstrap_bounds(value: Message) -> tuple[float | None, float | None]:
    """Returns the confidence interval inside of a value, as releases before 0.35 wrote it; else (None, None).

    Other bounds inside of a value say how exactly it was computed, and nothing of samples.
    """
    chosen = choice(value, _TYPES)
    if chosen is None or chosen[0] != _BOUNDED:
        return None, None
    inner = chosen[1]
    if inner.scalars(numbers=(_METHODOLOGY,)).get(_METHODOLOGY, 0) != _POISSON_BOOTSTRAP:
        return None, None
    return wrapped_double(inner, _LOWER), wrapped_double(inner, _UPPER)


def _cutoffs(inner: Message) -> Iterator[tuple[str, float]]:
    for place, pair in enumerate(inner.each(1)):
        _check_few(place)
        cutoff = signed(int(pair.scalars(numbers=(1,)).get(1, 0)))
        yield f"cutoff {cutoff}", double(pair, 2) or 0.0


def _confusion(inner: Message) -> Iterator[tuple[str, float]]:
    for place, matrix in enumerate(inner.each(1)):
        _check_few(place * 10)
        threshold = f"threshold {_short(double(matrix, 1) or 0.0)}"
        for number, name in (_COUNTS | _RATES).items():
            yield f"{threshold}, {name}", double(matrix, number) or 0.0
        for number, name in _WRITTEN_LATELY.items():
            found = double(matrix, number)
            if found is not None:
                yield f"{threshold}, {name}", found


def _short(threshold: float) -> str:
    """The shortest decimal of a threshold; that of 32 bits where it is one."""
    as_float = shortest(threshold) if abs(threshold) < 1e38 else repr(threshold)
    return as_float if float(as_float) == threshold else repr(threshold)


def _array(inner: Message) -> Iterator[tuple[str, float]]:
    """Elements of an array by their indices; an array of one element is its number."""
    kind = int(inner.scalars(numbers=(1,)).get(1, 0))
    if kind not in (2, 3, 4, 5):
        raise NoNumberError("arrays of texts")
    values = list({2: integers, 3: integers, 4: floats, 5: doubles}[kind](inner, kind + 2))
    shape = list(integers(inner, 2))
    _check_few(len(values))
    if any(size < 0 for size in shape) or math.prod(shape) != len(values):
        raise WireError(f"an array of shape {shape[:8]} with {len(values)} elements")
    for place, value in enumerate(values):
        indices = []
        for size in reversed(shape):
            place, index = divmod(place, size)  # noqa: PLW2901
            indices.append(str(index))
        yield f"[{','.join(reversed(indices))}]" if len(values) > 1 else "", float(value)


def _check_few(count: int) -> None:
    if count > _MOST_ELEMENTS:
        raise NoNumberError(f"values with more than {_MOST_ELEMENTS:,} numbers")
