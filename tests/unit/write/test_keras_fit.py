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


def test_metrics_of_several_outputs_have_the_direction_of_their_output() -> None:
    def of(output: str | None, **directions: str) -> object:
        metrics = [SimpleNamespace(name=name, _direction=direction) for name, direction in directions.items()]
        return SimpleNamespace(output_name=output, metrics=metrics)

    compiled = SimpleNamespace(
        name="compile_metrics", _flat_metrics=[of("a", own="up"), None, of("b", own="down")],
        _flat_weighted_metrics=[of("b", size="up")], metrics=[],
    )  # fmt: skip
    model = SimpleNamespace(metrics=[compiled], output_names=["a", "b"])
    goals = {log: fitting.goal_of(model, log) for log in ("val_a_own", "b_own", "val_b_size", "a_size", "own")}
    assert goals == {"val_a_own": "max", "b_own": "min", "val_b_size": "max", "a_size": "", "own": ""}
    assert [fitting.goal_of(model, log) for log in ("val_a_loss", "b_loss", "c_loss")] == ["min", "min", ""]
    one = SimpleNamespace(metrics=[SimpleNamespace(name="compile_metrics", _flat_metrics=[of(None, own="up")])])
    assert fitting.goal_of(one, "val_own") == "max"


def test_keras_2_goes_by_the_end_of_a_name_and_keras_3_does_not() -> None:
    old, new = (type("Model", (), {"__module__": f"{package}.models"})() for package in ("tf_keras.src", "keras.src"))
    logs = ("val_myacc", "b_accuracy", "val_prauc", "val_recall", "accuracy_2", "loss", "acc_loss")
    assert [fitting.goal_by_name(old, log) for log in logs] == ["max"] * 3 + [""] * 4
    assert {fitting.goal_by_name(new, log) for log in logs} == {""}


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
