"""Keras archives, sound and hostile."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tb_versions.core.manifest import Shape
from tb_versions.errors import NotAModelError
from tb_versions.formats import Told, read_format
from tb_versions.formats.models import Model

LAYERS = [
    {"class_name": "InputLayer", "config": {"name": "image", "batch_shape": [None, 8, 8], "dtype": "float32"}},
    {"class_name": "Dense", "config": {"units": 3}},
]


def archive(folder: Path, config: Any, metadata: Any = None) -> Path:
    with zipfile.ZipFile(folder / "model.keras", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("config.json", config if isinstance(config, (str, bytes)) else json.dumps(config))
        packed.writestr("metadata.json", json.dumps(metadata or {"keras_version": "3.5.0"}))
    return folder


def read(folder: Path) -> Told:
    return read_format(Model(str(folder), "keras", "model.keras"))


def test_inputs_and_the_version_of_keras_are_told(tmp_path: Path) -> None:
    told = read(archive(tmp_path, {"class_name": "Functional", "config": {"layers": LAYERS}}))
    assert told.environment is not None
    assert (told.format, told.environment.keras) == ("keras", "3.5.0")
    assert told.saved_model is not None
    (tensor,) = told.saved_model.meta_graphs[0].signatures[0].inputs
    assert (tensor.name, tensor.dtype, tensor.shape) == ("image", "float32", Shape(dimensions=(-1, 8, 8)))


def test_a_model_of_a_class_of_ones_own_tells_the_shape_that_it_was_built_for(tmp_path: Path) -> None:
    told = read(archive(tmp_path, {"class_name": "Mine", "build_config": {"input_shape": [None, 4]}}))
    assert told.saved_model is not None
    assert told.saved_model.meta_graphs[0].signatures[0].inputs[0].shape == Shape(dimensions=(-1, 4))


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"config": []},
        {"config": {"layers": [None, 3, {"class_name": "InputLayer", "config": 7}]}},
        {"build_config": {"input_shape": ["x"]}},
        {"build_config": {"input_shape": {"a": [1]}}},
        {"registered_name": "os>system", "module": "os", "class_name": "system", "config": {"command": "touch /tmp/x"}},
    ],
)
def test_odd_configurations_are_read_and_nothing_in_them_is_run(tmp_path: Path, config: Any) -> None:
    assert read(archive(tmp_path, config)).saved_model is None


def test_a_bomb_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(NotAModelError, match=r"config.json in it unpacks to 33,554,432 bytes, and at most"):
        read(archive(tmp_path, b" " * (32 << 20)))


def test_a_bomb_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    archive(tmp_path, b" " * (32 << 20))
    data = (tmp_path / "model.keras").read_bytes()
    size = (32 << 20).to_bytes(4, "little")
    (tmp_path / "model.keras").write_bytes(data.replace(size, (100).to_bytes(4, "little")))
    with pytest.raises(NotAModelError, match=r"model.keras is damaged"):
        read(tmp_path)


def test_a_huge_list_of_files_is_refused_before_it_is_read(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "model.keras", "w") as packed:
        for number in range(10_001):
            packed.writestr(f"{number}", "")
    with pytest.raises(NotAModelError, match="more than 10,000 files"):
        read(tmp_path)


@pytest.mark.parametrize("data", [b"", b"PK", b"x" * 100_000, b"PK\x05\x06" + b"\xff" * 18, b"[" * 100_000])
def test_what_is_no_archive_is_one_sentence(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "model.keras").write_bytes(data)
    with pytest.raises(NotAModelError, match=r"model.keras is damaged, or not what its ending says"):
        read(tmp_path)


def test_deep_json_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(NotAModelError):
        read(archive(tmp_path, "[" * 100_000 + "]" * 100_000))


def test_a_symlink_is_not_opened(tmp_path: Path) -> None:
    (tmp_path / "model.keras").symlink_to("/etc/passwd")
    with pytest.raises(NotAModelError, match="can't be read"):
        read(tmp_path)
