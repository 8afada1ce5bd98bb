"""What files of Keras, ONNX and LiteRT hold that runs code or reaches out."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from typing import Any

import pytest

from tests.support.savedmodel_bytes import field
from tests.unit.trust.conftest import Told


def archive(config: Any) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as packed:
        packed.writestr("config.json", json.dumps(config))
        packed.writestr("metadata.json", json.dumps({"keras_version": "3.5.0"}))
    return made.getvalue()


@pytest.mark.parametrize(
    ("layer", "found"),
    [
        ({"class_name": "Dense", "module": "keras.layers", "config": {"units": 3}}, []),
        ({"class_name": "Lambda", "module": "keras.layers"}, [("dangerous", "Lambda")]),
        ({"class_name": "__lambda__", "config": {"value": "4wEA"}}, [("dangerous", "__lambda__")]),
        ({"class_name": "function", "module": "os", "config": "system"}, [("dangerous", "os.system")]),
        ({"class_name": "function", "module": "builtins", "config": "eval"}, [("dangerous", "builtins.eval")]),
        ({"class_name": "function", "module": "builtins", "config": "relu"}, []),
        (
            {"class_name": "function", "module": "keras.utils", "config": "get_file"},
            [("dangerous", "keras.utils.get_file")],
        ),
        ({"class_name": "TFSMLayer", "module": "keras.layers"}, [("dangerous", "TFSMLayer")]),
        ({"class_name": "StringLookup", "config": {"vocabulary": "/etc/passwd"}}, [("dangerous", "StringLookup")]),
        ({"class_name": "StringLookup", "config": {"vocabulary": ["a"]}}, []),
        ({"class_name": "Mine", "registered_name": "mine>Mine"}, [("custom", "mine>Mine")]),
        ({"class_name": "Dense", "registered_name": "keras>Dense"}, []),
    ],
)
def test_a_layer_of_keras_is_judged_wherever_it_is(told: Told, layer: Any, found: list[tuple[str, str]]) -> None:
    config = {"class_name": "Functional", "config": {"layers": [{"inner": {"class_name": "Dense", "x": [layer]}}]}}
    told_of = told("x.keras", archive(config))
    assert [each for each in told_of if each[1] != "model.weights.h5"] == found


def test_weights_of_keras_that_are_not_there_are_named_as_unread(told: Told) -> None:
    assert told("x.keras", archive({"class_name": "Dense"})) == [("unread", "model.weights.h5")]


def node(op: str, domain: str = "", *attributes: bytes) -> bytes:
    return field(1, field(4, op) + field(7, domain) + b"".join(field(5, each) for each in attributes))


def onnx(*parts: bytes) -> bytes:
    return field(1, 8) + field(7, b"".join(parts))


def test_an_operator_of_another_domain_is_found_in_graphs_within_graphs(told: Told) -> None:
    inner = field(6, node("Fused", "com.microsoft") + node("Add"))
    data = onnx(node("If", "", inner), node("PyOp", "ai.onnx.contrib"), node("Fused", "com.microsoft"))
    assert told("x.onnx", data) == [("dangerous", "ai.onnx.contrib.PyOp"), ("custom", "com.microsoft.Fused")]


def test_a_function_of_the_model_itself_is_no_custom_operator_and_is_looked_into(told: Told) -> None:
    function = field(1, "Gelu") + field(10, "mine") + field(7, field(4, "Strange") + field(7, "theirs"))
    assert told("x.onnx", onnx(node("Gelu", "mine")) + field(25, function)) == [("custom", "theirs.Strange")]


@pytest.mark.parametrize(
    ("location", "found"),
    [
        ("weights.bin", []),
        ("../../etc/passwd", [("dangerous", "../../etc/passwd")]),
        ("/etc/passwd", [("dangerous", "/etc/passwd")]),
        ("a/..\\../../x", [("dangerous", "a/..\\../../x")]),
    ],
)
def test_weights_outside_of_the_folder_are_dangerous(told: Told, location: str, found: list[tuple[str, str]]) -> None:
    tensor = field(1, 2) + field(2, 1) + field(8, "w") + field(13, field(1, "location") + field(2, location))
    assert told("x.onnx", onnx(field(5, tensor + field(14, 1)))) == found


def litert(*custom: str) -> bytes:
    """A model with an empty graph and these custom operators."""
    data = bytearray(struct.pack("<I4s", 20, b"TFL3"))
    data += struct.pack("<HHHHHxx", 10, 12, 0, 8, 4)  # of Model: operator codes at 8, graphs at 4
    data += struct.pack("<iII", 12, 0, 0)  # at 20

    def vector(at: int, count: int) -> int:
        struct.pack_into("<I", data, at, len(data) - at)
        data.extend(struct.pack("<I", count) + bytes(4 * count))
        return len(data) - 4 * count

    graphs = vector(24, 1)
    codes = vector(28, len(custom))
    empty = len(data)
    data += struct.pack("<HHi", 4, 4, 4)
    struct.pack_into("<I", data, graphs, empty + 4 - graphs)
    for index, name in enumerate(custom):
        start = len(data)
        data += struct.pack("<HHHHHHiiI", 12, 12, 0, 4, 0, 8, 12, 0, 32)
        struct.pack_into("<I", data, codes + 4 * index, start + 12 - codes - 4 * index)
        struct.pack_into("<I", data, start + 16, len(data) - start - 16)
        data += struct.pack("<I", len(name)) + name.encode() + b"\0" * (4 - len(name) % 4)
    return bytes(data)


def test_operators_that_litert_does_not_have_are_told(told: Told) -> None:
    found = told("x.tflite", litert("FlexWriteFile", "FlexAdd", "Mine"))
    assert found == [("dangerous", "FlexWriteFile"), ("custom", "FlexAdd"), ("custom", "Mine")]


def test_the_bytes_of_hdf5_that_are_not_read_are_told(told: Told) -> None:
    assert told("x.h5", b"\x89HDF\r\n\x1a\n" + b"\x02" + bytes(100)) == [("unread", "")]
