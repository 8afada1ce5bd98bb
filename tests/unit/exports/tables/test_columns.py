from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import tb_versions as tbv
from tb_versions.exports.tables import WRITERS, Table, columns, table_of
from tb_versions.read.catalog import Catalog
from tb_versions.read.folders.roots import roots_of
from tb_versions.read.reader import CatalogReader
from tests.support.world import World

FIXED = [
    "version",
    "model",
    "number",
    "semantic_version",
    "run",
    "step",
    "created",
    "state",
    "digest",
    "size",
    "parameters",
]


def column(table: Table, name: str) -> columns.Column:
    (found,) = [each for each in table.columns if each.name == name]
    return found


def test_run_and_version_are_always_there(table: Table, catalog: Catalog) -> None:
    names = [each.name for each in table.columns]
    assert names[: len(FIXED)] == FIXED
    assert names[-1] == "parents"
    assert column(table, "version").values == ("damaged:1", "digits:1", "digits:2", "digits:9223372036854775807")
    assert column(table, "run").values == (None, "cnn", "cnn", "gone")
    assert column(table_of(Catalog()), "run").values == ()


def test_every_metric_has_its_value_at_export(table: Table) -> None:
    assert column(table, "val_loss").values == (None, 0.10000000149011612, 0.75, None)
    assert column(table, "metric.accuracy").values[1:3] == (0.1 + 0.2, 0.9999998807907104)
    assert column(table, "metric.accuracy").goal == "max"
    assert column(table, "accuracy [test]").values[1] == 0.25
    assert math.isnan(column(table, "odd").values[1])


def test_best_and_last_stand_behind_their_metric_where_wanted(catalog: Catalog) -> None:
    table = table_of(catalog, best_and_last=True)
    names = [each.name for each in table.columns]
    position = names.index("val_loss")
    assert names[position : position + 3] == ["val_loss", "best.val_loss", "last.val_loss"]
    assert column(table, "best.val_loss").values[2] == 0.10000000149011612
    assert column(table, "last.val_loss").values[1] == 0.75


def test_names_that_would_not_be_unique_get_a_prefix(table: Table) -> None:
    names = [each.name for each in table.columns]
    assert len(names) == len(set(names))
    # Of the fixed columns, of three places, and of the prefixes themselves.
    assert {"step", "metric.step", "size", "hp.size"} <= set(names)
    assert {"metric.accuracy", "hp.accuracy", "label.accuracy"} <= set(names)
    assert {"lr", "metric.hp.lr", "hp.label.x"} <= set(names)


def test_columns_have_kinds(table: Table) -> None:
    kinds = {each.name: each.kind for each in table.columns}
    assert {name: kinds[name] for name in ("lr", "hp.size", "nesterov", "mixed", "team", "created", "parents")} == {
        "lr": "number", "hp.size": "integer", "nesterov": "truth", "mixed": "mixed", "team": "text", "created": "time",
        "parents": "texts",
    }  # fmt: skip


def test_rows_are_those_asked_for(catalog: Catalog) -> None:
    chosen = [catalog.find("digits:2"), catalog.find("digits:1")]
    table = table_of(catalog, chosen)
    assert column(table, "version").values == ("digits:2", "digits:1")
    assert "team" not in [each.name for each in table_of(catalog, chosen[:1]).columns]


def test_too_many_columns_lose_the_rarest_and_say_so(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "MAX_COLUMNS", 16)
    table = table_of(catalog)
    assert len(table.columns) == 16
    assert table.left_out == ("The 18 rarest metrics, hyperparameters and labels have no column.",)
    assert "lr" in [each.name for each in table.columns]  # two versions have it
    assert "odd" not in [each.name for each in table.columns]


@pytest.mark.parametrize("name", sorted(WRITERS))
def test_the_same_state_gives_the_same_bytes(name: str, catalog: Catalog, written: Callable[..., bytes]) -> None:
    assert written(name, table_of(catalog)) == written(name, table_of(catalog))


@pytest.mark.parametrize("name", sorted(WRITERS))
def test_a_table_without_versions_is_a_table(name: str, written: Callable[[str, Any], bytes]) -> None:
    assert written(name, table_of(Catalog())) or name == "jsonl"


def test_texts_travel_as_they_are_redacted(catalog: Catalog) -> None:
    seen = set()

    def redact(value: Any, field: str) -> Any:
        seen.add(field)
        if isinstance(value, dict):
            return {f"{name}!": redact(one, field) for name, one in value.items()}
        if isinstance(value, list):
            return [redact(one, field) for one in value]
        return f"{value}!" if isinstance(value, str) else value

    table = table_of(catalog, redact=redact)
    assert {"id", "model", "run", "key", "hyperparameters", "labels", "parents", "semantic_version"} == seen
    assert all(each.name.endswith("!") for each in table.columns if each.origin != "version")
    for each in table.columns:
        texts = [text for value in each.values for text in (value if each.kind == "texts" else [value])]
        assert each.name in ("state", "digest") or all(t.endswith("!") for t in texts if isinstance(t, str))


def test_aliases_that_were_given_to_another_manifest_have_a_column_where_there_are_some(tmp_path: Path) -> None:
    world = World(tmp_path)
    for number in (1, 2):
        world.version("digits", number)
    tbv.promote("digits:2", world.models, alias="production", reason="good")

    def names() -> tuple[Table, list[str]]:
        table = table_of(CatalogReader(roots_of("", [str(world.models)])).refresh())
        return table, [each.name for each in table.columns]

    assert "aliases_of_another_manifest" not in names()[1]
    world.version("digits", 2, description="another model")
    table, columns_of_it = names()
    assert columns_of_it.index("aliases_of_another_manifest") == columns_of_it.index("aliases") + 1
    assert column(table, "aliases_of_another_manifest").values == ((), ("production",))
