"""Logs become metrics with the run, tag and goal that they have in the training."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from tb_versions.core.manifest import Metric
from tb_versions.write.epochs import Measured
from tb_versions.write.keras_metrics import LogMetrics, with_given


def log_metrics(**options: Any) -> LogMetrics:
    given = {"model": None, "tensorboard": None, "logdir": "logs", "goals": {}, **options}
    return LogMetrics(**given)


def test_metrics_know_the_run_and_tag_of_their_curve() -> None:
    found = {
        "accuracy": Measured(3, b"", {"accuracy": 0.5}),
        "val_accuracy": Measured(2, b"", {"val_accuracy": 0.25}),
    }
    with_curves = log_metrics(tensorboard=SimpleNamespace(log_dir="logs/run"))
    metrics = with_curves.measured(found, found)
    assert [(m.run, m.tag, m.step) for m in metrics.values()] == [
        ("run/train", "epoch_accuracy", 3),
        ("run/validation", "epoch_accuracy", 2),
    ]
    assert [run.name for run in with_curves.runs({"val_loss": 1})] == ["run/train", "run/validation"]
    assert [run.name for run in with_curves.runs({"loss": 1})] == ["run/train"]
    without = log_metrics()
    assert [(m.run, m.tag) for m in without.measured(found, found).values()] == [("", "")] * 2
    assert without.runs({"loss": 1}) == []


def test_a_given_goal_wins_over_that_of_the_model() -> None:
    found = {"loss": Measured(0, b"", {"loss": 1}), "f1": Measured(0, b"", {"f1": 1})}
    metrics = log_metrics(goals={"f1": "max", "loss": "max", "x": ""}).measured(found, found)
    assert [metric.goal for metric in metrics.values()] == ["max", "max"]
    assert log_metrics().measured(found, found)["loss"].goal == "min"


def test_evaluated_metrics_have_no_curve() -> None:
    metric = log_metrics(tensorboard=SimpleNamespace(log_dir="logs/run")).evaluated({"val_loss": 0.5})["val_loss"]
    assert (metric.value, metric.source, metric.run, metric.step, metric.goal) == (0.5, "evaluated", "", None, "min")


def test_given_metrics_replace_logs_of_the_same_name() -> None:
    logged = {"loss": Metric(name="loss", value=1.0, source="log")}
    given = [Metric(name="loss", value=2.0), Metric(name="loss", value=3.0, slice="night")]
    assert [(metric.value, metric.source) for metric in with_given(logged, given)] == [(2.0, "typed"), (3.0, "typed")]
    assert [metric.value for metric in with_given(logged, {"size": 5})] == [1.0, 5.0]
