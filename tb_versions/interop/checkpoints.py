"""Steps from the names that Keras's `ModelCheckpoint` gives: an epoch and a metric's value, as in `weights.03-0.12.h5`.

Keras counts epochs from 1 in such names and from 0 in logs, other loops otherwise, and a name does not say which metric
it has. So the log decides: there must be one curve of one run that has all the values in the names of a folder, each at
the step of its epoch, counted in one of the two ways and not in the other. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tb_versions.interop.naming import Printed
from tb_versions.interop.steps import Step

_OFFSETS = (-1, 0)
_SURE = 4
"""Digits of a single value that are not there by chance; several names prove each other."""


Curves = Mapping[str, Mapping[str, Mapping[int, float]]]
"""Training to curve to value by step."""


def steps_of(printed: Mapping[str, Printed], curves: Curves) -> dict[str, Step]:
    """Returns the steps of models whose names say an epoch and a value, where the log leaves one answer.

    Args:
        printed: By key of the model; those of one folder.
        curves: Of the log directory.
    """
    if not printed or not _prove(list(printed.values())):
        return {}
    found: dict[tuple[str, int], str] = {}
    for training, of_training in curves.items():
        for label, values in of_training.items():
            for offset in _offsets(list(printed.values()), values):
                found.setdefault((training, offset), label)
    if len(found) != 1:
        return {}
    ((training, offset), label), *_ = found.items()
    return {key: _step(said, training, label, said.epoch + offset) for key, said in printed.items()}


def _prove(said: list[Printed]) -> bool:
    """Whether the values can't agree with a curve by chance."""
    values = {each.value for each in said}
    return len(values) > 1 or any(len(value.replace(".", "").lstrip("0")) >= _SURE for value in values)


def _offsets(said: list[Printed], values: Mapping[int, float]) -> Iterator[int]:
    for offset in _OFFSETS:
        if all(_is_printed(values.get(each.epoch + offset), each.value) for each in said):
            yield offset


def _is_printed(value: float | None, text: str) -> bool:
    """Whether a value is printed so; the log has it in single precision."""
    if value is None:
        return False
    half = 0.5 * 10.0 ** -len(text.partition(".")[2])
    return abs(value - float(text)) <= half + 1e-6 * abs(value)


def _step(said: Printed, training: str, label: str, step: int) -> Step:
    words = f"epoch {said.epoch:,} and {said.value} in its name, which {label} has at step {step:,}"
    return Step(training, step, f"{words}, as those of the names beside it")
