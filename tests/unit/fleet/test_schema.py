"""The columns of the tables."""

from __future__ import annotations

from pathlib import Path

from tb_versions.fleet.schema import (
    Census,
    Typed,
    aliases_schema,
    events_schema,
    kind_of,
    typed_in,
    unread_schema,
    values_schema,
    versions_schema,
)

DOCS = Path(__file__).parents[3] / "docs" / "table-format.md"


def test_every_column_is_documented() -> None:
    text = DOCS.read_text(encoding="utf-8")
    for schema in (versions_schema(Typed()), unread_schema(), events_schema(), aliases_schema(), values_schema()):
        for name in schema.names:
            assert f"| `{name}` |" in text, name


def test_common_metrics_and_hyperparameters_have_columns_the_commonest_first() -> None:
    census = Census()
    for number in range(300):
        census.add(["loss", "accuracy"] if number else ["loss", "rare"], {"lr": 0.1, "name": "a", "deep": True})
    census.add([], {"lr": 1})
    typed = census.typed()
    assert typed.metrics == ("loss", "accuracy")
    assert typed.hyperparameters == {"lr": "number", "deep": "truth", "name": "text"}


def test_a_hyperparameter_of_several_kinds_has_no_column() -> None:
    census = Census()
    census.add([], {"units": 64, "seed": 2**60})
    census.add([], {"units": "64,32", "seed": 1})
    assert census.typed().hyperparameters == {}


def test_of_names_that_differ_by_case_only_one_has_a_column_for_engines_do_not_tell_them_apart() -> None:
    census = Census()
    census.add(["Loss", "loss"], {})
    census.add(["loss"], {})
    assert census.typed().metrics == ("loss",)


def test_a_name_that_could_be_part_of_a_query_has_no_column() -> None:
    census = Census()
    census.add(['x"; DROP TABLE versions; --', "a b", "a;b", "a{b}", "", "ä"], {"a=b": 1, "x'y": 2})
    assert census.typed() == Typed()


def test_the_typed_columns_of_a_table_are_found_again() -> None:
    typed = Typed(("loss", "val/loss"), {"lr": "number", "name": "text", "deep": "truth"})
    schema = versions_schema(typed)
    assert typed_in(schema.names, {name: str(schema.field(name).type) for name in schema.names}) == typed


def test_a_whole_number_that_a_double_can_not_hold_is_of_no_kind() -> None:
    assert [kind_of(value) for value in (True, "a", 0.5, 2**53, 2**53 + 1)] == [
        "truth",
        "text",
        "number",
        "number",
        None,
    ]
