"""A view that names what an export lacks is told to who makes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tb_versions.exports.contents.opening import not_held
from tb_versions.exports.contents.selection import Selection, Selector, select
from tb_versions.read.reader import open_reader
from tests.support.world import World


@pytest.fixture
def selection(tmp_path: Path) -> Selection:
    world = World(tmp_path)
    for number in (1, 2, 3):
        world.version("a,b", number)
    catalog = open_reader("", [str(world.models)]).catalog
    return select(catalog, Selector(refs=["a,b:1", "a,b:2"]))


@pytest.mark.parametrize(
    ("view", "names"),
    [
        ("", []),
        ("#versions", []),
        ("#versions&p.versions.q=digits%3A9&p.other.cmp=digits%3A9", []),
        ("#versions&p.versions.cmp=a%252Cb%3A1%2Ca%252Cb%3A2&p.versions.base=a%252Cb%3A2", []),
        ("#versions&p.versions.cmp=a%252Cb%3A1,a%252Cb%3A3,run%3Acnn", ["a,b:3", "run:cnn"]),
        ("#versions&p.versions.v=a%252Cb%3A3&p.versions.base=a%252Cb%3A3", ["a,b:3"]),
    ],
)
def test_each_name_that_is_not_held_is_said_once(selection: Selection, view: str, names: list[str]) -> None:
    assert not_held(view, selection) == names
