"""The tab over a table, with the process that answers: what it shows is what the files say."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import schemathesis

from tb_versions import payload
from tb_versions.core.manifest import Metric
from tb_versions.exports.page.html import parse_html
from tb_versions.fleet.indexing import index
from tb_versions.fleet.windows.service import Service
from tb_versions.registry import events
from tests.http.test_openapi import SPEC, check, run, validator
from tests.support.chronicle import Chronicle
from tests.support.effort import HANGS
from tests.support.tables import whole
from tests.support.world import Site, World, row_of, strict

pytestmark = pytest.mark.slow

MODELS = ("digits", "faces", "letters")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    made = World(tmp_path_factory.mktemp("windowed"))
    made.scalars("cnn", "loss", [(1, 1.0), (2, 0.5)])
    for at, model in enumerate(MODELS):
        for number in range(1, 5):
            loss = Metric(name="loss", value=at + 1 / number, source="typed")
            made.version(model, number, run="cnn", step=1, metrics=(loss,), hyperparameters={"lr": 0.1 * number})
    digits = Chronicle(made.models / "digits")
    digits.say("alias_set", 2, events.AliasSet("production"))
    digits.say("deprecated", 1)
    index(os.fspath(made.models))
    made.version("letters", 5, metrics=(Metric(name="loss", value=9.0, source="typed"),))
    return made


@pytest.fixture(scope="module")
def tab(world: World) -> Iterator[Site]:
    with opened(world) as site:
        yield site


@contextmanager
def opened(world: World, *flags: str) -> Iterator[Site]:
    """A TensorBoard whose table is open and was looked at."""
    places = ("--logdir", str(world.logs), "--versions_models_dir", str(world.models))
    site = Site(*places, "--versions_index_above", "3", *flags)
    until(lambda: was_looked_at(head_of(site)))
    yield site
    process_of(site).stop()


def was_looked_at(head: Any) -> bool:
    assert head["status"] != "ready", head["problems"]
    return bool(head["window"]["looked"])


def process_of(tab: Site) -> Service:
    """What asks the table of the only folder."""
    service = tab.plugin._indexed._folders[0]._service
    assert isinstance(service, Service)
    return service


def until(holds: Callable[[], bool]) -> None:
    for _ in range(HANGS * 20):
        if holds():
            return
        time.sleep(0.05)
    raise AssertionError("it never came")


def head_of(tab: Site) -> Any:
    response = tab.get("/versions")
    assert response.status_code == 200
    return strict(response.data)


def window_of(tab: Site, query: str = "") -> Any:
    answer = tab.json(f"/window?{query}")
    validator("/window", 200, "application/json").validate(answer)
    return answer


def ids(answer: Any) -> list[str]:
    return [] if not answer["table"]["blocks"] else list(payload.whole(answer["table"])["columns"]["id"])


def test_the_head_is_told_at_once_and_as_described(tab: Site) -> None:
    head = head_of(tab)
    validator("/versions", 200, "application/json").validate(head)
    assert head["status"] == "windowed"
    assert (head["window"]["rows"], head["window"]["newer"], head["window"]["problem"]) == (13, 1, "")
    assert [metric["key"] for metric in head["metrics"]] == ["loss"]
    assert [column["name"] for column in head["hyperparameters"]] == ["lr"]
    assert head["blocks"] == []


def test_rows_are_those_of_the_files_in_the_order_that_is_asked_for(tab: Site, world: World) -> None:
    answer = window_of(tab, "sort=-metric.loss&count=3&facets=1")
    assert (answer["found"], answer["hidden"]) == (12, {"deprecated": 1, "removed": 0})
    assert ids(answer) == ["letters:5", "letters:1", "letters:2"]
    newest = row_of(whole(answer["table"]), "letters:5")
    assert newest["metrics"]["loss"]["at_export"] == 9.0
    assert sorted(answer["facets"]["models"]["values"]) == [["digits", 3], ["faces", 4], ["letters", 5]]
    assert ids(window_of(tab, "sort=-metric.loss&first=10&count=3")) == ["digits:3", "digits:4"]
    assert ids(window_of(tab, "first=99")) == []
    assert {window_of(tab, query)["revision"] for query in ("", "first=3", "alias=production")} == {answer["revision"]}
    production = window_of(tab, "alias=production")
    assert ids(production) == ["digits:2"]
    assert production["table"]["registry"]["models"]["digits"]["aliases"][0]["name"] == "production"
    found = tab.json("/version?ref=digits@production")
    assert (found["id"], found["metrics"][0]["at_export"]) == ("digits:2", 0.5)


def test_groups_and_densities_count_all_rows(tab: Site) -> None:
    answer = window_of(tab, "group=model&count=0&all=1")
    assert answer["groups"] == [{"name": name, "count": 4 + (name == "letters")} for name in MODELS]
    density = tab.json("/density?x=version&y=metric.loss&bins=4x4&filter=model%3Ddigits")
    validator("/density", 200, "application/json").validate(density)
    assert (density["found"], density["counted"], sum(n for *_, n in density["counts"])) == (3, 3, 3)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/window?filter=loss+%3E", "at character 7"),
        ("/window?filter=state%3Dpresent", "files are there"),
        ("/window?sort=nonsense", "no column"),
        ("/window?count=501", "500"),
        ("/window?first=-1", "first"),
        ("/window?group=digest", "group"),
        ("/window?brush=%5B1%5D", "brush"),
        ("/window?nonsense=1", "not known"),
        ("/density?x=loss", "both are needed"),
        ("/density?x=loss&y=model", "number"),
        ("/density?x=loss&y=lr&bins=1000x1", "200"),
        ("/export?filter=nonsense+%3D+1", "nonsense"),
    ],
)
def test_a_question_that_can_not_be_answered_is_a_sentence(tab: Site, path: str, words: str) -> None:
    assert words in tab.json(path, status=400)["error"]


def test_what_a_filter_passes_is_exported(tab: Site) -> None:
    export = parse_html(tab.get("/export?filter=loss+%3C+1&model=digits").data, "x")
    assert whole(export.section("versions"))["columns"]["id"] == ["digits:2", "digits:3", "digits:4"]
    compared = tab.json("/compare?member=digits:2&member=letters:5&member=run:cnn")
    assert [member["id"] for member in compared["members"]] == ["digits:2", "letters:5", "run:cnn"]


@pytest.mark.parametrize(
    "hostile", ["'; DROP TABLE versions; --", "\0", "\u202e", "x" * 9_000, "%_\\", '"', "../../etc"]
)
def test_hostile_texts_are_values_and_nothing_else(tab: Site, hostile: str) -> None:
    text = quote(hostile)
    for path in (f"model={text}", f"alias={text}", f"run={text}", f"sort={text}", f"filter={text}", f"brush={text}"):
        assert tab.get(f"/window?{path}").status_code in (200, 400)
    assert tab.get(f"/version?ref={text}").status_code in (400, 404)
    assert window_of(tab)["found"] == 12


@pytest.mark.parametrize("route", ["/versions", "/window", "/density", "/models", "/registry", "/version", "/export"])
def test_requests_made_from_the_description_never_fail_the_server(tab: Site, route: str) -> None:
    operation = schemathesis.openapi.from_dict(SPEC)[route]["GET"]
    seen: Counter[int] = Counter()

    def once(case: Any) -> None:
        query = [(k, str(v)) for k, vs in (case.query or {}).items() for v in (vs if isinstance(vs, list) else [vs])]
        check(route, tab.get(route, query_string=[(k, v.encode("utf-8", "replace")) for k, v in query]), seen)

    for mode in (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE):
        if mode is schemathesis.GenerationMode.POSITIVE or route in ("/window", "/density"):
            run(operation.as_strategy(generation_mode=mode), 30, once)


def test_the_process_may_be_killed(tab: Site) -> None:
    process = process_of(tab)._process
    assert process is not None
    assert process._popen is not None
    process._popen.kill()
    for _ in range(20):
        assert head_of(tab)["status"] == "windowed"
        assert tab.get("/window").status_code in (200, 503)
    until(lambda: head_of(tab)["window"]["problem"] == "")
    assert window_of(tab)["found"] == 12


def test_a_change_from_the_tab_is_seen_by_the_table(world: World) -> None:
    with opened(world, "--versions_allow_changes") as tab:
        guard = tab.plugin._actions._guard
        assert guard is not None
        headers = {"Host": "localhost:6006", "Origin": "http://localhost:6006", "X-TB-Versions-Token": guard.token}
        before = head_of(tab)["revision"]
        body = {"model": "faces", "number": 3, "alias": "canary", "reason": "", "expect": None}
        response = tab.client.post(f"{tab.prefix}/actions/promote", json=body, headers=headers)
        assert response.status_code == 200, response.data
        assert tab.json("/version?ref=faces@canary")["id"] == "faces:3"
        until(lambda: ids(window_of(tab, "alias=canary")) == ["faces:3"])
        until(lambda: head_of(tab)["revision"] != before)


def test_at_the_limit_everything_is_as_without_a_table(world: World) -> None:
    site = Site("--logdir", str(world.logs), "--versions_models_dir", str(world.models), "--versions_index_above", "13")
    until(lambda: site.get("/models").status_code == 200)
    site.settle()
    table = site.json("/versions")
    assert (table["status"], len(table["columns"]["id"]), "window" in table) == ("ready", 13, False)


def test_tables_elsewhere_are_named_by_a_flag(world: World, tmp_path: Path) -> None:
    index(os.fspath(world.models), os.fspath(tmp_path / "tables"))
    with opened(world, "--versions_index", str(tmp_path / "tables")) as tab:
        assert (head_of(tab)["window"]["rows"], head_of(tab)["window"]["newer"]) == (13, 0)
        assert len(ids(window_of(tab))) == 12
