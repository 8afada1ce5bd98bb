"""One announcement of a version."""

import pytest

from tb_versions.read.announced import SeenAnnouncements, announced_in


@pytest.mark.parametrize("location", ["", "../models/m/1", "m/1", "../m/1/", "../models/m/12", "/", "models/", "xm/1"])
@pytest.mark.parametrize("tag", ["versions/m/1", "versions/m/01", "versions/n/1"])
def test_location_and_tag_are_as_they_were_said(location: str, tag: str) -> None:
    item = announced_in("r", tag, ("m", 1), digest="d", location=location, wall_time=0.0)
    assert (item.location, item.tag) == (location, tag)


def test_what_was_seen_is_found_by_its_tag_and_by_nothing_else() -> None:
    first, second = (
        announced_in("r", f"versions/m/{number}", ("m", number), digest="d", location="", wall_time=0.0, metadata=7)
        for number in (1, 2)
    )
    seen = SeenAnnouncements()
    assert seen.get(first.tag, 7) is None
    seen.put(first)
    seen.put(second)
    assert seen.get(first.tag, 7) is first
    assert seen.get(second.tag, 7) is second
    assert seen.get("versions/m/3", 7) is None
    assert seen.get(first.tag, 8) is None
