"""ONNX, sound and hostile."""

from __future__ import annotations

from pathlib import Path

import pytest

from tb_versions.core.manifest import SavedModel, Shape
from tb_versions.errors import NotAModelError
from tb_versions.formats import read_format
from tb_versions.formats.models import Model
from tests.support.savedmodel_bytes import field, varint


def value(name: str, kind: int, *sizes: int | str) -> bytes:
    """A ValueInfoProto."""
    dimensions = b"".join(field(1, field(1 if isinstance(size, int) else 2, size)) for size in sizes)
    return field(1, name) + field(2, field(1, field(1, kind) + field(2, dimensions)))


def weight(name: str, *sizes: int, packed: bool = False) -> bytes:
    """A TensorProto."""
    dims = field(1, b"".join(map(varint, sizes))) if packed else b"".join(field(1, size) for size in sizes)
    return dims + field(2, 1) + field(8, name) + field(9, bytes(40))


def model(*parts: bytes) -> bytes:
    return field(1, 8) + field(7, b"".join(parts))


def read(folder: Path, data: bytes) -> SavedModel:
    (folder / "model.onnx").write_bytes(data)
    told = read_format(Model(str(folder), "onnx", "model.onnx")).saved_model
    assert told is not None
    return told


@pytest.mark.parametrize("packed", [False, True])
def test_inputs_outputs_operations_and_weights_are_told(tmp_path: Path, packed: bool) -> None:
    told = read(
        tmp_path,
        model(
            field(1, field(4, "MatMul")),
            field(1, field(4, "MatMul")),
            field(5, weight("w", 4, 3, packed=packed)),
            field(11, value("x", 1, "batch", 4)),
            field(11, value("w", 1, 4, 3)),
            field(12, value("y", 11, "batch", 3)),
        ),
    )
    (graph,) = told.meta_graphs
    (signature,) = graph.signatures
    assert [(t.name, t.dtype, t.shape) for t in signature.inputs] == [("x", "float32", Shape(dimensions=(-1, 4)))]
    assert [(t.name, t.dtype, t.shape) for t in signature.outputs] == [("y", "float64", Shape(dimensions=(-1, 3)))]
    assert graph.ops == {"MatMul": 2}
    assert [(v.name, v.dtype, v.shape) for v in told.variables] == [("w", "float32", Shape(dimensions=(4, 3)))]
    assert told.parameter_count == 12


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff" * 50,
        field(1, 8),
        field(1, 8) + b"\x3a\xff\xff\xff\xff\x7f",
        model(field(5, field(1, -5))),
        model(field(5, b"".join(field(1, 1) for _ in range(300)))),
        model(field(5, field(1, b"\x01" * 5_000))),
        model(field(11, field(1, "x" * 100_000))),
        model(field(1, field(4, b"\xff\xfe"))),
        b"\x80\x04\x95cos\nsystem\n(S'touch x'\ntR.",  # a pickle
    ],
)
def test_what_is_damaged_is_one_sentence(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(NotAModelError, match=r"model.onnx is damaged, or not what its ending says"):
        read(tmp_path, data)
