"""What rows of metrics and of slices share."""

from __future__ import annotations

import math

import pytest

from tb_versions.comparison.rows.readings import difference_text, direction_of, minus, of_one_recipe, provenance
from tb_versions.read.catalog import LinkedRun
from tests.unit.comparison.making import member


@pytest.mark.parametrize(
    ("base", "value", "goal", "direction"),
    [
        (0.5, 0.6, "max", "better"),
        (0.5, 0.6, "min", "worse"),
        (0.5, 0.6, "unknown", "higher"),
        (0.6, 0.5, "unknown", "lower"),
        (0.5, 0.5, "max", "equal"),
        (math.nan, 0.5, "max", "unknown"),
        (0.5, -math.inf, "max", "worse"),
    ],
)
def test_the_direction_follows_from_the_goal(base: float, value: float, goal: str, direction: str) -> None:
    assert direction_of(base, value, goal) == direction  # type: ignore[arg-type]


def test_a_difference_that_is_not_finite_is_none_and_has_no_words() -> None:
    assert minus(math.inf, 1.0) is None
    assert difference_text(1.0, math.inf, "max") == ""
    assert difference_text(0.9, 0.8, "max") == "−0.1 (10 points)"


def test_an_origin_that_is_not_known_counts_as_typed() -> None:
    assert [provenance(source) for source in ("run", "log", "evaluated", "dreamt")] == [
        "log",
        "log",
        "evaluated",
        "typed",
    ]


def test_trainings_of_one_recipe_differ_by_seed_noise_and_exports_of_one_training_do_not() -> None:
    def trained(name: str, run: str, recipe: str = "r") -> object:
        return member(name, recipe=recipe, runs=(LinkedRun(run, None, None, True),))

    one = trained("m:1", "a")
    found = of_one_recipe(one, trained("m:2", "b"))  # type: ignore[arg-type]
    assert found is not None
    assert (found.verdict, found.method) == ("within noise", "same recipe")
    assert of_one_recipe(one, trained("m:2", "a")) is None  # type: ignore[arg-type]
    assert of_one_recipe(one, trained("m:2", "b", "other")) is None  # type: ignore[arg-type]
    assert of_one_recipe(trained("m:1", "a", ""), trained("m:2", "b", "")) is None  # type: ignore[arg-type]
