"""What the process that holds the tables and the one that asks it write to each other: kind, number, length, bytes."""

from __future__ import annotations

from struct import Struct
from typing import IO

import msgspec

from tb_versions.core.manifest import visible
from tb_versions.errors import InvalidFilterError, InvalidQueryError, StorageError, TbVersionsError

LARGEST = 64 << 20
"""Most bytes of a frame."""

QUESTION, INTERRUPT, WATCHED, ANSWER, REFUSED, TOLD = b"Q", b"I", b"W", b"A", b"R", b"T"

_HEADER = Struct("<cII")


def write_frame(to: IO[bytes], kind: bytes, number: int, data: bytes = b"") -> None:
    """Writes a frame.

    Args:
        to: Where.
        kind: One of the constants above.
        number: Of the question that it belongs to.
        data: At most `LARGEST` bytes.

    Raises:
        OSError: The other process has ended.
        ValueError: It is too large, or `to` is closed.
    """
    if len(data) > LARGEST:
        raise ValueError(f"A frame of {len(data):,} bytes is too large.")
    to.write(_HEADER.pack(kind, number, len(data)))
    to.write(data)
    to.flush()


def read_frame(source: IO[bytes]) -> tuple[bytes, int, bytes] | None:
    """Returns the kind, number and bytes of the next frame; None at the end.

    Raises:
        ValueError: What comes is no frame.
    """
    head = source.read(_HEADER.size)
    if len(head) < _HEADER.size:
        return None
    kind, number, length = _HEADER.unpack(head)
    if length > LARGEST or kind not in (QUESTION, INTERRUPT, WATCHED, ANSWER, REFUSED, TOLD):
        raise ValueError("What the process of the tables wrote can't be read.")
    data = source.read(length)
    return None if len(data) < length else (kind, number, data)


class _Refusal(msgspec.Struct):
    """Why a question is not answered: the kind of the error and its parts."""

    kind: str
    reason: str
    at: int = 0
    end: int = 0
    fix: str | None = None


def refusal(error: TbVersionsError) -> bytes:
    """Returns an error as it travels."""
    if isinstance(error, InvalidFilterError):
        return msgspec.json.encode(_Refusal("filter", error.reason, error.at, error.end, error.fix))
    kind = "query" if isinstance(error, InvalidQueryError) else "storage"
    return msgspec.json.encode(_Refusal(kind, visible(str(error))))


def refused(data: bytes) -> TbVersionsError:
    """Returns the error that came: about the filter, another parameter, or the tables. Raises msgspec.MsgspecError."""
    told = msgspec.json.decode(data, type=_Refusal)
    if told.kind == "filter":
        return InvalidFilterError(told.reason, at=told.at, end=told.end, fix=told.fix)
    return InvalidQueryError(told.reason) if told.kind == "query" else StorageError(told.reason)
