from __future__ import annotations

from tb_versions.documents.annex_iv import SECTIONS, points_of
from tests.support.documented import subject_in
from tests.support.world import World


def answered(world: World, ref: str) -> set[str]:
    points = [point for _, points in points_of(subject_in(world, ref)) for point in points]
    return {point.asked.key for point in points if point.facts}


def test_nine_sections_have_all_letters_of_the_annex() -> None:
    assert [title[0] for title, _ in SECTIONS] == list("123456789")
    numbers = {asked.number for _, points in SECTIONS for asked in points}
    assert numbers >= {f"1({letter})" for letter in "abcdefgh"} | {f"2({letter})" for letter in "abcdefgh"}


def test_what_a_version_can_not_know_is_not_known(known: World) -> None:
    assert not answered(known, "digits:2") & {"1a-provider", "1e", "2e", "2h", "3-risks", "4", "7", "8", "9-plan"}


def test_what_is_recorded_answers_in_part(known: World) -> None:
    assert answered(known, "digits:2") >= {
        "1a-version",
        "1c",
        "2a",
        "2d",
        "2g-tests",
        "2g-parts",
        "3-accuracy",
        "2b-goal",
    }


def test_a_label_answers(known: World) -> None:
    assert "5" in answered(known, "digits:2")


def test_of_a_bare_version_only_identity_and_form_are_known(known: World) -> None:
    assert answered(known, "bare:7") == {"1a-version", "1d"}
