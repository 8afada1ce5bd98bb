"""What the author says of a version, checked and turned into a manifest's fields. No input or output here.

Everything wrong with what was given is found here, before anything is exported or written.
"""

from __future__ import annotations

import datetime
import difflib
import math
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypedDict, cast

from tb_versions.core.manifest import Dataset, Metric, Parent, Relation, Run, Scalar, VersionManifest, shown, validate
from tb_versions.core.references import parse_reference
from tb_versions.errors import InvalidManifestError, InvalidReferenceError
from tb_versions.privacy.scrub import scrub_uri

if TYPE_CHECKING:
    from tb_versions.write.provenance import Capture
    from tb_versions.write.published import PublishedVersion

_INT64 = 2**63 - 1


class Facts(TypedDict, total=False):
    """What every writer (`publish`, `summary.version`, `keras.PublishVersions`) accepts, all of it optional.

    A number may be a Python number, a NumPy scalar, or a tensor, variable or array without dimensions.

    Attributes:
        metrics: By name, a number or a `Metric`; or a sequence of `Metric`. Their source is "typed"
            unless a `Metric` says otherwise.
        hyperparameters: By name: number, string or bool each.
        step: Training step of the export; where it is left out, the step of `tf.summary.experimental.set_step`.
        semantic_version: Like "1.4.0".
        description: Markdown.
        labels: Free key/value pairs of strings.
        goals: By name of a metric, "max" or "min", for metrics that don't say it themselves.
        runs: The TensorBoard run or runs it came from, the one it was exported from first: names as
            TensorBoard shows them, absolute paths of their folders, or `Run`.
        logdir: What `tensorboard --logdir` gets; makes names of runs from paths.
        parents: Versions it was made from: references like "digits:3", `Parent`, or what `publish` returned.
        fine_tuned_from: The same for the version that training began with.
        distilled_from: The same for the version that taught it.
        datasets: `Dataset` (see `dataset()`) or bare names.
        seeds: Random seeds by library or use; they come on top of those found.
        training_seconds: Wall-clock time of training.
        capture: What to record of code, environment and hardware; everything by default.
    """

    metrics: Mapping[str, Any] | Sequence[Metric]
    hyperparameters: Mapping[str, Any]
    step: Any
    semantic_version: str
    description: str
    labels: Mapping[str, str]
    goals: Mapping[str, Literal["max", "min"]]
    runs: str | os.PathLike[str] | Run | Sequence[str | os.PathLike[str] | Run]
    logdir: str | os.PathLike[str]
    parents: str | Parent | PublishedVersion | Sequence[str | Parent | PublishedVersion]
    fine_tuned_from: str | Parent | PublishedVersion | Sequence[str | Parent | PublishedVersion]
    distilled_from: str | Parent | PublishedVersion | Sequence[str | Parent | PublishedVersion]
    datasets: Dataset | str | Sequence[Dataset | str]
    seeds: Mapping[str, int]
    training_seconds: Any
    capture: Capture


def check_names(facts: Mapping[str, object], caller: str, *own: str) -> None:
    """Refuses facts that don't exist.

    Args:
        facts: The keyword arguments.
        caller: How the message calls the function: "publish".
        own: The function's other keyword arguments, for the hint.

    Raises:
        TypeError: A name is unknown; the message has the nearest.
    """
    for name in facts:
        if name not in Facts.__annotations__:
            near = difflib.get_close_matches(name, [*own, *Facts.__annotations__], n=1, cutoff=0.5)
            hint = f" Did you mean {near[0]!r}?" if near else f" Known are {', '.join(sorted(Facts.__annotations__))}."
            raise TypeError(f"{caller}() got an unexpected keyword argument {name!r}.{hint}")


def draft(model: str, number: int, facts: Facts, *, run_dir: str | None = None) -> VersionManifest:
    """Returns a manifest of what the author said: valid, but nothing in it of files, code or machine.

    Args:
        model: Name of the model.
        number: Its version number; any valid one where it is not known yet.
        facts: Names checked already.
        run_dir: Folder of the run that is exported from, for where `facts` has no runs.

    Raises:
        TypeError: A value has a type that can't be understood.
        InvalidNameError: The model's name.
        InvalidManifestError: A value breaks a rule of the manifest.
        InvalidReferenceError: A parent's reference is none.
    """
    now = datetime.datetime.now(datetime.timezone.utc)
    step = to_step(facts.get("step"), "The step")
    seconds = to_float(facts.get("training_seconds", 0), "training_seconds")
    if not 0 <= seconds < math.inf:
        raise InvalidManifestError(f"training_seconds must be 0 or more and finite, not {seconds}.")
    manifest = VersionManifest(
        model=model,
        number=number,
        semantic_version=_text(facts.get("semantic_version", ""), "semantic_version"),
        created=now,
        description=_text(facts.get("description", ""), "description"),
        labels=dict(_mapping(facts.get("labels", {}), "labels")),
        metrics=_metrics(facts.get("metrics", {}), facts.get("goals", {}), step),
        hyperparameters=to_hyperparameters(facts.get("hyperparameters", {})),
        runs=_runs(facts, run_dir, step, now),
        parents=_parents(facts),
        datasets=_datasets(facts.get("datasets", ())),
        seeds=_seeds(facts.get("seeds", {})),
        training_seconds=seconds,
    )
    return validate(manifest)


def run_name(folder: str | os.PathLike[str], logdir: str | os.PathLike[str] | None = None) -> str:
    """Returns what TensorBoard calls the run in a folder; never an absolute path.

    Args:
        folder: Folder of the run's event file.
        logdir: What `tensorboard --logdir` gets.

    Returns:
        The POSIX path relative to `logdir`, where that is given and holds the folder; else relative to
        the current directory where that holds it; else the last two parts of the path below the home folder
        or the root.
    """
    path, home = Path(os.path.abspath(os.path.expanduser(folder))), os.path.abspath(os.path.expanduser("~"))
    for root in (logdir, os.curdir):
        if root is not None:
            absolute = Path(os.path.abspath(os.path.expanduser(root)))
            if path.is_relative_to(absolute):
                return path.relative_to(absolute).as_posix()
    parts = path.relative_to(home).parts if path.is_relative_to(home) else path.parts[1:]
    return "/".join(parts[-2:])


def to_float(value: object, what: str) -> float:
    """Returns a number without dimensions, of whatever library, as a float.

    Raises:
        TypeError: It is none; the message says what it is and begins with `what`.
    """
    plain = plain_number(value)
    if plain is None:
        raise TypeError(f"{what} must be a number, not {_described(value)}.")
    return float(plain)


def to_step(value: object, what: str) -> int | None:
    """Returns a step as an int; None stays None.

    Raises:
        TypeError: It is no whole number.
        InvalidManifestError: It doesn't fit 64 bits.
    """
    if value is None:
        return None
    plain = plain_number(value)
    if plain is None or isinstance(plain, bool) or plain != plain // 1:
        raise TypeError(f"{what} must be a whole number, not {_described(value)}.")
    if not -_INT64 <= plain <= _INT64:
        raise InvalidManifestError(f"{what} must fit 64 bits, not {shown(value)}.")
    return int(plain)


def to_hyperparameters(given: object) -> dict[str, Scalar]:
    """Returns hyperparameters with values of plain Python types.

    Raises:
        TypeError: A value is no number, string or bool.
    """
    plain: dict[str, Scalar] = {}
    for key, value in _mapping(given, "hyperparameters").items():
        scalar = str(value) if isinstance(value, str) else plain_number(value)
        if scalar is None:
            raise TypeError(
                f"The hyperparameter {shown(key)} must be a number, string or bool, not {_described(value)}; "
                "str() makes it one."
            )
        plain[key] = scalar
    return plain


def plain_number(value: object) -> float | int | bool | None:
    """Returns a number, NumPy scalar, or tensor, variable or array without dimensions as a Python number.

    None where it is something else.
    """
    if isinstance(value, (bool, int, float)):
        return bool(value) if isinstance(value, bool) else int(value) if isinstance(value, int) else float(value)
    array = cast("Any", value)
    try:
        if not hasattr(array, "item") and hasattr(array, "numpy"):
            array = array.numpy()
        if tuple(array.shape) != ():
            return None
        plain = array.item()
        return plain if isinstance(plain, (bool, int, float)) else float(plain)
    except (AttributeError, TypeError, ValueError, NotImplementedError, RuntimeError):
        return None


def type_name(value: object) -> str:
    """Returns the name of a value's type with its module, as messages call it."""
    cls = type(value)
    return cls.__name__ if cls.__module__ == "builtins" else f"{cls.__module__}.{cls.__name__}"


def _described(value: object) -> str:
    shape = getattr(value, "shape", None)
    text = shown(value) + " of type " if isinstance(value, (str, bytes)) or value is None else ""
    return f"{text}{type(value).__name__}" + (f" of shape {tuple(shape)}" if isinstance(shape, tuple) and shape else "")


def _text(value: object, what: str) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{what} must be a string, not {_described(value)}.")
    return value


def _mapping(value: object, what: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise TypeError(f"{what} must be a mapping like a dict, not {_described(value)}.")
    return value


def _metrics(given: object, goals: object, step: int | None) -> tuple[Metric, ...]:
    metrics = [_metric(entry, step) for entry in _named_metrics(given)]
    wanted = _mapping(goals, "goals")
    names = {metric.name for metric in metrics}
    for name, goal in wanted.items():
        if goal not in ("max", "min"):
            raise InvalidManifestError(f'The goal of metric {shown(name)} must be "max" or "min", not {shown(goal)}.')
        if name not in names:
            near = difflib.get_close_matches(str(name), names, n=1)
            hint = f" Did you mean {shown(near[0])}?" if near else ""
            raise InvalidManifestError(f"There is a goal for {shown(name)}, but no such metric.{hint}")
    return tuple(metric if metric.goal else replace(metric, goal=wanted.get(metric.name, "")) for metric in metrics)


def _named_metrics(given: object) -> Iterable[Metric]:
    if isinstance(given, Mapping):
        for name, value in given.items():
            if not isinstance(value, Metric):
                yield Metric(name=name, value=value)
            elif value.name not in ("", name):
                raise InvalidManifestError(f"The metric under {shown(name)} calls itself {shown(value.name)}.")
            else:
                yield replace(value, name=name)
    elif isinstance(given, Metric):
        yield given
    elif isinstance(given, Sequence) and all(isinstance(metric, Metric) for metric in given):
        yield from given
    else:
        raise TypeError(f"metrics must be a mapping of names to numbers, or Metric objects, not {_described(given)}.")


def _metric(metric: Metric, step: int | None) -> Metric:
    name = _text(metric.name, "A metric's name")
    own_step = to_step(metric.step, f"The step of metric {shown(name)}")
    return replace(
        metric,
        value=to_float(metric.value, f"The metric {shown(name)}"),
        step=step if own_step is None else own_step,
        source=metric.source or "typed",
    )


def _runs(facts: Facts, run_dir: str | None, step: int | None, now: datetime.datetime) -> tuple[Run, ...]:
    """A step without a run is kept as a run without a name: the run that announces the version has it."""
    logdir = facts.get("logdir")
    if "runs" in facts:
        runs = [_run(run, logdir) for run in _sequence(facts["runs"])]
    else:
        name = "" if run_dir is None else run_name(run_dir, logdir)
        runs = [Run(name=name)] if name or step is not None else []
    return tuple(
        replace(run, step=step if run.step is None else run.step, wall_time=run.wall_time or now) for run in runs
    )


def _run(given: object, logdir: str | os.PathLike[str] | None) -> Run:
    if isinstance(given, Run):
        name, step = given.name, to_step(given.step, "A run's step")
        return replace(given, name=_run(name, logdir).name, step=step)
    if not isinstance(given, (str, os.PathLike)):
        raise TypeError(f"A run must be its name or a Run, not {_described(given)}.")
    name = os.fspath(given)
    if os.path.isabs(name) or name.startswith("~"):
        return Run(name=run_name(name, logdir))
    if logdir is not None and Path(os.path.abspath(name)).is_relative_to(os.path.abspath(logdir)):
        return Run(name=run_name(name, logdir))
    if ".." in Path(name).parts:
        return Run(name=run_name(name, logdir))
    return Run(name=name)


def _parents(facts: Facts) -> tuple[Parent, ...]:
    given: tuple[tuple[object, Relation], ...] = (
        (facts.get("fine_tuned_from", ()), "fine_tuned_from"),
        (facts.get("distilled_from", ()), "distilled_from"),
        (facts.get("parents", ()), "derived_from"),
    )
    return tuple(_parent(entry, relation) for entries, relation in given for entry in _sequence(entries))


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
    raise TypeError(f'A parent must be a reference like "digits:3", a Parent or a version, not {_described(given)}.')


def _datasets(given: object) -> tuple[Dataset, ...]:
    datasets = []
    for entry in _sequence(given):
        if not isinstance(entry, (str, Dataset)):
            raise TypeError(
                f"A dataset must be a Dataset (see tb_versions.dataset) or a name, not {_described(entry)}."
            )
        datasets.append(Dataset(name=entry) if isinstance(entry, str) else replace(entry, uri=scrub_uri(entry.uri)))
    return tuple(datasets)


def _seeds(given: object) -> dict[str, int]:
    seeds = {}
    for key, value in _mapping(given, "seeds").items():
        seed = to_step(value, f"The seed {shown(key)}")
        if seed is not None:
            seeds[str(key)] = seed
    return seeds


def _sequence(given: object) -> Sequence[object]:
    return given if isinstance(given, Sequence) and not isinstance(given, (str, bytes)) else (given,)
