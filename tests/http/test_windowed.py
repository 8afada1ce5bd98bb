"""A table that stands for the models folder: what the tab asks it, and what it still reads from the files."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tb_versions.core.manifest import Metric, Parent
from tb_versions.errors import InvalidFilterError, StorageError
from tb_versions.exports.page.html import parse_html
from tb_versions.plugin import plugin
from tb_versions.registry import events
from tests.support.chronicle import Chronicle, begin_ms
from tests.support.standing import Said, Told
from tests.support.tables import whole
from tests.support.world import Site, World, strict

HEAD = {
    "metrics": [{"key": "loss", "name": "loss", "dataset": "", "slice": "", "goal": "min", "goal_source": "inferred"}],
    "hyperparameters": [{"name": "lr"}],
    "labels": [],
    "problems": [{"where": "models", "reason": "1 manifest could not be read."}],
    "revision": "0123456789abcdef",
}


class Scripted(Said):
    """A service with fixed answers, which keeps what it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[str, Mapping[str, Any]]] = []
        self.answers: dict[str, Any] = {"head": HEAD, "window": {"found": 7}, "density": {"found": 7}}

    def ask(self, what: str, question: Mapping[str, Any]) -> bytes:
        self.asked.append((what, question))
        answer = self.answers[what]
        if isinstance(answer, Exception):
            raise answer
        return json.dumps(answer).encode()


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Scripted:
    made = Scripted()
    monkeypatch.setattr(plugin, "_opens", lambda *_: made)
    return made


@pytest.fixture
def tab(world: World, site: Callable[..., Site], service: Scripted) -> Site:
    (world.models / ".index").mkdir()
    world.scalars("cnn", "loss", [(1, 1.0), (2, 0.5), (3, 0.75)])
    world.version("base", 1)
    world.version("digits", 1, run="cnn", step=1, metrics=(Metric(name="loss", value=1.0),))
    world.version("digits", 2, run="cnn", step=2, parents=(Parent(model="base", number=1, relation="derived_from"),))
    world.version("digits", 3, run="cnn", step=3, semantic_version="1.0.0")
    world.version("letters", 1)
    world.raw("bad/1", b"{")
    digits = Chronicle(world.models / "digits")
    digits.say("alias_set", 1, events.AliasSet("production"))
    digits.say("alias_set", 2, events.AliasSet("production", 1))
    digits.measure(2, accuracy=0.5)
    made = site("--versions_index_above", "3", "--versions_allow_changes")
    service.told = Told("windowed", 7, indexed_ms=1_000, newer=1, gone=0, looked_ms=2_000)
    return made


def head_of(tab: Site) -> Any:
    """What /versions answers, which has no rows."""
    response = tab.get("/versions")
    assert response.status_code == 200
    return strict(response.data)


def test_the_head_has_columns_and_no_rows(tab: Site, world: World) -> None:
    lines = tab.get("/versions").data.splitlines()
    assert (len(lines), lines[0][-10:], lines[1]) == (2, b',"parts":[', b"]}")
    head = strict(b"".join(lines))
    assert (head["schema_version"], head["status"]) == (2, "windowed")
    assert (head["blocks"], head["parts"]) == ([], [])
    assert (head["metrics"], head["hyperparameters"], head["labels"]) == (HEAD["metrics"], [{"name": "lr"}], [])
    assert head["registry"]["models"] == {}
    assert head["looked_in"] == [{"path": str(world.models), "kind": "models_dir", "exists": True}]
    assert head["window"] == {"rows": 7, "indexed": 1_000, "newer": 1, "gone": 0, "looked": 2_000, "problem": ""}
    not_shown, of_table = head["problems"]
    assert of_table == HEAD["problems"][0]
    assert "1 other folder is not searched for versions" in not_shown["reason"]
    assert str(world.logs) in not_shown["reason"]
    assert "--versions_index_above" in not_shown["reason"]


def test_the_revision_follows_what_the_table_says_and_not_the_time_of_the_last_look(
    tab: Site, service: Scripted
) -> None:
    first = tab.get("/versions")
    assert tab.get("/versions", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    service.told = Told("windowed", 7, indexed_ms=1_000, newer=1, looked_ms=9_000)
    second = tab.get("/versions", headers={"If-None-Match": first.headers["ETag"]})
    assert second.status_code == 200
    assert strict(second.data)["revision"] == strict(first.data)["revision"]
    service.answers["head"] = {**HEAD, "revision": "fedcba9876543210"}
    assert head_of(tab)["revision"] != strict(first.data)["revision"]


def test_no_manifest_is_read_for_it(tab: Site) -> None:
    """The catalog of everything stays as it was before the first look."""
    head_of(tab)
    for path in ("/window", "/density", "/version?ref=digits:1", "/registry?model=digits"):
        tab.json(path)
    assert tab.plugin.live.catalog.loading
    assert tab.plugin.live._thread is None
    assert tab.plugin.is_active()


def test_a_question_is_handed_over_as_it_was_asked(tab: Site, service: Scripted) -> None:
    service.answers["window"] = {"rows": "x" * 5_000}
    path = "/window?filter=loss+%3C+1&sort=-loss&sort=model&model=a&model=b&brush=%5B%5D&all=1&first=400&count=200"
    response = tab.get(path, headers={"Accept-Encoding": "gzip"})
    assert json.loads(gzip.decompress(response.data)) == {"rows": "x" * 5_000}
    assert tab.get(path, headers={"If-None-Match": response.headers["ETag"]}).status_code == 304
    assert service.asked[0] == (
        "window",
        {
            "filter": "loss < 1",
            "sort": ["-loss", "model"],
            "model": ["a", "b"],
            "brush": "[]",
            "all": "1",
            "first": "400",
            "count": "200",
        },
    )
    tab.json("/density?x=lr&y=loss&bins=80x50&xlog=1&run=cnn")
    assert service.asked[-1] == ("density", {"x": "lr", "y": "loss", "bins": "80x50", "xlog": "1", "run": ["cnn"]})


@pytest.mark.parametrize(
    ("failure", "status"),
    [
        (InvalidFilterError("There is no column los.", at=0, end=3), 400),
        (StorageError("The table took longer than 10 s."), 503),
    ],
)
def test_what_the_table_refuses_is_a_sentence(tab: Site, service: Scripted, failure: Exception, status: int) -> None:
    service.answers = dict.fromkeys(("window", "density", "ids"), failure)
    for path in ("/window", "/density", "/export"):
        assert tab.json(path, status=status)["error"] == str(failure)
    assert "x is not known" in tab.json("/window?x=1", status=400)["error"].replace('"', "")


def test_a_table_that_fails_says_so_on_the_status_line(tab: Site, service: Scripted) -> None:
    head_of(tab)
    service.told = Told("failed", problem="Its process needed too much memory. Run tb-versions index.")
    service.answers["head"] = StorageError("It died.")
    head = head_of(tab)
    assert (head["status"], head["window"]["rows"], head["metrics"]) == ("windowed", 7, HEAD["metrics"])
    assert head["window"]["problem"] == "Its process needed too much memory. Run tb-versions index."
    service.told = Told("windowed", 7)
    assert head_of(tab)["window"]["problem"] == "It died."


def test_while_the_table_is_opened_nothing_is_known(tab: Site, service: Scripted, world: World) -> None:
    service.told = Told("starting")
    head = head_of(tab)
    assert head["status"] == "loading"
    assert "rows" not in head["window"]
    assert [root["path"] for root in head["looked_in"]] == [str(world.logs), str(world.models)]
    for path in ("/window", "/version?ref=digits:1", "/export", "/registry", "/models", "/history?model=digits"):
        assert "still being opened" in tab.json(path, status=503)["error"]


def test_a_small_table_changes_nothing(tab: Site, service: Scripted) -> None:
    service.told = Told("small", 3)
    tab.settle()
    table = tab.json("/versions")
    assert (table["status"], len(table["columns"]["id"])) == ("ready", 6)
    assert "window" not in table
    assert "versions has all rows" in tab.json("/window", status=400)["error"]
    assert "none stands for" in tab.json("/export?model=digits", status=400)["error"]


def test_a_table_that_can_not_be_asked_is_a_problem_and_the_files_are_read(
    tab: Site, service: Scripted, world: World
) -> None:
    service.told = Told("failed", problem="DuckDB is not installed.")
    tab.settle()
    assert {"where": f"{world.models}/.index", "reason": _NOT_USED} in tab.json("/versions")["problems"]
    service.told = Told("small", 3)
    tab.settle(lambda catalog: not any("DuckDB" in why for _, why in catalog.problems))


_NOT_USED = "The table is not used, and the files are read: DuckDB is not installed."


def test_one_version_is_read_from_its_folder(tab: Site) -> None:
    found = tab.json("/version?ref=digits@production")
    assert (found["id"], found["state"]) == ("digits:2", "present")
    assert found["lineage"]["parents"] == [{"ref": "base:1", "relation": "derived from", "known": True}]
    assert found["lineage"]["looked_in"] == ["digits", "base"]
    assert found["said"]["aliases"] == ["production"]
    assert [run["known"] for run in found["runs"]] == [True]
    assert tab.json("/version?ref=digits:1.0.0")["id"] == "digits:3"
    assert tab.json("/version?ref=bad:1")["state"] == "damaged"
    assert "no folder with versions of it" in tab.json("/version?ref=gone", status=404)["error"]
    assert "digits has no version" in tab.json("/version?ref=digits:9", status=404)["error"]
    tab.json("/version?ref=..", status=404)
    tab.json("/version?ref=a/b", status=400)


def test_versions_and_runs_are_compared_over_models(tab: Site) -> None:
    found = tab.json("/compare?member=digits:2&member=letters:1&member=run:cnn&baseline=digits@production")
    assert [member["id"] for member in found["members"]] == ["digits:2", "letters:1", "run:cnn"]
    assert tab.json("/compare?member=run:cnn&member=gone", status=404)


def test_models_and_registries_are_those_that_are_asked_for(tab: Site) -> None:
    for path in ("/models", "/registry", f"/registry?at={begin_ms()}"):
        assert "Say which models" in tab.json(path, status=400)["error"]
    (model,) = tab.json("/models?model=digits&model=gone")["models"]
    assert (model["name"], model["versions"], model["latest"]) == ("digits", 3, 3)
    registry = tab.json("/registry?model=digits&model=letters")["registry"]
    assert list(registry["models"]) == ["digits"]
    before = tab.json(f"/registry?model=digits&at={begin_ms(5)}")["registry"]
    assert (before["models"]["digits"]["head"], registry["models"]["digits"]["head"]) == (1, 2)
    assert len(tab.json("/history?model=digits")["events"]) == 2
    assert tab.json("/history?model=letters")["events"] == []
    tab.json("/history?model=gone", status=404)
    assert len(tab.json("/measured?model=digits&version=2")["measured"]) == 1
    assert len(tab.json("/scalars?run=cnn&tag=loss")["series"]) == 1


def test_references_are_exported_from_their_files(tab: Site, service: Scripted) -> None:
    export = parse_html(tab.get("/export?ref=digits:1&ref=letters:1").data, "x")
    assert whole(export.section("versions"))["columns"]["id"] == ["digits:1", "letters:1"]
    assert [what for what, _ in service.asked] == []
    assert "leave it out, or ref" in tab.json("/export?ref=digits:1&model=digits", status=400)["error"]


def test_what_a_filter_chooses_is_exported_after_the_table_said_how_many(tab: Site, service: Scripted) -> None:
    service.answers["ids"] = {"found": 2, "ids": ["letters:1", "digits:3"]}
    export = parse_html(tab.get("/export?filter=loss%3C1&model=digits&all=1").data, "x")
    assert whole(export.section("versions"))["columns"]["id"] == ["digits:3", "letters:1"]
    assert service.asked == [("ids", {"filter": "loss<1", "model": ["digits"], "all": "1", "count": "2000"})]
    service.answers["ids"] = {"found": 812_345, "ids": []}
    assert "812,345 versions are more than the 2,000" in tab.json("/export?filter=x", status=400)["error"]
    service.answers["ids"] = {"found": 0, "ids": []}
    assert "No version passes" in tab.json("/export?filter=x", status=404)["error"]
    service.answers["ids"] = {"found": 300, "ids": [f"m{number}:1" for number in range(300)]}
    assert "300 models were asked for" in tab.json("/export", status=400)["error"]


def test_a_change_is_made_and_told(tab: Site) -> None:
    guard = tab.plugin._actions._guard
    assert guard is not None
    headers = {"Host": "localhost:6006", "Origin": "http://localhost:6006", "X-TB-Versions-Token": guard.token}
    body = {"model": "digits", "number": 3, "alias": "production", "reason": "better", "expect": 2}
    response = tab.client.post(f"{tab.prefix}/actions/promote", json=body, headers=headers)
    assert response.status_code == 200, response.data
    assert strict(response.data)["event"]["kind"] == "alias_set"
    assert tab.json("/version?ref=digits@production")["id"] == "digits:3"
    assert tab.plugin.live.catalog.loading


def test_servers_are_not_asked_for_so_many_models(world: World, site: Callable[..., Site], service: Scripted) -> None:
    from tb_versions.serving.config import ServedModel, dump

    (world.models / ".index").mkdir()
    world.version("digits", 1)
    config = world.base / "models.config"
    served = {name: ServedModel(name, f"/srv/{name}", (1,)) for name in ("digits", "gone")}
    config.write_text(dump(served))
    service.told = Told("windowed", 7)
    tab = site("--versions_serving_config", str(config), "--versions_serving_status", "http://127.0.0.1:1")
    file, server = tab.json("/served")["places"]
    assert list(file["models"]) == ["digits"]
    assert "not asked" in server["problem"]
