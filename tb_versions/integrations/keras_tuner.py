"""The callback for KerasTuner that publishes each trial as a version and marks the best."""

from __future__ import annotations

import functools
import math
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tb_versions.actions.aliases import promote
from tb_versions.core.manifest import check_alias
from tb_versions.errors import InvalidManifestError
from tb_versions.integrations.fitted import needs
from tb_versions.keras import PublishVersions
from tb_versions.write.facts import Facts
from tb_versions.write.failures import report
from tb_versions.write.hyperparameters import to_hyperparameters
from tb_versions.write.keras_hooks import driving_list, members
from tb_versions.write.keras_training import KerasLogs, Training
from tb_versions.write.published import PublishedVersion
from tb_versions.write.weights import checksum

if TYPE_CHECKING:
    from typing_extensions import Unpack

__all__ = ["PublishTrials"]


class PublishTrials(PublishVersions):
    """Publishes each trial of a search: `tuner.search(…, callbacks=[PublishTrials("models", name="digits")])`.

    A version has the weights of the trial's best epoch, as KerasTuner saved them, and the numbers that were measured on
    these very weights. KerasTuner's score may be another number: with several executions it is their mean. The trial's
    hyperparameters are recorded, its number is the label `trial`. A trial that failed is not published.

    An alias names the best trial by the objective and its direction, as the version's own number says. It moves with
    each trial that is better. A search that goes on where another process stopped compares with the trial that the
    alias names; a new search does not.

    Args:
        models_dir: As in `publish`.
        name: As in `publish`.
        alias: Name of the alias for the best trial; "" sets none.
        evaluate: As in `PublishVersions`.
        keras_archive: As in `publish`.
        strict: As in `publish`.
        **facts: As in `publish`, the same for every version.

    Raises:
        MissingDependencyError: KerasTuner is not installed.
        TypeError, InvalidNameError, InvalidManifestError: As `PublishVersions`.
    """

    def __init__(
        self,
        models_dir: str | os.PathLike[str],
        *,
        name: str,
        alias: str = "best",
        evaluate: Any = None,
        keras_archive: bool = True,
        strict: bool = False,
        **facts: Unpack[Facts],
    ) -> None:
        needs("keras_tuner", extra="keras-tuner")
        if facts.get("semantic_version"):
            raise InvalidManifestError(
                "semantic_version names one version, and a search publishes several. Give it to the best of them "
                "afterwards: tb-versions bump."
            )
        super().__init__(
            models_dir, name=name, save="end", evaluate=evaluate, keras_archive=keras_archive, strict=strict, **facts
        )
        self._alias = check_alias(alias) if alias else ""
        self._tuner: Any = None
        self._fits: dict[str, list[Training]] = {}
        self._best_trial: tuple[str, float] | None = None
        self._facts_of_search = self._facts

    def __deepcopy__(self, memo: dict[int, Any]) -> PublishTrials:
        """Returns itself: KerasTuner copies callbacks for each training, and this one is of the whole search."""
        return self

    def on_train_begin(self, logs: KerasLogs = None) -> None:
        """Notes which trial is trained."""
        super().on_train_begin(logs)
        found = [callback for callback in members(driving_list()) if type(callback).__name__ == "TunerCallback"]
        if not found:
            self._training.warn_once(
                "no search",
                f'This training is no trial of a KerasTuner, so no version of "{self._name}" is published for it. '
                "tb_versions.keras.PublishVersions publishes single trainings.",
            )
            return
        self._watch(found[0].tuner)
        self._fits.setdefault(found[0].trial.trial_id, []).append(self._training)

    def _after_training(self) -> None:
        """Publishes nothing: whether an execution has the trial's best epoch, only the end of the trial tells."""

    def _watch(self, tuner: Any) -> None:
        """Has the end of each trial reported. KerasTuner has a method for that, but no list of listeners."""
        if tuner is self._tuner:
            return
        self._tuner, self._best_trial = tuner, None
        tuner.on_trial_end = functools.partial(self._after_trial, tuner.on_trial_end)

    def _after_trial(self, report_end: Any, trial: Any) -> None:
        report_end(trial)
        fits = self._fits.pop(trial.trial_id, [])
        if not fits or self._tuner.oracle.get_trial(trial.trial_id).status != "COMPLETED":
            return
        try:
            self._publish_trial(trial, fits)
        except Exception as error:  # noqa: BLE001 -- no failure here may stop a search
            report(error, f"Trial {trial.trial_id} of {self._name} was not published", strict=self._strict)

    def _publish_trial(self, trial: Any, fits: list[Training]) -> None:
        self.set_model(self._tuner.load_model(trial))
        weights = checksum(self.model)
        self._training = next((fit for fit in fits if fit.epochs.epoch_of(weights) is not None), fits[-1])
        objective = self._tuner.oracle.objective
        given = {**self._training.hyperparameters, **_values(trial)}
        self._training.hyperparameters = {**given, **self._facts_of_search.get("hyperparameters", {})}
        goals = {part.name: part.direction for part in getattr(objective, "objectives", (objective,))}
        self._monitor = next(iter(goals))
        self._best.goal = goals[self._monitor]
        labels = {"trial": str(trial.trial_id), **self._facts_of_search.get("labels", {})}
        facts: Facts = {"lead_metric": self._monitor, **self._facts_of_search, "labels": labels}
        self._facts = {**facts, "goals": {**goals, **self._facts_of_search.get("goals", {})}}
        if self._publish():
            self._mark(self.versions[-1], objective)

    def _mark(self, version: PublishedVersion, objective: Any) -> None:
        """Lets the alias name the version if its trial is the best."""
        value = _objective_value(objective, version.metrics)
        if not self._alias:
            return
        if value is None:
            self._training.warn_once(
                "objective",
                f"{version.reference} is not compared with other trials, and {self._alias} does not name it: no number "
                f"of {objective.name} was measured on its weights while model.fit ran.",
            )
            return
        best = self._best_trial or self._earlier_best(objective)
        if best is not None and not objective.better_than(value, best[1]):
            self._best_trial = best
            return
        self._best_trial = version.reference, value
        reason = f"{objective.name} is {value:.6g}, the best ({objective.direction}) of the search so far"
        try:
            promote(version.reference, self._models_dir, alias=self._alias, reason=reason)
        except Exception as error:  # noqa: BLE001 -- no failure here may stop a search
            report(error, f"{version.reference} was not marked as {self._alias}", strict=self._strict)

    def _earlier_best(self, objective: Any) -> tuple[str, float] | None:
        """The version that the alias names, if it is a trial that this search took over from an earlier process."""
        from tb_versions.read.reuse.api import open_catalog

        try:
            taken_over = {
                trial.trial_id
                for trial in self._tuner.oracle.trials.values()
                if trial.trial_id not in self._published()
            }
            holder = open_catalog(models_dir=self._models_dir).find(f"{self._name}@{self._alias}")
        except Exception:  # noqa: BLE001 -- it names nothing, or can't be read: `promote` says why
            return None
        listing = holder.listing
        if listing is None or listing.labels.get("trial") not in taken_over:
            return None
        value = _objective_value(objective, holder.metrics)
        return None if value is None else (holder.id, value)

    def _published(self) -> set[str]:
        return {version.manifest.labels.get("trial", "") for version in self.versions}


def _values(trial: Any) -> Mapping[str, Any]:
    """The trial's hyperparameters, without those by which a tuner keeps its own books."""
    found = {name: value for name, value in trial.hyperparameters.values.items() if not name.startswith("tuner/")}
    return to_hyperparameters(found)


def _objective_value(objective: Any, metrics: Mapping[str, float]) -> float | None:
    """The objective of the published weights; None if it was not measured on them, or is not a number."""
    if not objective.has_value(metrics):
        return None
    value = float(objective.get_value(metrics))
    return None if math.isnan(value) else value
