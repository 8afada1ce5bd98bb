"""Records metrics that were measured after a version was published: monitoring, a new test set, a part of the data."""

from __future__ import annotations

import datetime
from collections.abc import Mapping

from tb_versions.actions.moments import Moment, with_zone
from tb_versions.actions.target import Path, find_target, who
from tb_versions.core import arguments
from tb_versions.core.manifest import Metric, check_number, shown
from tb_versions.errors import InvalidManifestError, InvalidNameError, InvalidQueryError
from tb_versions.registry import measured
from tb_versions.registry.measured import PRECISION, Measured, Value
from tb_versions.write.values import plain_float

_AHEAD = datetime.timedelta(days=1)
"""By how much the time of a measurement may be ahead of this machine's clock."""


def record(
    reference: Path,
    models_dir: Path | None,
    metrics: Mapping[str, float | Metric],
    *,
    goals: Mapping[str, str] | None = None,
    dataset: str = "",
    slice: str = "",  # noqa: A002 - as in Metric
    source: str = "",
    time: Moment | None = None,
    actor: str | None = None,
    dry_run: bool = False,
) -> Measured:
    """Records metrics of a version that were measured after it was published.

    They stand beside those of its training, which stay as they are. Each call writes a file of its own, so that any
    number of writers record at once, and none of them waits for a promotion.

    Args:
        reference: As in `promote`.
        models_dir: As in `promote`; None for a path.
        metrics: Name to value, 1 to 1,000; NaN and infinities are kept. A `Metric` gives an interval, its confidence
            and a number of examples with its value, and a goal; its other fields don't count here.
        goals: Name to "max" or "min", where the name alone does not tell.
        dataset: Data that they were measured on, at most 256 characters.
        slice: Part of that data, at most 256 characters.
        source: Where they come from, like "monitoring", at most 256 characters.
        time: When they were measured, as a datetime or like "2026-11-24 16:05"; UTC without a zone, now by default, and
            at most a day in the future: clocks may differ.
        actor: Who says so; as in `promote`.
        dry_run: Whether to check everything and write nothing.

    Returns:
        What was recorded.

    Raises:
        InvalidQueryError: A name, value, goal, text or time breaks a rule.
        TbVersionsError: As in `promote`.
    """
    actor, moment = who(actor), None if time is None else _measured_at(time)
    unused = sorted((goals or {}).keys() - metrics.keys())
    if unused:
        raise InvalidQueryError(f"A goal is given for {shown(unused[0])}, which is not recorded here.")
    values = tuple(_value(name, value, (goals or {}).get(name, "")) for name, value in metrics.items())
    target = find_target(reference, models_dir)
    found = measured.new(
        values,
        version=check_number(target.number),
        actor=actor,
        manifest=target.found.manifest_digest,
        time=moment,
        dataset=dataset,
        part=slice,
        source=source,
    )
    try:
        measured.check(found)
    except (InvalidManifestError, InvalidNameError) as error:
        raise InvalidQueryError(str(error)) from error
    if not dry_run:
        measured.record(target.store, found)
    return found


def _value(name: str, given: float | Metric, goal: str) -> Value:
    if not isinstance(given, Metric):
        return Value(name, _double(name, given), goal)
    known = {field: getattr(given, field) for field in PRECISION}
    return Value(name, _double(name, given.value), goal or given.goal, **known)


def _double(name: str, value: object) -> float:
    number = arguments.number(value) if isinstance(value, str) else plain_float(value)
    if number is None:
        raise InvalidQueryError(f"The metric {shown(name)} must be a number, not {shown(value)}.")
    return number


def _measured_at(time: Moment) -> datetime.datetime:
    """When metrics were measured: a later record would never be the newest behind one of the far future."""
    moment = with_zone(time)
    if moment > datetime.datetime.now(datetime.timezone.utc) + _AHEAD:
        raise InvalidQueryError(
            f"{shown(str(time))} is more than a day in the future; say when the metrics were measured, or leave the "
            "time out for now."
        )
    return moment
