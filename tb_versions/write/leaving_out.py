"""Leaves out of facts what no manifest can hold, so that a training does not lose a version for one number.

A metric of None in an epoch without validation, a label that is a number, a dataset or run with a hidden character in
its name: the version is made without it, or with its text, and one warning says so. What is wrong in every call, such
as an unknown keyword, is refused by `facts`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any, cast

from tb_versions.core.manifest import MAX_DESCRIPTION, MAX_METRICS, Dataset, Metric, Run, check_key, check_text, shown
from tb_versions.errors import InvalidManifestError
from tb_versions.privacy.scrub import printable
from tb_versions.write.facts import Facts
from tb_versions.write.failures import warn
from tb_versions.write.hyperparameters import recordable, warn_of
from tb_versions.write.runs import shown_name
from tb_versions.write.values import to_float, to_sequence


def recordable_facts(facts: Facts) -> Facts:
    """Returns facts without what can't be recorded, and with labels and the description as texts.

    Args:
        facts: As of `publish`; not changed.

    Returns:
        Facts; warnings name what is left out or cut. What is of a wrong type as a whole stays, and is refused later.
    """
    kept: dict[str, Any] = dict(facts)
    if isinstance(facts.get("metrics"), Mapping):
        kept["metrics"] = _metrics(cast("Mapping[object, object]", facts["metrics"]))
        gone = {str(name) for name in facts["metrics"] if _text_or_none(name) is not None} - kept["metrics"].keys()
        if gone and isinstance(facts.get("goals"), Mapping):
            kept["goals"] = {name: goal for name, goal in facts["goals"].items() if name not in gone}
    if isinstance(facts.get("labels"), Mapping):
        labels = recordable(facts["labels"], "labels", newlines=False)
        kept["labels"] = {key: value if isinstance(value, str) else str(value) for key, value in labels.items()}
    if "datasets" in facts:
        kept["datasets"] = _recordable(facts["datasets"], "datasets", _why_no_dataset)
    if facts.get("runs") is not None:
        logdir = facts.get("logdir")
        runs = _recordable(facts["runs"], "runs", lambda run: _why_no_run(run, logdir))
        kept["runs"] = runs if runs or not to_sequence(facts["runs"]) else None  # None: that of the writer
    if isinstance(facts.get("lead_metric"), str):
        kept["lead_metric"] = _lead_metric(facts["lead_metric"])
    for name in ("metrics", "labels", "description"):
        if name in kept and kept[name] is None:
            del kept[name]
    if isinstance(kept.get("description"), str):
        kept["description"] = _description(kept["description"])
    return cast("Facts", kept)


def _metrics(given: Mapping[object, object]) -> dict[str, object]:
    kept: dict[str, object] = {}
    problems: list[str] = []
    for key, value in given.items():
        name = _text_or_none(key)
        why = "its name can't be read" if name is None else _why_not(name, value)
        if not why and len(kept) >= MAX_METRICS:
            why = f"a version holds at most {MAX_METRICS:,}"
        if why or name is None:
            problems.append(f"{shown('' if name is None else name)} is not recorded: {why}")
        else:
            kept[name] = value
    warn_of("metrics", problems)
    return kept


def _why_not(name: str, value: object) -> str:
    """Why a metric can't be recorded; "" if it can be, or is several, which are checked later."""
    if isinstance(value, (list, tuple)) and value and isinstance(value[0], Metric):
        return _refusal(lambda: check_key(name, "its name"))
    number = value.value if isinstance(value, Metric) else value
    return _refusal(lambda: check_key(name, "its name")) or _refusal(lambda: to_float(number, "it"))


def _why_no_dataset(dataset: object) -> str:
    """Why a dataset can't be recorded; "" if it can be, or is of a wrong type, which is refused later."""
    if isinstance(dataset, str):
        return _refusal(lambda: check_text(dataset, "its name"))
    if not isinstance(dataset, Dataset):
        return ""
    return _refusal(lambda: check_text(dataset.name, "its name")) or _refusal(
        lambda: check_text(dataset.split, "its split")
    )


def _why_no_run(run: object, logdir: str | os.PathLike[str] | None) -> str:
    """Why a run can't be recorded; "" if it can be, or is of a wrong type, which is refused later."""
    name = run.name if isinstance(run, Run) else os.fspath(run) if isinstance(run, (str, os.PathLike)) else None
    if not isinstance(name, str):
        return ""
    told = shown_name(name, logdir)
    return _refusal(lambda: check_text(told, "its name"))


def _refusal(check: Callable[[], object]) -> str:
    """Why a check refuses something, as the end of a sentence; "" if it does not."""
    try:
        check()
    except (TypeError, InvalidManifestError) as error:
        return str(error).rstrip(".")
    return ""


def _recordable(given: object, what: str, why_not: Callable[[object], str]) -> list[object]:
    """What can be recorded of one thing or several; a warning names the others.

    Args:
        given: As a fact has it.
        what: What they are, for the warning: "datasets".
        why_not: Says why one of them can't be recorded.
    """
    reasons = [(one, why_not(one)) for one in to_sequence(given)]
    warn_of(what, [f"{shown(_name(one))} is not recorded: {why}" for one, why in reasons if why])
    return [one for one, why in reasons if not why]


def _name(given: object) -> object:
    return given.name if isinstance(given, (Dataset, Run)) else given


def _lead_metric(name: str) -> str:
    why = _refusal(lambda: check_key(name, "its name")) if name else ""
    if not why:
        return name
    warn(f"The lead metric {shown(name)} is not recorded: {why}.")
    return ""


def _text_or_none(key: object) -> str | None:
    try:
        return str(key)
    except Exception:  # noqa: BLE001 -- of anybody's class
        return None


def _description(text: str) -> str:
    text = printable(text, newlines=True)
    if len(text) <= MAX_DESCRIPTION:
        return text
    warn(f"The description is cut: it has {len(text):,} characters, and at most {MAX_DESCRIPTION:,} are allowed.")
    return text[: MAX_DESCRIPTION - 1] + "…"
