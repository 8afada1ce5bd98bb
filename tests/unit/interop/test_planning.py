"""What the names of folders and of the files in them plan."""

from __future__ import annotations

from pathlib import Path

from tb_versions.interop.finding import find_models
from tb_versions.interop.planning import make_plan


def test_the_name_of_a_models_one_file_says_a_step_where_the_folders_does_not(tmp_path: Path) -> None:
    for folder, file in (("best", "epoch=1-step=7.ckpt"), ("checkpoint-3", "step-9.pt"), ("plain", "model.pt")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / file).write_bytes(b"x")
    plan = make_plan(find_models([str(tmp_path)]), name="digits")
    steps = {Path(each.model.path).name: each.named.step for each in plan.versions}
    assert steps == {"best": 7, "checkpoint-3": 3, "plain": None}
