"""safetensors, sound and hostile."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tb_versions.core.manifest import SavedModel, Shape
from tb_versions.errors import NotAModelError
from tb_versions.formats import read_format
from tb_versions.formats.models import Model

WEIGHT = {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}


def write(folder: Path, header: Any, *, name: str = "model.safetensors", length: int | None = None) -> None:
    data = header if isinstance(header, bytes) else json.dumps(header).encode()
    (folder / name).write_bytes((len(data) if length is None else length).to_bytes(8, "little") + data + bytes(64))


def read(folder: Path) -> SavedModel:
    told = read_format(Model(str(folder), "safetensors", "model.safetensors")).saved_model
    assert told is not None
    return told


def test_tensors_and_their_sum_are_told(tmp_path: Path) -> None:
    write(tmp_path, {"w": WEIGHT, "b": {"dtype": "BF16", "shape": [], "data_offsets": [24, 26]}, "__metadata__": {}})
    told = read(tmp_path)
    assert [(v.name, v.dtype, v.shape) for v in told.variables] == [
        ("b", "bfloat16", Shape(dimensions=())),
        ("w", "float32", Shape(dimensions=(2, 3))),
    ]
    assert told.parameter_count == 7


def test_shards_are_added_up(tmp_path: Path) -> None:
    write(tmp_path, {"w": WEIGHT}, name="model-00001-of-00002.safetensors")
    write(tmp_path, {"v": WEIGHT}, name="model-00002-of-00002.safetensors")
    assert [variable.name for variable in read(tmp_path).variables] == ["v", "w"]
    assert read(tmp_path).parameter_count == 12


@pytest.mark.parametrize(
    ("header", "length", "words"),
    [
        ({}, 2**62, "reaches beyond its end"),
        ({}, 10_000, "reaches beyond its end"),
        (b"{", None, "damaged"),
        (b"[1]", None, "no JSON object"),
        (b"[" * 5_000, None, "damaged"),
        ({"w": 7}, None, "no object"),
        ({"w": {"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]}}, None, "without a shape"),
        ({"w": {"dtype": "F32", "shape": [2**70], "data_offsets": [0, 4]}}, None, "damaged"),
        ({"w": {"dtype": "F32", "shape": [1], "data_offsets": [0, 2**40]}}, None, "reaches beyond its end"),
        ({"w": {"dtype": "F32", "shape": [1] * 65, "data_offsets": [0, 4]}}, None, "without a shape"),
    ],
)
def test_what_is_damaged_is_one_sentence(tmp_path: Path, header: Any, length: int | None, words: str) -> None:
    write(tmp_path, header, length=length)
    with pytest.raises(NotAModelError, match=words):
        read(tmp_path)


def test_a_huge_header_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "model.safetensors").open("wb") as file:
        file.write((1 << 30).to_bytes(8, "little"))
        file.truncate(2 << 30)  # takes no room on the disk
    with pytest.raises(NotAModelError, match="at most 16,777,216 are read"):
        read(tmp_path)


def test_more_elements_than_a_manifest_can_say_are_cut(tmp_path: Path) -> None:
    write(tmp_path, {"w": {"dtype": "F32", "shape": [2**40, 2**40], "data_offsets": [0, 24]}})
    assert read(tmp_path).parameter_count == 2**63 - 1
