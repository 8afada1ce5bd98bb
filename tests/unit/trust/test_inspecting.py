"""A folder of models, inspected without loading one."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import pytest

from tb_versions.errors import UnreadableFolderError
from tb_versions.trust.inspecting import inspect_model
from tests.support.savedmodel_bytes import (
    entry,
    field,
    graph,
    info,
    saved_model,
    signature,
    small_model,
    write_model,
)
from tests.unit.trust.conftest import Told


def found_in(path: Path) -> list[tuple[str, str, str, int]]:
    return [(each.kind, each.file, each.name, each.count) for each in inspect_model(str(path)).findings]


def test_ops_in_graphs_and_in_functions_are_judged_and_counted(tmp_path: Path) -> None:
    ops = graph("WriteFile", "MatMul", "SaveV2", "MyOp", library=("WriteFile", "EagerPyFunc"))
    write_model(tmp_path, saved_model(info("serve") + ops + signature()))
    assert found_in(tmp_path) == [
        ("dangerous", "saved_model.pb", "EagerPyFunc", 1),
        ("dangerous", "saved_model.pb", "WriteFile", 2),
        ("custom", "saved_model.pb", "MyOp", 1),
        ("usual", "saved_model.pb", "SaveV2", 1),
    ]


def test_ops_of_every_graph_count(tmp_path: Path) -> None:
    write_model(tmp_path, saved_model(info("serve") + graph("MatMul"), info("train") + graph("ReadFile")))
    assert found_in(tmp_path) == [("dangerous", "saved_model.pb", "ReadFile", 1)]


def test_a_function_that_tensorflow_1_names_like_an_op_is_no_custom_op(tmp_path: Path) -> None:
    function = field(1, field(1, field(1, "Mine")) + field(3, field(2, "ReadFile")))
    nodes = field(1, field(1, "n") + field(2, "Mine")) + field(1, field(1, "m") + field(2, "Other"))
    write_model(tmp_path, saved_model(info("serve") + field(2, nodes + field(2, function))))
    assert found_in(tmp_path) == [
        ("dangerous", "saved_model.pb", "ReadFile", 1),
        ("custom", "saved_model.pb", "Other", 1),
    ]


def test_what_a_model_says_is_there_beside_what_is_found(tmp_path: Path) -> None:
    write_model(tmp_path / "3", small_model())
    found = inspect_model(str(tmp_path))
    (part,) = found.parts
    assert (part.file, part.format, part.software) == ("3/saved_model.pb", "saved_model", "TensorFlow 2.21.0")
    assert part.model is not None
    assert part.model.parameter_count == 15
    assert (found.files, found.findings) == (1, ())


@pytest.mark.parametrize("name", ["saved_model.pbtxt", "saved_model.cpb"])
def test_another_form_of_a_saved_model_is_never_passed_over(tmp_path: Path, name: str) -> None:
    write_model(tmp_path, small_model())
    (tmp_path / name).write_bytes(b"x")
    assert found_in(tmp_path) == [("unread", name, "", 1)]


def test_code_that_keras_2_left_beside_a_saved_model_is_found(tmp_path: Path) -> None:
    write_model(tmp_path, small_model())
    metadata = b'{"class_name": "Lambda", "config": {"function": {"class_name": "__tuple__", "items": ["4wEAAA"]}}}'
    (tmp_path / "keras_metadata.pb").write_bytes(
        field(1, field(2, 1) + field(4, "_tf_keras_layer") + field(5, metadata))
    )
    assert found_in(tmp_path) == [("dangerous", "keras_metadata.pb", "Lambda", 1)]


def test_a_damaged_file_is_named_and_hides_no_other(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "saved_model.pb").write_bytes(b"\xff" * 20)
    write_model(tmp_path / "b", saved_model(info("serve") + graph("WriteFile")))
    (tmp_path / "c.onnx").write_bytes(b"\xff" * 20)
    assert [each[:3] for each in found_in(tmp_path)] == [
        ("dangerous", "b/saved_model.pb", "WriteFile"),
        ("unread", "a/saved_model.pb", ""),
        ("unread", "c.onnx", ""),
    ]


def test_a_link_and_a_fifo_are_named_and_not_opened(tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "x.pkl").write_bytes(pickle.dumps(os.system))
    models = tmp_path / "models"
    models.mkdir()
    (models / "x.pkl").symlink_to(tmp_path / "secret" / "x.pkl")
    (models / "folder").symlink_to(tmp_path / "secret")
    os.mkfifo(models / "y.pkl")
    assert [each[:2] for each in found_in(models)] == [("unread", "folder"), ("unread", "x.pkl"), ("unread", "y.pkl")]


def test_a_pickle_and_an_archive_of_another_name_are_found_by_their_bytes(told: Told) -> None:
    assert told("weights.bin", pickle.dumps(os.system)) == [("dangerous", "posix.system")]


def test_files_of_no_format_are_counted_and_named(tmp_path: Path) -> None:
    write_model(tmp_path, small_model(), b"")
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "words.txt").write_text("a\nb\n")
    (tmp_path / ".versions").mkdir()
    (tmp_path / ".versions" / "x.pkl").write_bytes(pickle.dumps(os.system))
    found = inspect_model(str(tmp_path))
    assert found.others == ("assets/words.txt",)
    assert found.findings == ()
    assert found.files == 3


def test_a_path_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFolderError, match="There is no folder and no file"):
        inspect_model(str(tmp_path / "x"))


def test_safetensors_are_numbers_and_nothing_else(told: Told, tmp_path: Path) -> None:
    header = b'{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}'
    assert told("w.safetensors", len(header).to_bytes(8, "little") + header + bytes(8)) == []
    (part,) = inspect_model(str(tmp_path)).parts
    assert part.model is not None
    assert part.model.parameter_count == 2


def test_an_entry_of_a_map_that_is_no_message_is_damage(tmp_path: Path) -> None:
    write_model(tmp_path, saved_model(info("serve") + field(5, entry("k", b"\xff"))))
    assert [each[0] for each in found_in(tmp_path)] == ["unread"]


def test_damaged_variables_hide_no_op(tmp_path: Path) -> None:
    write_model(tmp_path, saved_model(info("serve") + graph("WriteFile")), b"damaged")
    assert [each[:3] for each in found_in(tmp_path)] == [
        ("dangerous", "saved_model.pb", "WriteFile"),
        ("unread", "saved_model.pb", ""),
    ]


def test_a_program_beside_a_model_is_told(tmp_path: Path) -> None:
    write_model(tmp_path, small_model())
    (tmp_path / "modeling.py").write_text("import os")
    assert found_in(tmp_path) == [("custom", "modeling.py", "", 1)]
