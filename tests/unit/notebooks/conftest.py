"""Two models with runs, curves, slices and a log."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import pytest

import tb_versions as tbv
from tb_versions.core.manifest import Metric
from tests.support.sliced import before
from tests.support.world import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """`digits` 1 to 3, the second in production and the third deprecated, and `faces` 7 without a run."""
    made = World(tmp_path)
    made.scalars("cnn", "val_accuracy", [(1, 0.5), (2, 0.7), (3, 0.9), (4, 0.8)])
    for number, value in ((1, 0.5), (2, 0.7), (3, 0.8)):
        made.version(
            "digits",
            number,
            run="cnn",
            step=(1, 2, 4)[number - 1],
            metrics=(Metric(name="val_accuracy", value=value, goal="max", source="log"), *before()),
            hyperparameters={"lr": 0.1 * number, "optimizer": "adam"},
            labels={"team": "vision"},
            lead_metric="val_accuracy",
            description=f"# Version {number}\n\nMore.",
        )
    made.version("faces", 7, metrics=(Metric(name="loss", value=math.nan), Metric(name="mae", value=1 / 3)))
    made.close()
    tbv.promote("digits:2", made.models, alias="production", reason="best so far", actor="ada")
    tbv.deprecate("digits:3", made.models, reason="overfits", actor="ada")
    yield made
    made.close()


@pytest.fixture
def versions(world: World) -> tbv.Versions:
    """All of them, with their curves."""
    return tbv.versions(world.models, logdir=world.logs)
