"""LiteRT files, sound and hostile. The sound one is built by hand, back to front, as FlatBuffers are."""

from __future__ import annotations

import contextlib
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tb_versions.core.manifest import SavedModel, Shape
from tb_versions.errors import NotAModelError
from tb_versions.formats import read_format
from tb_versions.formats.models import Model


class Builder:
    """Lays tables, vectors and texts into a buffer; each is put behind those that refer to it."""

    def __init__(self) -> None:
        self.data = bytearray(b"\0\0\0\0TFL3")

    def table(self, *fields: bytes | int | None) -> int:
        """Puts a table whose fields are bytes, or 4 empty bytes for an offset (an int); returns its place."""
        offsets, body = [], b""
        for item in fields:
            offsets.append(0 if item is None else 4 + len(body))
            body += b"" if item is None else item if isinstance(item, bytes) else bytes(4)
        start = len(self.data)
        self.data += struct.pack(f"<HH{len(offsets)}H", 4 + 2 * len(offsets), 4 + len(body), *offsets)
        place = len(self.data)
        self.data += struct.pack("<i", place - start) + body
        return place

    def place_of(self, table: int, field: int) -> int:
        (back,) = struct.unpack_from("<i", self.data, table)
        return table + struct.unpack_from("<H", self.data, table - back + 4 + 2 * field)[0]

    def link(self, at: int, to: int) -> None:
        struct.pack_into("<I", self.data, at, to - at)

    def vector(self, at: int, data: bytes, count: int) -> int:
        place = len(self.data)
        self.data += struct.pack("<I", count) + data
        self.link(at, place)
        return place + 4


def sound() -> bytes:
    """x (1, 4) float32 → y (1, 3) int8, with a constant w (4, 3)."""
    made = Builder()
    model = made.table(None, None, 0, None, 0)
    made.link(0, model)
    graphs = made.vector(made.place_of(model, 2), bytes(4), 1)
    graph = made.table(0, 0, 0)
    made.link(graphs, graph)
    tensors = made.vector(made.place_of(graph, 0), bytes(12), 3)
    for index, (name, sizes, kind, buffer) in enumerate(
        [("x", (1, 4), 0, 0), ("y", (1, 3), 9, 0), ("w", (4, 3), 0, 1)]
    ):
        tensor = made.table(0, struct.pack("<Bxxx", kind), struct.pack("<I", buffer), 0)
        made.link(tensors + 4 * index, tensor)
        made.vector(made.place_of(tensor, 0), struct.pack(f"<{len(sizes)}i", *sizes), len(sizes))
        made.vector(made.place_of(tensor, 3), name.encode() + b"\0", len(name))
    made.vector(made.place_of(graph, 1), struct.pack("<i", 0), 1)
    made.vector(made.place_of(graph, 2), struct.pack("<i", 1), 1)
    buffers = made.vector(made.place_of(model, 4), bytes(8), 2)
    made.link(buffers, made.table())
    full = made.table(0)
    made.link(buffers + 4, full)
    made.vector(made.place_of(full, 0), bytes(48), 48)
    return bytes(made.data)


def read(folder: Path, data: bytes) -> SavedModel:
    (folder / "model.tflite").write_bytes(data)
    told = read_format(Model(str(folder), "tflite", "model.tflite")).saved_model
    assert told is not None
    return told


def test_inputs_outputs_and_constants_are_told(tmp_path: Path) -> None:
    told = read(tmp_path, sound())
    (signature,) = told.meta_graphs[0].signatures
    assert [(t.name, t.dtype, t.shape) for t in signature.inputs] == [("x", "float32", Shape(dimensions=(1, 4)))]
    assert [(t.name, t.dtype, t.shape) for t in signature.outputs] == [("y", "int8", Shape(dimensions=(1, 3)))]
    assert [(v.name, v.shape) for v in told.variables] == [("w", Shape(dimensions=(4, 3)))]
    assert told.parameter_count == 12


@pytest.mark.parametrize("data", [b"", b"TFL3", bytes(100), b"\xff\xff\xff\xffTFL3", b"\x08\0\0\0TFL3" + b"\xff" * 40])
def test_what_is_no_such_file_is_one_sentence(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(NotAModelError, match=r"model.tflite is damaged, or not what its ending says"):
        read(tmp_path, data)


@given(place=st.integers(0, len(sound()) - 1), value=st.integers(0, 255), cut=st.integers(0, len(sound())))
def test_any_damage_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, place: int, value: int, cut: int
) -> None:
    data = bytearray(sound())
    data[place] = value
    for damaged in (bytes(data), sound()[:cut]):
        with contextlib.suppress(NotAModelError):
            read(tmp_path_factory.getbasetemp(), damaged)
