"""The commands, over models in an object store."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tb_versions.cli import main
from tb_versions.core.object_store import open_store
from tests.support.object_stores import Buckets
from tests.support.remote import MODELS, publish

pytestmark = pytest.mark.slow

Run = Callable[..., Result]


@pytest.fixture
def run() -> Run:
    """Runs a command that is told nothing of other folders."""
    return lambda *arguments: CliRunner().invoke(main, arguments, prog_name="tb-versions")


@pytest.fixture
def models(s3: Buckets, tmp_path: Path) -> str:
    """A models folder with two versions."""
    for accuracy in (0.90, 0.95):
        publish(tmp_path, metrics={"accuracy": accuracy})
    return MODELS


def test_versions_are_listed(run: Run, models: str) -> None:
    found = run("list", "--models-dir", models)
    assert found.exit_code == 0
    assert [line.split()[0] for line in found.output.splitlines()[1:3]] == ["digits:1", "digits:2"]


def test_a_version_is_shown_by_its_url(run: Run, models: str) -> None:
    found = run("show", "digits:2", "--models-dir", models, "--json")
    assert json.loads(found.output)["folder"] == f"{models}/digits/2"
    assert run("show", f"{models}/digits/2", "--json").output == found.output


def test_versions_are_verified(run: Run, models: str) -> None:
    assert "2 of 2 versions are as published." in run("verify", "--models-dir", models).output
    open_store(models).write("digits/2/variables/0.bin", b"x" * 100)
    found = run("verify", f"{models}/digits/2")
    assert found.exit_code == 1
    assert "changed: variables/0.bin" in found.output


def test_versions_are_compared(run: Run, models: str) -> None:
    assert "0.95" in run("compare", "digits:1", "digits:2", "--models-dir", models).output


def test_versions_are_exported(run: Run, models: str, tmp_path: Path) -> None:
    found = run("export", "--models-dir", models, "--out", str(tmp_path / "share.html"))
    assert found.exit_code == 0, found.output
    assert str(tmp_path / "cache") not in (tmp_path / "share.html").read_text()


def test_an_export_goes_to_the_store(run: Run, models: str) -> None:
    found = run("export", "--models-dir", models, "--out", "s3://bucket/shared/versions.csv")
    assert found.exit_code == 0, found.output
    assert b"digits" in open_store("s3://bucket/shared").read("versions.csv", 1 << 20)


def test_a_missing_bucket_is_one_line(run: Run, s3: Buckets) -> None:
    found = run("list", "--models-dir", "s3://nobody/models")
    assert found.exit_code == 5  # there is no answer
    assert (
        found.output == "tb-versions: s3://nobody/models: there is no such bucket. Make it first, or check its name.\n"
    )


def test_a_variable_holds_folders_and_urls(
    run: Run, models: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(tmp_path, str(tmp_path / "local"), name="faces")
    monkeypatch.setenv("TB_VERSIONS_MODELS_DIR", f"{models}:{tmp_path / 'local'}:memory://another/one")
    found = run("list")
    assert [line.split()[0] for line in found.output.splitlines()[1:]] == ["digits:1", "digits:2", "faces:1"]


def test_the_registrys_verbs_work_there(run: Run, models: str, tmp_path: Path) -> None:
    at = ("--models-dir", models)

    def said(*arguments: str) -> str:
        found = run(*arguments, *at)
        assert found.exit_code == 0, (arguments, found.output, found.exception)
        return found.output

    said("approve", "digits:1")
    assert "version 1." in said("promote", "digits:1", "--alias", "production", "--reason", "first")
    assert "version 1 → 2" in said("promote", "digits:2", "--alias", "production", "--reason", "better")
    assert "version 2 → 1, rolled back" in said("rollback", "digits", "--alias", "production")
    said("record", "digits:1", "accuracy=0.8", "--source", "monitoring")
    assert "digits:1" in said("which", "digits@production")
    assert "rolled back" in said("history", "digits")
    assert "digits:2 is removed" in said("remove", "digits:2", "--reason", "worse")
    assert "holds production" in said("prune", "--keep-last", "1", "--yes")
    assert "Deleted the files of 1 removed" in said("prune", "--empty-trash", "--yes")
    assert "digits:1 was copied to" in said("copy", "digits@production", "--to", str(tmp_path / "here"))
    said("fsck")
