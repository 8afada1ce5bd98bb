"""A small world, and the command line run in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tb_versions.cli import main
from tb_versions.core.manifest import Metric
from tests.support.world import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Two models; one version announced and gone, one damaged, one of a run with a curve."""
    made = World(tmp_path)
    made.scalars("cnn", "val_loss", [(1, 0.5), (2, 0.25), (3, 0.75)])
    made.version(
        "digits",
        1,
        run="cnn",
        step=1,
        semantic_version="1.0.0",
        metrics=(Metric(name="val_accuracy", value=0.9),),
        hyperparameters={"lr": 0.1, "optimizer": "adam"},
        labels={"team": "vision"},
        description="# The first\n\nmore",
    )
    made.version(
        "digits", 2, run="cnn", step=3, semantic_version="1.1.0", metrics=(Metric(name="nan", value=float("nan")),)
    )
    made.version("faces", 7)
    yield made
    made.close()


@pytest.fixture
def run(world: World) -> Callable[..., Result]:
    """Runs `tb-versions` over the world: `run("list", "--json")`."""

    def invoke(*arguments: str, where: bool = True) -> Result:
        places = ["--logdir", str(world.logs), "--models-dir", str(world.models)] if where else []
        return CliRunner().invoke(main, [*arguments, *places], prog_name="tb-versions")

    return invoke
