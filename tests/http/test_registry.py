"""The routes that read what logs say: now, at another time, page by page; nothing is changed by reading."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tb_versions.read import timeline
from tb_versions.registry import events
from tests.support.chronicle import Chronicle, begin_ms
from tests.support.world import Site, World, strict, tree_hash


@pytest.fixture
def digits(world: World) -> Chronicle:
    for number in (1, 2, 3):
        world.version("digits", number)
    made = Chronicle(world.models / "digits")
    for number in (1, 2, 3, 2):
        made.say("alias_set", number, events.AliasSet("production", number - 1 or None), reason=f"try {number}")
    made.say("noted", 2, events.Text("one\n\ntwo"))
    return made


@pytest.fixture
def tab(digits: Chronicle, site: Callable[..., Site]) -> Site:
    made = site()
    made.settle()
    return made


def production(tab: Site, path: str) -> int | None:
    aliases = tab.json(path)["registry"]["models"]["digits"]["aliases"]
    return next((alias["number"] for alias in aliases if alias["name"] == "production"), None)


def test_the_table_says_what_the_registry_says(tab: Site) -> None:
    assert tab.json("/versions")["registry"] == tab.json("/registry")["registry"]


def test_a_version_is_found_by_its_alias(tab: Site) -> None:
    assert tab.json("/version?ref=digits@production")["id"] == "digits:2"
    assert tab.json("/version?ref=digits@production~1")["id"] == "digits:3"
    assert "production" in tab.json("/version?ref=digits@x", status=404)["error"]
    assert tab.json("/version?ref=digits:2")["said"]["aliases"] == ["production"]


def test_a_registry_can_be_asked_for_at_any_time(tab: Site) -> None:
    found = [production(tab, f"/registry?at={begin_ms(minutes)}") for minutes in (-1, 0, 9, 10, 25, 30, 1_000)]
    assert found == [None, 1, 1, 2, 3, 2, 2]
    assert production(tab, "/registry") == 2


def test_a_promotion_changes_no_block_and_comes_with_the_next_look(tab: Site, digits: Chronicle) -> None:
    before = strict(tab.get("/versions").get_data())
    digits.say("alias_set", 1, events.AliasSet("production", 2))
    tab.settle(lambda catalog: catalog.find("digits@production").number == 1)
    after = strict(tab.get(f"/versions?since={before['revision']}").get_data())
    assert (after["blocks"], after["parts"]) == (before["blocks"], [])
    assert after["registry"]["models"]["digits"]["aliases"][0]["number"] == 1


def test_a_history_is_told_newest_first_and_page_by_page(tab: Site) -> None:
    page = tab.json("/history?model=digits&limit=2")
    assert ([event["number"] for event in page["events"]], page["more"], page["head"]) == ([5, 4], True, 5)
    assert page["events"][0]["text"] == "one\n\ntwo"
    rest = tab.json("/history?model=digits&before=4")
    assert ([event["number"] for event in rest["events"]], rest["more"]) == ([3, 2, 1], False)
    assert rest["events"][0]["reason"] == "try 3"


def test_a_history_of_one_version_has_who_took_its_alias_too(tab: Site) -> None:
    told = tab.json("/history?model=digits&version=2")["events"]
    assert [(event["number"], event["version"]) for event in told] == [(5, 2), (4, 2), (3, 3), (2, 2)]


def test_a_page_of_events_ends_where_it_is_too_large(tab: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeline, "MOST_BYTES", 10)
    page = tab.json("/history?model=digits")
    assert (len(page["events"]), page["more"]) == (1, True)


def test_a_log_that_is_too_long_is_refused_with_a_sentence(tab: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeline, "MOST_EVENTS", 3)
    for path in ("/history?model=digits", f"/registry?at={begin_ms()}"):
        assert "tb-versions history" in tab.json(path, status=400)["error"]
    assert production(tab, "/registry") == 2


def test_a_log_that_grows_or_is_rewritten_is_read_again(tab: Site, digits: Chronicle) -> None:
    assert len(tab.json("/history?model=digits")["events"]) == 5
    digits.say("alias_set", 1, events.AliasSet("production", 2))
    tab.settle(lambda catalog: catalog.find("digits@production").number == 1)
    assert tab.json("/history?model=digits")["events"][0]["number"] == 6
    for entry in (digits.folder / ".versions/log").iterdir():
        entry.unlink()
    Chronicle(digits.folder).say("deprecated", 1)
    catalog = tab.settle(lambda catalog: catalog.registries["digits"][0].state.head.number == 1)
    assert catalog.registries["digits"][0].kind == "rewritten"
    page = tab.json("/history?model=digits")
    assert [event["kind"] for event in page["events"]] == ["deprecated"]
    assert "was cut" in page["problem"] or "was rewritten" in page["problem"]


def test_a_damaged_log_is_told_up_to_the_damage(tab: Site, digits: Chronicle) -> None:
    digits.damage(6, b"{")
    tab.settle(lambda catalog: catalog.registries["digits"][0].kind == "damaged")
    page = tab.json("/history?model=digits")
    assert (len(page["events"]), "Event 6 is damaged" in page["problem"]) == (5, True)
    assert "damaged" in tab.json("/version?ref=digits@production", status=409)["error"]


def test_what_was_measured_is_told(tab: Site, digits: Chronicle) -> None:
    digits.measure(2, accuracy=0.5, source="monitoring")
    tab.settle(lambda catalog: bool(catalog.said["digits:2"].measured))
    (found,) = tab.json("/measured?model=digits&version=2")["measured"]
    assert found["values"] == [{"name": "accuracy", "value": 0.5, "goal": "max"}]
    assert tab.json("/measured?model=digits&version=1")["measured"] == []


@pytest.mark.parametrize("path", ["/history", "/measured?version=1", "/measured?model=digits", "/history?model="])
def test_what_is_missing_in_a_question_is_named(tab: Site, path: str) -> None:
    assert "Say which" in tab.json(path, status=400)["error"]


@pytest.mark.parametrize(
    "path",
    [
        "/history?model=digits&before=x",
        "/history?model=digits&limit=501",
        "/history?model=digits&version=-1",
        "/registry?at=1e3",
        "/registry?at=99999999999999999999",
        "/changes?x=1",
    ],
)
def test_a_parameter_that_is_none_is_refused(tab: Site, path: str) -> None:
    tab.json(path, status=400)


def test_a_model_that_is_not_there_is_named(tab: Site, world: World) -> None:
    assert "no model" in tab.json("/history?model=nothing", status=404)["error"]
    assert "no model" in tab.json("/history?model=digits&folder=/etc", status=404)["error"]
    world.version("quiet", 1)
    tab.settle(lambda catalog: "quiet:1" in catalog.by_id)
    assert tab.json("/history?model=quiet")["events"] == []


def test_reading_changes_nothing(tab: Site, world: World) -> None:
    before = tree_hash(world.base)
    for path in (
        "/registry",
        f"/registry?at={begin_ms(15)}",
        "/history?model=digits",
        "/measured?model=digits&version=2",
        "/changes",
        "/versions",
        "/version?ref=digits@production",
        "/actions/promote",
    ):
        tab.get(path)
        tab.client.head(tab.prefix + path)
    tab.settle()
    assert tree_hash(world.base) == before


def test_nothing_outside_is_read_by_a_folder_that_is_named(tab: Site, tmp_path: Path) -> None:
    Chronicle(tmp_path / "elsewhere" / "digits")
    tab.json(f"/history?model=digits&folder={tmp_path}/elsewhere/digits", status=404)


HOSTILE = [
    ("removed", b'{"size": 123456789012345678901234567890}'),
    ("alias_set", b'{"alias": "odd", "from": 99999999999999999999999, "allowed_by": [1e3, 18446744073709551616]}'),
    ("alias_set", b'{"alias": "__proto__"}'),
    ("verified", b'{"ok": true, "how": "\\u202e"}'),
    ("label_set", b'{"key": "__proto__", "value": "x"}'),
    ("noted", b'{"text": "\\ud800"}'),
    ("copied", b'{"source": "x", "events": [[[[[1]]]], {"a": 1e999}]}'),
    ("odd", b"[" * 5_000 + b"]" * 5_000),
    ("odd", b'"\\ud83d \\u0000 \\u202e"'),
    ("odd", b"1e999"),
    ("odd", b'{"big": "' + b"x" * 900_000 + b'"}'),
    ("\u202e", b"{}"),
]


@pytest.mark.parametrize(("kind", "data"), HOSTILE)
def test_whatever_an_event_says_the_answers_are_strict_json(
    tab: Site, digits: Chronicle, kind: str, data: bytes
) -> None:
    digits.say(kind, 3, raw=data)
    tab.settle(lambda catalog: catalog.registries["digits"][0].state.head.number == 6 or bool(catalog.problems))
    for path in (
        "/history?model=digits",
        "/registry",
        f"/registry?at={begin_ms(10**6)}",
        "/versions",
        "/version?ref=digits:3",
    ):
        response = tab.get(path)
        assert response.status_code == 200, response.get_data()
        text = response.get_data()
        strict(text)
        assert len(text) < 200_000
        assert "\u202e".encode() not in text
        assert b"\\u202e" not in text.lower().replace(b"\\\\u202e", b"")
    assert tab.json("/versions")["columns"]["id"] == ["digits:1", "digits:2", "digits:3"]
