"""The settings of a training as two short texts: its recipe, which is everything but the seeds, and its seeds. Pure."""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Mapping, Sequence
from functools import lru_cache

import orjson

from tb_versions.core.manifest import Scalar

TRAINING_SPLITS = ("train", "training")
"""Names that authors give to the part of their data that a model learns from."""

_SEED = re.compile(r"(?:^|[^a-z])(?:seeds?|rng|random_?state|replicate|repetition|trial)(?:$|[^a-z])")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@lru_cache(maxsize=8_192)
def is_seed(name: str) -> bool:
    """Whether a hyperparameter's name says that it is a seed: `seed`, `np_random_seed`, `dataSeed`."""
    return _SEED.search(_CAMEL.sub("_", name).lower()) is not None


def recipe_of(model: str, hyperparameters: Mapping[str, Scalar] | None, others: Sequence[object]) -> str:
    """Returns a text that is equal for trainings with the same settings, seeds aside.

    Args:
        model: Name of the model; "" for runs.
        hyperparameters: Without any the recipe is "", which means not known.
        others: Other settings: parameter count, commit, uncommitted changes, data.
    """
    kept = {name: value for name, value in (hyperparameters or {}).items() if not is_seed(name)}
    return _short([model, kept, list(others)]) if hyperparameters else ""


def seeds_of(hyperparameters: Mapping[str, Scalar] | None, seeds: Mapping[str, int]) -> str:
    """Returns a text that is equal for equal seeds, both hyperparameters and captured ones; "" if none are known."""
    named = {name: value for name, value in (hyperparameters or {}).items() if is_seed(name)}
    return _short([named, dict(seeds)]) if named or seeds else ""


def _short(value: object) -> str:
    """16 hexadecimal digits, one object for all that are equal: a catalog holds many thousands."""
    text = orjson.dumps(value, option=orjson.OPT_SORT_KEYS, default=repr)
    return sys.intern(hashlib.sha256(text).hexdigest()[:16])
