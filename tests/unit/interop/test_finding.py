"""What lies where."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tb_versions.errors import UnreadableFolderError
from tb_versions.formats.models import Model
from tb_versions.interop.finding import find_models, natural
from tests.support.savedmodel_bytes import small_model


def put(path: Path, data: bytes = b"x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def found(base: Path) -> tuple[list[tuple[str, str]], dict[str, str]]:
    """(folder, format) of each model, and folder to why it was skipped."""
    result = find_models([str(base)])
    relative = [(os.path.relpath(model.folder, base), model.format) for model in result.models]
    return relative, {os.path.relpath(where, base): why for where, why in result.skipped}


def test_every_format_is_found_by_its_names(tmp_path: Path) -> None:
    put(tmp_path / "a" / "1" / "saved_model.pb", small_model())
    for ending in ("keras", "h5", "tflite", "onnx", "safetensors", "pt", "ckpt"):
        put(tmp_path / "files" / ending / f"model.{ending}")
    put(tmp_path / "jax" / "300" / "_CHECKPOINT_METADATA")
    put(tmp_path / "jax" / "300" / "default" / "_METADATA")
    models, skipped = found(tmp_path)
    assert skipped == {}
    assert dict(models) == {
        "a/1": "saved_model",
        "files/keras": "keras",
        "files/h5": "keras_h5",
        "files/tflite": "tflite",
        "files/onnx": "onnx",
        "files/safetensors": "safetensors",
        "files/pt": "pytorch",
        "files/ckpt": "pytorch",
        "jax/300": "orbax",
    }


def test_shards_are_one_model(tmp_path: Path) -> None:
    for shard in (1, 2):
        put(tmp_path / "llm" / f"model-0000{shard}-of-00002.safetensors")
    assert found(tmp_path) == ([("llm", "safetensors")], {})


def test_models_that_lie_loose_are_told_in_one_line(tmp_path: Path) -> None:
    for epoch in (1, 2):
        put(tmp_path / "all" / f"epoch-{epoch}.keras")
    models, skipped = found(tmp_path)
    assert models == []
    assert "2 models as loose files" in skipped["all"]
    assert "folder of its own" in skipped["all"]


@pytest.mark.parametrize("other", ["logs/events.out.tfevents.1.x", "events.out.tfevents.1.x", "data/train.csv"])
def test_a_models_file_among_other_things_is_not_adopted_with_them(tmp_path: Path, other: str) -> None:
    put(tmp_path / "run" / "model.h5")
    put(tmp_path / "run" / other)
    models, skipped = found(tmp_path)
    assert models == []
    assert 'holds more than "model.h5"' in skipped["run"]


def test_what_is_left_of_a_savedmodel_is_one_line(tmp_path: Path) -> None:
    put(tmp_path / "digits" / "1" / "variables" / "variables.index")
    put(tmp_path / "digits" / "2" / "saved_model.pb", b"\xff\xff")
    models, skipped = found(tmp_path)
    assert models == []
    assert "saved_model.pb is missing" in skipped["digits/1"]
    assert "is damaged" in skipped["digits/2"]


def test_a_model_that_would_hide_others_is_skipped_and_they_are_not(tmp_path: Path) -> None:
    put(tmp_path / "digits" / "saved_model.pb", small_model())
    put(tmp_path / "digits" / "old" / "saved_model.pb", small_model())
    models, skipped = found(tmp_path)
    assert models == [("digits/old", "saved_model")]
    assert "would hide" in skipped["digits"]


def test_symlinks_are_named_and_not_followed(tmp_path: Path) -> None:
    put(tmp_path / "elsewhere" / "saved_model.pb", small_model())
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "1").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "here" / "model.keras").symlink_to("/etc/passwd")
    models, skipped = found(tmp_path / "here")
    assert models == []
    assert set(skipped) == {"1", "model.keras"}


def test_a_folder_given_twice_or_inside_another_is_searched_once(tmp_path: Path) -> None:
    put(tmp_path / "digits" / "1" / "saved_model.pb", small_model())
    result = find_models([str(tmp_path), str(tmp_path / "digits"), str(tmp_path / "digits" / "1")])
    assert [model.folder for model in result.models] == [str(tmp_path / "digits" / "1")]


def test_the_folder_itself_may_be_the_model(tmp_path: Path) -> None:
    put(tmp_path / "saved_model.pb", small_model())
    assert find_models([str(tmp_path)]).models == [Model(str(tmp_path), "saved_model")]


def test_folders_lie_too_deep_is_said(tmp_path: Path) -> None:
    put(tmp_path.joinpath(*map(str, range(1, 20))) / "saved_model.pb", small_model())
    models, skipped = found(tmp_path)
    assert models == []
    assert ["not searched" in why for why in skipped.values()] == [True]


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFolderError):
        find_models([str(tmp_path / "none")])


def test_names_are_sorted_as_people_count() -> None:
    assert sorted(["v10", "v2", "00000003", "12"], key=natural) == ["00000003", "12", "v2", "v10"]
