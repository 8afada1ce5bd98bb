"""The logs of `model.fit` as metrics, each with the run and tag of its curve in TensorBoard."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tb_versions.core.manifest import MAX_ITEMS, Goal, Metric, Run, check_key, shown
from tb_versions.errors import InvalidManifestError
from tb_versions.write.epochs import Measured
from tb_versions.write.keras_fit import goal_of
from tb_versions.write.metrics import to_metrics
from tb_versions.write.runs import recordable, run_name
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

    def measured(self, found: Mapping[str, Measured], names: Iterable[str]) -> dict[str, Metric]:
        """Returns the metrics of what was measured, by name.

        Args:
            found: What was measured, by name.
            names: The logs that become metrics; their values are numbers.
        """
        metrics = {}
        for name in names:
            run, tag = self._source_of(name)
            metrics[name] = Metric(
                name=name,
                value=float(plain_number(found[name].logs[name]) or 0),
                goal=self._goal_of(name),
                step=found[name].epoch,
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
        return recordable(run_name(os.path.join(self.tensorboard.log_dir, part), self.logdir))


def choose(logs: Mapping[str, object], *, first: str, room: int) -> tuple[list[str], list[str]]:
    """Chooses the logs that become metrics.

    Args:
        logs: Values by name.
        first: Name of the log that is chosen before all others: the monitored one.
        room: How many can be chosen.

    Returns:
        The names, and a clause about each group of logs that can't become metrics, for a warning.
    """
    odd = [name for name, value in logs.items() if plain_number(value) is None]
    misnamed = [name for name in logs if name not in odd and not _may_be_a_name(name)]
    rest = [name for name in logs if name not in {*odd, *misnamed}]
    rest.sort(key=lambda name: name != first)
    groups = [
        (odd, "not numbers"),
        (misnamed, "their names are empty, reserved, too long, or have hidden characters such as line breaks"),
        (rest[room:], f"a version holds at most {MAX_ITEMS:,} metrics"),
    ]
    return rest[:room], [f"{_some(names)} ({why})" for names, why in groups if names]


def _may_be_a_name(name: str) -> bool:
    try:
        check_key(name, "A metric's name")
        return True
    except InvalidManifestError:
        return False


def _some(names: Sequence[str]) -> str:
    """The first names, and how many more there are."""
    more = f" and {len(names) - 3:,} more" if len(names) > 3 else ""
    return ", ".join(map(shown, names[:3])) + more


def with_given(logged: Mapping[str, Metric], given: object) -> list[Metric]:
    """Returns logged metrics and those that the author gave, which win over logs of the same name."""
    by_identity = {(metric.name, metric.dataset, metric.slice): metric for metric in logged.values()}
    for metric in to_metrics(given, {}, None):
        by_identity[metric.name, metric.dataset, metric.slice] = metric
    return list(by_identity.values())
