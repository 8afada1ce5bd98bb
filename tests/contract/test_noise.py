"""The statistics, the same in Python and in the page: both read one file."""

from __future__ import annotations

import dataclasses
import random
from pathlib import Path
from typing import Any

import orjson

from tb_versions.comparison import noise
from tb_versions.comparison.noise import Spread, group_of, over_curves, over_seeds, student_quantile
from tb_versions.payload import wire_number
from tests.support.world import strict

GOLDEN = Path(__file__).parent / "noise.json"
NAN, INFINITY, LARGEST = float("nan"), float("inf"), 1.7e308


def rounded(test: noise.Test | None) -> dict[str, Any] | None:
    return test and {name: wire_number(float(f"{value:.9g}")) for name, value in dataclasses.asdict(test).items()}


def group_on_wire(values: list[float]) -> list[Any]:
    group = group_of(values)
    return [group.count, wire_number(group.mean), wire_number(group.deviation)]


def quantiles() -> list[dict[str, float]]:
    degrees = [2, 2.5, 3, 3.0001, 4, 5.77, 10, 17.25, 30, 120.5, 999, 1_000, 5_000]
    asked = [(nu, 0.95) for nu in degrees] + [(nu, share) for nu in (3, 12.5) for share in (0.5, 0.9, 0.99)]
    return [{"degrees": nu, "confidence": c, "t": float(f"{student_quantile(nu, c):.9g}")} for nu, c in asked]


def groups(generator: random.Random) -> list[tuple[list[float], list[float]]]:
    found: list[tuple[list[float], list[float]]] = [
        ([], [1, 2, 3]),
        ([1], [2, 3]),
        ([0.5, 0.5], [0.5, 0.5, 0.5]),
        ([0.1, 0.2, 0.3], [0.3, 0.2, 0.1]),
        ([1, NAN, INFINITY, 2], [3, 4]),
        ([LARGEST, -LARGEST], [LARGEST, LARGEST / 2]),
        ([5e-324, 0], [0, 1e-310]),
        ([0, 0, 0], [0, 0]),
    ]
    for _ in range(40):
        scale, level = 10 ** generator.uniform(-12, 12), generator.choice([0, 1, 1_000])
        found.append(
            tuple([scale * (level + generator.gauss(0, 1)) for _ in range(generator.randint(1, 30))] for _ in range(2))  # type: ignore[arg-type]
        )
    return found


def spreads(generator: random.Random) -> list[tuple[float, list[Spread]]]:
    found: list[tuple[float, list[Spread]]] = [(1.0, []), (NAN, [Spread(1, 5, 20, 7)]), (0.0, [Spread(1, 5, 20, 7)])]
    for _ in range(40):
        scale = 10 ** generator.uniform(-100, 100)
        both = [
            Spread(scale * generator.uniform(0.01, 10), generator.uniform(3, 600), 20, 7)
            for _ in range(generator.randint(1, 2))
        ]
        found.append((scale * generator.gauss(0, 5), both))
    return found


def told() -> dict[str, Any]:
    generator = random.Random(7)
    return {
        "quantiles": quantiles(),
        "seeds": [
            {
                "baseline": group_on_wire(old),
                "other": group_on_wire(new),
                "test": rounded(over_seeds(group_of(old), group_of(new))),
            }
            for old, new in groups(generator)
        ],
        "curves": [
            {
                "difference": wire_number(difference),
                "spreads": [{"deviation": s.deviation, "degrees": s.degrees} for s in both],
                "test": rounded(over_curves(difference, both)),
            }
            for difference, both in spreads(generator)
        ],
    }


def test_the_statistics_are_as_agreed(update_goldens: bool) -> None:
    if update_goldens:
        GOLDEN.write_bytes(orjson.dumps(told(), option=orjson.OPT_APPEND_NEWLINE))
    assert strict(GOLDEN.read_bytes()) == told(), "another; if that is meant: pytest tests/contract --update-goldens"
