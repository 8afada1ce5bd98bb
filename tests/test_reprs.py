"""Every public object prints what a person wants to read: what it is, and no pages of fields."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import pytest

import tb_versions as tbv
from tb_versions.registry.events import BehaviourCompared
from tests.support.world import World

LONGEST_LINE = 300
MOST_LINES = 60

# Types that nobody makes an object of, and modules.
NO_OBJECTS = {"Facts", "keras", "summary"}


@pytest.fixture(scope="module")
def objects(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """An object of each public class, as full as they come."""
    folder: Path = tmp_path_factory.mktemp("objects")
    world = World(folder)
    for number in (1, 2, 3):
        metrics = tuple(tbv.Metric(name=f"metric_{at}", value=at / number, goal="max") for at in range(500))
        world.version("digits", number, metrics=metrics, description="words " * 1_000)
    models = world.models
    (folder / "model").mkdir()
    for at in range(100):
        (folder / "model" / f"weights{at}.bin").write_bytes(b"0")
    reason = "because " * 100
    change = tbv.promote("digits:2", models, alias="production", reason=reason, actor="ada")
    published = tbv.publish(
        folder / "model", folder / "published", name="m", metrics={f"m{at}": at for at in range(500)}
    )
    assert published is not None
    gone = folder / "published/m/1"
    for at in range(100):
        (gone / f"weights{at}.bin").unlink()
    rules = folder / "gates.toml"
    rules.write_text('name = "release"\n[[rules]]\nmetric = "metric_1"\nat_least = 0.1\n')
    versions = tbv.versions(models)
    (folder / "elsewhere").mkdir()
    verified = tbv.verify(gone)
    return {
        "AnnouncedCopy": tbv.AnnouncedCopy("agrees", ("run",)),
        "Behaviour": tbv.Behaviour("digits:1", "digits:2", BehaviourCompared("digits:1")),
        "Capture": tbv.Capture(),
        "Catalog": versions.catalog,
        "CatalogVersion": versions["digits:2"],
        "Change": change,
        "Comparison": versions.compare(["digits:1", "digits:2"]),
        "Copied": tbv.copy("digits:1", models, to=folder / "elsewhere"),
        "Dataset": tbv.Dataset(name="mnist", split="train"),
        "Exported": tbv.export(folder / "out.html", models_dir=models),
        "Frame": versions.metrics(),
        "GateResult": tbv.check_gate("digits:2", models, rules=rules),
        "Keep": tbv.Keep(last=3),
        "Metric": tbv.Metric(name="accuracy", value=0.97, goal="max"),
        "Page": tbv.show(versions),
        "Parent": tbv.Parent(model="digits", number=1),
        "Planned": tbv.prune(["digits"], models, keep=tbv.Keep(last=1))[0],
        "PublishedVersion": published,
        "Run": tbv.Run(name="mlp/train", step=3),
        "Told": tbv.history("digits", models)[0],
        "Verified": verified,
        "Version": versions["digits:2"].version,
        "VersionManifest": published.manifest,
        "Versions": versions,
        "Which": tbv.which("digits@production", models),
    }


def names() -> list[str]:
    classes = [name for name in tbv.__all__ if name not in NO_OBJECTS and inspect.isclass(getattr(tbv, name))]
    return [name for name in classes if not issubclass(getattr(tbv, name), (Exception, Warning))]


@pytest.mark.parametrize("name", names())
def test_every_public_object_has_a_readable_repr(name: str, objects: dict[str, Any]) -> None:
    assert name in objects, "a public class without an object here"
    assert type(objects[name]) is getattr(tbv, name)
    lines = repr(objects[name]).splitlines()
    assert 0 < len(lines) <= MOST_LINES
    assert max(map(len, lines)) <= LONGEST_LINE, lines
    assert " object at 0x" not in lines[0]


def test_what_is_at_its_default_is_not_printed() -> None:
    assert repr(tbv.Metric(name="accuracy", value=0.97)) == "Metric(name='accuracy', value=0.97)"
    assert repr(tbv.Run(name="mlp", step=0)) == "Run(name='mlp', step=0)"


def test_long_mappings_are_counted(objects: dict[str, Any]) -> None:
    assert "and 495 more" in repr(objects["PublishedVersion"])
    assert "and 95 more" in repr(objects["Verified"])
