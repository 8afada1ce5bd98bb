"""The words for where numbers are from."""

from __future__ import annotations

from typing import get_args

from tb_versions.core.manifest import Source as Recorded
from tb_versions.read.sources import SOURCES, in_order


def test_each_source_of_a_manifest_has_a_word_and_each_word_a_mark_of_its_own() -> None:
    assert set(get_args(Recorded)) - {""} < SOURCES.keys()
    marks = [source.mark for source in SOURCES.values()]
    assert {len(mark) for mark in marks} == {1}
    assert len(set(marks)) == len(marks)


def test_sources_are_named_once_in_the_order_of_the_legend() -> None:
    assert in_order(["run", "typed", "run", "no source"]) == ("typed", "run")
