"""What a log directory says of models that were made beside it: run, step, metrics, hyperparameters, with evidence."""

from __future__ import annotations

import datetime
import math
import os
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from tb_versions.core.manifest import MAX_ITEMS, Inference, Metric, Run, Scalar, check_key
from tb_versions.core.metadata import training_of
from tb_versions.errors import InvalidManifestError
from tb_versions.interop.checkpoints import steps_of
from tb_versions.interop.naming import Printed
from tb_versions.interop.planning import Planned
from tb_versions.interop.stated_runs import Stated, stated_runs
from tb_versions.interop.steps import Step, Training, infer_steps
from tb_versions.read.curves.curve import Points, metric_name
from tb_versions.read.curves.run_files import EventFile, RunFiles
from tb_versions.read.curves.whole_runs import WholeRuns
from tb_versions.read.folders.roots import roots_of
from tb_versions.read.reader import open_reader
from tb_versions.read.runs.all_runs import read_hyperparameters, runs_by_start
from tb_versions.write.hyperparameters import to_hyperparameters
from tb_versions.write.runs import identity_of, recordable

_SLACK_NS = 2_000_000_000
_BEHIND = 0.1
_FLUSHED = 0.5
"""Seconds that an event file's time may differ from its last record's; it may be later by the time of a step."""


@dataclass(frozen=True)
class Inferred:
    """What is known of a version beside its files.

    Attributes:
        runs: The run that it came from, with its step; of Keras both, of training and validation.
        metrics: Their source says where they are from.
        hyperparameters: By name.
        labels: By name.
        description: Markdown.
        created: When it was made, where a table says it; None takes the files' time.
        evidence: For each field that was inferred.
        words: For the plan: the evidence for the step, or why there is none.
    """

    runs: tuple[Run, ...] = ()
    metrics: tuple[Metric, ...] = ()
    hyperparameters: Mapping[str, Scalar] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    description: str = ""
    created: datetime.datetime | None = None
    evidence: tuple[Inference, ...] = ()
    words: str = ""

    @property
    def step(self) -> int | None:
        """Of the run."""
        return self.runs[0].step if self.runs else None


class Logs:
    """The trainings in a log directory, read once.

    Attributes:
        problems: (where, why) of what could not be read.
    """

    def __init__(self, logdir: str) -> None:
        """Reads it.

        Args:
            logdir: What `tensorboard --logdir` gets; a local folder.
        """
        reader = open_reader(logdir, check=False, curves=False)
        self._logdir = logdir
        self._hyperparameters = read_hyperparameters(reader.provider)
        files = RunFiles(roots_of(logdir, ()))
        of_runs = {run: found for run in runs_by_start(reader.provider) if (found := files.of(run))}
        reading = WholeRuns()
        self._curves = {run: curves for run, curves, _ in reading.read(of_runs)}
        self.problems = [*reader.catalog.problems, *((f"run {run}", why) for run, why in reading.failures.items())]
        runs: dict[str, list[str]] = defaultdict(list)
        for run in of_runs:
            runs[training_of(run)].append(run)
        self._runs = dict(runs)
        self._trainings = {
            name: made
            for name, members in runs.items()
            if (made := self._training(name, members, of_runs, files)) is not None
        }

    def infer(self, versions: Sequence[Planned], *, trusts_times: bool = False) -> dict[str, Inferred]:
        """Returns what is inferred of each version, by its folder.

        Args:
            versions: Of a plan.
            trusts_times: As of `infer_steps`.
        """
        trainings = list(self._trainings.values())
        stated = stated_runs({v.model.path: _paths(v) for v in versions}, self._hyperparameters)
        by_times = infer_steps(
            {v.model.path: v.times for v in versions},
            trainings,
            trusts_times=trusts_times,
            stated={path: said.run for path, said in stated.items()},
        )
        by_names = self._by_names(versions)
        found = {}
        for version in versions:
            path = version.model.path
            step = _agreed(by_times[path], by_names.get(path))
            found[path] = self._inferred(self._with_run(version, self._with_name(version, step), stated.get(path)))
        return found

    def _by_names(self, versions: Sequence[Planned]) -> dict[str, Step]:
        """Steps of models whose names say an epoch and a value, by path; those of a folder prove each other."""
        groups: dict[tuple[str, str], dict[str, Printed]] = defaultdict(dict)
        for version in versions:
            if version.named.printed is not None:
                above = os.path.dirname(os.path.abspath(version.model.path))
                groups[version.named.model, above][version.model.path] = version.named.printed
        curves = self._labelled() if groups else {}
        return {path: step for group in groups.values() for path, step in steps_of(group, curves).items()}

    def _labelled(self) -> dict[str, dict[str, dict[int, float]]]:
        """Every curve of each training, by what words call it."""
        return {
            training: {
                f"{tag} of run {run}": dict(zip(points.steps.tolist(), points.values.tolist(), strict=True))
                for run in members
                for tag, points in self._curves.get(run, {}).items()
            }
            for training, members in self._runs.items()
        }

    def _with_run(self, version: Planned, step: Step, said: Stated | None) -> Step:
        """What was found, joined with what a run says of itself; times that contradict it leave nothing."""
        if said is None or (step.step is None and not said.is_output):
            return step if step.step is not None else Step("", None, step.words)
        if step.run not in ("", said.run):
            return Step("", None, f"no step: {said.words}, but {step.words}") if said.is_output else step
        training = self._trainings.get(said.run)
        if step.step is not None:
            return Step(step.run, step.step, f"{step.words}; {said.words}")
        if training is None or version.times.first < training.began:
            return Step("", None, f"no run: {said.words}, which did not begin before the files were written")
        return Step(said.run, None, f"{said.words}; {step.words}")

    def _with_name(self, version: Planned, step: Step) -> Step:
        """What the times say, joined with a step in the folder's name, which must be a step of the run."""
        named = version.named.step
        if named is None:
            return step
        name = os.path.basename(os.path.abspath(version.model.path))
        if str(named) not in name:
            name = version.model.file or name
        if step.step is not None and step.step != named:
            return Step("", None, f"no step: {name} says {named:,}, but {step.words}")
        having = [t.name for t in self._trainings.values() if named in t.steps and step.run in ("", t.name)]
        if len(having) == 1:
            return Step(having[0], named, f"step {named:,} in the name {name}, and only run {having[0]} has it")
        which = f"{len(having)} runs have it" if having else "no run has it"
        return Step("", None, f"no step: the name {name} says {named:,}, and {which}")

    def _inferred(self, found: Step) -> Inferred:
        name, step = recordable(found.run), found.step
        if not name:
            return Inferred(words=found.words)
        settings = to_hyperparameters(self._hyperparameters.get(found.run, {}))
        metrics = () if step is None else tuple(self._metrics(found.run, step))[:MAX_ITEMS]
        evidence = [Inference(field="runs", evidence=found.words[:1_000])]
        if metrics:
            words = f"scalars of run {name} at step {step:,}, which was inferred"
            evidence.append(Inference(field="metrics", evidence=words))
        if settings:
            words = f"what run {name} logged for HParams; the run was inferred"
            evidence.append(Inference(field="hyperparameters", evidence=words))
        return Inferred(
            runs=tuple(self._run(run, step) for run in sorted(self._runs[found.run]) if recordable(run)),
            metrics=metrics,
            hyperparameters=settings,
            evidence=tuple(evidence),
            words=found.words,
        )

    def _run(self, name: str, step: int | None) -> Run:
        folder = os.path.join(os.path.expanduser(self._logdir), name)
        return Run(name=name, step=step, identity=identity_of(folder))

    def _metrics(self, training: str, step: int) -> Iterable[Metric]:
        """The scalars of a training at a step, each name once."""
        seen = set()
        for run in self._runs[training]:
            for tag, points in sorted(self._curves.get(run, {}).items()):
                name, value = metric_name(run, tag), _value_at(points, step)
                if value is not None and name not in seen and _may_be_named(name) and recordable(run):
                    seen.add(name)
                    yield Metric(name=name, value=value, step=step, source="inferred", run=run, tag=tag)

    def _training(
        self, name: str, members: Sequence[str], files: Mapping[str, tuple[EventFile, ...]], reading: RunFiles
    ) -> Training | None:
        """When the steps of a training were logged; None without any, or where its times go back."""
        first: dict[int, float] = {}
        last: dict[int, float] = {}
        for run in members:
            for points in self._curves.get(run, {}).values():
                for step, time in zip(points.steps.tolist(), points.wall_times.tolist(), strict=True):
                    first[step] = min(time, first.get(step, math.inf))
                    last[step] = max(time, last.get(step, -math.inf))
        steps = sorted(first)
        begins, ends = [first[step] for step in steps], [last[step] for step in steps]
        if not steps or any(end > begin for end, begin in zip(ends, begins[1:], strict=False)):
            return None
        began = min([begins[0], *(start for run in members for start in reading.starts(files[run]))])
        made = Training(name, began, tuple(steps), tuple(begins), tuple(ends), clocks_agree=None)
        return Training(**{**vars(made), "clocks_agree": self._clocks_agree(made, members, files)})

    def _clocks_agree(
        self, training: Training, members: Sequence[str], files: Mapping[str, tuple[EventFile, ...]]
    ) -> bool | None:
        """Whether event files have the times of their last records; None where their times were set."""
        every = [file for run in members for file in files[run]]
        if any(abs(file.changed - file.modified) > _SLACK_NS for file in every):
            return None
        for run in members:
            curves = self._curves.get(run, {}).values()
            times = [float(points.wall_times.max()) for points in curves if len(points.wall_times)]
            if times:
                late = max(file.modified for file in files[run]) / 1e9 - max(times)
                if not -_BEHIND <= late <= max(_FLUSHED, training.gap):
                    return False
        return True


def _paths(version: Planned) -> list[str]:
    """What a run may call a model: its folder, or its file."""
    folder, file = os.path.realpath(version.model.folder), version.model.file
    of_file = [os.path.join(folder, file)] if file else []
    return of_file if version.model.is_loose else [folder, *of_file]


def _agreed(by_times: Step, by_name: Step | None) -> Step:
    """The step that a name says by its epoch, unless the times say another."""
    if by_name is None:
        return by_times
    if by_times.step is not None and (by_times.run, by_times.step) != (by_name.run, by_name.step):
        return Step("", None, f"no step: {by_name.words}, but {by_times.words}")
    return by_name


def _value_at(points: Points, step: int) -> float | None:
    """The value of a curve at exactly a step; None without one."""
    import numpy as np

    place = int(np.searchsorted(points.steps, step))
    found = place < len(points.steps) and int(points.steps[place]) == step
    return float(points.values[place]) if found else None


def _may_be_named(name: str) -> bool:
    try:
        check_key(name, "A metric's name")
    except InvalidManifestError:
        return False
    return True
