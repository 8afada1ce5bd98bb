"""Texts that want to be more than text, in every place of a manifest: each document stays valid and inert."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import yaml
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from huggingface_hub import ModelCard
from markdown_it import MarkdownIt

from tb_versions.documents.bom import bom_of
from tb_versions.documents.card import card_of
from tb_versions.documents.dossier import html_of, markdown_of
from tb_versions.documents.subject import Subject
from tests.support import hostile
from tests.support.documented import subject_in
from tests.support.world import World


class _Tags(HTMLParser):
    """Which tags and attributes a page has."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}


_AT_ONCE = 60
_PAGE = {
    "html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "h3", "p", "ul", "li", "table", "tbody", "tr",
    "th", "td", "svg", "rect", "path", "text", "circle",
}  # fmt: skip
_MARKDOWN = {
    "h1",
    "h2",
    "h3",
    "p",
    "ul",
    "li",
    "blockquote",
    "br",
    "em",
    "code",
    "strong",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
}


def _check(subject: Subject) -> None:
    problem = JsonStrictValidator(SchemaVersion.V1_7).validate_str(bom_of(subject).decode())
    assert problem is None, problem
    card = card_of(subject)
    head, body = re.fullmatch(r"---\n(.*?)\n---\n(.*)", card, re.DOTALL).groups()  # type: ignore[union-attr]
    results: Any = ModelCard(card).data.eval_results
    whole = [number for number in subject.numbers if not number.slice]
    assert sorted(each.metric_type for each in results) == sorted(number.name for number in whole)
    assert yaml.safe_load(head)["model-index"][0]["name"] == subject.manifest.model
    for text in (body, markdown_of(subject)):
        # What remains of HTML are the marks that keep GitHub from making links, and line breaks.
        rendered = _Tags(MarkdownIt("commonmark", {"html": True}).enable("table").render(text))
        assert rendered.tags <= _MARKDOWN, rendered.tags
        assert not rendered.attributes & {"href", "src"}
    page = _Tags(html_of(subject))
    assert page.tags <= _PAGE, page.tags
    assert not [name for name in page.attributes if name.startswith("on") or name in ("href", "src", "style")]


@pytest.mark.slow
def test_texts_that_want_to_be_more_are_texts(world: World, test_data: Path) -> None:
    texts = hostile.strings("http://canary.example", test_data)
    for start in range(0, len(texts), _AT_ONCE):
        world.raw("digits/1", json.dumps(hostile.manifest("digits", 1, texts[start : start + _AT_ONCE])).encode())
        _check(subject_in(world, "digits:1"))
