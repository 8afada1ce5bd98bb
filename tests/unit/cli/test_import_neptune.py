"""`tb-versions import-neptune`."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest
from click.testing import CliRunner, Result

from tb_versions.cli import main
from tb_versions.core import codec
from tb_versions.core.manifest import VersionManifest
from tests.support.neptune_export import MADE, PROJECT, export, file, model_version, part_name, series, single


def imported(folder: Path, *more: object, code: int = 0) -> Result:
    arguments = ["import-neptune", "--data-path", folder / "data", "--models-dir", folder / "models", *more]
    done = CliRunner().invoke(main, [*map(str, arguments)], prog_name="tb-versions")
    assert done.exit_code == code, done.output
    return done


def manifest(folder: Path, reference: str) -> VersionManifest:
    return codec.decode((folder / "models" / reference / "version_manifest.json").read_bytes())


@pytest.fixture
def data(tmp_path: Path) -> Path:
    data, stored = tmp_path / "data", tmp_path / "files" / part_name(PROJECT) / "model_versions/MN-DIG-1/model"
    stored.mkdir(parents=True)
    (stored / "weights.bin").write_bytes(b"abc")
    (stored / "labels.txt").write_bytes(b"0 1 2")
    export(data, "MN-DIG", single("sys/name", "Ziffern"), single("sys/description", "All of them"), scope="models")
    rows = [
        *(
            single(path, value)
            for path, value in {"params/lr": 1e-3, "params/n": 7, "params/on": True, "opt": "adam"}.items()
        ),
        single("params/layers", ["1", "2"]),
        *series("val/acc", {"0": 0.5, "2.000000": 0.75, "1": 0.6}),
        *series("odd", {"0.5": float("nan")}),
        {"attribute_path": "unknown", "attribute_type": "float_series", "float_value": 4.0},
        {"attribute_path": "log", "attribute_type": "string_series", "string_value": "x"},
        file("model/weights", "model_versions/MN-DIG-1/model/weights.bin"),
        file("model/labels", "model_versions/MN-DIG-1/model/labels.txt"),
    ]
    model_version(data, 1, *rows, stage="production")
    model_version(data, 2, stage="archived")
    export(data, "RUN-1", single("sys/creation_time", MADE), single("sys/name", "first"), *series("loss", {"3": 1.5}))
    export(data, "RUN-2", single("sys/forking/parent", "RUN-1"), single("a", 1))
    export(data, "HALF", single("a", 1), part=1)
    return data


def test_model_versions_keep_number_stage_attributes_and_files(data: Path, tmp_path: Path) -> None:
    done = imported(tmp_path, "--files-path", tmp_path / "files")
    assert "MN-DIG@production is MN-DIG:1." in done.stdout
    assert f"--source neptune={(tmp_path / 'files').resolve()}" in done.stdout
    assert done.stdout.endswith("Imported 2 versions; 1 said later.\n")
    assert f"2 runs have no place in Neptune's registry and are no version: RUN-1 of {PROJECT}" in done.stderr
    found = manifest(tmp_path, "MN-DIG/1")
    assert {metric.name: (repr(metric.value), metric.step) for metric in found.metrics} == {
        "val/acc": ("0.75", 2),
        "odd": ("nan", None),
        "unknown": ("4.0", None),
    }
    assert found.hyperparameters == {
        "params/lr": 1e-3,
        "params/n": 7,
        "params/on": True,
        "opt": "adam",
        "params/layers": "1, 2",
    }
    assert (found.created, found.description) == (MADE, "the 1.")
    assert {path.path for path in found.files} == {"weights.bin", "labels.txt"}
    assert found.labels["neptune.tags"] == "a, ÿ"
    assert found.imported is not None
    assert dict(found.imported.model_labels) == {"neptune.name": "Ziffern"}
    assert found.imported.model_description == "All of them"
    assert found.imported.notes == (
        "Series of texts or histograms were left out: log.",
        "Steps that are unknown or no integers were left out: odd, unknown.",
    )


def test_a_second_import_changes_nothing(data: Path, tmp_path: Path) -> None:
    imported(tmp_path, "--runs")
    before = {path: path.read_bytes() for path in (tmp_path / "models").rglob("*") if path.is_file()}
    moved = tmp_path / "elsewhere"
    shutil.move(data, moved)
    again = imported(tmp_path, "--runs", "--data-path", moved)
    assert again.stdout == "Imported 0 versions; 4 imported before.\n"
    assert {path: path.read_bytes() for path in (tmp_path / "models").rglob("*") if path.is_file()} == before


def test_runs_are_versions_where_that_is_wanted_with_what_they_were_forked_from(data: Path, tmp_path: Path) -> None:
    done = imported(tmp_path, "--runs", "--dry-run")
    assert "Would import 4 versions" in done.stdout
    imported(tmp_path, "--runs")
    (model,) = (path.name for path in (tmp_path / "models").iterdir() if path.name.startswith("team"))
    runs = [manifest(tmp_path, f"{model}/{number}") for number in (1, 2)]
    (forked,) = (run for run in runs if run.parents)
    (first,) = (run for run in runs if not run.parents)
    assert forked.parents[0].number == first.number
    assert [(metric.name, metric.value, metric.step) for metric in first.metrics] == [("loss", 1.5, 3)]
    assert data.is_dir()


def test_one_project_s_folder_is_taken_too(data: Path, tmp_path: Path) -> None:
    imported(tmp_path, "--data-path", data / part_name(PROJECT))
    assert manifest(tmp_path, "MN-DIG/2").labels["neptune.stage"] == "archived"


def test_a_stage_that_two_versions_have_is_no_alias(data: Path, tmp_path: Path) -> None:
    model_version(data, 3, stage="production")
    done = imported(tmp_path)
    assert "MN-DIG:1, MN-DIG:3: Several versions are in the stage production" in done.stdout
    assert "MN-DIG@production" not in done.stdout


def test_what_is_no_such_parquet_is_said_and_the_rest_is_imported(data: Path, tmp_path: Path) -> None:
    folder = data / part_name(PROJECT) / "model_versions"
    (folder / "zip_part_0.parquet").write_bytes(b"PK\3\4" + b"\0" * 1_000)
    (folder / "magic_part_0.parquet").write_bytes(b"PAR1" + b"\xff" * 100 + b"\xff\xff\xff\x7fPAR1")
    pyarrow.parquet.write_table(pyarrow.table({"a": [1]}), folder / "other_part_0.parquet")
    pyarrow.parquet.write_table(
        pyarrow.table(
            {name: [None] for name in ("project_id", "run_id", "attribute_path", "attribute_type", "step", "timestamp")}
        ),
        folder / "nameless_part_0.parquet",
    )
    os.symlink(tmp_path / "secret", folder / "linked_part_0.parquet")
    os.mkfifo(folder / "fifo_part_0.parquet")
    done = imported(tmp_path, code=1)
    assert "Not read: zip: zip_part_0.parquet can't be read as Parquet" in done.stdout
    assert "Not read: magic: magic_part_0.parquet can't be read as Parquet" in done.stdout
    assert "Not read: other: other_part_0.parquet has no column project_id" in done.stdout
    assert "Not read: nameless: it names no run and no project." in done.stdout
    assert "Not read: fifo: fifo_part_0.parquet is no plain file." in done.stdout
    assert done.stdout.endswith("Imported 2 versions; 1 said later; 5 not read.\n")


@pytest.mark.parametrize("stored", ["../../../../etc/passwd", "/etc/passwd", "link/x", ".."])
def test_files_that_lead_out_are_not_at_hand(stored: str, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/x").write_bytes(b"secret")
    root = tmp_path / "files" / part_name(PROJECT)
    root.mkdir(parents=True)
    os.symlink(tmp_path / "outside", root / "link")
    model_version(tmp_path / "data", 1, file("m", stored))
    imported(tmp_path, "--files-path", tmp_path / "files", "--copy-files")
    assert os.listdir(tmp_path / "models/MN-DIG/1") == ["version_manifest.json"]


@pytest.mark.parametrize(
    ("arrange", "words"), [("none", "does not exist"), ("empty", "has no export that is complete")]
)
def test_a_folder_without_exports_is_one_sentence(arrange: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = imported(tmp_path, "--data-path", tmp_path / arrange, code=2)
    assert words in done.output
    assert len(done.output.splitlines()) == 1
    assert not (tmp_path / "models").exists()
