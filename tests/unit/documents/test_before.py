from __future__ import annotations

from tests.support.documented import said, subject_in
from tests.support.world import World


def test_the_release_before_is_the_alias_s_holder_before(world: World) -> None:
    for number in (3, 1, 2):
        if number == 3:
            world.version("digits", 3)
        said(world, "promote", f"digits:{number}", "--alias", "production", "--reason", "x", "--actor", "jane")
    before = subject_in(world, "digits:2").before
    assert before is not None
    assert (before.id, before.why) == ("digits:1", "production before this version")


def test_without_an_alias_it_is_the_parent_and_else_the_number_before(world: World) -> None:
    world.version("digits", 5)
    before = subject_in(world, "digits:2").before, subject_in(world, "digits:5").before
    assert [each and (each.id, each.why) for each in before] == [
        ("digits:1", "this version is fine-tuned from it"),
        ("digits:2", "the version with the next smaller number"),
    ]


def test_where_nothing_is_before_the_subject_says_why(known: World) -> None:
    subject = subject_in(known, "digits:1")
    assert subject.before is None
    assert "neither a parent nor a smaller number" in subject.why_nothing_before


def test_a_masked_hyperparameter_is_not_compared(known: World) -> None:
    before = subject_in(known, "digits:2").before
    assert before is not None
    assert "lr 0.1 → 1e-05" in before.summary
    assert "api_key" not in before.summary
    assert "Hyperparameters that are masked in this document (1) were not compared." in before.summary
