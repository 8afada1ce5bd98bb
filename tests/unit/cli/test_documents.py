"""`tb-versions card`, `bom` and `dossier`."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tb_versions.cli import main
from tests.support.documented import document_world, said
from tests.support.world import World

Run = Callable[..., Result]


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = document_world(tmp_path_factory.mktemp("known"))
    said(made, "promote", "digits:2", "--alias", "production", "--reason", "x", "--actor", "jane")
    yield made
    made.close()


@pytest.fixture
def run(known: World) -> Run:
    def invoke(*arguments: str) -> Result:
        places = ["--logdir", str(known.logs), "--models-dir", str(known.models)]
        return CliRunner().invoke(main, [*arguments, *places], prog_name="tb-versions")

    return invoke


@pytest.mark.parametrize("command", ["card", "bom", "dossier"])
@pytest.mark.parametrize("ref", ["digits:1", "digits@production", "bare"])
def test_a_document_goes_to_standard_output(run: Run, command: str, ref: str) -> None:
    done = run(command, ref)
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.startswith({"card": "---\n", "bom": "{\n", "dossier": "# Dossier: "}[command])


def test_a_version_may_be_named_by_its_folder(run: Run, known: World) -> None:
    done = CliRunner().invoke(main, ["bom", str(known.models / "digits/1")], prog_name="tb-versions")
    assert json.loads(done.stdout)["metadata"]["component"]["version"] == "1"


def test_a_folder_gets_card_curve_and_scores(run: Run, tmp_path: Path) -> None:
    done = run(
        "card", "digits:2", "--out", str(tmp_path / "card"), "--benchmark", "accuracy [digits-test]=cais/hle:default"
    )
    assert done.exit_code == 0, done.output
    found = sorted(
        path.relative_to(tmp_path / "card").as_posix() for path in (tmp_path / "card").rglob("*.*") if path.is_file()
    )
    assert found == [".eval_results/cais-hle-default.yaml", "README.md", "training-curve.svg"]
    assert "](training-curve.svg)" in (tmp_path / "card/README.md").read_text()
    assert "Taken out: Addresses of repositories" in done.stdout


def test_a_card_in_a_file_has_its_curve_beside_it(run: Run, tmp_path: Path) -> None:
    assert run("card", "digits:2", "--out", str(tmp_path / "my card.md")).exit_code == 0
    assert sorted(os.listdir(tmp_path)) == ["my card-curve.svg", "my card.md"]
    assert "](my%20card-curve.svg)" in (tmp_path / "my card.md").read_text()


def test_a_file_and_standard_output_hold_the_same(run: Run, tmp_path: Path) -> None:
    assert run("bom", "digits:2", "--out", str(tmp_path / "a.json")).exit_code == 0
    assert (tmp_path / "a.json").read_text() == run("bom", "digits:2").stdout


def test_a_dash_is_standard_output(run: Run) -> None:
    assert run("bom", "digits:2", "--out", "-").stdout == run("bom", "digits:2").stdout


def test_what_is_there_is_replaced_only_by_force(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "dossier.html"
    out.write_text("mine")
    refused = run("dossier", "digits:2", "--out", str(out))
    assert refused.exit_code == 1
    assert "force" in refused.stderr
    assert out.read_text() == "mine"
    assert run("dossier", "digits:2", "--out", str(out), "--force").exit_code == 0
    assert out.read_text().startswith("<!doctype html>")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("card", "digits:9"), 1, "digits has no version"),
        (("bom", "a:b:c"), 2, "is not a reference"),
        (("card", "digits:2", "--benchmark", "x=a/b:c"), 2, "name a folder"),
        (("card", "digits:2", "--out", "x", "--benchmark", "accuracy"), 2, "Write a benchmark like"),
        (
            ("card", "digits:2", "--out", "x", "--benchmark", "nope=a/b:c"),
            2,
            'has no metric "nope"; it has val_accuracy',
        ),
        (("card", "digits:2", "--out", "x", "--benchmark", "broken=a/b:c"), 2, "which is no score"),
        (
            ("card", "digits:2", "--out", "x", "--benchmark", "tiny=a/b:c", "--benchmark", "broken=a/b:c"),
            2,
            "one score",
        ),
        (("card", "digits:2", "--out", "card.html"), 2, "A card is Markdown"),
        (("bom", "digits:2", "--out", "bom.xml"), 2, "A bill of materials is JSON: name a file that ends in .json"),
        (("dossier", "digits:2", "--out", "d.PDF"), 2, "A dossier is HTML or Markdown: name a file that ends in .html"),
        (("dossier", "digits:2", "--format", "html", "--out", "d.md"), 2, "A dossier is HTML: name a file"),
        (("card", "digits:2", "--out", ""), 5, "is empty"),
        (("bom", "digits:2", "--out", ""), 5, "is empty"),
        (("dossier", "digits:2", "--include", "all"), 2, "can't be included"),
        (("dossier", "digits:2", "--redact", "("), 2, "--redact"),
    ],
)
def test_a_mistake_is_one_line_and_writes_nothing(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], code: int, words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    done = run(*arguments)
    assert done.exit_code == code, done.output
    assert words in done.stderr
    assert os.listdir(tmp_path) == []


def test_a_damaged_manifest_is_damaged(run: Run, known: World) -> None:
    folder = known.raw("broken/1", b"{")
    done = run("card", "broken:1")
    assert (done.exit_code, done.stdout) == (4, "")
    assert "can't be read" in done.stderr
    (folder / "version_manifest.json").unlink()


def test_without_a_place_to_look_it_says_so() -> None:
    done = CliRunner().invoke(main, ["card", "digits:2"], prog_name="tb-versions")
    assert done.exit_code == 2
    assert "Say where to look" in done.stderr
