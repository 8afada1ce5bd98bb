"""What the author states about a version, checked and converted to a manifest's fields. Reads and writes no file.

Every mistake in the arguments is found here, before anything is exported or written.
"""

from __future__ import annotations

import datetime
import difflib
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, TypedDict

from tb_versions.core.manifest import Dataset, Metric, Parent, Relation, Run, VersionManifest, shown, validate
from tb_versions.core.references import parse_reference
from tb_versions.errors import InvalidManifestError, InvalidReferenceError
from tb_versions.privacy.scrub import scrub_uri
from tb_versions.write.hyperparameters import to_hyperparameters
from tb_versions.write.metrics import to_metrics
from tb_versions.write.runs import runs_of
from tb_versions.write.values import described, to_float, to_mapping, to_sequence, to_step, to_text, to_time

if TYPE_CHECKING:
    from tb_versions.write.provenance import Capture
    from tb_versions.write.published import PublishedVersion


class Facts(TypedDict, total=False):
    """What `publish`, `summary.version` and `keras.PublishVersions` all accept; every fact is optional.

    A number may be a Python number, a NumPy scalar, or a tensor, variable or array with no dimensions.

    Attributes:
        metrics: Numbers or `Metric` objects by name, or a sequence of `Metric`, at most 5,000. A name may have a
            sequence of `Metric`: one of all data, others of slices. The source is "typed" unless a `Metric` has
            another one.
        hyperparameters: Values by name, such as `vars(args)`: numbers, strings, bools; lists, dicts and small arrays
            are recorded as JSON text, None, paths and other objects as text. What can't be recorded is left out, with a
            warning.
        step: Training step of the export; None if it is not known. Default: the step of
            `tf.summary.experimental.set_step`.
        semantic_version: A version like "1.4.0".
        description: Markdown.
        labels: Free key/value pairs of strings.
        goals: "max" or "min" by the name of a metric, for metrics without a goal of their own.
        lead_metric: Name of the metric by which to choose between versions. The tab shows it first.
        runs: The TensorBoard run or runs that the version came from; the run it was exported from comes first. Each
            is a name as TensorBoard shows it, the absolute path of its folder, or a `Run`.
        logdir: What `tensorboard --logdir` gets; used to turn paths into names of runs.
        parents: Versions that this one was made from: references like "digits:3", `Parent` objects, or what
            `publish` returned.
        fine_tuned_from: The version that training began with, in the same forms.
        distilled_from: The version that was the teacher, in the same forms.
        datasets: `Dataset` objects (see `dataset()`) or names.
        seeds: Random seeds by library or use, in addition to those that are found.
        training_seconds: Wall-clock time of training, in seconds.
        capture: Which facts about code, environment and hardware to record. Default: everything, but nothing for a
            folder that this process did not make.
        created: Time at which the version was made: a datetime, a date, or a text like "2026-11-23T08:15:00Z". Without
            a time zone it is local time. Default: now; for a folder that this process did not make, the time of its
            `saved_model.pb` or else of its newest file.
    """

    metrics: Mapping[str, Any] | Sequence[Metric]
    hyperparameters: Mapping[str, Any]
    step: Any
    semantic_version: str
    description: str
    labels: Mapping[str, str]
    goals: Mapping[str, Literal["max", "min"]]
    lead_metric: str
    runs: str | os.PathLike[str] | Run | Sequence[str | os.PathLike[str] | Run]
    logdir: str | os.PathLike[str]
    parents: str | Parent | PublishedVersion | Sequence[str | Parent | PublishedVersion]
    fine_tuned_from: str | Parent | PublishedVersion | Sequence[str | Parent | PublishedVersion]
    distilled_from: str | Parent | PublishedVersion | Sequence[str | Parent | PublishedVersion]
    datasets: Dataset | str | Sequence[Dataset | str]
    seeds: Mapping[str, int]
    training_seconds: Any
    capture: Capture
    created: datetime.datetime | datetime.date | str


def check_names(facts: Mapping[str, object], caller: str, *own: str) -> None:
    """Refuses unknown facts.

    Args:
        facts: The keyword arguments.
        caller: Name of the function for the message: "publish".
        own: The function's other keyword arguments, which the hint may suggest.

    Raises:
        TypeError: A name is unknown; the message suggests the nearest one.
    """
    for name in facts:
        if name not in Facts.__annotations__:
            near = difflib.get_close_matches(name, [*own, *Facts.__annotations__], n=1, cutoff=0.5)
            hint = f" Did you mean {near[0]!r}?" if near else f" Known are {', '.join(sorted(Facts.__annotations__))}."
            raise TypeError(f"{caller}() got an unexpected keyword argument {name!r}.{hint}")


def draft(model: str, number: int, facts: Facts, *, run_dir: str | None = None) -> VersionManifest:
    """Returns a valid manifest of what the author stated; facts about files, code and machine are still missing.

    Args:
        model: Name of the model.
        number: The version number; any valid one while it is not known.
        facts: The facts; their names are checked already.
        run_dir: Folder of the run that announces the version, used if `facts` has no runs.

    Raises:
        TypeError: A value has a type that can't be converted.
        InvalidNameError: The model's name breaks the naming rule.
        InvalidManifestError: A value breaks a rule of the manifest.
        InvalidReferenceError: A parent is not a valid reference.
    """
    now = to_time(facts["created"]) if "created" in facts else datetime.datetime.now(datetime.timezone.utc)
    step = to_step(facts.get("step"), "The step")
    seconds = to_float(facts.get("training_seconds", 0), "training_seconds")
    if not 0 <= seconds < math.inf:
        raise InvalidManifestError(f"training_seconds must be 0 or more and finite, not {seconds}.")
    manifest = VersionManifest(
        model=model,
        number=number,
        semantic_version=to_text(facts.get("semantic_version", ""), "semantic_version"),
        created=now,
        description=to_text(facts.get("description", ""), "description"),
        labels=dict(to_mapping(facts.get("labels", {}), "labels")),
        metrics=to_metrics(facts.get("metrics", {}), facts.get("goals", {}), step),
        hyperparameters=to_hyperparameters(facts.get("hyperparameters", {})),
        runs=runs_of(facts.get("runs"), logdir=facts.get("logdir"), run_dir=run_dir, step=step, now=now),
        parents=_parents(facts),
        datasets=_datasets(facts.get("datasets", ())),
        seeds=_seeds(facts.get("seeds", {})),
        training_seconds=seconds,
        lead_metric=to_text(facts.get("lead_metric", ""), "lead_metric"),
    )
    return validate(manifest)


def _parents(facts: Facts) -> tuple[Parent, ...]:
    given: tuple[tuple[object, Relation], ...] = (
        (facts.get("fine_tuned_from", ()), "fine_tuned_from"),
        (facts.get("distilled_from", ()), "distilled_from"),
        (facts.get("parents", ()), "derived_from"),
    )
    return tuple(_parent(entry, relation) for entries, relation in given for entry in to_sequence(entries))


def _parent(given: object, relation: Relation) -> Parent:
    if isinstance(given, Parent):
        return given if given.relation and relation == "derived_from" else replace(given, relation=relation)
    if isinstance(given, str):
        reference = parse_reference(given)
        if reference.number is None:
            raise InvalidReferenceError(f"{shown(given)} as a parent must have a number, like {reference.model}:3.")
        return Parent(model=reference.model, number=reference.number, relation=relation)
    manifest = getattr(given, "manifest", given)
    if isinstance(manifest, VersionManifest):
        return Parent(model=manifest.model, number=manifest.number, digest=manifest.digest, relation=relation)
    raise TypeError(f'A parent must be a reference like "digits:3", a Parent or a version, not {described(given)}.')


def _datasets(given: object) -> tuple[Dataset, ...]:
    datasets = []
    for entry in to_sequence(given):
        if not isinstance(entry, (str, Dataset)):
            raise TypeError(f"A dataset must be a Dataset (see tb_versions.dataset) or a name, not {described(entry)}.")
        datasets.append(Dataset(name=entry) if isinstance(entry, str) else replace(entry, uri=scrub_uri(entry.uri)))
    return tuple(datasets)


def _seeds(given: object) -> dict[str, int]:
    seeds = {}
    for key, value in to_mapping(given, "seeds").items():
        seed = to_step(value, f"The seed {shown(key)}")
        if seed is not None:
            seeds[str(key)] = seed
    return seeds
