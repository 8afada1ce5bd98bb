"""The logs of `model.fit` as metrics, each with the run and tag of its curve in TensorBoard."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tb_versions.core.manifest import Goal, Metric, Run
from tb_versions.write.epochs import Measured
from tb_versions.write.keras_fit import goal_of
from tb_versions.write.metrics import to_metrics
from tb_versions.write.runs import run_name
from tb_versions.write.values import plain_number


@dataclass(frozen=True)
class LogMetrics:
    """Makes metrics of logs.

    Attributes:
        model: The Keras model.
        tensorboard: The TensorBoard callback that writes the logs, or None.
        logdir: What `tensorboard --logdir` gets, or None.
        goals: Goals by the name of a log, where they are known better than the model knows them.
    """

    model: Any
    tensorboard: Any
    logdir: str | os.PathLike[str] | None
    goals: Mapping[str, Goal]

    def measured(self, found: Mapping[str, Measured]) -> dict[str, Metric]:
        """Returns the metrics of what was measured, by name. Logs that are not numbers are left out."""
        metrics = {}
        for name, part in found.items():
            number = plain_number(part.logs[name])
            if number is not None:
                run, tag = self._source_of(name)
                metrics[name] = Metric(
                    name=name,
                    value=float(number),
                    goal=self._goal_of(name),
                    step=part.epoch,
                    source="log",
                    run=run,
                    tag=tag,
                )
        return metrics

    def evaluated(self, results: Mapping[str, float]) -> dict[str, Metric]:
        """Returns the metrics of an evaluation, by name."""
        return {
            name: Metric(name=name, value=value, goal=self._goal_of(name), source="evaluated")
            for name, value in results.items()
        }

    def runs(self, logs: Mapping[str, object]) -> list[Run]:
        """Returns the TensorBoard callback's runs, the one that announces first; empty without that callback."""
        if self.tensorboard is None:
            return []
        parts = ["train"] + ["validation"] * any(name.startswith("val_") for name in logs)
        return [Run(name=self._run(part)) for part in parts]

    def _goal_of(self, log: str) -> Goal:
        return self.goals.get(log) or goal_of(self.model, log)

    def _source_of(self, log: str) -> tuple[str, str]:
        """Run and tag under which the TensorBoard callback writes a log; empty without that callback."""
        if self.tensorboard is None:
            return "", ""
        run = self._run("validation" if log.startswith("val_") else "train")
        return run, f"epoch_{log.removeprefix('val_')}"

    def _run(self, part: str) -> str:
        return run_name(os.path.join(self.tensorboard.log_dir, part), self.logdir)


def with_given(logged: Mapping[str, Metric], given: object) -> list[Metric]:
    """Returns logged metrics and those that the author gave, which win over logs of the same name."""
    by_identity = {(metric.name, metric.dataset, metric.slice): metric for metric in logged.values()}
    for metric in to_metrics(given, {}, None):
        by_identity[metric.name, metric.dataset, metric.slice] = metric
    return list(by_identity.values())
