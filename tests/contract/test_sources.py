"""The page and the command line call sources alike."""

from __future__ import annotations

import re
from pathlib import Path

from tb_versions.read.sources import SOURCES

PAGE = Path(__file__).parents[2] / "frontend" / "src" / "model" / "sources.ts"
GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "provenance.md"


def test_the_page_has_the_same_words_marks_and_meanings() -> None:
    written = re.findall(r'^  (\w+): \["(.*)", "(.*)", "(.*)"\],$', PAGE.read_text(), re.MULTILINE)
    assert written == [(name, *source) for name, source in SOURCES.items()]


def test_the_guide_names_each_mark_and_word() -> None:
    named = re.findall(r"^\| (\S) \| `(\w+)` \|", GUIDE.read_text(), re.MULTILINE)
    assert named == [(source.mark, name) for name, source in SOURCES.items()]
