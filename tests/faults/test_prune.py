"""Removals beside promotions, and removals and copies that are killed: production is never removed, nothing is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import tb_versions as tbv
from tb_versions.actions.removal import finish
from tb_versions.actions.target import open_target
from tb_versions.core.manifest import MANIFEST_NAME
from tests.support.effort import HANGS, tries
from tests.support.world import World

ROOT = Path(__file__).resolve().parents[2]

PROMOTES = """
import random, sys
import tb_versions as tbv
from tb_versions.actions.aliases import promote

models, count, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
chance = random.Random(seed)
done = 0
while done < count:
    try:
        done += promote(f"m:{chance.randrange(1, 41)}", models, alias="production", actor="p").event is not None
    except (tbv.VersionRemovedError, tbv.VersionNotFoundError, tbv.VersionDamagedError):
        pass
"""

PRUNES = """
import sys
from tb_versions.actions.keeping import Keep
from tb_versions.actions.removal import prune

for last in range(38, 4, -1):
    for planned in prune(["m"], sys.argv[1], keep=Keep(last=last), dry_run=False):
        if planned.failure:
            print(planned.failure)
"""


def start(script: str, *arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", script, *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def models_of(base: Path, count: int) -> Path:
    world = World(base)
    for number in range(1, count + 1):
        world.version("m", number)
    return world.models


def test_a_prune_beside_promotions_never_removes_production(tmp_path: Path) -> None:
    models = models_of(tmp_path, 40)
    count = tries(100)
    running = [start(PROMOTES, models, count, seed) for seed in (1, 2)] + [start(PRUNES, models)]
    seen = 0
    while any(process.poll() is None for process in running):
        state = open_target("m", models).opened.registry.known()
        alias = state.aliases.get("production")
        if alias is not None:
            seen += 1
            number = alias.version
            there = (models / "m" / str(number) / MANIFEST_NAME).exists()
            assert there or open_target("m", models).opened.registry.known().aliases["production"].version != number
        time.sleep(0.01)
    for process in running:
        output, errors = process.communicate(timeout=HANGS)
        assert (process.returncode, output) == (0, ""), errors
    state = open_target("m", models).opened.registry.known()
    held = [holder.version for holder in state.aliases["production"].stack[-2:]]
    assert all((models / "m" / str(number) / MANIFEST_NAME).exists() for number in held)
    removed = [number for number, known in state.versions.items() if known.removed is not None]
    events = [event for event, _ in open_target("m", models).opened.registry.history()]
    promotions = sum(event.kind == "alias_set" for event in events)
    print(f"{promotions} promotions, {len(removed)} removals, production looked at {seen} times, never removed")
    assert promotions == 2 * count
    assert len({event.id for event in events}) == len(events)
    assert removed
    for number in removed:
        assert not (models / "m" / str(number)).exists()
        assert (models / f"m/.versions/removed/{number}.json").exists()


REMOVES = """
import sys
from tb_versions.actions.removal import remove
print("ready", flush=True)
sys.stdin.readline()
remove("m:1", sys.argv[1], actor="a")
"""

COPIES = """
import sys
from tb_versions.actions.copying import copy
print("ready", flush=True)
sys.stdin.readline()
copy("m:1", sys.argv[1], to=sys.argv[2], actor="a")
"""


def killed(script: str, *arguments: object, after: float) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)],
        cwd=ROOT,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.stdin.write("\n")
    process.stdin.flush()
    time.sleep(after)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=HANGS)


@pytest.mark.parametrize("point", range(tries(40)))
def test_a_killed_removal_is_finished_or_did_not_begin(tmp_path: Path, point: int) -> None:
    models = models_of(tmp_path, 2)
    manifest = (models / "m/1" / MANIFEST_NAME).read_bytes()
    killed(REMOVES, models, after=point * 0.03 / tries(40))
    removed = open_target("m", models).opened.state().version(1).removed is not None
    assert not finish(models, "m").failures
    assert (models / "m/1" / MANIFEST_NAME).exists() is not removed
    if removed:
        assert (models / "m/.versions/removed/1.json").read_bytes() == manifest
        assert (models / "m/.versions/trash/1/saved_model.pb").exists()
    assert not tbv.verify("m:2", models_dir=models)


@pytest.mark.parametrize("point", range(tries(40)))
def test_a_killed_copy_is_no_version_and_goes_on(tmp_path: Path, point: int) -> None:
    world = World(tmp_path)
    world.version("m", 1, files={f"f{i}": os.urandom(400_000) for i in range(8)})
    shared = tmp_path / "shared"
    killed(COPIES, world.models, shared, after=point * 0.06 / tries(40))
    if (shared / "m/1" / MANIFEST_NAME).exists():
        assert not tbv.verify("m:1", models_dir=shared)
    from tb_versions.actions.copying import copy

    has_lost_its_number = (shared / "m/.versions/numbers/1").exists() and not (shared / "m/1").exists()
    reference = copy("m:1", world.models, to=shared, actor="a").reference
    # Killed between taking its number and the rename: a number that was given is given to nobody again.
    assert reference == ("m:2" if has_lost_its_number else "m:1")
    assert not tbv.verify(reference, models_dir=shared)
    events = list(open_target("m", shared).opened.registry.history())
    assert [event.kind for event, _ in events] == ["copied"]
