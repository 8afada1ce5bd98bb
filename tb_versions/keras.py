"""The Keras callback that publishes versions while `model.fit` runs.

Importing this module loads neither Keras nor TensorFlow; making a `PublishVersions` does.
"""

from __future__ import annotations

import datetime
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from tb_versions.core.manifest import Goal, Metric, Run, check_model_name, shown
from tb_versions.core.storage import is_remote, local_path
from tb_versions.errors import InvalidManifestError
from tb_versions.read.manifests.goals import infer_goal
from tb_versions.write import keras_fit as fitting
from tb_versions.write.announcer import find_announcer
from tb_versions.write.best import Best, others
from tb_versions.write.existing import values_of
from tb_versions.write.facts import Facts, check_names, draft
from tb_versions.write.failures import report, report_again
from tb_versions.write.golden.inputs import EXAMPLES, check_golden, check_labels
from tb_versions.write.homes import home_of
from tb_versions.write.hyperparameters import to_hyperparameters
from tb_versions.write.keras_class import new_callback, plain_class
from tb_versions.write.keras_metrics import LogMetrics
from tb_versions.write.keras_training import KerasLogs, Training
from tb_versions.write.metrics import to_metrics
from tb_versions.write.publish import publish
from tb_versions.write.published import PublishedVersion
from tb_versions.write.runs import are_same, runs_of
from tb_versions.write.values import plain_float
from tb_versions.write.warmup import check_samples
from tb_versions.write.weights import checksum

if TYPE_CHECKING:
    from keras.callbacks import Callback as _Callback
    from typing_extensions import Unpack
else:
    _Callback = object

__all__ = ["PublishVersions"]

_Save = Literal["best", "epoch", "end"]
_DEFAULT_MONITOR = "val_loss"


class PublishVersions(_Callback):
    """Publishes versions of the model that `model.fit` trains.

    The place in the list of callbacks makes no difference: a version is published after all other callbacks have acted.
    It gets the numbers of the epoch whose weights it has, which may be an earlier one if a callback restored weights. A
    number that was measured on other weights is left out, with a warning. The step of a version is that epoch, counted
    from 0 as in TensorBoard's `epoch_*` curves.

    Each metric has the run and tag under which the TensorBoard callback wrote it. Optimizer, learning rate, batch size,
    epochs and loss of the compiled model become hyperparameters. Versions are announced through the TensorBoard
    callback's own writer.

    A resumed training (the same run, a first epoch above 0, or a second `fit` with this very callback and no run) must
    improve on the best value of the existing versions, or of the fit before; any other starts without one. Which run it
    is, its first event file says, not its name: a training in another folder of the same name is a new run. A monitored
    value of NaN is never the best. If nothing was published, a warning at the end says why.

    Args:
        models_dir: Folder of all models, as in `publish`.
        name: Name of the model.
        save: "best": after each epoch that improves `monitor`; "epoch": after every `every`-th epoch; "end":
            once, when training has ended (other callbacks may have restored better weights by then).
        monitor: Name of the log to watch for "best". It becomes the version's lead metric, for the other ways to save
            only if it is not the default.
        mode: "max" or "min"; "auto" uses the metric's direction, as Keras' own callbacks do. Where the metric has none,
            as in Keras 2, the name decides if it says it plainly; versions then record no goal, and readers call theirs
            guessed.
        min_delta: Smallest difference that counts as an improvement.
        baseline: A value that the first version must improve on.
        every: Number of epochs between versions for "epoch".
        keep: Number of the newest versions of this training that stay on the disk; 0 keeps all. Older ones are removed,
            but those that hold an alias or were approved. Versions of other trainings are never removed.
        keep_best: Number of the best by `monitor` that stay on the disk too; 0 keeps none for that.
        evaluate: Data as for `validation_data` of `fit`. The published weights are evaluated on it if no epoch's
            validation was about them.
        tensorboard: The TensorBoard callback, if it is not in the same list of callbacks.
        writer: As in `publish`, if there is no TensorBoard callback.
        run_dir: As in `publish`, if there is no TensorBoard callback.
        keras_archive: As in `publish`.
        warmup: As in `publish`, the same for every version.
        golden: As in `publish`, the same for every version. Each version takes seconds, in which the training waits;
            with save="end" that is once.
        golden_examples: As in `publish`.
        golden_labels: As in `publish`.
        strict: As in `publish`.
        **facts: As in `publish`, the same for every version. Metrics are added to the logs; hyperparameters replace
            those of the compiled model.

    Attributes:
        versions: Published versions that are there, oldest first; not those that `keep` removed.

    Raises:
        TypeError: A keyword is unknown, or a value has the wrong type.
        InvalidNameError: The name breaks the naming rule.
        InvalidManifestError: A fact breaks a rule, or save or mode is none of the above, or `semantic_version` is given
            for several versions; at the end of the first epoch, also if neither the metric nor its name says whether
            `monitor` should be high or low.
    """

    def __new__(cls, *args: object, **kwargs: object) -> PublishVersions:
        """Creates an object whose class is also a Keras callback."""
        del args, kwargs
        return cast("PublishVersions", new_callback(cls))

    def __init__(
        self,
        models_dir: str | os.PathLike[str],
        *,
        name: str,
        save: _Save = "best",
        monitor: str = _DEFAULT_MONITOR,
        mode: Literal["auto", "max", "min"] = "auto",
        min_delta: float = 0.0,
        baseline: float | None = None,
        every: int = 1,
        keep: int = 0,
        keep_best: int = 0,
        evaluate: Any = None,
        tensorboard: Any = None,
        writer: object = None,
        run_dir: str | os.PathLike[str] | None = None,
        keras_archive: bool = True,
        warmup: object = None,
        golden: object = None,
        golden_examples: int = EXAMPLES,
        golden_labels: object = None,
        strict: bool = False,
        **facts: Unpack[Facts],
    ) -> None:
        super().__init__()
        _check_choice("save", save, ("best", "epoch", "end"))
        _check_choice("mode", mode, ("auto", "max", "min"))
        if every < 1:
            raise InvalidManifestError(f"every must be 1 or more, not {every}.")
        for what, count in (("keep", keep), ("keep_best", keep_best)):
            if count < 0:
                raise InvalidManifestError(f"{what} must be 0, which keeps all, or more; not {count}.")
        check_names(facts, "PublishVersions", *_OWN_KEYWORDS)
        if save != "end" and facts.get("semantic_version"):
            raise InvalidManifestError(
                f'semantic_version names one version, and save="{save}" publishes several. Use save="end", or '
                "publish() the one that gets it."
            )
        if "hyperparameters" in facts:  # once, so that what can't be recorded is said once
            facts["hyperparameters"] = to_hyperparameters(facts["hyperparameters"])
        draft(check_model_name(name), 1, _without_goals(facts))
        find_announcer(writer, run_dir)
        self.versions: list[PublishedVersion] = []
        self._best = Best(min_delta=min_delta, baseline=baseline)
        self._best_runs: Sequence[Run] = ()
        self._models_dir = os.fspath(models_dir) if is_remote(models_dir) else local_path(models_dir)
        home_of(models_dir, name)
        self._name = name
        self._save = save
        self._monitor = monitor
        self._mode = mode
        self._every = every
        self._keep = keep
        self._keep_best = keep_best
        self._evaluate = evaluate
        self._given_tensorboard = tensorboard
        self._facts: Facts = facts
        self._writer = writer
        self._run_dir = run_dir
        self._keras_archive = keras_archive
        check_samples(warmup)
        self._warmup = warmup
        if golden is not None:
            check_golden(golden, golden_examples)
        check_labels(golden_labels, golden)
        self._golden = golden
        self._golden_examples = golden_examples
        self._golden_labels = golden_labels
        self._strict = strict
        self._training = self._new_training()

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickles the options and the versions so far, but neither the model nor a training that is running."""
        state = {**self.__dict__, "_model": None}
        state.pop("_training")
        state.pop("model", None)  # where Keras 2 keeps it
        return new_callback, (plain_class(self),), state

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Sets a pickled state."""
        self.__dict__.update(state)
        self._training = self._new_training()

    @property
    def best(self) -> float | None:
        """Best monitored value so far; None before the first."""
        return self._best.value

    def on_train_begin(self, logs: KerasLogs = None) -> None:
        """Looks at the training: its callbacks, its hyperparameters."""
        del logs
        report_again()
        self._training.detach()  # from a training that was interrupted
        self._training = self._new_training()
        self._best.goal = ""
        callbacks = self._training.begin()
        self._training.tensorboard = fitting.tensorboard_callback(callbacks) or self._given_tensorboard
        found = {**fitting.compiled_hyperparameters(self.model, self.params), **fitting.hparams_of(callbacks)}
        self._training.hyperparameters = to_hyperparameters({**found, **self._facts.get("hyperparameters", {})})

    def on_epoch_begin(self, epoch: int, logs: KerasLogs = None) -> None:
        """Notes where the training begins."""
        del logs
        if self._training.first_epoch is None:
            self._training.first_epoch = epoch

    def on_epoch_end(self, epoch: int, logs: KerasLogs = None) -> None:
        """Notes the logs. A version is published when all other callbacks have acted."""
        self._training.end_epoch(epoch, logs)

    def on_train_end(self, logs: KerasLogs = None) -> None:
        """Ends the training. With save="end", a version is published when all other callbacks have acted."""
        del logs
        self._training.end()

    def _new_training(self) -> Training:
        return Training(lambda: self.model, on_epoch=self._after_epoch, on_end=self._after_training)

    def _after_epoch(self) -> None:
        """Publishes a version if it is time for one."""
        if self._save == "epoch" and ((self._training.last_epoch or 0) + 1) % self._every == 0:
            self._publish()
        elif self._save == "best":
            value = self._monitored()
            if value is not None and self._improves(value) and self._publish():
                self._best.value = value

    def _after_training(self) -> None:
        """Publishes the final version, or says why there is none."""
        if self._training.last_epoch is None:
            self._training.warn_once("epochs", f'No epoch was trained, so no version of "{self._name}" is published.')
        elif self._save == "end":
            self._publish()
        elif self._save == "best" and not self._training.was_monitored:
            self._warn_of_missing_monitor()
        elif self._save == "best" and not self._best.improved:
            self._warn_of_no_improvement()

    def _monitored(self) -> float | None:
        """The monitored value, or None if it is missing or not a number."""
        value = plain_float(self._training.logs.get(self._monitor))
        self._training.was_monitored |= value is not None
        if value is None and (self._was_validated() or not self._monitor.startswith("val_")):
            self._warn_of_missing_monitor()
        return value

    def _was_validated(self) -> bool:
        """Whether the epoch had a validation; with `validation_freq`, not every epoch has one."""
        return any(name.startswith("val_") for name in self._training.logs)

    def _warn_of_missing_monitor(self) -> None:
        names = ", ".join(sorted(self._training.logs)) or "none"
        self._training.warn_once(
            "monitor",
            f'The logs have no number called {shown(self._monitor)}, so no version of "{self._name}" is published. '
            f"Available: {names}.",
        )

    def _warn_of_no_improvement(self) -> None:
        why, version = self._best.obstacle()
        if version and self._is_resumed():
            why += f". A training that begins at epoch {self._training.first_epoch} must improve on every version"
        elif version:
            why += f", a version of the same run {shown(self._best_runs[0].name)}. Another log folder is another run"
        self._training.warn_once(
            "improvement", f'No version of "{self._name}" is published for {shown(self._monitor)}: {why}.'
        )

    def _improves(self, value: float) -> bool:
        if not self._best.goal:
            self._start_best(self._direction())
        return self._best.improves(value)

    def _start_best(self, goal: Goal) -> None:
        """Finds the value to improve on. Runs are known only now, when the writers have made their event files."""
        runs: Sequence[Run] = ()
        try:
            runs = self._runs_of_training()
        except Exception as error:  # noqa: BLE001 -- no failure here may stop a training
            report(error, f"The run of {self._name} was not found", strict=self._strict)
        if self._best_runs and runs and not are_same(self._best_runs, runs):
            self._best.forget()
        self._best_runs = runs
        known: Mapping[str, float] = {}
        if runs or self._is_resumed():
            counting = () if self._is_resumed() else runs
            known = values_of(self._monitor, self._known_versions(), runs=counting)
        self._best.start(goal, known)

    def _known_versions(self) -> Path:
        """A folder with the manifests of the versions that exist."""
        try:
            return home_of(self._models_dir, self._name).known()
        except Exception as error:  # noqa: BLE001 -- no failure here may stop a training
            report(error, f"The versions in {self._models_dir} were not compared with", strict=self._strict)
            return Path(os.devnull)

    def _is_resumed(self) -> bool:
        return bool(self._training.first_epoch)

    def _direction(self) -> Goal:
        goal = self._said_goal() or _guessed_goal(self.model, self._monitor)
        if not goal:
            raise InvalidManifestError(
                f"Neither Keras nor the name tells whether {shown(self._monitor)} should be high or low; "
                'say mode="max" or mode="min" in PublishVersions.'
            )
        return goal

    def _said_goal(self) -> Goal:
        """Which values of the monitored metric are better by `mode` or by the metric itself; "" where neither says."""
        return self._mode if self._mode != "auto" else fitting.goal_of(self.model, self._monitor)

    def _publish(self) -> bool:
        try:
            announcer = self._announcer()  # first, for it begins the event file that tells which run this is
            facts = self._facts_now()
            version = publish(
                self.model,
                self._models_dir,
                name=self._name,
                writer=announcer,
                run_dir=self._run_dir,
                keras_archive=self._keras_archive,
                warmup=self._warmup,
                golden=self._golden,
                golden_examples=self._golden_examples,
                golden_labels=self._golden_labels,
                strict=self._strict,
                **facts,
            )
        except Exception as error:  # noqa: BLE001 -- no failure here may stop a training
            report(error, f"A version of {self._name} was not published in {self._models_dir}", strict=self._strict)
            return False
        if version is None:
            return False
        self.versions.append(version)
        recorded = {metric.name for metric in version.manifest.metrics}
        for subject, reason in self._log_metrics().left_out(self._training.epochs.latest(), recorded).items():
            self._training.warn_once(subject, f"{version.reference} has {reason}.")
        if self._keep or self._keep_best:
            self._remove_others()
        return True

    def _remove_others(self) -> None:
        """Removes the versions of this training that are not to be kept. A failure never stops a training."""
        goal = self._goal_or_none()
        for version in others(self.versions, last=self._keep, best=self._keep_best, metric=self._monitor, goal=goal):
            if self._removes(version):
                self.versions.remove(version)

    def _removes(self, version: PublishedVersion) -> bool:
        from tb_versions.actions.removal import remove_for_training

        try:
            return remove_for_training(version.path, by=self._asked_by(version))
        except Exception as error:  # noqa: BLE001 -- no failure here may stop a training
            report(error, f"{version.reference} was not removed, so the disk fills", strict=False)
            return False

    def _goal_or_none(self) -> Goal:
        """Which values of the monitored metric are better; "" where nothing tells."""
        try:
            return self._best.goal or self._direction()
        except InvalidManifestError:
            return ""

    def _asked_by(self, version: PublishedVersion) -> str:
        wanted = [f"keep={self._keep}"] * bool(self._keep) + [f"keep_best={self._keep_best}"] * bool(self._keep_best)
        run = next((run.name for run in version.manifest.runs if run.name), "")
        return f"{', '.join(wanted)}{f' of run {run}' if run else ''}"

    def _announcer(self) -> object:
        """How to announce: through the TensorBoard callback if there is one, else as given."""
        if self._training.tensorboard is None:
            return self._writer
        return fitting.announcer_of(self._training.tensorboard)

    def _facts_now(self) -> Facts:
        """The facts about the weights that are in the model now."""
        weights = checksum(self.model)
        metrics = self._metrics_of(weights)
        facts: Facts = {**self._facts}
        facts["step"] = self._training.epochs.epoch_of(weights)
        facts["metrics"] = metrics
        facts.pop("goals", None)  # the metrics have them
        facts["hyperparameters"] = self._training.hyperparameters
        facts.setdefault("training_seconds", self._training.seconds)
        if self._save == "best" or self._monitor != _DEFAULT_MONITOR:
            facts.setdefault("lead_metric", self._monitor)
        runs = self._runs()
        if runs:
            facts["runs"] = runs
        return facts

    def _metrics_of(self, weights: bytes | None) -> list[Metric]:
        """What was measured on these weights; validation metrics are evaluated now if they were not."""
        found, evaluated = self._training.epochs.of(weights), {}
        if self._evaluate is not None and not any(name.startswith("val_") for name in found):
            try:
                evaluated = fitting.evaluate(self.model, self._evaluate)
            except Exception as error:  # noqa: BLE001 -- no failure here may stop a training
                report(error, f"The weights of {self._name} were not evaluated", strict=self._strict)
        return self._log_metrics().of(found, evaluated)

    def _log_metrics(self) -> LogMetrics:
        return LogMetrics(
            model=self.model,
            tensorboard=self._training.tensorboard,
            logdir=self._facts.get("logdir"),
            given=to_metrics(self._facts.get("metrics", {}), {}, None),
            goals={self._monitor: self._said_goal(), **self._facts.get("goals", {})},
            monitor=self._monitor,
        )

    def _runs(self) -> list[Run]:
        return [] if "runs" in self._facts else self._log_metrics().runs(self._training.logs)

    def _runs_of_training(self) -> Sequence[Run]:
        """The runs of this training, as its versions record them; empty if there are none."""
        announcer = find_announcer(self._announcer(), self._run_dir)
        if announcer is not None:
            announcer.flush()
        run_dir, logdir = announcer.run_dir if announcer else None, self._facts.get("logdir")
        now = datetime.datetime.now(datetime.timezone.utc)
        given = self._facts.get("runs", self._runs() or None)
        return [run for run in runs_of(given, logdir=logdir, run_dir=run_dir, step=None, now=now) if run.name]


def _guessed_goal(model: Any, log: str) -> Goal:
    """Which values of a log are better by its name; "" where it doesn't say, or where Keras 2 reads it otherwise."""
    by_keras, inferred = fitting.goal_by_name(model, log), infer_goal(log)
    ours: Goal = "" if inferred == "unknown" else inferred
    return (by_keras or ours) if not (by_keras and ours) or by_keras == ours else ""


_OWN_KEYWORDS = (
    "monitor",
    "mode",
    "min_delta",
    "baseline",
    "every",
    "keep",
    "keep_best",
    "save",
    "evaluate",
    "strict",
    "writer",
)


def _without_goals(facts: Facts) -> Facts:
    """The facts without goals, which may be for metrics that only the logs have."""
    rest: Facts = {**facts}
    rest.pop("goals", None)
    return rest


def _check_choice(what: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise InvalidManifestError(f"{what} must be one of {', '.join(map(shown, choices))}, not {shown(value)}.")
