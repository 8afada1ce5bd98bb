"""Which trainings differ in nothing but their seed. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import orjson

from tb_versions.manifest import Scalar

_SEED = re.compile(r"(?:^|[^a-z])(?:seeds?|rng|random_?state|replicate|repetition|trial)(?:$|[^a-z])")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")

MAX_SIBLINGS = 30
"""Most siblings of one member that are looked at; more make no test better."""


def is_seed(name: str) -> bool:
    """Whether a hyperparameter's name says that it is a seed: `seed`, `np_random_seed`, `dataSeed`."""
    return _SEED.search(_CAMEL.sub("_", name).lower()) is not None


@dataclass(frozen=True, slots=True)
class Training:
    """What decides whether two trainings are siblings.

    Attributes:
        name: Of the version or run.
        run: The training itself; several versions may come from one.
        recipe: Everything but the seeds, as one text; "" where the hyperparameters are not known.
        seeds: As one text; "" where they are not known.
        step: Of the export, or None.
        values: Metric's key to value.
    """

    name: str
    run: str
    recipe: str
    seeds: str
    step: int | None
    values: Mapping[str, float]


def recipe_of(model: str, hyperparameters: Mapping[str, Scalar] | None, others: Sequence[object]) -> str:
    """Returns all but the seeds as one text.

    Args:
        model: Name of the model; "" for runs.
        hyperparameters: None or none at all give "": then nobody knows what is equal.
        others: What must be equal too: parameter count, commit, uncommitted changes, data.
    """
    kept = {name: value for name, value in (hyperparameters or {}).items() if not is_seed(name)}
    return _text([model, kept, list(others)]) if hyperparameters else ""


def seeds_of(hyperparameters: Mapping[str, Scalar] | None, seeds: Mapping[str, object]) -> str:
    """Returns every seed as one text: of the hyperparameters, and those that were captured."""
    named = {name: value for name, value in (hyperparameters or {}).items() if is_seed(name)}
    return _text([named, dict(seeds)]) if named or seeds else ""


def siblings(of: Training, others: Iterable[Training]) -> list[Training]:
    """Returns one version or run of each other training with the recipe and another seed.

    Of several exports of one training, the one nearest in steps stands for it, if it comes after at least half
    as many steps and at most twice as many. Trainings with a seed that is in already say nothing new.
    """
    if not of.recipe:
        return []
    nearest: dict[str, Training] = {}
    for other in others:
        if other.recipe != of.recipe or other.run == of.run or not _is_alike(of.step, other.step):
            continue
        kept = nearest.get(other.run)
        if kept is None or _distance(of, other) < _distance(of, kept):
            nearest[other.run] = other
    taken = {of.seeds} - {""}
    found = []
    for other in sorted(nearest.values(), key=lambda t: t.name):
        if other.seeds not in taken:
            found.append(other)
            taken.add(other.seeds)
            taken.discard("")
    return found[:MAX_SIBLINGS]


def _is_alike(ours: int | None, theirs: int | None) -> bool:
    if ours is None or theirs is None:
        return True
    return (ours + 1) <= 2 * (theirs + 1) and (theirs + 1) <= 2 * (ours + 1)


def _distance(of: Training, other: Training) -> int:
    return 0 if of.step is None or other.step is None else abs(of.step - other.step)


def _text(value: object) -> str:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS, default=repr).decode()
