"""The logs of `model.fit` as metrics, each with the run and tag of its curve in TensorBoard."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tb_versions.core.manifest import MAX_ITEMS, MAX_METRICS, Goal, Metric, Run, check_key, shown
from tb_versions.errors import InvalidManifestError
from tb_versions.write.epochs import Measured
from tb_versions.write.keras_fit import goal_of
from tb_versions.write.runs import identity_of, recordable, run_name
from tb_versions.write.values import plain_float


@dataclass(frozen=True)
class LogMetrics:
    """Makes metrics of logs.

    Attributes:
        model: The Keras model.
        tensorboard: The TensorBoard callback that writes the logs, or None.
        logdir: What `tensorboard --logdir` gets, or None.
        given: Metrics that the author gave, which win over logs of the same name.
        goals: Goals by the name of a metric; they win over what the model knows.
        monitor: Name of the log that is kept before all others, if there are too many.
    """

    model: Any
    tensorboard: Any
    logdir: str | os.PathLike[str] | None
    given: Sequence[Metric]
    goals: Mapping[str, Goal]
    monitor: str

    def of(self, found: Mapping[str, Measured], evaluated: Mapping[str, float]) -> list[Metric]:
        """Returns the metrics of a version.

        Args:
            found: What was measured in the training, by name.
            evaluated: What was measured for this version, by name.
        """
        logs = {name: part.logs[name] for name, part in found.items()}
        metrics = [self._measured(name, found[name]) for name in self._choose(logs)[0]]
        metrics += [Metric(name=name, value=value, source="evaluated") for name, value in evaluated.items()]
        by_identity = {(m.name, m.dataset, m.slice): m for m in (*metrics, *self.given)}
        return [self._with_goal(metric) for metric in by_identity.values()]

    def left_out(self, logs: Mapping[str, object], recorded: Collection[str]) -> dict[str, str]:
        """Returns what a version lacks, as ends of sentences that begin with "digits:3 has".

        Args:
            logs: Logs of the latest epoch.
            recorded: Names of the version's metrics.
        """
        names, problems = self._choose(logs)
        missing = sorted(set(names) - set(recorded))
        reasons = {"logs": f"no metric for some logs: {'; '.join(problems)}"} if problems else {}
        if missing:
            reasons["weights"] = (
                f"no {', '.join(missing)}: another callback restored or swapped the weights, and no epoch measured the "
                "published ones. To measure them, give PublishVersions evaluate=(x_val, y_val)"
            )
        return reasons

    def runs(self, logs: Mapping[str, object]) -> list[Run]:
        """Returns the TensorBoard callback's runs, the one that announces first; empty without that callback."""
        if self.tensorboard is None:
            return []
        parts = ["train"] + ["validation"] * any(name.startswith("val_") for name in logs)
        return [Run(name=self._run(part), identity=identity_of(self._folder(part))) for part in parts]

    def _choose(self, logs: Mapping[str, object]) -> tuple[list[str], list[str]]:
        whole = sum(not metric.slice for metric in self.given)
        room = min(MAX_ITEMS - whole, MAX_METRICS - len(self.given))
        return choose(logs, first=self.monitor, room=max(room, 0))

    def _measured(self, name: str, part: Measured) -> Metric:
        run, tag = self._source_of(name)
        value = plain_float(part.logs[name]) or 0.0
        return Metric(name=name, value=value, step=part.epoch, source="log", run=run, tag=tag)

    def _with_goal(self, metric: Metric) -> Metric:
        goal = self.goals.get(metric.name) or metric.goal
        if not goal and metric.source != "typed":
            goal = goal_of(self.model, metric.name)
        return replace(metric, goal=goal)

    def _source_of(self, log: str) -> tuple[str, str]:
        """Run and tag under which the TensorBoard callback writes a log; empty without that callback."""
        if self.tensorboard is None:
            return "", ""
        run = self._run("validation" if log.startswith("val_") else "train")
        return run, f"epoch_{log.removeprefix('val_')}"

    def _run(self, part: str) -> str:
        return recordable(run_name(self._folder(part), self.logdir))

    def _folder(self, part: str) -> str:
        return os.path.join(self.tensorboard.log_dir, part)


def choose(logs: Mapping[str, object], *, first: str, room: int) -> tuple[list[str], list[str]]:
    """Chooses the logs that become metrics.

    Args:
        logs: Values by name.
        first: Name of the log that is chosen before all others: the monitored one.
        room: How many can be chosen.

    Returns:
        The names, and a clause about each group of logs that can't become metrics, for a warning.
    """
    odd = [name for name, value in logs.items() if plain_float(value) is None]
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
