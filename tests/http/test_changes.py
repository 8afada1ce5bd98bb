"""Changing from the tab: only where that was allowed at the start, only with the token, only from allowed addresses."""

from __future__ import annotations

import json
import logging
import os
import re
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from tb_versions.plugin.actions import LIMIT, VERBS
from tb_versions.registry import events
from tests.support.chronicle import Chronicle
from tests.support.effort import tries
from tests.support.world import Site, World, strict, tree_hash

HOST, ORIGIN = "localhost:6006", "http://localhost:6006"
BODIES: dict[str, dict[str, Any]] = {
    "promote": {"number": 3, "alias": "production", "reason": "better", "expect": 2},
    "rollback": {"alias": "production", "reason": "too slow", "expect": 2},
    "unalias": {"alias": "production", "reason": "", "expect": 2},
    "approve": {"number": 3, "reason": ""},
    "withdraw": {"number": 2, "reason": ""},
    "deprecate": {"number": 1, "reason": "old"},
    "restore": {"number": 3, "reason": ""},
    "label": {"number": 1, "key": "team", "value": "vision", "reason": ""},
    "note": {"number": 1, "text": "**seen**"},
    "describe": {"number": 1, "text": "what it is"},
}
KINDS = {
    "promote": "alias_set",
    "rollback": "alias_rolled_back",
    "unalias": "alias_removed",
    "approve": "approved",
    "withdraw": "approval_withdrawn",
    "deprecate": "deprecated",
    "restore": "restored",
    "label": "label_set",
    "note": "noted",
    "describe": "described",
}


@pytest.fixture(autouse=True)
def _actor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TB_VERSIONS_ACTOR", "ben")


@pytest.fixture
def digits(world: World) -> Chronicle:
    for number in (1, 2, 3):
        world.version("digits", number)
    made = Chronicle(world.models / "digits")
    made.say("alias_set", 1, events.AliasSet("production"))
    made.say("alias_set", 2, events.AliasSet("production", 1), actor="anna")
    made.say("approved", 2, actor="ben")
    made.say("deprecated", 3)
    return made


class Tab:
    """A tab that may change something."""

    def __init__(self, site: Site, token: str) -> None:
        self.site = site
        self.token = token

    def ask(self, verb: str, *, data: bytes | None = None, headers: dict[str, str | None] | None = None, **body: Any):
        sent = {"Host": HOST, "Origin": ORIGIN, "X-TB-Versions-Token": self.token, "Content-Type": "application/json"}
        sent.update(headers or {})  # type: ignore[arg-type]
        given = json.dumps({"model": "digits", **(body or BODIES[verb])}).encode() if data is None else data
        path = f"{self.site.prefix}/actions/{verb}"
        return self.site.client.post(path, data=given, headers={n: v for n, v in sent.items() if v is not None})

    def done(self, verb: str, **body: Any) -> Any:
        response = self.ask(verb, **body)
        assert response.status_code == 200, response.get_data()
        return strict(response.get_data())


@pytest.fixture
def tab(digits: Chronicle, site: Callable[..., Site], caplog: pytest.LogCaptureFixture) -> Tab:
    with caplog.at_level(logging.WARNING, "tensorboard"):
        made = site("--versions_allow_changes", "--versions_allowed_origin", "https://hub.example.org")
    made.settle()
    (token,) = re.findall(r"#versions&p\.versions\.token=([\w-]{43})$", caplog.text, re.MULTILINE)
    return Tab(made, token)


def error_of(response: TestResponse) -> str:
    told: str = strict(response.get_data())["error"]
    return told


@pytest.mark.parametrize("verb", list(VERBS))
def test_every_action_appends_its_event(tab: Tab, digits: Chronicle, verb: str) -> None:
    told = tab.done(verb)
    assert told["event"]["kind"] == KINDS[verb]
    assert (told["event"]["number"], told["event"]["actor"]) == (5, "ben")
    assert digits.registry.refresh().head.number == 5
    assert tab.site.json("/history?model=digits")["events"][0] == told["event"]


def test_a_promotion_is_in_the_table_of_the_next_request(tab: Tab) -> None:
    tab.done("promote")
    assert tab.site.json("/versions")["registry"]["models"]["digits"]["aliases"][0]["number"] == 3


def test_what_changes_nothing_says_so(tab: Tab, digits: Chronicle) -> None:
    told = tab.done("promote", number=2, alias="production", reason="", expect=2)
    assert (told["event"], "already" in told["said"]) == (None, True)
    assert digits.registry.refresh().head.number == 4


def test_who_was_faster_is_named(tab: Tab, digits: Chronicle) -> None:
    response = tab.ask("promote", number=3, alias="production", reason="", expect=1)
    assert response.status_code == 409
    told = strict(response.get_data())
    assert (told["now"]["number"], told["now"]["actor"]) == (2, "anna")
    assert "digits:2" in told["error"]
    assert digits.registry.refresh().head.number == 4


def test_a_policy_that_says_no_is_told(tab: Tab, digits: Chronicle) -> None:
    (digits.folder / ".versions/policy.toml").write_text("[aliases.production]\napprovals = 1\n")
    response = tab.ask("promote")
    assert response.status_code == 403
    assert "1 more approval" in error_of(response)


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        ({"Host": "evil.example"}, "address"),
        ({"Host": "evil.example", "Origin": "http://evil.example"}, "address"),  # DNS rebinding: equal, and not listed
        ({"Host": "localhost.evil.example", "Origin": "http://localhost.evil.example"}, "address"),
        ({"Host": "0.0.0.0:6006"}, "address"),
        ({"Host": "192.168.1.7:6006", "Origin": "http://192.168.1.7:6006"}, "address"),
        ({"Origin": "http://evil.example"}, "page"),
        ({"Origin": "https://hub.example.org.evil.example"}, "page"),
        ({"Origin": "http://hub.example.org"}, "page"),  # the scheme counts
        ({"Origin": "https://hub.example.org:444"}, "page"),
        ({"Origin": "http://localhost@evil.example"}, "page"),
        ({"Origin": "null"}, "page"),
        ({"Origin": ""}, "page"),
        ({"Origin": None}, "page"),
        ({"Sec-Fetch-Site": "cross-site"}, "another site"),
        ({"Sec-Fetch-Site": "same-site"}, "another site"),
        ({"Content-Type": "text/plain"}, "application/json"),
        ({"Content-Type": "application/x-www-form-urlencoded"}, "application/json"),
        ({"Content-Type": None}, "application/json"),
        ({"X-TB-Versions-Token": None}, "token"),
        ({"X-TB-Versions-Token": ""}, "token"),
        ({"X-TB-Versions-Token": "x" * 43}, "token"),
        ({"X-TB-Versions-Token": "\xe4"}, "token"),
    ],
)
def test_who_may_not_is_refused(tab: Tab, world: World, headers: dict[str, str | None], why: str) -> None:
    before = tree_hash(world.base)
    response = tab.ask("promote", headers=headers)
    assert response.status_code == 403
    assert why in error_of(response)
    assert tab.token not in response.get_data(as_text=True)
    assert tree_hash(world.base) == before


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Host": "127.0.0.1:6006", "Origin": "http://127.0.0.1:6006"},
        {"Host": "[::1]:6006", "Origin": "http://[::1]:6006"},
        {"Host": "localhost:16006", "Origin": "http://localhost:16006"},  # a forwarded port
        {"Host": "hub.example.org", "Origin": "https://hub.example.org"},
        {"Host": "localhost:6006", "Origin": "https://hub.example.org"},  # a proxy that says its own name
        {"Sec-Fetch-Site": "same-origin"},
        {"Content-Type": "application/json; charset=utf-8"},
    ],
)
def test_who_may_is_served(tab: Tab, headers: dict[str, str | None]) -> None:
    assert tab.ask("note", headers=headers).status_code == 200


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_actions_are_posted_and_nothing_else_is(tab: Tab, world: World, method: str) -> None:
    before = tree_hash(world.base)
    headers = {"Host": HOST, "Origin": ORIGIN, "X-TB-Versions-Token": tab.token, "Content-Type": "application/json"}
    for verb in VERBS:
        path = f"{tab.site.prefix}/actions/{verb}"
        response = tab.site.client.open(path, method=method, headers=headers, data=json.dumps(BODIES[verb]))
        assert (response.status_code, response.headers["Allow"]) == (405, "POST")
    assert tree_hash(world.base) == before


@pytest.mark.parametrize("path", ["/versions", "/registry", "/history?model=digits", "/changes", "/version?ref=digits"])
def test_no_other_route_is_posted_to(tab: Tab, path: str) -> None:
    headers = {"Host": HOST, "Origin": ORIGIN, "X-TB-Versions-Token": tab.token, "Content-Type": "application/json"}
    response = tab.site.client.post(tab.site.prefix + path, headers=headers, data=b"{}")
    assert response.status_code == 405


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_without_the_flag_nothing_is_changed(
    world: World, digits: Chronicle, site: Callable[..., Site], method: str
) -> None:
    made = site()
    made.settle()
    before = tree_hash(world.base)
    for verb, body in BODIES.items():
        path = f"{made.prefix}/actions/{verb}"
        headers = {"Host": HOST, "Origin": ORIGIN, "X-TB-Versions-Token": "", "Content-Type": "application/json"}
        response = made.client.open(path, method=method, headers=headers, data=json.dumps({"model": "digits", **body}))
        assert (response.status_code, response.headers["Allow"]) == (405, "GET, HEAD")
        assert "--versions_allow_changes" in made.json(f"/actions/{verb}", status=404)["error"]
    told = made.json("/changes")
    assert (told["allowed"], told["folders"]) == (False, [])
    assert "--versions_allow_changes" in told["why"]
    assert tree_hash(world.base) == before


def test_changes_says_whether_they_are_allowed_here(tab: Tab, world: World) -> None:
    told = tab.site.json("/changes")
    assert (told["allowed"], told["why"], told["folders"]) == (True, "", [str(world.models)])
    assert "--versions_allowed_origin" in tab.site.json("/changes", headers={"Host": "evil.example"})["why"]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b'"x"',
        b"\xff",
        b"{}",
        b'{"model":"digits"}',
        b'{"model":"digits","number":3,"alias":"production","reason":""}',  # says not what it expects
        b'{"model":"digits","number":"3","alias":"production","reason":"","expect":2}',
        b'{"model":"digits","number":3.5,"alias":"production","reason":"","expect":2}',
        b'{"model":"digits","number":-1,"alias":"production","reason":"","expect":2}',
        b'{"model":"digits","number":3,"alias":"latest","reason":"","expect":null}',
        b'{"model":"digits","number":3,"alias":"a b","reason":"","expect":null}',
        b'{"model":"digits","number":3,"alias":"production","reason":"\\u202e","expect":2}',
        b'{"model":"digits","number":3,"alias":"production","reason":"","expect":2,"actor":"boss"}',
        b'{"model":"../digits","number":3,"alias":"production","reason":"","expect":2}',
        b'{"model":"/etc","number":3,"alias":"production","reason":"","expect":2}',
        b'{"model":"","number":3,"alias":"production","reason":"","expect":2}',
        b"[" * 100_000,
        b" " * (LIMIT + 1),
    ],
)
def test_a_request_that_is_none_is_refused(tab: Tab, world: World, data: bytes) -> None:
    before = tree_hash(world.base)
    response = tab.ask("promote", data=data)
    assert response.status_code == 400
    assert len(error_of(response)) < 500
    assert tree_hash(world.base) == before


def test_what_is_not_there_is_named(tab: Tab) -> None:
    assert tab.ask("promote", number=9, alias="production", reason="", expect=2).status_code == 404
    response = tab.ask("note", data=b'{"model":"nothing","number":1,"text":"x"}')
    assert (response.status_code, "nothing" in error_of(response)) == (404, True)


def test_a_damaged_log_is_not_written_to(tab: Tab, digits: Chronicle) -> None:
    digits.damage(5, b"{")
    response = tab.ask("promote")
    assert (response.status_code, "damaged" in error_of(response)) == (409, True)


def test_versions_in_the_log_directory_are_not_changed(tab: Tab, world: World) -> None:
    world.version("inside", 1, folder=world.logs / "models" / "inside" / "1")
    tab.site.settle(lambda catalog: "inside:1" in catalog.by_id)
    response = tab.ask("note", data=b'{"model":"inside","number":1,"text":"x"}')
    assert (response.status_code, "--versions_models_dir" in error_of(response)) == (404, True)


def test_a_models_folder_that_is_a_symlink_is_not_written_to(tab: Tab, world: World) -> None:
    elsewhere = World(world.base / "elsewhere")
    elsewhere.version("linked", 1)
    (world.models / "linked").symlink_to(elsewhere.models / "linked")
    before = tree_hash(elsewhere.base)
    assert tab.ask("note", data=b'{"model":"linked","number":1,"text":"x"}').status_code in (400, 404, 409, 503)
    assert tree_hash(elsewhere.base) == before


def test_of_two_folders_that_hold_a_model_one_has_to_be_named(
    world: World, digits: Chronicle, site: Callable[..., Site], caplog: pytest.LogCaptureFixture
) -> None:
    other = World(world.base / "other")
    other.version("digits", 1)
    with caplog.at_level(logging.WARNING, "tensorboard"):
        made = site("--versions_allow_changes", "--versions_models_dir", str(other.models))
    tab = Tab(made, re.findall(r"token=([\w-]+)", caplog.text)[-1])
    response = tab.ask("note")
    assert (response.status_code, str(other.models) in error_of(response)) == (400, True)
    tab.done("note", number=1, text="x", folder=os.path.join(other.models, "digits"))
    assert Chronicle(other.models / "digits").registry.refresh().head.number == 1
    assert digits.registry.refresh().head.number == 4


def test_of_racing_promotions_one_wins(tab: Tab, digits: Chronicle) -> None:
    statuses: list[int] = []

    def promote(number: int) -> None:
        statuses.append(tab.ask("promote", number=number, alias="production", reason="", expect=2).status_code)

    threads = [threading.Thread(target=promote, args=(number,)) for number in (1, 3) * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses.count(200) == 1
    assert statuses.count(409) == 7
    assert digits.registry.refresh().head.number == 5


def test_the_token_is_in_no_answer(tab: Tab) -> None:
    for path in ("/changes", "/versions", "/registry", "/version?ref=digits:1", "/export?format=html"):
        assert tab.token.encode() not in tab.site.get(path).get_data()


def test_each_start_has_another_token(tab: Tab, site: Callable[..., Site], caplog: pytest.LogCaptureFixture) -> None:
    caplog.clear()
    with caplog.at_level(logging.WARNING, "tensorboard"):
        site("--versions_allow_changes")
    assert tab.token not in caplog.text


@pytest.mark.parametrize("origin", ["hub.example.org", "*", "https://hub.example.org/path", "ftp://x", "", "null"])
def test_an_origin_that_is_none_stops_the_start_with_a_sentence(site: Callable[..., Site], origin: str) -> None:
    with pytest.raises(Exception, match="--versions_allowed_origin is written like"):
        site("--versions_allow_changes", "--versions_allowed_origin", origin)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "model": st.sampled_from(["digits", "gone", "..", "", "__proto__"]) | st.text(max_size=9),
        "number": st.sampled_from([1, 2, 3, 9, -1, 2**63, 2**70]) | ANYTHING,
        "alias": st.sampled_from(["production", "canary", "latest", "v1"]) | st.text(max_size=9),
        "reason": st.text(max_size=30) | ANYTHING,
        "expect": st.sampled_from([None, 1, 2, 2**64]) | ANYTHING,
        "key": st.text(max_size=9),
        "value": st.none() | st.text(max_size=9),
        "text": st.text(max_size=30),
        "folder": st.text(max_size=9),
    },
)


def test_whatever_is_asked_for_the_server_does_not_fail(tab: Tab, digits: Chronicle) -> None:
    seen: Counter[int] = Counter()

    @seed(22)
    @settings(max_examples=tries(300), database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.sampled_from(list(VERBS)), st.integers(0, 3), FIELDS, ANYTHING)
    def ask(verb: str, way: int, fields: dict[str, Any], anything: Any) -> None:
        right = {"model": "digits", **BODIES[verb]}
        some = dict(list(fields.items())[:2])
        known = {name: value for name, value in some.items() if name in right}
        body = (right, {**right, **known}, {**right, **some}, anything)[way]
        response = tab.ask(verb, data=json.dumps(body).encode())
        assert response.status_code in (200, 400, 403, 404, 409), response.get_data()
        strict(response.get_data())
        seen[response.status_code] += 1

    ask()
    assert 4 <= digits.registry.known().head.number <= 4 + seen[200]
    print(f"actions: {sum(seen.values()):,} requests, statuses {dict(sorted(seen.items()))}, 0 × 5xx")
