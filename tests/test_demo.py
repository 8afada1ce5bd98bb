"""The demo writes what it says, and the command line reads it back."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import tb_versions as tbv
from tests.support.effort import HANGS

pytestmark = [pytest.mark.tensorflow, pytest.mark.slow, pytest.mark.timeout(HANGS)]

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def expected(demo_output: Path) -> dict[str, Any]:
    """What the demo says it wrote."""
    parsed: dict[str, Any] = json.loads((demo_output / "expected.json").read_text())
    return parsed


@pytest.fixture(scope="module")
def listed(demo_output: Path) -> dict[str, dict[str, Any]]:
    """What `tb-versions list --json` finds, by reference."""
    command = [sys.executable, "-m", "tb_versions.cli", "list", "--json", "--all"]
    places = ["--logdir", str(demo_output / "logs"), "--models-dir", str(demo_output / "models")]
    done = subprocess.run([*command, *places], capture_output=True, text=True, check=True, cwd=ROOT)
    return {f"{version['model']}:{version['number']}": version for version in json.loads(done.stdout)}


def test_the_list_holds_exactly_the_versions_written(expected: dict[str, Any], listed: dict[str, Any]) -> None:
    assert sorted(listed) == sorted(version["reference"] for version in expected["versions"])


def test_every_version_reads_back_as_written(expected: dict[str, Any], listed: dict[str, Any]) -> None:
    for version in expected["versions"]:
        found = listed[version["reference"]]
        assert found["digest"] == version["digest"]
        assert found["state"] == version["state"], version["reference"]
        assert found["step"] == version["step"]
        assert (found["semantic_version"] or "") == version["semantic_version"]
        assert version["run"] in found["run"]
        for name, value in version["metrics"].items():
            assert found["metrics"][name] == value, version["reference"]
        for name, value in version["hyperparameters"].items():
            assert found["hyperparameters"][name] == value


def test_the_demo_shows_every_kind_of_version(expected: dict[str, Any]) -> None:
    versions = expected["versions"]
    assert len(versions) >= 12
    assert {version["model"] for version in versions} == {"digits", "digits-tiny"}
    assert any(version["parents"] for version in versions)
    assert any(version["state"] == "missing" for version in versions)
    assert [version["run"] for version in versions if version["dirty"]] == ["cnn/dropout"]
    assert expected["runs_without_version"] == ["mlp-diverged"]
    accuracy = [version["metrics"]["val_accuracy"] for version in versions if version["model"] == "digits"]
    assert any(later < earlier for earlier, later in itertools.pairwise(accuracy))


def test_every_version_was_verified_and_one_has_changed(listed: dict[str, dict[str, Any]]) -> None:
    found = {name: version["verified"] for name, version in listed.items() if version["state"] != "missing"}
    assert found.pop("digits-tiny:2") == "changed"
    assert listed["digits-tiny:2"]["state"] == "present", "its names and sizes are as they were"
    assert set(found.values()) == {"verified"}


def test_both_releases_answer_as_when_they_were_published(demo_output: Path) -> None:
    said = tbv.open_catalog(models_dir=demo_output / "models").said
    replayed = {name: each.state.replayed for name, each in said.items() if each.state.replayed}
    assert sorted(replayed) == ["digits:13", "digits:9"]
    assert all(each.ok for each in replayed.values())


def test_a_complete_demo_is_left_alone(demo_output: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in demo_output.rglob("*")}
    done = subprocess.run(
        [sys.executable, "-m", "demo", "--no-serve", "--out", str(demo_output)],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    assert "is complete" in done.stdout
    assert "tensorboard --logdir demo/out/logs --versions_models_dir demo/out/models\n" in done.stdout
    assert "tb-versions list --logdir demo/out/logs --models-dir demo/out/models\n" in done.stdout
    assert {path: path.stat().st_mtime_ns for path in demo_output.rglob("*")} == before


def test_the_demo_removes_nothing_that_is_not_its_own(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    done = subprocess.run(
        [sys.executable, "-m", "demo", "--no-serve", "--out", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode != 0
    assert "thesis.txt" in done.stderr
    assert (tmp_path / "thesis.txt").read_text() == "mine"
