"""Curves as they travel."""

from __future__ import annotations

import numpy as np

from tb_versions import payload
from tb_versions.read.curves.curve_reader import points_of
from tests.support.world import strict


def test_curves_say_what_is_missing_and_what_is_sampled() -> None:
    points = points_of(np.array([1, 2**60]), np.array([5.0, np.nan]), np.array([0.5, np.inf]))
    curves = {"a": {"t": points}}
    answer = strict(payload.dump(payload.scalars_payload(["a", "b"], ["t"], curves, is_sampled=lambda _: True)))
    assert answer == {
        "series": [
            {"run": "a", "tag": "t", "steps": [1, str(2**60)],
             "wall_times": [5.0, 0.0], "values": [0.5, "Infinity"], "sampled": True}
        ],
        "missing": [{"run": "b", "tag": "t"}],
    }  # fmt: skip
