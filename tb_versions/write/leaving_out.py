"""Leaves out of facts what no manifest can hold, so that a training does not lose a version for one number.

A metric of None in an epoch without validation, a label that is a number: the version is made without it, or with its
text, and one warning says so. What is wrong in every call, such as an unknown keyword, is refused by `facts`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from tb_versions.core.manifest import MAX_DESCRIPTION, MAX_METRICS, Metric, check_key, shown
from tb_versions.errors import InvalidManifestError
from tb_versions.privacy.scrub import printable
from tb_versions.write.facts import Facts
from tb_versions.write.failures import warn
from tb_versions.write.hyperparameters import recordable, warn_of
from tb_versions.write.values import to_float


def recordable_facts(facts: Facts) -> Facts:
    """Returns facts without metrics and goals that can't be recorded, and with labels and the description as texts.

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
    """Why a metric can't be recorded; "" if it can be, or is a `Metric`, which is checked later."""
    try:
        check_key(name, "its name")
    except InvalidManifestError as error:
        return str(error).rstrip(".")
    if isinstance(value, Metric) or (isinstance(value, (list, tuple)) and value and isinstance(value[0], Metric)):
        return ""
    try:
        to_float(value, "it")
    except (TypeError, InvalidManifestError) as error:
        return str(error).rstrip(".")
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
