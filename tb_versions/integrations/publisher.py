"""What callbacks of PyTorch's trainers share: they publish weights with the numbers that were measured on them."""

from __future__ import annotations

import functools
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from tb_versions.core.manifest import MAX_ITEMS, Goal, Metric, Scalar, check_model_name
from tb_versions.core.storage import is_remote, local_path
from tb_versions.errors import InvalidManifestError
from tb_versions.write.epochs import Checksum, Measured, Measurements
from tb_versions.write.facts import Facts, check_names, draft
from tb_versions.write.failures import report, report_again, warn
from tb_versions.write.homes import home_of
from tb_versions.write.hyperparameters import masked
from tb_versions.write.keras_metrics import choose
from tb_versions.write.metrics import to_metrics
from tb_versions.write.publish import publish
from tb_versions.write.published import PublishedVersion
from tb_versions.write.runs import recordable, run_name
from tb_versions.write.savers import Saver
from tb_versions.write.values import plain_float


def guarded(action: Callable[..., None]) -> Callable[..., None]:
    """Makes a failure in a callback's method one warning, unless the callback is strict: it never stops a training."""

    @functools.wraps(action)
    def run(self: Any, *args: Any, **kwargs: Any) -> None:
        try:
            action(self, *args, **kwargs)
        except Exception as error:  # noqa: BLE001 -- as said
            publisher: Publisher = self._publisher
            publisher.failed(error, f"Versions of {publisher.name} may lack something")

    return run


@dataclass(frozen=True)
class Place:
    """Where a training logs.

    Attributes:
        run_dir: Folder of its event file; None if it has none.
        writer: The writer of that file, while it is open.
        tag: Returns the tag under which a number is logged.
    """

    run_dir: str | None = None
    writer: Any = None
    tag: Callable[[str], str] = str


class Publisher:
    """Publishes the versions of one callback.

    Attributes:
        versions: Published versions, oldest first.
        measured: What was measured in this training, with the checksum of the weights.
        strict: Whether a failure raises.
        name: Name of the model.
    """

    def __init__(
        self, models_dir: str | os.PathLike[str], *, name: str, several: bool, strict: bool, facts: Facts
    ) -> None:
        """Checks everything that can be checked before the training.

        Args:
            models_dir: As in `publish`.
            name: As in `publish`.
            several: Whether one training publishes several versions.
            strict: As in `publish`.
            facts: As in `publish`.

        Raises:
            TypeError: A fact is unknown, or has the wrong type.
            InvalidNameError, InvalidManifestError: The name or a fact breaks a rule.
        """
        check_names(facts, "PublishVersions", "save", "strict", "tensorboard")
        if several and facts.get("semantic_version"):
            raise InvalidManifestError(
                "semantic_version names one version, and this training publishes several. Publish one, or give it "
                "to the best of them afterwards: tb-versions bump."
            )
        draft(check_model_name(name), 1, cast("Facts", {k: v for k, v in facts.items() if k != "goals"}))
        home_of(models_dir, name)
        self.models_dir = os.fspath(models_dir) if is_remote(models_dir) else local_path(models_dir)
        self.versions: list[PublishedVersion] = []
        self.measured = Measurements()
        self.strict = strict
        self.name = name
        self._facts = facts
        self._hyperparameters: Mapping[str, Scalar] = {}
        self._started = time.monotonic()
        self._warned_of: set[str] = set()

    def begin(self, hyperparameters: Mapping[str, Any]) -> None:
        """A training begins.

        Args:
            hyperparameters: What the library knows of them; secrets are masked.
        """
        report_again()
        self.measured = Measurements()
        self._started = time.monotonic()
        self._warned_of = set()
        try:
            self._hyperparameters = masked(hyperparameters)
        except Exception as error:  # noqa: BLE001 -- no failure here may stop a training
            self.failed(error, "Its hyperparameters were not found out")

    def publish(
        self, saver: Saver, *, weights: Checksum, step: int | None, place: Place, monitor: str = "", goal: Goal = ""
    ) -> bool:
        """Publishes weights with the numbers that were measured on them.

        Args:
            saver: Writes the files.
            weights: Checksum of the weights in the files; None if they can't be read.
            step: Step of the training that the weights are of, where no measurement tells.
            place: Where the training logs.
            monitor: Name of the number that decides; it becomes the lead metric.
            goal: Which values of it are better.

        Returns:
            Whether a version was published.
        """
        try:
            facts = self._facts_of(weights, step=step, place=place, monitor=monitor, goal=goal)
            options = {"writer": place.writer, "run_dir": place.run_dir, "strict": self.strict}
            version = publish(saver, self.models_dir, name=self.name, **options, **facts)
        except Exception as error:  # noqa: BLE001 -- no failure here may stop a training
            self.failed(error, f"A version of {self.name} was not published in {self.models_dir}")
            return False
        if version is None:
            return False
        self.versions.append(version)
        self._say_what_is_missing(version, monitor)
        return True

    def failed(self, error: Exception, what: str) -> None:
        """Reports a failure, which raises only if strict."""
        report(error, what, strict=self.strict)

    def warn_once(self, subject: str, message: str) -> None:
        """Warns about a subject once in this training."""
        if subject not in self._warned_of:
            self._warned_of.add(subject)
            warn(message)

    def _facts_of(self, weights: Checksum, *, step: int | None, place: Place, monitor: str, goal: Goal) -> Facts:
        measured_at = self.measured.epoch_of(weights)
        goals = {monitor: goal, **self._facts.get("goals", {})}
        facts = {key: value for key, value in self._facts.items() if key != "goals"}
        metrics = self._metrics(self.measured.of(weights), place=place, goals=goals, first=monitor)
        facts["metrics"] = metrics
        facts["hyperparameters"] = {**self._hyperparameters, **self._facts.get("hyperparameters", {})}
        facts.setdefault("step", step if measured_at is None else measured_at)
        facts.setdefault("training_seconds", time.monotonic() - self._started)
        if monitor in {metric.name for metric in metrics}:
            facts.setdefault("lead_metric", monitor)
        return cast("Facts", facts)

    def _metrics(
        self, found: Mapping[str, Measured], *, place: Place, goals: Mapping[str, Goal], first: str
    ) -> Sequence[Metric]:
        given = to_metrics(self._facts.get("metrics", {}), {}, None)
        logs = {name: part.logs[name] for name, part in found.items()}
        names, _ = choose(logs, first=first, room=MAX_ITEMS - len(given))
        run = "" if place.run_dir is None else recordable(run_name(place.run_dir, self._facts.get("logdir")))
        measured = [
            Metric(
                name=name,
                value=plain_float(logs[name]) or 0.0,
                goal=goals.get(name, ""),
                step=found[name].epoch,
                source="log",
                run=run,
                tag=place.tag(name) if run else "",
            )
            for name in names
        ]
        return list({(m.name, m.dataset, m.slice): m for m in (*measured, *given)}.values())

    def _say_what_is_missing(self, version: PublishedVersion, monitor: str) -> None:
        recorded = {metric.name for metric in version.manifest.metrics}
        missing = sorted({*self.measured.latest(), *([monitor] if monitor else [])} - recorded)
        if missing:
            self.warn_once(
                "weights",
                f"{version.reference} has no {', '.join(missing)}: no evaluation of this training measured the weights "
                "that are published. Evaluate at the steps at which you save.",
            )
