"""Whenever a writer is killed, each version is whole or absent."""

from __future__ import annotations

import os
import random
import select
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.faults.conftest import Zygote
from tests.faults.judge import CALLS, litter, points_of, tree, unfinished, whole_versions
from tests.support.effort import tries
from tests.support.savedmodel_bytes import small_model, write_model

pytestmark = [pytest.mark.faults]

KILLED = -signal.SIGKILL


@pytest.mark.usefixtures("strace")
def test_a_publish_killed_before_any_system_call_leaves_nothing_half_visible(
    zygote: Zygote, source: Path, tmp_path: Path, sample: Callable[[list[Any], int], list[Any]]
) -> None:
    models = tmp_path / "models"
    digits = models / "digits"
    arguments = {"source": str(source), "models": str(models)}
    assert zygote.here("publish", **arguments) == 1
    end, log = zygote.traced(["-e", f"trace={CALLS}"], "publish", **arguments)
    assert end["result"]["value"] == 2
    kills = survived = 0
    numbers = [1, 2]
    for call, count in sample(points_of(log), 160):
        before = tree(models)
        options = ["-e", f"trace={CALLS}", "-e", f"inject={call}:signal=KILL:when={count}"]
        end, _ = zygote.traced(options, "publish", **arguments)
        assert end["status"] in (KILLED, 0), end
        kills += end["status"] == KILLED
        survived += end["status"] == 0
        after = tree(models)
        assert before.items() <= after.items(), "an older version was changed"
        new = {name.split("/")[1] for name in after.keys() - before.keys()}
        assert len(new) <= 1
        next_number = zygote.here("publish", **arguments)
        assert next_number > max(numbers + [int(name) for name in new])
        numbers += [*map(int, new), next_number]
        assert litter(digits) == [], "the next publish did not clean up"
    assert sorted(whole_versions(digits)) == sorted(numbers)
    print(f"publish: killed at {kills} system calls ({survived} survived): 0 half-visible, 0 older ones damaged")
    assert kills > 40


@pytest.mark.usefixtures("strace")
def test_a_publish_killed_where_folders_can_not_be_renamed_leaves_no_half_version(
    zygote: Zygote, source: Path, tmp_path: Path, sample: Callable[[list[Any], int], list[Any]]
) -> None:
    """An integer folder may be left, but no reader takes it for a version, and its number is not given again."""
    write_model(source, small_model())
    models = tmp_path / "models"
    digits = models / "digits"
    arguments = {"source": str(source), "models": str(models)}
    refusing = ["-e", f"trace={CALLS}", "-e", "inject=rename:error=EMFILE"]
    assert zygote.here("publish", **arguments) == 1
    end, log = zygote.traced(refusing, "publish", **arguments)
    assert end["result"]["value"] == 2
    assert everything(digits / "2") == everything(digits / "1")
    kills = left = 0
    numbers = [1, 2]
    points = [(call, count) for call, count in points_of(log) if call != "rename"]
    for call, count in sample(points, 60):
        before = tree(models)
        end, _ = zygote.traced([*refusing, "-e", f"inject={call}:signal=KILL:when={count}"], "publish", **arguments)
        assert end["status"] in (KILLED, 0), end
        kills += end["status"] == KILLED
        half = unfinished(digits)
        versions = whole_versions(digits, apart_from=half)
        after = tree(models)
        assert before.items() <= after.items(), "an older version was changed"
        next_number = zygote.here("publish", **arguments)
        assert next_number > max(map(int, [*half, *versions]))
        numbers += [*(versions.keys() - set(numbers)), next_number]
        assert litter(digits) == [], "the next publish did not clean up"
        left += len(half)
        for name in half:
            shutil.rmtree(digits / name)
    assert sorted(whole_versions(digits)) == sorted(numbers)
    print(f"without renames: killed at {kills} system calls, {left} folders left, each reported: 0 half-visible")
    assert kills > 30


def everything(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


@pytest.mark.usefixtures("strace")
def test_the_first_publish_of_a_model_killed_anywhere_leaves_nothing_half_visible(
    zygote: Zygote, source: Path, tmp_path: Path, sample: Callable[[list[Any], int], list[Any]]
) -> None:
    arguments = {"source": str(source), "models": str(tmp_path / "traced")}
    _, log = zygote.traced(["-e", f"trace={CALLS}"], "publish", **arguments)
    points = sample(points_of(log), 40)
    kills = 0
    for turn, (call, count) in enumerate(points):
        models = tmp_path / f"models{turn}"
        arguments["models"] = str(models)
        options = ["-e", f"trace={CALLS}", "-e", f"inject={call}:signal=KILL:when={count}"]
        end, _ = zygote.traced(options, "publish", **arguments)
        kills += end["status"] == KILLED
        made = whole_versions(models / "digits")
        assert set(made) <= {1}
        assert zygote.here("publish", **arguments) not in made
        whole_versions(models / "digits")
        shutil.rmtree(models)
    print(f"first publish: killed at {kills} system calls: 0 half-visible")
    assert kills > 20


@pytest.mark.usefixtures("strace")
def test_a_manifest_written_in_place_is_whole_or_absent(
    zygote: Zygote, source: Path, tmp_path: Path, sample: Callable[[list[Any], int], list[Any]]
) -> None:
    digits = tmp_path / "models" / "digits"
    shutil.copytree(source, digits / "1")
    _, log = zygote.traced(["-e", f"trace={CALLS}"], "record", folder=str(digits / "1"))
    kills = 0
    for number, (call, count) in enumerate(sample(points_of(log), 60), start=2):
        folder = digits / str(number)
        shutil.copytree(source, folder)
        options = ["-e", f"trace={CALLS}", "-e", f"inject={call}:signal=KILL:when={count}"]
        end, _ = zygote.traced(options, "record", folder=str(folder))
        kills += end["status"] == KILLED
        assert set(os.listdir(folder)) - {"version_manifest.json"} == set(os.listdir(source)), "litter in the version"
        if not (folder / "version_manifest.json").exists():
            assert zygote.here("record", folder=str(folder)) is False
    whole_versions(digits)
    zygote.here("publish", source=str(source), models=str(tmp_path / "models"))
    assert litter(digits) == []
    print(f"in place: killed at {kills} system calls: every manifest whole or absent")
    assert kills > 20


KILLS = tries(500)


def test_random_kills_of_four_writers_lose_no_acknowledged_version(
    zygote: Zygote, source: Path, tmp_path: Path
) -> None:
    """Needs no strace: the writers publish as fast as they can and are killed at random moments."""
    generator = random.Random(20261123)
    models = tmp_path / "models"
    fifo = tmp_path / "acknowledged"
    os.mkfifo(fifo)
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    keeper = os.open(fifo, os.O_WRONLY)
    acknowledged = b""
    killer = Killer(zygote, str(source), str(models), str(fifo))
    for turn in range(4):
        killer.start(turn)
    for kill in range(KILLS):
        moment = generator.random() * 0.012
        while select.select([reader], [], [], moment)[0]:
            acknowledged += os.read(reader, 1 << 16)
            moment *= 0.5
        killer.kill(generator.randrange(4))
        killer.start(kill + 4)
    killer.kill_all()
    os.close(keeper)
    while data := os.read(reader, 1 << 16):
        acknowledged += data
    os.close(reader)
    judge_kills(zygote, source, models, acknowledged.decode())


def judge_kills(zygote: Zygote, source: Path, models: Path, acknowledged: str) -> None:
    told = [line.split() for line in acknowledged.splitlines()]
    versions = whole_versions(models / "digits")
    by_number = {int(number): (writer, turn) for number, writer, turn in told}
    assert len(by_number) == len(told), "two writers were told the same number"
    for number, (writer, turn) in by_number.items():
        assert versions[number].labels == {"writer": writer, "turn": turn}, "an acknowledged version was lost"
    made = [(m.labels["writer"], m.labels["turn"]) for m in versions.values()]
    assert len(set(made)) == len(made), "one publish made two versions"
    last = zygote.here("publish", source=str(source), models=str(models))
    assert last > max(versions)
    assert litter(models / "digits") == []
    print(
        f"{KILLS} kills of 4 writers: {len(versions)} versions, {len(told)} acknowledged, "
        "0 half-visible, 0 lost, 0 numbers given twice, no litter after the next publish"
    )


class Killer:
    """Starts and kills writers; those forked by the zygote and never told to go cost nothing."""

    def __init__(self, zygote: Zygote, source: str, models: str, fifo: str) -> None:
        self.zygote, self.source, self.models, self.fifo = zygote, source, models, fifo
        self.pids: list[int] = []

    def start(self, turn: int) -> None:
        answer = self.zygote.ask(
            do="start",
            task="publish_for_ever",
            arguments={"source": self.source, "models": self.models, "pipe": self.fifo, "writer": str(turn)},
        )
        self.pids.append(answer["pid"])

    def kill(self, index: int) -> None:
        pid = self.pids.pop(index)
        os.kill(pid, signal.SIGKILL)
        self.zygote.ask(do="reap", pid=pid)

    def kill_all(self) -> None:
        while self.pids:
            self.kill(0)
