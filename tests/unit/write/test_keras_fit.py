"""What can be read off a model, its callbacks and its versions; whatever is odd is left out."""

from __future__ import annotations

import math
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
