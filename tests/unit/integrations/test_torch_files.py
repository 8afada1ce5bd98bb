"""What is said of files with PyTorch's weights, without PyTorch."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

import tb_versions as tbv
from tb_versions.integrations.torch_files import tell_safetensors, tensors


def safetensors(header: bytes, data: bytes = b"\0" * 8) -> bytes:
    return len(header).to_bytes(8, "little") + header + data


def test_safetensors_are_told_by_their_headers(tmp_path: Path) -> None:
    header = b'{"w":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]}}'
    (tmp_path / "model.safetensors").write_bytes(safetensors(header))
    told = tell_safetensors(str(tmp_path))
    assert told.format == "safetensors"
    assert told.saved_model is not None
    assert told.saved_model.parameter_count == 2


def test_other_files_are_files(tmp_path: Path) -> None:
    (tmp_path / "pytorch_model.bin").write_bytes(b"pickle")
    assert tell_safetensors(str(tmp_path)).format == "files"


def test_a_damaged_header_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"\xff" * 8)
    with pytest.raises(tbv.NotAModelError, match="reaches beyond its end"):
        tell_safetensors(str(tmp_path))


def test_tensors_of_a_state_have_names_types_and_shapes_and_other_values_are_left_out() -> None:
    told = tensors({"b": SimpleNamespace(dtype="torch.bfloat16", shape=(2, 3)), "extra": {"a": 1}})
    (variable,) = told.variables
    assert (variable.name, variable.dtype, told.parameter_count) == ("b", "bfloat16", 6)
