"""Keeps what was said of a version elsewhere: its events, for reading only, and what was measured of it."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from tb_versions.actions.recording import record
from tb_versions.actions.target import Change, Decision, Path, checked_text, find_target, who
from tb_versions.core.manifest import Metric
from tb_versions.errors import InvalidManifestError, InvalidQueryError
from tb_versions.registry.events import MAX_REASON, Copied

_MOST_BYTES = 256 << 10


def adopt(reference: Path, models_dir: Path, events: Sequence[Any], *, source: str, actor: str | None = None) -> Change:
    """Keeps events of another log as the history of a version: they change nothing here.

    Args:
        reference: As in `promote`.
        models_dir: Folder of models.
        events: JSON, oldest first; of many the newest are kept.
        source: Where they come from.
        actor: Who brings them; as in `promote`.

    Returns:
        What changed.

    Raises:
        TbVersionsError: As in `promote`.
    """
    actor, source = who(actor), checked_text(source, "The source", limit=MAX_REASON)
    target = find_target(reference, models_dir)
    said = Copied(source, _newest(events))
    draft = target.draft("copied", said, actor=actor)
    return target.apply(lambda _: Decision(draft, f"{target.found.id} has the history of {source}."))


def adopt_measured(reference: Path, models_dir: Path, measured: Mapping[str, Any]) -> None:
    """Records metrics that were measured elsewhere, as a payload of the tab has them.

    Args:
        reference: As in `promote`.
        models_dir: Folder of models.
        measured: One of `measured` in docs/http-api.md; untrusted.

    Raises:
        InvalidQueryError: It is malformed.
        TbVersionsError: As in `record`.
    """
    try:
        values = {value["name"]: _metric(value) for value in measured["values"]}
        goals = {v["name"]: v["goal"] for v in measured["values"] if v.get("goal") in ("max", "min")}
        time = datetime.datetime.fromtimestamp(measured["time"] / 1_000, datetime.timezone.utc)
        dataset, part, source = (str(measured.get(name, "")) for name in ("dataset", "slice", "source"))
        actor = str(measured["actor"]) or None
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError, OSError) as error:
        raise InvalidQueryError("What was measured later is malformed in the export.") from error
    record(
        reference, models_dir, values, goals=goals, dataset=dataset, slice=part, source=source, time=time, actor=actor
    )


def _metric(value: Mapping[str, Any]) -> Metric:
    lower, upper, confidence = (_optional(value.get(name)) for name in ("lower", "upper", "confidence"))
    examples = None if value.get("examples") is None else int(value["examples"])
    return Metric(value=float(value["value"]), lower=lower, upper=upper, confidence=confidence, examples=examples)


def _optional(number: Any) -> float | None:
    return None if number is None else float(number)


def _newest(events: Sequence[Any]) -> tuple[msgspec.Raw, ...]:
    """The newest events that fit into one event here, oldest first."""
    kept: list[msgspec.Raw] = []
    size = 0
    for event in reversed(events):
        try:
            data = msgspec.json.encode(event)
        except (TypeError, ValueError, RecursionError) as error:
            raise InvalidManifestError("An event can't be kept: it is no JSON.") from error
        size += len(data)
        if size > _MOST_BYTES:
            break
        kept.append(msgspec.Raw(data))
    return tuple(reversed(kept))
