"""Curves made by hand."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from tb_versions.read.curves.curve import Points
from tb_versions.read.curves.curve_reader import points_of


def made_points(steps: Iterable[int], values: Iterable[float]) -> Points:
    """Points at these steps, one a second."""
    steps = list(steps)
    seconds = np.array([1_700_000_000.0 + step % 1_000_000 for step in steps], np.float64)
    return points_of(np.array(steps, np.int64), seconds, np.array(list(values), np.float64))
