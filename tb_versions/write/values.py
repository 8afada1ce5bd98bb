"""Values of any library as plain Python values: a NumPy scalar, a tensor, a variable."""

from __future__ import annotations

import datetime
import decimal
import fractions
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

from tb_versions.core.manifest import shown
from tb_versions.errors import InvalidManifestError

_INT64 = 2**63 - 1
_BITS = {"float32": 24, "float16": 11, "bfloat16": 8}


def to_float(value: object, what: str) -> float:
    """Returns a number, or a tensor or array with no dimensions, as a float.

    Args:
        value: The number, of any library.
        what: How the error message names it: "The metric "loss"".

    Raises:
        TypeError: It is not a number.
        InvalidManifestError: It is an integer above all doubles.
    """
    number = plain_float(value)
    if number is not None:
        return number
    if isinstance(plain_number(value), int):
        raise InvalidManifestError(f"{what} has more than 308 digits.")
    raise TypeError(f"{what} must be a number, not {described(value)}.")


def plain_float(value: object) -> float | None:
    """Returns a number of any library as a float, decimals and fractions too; None if it is something else or too big.

    Args:
        value: Anything, also an object that fails at every question.
    """
    is_exact = isinstance(value, (decimal.Decimal, fractions.Fraction))
    plain = value if is_exact else plain_number(value)
    try:
        return None if plain is None else float(cast("Any", plain))
    except (OverflowError, ValueError):
        return None


def to_step(value: object, what: str) -> int | None:
    """Returns a step as an int; None stays None.

    Args:
        value: A whole number, of any library.
        what: How the error message names it.

    Raises:
        TypeError: It is not a whole number.
        InvalidManifestError: It needs more than 64 bits.
    """
    if value is None:
        return None
    plain = plain_number(value)
    if plain is None or isinstance(plain, bool) or plain != plain // 1:
        raise TypeError(f"{what} must be a whole number, not {described(value)}.")
    if not -_INT64 <= plain <= _INT64:
        raise InvalidManifestError(f"{what} must fit into 64 bits, not {shown(value)}.")
    return int(plain)


def plain_number(value: object) -> float | int | bool | None:
    """Returns a number of any library as a Python number; None if it is something else.

    NumPy scalars count, and so do tensors, variables and arrays with no dimensions; `np.float32(0.1)` is 0.1. A masked
    value is no number, whatever lies below the mask, and neither are texts and raw bytes that look like one.
    """
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value)
    array = cast("Any", value)
    try:
        if not hasattr(array, "item") and hasattr(array, "numpy"):
            array = array.numpy()
        if tuple(array.shape) != () or is_masked(array):
            return None
        plain = array.item()
        if isinstance(plain, (str, bytes, bytearray, memoryview)):
            return None
        if isinstance(plain, (bool, int)):
            return plain
        bits = bits_of(array)
        return float(plain) if bits is None else shortest(float(plain), bits)
    except Exception:  # noqa: BLE001 -- whatever an object of anybody's class raises, it is no number
        return None


def is_masked(value: object) -> bool:
    """Whether a scalar, or an array with no dimensions, is one that NumPy masks: that it has no value."""
    try:
        mask = cast("Any", value).mask
        return getattr(mask, "shape", None) == () and bool(mask)
    except Exception:  # noqa: BLE001 -- most objects have no mask, and those of anybody's class may fail
        return False


def bits_of(array: Any) -> int | None:
    """Returns how many bits the numbers of an array's type hold, if that is fewer than a Python number has."""
    dtype = getattr(array, "dtype", "")
    return _BITS.get(str(getattr(dtype, "name", dtype)).rpartition(".")[2])  # PyTorch has "torch.float32"


def shortest(value: float, bits: int) -> float:
    """Returns the number with the fewest digits that is the same at a precision.

    Args:
        value: For example 0.10000000149011612, which is 0.1 at 24 bits.
        bits: As of `bits_of`.
    """
    if math.isfinite(value):
        for digits in range(1, 10):
            short = float(f"{value:.{digits}g}")
            mantissa, exponent = math.frexp(short)
            if math.ldexp(round(math.ldexp(mantissa, bits)), exponent - bits) == value:
                return short
    return value


def to_time(value: object) -> datetime.datetime:
    """Returns a time with a zone; one without a zone is local time.

    Args:
        value: A datetime, a date, or a text as ISO 8601 has it: "2026-11-23T08:15:00Z".

    Raises:
        TypeError: It is something else.
        InvalidManifestError: The text is not a time.
    """
    if isinstance(value, str):
        try:
            value = datetime.datetime.fromisoformat(re.sub("[zZ]$", "+00:00", value.strip()))  # Python 3.10 knows no Z
        except ValueError as error:
            example = "write it like 2026-11-23T08:15:00Z"
            raise InvalidManifestError(f"{shown(value)} is not a time; {example}.") from error
    if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        value = datetime.datetime.combine(value, datetime.time())
    if not isinstance(value, datetime.datetime):
        raise TypeError(f"created must be a datetime, a date or a text, not {described(value)}.")
    try:
        return value.astimezone(datetime.timezone.utc)
    except OverflowError as error:
        raise InvalidManifestError(
            f"{value.isoformat()} is beyond the calendar in UTC, the years 1 to 9999."
        ) from error


def to_text(value: object, what: str) -> str:
    """Returns a string unchanged. Raises TypeError for anything else."""
    if not isinstance(value, str):
        raise TypeError(f"{what} must be a string, not {described(value)}.")
    return value


def to_mapping(value: object, what: str) -> Mapping[str, Any]:
    """Returns a mapping unchanged. Raises TypeError for anything else."""
    if not isinstance(value, Mapping):
        raise TypeError(f"{what} must be a mapping like a dict, not {described(value)}.")
    return value


def to_sequence(value: object) -> Sequence[object]:
    """Returns a list or tuple unchanged, and a single value (also a string) as a tuple of one."""
    return value if isinstance(value, Sequence) and not isinstance(value, (str, bytes)) else (value,)


def type_name(value: object) -> str:
    """Returns the name of a value's type with its module, for messages."""
    cls = type(value)
    return cls.__name__ if cls.__module__ == "builtins" else f"{cls.__module__}.{cls.__name__}"


def described(value: object) -> str:
    """Describes a value for messages: its type, with its shape if it is an array, or its text if it is a string."""
    kind = type(value).__name__
    try:
        shape = getattr(value, "shape", None)
    except Exception:  # noqa: BLE001 -- of anybody's class
        return kind
    if is_masked(value):
        return f"a masked value ({kind})"
    if isinstance(shape, tuple) and shape:
        return f"{kind} of shape {tuple(shape)}"
    return f"{shown(value)} of type {kind}" if isinstance(value, (str, bytes)) or value is None else kind
