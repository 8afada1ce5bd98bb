"""What GTO's tags say."""

from __future__ import annotations

from tb_versions.interop.gto.repository import GitTag
from tb_versions.interop.gto.tags import Tagged, moves, read_tags

A, B = "a" * 40, "b" * 40


def tag(name: str, commit: str = A, *, time: int | None = 1) -> GitTag:
    return GitTag(name, commit, "anna", time, "why")


def told(*tags: GitTag) -> list[tuple[str, str, list[tuple[str, bool]]]]:
    return [
        (version.artifact, version.version, [(stage, is_set) for stage, is_set, _ in moves(version)])
        for version in read_tags(tags).versions
    ]


def test_other_tags_are_passed_over() -> None:
    names = ("v1.0.0", "digits@1.0.0", "digits@v1", "a b@v1.0.0", "@v1.0.0", "digits#", "digits@v1.0.0#x", "-x#prod")
    assert read_tags(map(tag, names)) == Tagged()


def test_a_name_with_a_folder_is_of_the_project_in_it() -> None:
    assert told(tag("models/nlp=digits@v1.0.0-a.1+b")) == [("models/nlp:digits", "1.0.0-a.1+b", [])]


def test_a_stage_that_was_given_before_the_registration_is_of_the_version() -> None:
    tags = (tag("digits#prod#1", time=1), tag("digits@v1.0.0", time=2))
    assert told(*tags) == [("digits", "1.0.0", [("prod", True)])]


def test_acts_of_one_second_come_in_the_order_of_their_counters() -> None:
    tags = (tag("d@v1.0.0"), tag("d@v1.1.0", B, time=2), tag("d#prod#11", time=3), tag("d#prod#9", B, time=3))
    assert told(*tags) == [("d", "1.0.0", [("prod", True)]), ("d", "1.1.0", [("prod", True)])]
    assert told(*tags[:2], tag("d#prod#9", time=3), tag("d#prod!#11", time=3)) == [
        ("d", "1.0.0", [("prod", True), ("prod", False)]),
        ("d", "1.1.0", []),
    ]


def test_a_version_that_is_none_any_more_leaves_its_stages_and_has_them_again_when_it_is() -> None:
    tags = (tag("d@v1.0.0"), tag("d#prod", time=2), tag("d@v1.0.0!#1", time=3), tag("d@v1.0.0#2", time=4))
    assert told(*tags) == [("d", "1.0.0", [("prod", True), ("", False), ("prod", False), ("", True), ("prod", True)])]


def test_a_deprecated_artifact_s_versions_are_deprecated_and_later_ones_are_not() -> None:
    tags = (tag("d@v1.0.0"), tag("d@deprecated", time=2), tag("d@v2.0.0", B, time=3))
    assert told(*tags) == [("d", "1.0.0", [("", False)]), ("d", "2.0.0", [])]


def test_of_several_versions_of_a_commit_the_last_before_gets_the_stage() -> None:
    tags = (tag("d@v1.0.0"), tag("d@v2.0.0", time=2), tag("d#prod", time=3), tag("d@v3.0.0", time=4))
    assert [version[2] for version in told(*tags)] == [[], [("prod", True)], []]


def test_tags_that_can_t_be_read_are_said() -> None:
    tagged = read_tags([tag("d@v1.0.0", ""), tag("d@v1.1.0", time=10**15), tag("d@v1.2.0", time=None)])
    assert [name for name, _ in tagged.skipped] == ["d@v1.0.0", "d@v1.1.0"]
    assert (tagged.lightweight, tagged.versions) == (["d@v1.2.0"], [])
