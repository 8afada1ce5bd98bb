"""Pipelines of Apache Beam do what one process does, with bad manifests among the good ones.

They index, verify, judge and adopt. A worker that is started again, which the runner does for each bundle where it is
asked to, loses no event and doubles none.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from deltalake import DeltaTable

from tb_versions.core.manifest import MANIFEST_NAME
from tb_versions.fleet.indexing import index
from tb_versions.registry import events
from tests.support.effort import FULL, HANGS
from tests.support.gating import accuracy
from tests.support.world import World
from tests.support.written import plain_manifest, tensors

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.client("beam")]

VERSIONS = 100_000 if FULL else 3_000
OF_VERBS = 100_000 if FULL else 1_500
PATIENCE = 20 * HANGS if FULL else HANGS
BAD = 50


AGAIN = ("--direct_runner_bundle_repeat=1",)
SEVERAL = ("--direct_num_workers=3", "--direct_running_mode=multi_threading")


def run(python: Path | str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [python, "-m", "tb_versions.cli", *arguments]
    environment = {**os.environ, "TB_VERSIONS_STATE_DIR": ""}  # one file for all models, written at each event
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE, env=environment)


def beam(python: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run(python, "index", *arguments)


def told(python: Path | str, *arguments: str) -> dict[str, Any]:
    done = run(python, *arguments)
    assert "Traceback" not in done.stderr, done.stderr[-2000:]
    found = json.loads(done.stdout)
    return {
        "code": done.returncode,
        "counts": found["counts"],
        "letters": [(each["what"], each["answer"], each["why"]) for each in found["letters"]],
    }


def fleet(tmp_path: Path, count: int) -> World:
    world = World(tmp_path)
    for number in range(1, count + 1):
        model = f"model-{number % 100}"
        metrics = [{"name": "loss", "value": 1 / number}]
        world.raw(f"{model}/{number}", json.dumps(plain_manifest(model, number, metrics=metrics)).encode())
    for number in range(BAD):
        world.raw(f"bad/{number + 1}", b"{" * (number + 1))
    return world


def test_a_pipeline_makes_the_table_that_one_process_makes(client_python: Path, tmp_path: Path) -> None:
    world = fleet(tmp_path, VERSIONS)
    models, one, many = (os.fspath(each) for each in (world.models, tmp_path / "one", tmp_path / "many"))
    done = beam(client_python, "--models-dir", models, "--to", many, "--json", "--runner", "beam")
    assert done.returncode == 1, done.stderr[-2000:]
    told = json.loads(done.stdout)
    assert (told["versions"], told["added"], len(told["unread"])) == (VERSIONS, VERSIONS, BAD)
    again = json.loads(beam(client_python, "--models-dir", models, "--to", many, "--json", "--runner", "beam").stdout)
    assert (again["versions"], again["added"], len(again["unread"])) == (VERSIONS, 0, BAD)
    index(models, one)
    for table, key in (("versions", "id"), ("unread", "path")):
        tables = [DeltaTable(f"{where}/{table}").to_pyarrow_table().sort_by(key) for where in (one, many)]
        assert tables[0].equals(tables[1]), table
    print(f"Beam: {VERSIONS:,} versions and {BAD} that can't be read, as in one process")


def test_an_option_that_beam_does_not_know_is_no_traceback(client_python: Path, tmp_path: Path) -> None:
    world = fleet(tmp_path, 3)
    done = beam(
        client_python, "--models-dir", os.fspath(world.models), "--runner", "beam", "--", "--direct_num_workers=many"
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def versions(tmp_path: Path, count: int) -> World:
    """Versions with a file each: some were changed, and some have a manifest that can't be read."""
    world = World(tmp_path)
    for number in range(1, count + 1):
        metrics = (accuracy(number / count),)
        world.version(f"model-{number % (count // 10)}", number, files={"model.bin": b"%d" % number}, metrics=metrics)
    for number in range(1, BAD + 1):
        (world.models / f"model-{number}" / str(number) / "model.bin").write_bytes(b"changed")
        world.raw(f"bad/{number}", b"{" * number)
    rules = 'name = "release"\n\n[[rules]]\nmetric = "accuracy"\nat_least = 0.1\n'
    (world.base / "gates.toml").write_text(rules)
    return world


def recorded(world: World, kind: str) -> Counter[tuple[str, int | None]]:
    """How often each version has an event of a kind."""
    found: Counter[tuple[str, int | None]] = Counter()
    for path in world.models.glob("*/.versions/log/*.json"):
        event = events.decode(path.read_bytes(), int(path.stem))
        if event.kind == kind:
            found[path.parts[-4], event.version] += 1
    return found


def test_a_pipeline_verifies_as_one_process_and_records_each_result_once(client_python: Path, tmp_path: Path) -> None:
    world = versions(tmp_path, OF_VERBS)
    verify = ("verify", "--models-dir", os.fspath(world.models), "--json")
    one = told(sys.executable, *verify, "--shard", "1/1", "--dead-letters", os.fspath(tmp_path / "alone"))
    assert one["counts"] == {"published": OF_VERBS - BAD, "differs": BAD, "unknown": BAD}
    assert told(client_python, *verify, "--record", "--runner", "beam", "--", *AGAIN) == one
    found = recorded(world, "verified")
    assert (len(found), found.total()) == (OF_VERBS, OF_VERBS)
    print(f"Beam: {OF_VERBS:,} versions verified, {BAD} of them changed, and {BAD} damaged, as in one process")


def test_a_pipeline_judges_as_one_process_and_records_each_result_once(client_python: Path, tmp_path: Path) -> None:
    world = versions(tmp_path, OF_VERBS)
    gate = ("gate", "check", "--models-dir", os.fspath(world.models), "--rules", os.fspath(tmp_path / "gates.toml"))
    one = told(sys.executable, *gate, "--json", "--shard", "1/1", "--dead-letters", os.fspath(tmp_path / "alone"))
    assert (one["counts"]["failed"], one["counts"]["unknown"]) == (-(-OF_VERBS // 10) - 1, BAD)
    assert told(client_python, *gate, "--json", "--record", "--runner", "beam", "--", *AGAIN, *SEVERAL) == one
    found = recorded(world, "gate_checked")
    assert (len(found), found.total()) == (OF_VERBS, OF_VERBS)
    print(f"Beam: {OF_VERBS:,} versions judged, and {BAD} damaged, as in one process")


def test_a_pipeline_adopts_as_one_process(client_python: Path, tmp_path: Path) -> None:
    made = []
    for name in ("one", "many"):
        for number in range(1, OF_VERBS + 1):
            folder = tmp_path / name / f"model-{number % (OF_VERBS // 10)}" / str(number)
            folder.mkdir(parents=True)
            file = folder / "model.safetensors"
            file.write_bytes(b"" if number <= BAD else tensors(number % 5))
            os.utime(file, (1_700_000_000 + number, 1_700_000_000 + number))
        made.append(os.fspath(tmp_path / name))
    one = told(sys.executable, "adopt", made[0], "--json", "--shard", "1/1")
    many = told(client_python, "adopt", made[1], "--json", "--runner", "beam", "--", *AGAIN)
    assert json.loads(json.dumps(many).replace(made[1], made[0])) == json.loads(json.dumps(one))
    assert one["counts"] == {"adopted": OF_VERBS - BAD, "failed": BAD}
    paths = [sorted(path.relative_to(folder) for path in Path(folder).rglob(MANIFEST_NAME)) for folder in made]
    assert paths[0] == paths[1]
    assert all((Path(made[0]) / path).read_bytes() == (Path(made[1]) / path).read_bytes() for path in paths[0])
    print(f"Beam: {OF_VERBS:,} models adopted, {BAD} of them damaged, as in one process")


@pytest.mark.parametrize("options", [("--nonsense=3",), ("stray",), ("--direct_num_workers=many",)])
def test_an_option_that_nobody_knows_is_a_sentence(
    client_python: Path, tmp_path: Path, options: tuple[str, ...]
) -> None:
    world = fleet(tmp_path, 3)
    done = run(client_python, "verify", "--models-dir", os.fspath(world.models), "--runner", "beam", "--", *options)
    assert done.returncode == 2
    assert "tb-versions: Apache Beam does not" in done.stderr
    assert "Traceback" not in done.stderr
