"""`tb-versions import`, killed anywhere or with a failing call: a manifest is there whole or not at all."""

from __future__ import annotations

import errno
import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tb_versions.core import codec
from tb_versions.core.digest import version_digest
from tb_versions.core.manifest import MANIFEST_NAME, File, VersionManifest
from tests.faults.conftest import Zygote
from tests.faults.judge import litter, points_of, tree

pytestmark = [pytest.mark.faults]

KILLED = -signal.SIGKILL
CALLS = "openat,mkdir,mkdirat,write,fsync,close,rename,renameat,renameat2,unlink,unlinkat,rmdir,newfstatat"
FILES = (File(path="saved_model.pb", size=1, digest="sha256:" + "0" * 64),)


@pytest.fixture
def manifests() -> list[str]:
    """Manifests of digits:2 and faces:1."""
    digest = version_digest(FILES)
    return [
        codec.encode(VersionManifest(model=model, number=number, files=FILES, digest=digest)).decode()
        for model, number in (("digits", 2), ("faces", 1))
    ]


def judge(models: Path, manifests: list[str], before: dict[str, bytes]) -> None:
    """Nothing is changed, and nothing is there but whole manifests."""
    after = tree(models)
    assert before.items() <= after.items(), "an older version was changed"
    wanted = {f"digits/2/{MANIFEST_NAME}": manifests[0].encode(), f"faces/1/{MANIFEST_NAME}": manifests[1].encode()}
    for name in after.keys() - before.keys():
        assert after[name] == wanted[name], "a half manifest"
    for path in models.glob("*/[0-9]*"):
        assert (path / MANIFEST_NAME).is_file(), "a half version"


@pytest.mark.usefixtures("strace")
def test_an_import_killed_before_any_system_call_leaves_nothing_half_visible(
    zygote: Zygote,
    manifests: list[str],
    source: Path,
    tmp_path: Path,
    sample: Callable[[list[Any], int], list[Any]],
) -> None:
    template, models = tmp_path / "template", tmp_path / "models"
    zygote.here("publish", source=str(source), models=str(template))
    before = tree(template)
    shutil.copytree(template, models)
    _, log = zygote.traced(["-e", f"trace={CALLS}"], "restore", manifests=manifests, models=str(models))
    kills = 0
    for call, count in sample(points_of(log), 120):
        shutil.rmtree(models)
        shutil.copytree(template, models)
        options = ["-e", f"trace={CALLS}", "-e", f"inject={call}:signal=KILL:when={count}"]
        end, _ = zygote.traced(options, "restore", manifests=manifests, models=str(models))
        kills += end["status"] == KILLED
        judge(models, manifests, before)
        again = zygote.here("restore", manifests=manifests, models=str(models))
        assert set(again) <= {"restored", "same"}, "the number is lost"
        judge(models, manifests, before)
        if "restored" in again[:1]:
            assert litter(models / "digits") == [], "the next import did not clean up"
        for folder, number in (("digits", "2"), ("faces", "1")):
            assert number in os.listdir(models / folder / ".versions" / "numbers")
    print(f"import: killed at {kills} system calls: 0 half-visible, 0 older ones damaged, 0 numbers lost")
    assert kills > 40


@pytest.mark.usefixtures("strace")
@pytest.mark.parametrize(
    ("call", "error"),
    [("write", "ENOSPC"), ("fsync", "EIO"), ("mkdirat", "EDQUOT"), ("openat", "EACCES"), ("renameat", "EROFS")],
)
def test_a_call_that_fails_leaves_nothing_and_the_next_import_does_it(
    zygote: Zygote, manifests: list[str], tmp_path: Path, call: str, error: str
) -> None:
    models = tmp_path / "models"
    _, log = zygote.traced(["-e", f"trace={CALLS}"], "restore", manifests=manifests, models=str(models))
    points = [count for name, count in points_of(log) if name == call]
    failed = 0
    for count in points:
        shutil.rmtree(models)
        options = ["-e", f"trace={CALLS}", "-e", f"inject={call}:error={error}:when={count}"]
        end, _ = zygote.traced(options, "restore", manifests=manifests, models=str(models))
        assert end["result"]["expected"], end["result"]["error"]
        told = end["result"]["error"] or ""
        failed += bool(told)
        assert not told or os.strerror(getattr(errno, error)) in told
        models.mkdir(exist_ok=True)
        judge(models, manifests, {})
        assert set(zygote.here("restore", manifests=manifests, models=str(models))) <= {"restored", "same"}
    print(f"import, {call} with {error}: {failed} of {len(points)} are clear errors, 0 half-visible")
    assert failed


def test_racing_imports_and_publishers_never_touch_what_another_made(
    zygote: Zygote, source: Path, tmp_path: Path
) -> None:
    models = tmp_path / "models"
    digest = version_digest(FILES)
    texts = [
        codec.encode(VersionManifest(model="digits", number=number, files=FILES, digest=digest)).decode()
        for number in range(1, 41)
    ]
    importers = [
        zygote.ask(do="fork", task="restore", arguments={"manifests": texts, "models": str(models)})["pid"]
        for _ in range(4)
    ]
    many = {"source": str(source), "models": str(models), "count": 10}
    publishers = [zygote.ask(do="fork", task="publish_many", arguments=many)["pid"] for _ in range(2)]
    zygote.ask(do="release", pids=[*importers, *publishers])
    told = [zygote.ask(do="end", pid=pid)["result"] for pid in importers]
    published = [zygote.ask(do="end", pid=pid)["result"] for pid in publishers]
    assert all(result["error"] is None for result in [*told, *published])
    numbers = [number for result in published for number in result["value"]]
    assert len(set(numbers)) == len(numbers) == 20
    for place, text in enumerate(texts):
        outcomes = [result["value"][place] for result in told]
        data = (models / "digits" / str(place + 1) / MANIFEST_NAME).read_bytes()
        assert outcomes.count("restored") == (data == text.encode()), "restored twice, or replaced"
        assert (place + 1 in numbers) == (data != text.encode()), "an acknowledged version was lost"
    assert litter(models / "digits") == []
    print(f"import: 4 importers, 2 publishers: {len(numbers)} published, {len(texts)} numbers, 0 lost, 0 doubled")
