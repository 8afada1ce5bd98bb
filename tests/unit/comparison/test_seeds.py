"""Which trainings are siblings."""

from __future__ import annotations

from tb_versions.comparison.seeds import MAX_SIBLINGS, Training, siblings


def training(name, *, run="", recipe="r", seed="", step=10):
    return Training(name, run or name, recipe, seed, step)


OF = training("of", seed="0")


def names(*others, of=OF):
    return [t.name for t in siblings(of, others)]


def test_other_seeds_are_siblings_and_other_recipes_are_not():
    assert names(training("a", seed="1"), training("b", seed="2"), training("c", recipe="other", seed="3")) == [
        "a",
        "b",
    ]


def test_a_seed_that_is_in_already_says_nothing_new():
    assert names(training("same", seed="0"), training("a", seed="1"), training("again", seed="1")) == ["a"]


def test_trainings_whose_seed_nobody_recorded_count_as_repeated():
    assert names(training("a"), training("b")) == ["a", "b"]


def test_other_exports_of_the_same_training_are_no_siblings():
    assert names(training("a", run="of", seed="1")) == []


def test_of_several_exports_the_nearest_in_steps_counts():
    exports = [training(f"at {step}", run="x", seed="1", step=step) for step in (6, 11, 19)]
    assert names(*exports) == ["at 11"]


def test_an_export_at_quite_another_step_is_no_sibling():
    assert names(training("early", seed="1", step=1), training("late", seed="2", step=100)) == []


def test_at_least_half_as_many_steps_and_at_most_twice_as_many_are_alike():
    steps = (4, 5, 21, 22)  # of 10: counted from 0, so 5, 6, 22 and 23 steps against 11
    assert names(*(training(f"at {step}", seed=str(step), step=step) for step in steps)) == ["at 21", "at 5"]


def test_without_a_recipe_nobody_is_a_sibling():
    assert names(training("a", recipe="", seed="1"), of=training("of", recipe="", seed="0")) == []


def test_thirty_are_enough():
    assert len(names(*(training(f"{i:02}", seed=str(i)) for i in range(1, 90)))) == MAX_SIBLINGS
