"""The engine finds the versions that the filter language finds, in the order of `list`.

The filters that page and command line agreed on are asked of it too, in tests/contract.
"""

from __future__ import annotations

import datetime
import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

import tb_versions as tbv
from tb_versions.cli.columns import Columns as Sorting
from tb_versions.cli.columns import text_of
from tb_versions.core.manifest import Code, Metric, Parent, Run
from tb_versions.errors import InvalidFilterError, InvalidQueryError
from tb_versions.fleet.asking import Answer, Question, ask, shown_column
from tb_versions.fleet.engine import Engine
from tb_versions.fleet.indexing import index
from tb_versions.fleet.prepared import Columns
from tb_versions.fleet.standing import Standing
from tb_versions.query import compile_filter
from tb_versions.query.hidden import without_hidden
from tb_versions.query.names import quote_name
from tb_versions.read.catalog import Catalog
from tb_versions.registry import events
from tests.support.chronicle import Chronicle
from tests.support.effort import EFFORT
from tests.support.world import World

pytestmark = pytest.mark.slow

NOW = 1_795_431_600_000
NAN, INFINITY = float("nan"), float("inf")
FILTERS = {"quick": 10, "usual": 200, "full": 1_000}[EFFORT]
NUMBERS = [0.0, -0.0, 0.5, 0.1, 0.123456789, 0.1234567891234, 1.0, 32.0, NAN, INFINITY, -INFINITY, 5e-324, 1e308, 1e16]
WORDS = ["adam", "ADAM", "Adam", "sgd", "layer9", "layer10", "Straße", "STRASSE", "İ", "i̇", "ΑΣ", "ας", "é", "e\u0301"]
WORDS += ["", "32", "0.5", "nan", "true", "zz top", "a,b", "日本", "'; DROP TABLE versions; --", '"', "%", "_", "\\"]
SCALARS: list[Any] = [*NUMBERS, *WORDS, 32, 0, 2**53 + 1, 2**53, -(2**60), 2**63 - 1, True, False]
SETTINGS = ["lr", "optimizer", "mixed", "Mixed", "odd name (x)", "version", "loss"]
METRICS = ["loss", "Loss", "val_loss", "accuracy", "odd, metric", "lr", "best.thing"]
LABELS = ["team", "Team", "loss", "note 1"]
DATES = ["7d", "1h", "today", "yesterday", "2026", "2026-11", "2026-11-23", "2026-11-23T08:01Z"]
DATES += ["2026-11-23T09:01+01:00"]
FIXED = ["version", "model", "alias", "approved", "deprecated", "run", "step", "created", "size", "parameters"]
FIXED += ["digest", "framework", "parent", "description", "number", "name", "runs", "sources"]


def chosen(made: random.Random, values: list[Any], most: int) -> list[Any]:
    return made.sample(values, made.randint(0, min(most, len(values))))


def write(world: World) -> None:
    """Versions of every kind of value; what is asked of them is chosen with another seed."""
    made = random.Random(7)
    for model in ("digits", "faces", "Z"):
        for number in range(1, 21):
            fields: dict[str, Any] = {
                "metrics": tuple(
                    Metric(name=name, value=made.choice(NUMBERS), source=made.choice(["typed", "log", "evaluated"]))
                    for name in chosen(made, METRICS, 5)
                ),
                "hyperparameters": {name: made.choice(SCALARS) for name in chosen(made, SETTINGS, 6)},
                "labels": {name: made.choice(WORDS) for name in chosen(made, LABELS, 3)},
                "description": made.choice(["", "# First\nsecond", *WORDS]),
                "semantic_version": made.choice(["", "1.0.0", f"1.{number}.0"]),
                "parents": tuple(Parent(model="digits", number=n) for n in chosen(made, [1, 2, 3], 2)),
                "runs": tuple(Run(name=name, step=number) for name in chosen(made, ["mlp/train", "mlp", "cnn/1"], 2)),
            }
            if made.random() < 0.3:
                fields["created"] = (
                    None
                    if made.random() < 0.3
                    else datetime.datetime.fromtimestamp(
                        NOW / 1000 - made.choice([0, 3_600, 7 * 86_400, 1e6]), datetime.timezone.utc
                    )
                )
            if not fields["hyperparameters"]:
                fields["code"] = Code(arguments=("train.py", "--lr=0.5", "--optimizer", "adam"))
            world.version(model, number, **fields)
    world.version("faces", 3, folder=world.models / "copies" / "3", description="another claim")
    world.version("faces", 4, folder=world.models / "faces" / "44", description="in a folder of another number")
    world.version("Z", 30, folder=world.models / "Z" / "31", hyperparameters={"rare": 1})
    said = Chronicle(world.models / "digits")
    said.say("alias_set", 3, events.AliasSet("production"))
    said.say("alias_set", 4, events.AliasSet("canary"))
    said.say("alias_set", 5, events.AliasSet("Adam"))
    for number, actor in ((3, "ben"), (4, "ben"), (4, "carla")):
        said.say("approved", number, actor=actor)
    said.say("deprecated", 6)
    said.say("deprecated", 7, actor="adam")
    said.say("label_set", 8, events.LabelSet("team", "speech"))
    said.say("label_set", 9, events.LabelSet("later", "32"))
    said.say("label_removed", 10, events.LabelRemoved("team"))
    said.say("described", 11, events.Text("## Told later\nmore"))
    said.say("semantic_version_given", 12, events.SemanticVersionGiven("9.9.9"))
    said.say("replayed", 13, events.Replayed(ok=True))
    Chronicle(world.models / "faces").say("deprecated", 4)


class Both:
    """The same versions by files and by the table."""

    def __init__(self, models: Path) -> None:
        index(os.fspath(models))
        self.standing = Standing(os.fspath(models))
        self.columns = Columns(self.standing)
        self.catalog: Catalog = tbv.open_catalog(models_dir=models)
        self.sorting = Sorting(self.catalog)
        self.engine = Engine()

    def ask(self, asked: Question) -> Answer:
        return ask(self.standing, asked, columns=self.columns, engine=self.engine)

    def by_files(self, asked: Question) -> Any:
        try:
            passes = compile_filter(asked.wanted, self.catalog, now=NOW)
            versions = tuple(filter(passes, self.catalog.versions))
            versions, hidden = without_hidden(self.catalog, versions, asked.wanted)
            sorted_ = self.sorting.sorted(versions, asked.sort) if asked.sort else versions
            return [version.id for version in sorted_][: asked.limit], len(versions), hidden
        except InvalidFilterError as error:
            return error.reason, error.at, error.end
        except click.UsageError as error:
            return _up_to_names(error)

    def by_table(self, asked: Question) -> Any:
        try:
            found = self.ask(asked)
        except InvalidFilterError as error:
            return error.reason, error.at, error.end
        except InvalidQueryError as error:
            return _up_to_names(error)
        return [self.standing.ids[row] for row in found.rows], found.found, found.hidden


def _up_to_names(error: Exception) -> str:
    """Which columns there are is another list: the table knows fewer."""
    return str(error).partition(" Columns are ")[0]


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    world = World(tmp_path_factory.mktemp("asking"))
    write(world)
    yield Both(world.models)
    world.close()


def condition(made: random.Random) -> str:
    prefix, name = made.choice(
        [("", name) for name in [*FIXED, *SETTINGS, *METRICS, *LABELS, "LR", "later", "args.lr", "nonsense"]]
        + [("hp.", name) for name in SETTINGS]
        + [("metric.", name) for name in METRICS]
        + [("label.", name) for name in LABELS]
        + [("source.", name) for name in METRICS]
    )
    quoted = quote_name(name)
    if prefix and not quoted.startswith("`"):
        quoted = f"`{quoted}`" if "." in quoted else quoted
    column = prefix + quoted

    def value() -> str:
        pool: list[Any] = [*SCALARS, *WORDS, *DATES, "10MB", "digits:3", "production", "ben", "faces", "typed", "log"]
        pool += [1, 2, 3, 12, "1.0.0", "9.9.9", "mlp", "another", "-inf", "1e-3", "speech", "Told later"]
        one = made.choice(pool)
        text = {True: "true", False: "false"}.get(one, str(one)) if isinstance(one, bool) else str(one)
        is_quoted = made.random() < 0.4 or not text or not all(c.isalnum() or c in ".-:+_" for c in text)
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"' if is_quoted else text

    way = made.random()
    if way < 0.6:
        return f"{column} {made.choice(['=', '!=', '<', '<=', '>', '>=', '~'])} {value()}"
    if way < 0.75:
        values = ", ".join(value() for _ in range(made.randint(1, 4)))
        return f"{column} {made.choice(['in', 'not in'])} ({values})"
    if way < 0.87:
        return f"{made.choice(['has', 'missing'])} {column}"
    return value() if made.random() < 0.7 else made.choice(["approved", "deprecated", "digits", "faces:1", "claims"])


def expression(made: random.Random, deep: int = 0) -> str:
    if deep > 2 or made.random() < 0.4:
        return condition(made)
    parts = [expression(made, deep + 1) for _ in range(made.randint(1, 3))]
    whole = f"({made.choice([' and ', ' or ', ' ']).join(parts)})"
    return f"not {whole}" if made.random() < 0.25 else whole


def is_refused(answer: Any) -> bool:
    return not isinstance(answer[0], list) and "table" in str(answer)


def test_engine_and_filter_language_find_the_same_rows_in_the_same_order(both: Both) -> None:
    made, names = random.Random(20261130), [*FIXED, *SETTINGS, *METRICS, *LABELS, "metric.loss", "label.team", "zzz"]
    compared = refused = found = 0
    while compared < FILTERS:
        assert refused < 3 * FILTERS + 100
        sort = made.choice(["", made.choice(names), f"-{made.choice(names)}"])
        asked = Question(expression(made), sort, made.choice([None, None, 3]), now=NOW)
        by_table = both.by_table(asked)
        if is_refused(by_table):
            refused += 1
            continue
        assert by_table == both.by_files(asked), asked
        compared += 1
        found += isinstance(by_table[0], list) and bool(by_table[0])
    assert found > compared / 5


@pytest.mark.parametrize("name", [*FIXED, *SETTINGS, *METRICS, *LABELS, "label.team", "source.loss"])
def test_every_column_sorts_and_shows_as_list_does(both: Both, name: str) -> None:
    if name in ("sources", "best.thing"):
        return
    rows = list(range(len(both.standing)))
    for sort in (name, f"-{name}"):
        asked = Question("", sort, now=NOW)
        assert both.by_table(asked) == both.by_files(asked)
    column = shown_column(both.columns, name, rows)
    texts = both.sorting.texts(name)
    assert [text_of(column, row) for row in rows] == [texts(version) for version in both.catalog.versions]


@pytest.mark.parametrize(
    ("wanted", "what"),
    [
        ("state = present", "files are there"),
        ("has files", "files are there"),
        ("removed", "removed versions"),
        ("gate = passed", "gates"),
        ("best.loss < 1", "curves"),
        ("last.`val_loss` < 1", "curves"),
        ("measured.loss < 1", "measured later"),
        ("sources != log", "measured later"),
        ("missing sources", "measured later"),
        ("sources in (log, measured)", "measured later"),
        ("miss", "state of files"),
        ('"two\nlines"', "several lines"),
    ],
)
def test_what_the_table_can_not_know_is_refused(both: Both, wanted: str, what: str) -> None:
    with pytest.raises(InvalidFilterError, match=what):
        both.ask(Question(wanted))


@pytest.mark.parametrize("sort", ["state", "gates", "sources", "best.loss", "-measured.loss", "removed"])
def test_nothing_is_sorted_by_what_the_table_can_not_know(both: Both, sort: str) -> None:
    with pytest.raises(InvalidQueryError, match="does not know"):
        both.ask(Question(sort=sort))


def test_names_and_values_are_never_part_of_the_query(both: Both, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    rows = Engine.rows

    def watched(engine: Any, sql: str, values: Any) -> Any:
        asked.append(sql)
        return rows(engine, sql, values)

    monkeypatch.setattr(Engine, "rows", watched)
    wanted = 'optimizer = "\'; DROP TABLE versions; --" or `odd name (x)` ~ "\') OR 1=1"'
    wanted += ' or version = "\'" or label.team in ("%")'
    both.ask(Question(wanted, "odd name (x)", 3))
    assert asked
    for sql in asked:
        assert not set(sql) & set("'\"%;")
        assert "odd" not in sql


def test_versions_that_were_removed_are_not_passed_over_in_silence(tmp_path: Path) -> None:
    world = World(tmp_path)
    for number in (1, 2):
        world.version("digits", number)
    said = Chronicle(world.models / "digits")
    said.say("removed", 1, events.Removed(size=1, by="keep=1"))
    said.remove(1)
    index(os.fspath(world.models))
    standing = Standing(os.fspath(world.models))
    assert standing.ids == ["digits:2"]
    assert ask(standing, Question()).rows == (0,)
    for asked in (Question(everything=True), Question("deprecated")):
        with pytest.raises(InvalidQueryError, match="1 version was removed"):
            ask(standing, asked)
