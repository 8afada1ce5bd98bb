"""What is sent to who has a revision of the table."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tb_versions import payload
from tests.support.world import Site, World, strict


@pytest.fixture
def tab(world: World, site: Callable[..., Site]) -> Site:
    world.scalars("cnn", "loss", [(step, 1 / step) for step in range(1, 9)])
    for number in range(1, 6):
        world.version("digits", number, run="cnn", step=number)
    made = site()
    made.settle()
    return made


def test_of_a_known_revision_only_what_is_new_is_sent(tab: Site, world: World) -> None:
    first = strict(tab.get("/versions").get_data())
    known = {part["digest"]: part for part in first["parts"]}
    again = strict(tab.get(f"/versions?since={first['revision']}").get_data())
    assert again == {**first, "parts": []}

    world.version("zebra", 1)
    tab.settle()
    news = strict(tab.get(f"/versions?since={first['revision']}").get_data())
    assert news["revision"] != first["revision"]
    assert not known.keys() & {part["digest"] for part in news["parts"]}
    known.update((part["digest"], part) for part in news["parts"])
    used = list(dict.fromkeys(digest for block in news["blocks"] for digest in block["parts"]))
    everything = strict(tab.get("/versions").get_data())
    assert {**news, "parts": [known[digest] for digest in used]} == everything
    assert "zebra:1" in payload.whole(everything)["columns"]["id"]


def test_a_revision_that_the_server_does_not_know_leads_to_the_whole_table(tab: Site) -> None:
    assert tab.get(f"/versions?since={'0' * 16}").get_data() == tab.get("/versions").get_data()


@pytest.mark.parametrize(
    "since", ["", "x", "0" * 15, "0" * 17, "0" * 100_000, "G" * 16, "０" * 16, "../../etc/passwd", "\0", "*"]
)
def test_what_is_no_revision_is_refused_with_a_sentence(tab: Site, since: str) -> None:
    response = tab.get("/versions", query_string={"since": since})
    assert response.status_code == 400
    error = strict(response.get_data())["error"]
    assert error.startswith("since must be the revision of a table")
    assert len(error) < 1_000


def test_an_answer_with_news_has_the_etag_of_the_whole_table(tab: Site) -> None:
    etag = tab.get("/versions").headers["ETag"]
    revision = etag.strip('"')
    path = f"/versions?since={revision}"
    news = tab.get(path)
    assert (news.status_code, news.headers["ETag"]) == (200, etag)
    assert tab.get(path, headers={"If-None-Match": etag}).status_code == 304
    assert tab.get(path, headers={"If-None-Match": '"0000000000000000"'}).status_code == 200
    assert tab.get(f"/versions?since={'0' * 16}", headers={"If-None-Match": etag}).status_code == 304
