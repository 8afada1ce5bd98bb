"""TensorFlow's names of data types, by the numbers of its `types.proto`."""

from __future__ import annotations

from tb_versions.core.manifest import Shape
from tb_versions.savedmodel.wire import BYTES, VARINT, Message, WireError, signed

_NAMES = {
    1: "float32",
    2: "float64",
    3: "int32",
    4: "uint8",
    5: "int16",
    6: "int8",
    7: "string",
    8: "complex64",
    9: "int64",
    10: "bool",
    11: "qint8",
    12: "quint8",
    13: "qint32",
    14: "bfloat16",
    15: "qint16",
    16: "quint16",
    17: "uint16",
    18: "complex128",
    19: "float16",
    20: "resource",
    21: "variant",
    22: "uint32",
    23: "uint64",
    24: "float8_e5m2",
    25: "float8_e4m3fn",
    26: "float8_e4m3fnuz",
    27: "float8_e4m3b11fnuz",
    28: "float8_e5m2fnuz",
    29: "int4",
    30: "uint4",
    31: "int2",
    32: "uint2",
    33: "float4_e2m1fn",
}
_REFERENCE = 100  # TF 1: the type of a reference to such a tensor

MAX_RANK = 254
"""Most dimensions of a tensor in TensorFlow."""


def dtype_name(number: int) -> str:
    """TensorFlow's name ("float32"); "" for none, "dtype 99" for one that is not known here."""
    if number == 0:
        return ""
    if number > _REFERENCE and number - _REFERENCE in _NAMES:
        return f"{_NAMES[number - _REFERENCE]}_ref"
    return _NAMES.get(number, f"dtype {number}")


def read_shape(message: Message | None) -> Shape | None:
    """Reads a TensorShapeProto; None if there is none.

    Raises:
        WireError: More than 254 dimensions, or a damaged message.
    """
    if message is None:
        return None
    dimensions, unknown = [], False
    for field, kind, first, second in message.fields():
        if field == 2 and kind == BYTES:
            size = Message(message.source, [(first, second)]).scalars(numbers=(1,)).get(1, 0)
            dimensions.append(max(-1, signed(int(size))))
        elif field == 3 and kind == VARINT:
            unknown = first != 0
        if len(dimensions) > MAX_RANK:
            raise WireError(f"a shape of more than {MAX_RANK} dimensions")
    message.source.keep(40 * len(dimensions), objects=0)
    return Shape(unknown_rank=True) if unknown else Shape(dimensions=tuple(dimensions))


def elements(shape: Shape | None) -> int:
    """Number of elements, 0 where the shape is not fully known."""
    if shape is None or shape.unknown_rank:
        return 0
    count = 1
    for size in shape.dimensions:
        count *= max(size, 0)
    return count
