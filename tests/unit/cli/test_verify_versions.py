"""Many versions verified at a time, quickly, and with their results recorded."""

from __future__ import annotations

import json
from collections.abc import Callable

from click.testing import Result

from tests.support.world import World

Run = Callable[..., Result]


def test_all_are_verified_in_order_whatever_ends_first(run: Run) -> None:
    done = run("verify", "--all", "--jobs", "3")
    assert done.exit_code == 0
    assert done.stdout.splitlines()[:3] == ["digits:1: as published", "digits:2: as published", "faces:7: as published"]
    assert run("verify", "--all", "digits:1").exit_code == 2


def test_a_quick_look_says_that_it_is_one_and_misses_what_only_a_digest_finds(run: Run, world: World) -> None:
    (world.models / "digits" / "1" / "saved_model.pb").write_bytes(b"DIGITS 1")
    done = run("verify", "digits:1", "--quick")
    assert done.exit_code == 0
    assert "digits:1: names and sizes as published (quick)" in done.stdout
    assert "no file was read" in done.stderr
    assert json.loads(run("verify", "digits:1", "--quick", "--json").stdout)[0]["how"] == "sizes"
    (world.models / "digits" / "1" / "saved_model.pb").write_bytes(b"DIGITS 12")
    assert run("verify", "digits:1", "--quick").exit_code == 1


def test_a_quick_look_is_never_recorded(run: Run) -> None:
    done = run("verify", "--all", "--quick", "--record")
    assert done.exit_code == 2
    assert "proves nothing" in done.stderr


def test_results_are_recorded_and_shown(run: Run, world: World) -> None:
    (world.models / "digits" / "1" / "saved_model.pb").write_bytes(b"DIGITS 1")
    done = run("verify", "--all", "--record", "--actor", "anna")
    assert done.exit_code == 1
    shown = [" ".join(run("show", f"digits:{number}").stdout.split()) for number in (1, 2)]
    assert "verified changed: not as published on" in shown[0]
    assert "verified verified: as published on" in shown[1]
    assert all("UTC by anna (every file was read)" in each for each in shown)
    told = run("history", "digits", "--models-dir", str(world.models), where=False).stdout
    assert "not as published, by digests: 1 file is of another content: saved_model.pb." in told


def test_what_was_recorded_as_published_lately_can_be_left_out(run: Run, world: World) -> None:
    (world.models / "digits" / "1" / "saved_model.pb").write_bytes(b"DIGITS 1")
    run("verify", "--all", "--record")
    done = run("verify", "--all", "--unless-since", "2020-01-01")
    assert done.exit_code == 1
    assert done.stdout.splitlines()[0].startswith("digits:1: differs")
    assert "0 of 1 versions are as published. Left out: 2 recorded as published lately." in done.stdout
    assert "Left out" not in run("verify", "--all", "--unless-since", "2999-01-01").stdout


def test_what_can_not_be_recorded_is_said_and_is_no_success(run: Run, world: World) -> None:
    (world.models / "faces" / "7").rename(world.models / "loose")
    done = run("verify", str(world.models / "loose"), "--record", where=False)
    assert done.exit_code == 5
    assert "was not recorded" in done.stderr
    assert "faces:7: as published" in done.stdout
