"""The Keras callback that publishes versions while `model.fit` runs.

Importing this module loads neither Keras nor TensorFlow; making a `PublishVersions` does.
"""

from __future__ import annotations

import functools
import math
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, cast

from tb_versions.core.manifest import Goal, Metric, Run, Scalar, check_model_name, shown
from tb_versions.core.storage import local_path
from tb_versions.errors import InvalidManifestError
from tb_versions.write import keras_fit as fitting
from tb_versions.write.announcer import find_announcer
from tb_versions.write.facts import Facts, check_names, draft
from tb_versions.write.failures import report, warn
from tb_versions.write.publish import publish
from tb_versions.write.published import PublishedVersion
from tb_versions.write.runs import run_name
from tb_versions.write.values import plain_number

if TYPE_CHECKING:
    from keras.callbacks import Callback as _Callback
    from typing_extensions import Unpack
else:
    _Callback = object

__all__ = ["PublishVersions"]

_Save = Literal["best", "epoch", "end"]


class PublishVersions(_Callback):
    """Publishes versions of the model that `model.fit` trains.

    Each version gets the epoch's logs as metrics, with the run and tag under which the TensorBoard
    callback wrote them, and the compiled model's optimizer, learning rate, batch size, epochs and loss as
    hyperparameters. It is announced through the TensorBoard callback's own writer, wherever that stands in
    the list of callbacks. The step of a version is the epoch counted from 0, as in TensorBoard's
    `epoch_*` curves.

    A training that goes on (the same run, a first epoch above 0, or no run to tell by) remembers the best
    value of the versions that exist; a new run starts afresh. A monitored value of NaN is never the best.

    Args:
        models_dir: Folder of all models, as in `publish`.
        name: Name of the model.
        save: "best": after each epoch that improves `monitor`; "epoch": after every `every`-th epoch; "end":
            once, when training has ended (other callbacks may have restored better weights by then).
        monitor: Name of the log to watch for "best".
        mode: "max" or "min"; "auto" asks the metric, as Keras' own callbacks do.
        min_delta: Least difference that counts as an improvement.
        baseline: A value that the first version must improve on.
        every: Epochs between versions for "epoch".
        tensorboard: The TensorBoard callback, where it is not in the same list of callbacks.
        writer: As in `publish`, where there is no TensorBoard callback.
        run_dir: As in `publish`, where there is no TensorBoard callback.
        keras_archive: As in `publish`.
        strict: As in `publish`.
        **facts: As in `publish`, the same for every version. Metrics given here come on top of the logs,
            hyperparameters given here win over those found.

    Attributes:
        versions: What was published, oldest first.
        best: Best monitored value so far; None before the first.

    Raises:
        TypeError: An unknown keyword, or a value of the wrong type.
        InvalidNameError: The name breaks the naming rule.
        InvalidManifestError: A fact breaks a rule, or save or mode is none of those above; when the first
            epoch ends, also that nothing tells whether `monitor` should be high or low.
    """

    def __new__(cls, *args: object, **kwargs: object) -> PublishVersions:
        """Makes an object that is a Keras callback too."""
        del args, kwargs
        keras_class = _keras_class(cast("Any", cls))
        made: PublishVersions = object.__new__(keras_class)
        return made

    def __init__(
        self,
        models_dir: str | os.PathLike[str],
        *,
        name: str,
        save: _Save = "best",
        monitor: str = "val_loss",
        mode: Literal["auto", "max", "min"] = "auto",
        min_delta: float = 0.0,
        baseline: float | None = None,
        every: int = 1,
        tensorboard: Any = None,
        writer: object = None,
        run_dir: str | os.PathLike[str] | None = None,
        keras_archive: bool = True,
        strict: bool = False,
        **facts: Unpack[Facts],
    ) -> None:
        super().__init__()
        _check_choice("save", save, ("best", "epoch", "end"))
        _check_choice("mode", mode, ("auto", "max", "min"))
        if every < 1:
            raise InvalidManifestError(f"every must be 1 or more, not {every}.")
        check_names(
            facts, "PublishVersions", "monitor", "mode", "min_delta", "baseline", "every", "save", "strict", "writer"
        )
        draft(check_model_name(name), 1, _without_goals(facts))
        find_announcer(writer, run_dir)
        self.versions: list[PublishedVersion] = []
        self.best: float | None = baseline
        self._models_dir = local_path(models_dir)
        self._name = name
        self._save = save
        self._monitor = monitor
        self._mode = mode
        self._min_delta = abs(min_delta)
        self._baseline = baseline
        self._every = every
        self._given_tensorboard = tensorboard
        self._writer = writer
        self._run_dir = run_dir
        self._keras_archive = keras_archive
        self._strict = strict
        self._facts: Facts = facts
        self._training = _Training()

    def on_train_begin(self, logs: Mapping[str, object] | None = None) -> None:
        """Looks at the training: its callbacks, its hyperparameters."""
        del logs
        self._training = _Training()
        callbacks = fitting.callbacks_beside(self)
        self._training.tensorboard = fitting.tensorboard_callback(callbacks) or self._given_tensorboard
        found = {**fitting.compiled_hyperparameters(self.model, self.params), **fitting.hparams_of(callbacks)}
        self._training.hyperparameters = {**found, **dict(self._facts.get("hyperparameters", {}))}

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, object] | None = None) -> None:
        """Remembers the best version of a training that goes on."""
        del logs
        if self._training.first_epoch is None:
            self._training.first_epoch = epoch
            if self._save == "best":
                self._training.remembered = self._values_of_versions()

    def on_epoch_end(self, epoch: int, logs: Mapping[str, object] | None = None) -> None:
        """Publishes a version if it is time for one."""
        self._training.last_epoch, self._training.last_logs = epoch, dict(logs or {})
        if self._save == "epoch" and (epoch + 1) % self._every == 0:
            self._publish()
        elif self._save == "best":
            value = self._monitored()
            if value is not None and self._improves(value) and self._publish():
                self.best = value

    def on_train_end(self, logs: Mapping[str, object] | None = None) -> None:
        """Publishes the final version for save="end"."""
        del logs
        if self._save == "end" and self._training.last_epoch is not None:
            self._publish()

    def _monitored(self) -> float | None:
        """The monitored value, or None where it is missing or no number."""
        value = plain_number(self._training.last_logs.get(self._monitor))
        if value is None and not self._training.warned_of_monitor:
            self._training.warned_of_monitor = True
            names = ", ".join(sorted(self._training.last_logs)) or "none"
            warn(
                f'The logs have no number called {shown(self._monitor)}, so no version of "{self._name}" is published. '
                f"Available: {names}."
            )
        return None if value is None or math.isnan(value) else float(value)

    def _improves(self, value: float) -> bool:
        if not self._training.goal:
            self._training.goal = self._direction()
            candidates = [v for v in (*self._training.remembered, self.best, self._baseline) if v is not None]
            self.best = (max if self._training.goal == "max" else min)(candidates, default=None)
        if self.best is None:
            return True
        return (
            value - self._min_delta > self.best if self._training.goal == "max" else value + self._min_delta < self.best
        )

    def _direction(self) -> Goal:
        goal: Goal = self._mode if self._mode != "auto" else fitting.goal_of(self.model, self._monitor)
        if not goal:
            raise InvalidManifestError(
                f"Keras can't tell whether {shown(self._monitor)} should be high or low; "
                'say mode="max" or mode="min" in PublishVersions.'
            )
        return goal

    def _values_of_versions(self) -> list[float]:
        """Monitored values of the versions that this training goes on from."""
        run = None
        if self._training.first_epoch == 0:
            names = [run.name for run in self._runs()]
            run = names[0] if names else None
        return fitting.values_of_versions(self._models_dir / self._name, self._monitor, run)

    def _publish(self) -> bool:
        try:
            version = publish(
                self.model,
                self._models_dir,
                name=self._name,
                writer=self._announcer(),
                run_dir=self._run_dir,
                keras_archive=self._keras_archive,
                strict=self._strict,
                **self._facts_now(),
            )
        except Exception as error:  # noqa: BLE001 -- nothing that fails while training may stop it
            report(error, f"A version of {self._name} was not published in {self._models_dir}", strict=self._strict)
            return False
        if version is None:
            return False
        self.versions.append(version)
        return True

    def _announcer(self) -> object:
        """The TensorBoard callback's writer, if there is such a callback; else what was given."""
        if self._training.tensorboard is None:
            return self._writer
        return fitting.announcer_of(self._training.tensorboard)

    def _facts_now(self) -> Facts:
        facts: Facts = {**self._facts}
        epoch = self._training.last_epoch or 0
        facts["step"] = epoch
        facts["metrics"] = self._metrics(epoch)
        facts["goals"] = {}
        facts["hyperparameters"] = self._training.hyperparameters
        facts.setdefault("training_seconds", time.monotonic() - self._training.started)
        runs = self._runs()
        if runs:
            facts["runs"] = runs
        return facts

    def _metrics(self, epoch: int) -> list[Metric]:
        goals = self._facts.get("goals", {})
        given = draft(self._name, 1, _without_goals(self._facts)).metrics
        metrics = {metric.name: metric for metric in self._logged_metrics(epoch)}
        for metric in given:
            key = (
                metric.name
                if not (metric.dataset or metric.slice)
                else f"{metric.name}\0{metric.dataset}\0{metric.slice}"
            )
            metrics[key] = metric
        return [fitting.with_goal(metric, goals.get(metric.name, "")) for metric in metrics.values()]

    def _logged_metrics(self, epoch: int) -> list[Metric]:
        metrics = []
        for name, value in self._training.last_logs.items():
            number = plain_number(value)
            if number is not None:
                run, tag = self._source_of(name)
                goal = (
                    self._training.goal
                    if name == self._monitor and self._training.goal
                    else fitting.goal_of(self.model, name)
                )
                metrics.append(
                    Metric(name=name, value=float(number), goal=goal, step=epoch, source="log", run=run, tag=tag)
                )
        return metrics

    def _source_of(self, log: str) -> tuple[str, str]:
        """Run and tag under which the TensorBoard callback writes a log; empty without that callback."""
        if self._training.tensorboard is None:
            return "", ""
        is_validation = log.startswith("val_")
        run = os.path.join(self._training.tensorboard.log_dir, "validation" if is_validation else "train")
        return run_name(run, self._facts.get("logdir")), f"epoch_{log.removeprefix('val_')}"

    def _runs(self) -> list[Run]:
        """The TensorBoard callback's runs, the one that announces first."""
        if self._training.tensorboard is None or "runs" in self._facts:
            return []
        parts = ["train"] + ["validation"] * any(name.startswith("val_") for name in self._training.last_logs)
        folders = [os.path.join(self._training.tensorboard.log_dir, part) for part in parts]
        return [Run(name=run_name(folder, self._facts.get("logdir"))) for folder in folders]


@dataclass
class _Training:
    """What a callback knows of one call of `fit`."""

    started: float = field(default_factory=time.monotonic)
    tensorboard: Any = None
    hyperparameters: dict[str, Scalar] = field(default_factory=dict)
    first_epoch: int | None = None
    last_epoch: int | None = None
    last_logs: dict[str, object] = field(default_factory=dict)
    remembered: list[float] = field(default_factory=list)
    goal: Goal = ""
    warned_of_monitor: bool = False


@functools.cache
def _keras_class(cls: Any) -> Any:
    """The class with Keras' `Callback` as its last base."""
    import keras

    if issubclass(cls, keras.callbacks.Callback):
        return cls
    return type(cls.__name__, (cls, keras.callbacks.Callback), {"__module__": cls.__module__, "__doc__": cls.__doc__})


def _without_goals(facts: Facts) -> Facts:
    """Goals may be for metrics that only the logs will have."""
    rest: Facts = {**facts}
    rest.pop("goals", None)
    return rest


def _check_choice(what: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise InvalidManifestError(f"{what} must be one of {', '.join(map(shown, choices))}, not {shown(value)}.")
