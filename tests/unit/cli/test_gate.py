from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import tb_versions as tbv
from tests.support.gating import accuracy, rules_file
from tests.support.world import World

ROOT = Path(__file__).resolve().parents[3]
GOOD = 'metric = "accuracy"\nat_least = 0.9'
BAD = 'metric = "accuracy"\nat_least = 0.99'


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    for number, value in ((1, 0.9), (2, 0.95)):
        made.version("digits", number, metrics=(accuracy(value),))
    return made


def gate(world: World, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    plain = {name: value for name, value in os.environ.items() if not name.startswith("GITHUB_")}
    command = [sys.executable, "-m", "tb_versions.cli", "gate", "check", *arguments, "--models-dir", str(world.models)]
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        cwd=world.base,
        env={**plain, "PYTHONPATH": str(ROOT), "TB_VERSIONS_ACTOR": "ci", **variables},
    )


def test_a_gate_that_is_passed_ends_with_0_and_one_that_is_not_with_1(world: World) -> None:
    rules_file(world.base, GOOD)
    done = gate(world, "digits:2")  # gates.toml of the current folder
    assert done.returncode == 0
    assert "digits:2 passes release: 1 of 1 passed." in done.stdout
    rules_file(world.base, GOOD, BAD, 'metric = "f1"\nat_least = 0')
    done = gate(world, "digits:2")
    assert done.returncode == 1
    assert "digits:2 does not pass release: 1 of 3 passed, 1 not known." in done.stdout
    assert "digits:2 has no metric f1." in done.stdout
    assert done.stderr == ""


def test_json_has_each_number(world: World) -> None:
    rules_file(world.base, GOOD, 'metric = "accuracy"\nbetter_by = 0.01')
    done = gate(world, "digits:2", "--json", "--record", "--reason", "merge 7")
    told = json.loads(done.stdout)
    assert (told["passed"], told["event"], told["gate"]) == (True, 1, "release")
    assert [each["verdict"] for each in told["results"]] == ["passed", "passed"]
    assert told["results"][1]["value"] == pytest.approx(0.05)
    assert told["baselines"][0]["version"] == "digits:1"
    (event,) = [each.event for each in tbv.history("digits", world.models)]
    assert (event.actor, event.reason) == ("ci", "merge 7")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("digits:9",), 1, "no version"),
        (("digits:2", "--rules", "none.toml"), 2, "no file"),
        (("digits:2", "--against", "a b"), 2, "no baseline"),
        (("digits:2", "--on", "monitoring"), 2, "no rule with source"),
        (("../x",), 2, ""),
    ],
)
def test_a_mistake_is_one_line(arguments: tuple[str, ...], code: int, words: str, world: World) -> None:
    rules_file(world.base, GOOD)
    done = gate(world, *arguments)
    assert done.returncode == code, done.stderr
    assert words in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""


def test_github_gets_summary_and_annotations_without_being_asked(world: World) -> None:
    rules_file(world.base, GOOD, BAD)
    summary = world.base / "summary.md"
    done = gate(world, "digits:2", GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=str(summary))
    assert done.returncode == 1
    assert "| accuracy | ≥ 0.99 | 0.95 | ❌ failed |" in summary.read_text()
    lines = done.stdout.splitlines()
    stop = lines[0].removeprefix("::stop-commands::")
    assert lines.index(f"::{stop}::") > 3
    assert lines[-1].startswith("::error title=release%3A accuracy::failed: wanted ≥ 0.99, found 0.95.")


def test_json_stays_json_on_github(world: World) -> None:
    rules_file(world.base, BAD)
    done = gate(world, "digits:2", "--json", GITHUB_ACTIONS="true")
    assert json.loads(done.stdout)["passed"] is False
    assert "::error" in done.stderr


def test_a_metric_cannot_speak_to_github(world: World) -> None:
    """The name of a slice may be anything; between the two marks nothing that is printed is a command."""
    world.version("digits", 2, metrics=(accuracy(0.1, dataset="d", slice="x" * 180 + "::set-output name=a::b"),))
    rules_file(world.base, 'metric = "accuracy"\ndataset = "d"\nslice = "*"\nat_least = 0.5')
    done = gate(world, "digits:2", GITHUB_ACTIONS="true")
    stop = done.stdout.splitlines()[0].removeprefix("::stop-commands::")
    assert len(stop) == 32
    outside = done.stdout.partition(f"::{stop}::")[2]
    assert "::set-output" not in outside.replace("%3A", "")


def test_all_files_are_written(world: World) -> None:
    rules_file(world.base, GOOD)
    options = [
        part for form in ("junit", "openmetrics", "comment", "statement") for part in (f"--{form}", f"{form}.out")
    ]
    assert gate(world, "digits:2", *options).returncode == 0
    assert all((world.base / f"{form}.out").stat().st_size for form in ("junit", "openmetrics", "comment", "statement"))


def compared(world: World, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tb_versions.cli", "compare", *arguments, "--models-dir", str(world.models)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=world.base, env=environment)


def test_a_comparison_can_fail_without_a_file_of_rules(world: World) -> None:
    assert compared(world, "digits:1", "digits:2", "--fail-on", "worse").returncode == 0
    done = compared(world, "digits:2", "digits:1", "--fail-on", "worse,removed")
    assert done.returncode == 1
    assert "digits 1: accuracy is worse, 0.9 against 0.95; worse, noise not known." in done.stderr
    assert compared(world, "digits:2", "digits:1").returncode == 0
    assert compared(world, "digits:2", "digits:1", "--fail-on", "wors").returncode == 2
    assert compared(world, "digits:2", "digits:1", "--fail-on", "").returncode == 2


def status(world: World, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tb_versions.cli", "gate", "status", *arguments, "--models-dir", str(world.models)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)


def test_the_status_says_what_a_recorded_result_is_worth_now(world: World) -> None:
    assert "No gate's result was recorded for digits:2." in status(world, "digits:2").stdout
    rules_file(world.base, GOOD, head='against = "production"')
    tbv.promote("digits:1", world.models, alias="production", reason="first")
    gate(world, "digits:2", "--record")
    (fresh,) = json.loads(status(world, "digits:2", "--json").stdout)["gates"]
    assert (fresh["words"], fresh["verdict"], fresh["event"], fresh["actor"]) == ("release passed", "passed", 2, "ci")
    world.version("digits", 2, metrics=(accuracy(0.91),))
    (stale,) = json.loads(status(world, "digits:2", "--json").stdout)["gates"]
    assert stale["verdict"] == "stale"
    assert "metrics" in stale["changed"]
    done = status(world, "digits:2")
    assert done.returncode == 0
    assert "release stale" in done.stdout


def test_the_status_of_a_damaged_log_is_no_answer(world: World) -> None:
    rules_file(world.base, GOOD)
    gate(world, "digits:2", "--record")
    (entry,) = (world.models / "digits/.versions/log").glob("*.json")
    entry.write_bytes(b"{broken")
    done = status(world, "digits:2")
    assert done.returncode == 4
    assert "No gate" not in done.stdout
