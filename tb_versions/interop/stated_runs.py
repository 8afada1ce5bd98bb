"""Runs that say themselves which model they wrote: by a hyperparameter with its path. Pure."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tb_versions.core.manifest import Scalar, visible

_TELLING = re.compile(
    r"(?:.*[._/-])?(?P<output>(?:export|output|save|saved)[._-]?(?:model|checkpoint)?|model|checkpoint|ckpt)"
    r"[._-]?(?:uri|url|path|dir|folder|file)|saved_model",
    re.IGNORECASE | re.ASCII,
)
_INPUTS = frozenset({"model", "checkpoint", "ckpt"})
_LEAST = 2
"""Last names of a path that must agree: of one alone there are too many, like `best`."""


@dataclass(frozen=True)
class Stated:
    """A run that names a model.

    Attributes:
        run: The training.
        words: What it says, and where.
        is_output: Whether it says that it wrote the model; a `model_uri` may also be one that it began with.
    """

    run: str
    words: str
    is_output: bool


def stated_runs(
    paths: Mapping[str, Sequence[str]], hyperparameters: Mapping[str, Mapping[str, Scalar]]
) -> dict[str, Stated]:
    """Returns for each model the one run that names it; those that several name, or none, are left out.

    Args:
        paths: Of each model by its key: absolute paths that may be meant.
        hyperparameters: By training.
    """
    found: dict[str, dict[str, Stated]] = {}
    for run, settings in hyperparameters.items():
        for name, value in settings.items():
            match = _TELLING.fullmatch(name)
            if match is None or not isinstance(value, str):
                continue
            meant = _meant(value, paths)
            if meant is not None:
                is_output = (match["output"] or "export").lower() not in _INPUTS
                words = (
                    f"hyperparameter {visible(name)[:100]} of run {visible(run)[:200]} is {visible(str(value))[:300]}"
                )
                known = found.setdefault(meant, {})
                if run not in known or is_output:
                    known[run] = Stated(run, words, is_output)
    return {key: next(iter(runs.values())) for key, runs in found.items() if len(runs) == 1}


def _meant(value: str, paths: Mapping[str, Sequence[str]]) -> str | None:
    """The key of the one model whose path ends as a value does; None without one, or with several."""
    wanted = _parts(value.removeprefix("file://"))
    best, keys = _LEAST - 1, []
    for key, each in paths.items():
        score = max((_alike(wanted, _parts(path)) for path in each), default=0)
        if score > best:
            best, keys = score, [key]
        elif score == best:
            keys.append(key)
    is_whole = best == len(wanted) or value.startswith(("/", "file:///"))
    return keys[0] if len(keys) == 1 and best >= _LEAST and is_whole else None


def _parts(path: str) -> list[str]:
    return [part for part in os.path.normpath(path).split("/") if part not in ("", ".", "..")]


def _alike(left: Sequence[str], right: Sequence[str]) -> int:
    """How many last parts two paths share."""
    count = 0
    for one, other in zip(reversed(left), reversed(right), strict=False):
        if one != other:
            break
        count += 1
    return count
