"""Single values of a manifest as proto3 JSON has them: a function each way.

Readers take every form that the mapping allows: a 64-bit integer is text or a number ("7", 7, 7.0), a double may be
"NaN", "Infinity" or "-Infinity", an enum is its word or its number. Writers give the one form that is on disk.
"""

from __future__ import annotations

import datetime
import math
import operator
import re
from collections.abc import Mapping

from google.protobuf import timestamp_pb2

from tb_versions.core.manifest import Scalar, shown, visible
from tb_versions.errors import InvalidManifestError

_DECIMAL = re.compile(r"-?[0-9]{1,19}", re.ASCII)
_USUAL_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3}|\.\d{6})?Z", re.ASCII)
_NOT_FINITE = ("NaN", "Infinity", "-Infinity")
_EXACT = 2**53
_KINDS = {dict: "an object", list: "a list", str: "text", bool: "true or false", type(None): "null"}


class WrongValueError(InvalidManifestError):
    """A value that a field can't have.

    Each level that catches it adds its name to the path, so that paths are only built for errors:
    `WrongValueError("text, not a list").within("name").within("[3]").within("metrics")` says "The field metrics[3].name
    must be text, not a list."
    """

    def __init__(self, must: str) -> None:
        super().__init__(must)
        self._must = must
        self._path = ""

    def within(self, name: str) -> WrongValueError:
        """Puts a name or an [index] in front of the path, and returns the error."""
        joint = "." if self._path and not self._path.startswith("[") else ""
        self._path = f"{name}{joint}{self._path}"
        return self

    def __str__(self) -> str:
        path = visible(self._path)
        return f"The field {path if len(path) <= 200 else path[:199] + '…'} must be {self._must}."


def kind_of(value: object) -> str:
    """Returns what a value is in JSON: "an object", "a list", "text"."""
    return _KINDS.get(type(value), "a number")


def read_text(value: object) -> str:
    """Returns a text."""
    if not isinstance(value, str):
        raise WrongValueError(f"text, not {kind_of(value)}")
    return value


def write_text(value: object) -> str:
    """Returns a text that can be written as UTF-8."""
    text = read_text(value)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise WrongValueError(f"text that is Unicode, not {shown(text)}") from None
    return text


def read_bool(value: object) -> bool:
    """Returns true or false."""
    if not isinstance(value, bool):
        raise WrongValueError(f"true or false, not {kind_of(value)}")
    return value


def read_integer(value: object, *, bits: int = 64) -> int:
    """Returns a signed integer, from a number or its decimal digits."""
    number = value
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        number = int(value)
    if isinstance(value, float) and value.is_integer():
        number = int(value)
    if type(number) is not int or not -1 <= number >> (bits - 1) <= 0:
        what = shown(value) if isinstance(value, (int, float, str)) else kind_of(value)
        raise WrongValueError(f"a {bits}-bit integer, not {what}")
    return number


def write_integer(value: int, *, bits: int = 64) -> int | str:
    """Returns 32 bits as a number and 64 bits as text."""
    try:
        number = read_integer(operator.index(value), bits=bits)
    except TypeError:
        raise WrongValueError(f"an integer, not {shown(value)}") from None
    return str(number) if bits == 64 else number


def read_double(value: object) -> float:
    """Returns a number; of texts only those three that JSON has no number for."""
    if isinstance(value, bool) or not (isinstance(value, (int, float)) or value in _NOT_FINITE):
        raise WrongValueError(f"a number, not {shown(value) if isinstance(value, str) else kind_of(value)}")
    try:
        return float(value)
    except OverflowError:  # hundreds of digits
        raise WrongValueError("a number up to 1.8e308") from None


def write_double(value: float) -> float | str:
    """Returns a number, or one of the three texts."""
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        raise WrongValueError(f"a number, not {shown(value)}") from None
    if math.isfinite(number):
        return number
    return "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"


def read_scalar(value: object) -> Scalar:
    """Returns a hyperparameter's value: a whole number comes back as int, for JSON has 32.0 for 32."""
    if isinstance(value, (bool, str)):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) <= _EXACT else value
    if not isinstance(value, int):
        raise WrongValueError("a number, string or bool")
    if abs(value) <= _EXACT:
        return value
    return str(value) if abs(value) < 2**64 else read_double(value)


def write_scalar(value: object) -> bool | float | str:
    """Returns a hyperparameter's value; a number that JSON or a double can't hold becomes text."""
    if isinstance(value, str):
        return write_text(value)
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return float(value) if abs(value) <= _EXACT else str(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else str(value)
    raise WrongValueError("a number, string or bool")


def read_time(value: object) -> datetime.datetime | None:
    """Returns the UTC time in an RFC 3339 text; None for "". Digits beyond microseconds are cut off."""
    if value == "":
        return None
    try:
        if isinstance(value, str) and _USUAL_TIME.fullmatch(value):
            return datetime.datetime.fromisoformat(value[:-1] + "+00:00")
        message = timestamp_pb2.Timestamp()
        message.FromJsonString(value)  # type: ignore[arg-type]
        return message.ToDatetime(datetime.timezone.utc)
    except (ValueError, OverflowError, TypeError, AttributeError):
        raise WrongValueError(f"a time like 2026-11-23T08:15:00Z, not {shown(value)}") from None


def write_time(value: datetime.datetime) -> str:
    """Returns RFC 3339 in UTC with 0, 3 or 6 digits of a second's fraction, as many as it takes."""
    try:
        text = value.astimezone(datetime.timezone.utc).isoformat(timespec="microseconds")
    except (AttributeError, ValueError, OverflowError):
        raise WrongValueError(f"a time, not {shown(value)}") from None
    return text.removesuffix("+00:00").removesuffix("000").removesuffix(".000") + "Z"


def read_word(value: object, words: Mapping[object, str]) -> str:
    """Returns an enum's word in lower case, "" for one that this version does not know.

    Args:
        value: "MAX", or its number.
        words: By name and number, in lower case.
    """
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise WrongValueError(f"a word, not {kind_of(value)}")
    return words.get(value, "")


def write_word(value: object, names: Mapping[str, str]) -> str:
    """Returns an enum's name: "MAX" for "max"."""
    name = names.get(value) if isinstance(value, str) else None
    if name is None:
        raise WrongValueError(f"{' or '.join(names)}, not {shown(value)}")
    return name


def scalar_text(value: Scalar) -> str:
    """Returns a value as text that gives it back: true, 32, 0.001, NaN, inf."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return "NaN" if math.isnan(value) else repr(value)
    return str(value)
