"""Curves: `ScalarsPayload` in types.ts. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tb_versions.payload.wire import wire_integer, wire_number
from tb_versions.read.curves.curve import Points, RunPoints


def scalars_payload(
    runs: Sequence[str], tags: Sequence[str], curves: RunPoints, *, is_sampled: Callable[[Points], bool]
) -> dict[str, Any]:
    """Returns requested curves; see `ScalarsPayload` in types.ts.

    Args:
        runs: Requested runs.
        tags: Requested tags.
        curves: What was read.
        is_sampled: Whether a curve may have more points.
    """
    found, missing = [], []
    for run in runs:
        for tag in tags:
            points = curves.get(run, {}).get(tag)
            if points is None:
                missing.append({"run": run, "tag": tag})
                continue
            found.append(
                {
                    "run": run,
                    "tag": tag,
                    "steps": [wire_integer(step) for step in points.steps.tolist()],
                    "wall_times": points.wall_times.tolist(),
                    "values": [wire_number(value) for value in points.values.tolist()],
                    "sampled": is_sampled(points),
                }
            )
    return {"series": found, "missing": missing}
