"""`tb-versions import-trackio`."""

from __future__ import annotations

import math
import os
import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tb_versions.cli import main
from tb_versions.core import codec
from tb_versions.core.manifest import VersionManifest
from tests.support.trackio_store import TIME, Store

FILES = {"weights.bin": b"abc", "variables/index": b"\0" * 1_000}


def imported(folder: Path, *more: object, code: int = 0) -> Result:
    arguments = ["import-trackio", "--dir", folder / "trackio", "--models-dir", folder / "models", *more]
    done = CliRunner().invoke(main, [*map(str, arguments)], prog_name="tb-versions")
    assert done.exit_code == code, done.output
    return done


def manifest(folder: Path, reference: str) -> VersionManifest:
    return codec.decode((folder / "models" / reference / "version_manifest.json").read_bytes())


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(tmp_path / "trackio")
    logs = [
        {"acc": 0.5, "t": "text"},
        {"acc": 0.7, "loss": "NaN", "deep": {"er": 2}},
        {"x": {"_type": "trackio.image"}},
    ]
    store.run("r1", "rün one", {"lr": 1e-3, "opt": {"name": "adam"}}, logs)
    store.run("r2", "two", {}, [{"acc": 1}])
    digits = store.artifact("digits", description="All digits")
    store.version(digits, 0, FILES, run="r1", k={"a": 1})
    second = store.version(digits, 1, {"weights.bin": b"other"}, run="r1")
    store.alias(digits, "latest", second)
    store.alias(digits, "prod", second)
    store.version(store.artifact("data", "dataset"), 0, {"x": b"1"})
    return store


def test_versions_of_a_model_keep_number_alias_metrics_and_configuration(store: Store, tmp_path: Path) -> None:
    done = imported(tmp_path)
    assert "mnist-digits@prod is mnist-digits:1." in done.stdout
    assert done.stdout.endswith("Imported 2 versions; 1 said later.\n")
    assert "1 run has no artifact of type model and is no version: two of mnist." in done.stderr
    found = manifest(tmp_path, "mnist-digits/0")
    assert {metric.name: (repr(metric.value), metric.step) for metric in found.metrics} == {
        "acc": ("0.7", 1),
        "loss": ("nan", 1),
        "deep.er": ("2.0", 1),
    }
    assert found.hyperparameters == {"lr": 1e-3, "opt.name": "adam"}
    assert found.created is not None
    assert found.created.isoformat() == TIME
    assert found.inferred[0].evidence == "the time when it was logged in Trackio"
    assert found.labels["metadata.k.a"] == "1"
    assert found.labels["trackio.run_name"] == "rün one"
    assert found.imported is not None
    assert (found.imported.version, found.imported.model_description) == ("v0", "All digits")
    assert "2 versions are of its run. Metrics are the run's last, the same for each." in found.imported.notes
    assert "Logged and no numbers (texts, tables, media), so left out: t, x." in found.imported.notes
    assert not any(math.isnan(metric.value) and metric.name != "loss" for metric in found.metrics)


def test_a_second_import_changes_nothing_here_or_there(store: Store, tmp_path: Path) -> None:
    there = {path: path.read_bytes() for path in store.folder.rglob("*") if path.is_file()}
    imported(tmp_path, "--copy-files")
    before = {path: path.read_bytes() for path in (tmp_path / "models").rglob("*") if path.is_file()}
    assert imported(tmp_path, "--copy-files").stdout == "Imported 0 versions; 2 imported before.\n"
    assert {path: path.read_bytes() for path in (tmp_path / "models").rglob("*") if path.is_file()} == before
    assert {path: path.read_bytes() for path in store.folder.rglob("*") if path.is_file()} == there
    assert (tmp_path / "models/mnist-digits/0/variables/index").read_bytes() == FILES["variables/index"]


def test_what_is_new_there_is_added(store: Store, tmp_path: Path) -> None:
    imported(tmp_path)
    store.alias(1, "prod", 1)
    store.execute("INSERT INTO metrics VALUES (NULL, 'r1', ?, 'x', 9, '{\"late\": 1}', 'l', NULL)", TIME)
    done = imported(tmp_path)
    assert "mnist-digits@prod is mnist-digits:0." in done.stdout
    assert 'mnist-digits:0: measured since: "late".' in done.stdout


def test_runs_are_versions_where_that_is_wanted(store: Store, tmp_path: Path) -> None:
    imported(tmp_path, "--runs", "--project", "mnist")
    found = manifest(tmp_path, "mnist/1")
    assert [(metric.name, metric.value, metric.step) for metric in found.metrics] == [("acc", 1.0, 0)]
    assert store.project == "mnist"


def test_a_log_that_sqlite_has_not_merged_is_read_too(store: Store, tmp_path: Path) -> None:
    connection = sqlite3.connect(store.path)
    connection.execute("UPDATE artifacts SET description = 'in the log'")
    connection.commit()
    assert os.path.getsize(f"{store.path}-wal")
    imported(tmp_path)
    connection.close()
    found = manifest(tmp_path, "mnist-digits/0")
    assert found.imported is not None
    assert found.imported.model_description == "in the log"


def test_a_database_of_before_there_were_run_ids_and_artifacts(tmp_path: Path) -> None:
    (tmp_path / "trackio").mkdir()
    connection = sqlite3.connect(tmp_path / "trackio/old.db")
    connection.execute("CREATE TABLE metrics (id INTEGER, timestamp TEXT, run_name TEXT, step INTEGER, metrics TEXT)")
    connection.execute("INSERT INTO metrics VALUES (1, '2025-01-01T00:00:00', 'a', 3, '{\"acc\": 0.5}')")
    connection.commit()
    connection.close()
    imported(tmp_path, "--runs")
    assert [(metric.name, metric.step) for metric in manifest(tmp_path, "old/1").metrics] == [("acc", 3)]


def test_what_means_harm_runs_nothing_and_is_said(store: Store, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    store.execute(f"CREATE TRIGGER evil AFTER INSERT ON metrics BEGIN SELECT load_extension('{mark}'); END")
    store.execute("CREATE VIEW v AS SELECT randomblob(1000000000)")
    store.execute("INSERT INTO configs VALUES (NULL, 'r9', 'pickle', ?, ?)", b"\x80\x04cos\nsystem\n.", TIME)
    store.execute("INSERT INTO configs VALUES (NULL, 'r8', 'deep', ?, ?)", b"[" * 100_000, TIME)
    store.execute("INSERT INTO configs VALUES (NULL, 'r7', 'huge', zeroblob(3000000), ?)", TIME)
    (store.folder / "other.db").write_bytes(b"SQLite format 3\0" + b"\xff" * 500)
    os.symlink(store.path, store.folder / "linked.db")
    done = imported(tmp_path, code=1)
    assert "Not read: mnist: 3 rows have no JSON that can be read." in done.stdout
    assert "Not read: linked: it is a symlink" in done.stdout
    assert "Not read: other: the folder/other.db can't be read as a SQLite database" in done.stdout
    assert done.stdout.endswith("Imported 2 versions; 1 said later; 3 not read.\n")


@pytest.mark.parametrize(
    ("manifest_text", "words"),
    [
        ('[{"path": "../../evil", "digest": "%s", "size": 3}]', "can't be the path"),
        ('[{"path": "a", "digest": "../../../../../../secret", "size": 3}]', '"a" is not at hand'),
        ('[{"path": "a", "digest": "", "size": 3}]', '"a" is not at hand'),
        ('[{"path": "a", "ref": "s3://x/y", "digest": "", "size": 3}]', "references to other places"),
        ("[]", "has no list of them"),
        ("{", "has no list of them"),
    ],
)
def test_files_that_are_not_those_are_not_taken(manifest_text: str, words: str, store: Store, tmp_path: Path) -> None:
    digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # of abc
    (tmp_path / "secret").write_bytes(b"abc")
    text = manifest_text.replace("%s", digest)
    store.execute("UPDATE artifact_versions SET manifest = ? WHERE version = 0 AND artifact_id = 1", text)
    assert words in imported(tmp_path, "--copy-files").stdout
    assert os.listdir(tmp_path / "models/mnist-digits/0") == ["version_manifest.json"]
    assert not list(tmp_path.rglob("evil"))


@pytest.mark.parametrize(("more", "words"), [((), "has no database"), (("--project", "x"), 'has no project "x"')])
def test_a_folder_without_the_project_is_one_sentence(more: tuple[str, ...], words: str, tmp_path: Path) -> None:
    (tmp_path / "trackio").mkdir()
    done = imported(tmp_path, *more, code=2)
    assert words in done.output
    assert len(done.output.splitlines()) == 1
    assert not (tmp_path / "models").exists()
