"""The options in the arguments of a command: `--lr 0.1 --epochs=5` says that lr is 0.1 and epochs 5. Pure.

Nobody knows what a script makes of its arguments. What is found here is what the usual libraries would make of them,
and it is shown under names of its own.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator

from tb_versions.core.manifest import MAX_TEXT, Scalar

_OPTION = re.compile(r"--?([A-Za-z][\w.-]{0,100})(?:=(.*))?", re.DOTALL)
_ASSIGNMENT = re.compile(r"([A-Za-z_][\w.]{0,100})=(.*)", re.DOTALL)  # as Hydra has them: model.units=32
_INTEGER = re.compile(r"[+-]?[0-9]{1,15}")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_MASK = "***"
_RESERVED = frozenset({"__proto__", "constructor", "prototype"})


def options_of(arguments: Iterable[str]) -> dict[str, Scalar]:
    """Returns the options of a command by name.

    Those without a value are True. Those with several values, or that are given several times, are texts: "64 32".
    Masked values are left out, and arguments that belong to no option.
    """
    found: dict[str, list[str]] = {}
    for name, values in _given(arguments):
        found.setdefault(name, []).extend(values)
    return {
        name: _value(values)
        for name, values in found.items()
        if name not in _RESERVED and not any(_MASK in value for value in values)
    }


def _given(arguments: Iterable[str]) -> Iterator[tuple[str, list[str]]]:
    """Each option with its values, in the order of the command."""
    name, values = "", list[str]()
    for argument in arguments:
        option = None if _NUMBER.fullmatch(argument) else _OPTION.fullmatch(argument)
        assignment = option or _ASSIGNMENT.fullmatch(argument)
        if assignment is None and argument != "--":
            values.append(argument)
            continue
        if name:
            yield name, values
        name, values = "", []
        if assignment is None:
            continue
        if assignment[2] is None:
            name = assignment[1]
        else:
            yield assignment[1], [assignment[2]]
    if name:
        yield name, values


def _value(values: list[str]) -> Scalar:
    if not values:
        return True
    text = " ".join(values)
    if _INTEGER.fullmatch(text):
        return int(text)
    number = float(text) if _NUMBER.fullmatch(text) else math.nan
    return number if math.isfinite(number) else text[:MAX_TEXT]
