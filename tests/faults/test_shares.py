"""A share of a fleet's work that is killed at any point goes on where it was: nothing is lost, nothing done twice."""

from __future__ import annotations

import datetime
import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tb_versions.core.manifest import Metric
from tb_versions.registry import events
from tests.support.effort import FULL, HANGS
from tests.support.world import World
from tests.support.written import tensors

pytestmark = [pytest.mark.faults, pytest.mark.slow]

KILLS = 50 if FULL else 4
VERSIONS = 60


def killed_and_done_again(world: Path, verb: str, *command: str) -> dict[str, Any]:
    """What an undisturbed run left; each killed one left the same after it was started again."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.sharer", os.fspath(world), verb, "--kills", str(KILLS), "--", *command],
        capture_output=True,
        text=True,
        timeout=HANGS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    whole, *trials = map(json.loads, done.stdout.splitlines())
    for each in trials:
        if "found" in each:
            for part, wanted in whole["wanted"].items():
                assert each["found"][part] == wanted, each["said"]
    assert {each["code"] for each in trials} == {whole["code"]}, whole["said"]
    assert all(each["killed"] < 0 for each in trials)
    print(f"{verb}: killed at {KILLS} of {whole['points']} points; started again, it was as undisturbed each time")
    return whole


def fleet(tmp_path: Path) -> Path:
    """Versions of which one was changed, and one has a manifest that can't be read."""
    world = World(tmp_path / "world")
    for number in range(1, VERSIONS + 1):
        model = f"model-{number % 5}"
        metrics = (Metric(name="accuracy", value=number / VERSIONS, goal="max"),)
        world.version(model, number, files={"saved_model.pb": str(number).encode()}, metrics=metrics)
    (world.models / "model-1" / "6" / "saved_model.pb").write_bytes(b"changed")
    world.raw("bad/1", b"{")
    return world.base


def test_verify(tmp_path: Path) -> None:
    since = datetime.datetime.now(datetime.timezone.utc).isoformat()
    found = killed_and_done_again(
        fleet(tmp_path),
        "verify",
        *("verify", "--models-dir", "WORLD/models", "--shard", "1/1", "--jobs", "1", "--record"),
        *("--unless-since", since),
    )
    assert len(found["wanted"]["events"]) == VERSIONS
    assert [each[:2] for each in found["wanted"]["letters"]] == [["bad/1", "not known"], ["model-1/6", "no"]]
    assert found["code"] == 1


def test_gate(tmp_path: Path) -> None:
    world = fleet(tmp_path)
    rules = 'name = "release"\n\n[[rules]]\nmetric = "accuracy"\nat_least = 0.5\n'
    (world / "gates.toml").write_text(rules)
    found = killed_and_done_again(
        world,
        "gate",
        *("gate", "check", "--models-dir", "WORLD/models", "--rules", "WORLD/gates.toml", "--shard", "1/1", "--record"),
    )
    kinds = {each[1] for each in found["wanted"]["events"]}
    assert (kinds, len(found["wanted"]["events"])) == ({"gate_checked"}, VERSIONS)
    assert len(found["wanted"]["letters"]) == VERSIONS // 2
    assert found["code"] == 1


@pytest.mark.parametrize("where", ["beside the files", "elsewhere"])
def test_adopt(tmp_path: Path, where: str) -> None:
    base = tmp_path / "world"
    files = base / ("models" if where == "beside the files" else "files")
    (base / "models").mkdir(parents=True)
    for model in ("ones", "twos"):
        for name in (*range(1, VERSIONS // 4), *(f"epoch_{letter}" for letter in "abcdefgh")):
            folder = files / model / str(name)
            folder.mkdir(parents=True)
            (folder / "model.safetensors").write_bytes(b"" if name == "epoch_c" else tensors(len(str(name))))
    more = () if where == "beside the files" else ("--models-dir", "WORLD/models")
    found = killed_and_done_again(
        base,
        "adopt",
        "adopt",
        f"WORLD/{files.name}",
        *more,
        "--name",
        "digits",
        "--number-from",
        "order",
        "--shard",
        "1/1",
    )
    assert len(found["wanted"]["letters"]) == 2
    assert len(found["wanted"]["manifests"]) == 2 * (VERSIONS // 4 - 1 + 7)
    assert found["code"] == 5


def test_shares_and_their_doubles_that_run_at_once_record_every_result_once(tmp_path: Path) -> None:
    world = fleet(tmp_path)
    since = datetime.datetime.now(datetime.timezone.utc).isoformat()
    command = [sys.executable, "-m", "tb_versions.cli", "verify", "--models-dir", os.fspath(world / "models"), "--json"]
    running = [
        subprocess.Popen(
            [*command, "--record", "--unless-since", since, "--shard", f"{index}/3"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for index in (1, 2, 3, 1, 2, 3)
    ]
    counts: Counter[str] = Counter()
    for each in running:
        told, errors = each.communicate(timeout=HANGS)
        assert each.returncode in (0, 1), errors
        counts.update(json.loads(told)["counts"])
    assert counts == {"published": 2 * (VERSIONS - 1), "differs": 2, "unknown": 2}
    found = Counter(
        (path.parts[-4], events.decode(path.read_bytes(), int(path.stem)).version)
        for path in (world / "models").glob("*/.versions/log/*.json")
    )
    assert (len(found), found.total()) == (VERSIONS, VERSIONS)
