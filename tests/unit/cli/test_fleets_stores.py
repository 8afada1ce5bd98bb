"""Many versions of an object store: their dead letters are there, too."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tb_versions.cli import main
from tb_versions.core.object_store import open_store
from tests.support.object_stores import Buckets
from tests.support.remote import MODELS, keys, publish

pytestmark = pytest.mark.slow


@pytest.fixture
def models(s3: Buckets, tmp_path: Path) -> str:
    for accuracy in (0.4, 0.9):
        publish(tmp_path, metrics={"accuracy": accuracy})
    return MODELS


def told(*arguments: str) -> tuple[int, Any]:
    done = CliRunner().invoke(main, [*arguments, "--json"], prog_name="tb-versions")
    return done.exit_code, json.loads(done.stdout)


def test_versions_are_verified_and_judged(models: str, tmp_path: Path) -> None:
    open_store(f"{models}/digits/2").write("variables/0.bin", b"changed")
    verify = ("verify", "--models-dir", models, "--record", "--unless-since", "2026-01-01", "--shard", "1/1")
    code, found = told(*verify)
    assert (code, found["counts"], found["already"]) == (1, {"published": 1, "differs": 1, "unknown": 0}, 0)
    assert [(each["what"], each["where"]) for each in found["letters"]] == [("digits/2", f"{models}/digits/2")]
    assert told(*verify)[1]["already"] == 2
    (tmp_path / "gates.toml").write_text('name = "release"\n[[rules]]\nmetric = "accuracy"\nat_least = 0.5\n')
    gate = ("gate", "check", "--models-dir", models, "--rules", str(tmp_path / "gates.toml"), "--record")
    code, found = told(*gate, "--shard", "1/1")
    assert (code, found["counts"], found["already"]) == (1, {"passed": 1, "failed": 1, "unknown": 0}, 0)
    assert told(*gate, "--shard", "1/1")[1]["already"] == 2
    letters = [key for key in keys(models) if key.startswith(".dead-letters/")]
    assert {key.partition("/")[2].partition("-")[0] for key in letters} == {"verify", "gate"}
    code, found = told("verify", "--models-dir", models, "--retry")
    assert (code, found["counts"]) == (1, {"published": 0, "differs": 1, "unknown": 0})
