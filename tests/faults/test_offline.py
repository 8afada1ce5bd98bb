"""Commands over local folders need no network: each runs where there is none but its own loopback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tb_versions.core.manifest import Metric
from tests.support.effort import HANGS
from tests.support.world import World

pytestmark = pytest.mark.faults

ROOT = Path(__file__).parents[2]


def test_no_command_over_local_folders_needs_a_network(tmp_path: Path, offline: list[str]) -> None:
    world = World(tmp_path)
    for number in (1, 2):
        folder = world.version("digits", number, metrics=(Metric(name="val_accuracy", value=number / 3),), run="cnn")
        world.announce("cnn", folder)
    world.close()
    rules = tmp_path / "gates.toml"
    rules.write_text('name = "release"\n\n[[rules]]\nmetric = "val_accuracy"\nat_least = 0.5\n')
    out = str(tmp_path / "out")
    for arguments in (
        ("list",),
        ("show", "digits:1"),
        ("compare", "digits:1", "digits:2"),
        ("curves", "digits:1", "--logdir", str(world.logs)),
        ("verify", "--all", "--record"),
        ("inspect", "digits:1"),
        ("promote", "digits:1", "--alias", "production", "--reason", "first"),
        ("promote", "digits:2", "--alias", "production", "--reason", "better"),
        ("rollback", "digits", "--alias", "production", "--reason", "worse"),
        ("which", "digits@production"),
        ("history", "digits"),
        ("approve", "digits:2"),
        ("record", "digits:2", "accuracy=0.9"),
        ("gate", "check", "digits:2", "--rules", str(rules)),
        ("fsck",),
        ("index",),
        ("list", "--from-table"),
        ("card", "digits:2"),
        ("bom", "digits:2"),
        ("dossier", "digits:2"),
        ("export", "--out", f"{out}.html"),
        ("export", "digits:2", "--format", "oci", "--out", f"{out}-oci"),
        ("copy", "digits:2", "--to", f"{out}-copy"),
        ("reproduce", "digits:2"),
        ("remove", "digits:2", "--reason", "old"),
    ):
        command = [*offline, sys.executable, "-m", "tb_versions.cli", *arguments]
        with_places = [*command, "--models-dir", os.fspath(world.models)]
        done = subprocess.run(
            with_places, capture_output=True, text=True, timeout=HANGS, cwd=ROOT, check=False, stdin=subprocess.DEVNULL
        )
        assert done.returncode == 0, (arguments, done.returncode, done.stdout[-500:], done.stderr[-2_000:])
