"""Two models with SavedModels, an alias, and a configuration that a stand-in server reads."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tb_versions.cli import main
from tests.support.servables import servable
from tests.support.world import World

Run = Callable[..., Result]


@pytest.fixture
def world(tmp_path: Path) -> World:
    """`digits:1` to `digits:4` and `faces:7`."""
    made = World(tmp_path)
    for number in (1, 2, 3, 4):
        servable(made, "digits", number)
    servable(made, "faces", 7)
    return made


@pytest.fixture
def verb(world: World, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command over the models folder, and looks at its exit code: `verb("drift", …, code=1)`."""
    monkeypatch.setenv("TB_VERSIONS_MODELS_DIR", str(world.models))
    monkeypatch.setenv("TB_VERSIONS_ACTOR", "anna")

    def run(*arguments: str, code: int = 0) -> Result:
        result = CliRunner().invoke(main, arguments, prog_name="tb-versions")
        assert result.exit_code == code, (arguments, result.output, result.exception)
        return result

    return run


@pytest.fixture
def promote(verb: Run) -> Callable[..., None]:
    """Lets an alias name a version: `promote("digits:2")`."""

    def run(reference: str, alias: str = "production") -> None:
        verb("promote", reference, "--alias", alias, "--reason", "better")

    return run


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """What the server reads."""
    return tmp_path / "models.config"
