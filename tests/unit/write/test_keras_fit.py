"""What can be read off a model, its callbacks and its versions; whatever is odd is left out."""

from __future__ import annotations

import json
import math
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tb_versions.write import keras_fit as fitting


def test_goals_follow_the_metrics_own_direction() -> None:
    up, down, none = (
        SimpleNamespace(name=n, _direction=d) for n, d in (("up", "up"), ("down", "down"), ("none", "down"))
    )
    del none._direction
    model = SimpleNamespace(metrics=[SimpleNamespace(name="all", metrics=[up, down, none])])
    assert [fitting.goal_of(model, log) for log in ("val_up", "down", "none", "other", "val_loss")] == [
        "max", "min", "", "", "min",
    ]  # fmt: skip
    assert fitting.goal_of(object(), "x") == ""


@pytest.mark.parametrize(
    ("loss", "told"),
    [
        ("mse", "mse"),
        (None, None),
        (SimpleNamespace(name="huber"), "huber"),
        (math.sqrt, "sqrt"),
        ({"a": "mse", "b": "mae"}, "mse, mae"),
    ],
)
def test_losses_have_names(loss: object, told: str | None) -> None:
    found = fitting.compiled_hyperparameters(SimpleNamespace(loss=loss), {"epochs": 3})
    assert found.get("loss") == told
    assert found["epochs"] == 3


@pytest.mark.tensorflow
def test_learning_rates_are_rounded_and_schedules_named() -> None:
    import keras

    def of(optimizer: Any) -> Any:
        found = fitting.compiled_hyperparameters(SimpleNamespace(optimizer=optimizer), None)
        return found["optimizer"], found["learning_rate"]

    assert of(keras.optimizers.SGD(0.1)) == ("sgd", 0.1)
    schedule = keras.optimizers.schedules.CosineDecay(0.1, 100)
    assert of(keras.optimizers.AdamW(schedule)) == ("adam_w", "CosineDecay")
    assert of(keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam(0.003, name="mine"))) == ("mine", 0.003)


def test_values_of_versions_are_read_from_their_manifests(tmp_path: Path) -> None:
    def version(number: int, value: object, run: str, **more: object) -> None:
        folder = tmp_path / str(number)
        folder.mkdir()
        fields = {"schemaVersion": 1, "metrics": [{"name": "a", "value": value, **more}], "runs": [{"name": run}]}
        (folder / "version_manifest.json").write_text(json.dumps(fields))

    version(1, 0.5, "x")
    version(2, "NaN", "x")
    version(3, "Infinity", "y")
    version(4, 0.25, "y", dataset="test")
    version(5, ["odd"], "x")
    (tmp_path / "6").mkdir()
    (tmp_path / "7").mkdir()
    (tmp_path / "7" / "version_manifest.json").write_text("{")
    assert sorted(fitting.values_of_versions(tmp_path, "a", None)) == [0.5, math.inf]
    assert fitting.values_of_versions(tmp_path, "a", "x") == [0.5]
    assert fitting.values_of_versions(tmp_path, "b", None) == []
    assert fitting.values_of_versions(tmp_path / "none", "a", None) == []
