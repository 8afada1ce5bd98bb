"""MLflow behind its own server; many versions; stores that mean harm."""

from __future__ import annotations

import random
import sqlite3
import time
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner

from tb_versions.cli import main
from tb_versions.core.manifest import is_model_name
from tb_versions.interop.importing.known import look
from tb_versions.interop.mlflow.converting import foreign_of
from tb_versions.interop.mlflow.opening import open_store
from tb_versions.read.reader import open_reader
from tests.support.mlflow_client import ask_mlflow, mlflow_server, with_mlflow
from tests.support.mlflow_imported import bring, check_equal


@pytest.mark.client("mlflow")
def test_a_store_behind_a_server_is_read_through_the_client(client_python: Path, tmp_path: Path) -> None:
    there, models = tmp_path / "there", tmp_path / "models"
    told = ask_mlflow(client_python, there, "make", "sqlite:///mlflow.db")
    with mlflow_server(client_python, there, "sqlite:///mlflow.db") as uri:
        source = f"mlflow={there}/mlruns"
        arguments = ["import-mlflow", "--uri", uri, "--models-dir", models, "--source", source, "--json"]
        done = orjson.loads(with_mlflow(client_python, tmp_path, *arguments))
    assert {one["became"] for one in done["versions"]} == {"new"}
    check_equal(told, models)
    stores = {
        version.manifest.imported.store for version in look(str(models)).versions.values() if version.manifest.imported
    }
    opened = open_store(f"sqlite:///{there}/mlflow.db")
    assert stores == {one.store for one in foreign_of(opened.store, (), sources=opened.sources)}


@pytest.mark.client("mlflow")
def test_a_thousand_versions_are_imported_faster_than_mlflow_writes_them(client_python: Path, tmp_path: Path) -> None:
    started = time.monotonic()
    ask_mlflow(client_python, tmp_path / "there", "many", "sqlite:///mlflow.db", "1000")
    written = time.monotonic() - started
    for became in ("new", "same"):
        started = time.monotonic()
        told = bring(f"sqlite:///{tmp_path}/there/mlflow.db", tmp_path / "models")
        taken = time.monotonic() - started
        assert [one["became"] for one in told["versions"]] == [became] * 1_000
        assert taken < written / 2


SCRIPT = "<script>alert(1)</script>\x1b[31m\u202e"


def hostile(path: Path) -> Path:
    """A database in MLflow's layout in which everything means harm."""
    endless = "WITH RECURSIVE n(a) AS (SELECT 1 UNION ALL SELECT a + 1 FROM n) SELECT a name, a alias, a version FROM n"
    connection = sqlite3.connect(path)
    connection.executescript(
        f"""
        CREATE TABLE experiments (experiment_id, creation_time);
        INSERT INTO experiments VALUES (0, x'ffff'), ('x', 9e999);
        CREATE TABLE registered_models (name, description);
        CREATE TABLE model_versions (name, version, creation_time, description, source, run_id, current_stage, status);
        CREATE TABLE runs (run_uuid, lifecycle_stage, name, artifact_uri);
        CREATE TABLE params (key, value, run_uuid);
        CREATE TABLE latest_metrics (key, value, step, is_nan, run_uuid);
        CREATE TABLE tags (key, value, run_uuid);
        CREATE VIEW registered_model_aliases AS {endless};
        CREATE TABLE ran (a);
        CREATE TRIGGER boom AFTER INSERT ON model_versions BEGIN INSERT INTO ran VALUES (1); END;
        """
    )
    rows: list[tuple[Any, ...]] = [
        ("digits", 1, 1, SCRIPT, "/etc", "r1", "None", "READY"),
        ("digits", 2, -(2**62), SCRIPT, "../../../../etc", "r1", "None", SCRIPT),
        ("digits", 3, "x", "", f"file://{path.parent}/mlruns/../secret", "r2", "None", "READY"),
        ("digits", 2**62, 1, "", "http://me:hunter2@169.254.169.254/1/r/artifacts/m", "", "None", "READY"),
        ("digits", "one", 1, "", "", "", "None", "READY"),
        ("digits", -1, 1, "", "", "", "None", "READY"),
        (SCRIPT, 1, 1, "", "", "r1", "None", "READY"),
        ("__proto__", 1, 1, "", "", "r1", "None", "READY"),
        ("..", 1, 1, "", "", "r1", "None", "READY"),
        ("x" * 5_000, 1, 1, "", "", "r1", "None", "READY"),
    ]
    connection.executemany("INSERT INTO model_versions VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
    names = {row[0] for row in rows}
    connection.executemany("INSERT INTO registered_models VALUES (?, ?)", [(name, SCRIPT) for name in names])
    connection.execute("INSERT INTO runs VALUES ('r1', 'active', ?, ?)", (SCRIPT, "file:///etc/artifacts"))
    texts = [
        ("password", "hunter2"),
        ("__proto__", "x"),
        (SCRIPT, SCRIPT),
        ("long", "y" * 3_000_000),
        ("blob", b"\xff" * 9_000),
    ]
    connection.executemany("INSERT INTO params VALUES (?, ?, 'r1')", texts)
    connection.executemany("INSERT INTO tags VALUES (?, ?, 'r1')", [*texts, ("mlflow.parentRunId", "r1")])
    numbers = [
        ("a", "text", "x", 0),
        (SCRIPT, 1.0, 2**70 / 1, 0),
        ("b", 1, 1, 0),
        ("", 1, 1, 1),
        ("a/../../b", 9e999, 1, 0),
    ]
    connection.executemany("INSERT INTO latest_metrics VALUES (?, ?, ?, ?, 'r1')", numbers)
    connection.commit()
    connection.close()
    return path


def test_a_database_that_means_harm_runs_nothing_and_gives_nothing_away(tmp_path: Path) -> None:
    there, models = tmp_path / "there", tmp_path / "models"
    (there / "mlruns").mkdir(parents=True)
    (there / "secret").mkdir()
    (there / "secret/key").write_text("hunter2")
    database = hostile(there / "mlflow.db")
    before = database.read_bytes()
    told = bring(f"sqlite:///{database}", models, "--copy-files")
    again = bring(f"sqlite:///{database}", models, "--copy-files")
    assert database.read_bytes() == before
    became = [one["became"] for one in told["versions"]]
    assert set(became) == {"new", "refused"}
    assert [one["became"] for one in again["versions"]] == ["same" if one == "new" else one for one in became]
    assert {one["files"] for one in told["versions"]} == {"absent"}
    written = [path.read_bytes() for path in models.rglob("*") if path.is_file()]
    assert not any(b"hunter2" in data or b"root:" in data or b"\x1b" in data for data in written)
    assert {path.name for path in tmp_path.iterdir()} == {"there", "models"}
    assert all(is_model_name(path.name) for path in models.iterdir())
    found = open_reader("", [str(models)]).catalog
    assert {version.state for version in found.versions} == {"elsewhere"}
    assert found.problems == ()
    assert {one["why"] for one in told["problems"]} == {
        "A version has no number, and was left out.",
        "The value is no number, and was left out.",
    }
    assert len(found.versions) == became.count("new")


def test_a_database_with_a_write_ahead_log_gets_no_file_beside_it(tmp_path: Path) -> None:
    database = hostile(tmp_path / "there.db")
    connection = sqlite3.connect(database)
    connection.execute("PRAGMA journal_mode = wal")
    connection.close()
    before = sorted(path.name for path in tmp_path.iterdir())
    assert bring(f"sqlite:///{database}", tmp_path / "models")["versions"]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*before, "models"])


@pytest.mark.parametrize("share", range(0, 100, 7))
def test_a_database_that_is_damaged_anywhere_is_a_sentence_or_is_read(share: int, tmp_path: Path) -> None:
    database = hostile(tmp_path / "mlflow.db")
    data = bytearray(database.read_bytes())
    at = len(data) * share // 100
    data[at : at + 64] = bytes(random.Random(share).randrange(256) for _ in range(64))
    database.write_bytes(data)
    arguments = ["import-mlflow", "--uri", f"sqlite:///{database}", "--models-dir", str(tmp_path / "models")]
    done = CliRunner().invoke(main, arguments, prog_name="tb-versions")
    assert done.exit_code in (0, 1, 2)
    assert "mistake in tb_versions" not in done.output
