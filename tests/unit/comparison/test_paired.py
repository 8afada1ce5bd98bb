"""McNemar's exact test: against sums of whole numbers, against simulated models, and what it claims of its power."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

from tb_versions.comparison.paired import LEVEL, Paired, fewest, paired, two_sided
from tb_versions.registry.behaviour_facts import MAX_COUNT, MovedOutput, RightCounts


def exact(lost: int, won: int) -> Fraction:
    flips = lost + won
    tail = sum(math.comb(flips, each) for each in range(min(lost, won) + 1))
    return min(Fraction(1), Fraction(2 * tail, 1 << flips))


@pytest.mark.parametrize("flips", [0, 1, 2, 5, 6, 7, 12, 31, 100, 999])
def test_p_is_that_of_the_exact_sum(flips: int) -> None:
    for lost in {0, 1, flips // 3, flips // 2, flips} & set(range(flips + 1)):
        assert two_sided(lost, flips - lost) == pytest.approx(float(exact(lost, flips - lost)), rel=1e-12)


def test_p_of_a_known_table() -> None:
    """12 flips, 7 to 5: 2 * (1 + 12 + 66 + 220 + 495 + 792) / 4096, which is more than 1 would allow to be said."""
    assert two_sided(5, 7) == pytest.approx(2 * 1586 / 4096)
    assert two_sided(10, 1) == pytest.approx(2 * 12 / 2048)


def test_p_of_the_most_flips_is_computed() -> None:
    assert two_sided(MAX_COUNT // 2, MAX_COUNT // 2) == 1.0
    assert two_sided(0, MAX_COUNT) == 0.0
    for lost in (980, 1_000, 1_030):
        assert two_sided(lost, 2_001 - lost) == pytest.approx(float(exact(lost, 2_001 - lost)), rel=1e-9)
    assert 0 < two_sided(MAX_COUNT // 2 - 600, MAX_COUNT // 2 + 600) < 0.001


@pytest.mark.parametrize(("examples", "accuracy"), [(16, 0.9), (120, 0.7), (200, 0.95), (1_000, 0.9), (5_000, 0.8)])
def test_of_1000_pairs_of_equal_models_at_most_one_in_twenty_is_called_better(examples: int, accuracy: float) -> None:
    """Both are right with one probability, and on mostly the same examples."""
    rng = np.random.default_rng(examples)
    called: list[str] = []
    for _ in range(1_000):
        hard = rng.random(examples) < 0.3
        first, second = (np.where(hard, rng.random(examples) < accuracy, True) for _ in range(2))
        counts = [int(np.count_nonzero(a & b)) for a, b in ((first, second), (first, ~second), (~first, second))]
        called.append(Paired(*counts, examples - sum(counts)).verdict)
    assert called.count("better") <= 50
    assert called.count("worse") <= 50


def test_whatever_the_number_of_flips_equal_models_are_called_different_once_in_twenty_or_less() -> None:
    """Not simulated: the probability of all results that are called better or worse, exactly."""
    for flips in [*range(1, 120), 500, 1_000]:
        called = sum(math.comb(flips, won) for won in range(flips + 1) if two_sided(flips - won, won) < LEVEL)
        assert Fraction(called, 1 << flips) <= Fraction(1, 20)


def test_a_clear_difference_is_better_one_way_and_worse_the_other() -> None:
    better = Paired(both=150, lost=4, won=18, neither=28)
    assert better.verdict == "better"
    assert better.words == (
        "Better on 200 examples: 77.0% right before, 84.0% now (18 became right, 4 became wrong; p = 0.0043)."
    )
    assert Paired(both=150, lost=18, won=4, neither=28).verdict == "worse"


def test_chance_is_no_difference_where_one_would_have_shown() -> None:
    even = Paired(both=480, lost=5, won=7, neither=8)
    assert even.verdict == "no_difference"
    assert even.words == ("No difference beyond chance on 500 examples (7 became right, 5 became wrong; p = 0.77).")


def test_with_16_examples_it_is_not_known_and_says_what_could_have_shown() -> None:
    few = Paired(both=10, lost=1, won=4, neither=1)
    assert few.verdict == "not_known"
    assert few.words.startswith("Whether it is better is not known from 16 examples (4 became right, 1 ")
    assert few.power.startswith(
        "16 examples can show a difference in accuracy of 37.5 points or more (6 changes, all one way); a"
    )
    assert few.smallest == 6 / 16


def test_the_likely_difference_shows_8_times_in_10() -> None:
    found = Paired(both=190, lost=3, won=3, neither=4)
    assert found.likely is not None
    rng = np.random.default_rng(7)
    shown = np.count_nonzero(rng.binomial(200, found.likely, 20_000) >= 6)
    assert shown / 20_000 == pytest.approx(0.8, abs=0.01)


@pytest.mark.parametrize("examples", [0, 1, 5])
def test_fewer_examples_than_flips_that_it_takes_show_nothing(examples: int) -> None:
    none = Paired(both=0, lost=0, won=examples, neither=0)
    assert (none.verdict, none.smallest, none.likely) == ("not_known", None, None)
    assert none.power == "It takes 6 changes that all go one way, so fewer than 6 examples show nothing."


def test_six_flips_one_way_are_the_fewest_that_show() -> None:
    assert fewest(LEVEL) == 6
    assert two_sided(0, 6) < LEVEL <= two_sided(0, 5)


def test_several_outputs_share_the_chance_of_a_false_better() -> None:
    outputs = [MovedOutput(signature="s", name=name, right=RightCounts(180, 2, 11, 7)) for name in "ab"]
    alone, *_ = paired(outputs[:1])
    both = paired([*outputs, MovedOutput(signature="s", name="c")])
    assert alone is not None
    assert alone.verdict == "better"
    assert both[2] is None
    assert [each.verdict if each else None for each in both[:2]] == ["better", "better"]
    many = paired([MovedOutput(signature="s", name=str(n), right=RightCounts(180, 2, 11, 7)) for n in range(4)])
    assert {each.verdict for each in many if each} == {"no_difference"}
