"""Hyperparameters as numbers, strings and bools, from whatever a program has: `vars(args)`, a configuration.

A training script should not fail at its end because of one value. So what can't be recorded is left out or cut, and one
warning says so.
"""

from __future__ import annotations

import argparse
import dataclasses
import enum
import hashlib
import inspect
import json
import math
import os
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from tb_versions.core.manifest import MAX_ITEMS, MAX_TEXT, Scalar, check_key, hidden_character, shown, visible
from tb_versions.errors import InvalidManifestError
from tb_versions.privacy.scrub import scrub_text
from tb_versions.privacy.secrets import holds_secret
from tb_versions.privacy.tokens import MASK
from tb_versions.write.failures import warn
from tb_versions.write.values import bits_of, is_masked, plain_number, shortest, to_mapping

_MAX_PARTS = 1_000
"""Maximum number of values in a list, dict or array."""

_EXACT_INTEGERS = 2**53
"""Integers above this are not exact in JSON."""


class _NotRecordable(Exception):  # noqa: N818 -- it never leaves this module
    """Why a value can't be recorded: "it …"."""


def to_hyperparameters(given: object) -> dict[str, Scalar]:
    """Returns hyperparameters with values of plain Python types.

    * Numbers of any library become Python numbers; `np.float32(0.1)` is 0.1.
    * None becomes "None", a path its text, a member of an enum its value if that is a string, else its name.
    * Lists, tuples, sets, dicts, dataclasses and small arrays become JSON text. Keys are sorted, so that equal values
      have equal texts.
    * Other objects become the text that `str` gives them. A text above 1,024 characters is cut; the length and the
      digest at its end still distinguish different texts.

    Args:
        given: A mapping of names to values, such as `vars(args)`; a dataclass, a namespace, a named tuple, or a
            configuration with `keys()`; None for none.

    Returns:
        The hyperparameters; one warning names those that are left out or cut.

    Raises:
        TypeError: It is none of these.
    """
    return recordable(_fields(given), "hyperparameters")


def recordable(given: object, what: str, *, newlines: bool = True) -> dict[str, Scalar]:
    """Returns values by name as `to_hyperparameters` does.

    Args:
        given: A mapping.
        what: What they are, for the warning: "hyperparameters".
        newlines: Whether texts keep their line breaks and tabs. Otherwise those at the ends go, and others are escaped.

    Raises:
        TypeError: It is no mapping.
    """
    recorded: dict[str, Scalar] = {}
    problems: list[str] = []
    named = to_mapping(given, what)
    for key in _names(named, problems):
        name = ""
        try:
            name = _name(key)
            _check(name, recorded)
            scalar = _scalar(lambda key=key: named[key])  # type: ignore[misc]
        except _NotRecordable as reason:
            problems.append(f"{shown(name)} is not recorded: {reason}")
            continue
        if isinstance(scalar, str) and not newlines:
            scalar = _one_line(scalar)
        if isinstance(scalar, str) and len(scalar) > MAX_TEXT:
            scalar = _cut(scalar)
            problems.append(f"{shown(name)} is cut to {MAX_TEXT:,} characters")
        recorded[name] = scalar
    warn_of(what, problems)
    return recorded


def warn_of(what: str, problems: Sequence[str]) -> None:
    """Warns once of what can't be recorded: of the first problems, and of how many more there are."""
    if problems:
        more = f" (and {len(problems) - 5:,} more)" if len(problems) > 5 else ""
        warn(f"Of the {what}, {'; '.join(problems[:5])}{more}.")


def masked(found: Mapping[str, Any]) -> dict[str, Scalar]:
    """Returns hyperparameters that nobody wrote down for a manifest, with secrets masked and home folders as `~`.

    Args:
        found: As of `to_hyperparameters`: what a library keeps of its settings. Values of None are left out.
    """
    plain = to_hyperparameters({name: value for name, value in found.items() if value is not None})
    return {name: _without_secret(name, value) for name, value in plain.items()}


def _without_secret(name: str, value: Scalar) -> Scalar:
    if not isinstance(value, str):
        return value
    return MASK if holds_secret(name, value) else scrub_text(value)


def _names(named: Mapping[Any, Any], problems: list[str]) -> Iterator[Any]:
    """The names of a mapping, which may fail on the way."""
    try:
        yield from named
    except Exception as error:  # noqa: BLE001 -- of anybody's class
        problems.append(f"some are not recorded: their names can't be read ({type(error).__name__})")


def _name(key: object) -> str:
    try:
        return str(key)
    except Exception as error:
        raise _NotRecordable(f"its name can't be read ({type(error).__name__})") from error


def _check(name: str, recorded: Mapping[str, Scalar]) -> None:
    if len(recorded) >= MAX_ITEMS:
        raise _NotRecordable(f"a version holds at most {MAX_ITEMS:,}")
    try:
        check_key(name, "its name")
    except InvalidManifestError as error:
        raise _NotRecordable(str(error).rstrip(".")) from error


def _fields(given: object) -> object:
    """What a collection of settings has by name; anything else as it is.

    None has nothing. Dataclasses, namespaces and named tuples have fields; configurations of other libraries have
    `keys()`, as mappings have, though they are no `Mapping`.
    """
    if given is None:
        return {}
    if dataclasses.is_dataclass(given) and not isinstance(given, type):
        return {field.name: getattr(given, field.name) for field in dataclasses.fields(given)}
    if isinstance(given, (argparse.Namespace, types.SimpleNamespace)):
        return vars(given)
    if isinstance(given, tuple) and hasattr(given, "_asdict"):
        return given._asdict()
    if isinstance(given, (Mapping, type)):
        return given
    try:
        return {key: given[key] for key in given.keys()}  # type: ignore[attr-defined,index]  # noqa: SIM118
    except Exception:  # noqa: BLE001 -- no collection by name: to_mapping says so
        return given


def _scalar(read: Callable[[], object]) -> Scalar:
    """A value as a manifest holds it; a structured one as JSON text.

    Args:
        read: Returns the value; a lazy configuration may fail.
    """
    try:
        plain = _plain(read(), _count_to(_MAX_PARTS))
        if isinstance(plain, (list, dict)):
            return _visible(json.dumps(_strict(plain), ensure_ascii=False, sort_keys=True))
    except _NotRecordable:
        raise
    except RecursionError as error:
        raise _NotRecordable("it is nested too deeply") from error
    except Exception as error:
        raise _NotRecordable(f"it can't be read ({type(error).__name__})") from error
    return "None" if plain is None else plain


def _plain(value: Any, parts: Iterator[None]) -> Any:
    """A value of the types that JSON has."""
    next(parts)
    if isinstance(value, enum.Enum):
        value = value.value if isinstance(value, (str, int, float)) or isinstance(value.value, str) else value.name
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _visible(str.__str__(value))
    if is_masked(value):
        raise _NotRecordable("it is masked, so it has no value")
    number = _number(value)
    if number is not None:
        return number
    if _is_tensor_of_text(value):
        return _plain(value.numpy().decode(errors="backslashreplace"), parts)
    structure = _structure(value)
    if isinstance(structure, dict):
        return {str(key): _plain(part, parts) for key, part in structure.items()}
    if isinstance(structure, list):
        return [_plain(part, parts) for part in structure]
    return _text(value)


def _structure(value: Any) -> dict[Any, Any] | list[Any] | None:
    """The parts of a structured value; None for any other value."""
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (list, tuple)):
        return list(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value, key=repr)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {part.name: getattr(value, part.name) for part in dataclasses.fields(value)}
    return _rows(value) if hasattr(value, "shape") else None


def _is_tensor_of_text(value: Any) -> bool:
    """Whether it is a tensor with no dimensions, whose array is not an array but bytes."""
    return hasattr(value, "numpy") and tuple(value.shape) == () and isinstance(value.numpy(), bytes)


def _rows(array: Any) -> list[Any] | None:
    """The rows of a small array or tensor; None if it only has a shape as arrays have (a specification, a table)."""
    if not hasattr(array, "tolist"):
        array = array.numpy() if hasattr(array, "numpy") else None
    if not hasattr(array, "tolist"):
        return None
    if math.prod(array.shape) > _MAX_PARTS:
        raise _NotRecordable(f"it is an array of shape {tuple(array.shape)}; give a digest of it as a dataset")
    rows: list[Any] = array.tolist()
    bits = bits_of(array)
    return rows if bits is None else _shortened(rows, bits)


def _number(value: object) -> float | int | str | None:
    """A number; as text if it is an integer that JSON can't hold exactly."""
    number = plain_number(value)
    if isinstance(number, int) and not isinstance(number, bool) and abs(number) > _EXACT_INTEGERS:
        return str(number)
    return number


def _shortened(rows: Any, bits: int) -> Any:
    if isinstance(rows, list):
        return [_shortened(row, bits) for row in rows]
    return None if rows is None else shortest(rows, bits)  # None: masked


def _text(value: object) -> str:
    """The text of an object that describes itself; the path of a path; the name of a function or class."""
    if isinstance(value, os.PathLike):
        return _visible(os.fsdecode(value))
    if inspect.isroutine(value) or isinstance(value, type):
        name = f"{value.__module__}.{value.__qualname__}"
        if "<lambda>" not in name:
            return _visible(name)
    elif type(value).__str__ is not object.__str__ or type(value).__repr__ is not object.__repr__:
        try:
            text = str(value)
        except Exception as error:
            raise _NotRecordable(f"str() of its type {type(value).__name__} fails") from error
        if " at 0x" not in text:  # an address is another one in each process
            return _visible(text)
    raise _NotRecordable(f"it is a {type(value).__name__}, which has no text of its own")


def _strict(plain: Any) -> Any:
    """Replaces NaN and infinities, which strict JSON does not have, by their names."""
    if isinstance(plain, dict):
        return {key: _strict(value) for key, value in plain.items()}
    if isinstance(plain, list):
        return [_strict(value) for value in plain]
    if isinstance(plain, float) and not math.isfinite(plain):
        return "NaN" if math.isnan(plain) else "Infinity" if plain > 0 else "-Infinity"
    return plain


def _visible(text: str) -> str:
    """A text with hidden characters escaped; line breaks and tabs stay."""
    if hidden_character(text, newlines=True) is None:
        return text
    return "".join(c if hidden_character(c, newlines=True) is None else f"\\u{{{ord(c):x}}}" for c in text)


def _one_line(text: str) -> str:
    return text if hidden_character(text) is None else visible(text.strip())


def _cut(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    end = f"… ({len(text):,} characters, sha256 {digest})"
    return text[: MAX_TEXT - len(end)] + end


def _count_to(limit: int) -> Iterator[None]:
    """Yields a limited number of times."""
    yield from [None] * limit
    raise _NotRecordable(f"it has more than {limit:,} values")
