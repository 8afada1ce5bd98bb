"""Rows of people's own logs."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tb_versions.cli import main
from tb_versions.core import codec
from tb_versions.core.manifest import MANIFEST_NAME, Metric, VersionManifest
from tb_versions.errors import InvalidQueryError
from tb_versions.interop.tables import mapping, read_rows
from tests.support.savedmodel_bytes import small_model

CSV = """model,acc,lr,opt,when,what
digits/1,0.9,0.1,adam,2026-01-02T03:04:05Z,the first
digits/2,0.95,,sgd,,
"""
COLUMNS = ("folder=model", "metric.accuracy=acc", "hyperparameter.lr=lr", "hyperparameter.optimizer=opt")


@pytest.fixture
def models(tmp_path: Path) -> Path:
    for number in (1, 2, 3):
        (tmp_path / "models" / "digits" / str(number)).mkdir(parents=True)
        (tmp_path / "models" / "digits" / str(number) / "saved_model.pb").write_bytes(small_model())
    return tmp_path / "models"


def adopt(models: Path, *arguments: object) -> Result:
    return CliRunner().invoke(main, ["adopt", str(models), *map(str, arguments)])


def with_columns(*columns: str) -> list[str]:
    return [word for column in columns for word in ("--column", column)]


def manifest(models: Path, number: int) -> VersionManifest:
    return codec.decode((models / "digits" / str(number) / MANIFEST_NAME).read_bytes())


def put(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def test_a_csv_with_a_mapping_states_facts(models: Path, tmp_path: Path) -> None:
    table = put(tmp_path / "log.csv", CSV)
    done = adopt(models, "--from-csv", table, *with_columns(*COLUMNS, "created=when", "description=what"))
    assert done.exit_code == 0, done.output
    first, second, third = (manifest(models, number) for number in (1, 2, 3))
    assert first.metrics == (Metric(name="accuracy", value=0.9, source="typed"),)
    assert first.hyperparameters == {"lr": 0.1, "optimizer": "adam"}
    assert first.description == "the first"
    assert first.created is not None
    assert first.created.isoformat() == "2026-01-02T03:04:05+00:00"
    assert first.inferred == ()
    assert second.hyperparameters == {"optimizer": "sgd"}
    assert [each.field for each in second.inferred] == ["created"]
    assert third.metrics == ()


def test_a_text_that_says_more_than_its_number_stays_a_text(models: Path, tmp_path: Path) -> None:
    names = ("zip", "data", "commit", "big", "under", "lr", "n", "flag")
    texts = ("007", "1.10", "1234567e12", "1e400", "1_0", " 0.10000000000000001", "12 ", "True")
    header = ",".join(f"hyperparameter.{name}" for name in names)
    table = put(tmp_path / "log.csv", f"version,{header}\ndigits:2,{','.join(texts)}\n")
    done = adopt(models, "--from-csv", table)
    assert done.exit_code == 0, done.output
    kept = {name: text for name, text in zip(names, texts, strict=True) if name != "n"}
    assert manifest(models, 2).hyperparameters == {**kept, "n": 12}


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("json", '[{"version": 2, "step": 30, "run": "mlp", "metric.loss": 0.25, "label.team": "vision"}]'),
        ("json", '{"digits/2": {"step": 30, "run": "mlp", "metric.loss": 0.25, "label.team": "vision"}}'),
        ("yaml", "digits/2: {step: 30, run: mlp, metric.loss: 0.25, label.team: vision}"),
        ("csv", "version,step,run,metric.loss,label.team\ndigits:2,30,mlp,0.25,vision\n"),
    ],
)
def test_columns_that_bear_the_name_of_a_field_need_no_mapping(
    models: Path, tmp_path: Path, form: str, text: str
) -> None:
    done = adopt(models, f"--from-{form}", put(tmp_path / "log", text))
    assert done.exit_code == 0, done.output
    found = manifest(models, 2)
    assert [(run.name, run.step) for run in found.runs] == [("mlp", 30)]
    assert found.metrics == (Metric(name="loss", value=0.25, step=30, source="typed"),)
    assert found.labels == {"team": "vision"}


def test_what_is_not_used_is_said(models: Path, tmp_path: Path) -> None:
    table = put(tmp_path / "log.csv", "version,loss\n1,0.5\n9,0.5\n")
    done = adopt(models, "--from-csv", table)
    assert 'The column "loss" is not used' in done.output
    assert 'row 2 ("9") is about no model that is adopted now' in done.output


@pytest.mark.parametrize(
    ("form", "text", "columns", "words"),
    [
        ("csv", "version,acc\n1,high\n", ("metric.acc=acc",), "Row 1 of the table: The metric"),
        ("csv", "version,step\n1,2.5\n", (), "must be a whole number"),
        ("csv", "version\n1\n1\n", (), "Rows 1 and 2 of the table are both about"),
        ("csv", "loss\n0.5\n", (), "No column says which model a row is about"),
        ("csv", "version\n1\n", ("metric.a=none",), 'There is no column "none"'),
        ("csv", "version\n1\n", ("speed=version",), '"speed" is no field'),
        ("csv", "folder\n.\n", (), "is about no model"),
        ("json", "[1]", (), "no list of objects"),
        ("json", "{", (), "can't be read as JSON"),
        ("json", "[" * 100_000, (), "can't be read as JSON"),
        ("yaml", "!!python/object/apply:os.system ['touch ran']", (), "can't be read as YAML"),
        ("yaml", "a: &a [x]\nb: *c", (), "can't be read as YAML"),
    ],
)
def test_a_table_that_is_wrong_adopts_nothing(
    models: Path, tmp_path: Path, form: str, text: str, columns: tuple[str, ...], words: str
) -> None:
    done = adopt(models, f"--from-{form}", put(tmp_path / "log", text), *with_columns(*columns), "--dry-run")
    assert words in done.output
    assert list(models.rglob(MANIFEST_NAME)) == []
    assert not (tmp_path / "ran").exists()


def test_a_table_is_a_plain_file_of_some_size(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/etc/passwd")
    with pytest.raises(Exception, match="symlink"):
        read_rows(str(tmp_path / "link"), "csv")
    with (tmp_path / "huge").open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(InvalidQueryError, match="at most 16,777,216 bytes"):
        read_rows(str(tmp_path / "huge"), "json")


def test_a_column_given_for_a_field_replaces_the_one_of_its_name() -> None:
    found = mapping([{"version": 1, "step": 2, "at": 3}], ["step=at"])
    assert (found.single, found.unused) == ({"version": "version", "step": "at"}, ("step",))
