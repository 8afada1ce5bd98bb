"""Tables that anybody may have written: answered or refused by a sentence, never followed, and nothing dies of them."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable, write_deltalake

from tb_versions.core.manifest import MANIFEST_NAME, Metric
from tb_versions.errors import TbVersionsError
from tb_versions.fleet.indexing import index
from tb_versions.fleet.windows import service as module
from tb_versions.fleet.windows.service import Service
from tb_versions.fleet.windows.told import Told
from tests.support.effort import FULL, HANGS
from tests.support.world import World, strict

pytestmark = [pytest.mark.faults, pytest.mark.slow]

QUESTIONS: list[tuple[Any, dict[str, Any]]] = [
    ("head", {}),
    ("window", {"facets": "1", "group": "run", "sort": ["-created", "loss", "run", "description"], "all": "1"}),
    ("window", {"filter": "loss > 0 or description ~ a or drop", "count": "500"}),
    ("density", {"x": "version", "y": "loss"}),
    ("ids", {"count": "100000"}),
]
SQL = "'); DROP TABLE versions; --"


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(module, "SECONDS", HANGS)
    monkeypatch.setattr(module, "START_SECONDS", HANGS)
    monkeypatch.setattr(module, "MEMORY", 900 << 20)
    made = World(tmp_path)
    for number in range(1, 6):
        made.version("digits", number, metrics=(Metric(name="loss", value=1 / number),), labels={"team": "a"})
    index(os.fspath(made.models))
    return made


@pytest.fixture
def serve(world: World) -> Iterator[Callable[[], Service]]:
    made: list[Service] = []

    def service() -> Service:
        made.append(Service(os.fspath(world.models), None, above=0, looks=False))
        made[-1].start()
        return made[-1]

    yield service
    for each in made:
        each.stop()


def table_of(world: World, name: str = "versions") -> Path:
    return world.models / ".index" / name


def rewrite(world: World, what: Callable[[pa.Table], pa.Table], name: str = "versions", **options: Any) -> None:
    path = os.fspath(table_of(world, name))
    opened = DeltaTable(path)
    said = opened.metadata()
    write_deltalake(
        path, what(opened.to_pyarrow_table()), mode="overwrite", schema_mode="overwrite",
        **{"name": said.name, "description": said.description, **options},
    )  # fmt: skip


def column(table: pa.Table, name: str, values: Any) -> pa.Table:
    place = table.schema.get_field_index(name)
    return table.set_column(place, name, values if isinstance(values, pa.Array) else pa.array(values))


def standing(service: Service) -> Told:
    for _ in range(HANGS * 20):
        told = service.standing()
        if told.state != "starting":
            return told
        time.sleep(0.05)
    raise AssertionError("never came")


def ask_everything(service: Service) -> list[Any]:
    """The answers, or the sentences that refuse them."""
    told = standing(service)
    assert told.state in ("windowed", "failed", "small", "absent")
    found = [answer_of(service, what, question) for what, question in QUESTIONS]
    sentences = [told.problem, *(each for each in found if isinstance(each, str))]
    assert not any("Traceback" in each or not (each.isprintable() or not each) for each in sentences)
    assert standing(service) is not None
    return found


def answer_of(service: Service, what: Any, question: dict[str, Any]) -> Any:
    try:
        return strict(service.ask(what, question))
    except TbVersionsError as error:
        return str(error)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("model", [1, 2, 3, 4, 5]),
        ("model", [None] * 5),
        ("number", ["a"] * 5),
        ("number", [-1, 0, 2**62, 1, 1]),
        ("number", pa.array([1.5] * 5)),
        ("metric.loss", ["<script>"] * 5),
        ("metrics", [1] * 5),
        ("labels", pa.array([["a"]] * 5)),
        ("created", ["yesterday"] * 5),
        ("created", pa.array([2**62] * 5, pa.timestamp("us", "UTC"))),
        ("runs", ["a"] * 5),
        ("runs", pa.array([[None, ""]] * 5, pa.list_(pa.string()))),
        ("manifest", ["text"] * 5),
        ("manifest", pa.array([b"{" * 900_000] * 5)),
        ("manifest_digest", [None] * 5),
        ("path", pa.array([None] * 5, pa.string())),
        ("path", ["../../outside/1", "/etc/passwd", "", "a\0b", "digits/../../x"]),
        ("hyperparameter_kinds", pa.array([[("lr", "nonsense")]] * 5, pa.map_(pa.string(), pa.string()))),
        ("hyperparameters", pa.array([[("lr", "x")]] * 5, pa.map_(pa.string(), pa.string()))),
        ("summary", [SQL, "\u202eevil", "<img src=x onerror=alert(1)>", "a" * 10**6, "\x00"]),
    ],
)
def test_columns_that_are_not_what_they_should_be(
    world: World, serve: Callable[[], Service], name: str, values: Any
) -> None:
    rewrite(world, lambda table: column(table, name, values))
    ask_everything(serve())


def test_names_are_never_part_of_a_query(world: World, serve: Callable[[], Service]) -> None:
    text = pa.string()
    evil = pa.array([[(SQL, 1.0), ("\u202e", 2.0)]] * 5, pa.map_(text, pa.float64()))

    def change(table: pa.Table) -> pa.Table:
        table = column(column(table, "metrics", evil), "run", [SQL] * 5)
        return table.append_column(f"metric.{SQL}", pa.array([1.0] * 5)).append_column(
            "hp.' OR 1=1", pa.array(["x"] * 5)
        )

    rewrite(world, change)
    service = serve()
    ask_everything(service)
    assert json.loads(service.ask("ids", {"filter": f"`{SQL}` > 0", "sort": [SQL]}))["found"] == 5
    assert (table_of(world) / "_delta_log").is_dir()


def test_a_row_that_lies_is_named(world: World, serve: Callable[[], Service]) -> None:
    rewrite(world, lambda table: column(table, "number", [7, 8, 9, 10, 11]))
    found = ask_everything(serve())
    assert "does not say what its manifest says" in found[1]


def test_a_table_of_a_newer_schema_is_refused(world: World, serve: Callable[[], Service]) -> None:
    rewrite(world, lambda table: table, description="schema 99")
    log = sorted((table_of(world) / "_delta_log").glob("*.json"))[0]
    log.write_text(log.read_text().replace("schema 1", "schema 99"))
    assert "newer version of tb_versions" in standing(serve()).problem


def test_truncated_and_foreign_files_are_told(world: World, serve: Callable[[], Service]) -> None:
    (part,) = table_of(world).glob("*.parquet")
    data = part.read_bytes()
    for cut in (0, 4, len(data) // 2, len(data) - 1):
        part.write_bytes(data[:cut])
        assert standing(serve()).state == "failed"
    for place in range(0, len(data), max(1, len(data) // (200 if FULL else 4))):
        part.write_bytes(data[:place] + bytes([data[place] ^ 0xFF]) + data[place + 1 :])
        ask_everything(serve())


def test_links_and_files_elsewhere_are_not_followed(world: World, serve: Callable[[], Service], tmp_path: Path) -> None:
    (part,) = table_of(world).glob("*.parquet")
    outside = tmp_path / "outside.parquet"
    outside.write_bytes(part.read_bytes())
    part.unlink()
    part.symlink_to(outside)
    told = standing(serve())
    assert (told.state, "not followed" in told.problem) == ("failed", True)
    part.unlink()
    log = sorted((table_of(world) / "_delta_log").glob("*.json"))[0]
    log.write_text(log.read_text().replace(part.name, "../../../outside.parquet"))
    assert standing(serve()).state == "failed"


def test_a_pipe_in_the_place_of_a_manifest_is_not_opened(world: World, serve: Callable[[], Service]) -> None:
    manifest = world.models / "digits" / "3" / MANIFEST_NAME
    manifest.unlink()
    os.mkfifo(manifest)
    assert ask_everything(serve())[1]["found"] == 5


def test_a_file_that_unpacks_to_more_than_there_is_memory_is_stopped(
    world: World, serve: Callable[[], Service], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MEMORY", 450 << 20)
    (part,) = table_of(world).glob("*.parquet")
    table = pq.read_table(part)
    big = column(table.slice(0, 1), "model", ["digits"])
    with pq.ParquetWriter(part, big.schema, compression="zstd") as writer:
        many = big.take(pa.array([0] * 100_000))
        for _ in range(400 if FULL else 200):
            writer.write_table(many.set_column(
                many.schema.get_field_index("manifest"), "manifest", pa.array([b""] * 100_000, pa.binary())
            ))  # fmt: skip
    log = sorted((table_of(world) / "_delta_log").glob("*.json"))[0]
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    for line in lines:
        if "add" in line:
            line["add"]["size"] = part.stat().st_size
            line["add"].pop("stats", None)
    log.write_text("\n".join(map(json.dumps, lines)))
    told = standing(serve())
    assert told.state == "failed"
    assert "more than can be" in told.problem  # by its footer: nothing was unpacked


def test_texts_of_many_megabytes_are_answered_or_refused(world: World, serve: Callable[[], Service]) -> None:
    size = (2**31 - 2 if FULL else 40 << 20) // 5
    rewrite(world, lambda table: column(table, "summary", pa.array(["x" * size] * 5)))
    found = ask_everything(serve())
    assert any("memory" in each if isinstance(each, str) else each.get("found") == 5 for each in found[1:])
