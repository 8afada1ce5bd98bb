"""Stores of other trackers with damaged bytes: each is imported or refused with a sentence, and nothing half."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from tb_versions.cli import main
from tb_versions.core import codec
from tests.support import git_repositories, neptune_export, trackio_store, wandb_runs
from tests.support.effort import tries

FILES = {"weights.bin": b"abc"}


def wandb(folder: Path) -> tuple[list[object], list[Path]]:
    records = [wandb_runs.history(step, {"acc": step / 7, "loss": 1.5}) for step in range(300)]
    config = {"lr": 0.1, "nested": {"x": [1, 2]}}
    model = wandb_runs.artifact("digits", FILES, aliases=["best"], metadata='{"k": 1}')
    run = wandb_runs.write_run(folder, wandb_runs.run(config=config), *records, model, wandb_runs.EXIT)
    staging = wandb_runs.stage(folder / "staging", FILES)
    return ["import-wandb", "--dir", folder, "--staging", staging, "--runs"], list(run.glob("*.wandb"))


def trackio(folder: Path) -> tuple[list[object], list[Path]]:
    store = trackio_store.Store(folder / "trackio")
    store.run("r1", "one", {"lr": 0.1}, [{"acc": step} for step in range(50)])
    artifact = store.artifact("digits")
    store.alias(artifact, "prod", store.version(artifact, 0, FILES, run="r1"))
    return ["import-trackio", "--dir", store.folder, "--runs"], [store.path]


def neptune(folder: Path) -> tuple[list[object], list[Path]]:
    points = neptune_export.series("acc", {str(step): step / 7 for step in range(200)})
    path = neptune_export.model_version(folder / "data", 1, neptune_export.single("lr", 0.1), *points)
    return ["import-neptune", "--data-path", folder / "data"], [path]


def gto(folder: Path) -> tuple[list[object], list[Path]]:
    registry = git_repositories.digits(folder / "repo")
    registry.git("gc", "-q")
    inside = registry.folder / ".git"
    return ["import-gto", "--repo", registry.folder], [*inside.glob("objects/pack/*"), inside / "packed-refs"]


@pytest.mark.parametrize("make", [wandb, trackio, neptune, gto])
def test_damaged_bytes_end_in_a_sentence(
    make: Callable[[Path], tuple[list[object], list[Path]]], tmp_path: Path
) -> None:
    arguments, files = make(tmp_path)
    whole = {path: path.read_bytes() for path in files}
    drawn = random.Random(7)
    for turn in range(tries(25)):
        path = drawn.choice(files)
        data = bytearray(whole[path])
        for _ in range(drawn.choice((1, 1, 4, 40))):
            data[drawn.randrange(len(data))] = drawn.randrange(256)
        del data[drawn.choice((len(data), len(data), drawn.randrange(len(data)))) :]
        path.chmod(0o644)
        path.write_bytes(data)
        models = tmp_path / f"models{turn}"
        command = [*map(str, arguments), "--models-dir", str(models), "--copy-files"]
        done = CliRunner().invoke(main, command, prog_name="tb-versions")
        assert done.exception is None or isinstance(done.exception, SystemExit), (turn, done.exception, done.output)
        assert done.exit_code in (0, 1, 2, 5), done.output
        assert "Traceback" not in done.output
        for manifest in models.glob("*/*/version_manifest.json"):
            assert codec.decode(manifest.read_bytes()).imported is not None
        assert not list(models.glob("*/.versions/tmp/*"))
        shutil.rmtree(models, ignore_errors=True)
        path.write_bytes(whole[path])
