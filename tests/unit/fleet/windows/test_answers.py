"""Windows over tables have the rows, order, groups and counts that the page makes of the whole table.

The page's rules (frontend/src/model: rows.ts, sort.ts, group.ts, trainings.ts, hiding.ts) are written down here once
more, plainly, over the payload of the same versions.
"""

from __future__ import annotations

import math
import os
import random
from collections.abc import Iterator
from functools import cmp_to_key
from pathlib import Path
from typing import Any

import pytest

import tb_versions as tbv
from tb_versions.core.metadata import training_of
from tb_versions.errors import InvalidFilterError, InvalidQueryError
from tb_versions.fleet.engine import Engine
from tb_versions.fleet.indexing import index
from tb_versions.fleet.standing import Standing
from tb_versions.fleet.windows import answers as module
from tb_versions.fleet.windows.answers import Answers
from tb_versions.fleet.windows.questions import density_of, window_of
from tb_versions.payload.whole import versions_payload, whole
from tb_versions.query import collation, compile_filter
from tb_versions.query.asking import names_in
from tb_versions.read.catalog import Catalog
from tests.support.effort import EFFORT
from tests.support.world import World
from tests.unit.fleet.test_asking import METRICS, expression, write

pytestmark = pytest.mark.slow

WINDOWS = {"quick": 10, "usual": 100, "full": 1_000}[EFFORT]
SORTS = ["version", "model", "alias", "run", "step", "created", "size", "digest", "framework", "parent", "description"]
SORTS += [*METRICS, "optimizer", "mixed", "hp.lr", "odd name (x)", "team", "label.loss", "approved", "deprecated"]


class Page:
    """The page over the whole table."""

    def __init__(self, catalog: Catalog) -> None:
        table = versions_payload(catalog)
        columns = table["columns"]
        self.catalog = catalog
        self.ids: list[str] = columns["id"]
        self.runs = [[table["runs"][run] for run in linked] for linked in columns["runs"]]
        self.model = [columns["model"]["values"][code] for code in columns["model"]["codes"]]
        said = [catalog.said.get(each) for each in self.ids]
        self.aliases = [list(each.aliases) if each else [] for each in said]
        coded = columns["framework"]
        self.columns: dict[str, list[Any]] = {
            "version": list(columns["number"]),
            "model": self.model,
            "alias": [" ".join(each) or None for each in self.aliases],
            "run": [training_of(runs[0]) if runs else None for runs in self.runs],
            "step": columns["step"],
            "created": columns["created"],
            "size": columns["size"],
            "digest": columns["digest"],
            "framework": [coded["values"][code] if code >= 0 else None for code in coded["codes"]],
            "parent": [" ".join(each) or None for each in columns["parents"]],
            "description": [catalog.summary(each) or None for each in catalog.versions],
            "approved": [" ".join(each.state.approvals) or None if each else None for each in said],
            "deprecated": [each.state.deprecated.actor if each and each.state.deprecated else None for each in said],
        }
        for metric in table["metrics"]:
            self.columns[metric["key"]] = [_number(value) for value in metric["at_export"]]
        for column in table["hyperparameters"]:
            self.columns.setdefault(column["name"], [_number(value) for value in column["values"]])
            self.columns["hp." + column["name"]] = [_number(value) for value in column["values"]]
        labels = [catalog.labels(version) for version in catalog.versions]
        for name in {name for each in labels for name in each}:
            self.columns.setdefault(name, [each.get(name) for each in labels])
            self.columns["label." + name] = [each.get(name) for each in labels]
        self.hidden = [
            "" if not each or each.aliases else "removed" if each.state.removed else "deprecated"
            if each.state.deprecated else ""
            for each in said
        ]  # fmt: skip

    def shown(self, asked: dict[str, Any], *, without: str = "") -> tuple[list[int], int]:
        """Rows that pass all filters but one, and how many deprecated ones would."""
        passes = compile_filter(asked.get("filter", ""), self.catalog)
        asks = asked.get("all") or "deprecated" in names_in(asked.get("filter", ""))
        found, hidden = [], 0
        for row, version in enumerate(self.catalog.versions):
            tests = {
                "query": passes(version),
                "model": not asked.get("model") or self.model[row] in asked["model"],
                "alias": not asked.get("alias") or bool(set(asked["alias"]) & set(self.aliases[row])),
                "run": not asked.get("run")
                or bool({training_of(run) for run in asked["run"]} & {training_of(run) for run in self.runs[row]}),
            }
            tests.pop(without, None)
            if all(tests.values()):
                if self.hidden[row] and not asks:
                    hidden += 1
                else:
                    found.append(row)
        return found, hidden

    def ordered(self, asked: dict[str, Any]) -> tuple[list[str], list[tuple[str | None, int]]]:
        rows, _ = self.shown(asked)
        for sort in reversed(asked.get("sort", [])):
            values = self.columns[sort.removeprefix("-")]
            rows = sorted(rows, key=cmp_to_key(_by(values, -1 if sort.startswith("-") else 1)))
        if not asked.get("group"):
            return [self.ids[row] for row in rows], []
        groups: dict[str | None, list[int]] = {}
        for row in rows:
            run = training_of(self.runs[row][0]) if self.runs[row] else None
            groups.setdefault(self.model[row] if asked["group"] == "model" else run, []).append(row)
        return [self.ids[row] for group in groups.values() for row in group], [(n, len(g)) for n, g in groups.items()]

    def counts(self, asked: dict[str, Any]) -> dict[str, dict[str, int]]:
        found: dict[str, dict[str, int]] = {"models": {}, "aliases": {}, "runs": {}}
        for facet, name, values in (
            ("models", "model", [[model] for model in self.model]),
            ("aliases", "alias", self.aliases),
            ("runs", "run", [{training_of(run) for run in runs} for runs in self.runs]),
        ):
            shown, _ = self.shown(asked, without=name)
            found[facet] = {value: sum(value in values[row] for row in shown) for each in values for value in each}
        return found


def _number(value: Any) -> Any:
    return (
        {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}.get(value, value) if value != "nan" else value
    )


def _by(values: list[Any], sign: int) -> Any:
    def place(value: Any) -> int:
        return 2 if value is None else 1 if isinstance(value, float) and math.isnan(value) else 0

    def kind(value: Any) -> int:
        return 1 if isinstance(value, bool) else 2 if isinstance(value, str) else 0

    def compare(a: int, b: int) -> int:
        x, y = values[a], values[b]
        if place(x) or place(y):
            return place(x) - place(y)
        if kind(x) != kind(y):
            return sign * (kind(x) - kind(y))
        if isinstance(x, str):
            return sign * (collation.compare(x, y) or (x > y) - (x < y))
        return sign * ((x > y) - (x < y))

    return compare


class Both:
    def __init__(self, models: Path) -> None:
        index(os.fspath(models))
        self.answers = Answers(Standing(os.fspath(models)), Engine())
        self.page = Page(tbv.open_catalog(models_dir=models))


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    world = World(tmp_path_factory.mktemp("windows"))
    write(world)
    yield Both(world.models)
    world.close()


def ids(answer: dict[str, Any]) -> list[str]:
    found: list[str] = whole(answer["table"])["columns"]["id"]
    return found


def test_windows_have_the_rows_order_groups_and_counts_of_the_page(both: Both) -> None:
    made = random.Random(20261130)
    compared = refused = found = unexplained = 0
    while compared < WINDOWS:
        assert refused < 3 * WINDOWS + 100
        asked: dict[str, Any] = {"filter": expression(made) if made.random() < 0.7 else "", "facets": "1"}
        asked["sort"] = [made.choice(["", "-"]) + name for name in made.sample(SORTS, made.randint(0, 3))]
        asked["group"] = made.choice(["", "", "model", "run"])
        asked["model"] = made.sample(["digits", "faces", "Z"], made.choice([0, 0, 0, 1, 2]))
        asked["alias"] = made.sample(["production", "canary", "Adam"], made.choice([0, 0, 0, 0, 2]))
        asked["run"] = made.sample(["mlp", "cnn/1", "mlp/train"], made.choice([0, 0, 0, 1]))
        asked["all"] = made.choice(["", "", "1"])
        asked = {name: value for name, value in asked.items() if value}
        try:
            answer = both.answers.window(window_of({**asked, "count": "500"}))
        except (InvalidFilterError, InvalidQueryError) as error:
            refused += 1
            unexplained += "table" not in str(error) and not _is_wrong(both, asked)
            continue
        order, groups = both.page.ordered(asked)
        assert ids(answer) == order, asked
        assert [(group["name"], group["count"]) for group in answer.get("groups", [])] == groups, asked
        assert answer["found"] == len(order)
        assert answer["hidden"] == {"deprecated": both.page.shown(asked)[1], "removed": 0}, asked
        counts = {name: dict(answer["facets"][name]["values"]) for name in ("models", "aliases", "runs")}
        assert counts == both.page.counts(asked), asked
        compared += 1
        found += bool(order)
    assert found > compared / 5
    assert not unexplained


def _is_wrong(both: Both, asked: dict[str, Any]) -> bool:
    try:
        compile_filter(asked.get("filter", ""), both.page.catalog)
    except InvalidFilterError:
        return True
    return False


@pytest.mark.parametrize("name", SORTS)
@pytest.mark.parametrize("sign", ["", "-"])
def test_every_column_sorts_as_on_the_page(both: Both, name: str, sign: str) -> None:
    asked = {"sort": [sign + name]}
    assert ids(both.answers.window(window_of({**asked, "count": "500"}))) == both.page.ordered(asked)[0]


def test_a_window_is_a_part_of_the_whole_order(both: Both) -> None:
    asked = {"sort": ["-created", "version"], "group": "model", "all": "1"}
    every = ids(both.answers.window(window_of({**asked, "count": "500"})))
    for first in (0, 7, 60, 1_000):
        part = both.answers.window(window_of({**asked, "first": str(first), "count": "5"}))
        assert ids(part) == every[first : first + 5]
        assert (part["first"], part["found"]) == (first, len(every))
    assert both.answers.ids(window_of({**asked, "count": "100000"}, most=100_000)) == {
        "found": len(every),
        "ids": every,
    }


def test_what_rows_say_is_what_the_whole_table_says_of_them(both: Both) -> None:
    answer = whole(both.answers.window(window_of({"sort": ["-version"], "count": "9", "all": "1"}))["table"])
    table = versions_payload(both.page.catalog)
    for name in ("id", "number", "created", "digest", "parents", "step", "description", "size", "notice"):
        of_page = dict(zip(table["columns"]["id"], table["columns"][name], strict=True))
        assert answer["columns"][name] == [of_page[each] for each in answer["columns"]["id"]], name
    for metric in answer["metrics"]:
        (column,) = [each for each in table["metrics"] if each["key"] == metric["key"]]
        values = dict(zip(table["columns"]["id"], column["at_export"], strict=True))
        assert metric["at_export"] == [values[each] for each in answer["columns"]["id"]]
        assert (metric["goal"], metric["goal_source"]) == (column["goal"], column["goal_source"])
    assert answer["registry"]["models"]["digits"]["aliases"] == table["registry"]["models"]["digits"]["aliases"]


def test_logs_say_of_the_rows_and_of_what_aliases_name(both: Both) -> None:
    registry = both.answers.window(window_of({"filter": "version = 'digits:6'", "all": "1"}))["table"]["registry"]
    assert sorted(registry["models"]) == ["digits"]
    assert sorted(registry["models"]["digits"]["versions"]) == ["3", "4", "5", "6"]
    assert registry["models"]["digits"]["ids"] == {}


def test_a_window_says_that_a_version_is_not_what_was_promoted(tmp_path: Path) -> None:
    world = World(tmp_path)
    for number in (1, 2):
        world.version("digits", number)
    tbv.promote("digits:2", world.models, alias="production", reason="good")
    tbv.promote("digits:1", world.models, alias="canary", reason="good")
    world.version("digits", 2, description="another model")
    index(str(world.models))
    answers = Answers(Standing(str(world.models)), Engine())
    for asked in ("version = 'digits:2'", "version = 'digits:1'"):  # a row of the window, and a holder beside it
        table = answers.window(window_of({"filter": asked, "all": "1"}))["table"]
        told = [
            (each["name"], each.get("another_manifest")) for each in table["registry"]["models"]["digits"]["aliases"]
        ]
        assert told == [("production", True), ("canary", None)]


def test_an_approval_of_another_manifest_counts_for_no_filter(tmp_path: Path) -> None:
    world = World(tmp_path)
    for number in (1, 2):
        world.version("digits", number)
        tbv.approve(f"digits:{number}", world.models, actor="ben")
    world.version("digits", 1, description="another model")
    tbv.approve("digits:1", world.models, actor="carla")
    index(str(world.models))
    answers = Answers(Standing(str(world.models)), Engine())
    for asked, expected in (("approved = ben", ["digits:2"]), ("approved = carla", ["digits:1"])):
        assert ids(answers.window(window_of({"filter": asked, "all": "1"}))) == expected


def test_numbers_beyond_what_a_double_holds_are_told_apart(tmp_path: Path) -> None:
    world = World(tmp_path)
    for number in (2**53 + 1, 2**53, 2**62 + 1, 2**62):
        world.version("m", number)
    index(os.fspath(world.models))
    answers = Answers(Standing(os.fspath(world.models)), Engine())
    found = ids(answers.window(window_of({"sort": ["-version"]})))
    assert found == [f"m:{number}" for number in (2**62 + 1, 2**62, 2**53 + 1, 2**53)]


def test_ranges_of_charts_pass_what_is_inside(both: Both) -> None:
    page, answers = both.page, both.answers
    loss = page.columns["loss"]
    every = page.shown({"all": "1"})[0]

    def found(brush: str) -> list[str]:
        return ids(answers.window(window_of({"brush": brush, "all": "1", "count": "500"})))

    inside = [page.ids[r] for r in every if loss[r] is not None and 0.1 <= loss[r] <= 1]
    assert found("m:loss>0.1~1") == found('[{"id": "m:loss", "from": 0.1, "to": 1}]') == inside
    nan = [page.ids[r] for r in every if loss[r] is None or math.isnan(loss[r])]
    assert found("m:loss>!nan|!none") == nan
    assert found('[{"id": "m:loss", "from": null, "to": 0}]') == [
        page.ids[r] for r in every if loss[r] is not None and -math.inf < loss[r] <= 0
    ]
    optimizer = page.columns["optimizer"]
    assert found("hp:optimizer>=adam|=32") == [
        page.ids[r] for r in every if str(optimizer[r]) in ("adam", "32", "32.0")
    ]
    assert len(found("m:nothing>0~1")) == len(every)


def test_counts_of_a_density_are_of_those_that_have_both_numbers(both: Both) -> None:
    page = both.page
    answer = both.answers.density(density_of({"x": "version", "y": "loss", "bins": "4x3", "ylog": "1", "all": "1"}))
    rows, _ = page.shown({"all": "1"})
    loss, number = page.columns["loss"], page.columns["version"]
    both_there = [r for r in rows if loss[r] is not None and math.isfinite(loss[r]) and loss[r] > 0]
    assert (answer["found"], answer["counted"]) == (len(rows), len(both_there))
    assert answer["x"] == {"from": min(number[r] for r in both_there), "to": max(number[r] for r in both_there)}
    assert answer["y"] == {"from": min(loss[r] for r in both_there), "to": max(loss[r] for r in both_there)}
    assert sum(count for _, _, count in answer["counts"]) == len(both_there)
    assert all(0 <= x < 4 and 0 <= y < 3 and count for x, y, count in answer["counts"])


def test_a_density_of_texts_is_refused_and_of_nothing_is_empty(both: Both) -> None:
    with pytest.raises(InvalidQueryError, match="no column of numbers"):
        both.answers.density(density_of({"x": "model", "y": "loss"}))
    nothing = both.answers.density(density_of({"x": "version", "y": "loss", "filter": "version > 1000"}))
    assert (nothing["counted"], nothing["counts"], nothing["x"]) == (0, [], {"from": None, "to": None})


def test_too_many_groups_are_refused(both: Both, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_GROUPS", 1)
    answers = Answers(both.answers.standing, Engine())
    with pytest.raises(InvalidQueryError, match="3 groups"):
        answers.window(window_of({"group": "model"}))


def test_the_head_has_the_columns_of_the_table(both: Both) -> None:
    head = both.answers.head()
    assert (head["status"], head["registry"]["models"]) == ("windowed", {})
    assert {metric["key"] for metric in head["metrics"]} >= {"loss", "val_loss", "accuracy"}
    table = versions_payload(both.page.catalog)
    goals = {metric["key"]: metric["goal"] for metric in table["metrics"]}
    assert all(metric["goal"] == goals[metric["key"]] for metric in head["metrics"])
