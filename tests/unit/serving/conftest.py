"""Two models with SavedModels, an alias, and a configuration that a stand-in server reads."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tb_versions.cli import main
from tb_versions.core.manifest import MetaGraph, SavedModel, Shape, Signature, Tensor
from tests.support.world import World

Run = Callable[..., Result]

PIXELS = Tensor(name="pixels", dtype="float32", shape=Shape(dimensions=(-1, 64)), tensor="serving_default_pixels:0")


def graph(*inputs: Tensor, ops: tuple[str, ...] = ("MatMul",), key: str = "serving_default", **more: str) -> SavedModel:
    """What a SavedModel says of itself."""
    signature = Signature(key=key, method="tensorflow/serving/predict", inputs=inputs or (PIXELS,))
    tags = (more.get("tag", "serve"),)
    version = more.get("tensorflow", "2.19.0")
    found = MetaGraph(tags=tags, tensorflow_version=version, signatures=(signature,), ops=dict.fromkeys(ops, 1))
    return SavedModel(meta_graphs=(found,))


def servable(world: World, model: str, number: int, saved_model: SavedModel | None = None, **more: object) -> Path:
    """Writes a version that a server loads."""
    return world.version(model, number, format="saved_model", saved_model=saved_model or graph(), **more)  # type: ignore[arg-type]


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
