"""Signatures of models of a table."""

from __future__ import annotations

from tb_versions.integrations.features import features


def inputs(*arguments: object) -> list[tuple[str, tuple[int, ...]]]:
    told = features(*arguments, library="sklearn")  # type: ignore[arg-type]
    assert told is not None
    found = told.meta_graphs[0].signatures[0].inputs
    return [(tensor.name, tensor.shape.dimensions) for tensor in found if tensor.shape]


def test_files_of_two_libraries_have_two_signatures() -> None:
    keys = [
        told.meta_graphs[0].signatures[0].key
        for library in ("sklearn", "xgboost")
        if (told := features(["a"], 1, library=library)) is not None
    ]
    assert keys == ["sklearn.predict", "xgboost.predict"]


def test_each_column_with_a_name_is_an_input() -> None:
    assert inputs(["width", "height"], 2) == [("width", (-1,)), ("height", (-1,))]


def test_hidden_characters_of_names_are_spelled_out() -> None:
    assert inputs(["a\u202eb"], 1) == [("a\\u{202e}b", (-1,))]


def test_more_than_a_thousand_columns_are_one_input() -> None:
    assert inputs([f"c{index}" for index in range(1_001)], 1_001) == [("X", (-1, 1_001))]


def test_nothing_is_said_of_what_is_not_known() -> None:
    assert features([], 0, library="sklearn") is None
