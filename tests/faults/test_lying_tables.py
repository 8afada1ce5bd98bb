"""Tables that lie: found by `index --check`, refused or put right by `index`, never more than a sentence in `list`."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

import tb_versions as tbv
from tb_versions.cli import main
from tb_versions.core.manifest import Metric
from tb_versions.errors import StorageError
from tb_versions.fleet.checking import check
from tb_versions.fleet.delta import Delta
from tb_versions.fleet.indexing import index
from tb_versions.fleet.stored import Stored
from tests.support import lying_tables
from tests.support.effort import HANGS
from tests.support.lying_tables import LOG, commit, planted, rewrite
from tests.support.world import World

pytestmark = [pytest.mark.faults, pytest.mark.slow]

SQL = "x'; DROP TABLE versions; --"
MOST_KIB = 320 << 10
MIB = 1 << 20


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Versions of which one has SQL for a metric, a hyperparameter and a label, and their tables."""
    world = World(tmp_path_factory.mktemp("lies"))
    for number in range(1, 4):
        metrics = (Metric(name="loss", value=float(number)), Metric(name=SQL, value=1.0))
        world.version("digits", number, metrics=metrics, hyperparameters={SQL: SQL}, labels={"note": "<script>"})
    tbv.promote("digits:1", world.models, alias="production")
    index(os.fspath(world.models))
    return world


@pytest.fixture
def models(made: World, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made.models, tmp_path / "models", copy_function=shutil.copy2))


@pytest.fixture
def versions(models: Path) -> Path:
    """The table of versions."""
    return models / ".index" / "versions"


def call(models: Path, *arguments: str) -> Result:
    """Runs a command; one that ends by an exception which is no exit would be a traceback."""
    done = CliRunner().invoke(main, [*arguments, "--models-dir", os.fspath(models)], prog_name="tb-versions")
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    assert "Traceback" not in done.output
    assert all(character.isprintable() or character == "\n" for character in done.output)
    return done


def refused(models: Path, said: str) -> None:
    """Asserts that nothing reads the table, and that each command says why, in a line."""
    for command in [("index", "--check"), ("index",), ("list", "--from-table", "--filter", "loss > 0")]:
        done = call(models, *command)
        assert done.exit_code not in (0, None), command
        assert re.search(said, done.stderr), (command, done.stderr)
        assert done.stderr.count("\n") == 1, done.stderr
        assert len(done.stderr) < 1_500


# The system's own count of a process that was started (ru_maxrss) begins with the memory of the one that started it.
MEASURED = """
import atexit, re
atexit.register(lambda: print(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read()).group(1)))
from tb_versions.cli import run
run()
"""


def measured(models: Path, *arguments: str) -> tuple[int, str, int]:
    """Runs a command in a process of its own; returns exit code, what it said on stderr, and its memory in KiB."""
    command = [sys.executable, "-c", MEASURED, *arguments, "--models-dir", os.fspath(models)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=HANGS)
    return done.returncode, done.stderr, int(done.stdout.split()[-1])


@pytest.fixture(scope="session")
def honest_kib(made: World) -> int:
    """Memory of a check of the honest tables."""
    code, _, memory = measured(made.models, "index", "--check")
    assert code == 0
    return memory


# What rows say.


def _add(rows: list[dict[str, object]], **changes: object) -> None:
    rows.append(rows[0] | changes)


@pytest.mark.parametrize(
    ("change", "kinds"),
    [
        (lambda rows: rows[0].update(digest="sha256:" + "0" * 64), {"different"}),
        (lambda rows: rows[0].update(manifest_digest="sha256:" + "0" * 64), {"different"}),
        (lambda rows: rows[1].update({"metrics": [("loss", 0.0)]}), {"different"}),
        (lambda rows: rows.pop(), {"missing"}),
        (lambda rows: rows.clear(), {"missing"}),
        (lambda rows: rows.append(rows[0]), {"twice"}),
        (lambda rows: rows.extend(rows * 20), {"twice"}),
        (lambda rows: _add(rows, path="../../etc", id="0" * 32), {"different"}),
        (lambda rows: _add(rows, path="digits/9"), {"different", "twice"}),
        (lambda rows: _add(rows, path=None, id=None), {"different"}),
        (lambda rows: rows[0].update(path=None, id=None, model=None, number=None), {"different", "missing"}),
        (lambda rows: rows[0].update(model="\x1b[2J<script>alert(1)</script>\u202e", number=-1), {"different"}),
        (lambda rows: rows[0].update(manifest=None), {"different"}),
        (lambda rows: rows[0].update(manifest=b"{" * 100_000), {"different"}),
        (lambda rows: rows[0].update(manifest_size=None, manifest_time=None), {"different"}),
        (lambda rows: rows[0].update(summary="x" * MIB), {"different"}),
    ],
)
def test_rows_that_lie_are_found_and_shown_as_text(
    models: Path, versions: Path, change: Callable[[list[dict[str, object]]], object], kinds: set[str]
) -> None:
    rewrite(versions, change)
    assert set(check(os.fspath(models)).counts) == kinds
    done = call(models, "index", "--check")
    assert done.exit_code == 1
    assert "difference" in done.stdout
    call(models, "list", "--from-table")
    call(models, "list", "--from-table", "--filter", "loss > 0", "--sort=-loss")
    call(models, "index")
    assert "missing" not in check(os.fspath(models)).counts  # no version lacks its row after the next run
    assert call(models, "index", "--rebuild").exit_code == 0
    assert check(os.fspath(models)).ok


def test_names_that_are_sql_are_names(models: Path) -> None:
    assert check(os.fspath(models)).ok
    done = call(models, "list", "--from-table", "--filter", f'"{SQL}" = 1', "--json")
    assert done.exit_code == 0, done.stderr
    assert len(json.loads(done.stdout)) == 3
    assert call(models, "list", "--from-table", "--sort", SQL).exit_code in (0, 2)
    assert check(os.fspath(models)).ok


def test_events_and_aliases_that_lie_are_found(models: Path) -> None:
    rewrite(models / ".index" / "aliases", lambda rows: rows[0].update(number=3))
    rewrite(models / ".index" / "events", lambda rows: rows.clear())
    assert set(check(os.fspath(models)).counts) == {"aliases", "events"}
    assert call(models, "index").exit_code == 0
    assert check(os.fspath(models)).ok


# What would take more memory than there is.


def _same(value: object, count: int) -> pa.Array:
    """An array of one value, in memory as codes of a dictionary."""
    return pa.DictionaryArray.from_arrays(pa.repeat(pa.scalar(0, pa.int32()), count), pa.array([value]))


def _rows() -> Iterator[pa.Table]:
    rows = pa.table({"number": pa.repeat(7, 5_000_000)})
    return (rows for _ in range(4))


def _texts(length: int, count: int) -> Iterator[pa.Table]:
    return iter([pa.table({"summary": _same("x" * length, count)})])


def _maps(length: int, *, items: int, rows: int) -> Iterator[pa.Table]:
    offsets = pa.array(range(0, items * rows + 1, items), pa.int32())
    keys, values = _same("k", items * rows), _same("x" * length, items * rows)
    return iter([pa.table({"labels": pa.MapArray.from_arrays(offsets, keys, values)})])


def _zeros() -> Iterator[pa.Table]:
    return iter([pa.table({"manifest": pa.array([bytes(100 * MIB)])})])


BOMBS: dict[str, tuple[Callable[[], Iterator[pa.Table]], str]] = {
    "rows": (_rows, "20,000,000 rows in"),
    "long texts": (lambda: _texts(32 * MIB, 900), "has a value of 33,554,432 bytes"),
    "texts": (lambda: _texts(MIB, 900), "packed in"),
    "texts in maps": (lambda: _maps(MIB, items=20, rows=900), "would take 18,874,386,000 bytes in 900 rows"),
    "long texts in maps": (lambda: _maps(8 * MIB, items=2, rows=10), "has a value of 8,388,608 bytes"),
    "a long map": (lambda: _maps(1, items=3_000_000, rows=1), "3,000,000 values in 1 rows"),
    "texts in one map": (lambda: _maps(MIB, items=50_000, rows=1), "would take 52,428,850,000 bytes in 1 rows"),
    "bytes": (_zeros, "would take 104,857"),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_what_unpacks_to_more_than_can_be_is_not_unpacked(
    models: Path, versions: Path, honest_kib: int, bomb: str
) -> None:
    groups, said = BOMBS[bomb]
    size = planted(versions, groups(), use_dictionary=bomb != "bytes").stat().st_size
    code, why, memory = measured(models, "index", "--check")
    assert code == 5, why
    assert said in why, why
    assert "Delete that folder" in why
    assert why.count("\n") == 1
    assert memory - honest_kib < MOST_KIB
    delta = Delta(os.fspath(versions.parent), versions.name)
    with pytest.raises(StorageError, match="Delete that folder"):
        for _ in Stored(delta, delta.existing()).batches(["number", "summary", "labels", "manifest"]):
            pass
    for command in (("index",), ("list", "--from-table", "--filter", "loss > 0", "--sort", "created")):
        call(models, *command)
    print(f"{bomb}: a file of {size:,} bytes was refused with {max(0, memory - honest_kib) >> 10:,} MiB of memory")


# What the log says.


def _newer(table: Path) -> None:
    for entry in (table / LOG).glob("*.json"):
        entry.write_text(entry.read_text().replace("schema 1", "schema 2"))


def _truncated(table: Path) -> None:
    for file in table.glob("*.parquet"):
        file.write_bytes(file.read_bytes()[:-100])


def _gone(table: Path) -> None:
    for file in table.glob("*.parquet"):
        file.unlink()


def _foreign(table: Path) -> None:
    """A file whose ids are numbers, and whose metrics are a text."""
    planted(table, iter([pa.table({"id": [1, 2, 3], "path": [1.5, 2.5, 3.5], "metrics": ["a", "b", "c"]})]))


def _long_log(table: Path) -> None:
    entry = commit(table, "planted.parquet", 1)
    with entry.open("r+") as file:
        file.truncate(1 << 31)


def _checkpoint_of_bombs(table: Path) -> None:
    """A checkpoint whose entries are a megabyte each, in a file of kilobytes."""
    file = lying_tables.checkpoint(table)
    there = pq.read_table(file)
    add = there.column("add").combine_chunks()
    valid = add.filter(add.is_valid()).slice(0, 1)
    fields = {field.name: valid.field(field.name).take(pa.repeat(0, 20_000)) for field in add.type}
    fields["stats"] = _same("x" * MIB, 20_000)
    rows = pa.table({"add": pa.StructArray.from_arrays(list(fields.values()), list(fields))})
    pq.write_table(rows, file, store_schema=False)
    for entry in (table / LOG).glob("*.json"):
        entry.unlink()


def _checkpoint(change: Callable[[Path], object]) -> Callable[[Path], None]:
    def plant(table: Path) -> None:
        change(lying_tables.checkpoint(table))
        for entry in (table / LOG).glob("*.json"):
            entry.unlink()

    return plant


def _entry(text: str) -> Callable[[Path], None]:
    def plant(table: Path) -> None:
        commit(table, "planted.parquet", 1).write_text(text)

    return plant


LOGS: dict[str, tuple[Callable[[Path], object], str]] = {
    "a newer schema": (_newer, "newer version"),
    "a truncated file": (_truncated, "can't be read"),
    "a file that is gone": (_gone, "can't be read"),
    "foreign types": (_foreign, "can't be read|ids that this package does not write|without a model"),
    "a file above": (lambda table: commit(table, "../../digits/1/version_manifest.json", 1), "not in its folder"),
    "a file of the system": (lambda table: commit(table, "/etc/passwd", 1), "not in its folder"),
    "a URL": (lambda table: commit(table, "https://127.0.0.1:9/x.parquet", 1), "not in its folder"),
    "a file URL": (lambda table: commit(table, "file:///etc/passwd", 1), "not in its folder"),
    "a bucket": (lambda table: commit(table, "s3://bucket/x.parquet", 1), "not in its folder"),
    "a link": (lambda table: (table / "more.parquet").symlink_to("/etc/passwd"), "is a link"),
    "a log without end": (_long_log, "2,147,483,648 bytes"),
    "a checkpoint of bombs": (_checkpoint_of_bombs, "would take"),
    "a checkpoint of nothing": (_checkpoint(lambda file: file.write_bytes(b"PAR1")), "can't be read"),
    "a checkpoint of another log": (
        _checkpoint(lambda file: pq.write_table(pa.table({"x": [1]}), file)),
        "can't be read",
    ),
    "an entry that is none": (_entry("{"), "can't be read"),
    "an entry of numbers": (_entry('{"add": 7}'), "can't be read"),
    "statistics that are none": (lambda table: commit(table, "planted.parquet", 1, stats="{"), "can't be read"),
    "a protocol of tomorrow": (
        _entry('{"protocol": {"minReaderVersion": 99, "minWriterVersion": 99}}'),
        "can't be read",
    ),
}


@pytest.mark.parametrize("lie", LOGS)
def test_a_log_that_lies_is_a_sentence(models: Path, versions: Path, lie: str) -> None:
    plant, said = LOGS[lie]
    plant(versions)
    before = {path: path.read_bytes() for path in models.rglob("version_manifest.json")}
    refused(models, said)
    assert {path: path.read_bytes() for path in models.rglob("version_manifest.json")} == before
    shutil.rmtree(models / ".index")
    assert call(models, "index").exit_code == 0
    assert check(os.fspath(models)).ok


def test_an_unknown_column_is_found(models: Path, versions: Path) -> None:
    table = pq.read_table(next(versions.glob("*.parquet")))
    from deltalake import write_deltalake

    more = table.append_column('"; DROP TABLE versions; --', pa.array([1] * table.num_rows))
    write_deltalake(os.fspath(versions), more, mode="overwrite", schema_mode="overwrite")
    assert set(check(os.fspath(models)).counts) == {"columns"}
    assert call(models, "list", "--from-table").exit_code == 0
    assert call(models, "index", "--rebuild").exit_code == 0
    assert check(os.fspath(models)).ok
