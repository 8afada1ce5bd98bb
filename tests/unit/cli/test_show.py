from __future__ import annotations

import json
import shutil
from collections.abc import Callable

import pytest
from click.testing import Result

from tests.support import sliced
from tests.support.world import World, strict

pytestmark = pytest.mark.slow

Run = Callable[..., Result]


def test_everything_about_a_version_is_shown(run: Run, world: World) -> None:
    result = run("show", "digits:1")
    assert result.exit_code == 0
    for text in (
        "digits:1", "present", str(world.models / "digits/1"), "1.0.0", "The first", "cnn, step 1", "hyperparameter lr",
        "min (guessed)", "adam",
        "label team", "val_accuracy", "typed in, or not said",
        "The run was better: best val_loss was at step 2, 50 % lower.",
    ):  # fmt: skip
        assert text in result.stdout, text


@pytest.mark.parametrize(
    ("reference", "version"), [("digits", "digits:2"), ("digits:1.0.0", "digits:1"), ("faces:7", "faces:7")]
)
def test_any_reference_will_do(run: Run, reference: str, version: str) -> None:
    assert json.loads(run("show", reference, "--json").stdout)["id"] == version


def test_json_is_what_the_http_route_has(run: Run) -> None:
    shown = strict(run("show", "digits:1", "--json").stdout.encode())
    assert shown["manifest"]["semanticVersion"] == "1.0.0"
    assert json.loads(shown["manifest_text"]) == shown["manifest"]
    assert [metric["key"] for metric in shown["metrics"]] == ["val_accuracy", "val_loss"]
    assert shown["lineage"]["same_run"] == ["digits:2"]


@pytest.mark.parametrize(
    ("reference", "code", "words"),
    [
        ("digits:9", 1, 'digits has no version "9"; it has 2 (1.1.0), 1 (1.0.0).'),
        ("nothing", 1, 'There is no model "nothing"'),
        ("digits:x", 2, "neither a version number"),
        ("digits@production", 1, 'digits has no alias "production"; it has no aliases.'),
        ("a:b:c", 2, '"a:b:c" is not a reference; write model, model:3, model:1.4.0 or model@alias.'),
    ],
)
def test_a_reference_that_fails_is_one_line(run: Run, reference: str, code: int, words: str) -> None:
    result = run("show", reference)
    assert (result.exit_code, result.stdout) == (code, "")
    assert words in result.stderr
    assert result.stderr.startswith("tb-versions: ")
    assert result.stderr.count("\n") == 1


def test_a_version_that_only_an_event_file_knows_is_shown(run: Run, world: World) -> None:
    world.announce("cnn", world.models / "faces" / "7")
    shutil.rmtree(world.models / "faces")
    assert "missing" in run("show", "faces:7").stdout
    shown = json.loads(run("show", "faces:7", "--json").stdout)
    assert (shown["from_event"], shown["manifest"]["model"]) == (True, "faces")


def test_a_damaged_version_is_shown_with_the_reason(run: Run, world: World) -> None:
    world.raw("digits/9", b"{")
    result = run("show", "digits:9")
    assert result.exit_code == 0
    assert "damaged" in result.stdout
    assert "The manifest is not JSON" in result.stdout
    assert json.loads(run("show", "digits:9", "--json").stdout)["manifest_text"] == "{"


def test_a_run_that_was_not_looked_for_is_not_called_missing(run: Run, world: World) -> None:
    shown = run("show", "digits:1", "--models-dir", str(world.models), where=False).stdout
    assert "cnn, step 1 (not looked for: no --logdir was given)" in shown
    assert "(not" not in run("show", "digits:1").stdout


@pytest.mark.parametrize("spelled", ["{0}", "{0}/", "{0}/version_manifest.json"])
@pytest.mark.parametrize("where", [True, False])
def test_a_path_is_a_reference_with_and_without_options(run: Run, world: World, spelled: str, where: bool) -> None:
    shown = json.loads(run("show", spelled.format(world.models / "digits" / "2"), "--json", where=where).stdout)
    assert (shown["id"], shown["state"], shown["manifest"]["semanticVersion"]) == ("digits:2", "present", "1.1.0")
    assert [run["known"] for run in shown["runs"]] == [where]


def test_a_path_is_relative_to_the_current_folder(run: Run, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(world.models / "digits")
    result = run("show", "./2", where=False)
    assert (result.exit_code, result.stdout.splitlines()[0]) == (0, "digits:2")
    assert run("show", "2", where=False).exit_code == 2


@pytest.mark.parametrize(
    ("spelled", "code", "words"),
    [
        ("./nowhere", 2, "The version's folder nowhere does not exist."),
        (
            "./digits",
            1,
            "./digits is no version: it holds no version_manifest.json. There are versions in it: ./digits/2",
        ),
        ("digits/9", 2, "Version 9 of digits is written digits:9."),
        ("s3://bucket/1", 2, "is not the URL of a version"),
    ],
)
def test_a_path_that_leads_nowhere_is_one_line(
    run: Run, world: World, monkeypatch: pytest.MonkeyPatch, spelled: str, code: int, words: str
) -> None:
    monkeypatch.chdir(world.models)
    result = run("show", spelled, where=False)
    assert (result.exit_code, result.stdout) == (code, "")
    assert words in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_damaged_manifest_at_a_path_is_shown_with_the_reason(run: Run, world: World) -> None:
    result = run("show", str(world.raw("digits/5", b"{")), where=False)
    assert result.exit_code == 0
    assert "damaged" in result.stdout


@pytest.mark.parametrize("command", ["show", "verify", "compare"])
def test_a_newer_version_that_is_elsewhere_or_gone_is_named(run: Run, world: World, command: str) -> None:
    world.version("digits", 12, folder=world.models / "copy" / "12")
    world.announce("cnn", world.version("faces", 8))
    shutil.rmtree(world.models / "faces" / "8")
    others = ["faces"] if command == "compare" else []
    result = run(command, "digits", *others)
    assert "digits:2" in result.stdout or "digits 2" in result.stdout
    elsewhere = f"in {world.models / 'copy' / '12'}, where loading by name does not look"
    assert f"digits is digits:2; digits:12 is newer and {elsewhere}." in result.stderr
    result = run(command, "faces", *(["digits"] if others else []))
    assert "faces is faces:7; faces:8 is newer and missing." in result.stderr


def test_slices_are_listed_the_worst_first_and_the_others_counted(run: Run, world: World) -> None:
    world.version("sliced", 1, metrics=sliced.after())
    shown = run("show", "sliced:1")
    assert f"slices of accuracy [{sliced.DATASET}] (lowest first)" in shown.stdout
    lines = [line.split() for line in shown.stdout.splitlines() if line.startswith(("digit:", "all data"))]
    assert [line[0] for line in lines] == ["all", "digit:1", "digit:7", "digit:4", "digit:2", "digit:5", "digit:3"]
    assert lines[1] == ["digit:1", "0.6", "0.58", "to", "0.62", "(95", "%)", "500"]
    assert lines[2][-2:] == ["12", "(few)"]
    world.version("sliced", 2, metrics=tuple(sliced.many(0, 50)))
    assert "And 30 more slices; --json has all." in run("show", "sliced:2").stdout
    assert len(json.loads(run("show", "sliced:2", "--json").stdout)["slices"][0]["slice"]) == 50


@pytest.mark.parametrize("json", [(), ("--json",)], ids=["text", "json"])
def test_what_could_not_be_read_of_its_run_is_told(run: Run, world: World, json: tuple[str, ...]) -> None:
    world.scalars("other", "val_loss", [(0, 1.0), (1, 0.5), (2, 0.25)])
    world.version("other", 1, run="other", step=2)
    world.close()
    (path,) = (world.logs / "other").iterdir()
    data = path.read_bytes()
    path.write_bytes(data[:-5] + bytes([data[-5] ^ 1]) + data[-4:])
    result = run("show", "other:1", *json)
    assert result.exit_code == 0
    assert f"{path.name} has a damaged record, and what follows it is not read" in result.stderr
    assert f"not known, because {path.name} is damaged behind step 1" in " ".join(result.stdout.split())
