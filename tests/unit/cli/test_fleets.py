"""Verbs over many versions: options, what is printed, exit codes."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tb_versions.cli import main
from tests.support.gating import accuracy
from tests.support.world import World
from tests.support.written import tensors

RULES = 'name = "release"\n\n[[rules]]\nmetric = "accuracy"\nat_least = 0.5\n'


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    for number in range(1, 11):
        world.version(f"model-{number % 3}", number, metrics=(accuracy(number / 10),))
    (tmp_path / "gates.toml").write_text(RULES)
    return world


def tb_versions(world: World, *arguments: str) -> Result:
    command = [part.replace("WORLD", os.fspath(world.base)) for part in arguments]
    return CliRunner().invoke(main, command, prog_name="tb-versions")


def told(world: World, *arguments: str) -> Any:
    return json.loads(tb_versions(world, *arguments, "--json").stdout)


VERIFY = ("verify", "--models-dir", "WORLD/models")
GATE = ("gate", "check", "--models-dir", "WORLD/models", "--rules", "WORLD/gates.toml")


def change(world: World) -> Path:
    path = world.models / "model-1" / "4" / "saved_model.pb"
    path.write_bytes(b"another content")
    return path


def test_shares_verify_every_version_once(world: World) -> None:
    found = [told(world, *VERIFY, "--shard", f"{index}/3")["counts"] for index in (1, 2, 3)]
    assert sum(each["published"] for each in found) == 10
    assert not (world.models / ".dead-letters").exists()


def test_a_version_that_differs_has_a_dead_letter_and_retry_takes_it_back(world: World) -> None:
    path = change(world)
    done = tb_versions(world, *VERIFY, "--shard", "1/1")
    assert done.exit_code == 1
    assert done.stdout.splitlines() == [
        "model-1/4: model-1:4 differs from what was published: 1 file is of another size: saved_model.pb.",
        "9 as published, 1 not as published, 0 not checked.",
        f"1 dead letter in {world.models}/.dead-letters; --retry does only this again.",
    ]
    path.write_bytes(b"model-1 4")
    done = tb_versions(world, *VERIFY, "--retry")
    assert (done.exit_code, done.stdout) == (
        0,
        "1 as published, 0 not as published, 0 not checked.\n1 earlier dead letter was taken back.\n",
    )
    assert told(world, *VERIFY, "--retry") == {
        "counts": {"published": 0, "differs": 0, "unknown": 0},
        "already": 0,
        "solved": 0,
        "dead_letters": f"{world.models}/.dead-letters",
        "letters": [],
        "problems": [],
    }


def test_what_was_recorded_since_is_not_verified_again(world: World) -> None:
    change(world)
    first = told(world, *VERIFY, "--shard", "1/1", "--record", "--unless-since", "2026-01-01")
    again = told(world, *VERIFY, "--shard", "1/1", "--record", "--unless-since", "2026-01-01")
    assert (first["already"], again["already"]) == (0, 10)
    assert again["counts"] == first["counts"] == {"published": 9, "differs": 1, "unknown": 0}
    assert again["letters"] == first["letters"]
    retried = told(world, *VERIFY, "--record", "--unless-since", "2026-01-01", "--retry")
    assert (retried["already"], retried["counts"]["differs"]) == (0, 1)


def test_dead_letters_go_where_they_are_wanted(world: World) -> None:
    change(world)
    found = told(world, *VERIFY, "--dead-letters", "WORLD/letters")
    assert found["dead_letters"] == f"{world.base}/letters"
    assert os.listdir(world.base / "letters") == ["verify.jsonl"]
    assert not (world.models / ".dead-letters").exists()
    assert found["letters"][0]["where"] == f"{world.models}/model-1/4"


def test_a_moment_that_has_not_come_is_refused(world: World) -> None:
    done = tb_versions(world, *VERIFY, "--shard", "1/1", "--unless-since", "2926-01-01")
    assert (done.exit_code, done.stderr) == (2, "tb-versions: --unless-since 2926-01-01 has not come yet.\n")


@pytest.mark.parametrize(
    "arguments",
    [
        (*VERIFY, "digits:1", "--shard", "1/2"),
        (*VERIFY, "--key", "key.pem", "--retry"),
        (*VERIFY, "--shard", "1/2", "--quick", "--record"),
        (*VERIFY, "--shard", "3/2"),
        (*VERIFY, "--shard", "0/2"),
        (*VERIFY, "--shard", "x"),
        (*VERIFY, "--runner", "spark"),
        ("verify", "--shard", "1/2"),
        (*GATE, "digits:1", "--shard", "1/2"),
        (*GATE, "--shard", "1/2", "--junit", "file.xml"),
        GATE,
    ],
)
def test_wrong_usage_is_said(world: World, arguments: tuple[str, ...]) -> None:
    done = tb_versions(world, *arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr


def test_shares_judge_every_version_and_what_stands_is_left_out(world: World) -> None:
    found = [told(world, *GATE, "--shard", f"{index}/2", "--record") for index in (1, 2)]
    assert sum(each["counts"]["passed"] for each in found) == 6
    assert sum(each["counts"]["failed"] for each in found) == 4
    again = [tb_versions(world, *GATE, "--shard", f"{index}/2", "--record") for index in (1, 2)]
    assert {each.exit_code for each in again} == {1}
    assert sum(int(each.stdout.partition("judged. ")[2].split()[0]) for each in again) == 10
    assert len(list(world.models.glob("*/.versions/log/*.json"))) == 10


def test_a_version_that_can_not_be_judged_is_no_answer(world: World) -> None:
    (world.base / "gates.toml").write_text(RULES.replace("0.5", "0.0"))
    world.raw("bad/1", b"{")
    done = tb_versions(world, *GATE, "--shard", "1/1")
    assert done.exit_code == 5
    assert "10 pass release, 0 do not pass, 1 not judged." in done.stdout


def test_shares_adopt_every_model_once(world: World) -> None:
    for model in "abc":
        for number in (1, 2):
            folder = world.base / "files" / model / str(number)
            folder.mkdir(parents=True)
            (folder / "model.safetensors").write_bytes(tensors(number) if model != "b" else b"")
    found = [told(world, "adopt", "WORLD/files", "--shard", f"{index}/2") for index in (1, 2)]
    assert sum(each["counts"]["adopted"] for each in found) == 4
    assert (
        sum(each["counts"]["failed"] for each in found)
        == len(list((world.base / "files" / ".dead-letters").iterdir())) * 2
    )
    (world.base / "files" / "b" / "1" / "model.safetensors").write_bytes(tensors(1))
    done = tb_versions(world, "adopt", "WORLD/files", "--retry")
    assert done.exit_code == 5
    assert "1 adopted, 1 failed." in done.stdout
    assert "1 earlier dead letter was taken back." in done.stdout
    assert "4 were versions already; 0 skipped" in done.stdout


def test_a_share_of_a_plan_is_printed(world: World) -> None:
    for model in "abcdef":
        folder = world.base / "files" / model / "1"
        folder.mkdir(parents=True)
        (folder / "model.safetensors").write_bytes(tensors(1))
    plans = [told(world, "adopt", "WORLD/files", "--shard", f"{index}/2", "--dry-run")["versions"] for index in (1, 2)]
    assert sorted(each["id"] for plan in plans for each in plan) == [f"{model}:1" for model in "abcdef"]
    assert all(plans)
