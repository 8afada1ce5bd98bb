"""The commands of docs/guides/come-from-other-trackers.md run."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from tb_versions.cli import main
from tests.support import git_repositories, neptune_export, trackio_store, wandb_runs

GUIDE = Path(__file__).parents[1] / "docs/guides/come-from-other-trackers.md"


def test_the_commands_of_the_guide_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    files = {"weights.bin": b"abc"}
    model = wandb_runs.artifact("digits", files, aliases=["best"])
    wandb_runs.write_run(tmp_path, wandb_runs.run(), wandb_runs.history(1, {"acc": 0.5}), model, wandb_runs.EXIT)
    wandb_runs.stage(tmp_path / "staging", files)
    git_repositories.digits(tmp_path / "repo")
    store = trackio_store.Store(tmp_path / "trackio", "other")
    store.run("r1", "one", {}, [{"acc": 1}])
    store.version(store.artifact("letters"), 0, files, run="r1")
    neptune_export.model_version(
        tmp_path / "exports/model_data", 1, neptune_export.single("lr", 0.1), stage="production"
    )
    (tmp_path / "exports/model_files").mkdir()
    neptune_export.export(tmp_path / "exports/data", "RUN-1", *neptune_export.series("loss", {"1": 2.0}))
    blocks = re.findall(r"```sh\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    commands = [shlex.split(line) for block in blocks for line in block.splitlines()]
    assert len(commands) == 7
    for command in commands:
        assert command[0] == "tb-versions"
        done = CliRunner().invoke(main, command[1:], prog_name="tb-versions")
        assert done.exit_code == 0, done.output
    models = {path.name.rstrip("-0123456789abcdef") for path in (tmp_path / "models").iterdir() if path.name[0] != "."}
    assert {"mnist", "mnist-digits", "digits", "other-letters", "MN-DIG"} >= models - {"team-mnist"}
    assert len(list((tmp_path / "models").glob("*/*/version_manifest.json"))) == 7
