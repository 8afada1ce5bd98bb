"""What an alias names: one screen, one log, one manifest."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import tb_versions as tbv
from tb_versions.actions.moments import moment_text
from tb_versions.actions.target import open_target
from tb_versions.core.manifest import Dataset, Metric
from tests.support.effort import HANGS
from tests.support.logs import NOON, append
from tests.support.world import World

pytestmark = pytest.mark.slow

HOUR = 3_600_000


def test_it_answers_what_people_ask(world: World) -> None:
    digest = "sha256:" + "ab" * 32
    world.version(
        "digits",
        5,
        metrics=(Metric(name="accuracy", value=0.9),),
        datasets=(Dataset(name="mnist", split="train", digest=digest),),
        semantic_version="1.0.0",
    )
    tbv.promote("digits:1", world.models, alias="production")
    tbv.approve("digits:5", world.models, actor="ben")
    tbv.promote("digits:5", world.models, alias="production", reason="better", actor="carl")
    tbv.bump("digits:5", world.models, "minor")
    found = tbv.which("digits@production", world.models)
    assert (found.id, found.semantic_version, found.replaced, found.rolled_back) == ("digits:5", "0.1.0", 1, False)
    assert (found.actor, found.reason, found.event) == ("carl", "better", 3)
    assert (found.metrics, found.datasets[0].digest) == ({"accuracy": 0.9}, digest)
    assert (list(found.approvals), found.verified, found.verified_later) == (["ben"], "sizes", None)
    assert (found.gate, found.attestation) == ("no result was recorded", "unsigned: no signature is recorded")
    assert (found.path, found.problems) == (str(world.models / "digits" / "5"), ())


def test_it_answers_for_every_moment(models: Path) -> None:
    registry = open_target("digits", models).opened.registry
    for hour, kind, version in ((0, "alias_set", 1), (2, "alias_set", 2), (4, "alias_rolled_back", 1)):
        append(registry, kind, version, alias="production", time_ms=NOON + hour * HOUR)

    def at(ms: int) -> int:
        return tbv.which("digits@production", models, at=moment_text(ms)).number

    assert [at(NOON + hour * HOUR) for hour in (0, 1, 2, 3, 4, 9)] == [1, 1, 2, 2, 1, 1]
    assert at(NOON + 2 * HOUR - 1) == 1
    with pytest.raises(tbv.VersionNotFoundError, match="At 2026-11-23 11:59"):
        at(NOON - 1)


def test_by_a_clock_that_is_behind_no_moment_changes(models: Path) -> None:
    registry = open_target("digits", models).opened.registry
    append(registry, "alias_set", 1, alias="production", time_ms=NOON)
    append(registry, "alias_set", 2, alias="production", time_ms=NOON - 9 * HOUR)
    with pytest.raises(tbv.VersionNotFoundError):
        tbv.which("digits@production", models, at=moment_text(NOON - HOUR))
    found = tbv.which("digits@production", models, at=moment_text(NOON))
    assert (found.number, found.since) == (2, NOON)
    assert "more than five minutes behind" in found.problems[0]


def test_a_version_that_is_gone_or_another_is_a_problem_of_the_answer(models: Path) -> None:
    tbv.promote("digits:1", models, alias="production")
    shutil.rmtree(models / "digits" / "1")
    found = tbv.which("digits@production", models)
    assert (found.number, found.path, len(found.problems)) == (1, None, 1)
    World(models.parent).version("digits", 1, description="another")
    assert "is not what was promoted" in tbv.which("digits@production", models).problems[0]


@pytest.mark.parametrize("reference", ["digits", "digits:1", "digits:1.0.0", "a/b", "digits@", "@a"])
def test_a_reference_without_alias_is_refused(models: Path, reference: str) -> None:
    with pytest.raises(tbv.InvalidReferenceError):
        tbv.which(reference, models)


OPENED = """
import json, os, sys
import tb_versions as tbv
models = sys.argv[1]
tbv.which("warm@production", models)
opened = []
def note(event, arguments):
    if event in ("open", "os.listdir", "os.scandir"):
        opened.append(os.path.basename(str(arguments[0])))
sys.addaudithook(note)
assert tbv.which("digits@production", models).number == 3
print(json.dumps(opened))
"""


def opened_by_which(world: World, *, versions: int, events: int) -> list[str]:
    for number in range(5, versions + 1):
        world.version("digits", number, files={"w": b"w"})
    registry = open_target("digits", world.models).opened.registry
    for _ in range(events):
        append(registry, "approved", 1)
    tbv.promote("digits:3", world.models, alias="production")
    command = [sys.executable, "-c", OPENED, str(world.models)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=HANGS)
    names: list[str] = json.loads(done.stdout)
    return names


def test_however_many_versions_it_opens_one_manifest_and_the_tail_of_one_log(world: World, tmp_path: Path) -> None:
    counts = []
    for name, versions, events in (("few", 5, 103), ("many", 300, 603)):
        there = World(tmp_path / name)
        there.version("warm", 1)
        tbv.promote("warm:1", there.models, alias="production")
        for number in (1, 2, 3):
            there.version("digits", number)
        names = opened_by_which(there, versions=versions, events=events)
        assert names.count("version_manifest.json") <= 3  # what it lists, all of it, and its digest for gates
        counts.append(len(names))
        entries = [one for one in names if len(one) == 25]
        assert len(entries) < 20, entries
    assert counts[1] <= counts[0] + 3
