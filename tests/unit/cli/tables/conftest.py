"""A world with tables, and the command line over it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tb_versions.cli import main
from tb_versions.core.manifest import Metric
from tb_versions.fleet import counting
from tb_versions.registry import events
from tests.support.chronicle import Chronicle
from tests.support.world import World

Run = Callable[..., Result]


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Five versions of digits, of which one is in production and one deprecated, and one of faces."""
    made = World(tmp_path)
    for number in range(1, 6):
        made.version(
            "digits", number, semantic_version=f"1.{number}.0", metrics=(Metric(name="loss", value=1 / number),),
            hyperparameters={"optimizer": "adam" if number % 2 else "sgd"}, lead_metric="loss",
        )  # fmt: skip
    made.version("faces", 7)
    said = Chronicle(made.models / "digits")
    said.say("alias_set", 4, events.AliasSet("production"))
    said.say("deprecated", 1)
    return made


@pytest.fixture
def run(world: World) -> Run:
    """Runs `tb-versions` over the models of the world."""

    def invoke(*arguments: str) -> Result:
        places = ["--models-dir", str(world.models)]
        return CliRunner().invoke(main, [*arguments, *places], prog_name="tb-versions")

    return invoke


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes every table one of many versions, which is asked by itself."""
    from tb_versions.cli.tables import files  # its own limit stays

    assert files.ABOVE == counting.ABOVE
    monkeypatch.setattr(counting, "ABOVE", 0)
