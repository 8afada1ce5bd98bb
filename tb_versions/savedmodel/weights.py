"""Digests of the tensors in a SavedModel's checkpoint, read without TensorFlow.

The bytes of a SavedModel differ from export to export; the tensors do not, so that equal weights have equal digests.
Keras' exports hold each variable a second time, in a list that was a set: its order is another one each time, and makes
no difference here. A list of that name that holds what has no other name is the model's own, and its order counts.

Field numbers are those of TensorFlow's tensor_bundle.proto.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from tb_versions.core.storage import local_path
from tb_versions.savedmodel.dtypes import dtype_name, read_shape
from tb_versions.savedmodel.reader import opened
from tb_versions.savedmodel.table import MAX_TABLE, read_table
from tb_versions.savedmodel.wire import Message, Source, WireError

_SHARDS, _ENDIANNESS = 1, 2  # of BundleHeaderProto
_DTYPE, _SHAPE, _SHARD, _OFFSET, _SIZE = 1, 2, 3, 4, 5  # of BundleEntryProto
_UNORDERED = re.compile(r"_all_variables/[0-9]+/\.ATTRIBUTES/VARIABLE_VALUE")  # of keras.export.ExportArchive
_NO_WEIGHT = b"_CHECKPOINTABLE_OBJECT_GRAPH"
_MOST_SHARDS = 10_000
_MAX_DATA = 1 << 50
_CHUNK = 1 << 20


@dataclass(frozen=True)
class _Entry:
    name: str
    kind: str
    shard: int
    offset: int
    size: int


def weight_digests(folder: str | os.PathLike[str]) -> dict[str, str]:
    """Returns "sha256:<hex>" of each tensor in a SavedModel's checkpoint, over its type, shape and bytes, by name.

    Args:
        folder: What holds saved_model.pb. Its `variables/` is read, every tensor once.

    Returns:
        Digests by name, sorted; empty where there are no variables.

    Raises:
        NotASavedModelError: A file is damaged or can't be read; the message names it.
    """
    path = local_path(folder) / "variables"
    if not os.path.lexists(path / "variables.index"):
        return {}
    with opened(path / "variables.index", MAX_TABLE) as source:
        shards, entries = _entries(source.read(0, source.size))
    digests: dict[str, str] = {}
    for shard in sorted({entry.shard for entry in entries}):
        with opened(path / f"variables.data-{shard:05}-of-{shards:05}", _MAX_DATA) as data:
            of_shard = [entry for entry in entries if entry.shard == shard]
            if sum(entry.size for entry in of_shard) > data.size:  # else a small index could have it read for ever
                raise WireError("its tensors take more bytes than it has")
            digests |= {entry.name: _digest(data, entry) for entry in of_shard}
    return dict(sorted(_in_order(digests).items()))


def weights_digest(digests: dict[str, str]) -> str:
    """Returns one "sha256:<hex>" over the digests of all tensors and their names; "" where there are none."""
    total = hashlib.sha256()
    for name, digest in sorted(digests.items()):
        total.update(f"{len(name.encode())} {name} {digest}\n".encode())
    return f"sha256:{total.hexdigest()}" if digests else ""


def _in_order(digests: dict[str, str]) -> dict[str, str]:
    """The same digests; those of a list without an order of its own in the order of the digests."""
    names = sorted(name for name in digests if _UNORDERED.fullmatch(name))
    if Counter(digests[name] for name in names) - Counter(digests[name] for name in digests.keys() - set(names)):
        return digests
    return {**digests, **dict(zip(names, sorted(digests[name] for name in names), strict=True))}


def _entries(index: bytes) -> tuple[int, list[_Entry]]:
    """How many files hold the tensors, and where each lies."""
    shards = 1
    found: list[_Entry] = []
    for key, value in read_table(index):
        message = Source(io.BytesIO(value), len(value)).message()
        if not key:
            header = message.scalars(numbers=(_SHARDS, _ENDIANNESS))
            shards = int(header.get(_SHARDS, 1))
            if not 0 < shards <= _MOST_SHARDS or header.get(_ENDIANNESS, 0):
                raise WireError("a checkpoint in a form that is not known")
        elif key != _NO_WEIGHT:
            found.append(_entry(key, message))
    return shards, found


def _entry(key: bytes, message: Message) -> _Entry:
    values = {number: int(value) for number, value in message.scalars(numbers=tuple(range(1, 6))).items()}
    shape = read_shape(message.child(_SHAPE))
    dimensions = ",".join(map(str, shape.dimensions)) if shape else ""
    return _Entry(
        name=key.decode("utf-8", "backslashreplace"),
        kind=f"{dtype_name(values.get(_DTYPE, 0))} [{dimensions}]",
        shard=values.get(_SHARD, 0),
        offset=values.get(_OFFSET, 0),
        size=values.get(_SIZE, 0),
    )


def _digest(data: Source, entry: _Entry) -> str:
    total = hashlib.sha256(f"{entry.kind}\n".encode())
    for part in _parts(data, entry.offset, entry.offset + entry.size):
        total.update(part)
    return f"sha256:{total.hexdigest()}"


def _parts(data: Source, start: int, end: int) -> Iterator[bytes]:
    if end > data.size:
        raise WireError("a tensor that reaches beyond it")
    for position in range(start, end, _CHUNK):
        yield data.read(position, min(position + _CHUNK, end))
