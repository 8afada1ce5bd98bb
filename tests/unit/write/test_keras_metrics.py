"""Logs become metrics with the run, tag and goal that they have in the training."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from tb_versions.core.manifest import Metric
from tb_versions.write.epochs import Measured
from tb_versions.write.keras_metrics import LogMetrics, choose


def log_metrics(**options: Any) -> LogMetrics:
    defaults = {"model": None, "tensorboard": None, "logdir": "logs", "given": (), "goals": {}, "monitor": "loss"}
    return LogMetrics(**{**defaults, **options})


def measured(epoch: int = 0, **logs: object) -> dict[str, Measured]:
    return {name: Measured(epoch, b"", logs) for name in logs}


def test_metrics_know_the_run_and_tag_of_their_curve() -> None:
    found = {**measured(3, accuracy=0.5), **measured(2, val_accuracy=0.25)}
    with_curves = log_metrics(tensorboard=SimpleNamespace(log_dir="logs/run"))
    assert [(m.run, m.tag, m.step, m.source) for m in with_curves.of(found, {})] == [
        ("run/train", "epoch_accuracy", 3, "log"),
        ("run/validation", "epoch_accuracy", 2, "log"),
    ]
    assert [run.name for run in with_curves.runs({"val_loss": 1})] == ["run/train", "run/validation"]
    assert [run.name for run in with_curves.runs({"loss": 1})] == ["run/train"]
    without = log_metrics()
    assert [(m.run, m.tag) for m in without.of(found, {})] == [("", "")] * 2
    assert without.runs({"loss": 1}) == []


def test_a_given_goal_wins_over_that_of_the_model() -> None:
    found = measured(loss=1, f1=1)
    goals: dict[str, Any] = {"f1": "max", "loss": "max", "x": ""}
    assert [metric.goal for metric in log_metrics(goals=goals).of(found, {})] == ["max", "max"]
    assert [metric.goal for metric in log_metrics().of(found, {})] == ["min", ""]


def test_evaluated_metrics_have_no_curve() -> None:
    (metric,) = log_metrics(tensorboard=SimpleNamespace(log_dir="logs/run")).of({}, {"val_loss": 0.5})
    assert (metric.value, metric.source, metric.run, metric.step, metric.goal) == (0.5, "evaluated", "", None, "min")


def test_given_metrics_replace_logs_of_the_same_name() -> None:
    given = [Metric(name="loss", value=2.0, source="typed"), Metric(name="loss", value=3.0, slice="night")]
    found = log_metrics(given=given).of(measured(loss=1.0, size=4), {})
    assert [(metric.name, metric.value, metric.slice) for metric in found] == [
        ("loss", 2.0, ""),
        ("size", 4.0, ""),
        ("loss", 3.0, "night"),
    ]


def test_given_slices_take_no_places_of_logs_but_for_the_most_a_version_holds() -> None:
    logs = measured(**{f"m{n}": 1.0 for n in range(1_200)})
    for slices, places in ((2_000, 1_000), (4_900, 100), (5_001, 0)):
        given = [Metric(name="a", slice=str(n)) for n in range(slices)]
        assert len(log_metrics(given=given).of(logs, {})) == slices + places


def test_the_monitored_log_is_chosen_before_all_others() -> None:
    logs = {"a": 1, "b": 2, "val_auc": 3}
    assert choose(logs, first="val_auc", room=2) == (["val_auc", "a"], ['"b" (a version holds at most 1,000 metrics)'])
    assert choose(logs, first="val_auc", room=3)[1] == []


def test_what_a_version_lacks_is_said_with_the_reason() -> None:
    reasons = log_metrics().left_out({"loss": 1, "val_loss": 2, "matrix": [1]}, {"loss"})
    assert reasons["logs"] == 'no metric for some logs: "matrix" (not numbers)'
    assert reasons["weights"].startswith("no val_loss: another callback restored or swapped the weights")
    assert log_metrics().left_out({"loss": 1}, {"loss"}) == {}


def test_what_fails_or_is_too_big_is_no_number() -> None:
    class Failing:
        def __getattr__(self, name: str) -> object:
            raise ZeroDivisionError(name)

    names, problems = choose({"a": Failing(), "b": 10**400, "loss": 1}, first="loss", room=9)
    assert (names, problems) == (["loss"], ['"a", "b" (not numbers)'])
