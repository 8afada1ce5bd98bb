from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from tb_versions.documents.annex_iv import LABEL, SECTIONS, points_of
from tb_versions.documents.dossier import html_of, markdown_of
from tests.support.documented import said, subject_in
from tests.support.world import World

VOID = {"meta", "br"}


class Tree(HTMLParser):
    """Follows tags; what is opened must be closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("ref", ["digits:2", "digits:1", "bare:7"])
def test_the_page_is_well_formed_and_loads_and_runs_nothing(known: World, ref: str) -> None:
    tree = Tree(html_of(subject_in(known, ref)))
    assert tree.open == []
    assert not {"script", "link", "img", "iframe", "form"} & set(tree.seen)
    assert not [name for name, _ in tree.attributes if name.startswith("on") or name in ("src", "href", "style")]
    assert ("content", "default-src 'none'") in [(n, (v or "")[:18]) for n, v in tree.attributes]


def test_the_gaps_are_counted_and_listed_on_top(known: World) -> None:
    subject = subject_in(known, "digits:2")
    points = [point for _, points in points_of(subject) for point in points]
    missing = [point for point in points if not point.facts]
    text = markdown_of(subject)
    heading = f"## {len(missing)} of {len(points)} points are not known."
    assert heading in text
    listed = text.split(heading)[1].split("\n\n")[1].splitlines()
    assert len(listed) == len(missing)
    assert text.count("**Not known.**") == len(missing)
    assert html_of(subject).count(">Not known.<") == len(missing)


def test_it_claims_no_compliance(known: World) -> None:
    for text in (markdown_of(subject_in(known, "digits:2")), html_of(subject_in(known, "digits:2"))):
        assert "does not claim that anything complies" in re.sub(r"\s+", " ", text)
        assert not re.search(r"\b(?:is|are|fully) compliant\b|conforms to the", text)


def test_every_fact_has_a_source(known: World) -> None:
    for _, points in points_of(subject_in(known, "digits:2")):
        for point in points:
            assert all(fact.source for fact in point.facts), point


def test_numbers_stand_with_interval_and_source(known: World) -> None:
    text = markdown_of(subject_in(known, "digits:2"))
    line = "accuracy \\[digits-test\\]: 0.81, interval 0.7 to 0.9 (95 %), 300 examples *(evaluated on the export)*"
    assert line in text


def test_a_label_answers_a_point_in_the_author_s_words(world: World) -> None:
    before = {
        point.asked.key for _, points in points_of(subject_in(world, "bare:7")) for point in points if point.facts
    }
    said(world, "label", "bare:7", f"{LABEL}8=None yet", "--actor", "jane")
    subject = subject_in(world, "bare:7")
    after = {point.asked.key for _, points in points_of(subject) for point in points if point.facts}
    assert after - before == {"8", "6"}  # the label is an event of the version, too
    assert "None yet" in markdown_of(subject)


def test_a_label_that_answers_no_point_is_named(world: World) -> None:
    said(world, "label", "bare:7", f"{LABEL}1a-purpse=To sort letters", "--actor", "jane")
    words = 'The label "annex-iv.1a-purpse" answers no point of Annex IV. Did you mean annex-iv.1a-purpose?'
    subject = subject_in(world, "bare:7")
    assert words.replace('"', "&quot;") in html_of(subject)
    assert "answers no point" in markdown_of(subject)


def test_seeds_are_a_step_and_say_nothing_of_the_data(known: World) -> None:
    points = {point.asked.key: point for _, points in points_of(subject_in(known, "digits:2")) for point in points}
    assert not [fact for fact in points["2d"].facts if fact.label.startswith("seed")]
    assert [fact for fact in points["2a"].facts if fact.label.startswith("seed")]


def test_sources_are_plain_text_in_markdown(known: World) -> None:
    assert "\\`" not in markdown_of(subject_in(known, "digits:2"))


def test_what_is_hostile_is_inert(known: World) -> None:
    subject = subject_in(known, "digits:2")
    assert "<script" not in markdown_of(subject)
    assert "<script" not in html_of(subject)


def test_keys_of_points_are_unique_and_in_the_guide(project_root: object) -> None:
    keys = [asked.key for _, points in SECTIONS for asked in points]
    assert len(set(keys)) == len(keys)
    guide = (project_root / "docs/guides/model-cards-and-boms.md").read_text()  # type: ignore[operator]
    assert [key for key in keys if f"`{key}`" not in guide] == []


def test_events_are_the_changes_of_its_life(world: World) -> None:
    said(world, "promote", "digits:2", "--alias", "production", "--reason", "good", "--actor", "jane")
    text = markdown_of(subject_in(world, "digits:2"))
    assert re.search(r"event 1: .* person 1: was given the alias production \(good\) \*\(log, event 1\)\*", text)
