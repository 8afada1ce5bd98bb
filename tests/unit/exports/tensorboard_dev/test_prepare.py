"""`tb_versions.export` in TensorBoard.dev's layout: what is selected, what is taken out, what is said."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tb_versions.core.manifest import MANIFEST_NAME, Code
from tb_versions.errors import ExportExistsError
from tb_versions.exports.checking.examining import examine
from tb_versions.exports.export import Exported, export
from tb_versions.exports.tensorboard_dev.reading import read_experiment
from tests.support.world import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    made.scalars("cnn", "loss", [(1, 0.5), (2, 0.25)])
    made.scalars("mlp", "loss", [(1, 0.5)])
    made.scalars("alone", "loss", [(1, 0.5)])
    made.version("digits", 1, run="cnn", step=1)
    made.version("digits", 2, run="mlp", step=1, code=Code(commit="c" * 40, dirty=True, diff="+secret"))
    made.raw("bad/1", b"{")
    made.close()
    return made


@pytest.fixture
def share(world: World, tmp_path: Path) -> Callable[..., tuple[Exported, Path]]:
    def run(**options: Any) -> tuple[Exported, Path]:
        out = tmp_path / "out"
        return export(out, logdir=world.logs, models_dir=world.models, format="tensorboard-dev", **options), out

    return run


def runs_in(out: Path) -> set[str]:
    lines = (Path(read_experiment(out).path) / "scalars.json").read_bytes().splitlines()
    return {json.loads(line)["run"] for line in lines}


def test_a_whole_export_has_every_run(share: Callable[..., Any], world: World) -> None:
    done, out = share()
    assert runs_in(out) == {"cnn", "mlp", "alone"}
    assert done.left_out == ("Manifests that can't be read: bad:1.",)
    found = examine(out)
    assert (found.altered, found.digest) == ((), done.digest)
    first, second = found.manifests
    assert first.as_published() == (world.models / "digits" / "1" / MANIFEST_NAME).read_bytes()
    assert second.redacted == ("code diff",)
    assert "secret" not in json.dumps(second.fields)
    assert read_experiment(out).index["redacted"] == ["Uncommitted changes of the code: once."]


def test_a_selection_has_its_runs_only(share: Callable[..., Any]) -> None:
    _, out = share(refs=["digits:1", "run:alone"])
    assert runs_in(out) == {"cnn", "alone"}


def test_models_without_a_log_directory_have_no_scalars(world: World, tmp_path: Path) -> None:
    export(tmp_path / "out", models_dir=world.models, format="tensorboard-dev")
    assert runs_in(tmp_path / "out") == set()
    assert not examine(tmp_path / "out").altered


def test_a_folder_that_exists_is_refused(share: Callable[..., Any]) -> None:
    share()
    for force in (False, True):
        with pytest.raises(ExportExistsError, match="name a folder that does not exist"):
            share(force=force)
