"""The component of TFX, without TFX: `tests/test_tfx.py` runs it in a real pipeline."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import tb_versions.tfx
from tb_versions.core import codec
from tb_versions.core.manifest import MANIFEST_NAME
from tb_versions.errors import MissingDependencyError, NotAModelError, TbVersionsWarning, UnsupportedStorageError
from tests.support.savedmodel_bytes import small_model, write_model
from tests.support.tfma_bytes import named, write_results


class Artifact:
    """What the component asks of an artifact of TFX."""

    def __init__(self, uri: object = "", **properties: int) -> None:
        self.uri = str(uri)
        self.properties: dict[str, object] = dict(properties)

    def get_int_custom_property(self, name: str) -> object:
        return self.properties.get(name, 0)

    def set_int_custom_property(self, name: str, value: int) -> None:
        self.properties[name] = value

    def set_string_custom_property(self, name: str, value: str) -> None:
        self.properties[name] = value


def publish(folder: Path, **given: Artifact) -> dict[str, object]:
    """Publishes a model as the executor does; returns the properties of its output."""
    write_model(folder / "model" / "Format-Serving", small_model())
    pushed = Artifact()
    artifacts: dict[str, Any] = {"model": [Artifact(folder / "model")]} | {key: [one] for key, one in given.items()}
    properties = {"models_dir": str(folder / "models"), "name": "taxi"}
    tb_versions.tfx._publish(artifacts, pushed, properties, labels={"tfx.pipeline": "taxi", "tfx.pipeline_run": ""})
    return pushed.properties


@pytest.mark.filterwarnings("ignore:taxi.1 is published, but no run")
def test_a_blessed_model_is_published_with_metrics_and_hyperparameters(tmp_path: Path) -> None:
    (tmp_path / "best").mkdir()
    (tmp_path / "best" / "best_hyperparameters.txt").write_text('{"values": {"layers": 3}}')
    given = {
        "model_blessing": Artifact(blessed=1),
        "infra_blessing": Artifact(blessed=1),
        "evaluation": Artifact(f"file://{write_results(tmp_path / 'results', named('auc', 0.5))}"),
        "hyperparameters": Artifact(tmp_path / "best"),
    }
    said = publish(tmp_path, **given)
    assert said == {
        "pushed": 1,
        "pushed_destination": str(tmp_path / "models" / "taxi" / "1"),
        "pushed_version": "1",
    }
    manifest = codec.decode((tmp_path / "models" / "taxi" / "1" / MANIFEST_NAME).read_bytes())
    assert [(metric.name, metric.value, metric.dataset, metric.source) for metric in manifest.metrics] == [
        ("auc", 0.5, "eval", "evaluated")
    ]
    assert manifest.hyperparameters == {"layers": 3}
    assert manifest.labels == {"tfx.pipeline": "taxi"}


@pytest.mark.parametrize("key", ["model_blessing", "infra_blessing"])
def test_a_model_that_is_not_blessed_is_not_published(tmp_path: Path, key: str) -> None:
    assert publish(tmp_path, **{key: Artifact(blessed=0)}) == {"pushed": 0}
    assert not (tmp_path / "models").exists()


def test_what_is_left_out_of_results_is_a_warning(tmp_path: Path) -> None:
    results = write_results(tmp_path / "results", named("auc", 0.5) + named("auc", 0.6))
    with pytest.warns(TbVersionsWarning, match="several times under one name"):
        publish(tmp_path, evaluation=Artifact(results))


def test_a_model_that_is_not_there_fails_the_component(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for uri, error in ((tmp_path / "empty", NotAModelError), ("gs://bucket/model", UnsupportedStorageError)):
        with pytest.raises(error):
            tb_versions.tfx._publish({"model": [Artifact(uri)]}, Artifact(), {}, labels={})
    with pytest.raises(NotAModelError, match="2 artifacts"):
        tb_versions.tfx._publish({"model": [Artifact(), Artifact()]}, Artifact(), {}, labels={})


@pytest.mark.skipif(importlib.util.find_spec("tfx") is not None, reason="TFX is installed")
def test_without_tfx_the_message_says_what_is_missing() -> None:
    with pytest.raises(MissingDependencyError, match=r"tb_versions.tfx needs TFX"):
        _ = tb_versions.tfx.VersionPublisher
    with pytest.raises(AttributeError, match="no attribute 'Pusher'"):
        _ = tb_versions.tfx.Pusher


def test_importing_the_module_loads_neither_tfx_nor_tensorflow() -> None:
    program = "import sys, tb_versions.tfx; print([m for m in ('tfx', 'tensorflow', 'keras') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
