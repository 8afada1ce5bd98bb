"""What every route keeps: methods, parameters, caching, headers, strictness, read-only."""

from __future__ import annotations

import gzip
import io
import json
import logging
import wsgiref.validate
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from werkzeug.test import Client

from tb_versions import payload
from tb_versions.core.manifest import Metric
from tests.support.world import PREFIX, ROUTES, Site, World, strict, tree_hash

GOOD = ("/models", "/versions", "/version?ref=digits:1", "/scalars?run=cnn&tag=loss", "/static/index.js")


@pytest.fixture
def tab(world: World, site: Callable[..., Site]) -> Site:
    world.scalars("cnn", "loss", [(step, 1 / step) for step in range(1, 60)])
    for number in range(1, 30):
        world.version("digits", number, run="cnn", step=number, metrics=(Metric(name="val_accuracy", value=0.9),))
    made = site()
    made.settle()
    return made


@pytest.fixture
def static_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The built front end may not be there yet; one file of known content is."""
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "index.js").write_text("export function render() {}\n" * 100)
    monkeypatch.setattr("tb_versions.plugin.plugin.STATIC", tmp_path / "static")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"])
@pytest.mark.usefixtures("static_file")
def test_every_other_method_is_refused_with_allow(tab: Site, method: str) -> None:
    for path in GOOD:
        response = tab.client.open(PREFIX + path, method=method, data=b"x")
        assert response.status_code == 405, path
        assert response.headers["Allow"] == "GET, HEAD"
        assert method in strict(response.get_data())["error"]


@pytest.mark.parametrize("path", GOOD)
@pytest.mark.usefixtures("static_file")
def test_head_has_the_headers_of_get_and_no_body(tab: Site, path: str) -> None:
    got, head = tab.get(path), tab.client.head(PREFIX + path)
    assert head.status_code == 200
    assert head.get_data() == b""
    for name in ("Content-Type", "ETag", "Content-Length"):
        assert head.headers[name] == got.headers[name]


@pytest.mark.parametrize("route", ROUTES)
def test_an_unknown_parameter_is_refused_by_name(tab: Site, route: str) -> None:
    error = tab.json(f"{route}?ref=digits:1&wat=1" if route == "/version" else f"{route}?wat=1", status=400)["error"]
    assert '"wat" is not known' in error
    assert error.endswith(".")


def test_references_that_fail_say_why(tab: Site) -> None:
    for ref, status, words in (
        ("", 400, "Say which version"),
        ("digits:99", 404, 'digits has no version "99"'),
        ("digitz:1", 404, "Did you mean digits?"),
        ("digits:x", 400, "neither a version number (3) nor a semantic version"),
        ("digits@production", 404, 'has no alias "production"'),
        ("a:b:c", 400, "is not a reference"),
        ("../../etc/passwd", 400, "is not a reference"),
        ("\0", 404, "There is no model"),
        ("digits:" + "9" * 5000, 400, "is not a reference"),
    ):
        error = tab.json(f"/version?ref={quote(ref)}", status=status)["error"]
        assert words in error, error
        assert len(error) < 500
        assert "\0" not in error


def test_a_bare_model_is_its_newest_version(tab: Site) -> None:
    assert tab.json("/version?ref=digits")["id"] == "digits:29"


@pytest.mark.parametrize("path", GOOD)
@pytest.mark.usefixtures("static_file")
def test_what_did_not_change_is_not_sent_again(tab: Site, path: str) -> None:
    etag = tab.get(path).headers["ETag"]
    for condition in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        response = tab.get(path, headers={"If-None-Match": condition})
        assert response.status_code == 304
        assert response.get_data() == b""
        assert response.headers["ETag"] == etag
    assert tab.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_the_etag_is_the_revision_and_follows_the_content(tab: Site, world: World) -> None:
    response = tab.get("/versions")
    before = strict(response.get_data())["revision"]
    assert response.headers["ETag"] == f'"{before}"'
    world.version("digits", 30)
    tab.settle(lambda catalog: "digits:30" in catalog.by_id)
    after = tab.get("/versions", headers={"If-None-Match": f'"{before}"'})
    assert after.status_code == 200
    assert strict(after.get_data())["revision"] != before


@pytest.mark.parametrize("path", GOOD)
@pytest.mark.usefixtures("static_file")
def test_gzip_is_used_when_asked_for_and_means_the_same(tab: Site, path: str) -> None:
    plain = tab.get(path)
    assert "Content-Encoding" not in plain.headers
    packed = tab.get(path, headers={"Accept-Encoding": "gzip, deflate, br"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.get_data()) == plain.get_data()
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert int(packed.headers["Content-Length"]) == len(packed.get_data())


def test_gzip_refused_is_not_used(tab: Site) -> None:
    response = tab.get("/versions", headers={"Accept-Encoding": "gzip;q=0"})
    assert strict(
        gzip.decompress(response.get_data()) if response.headers.get("Content-Encoding") else response.get_data()
    )


@pytest.mark.usefixtures("static_file")
def test_headers_are_safe_and_tensorboard_has_no_warning(tab: Site, caplog: pytest.LogCaptureFixture) -> None:
    paths = (*GOOD, "/version?ref=nope", "/versions?x=1", "/static/none.js", "/scalars")
    with caplog.at_level(logging.WARNING):
        for path in paths:
            etag = tab.get(path).headers.get("ETag", "")
            for options in ({}, {"headers": {"If-None-Match": etag}}, {"headers": {"Accept-Encoding": "gzip"}}):
                response = tab.get(path, **options)
                assert response.headers["X-Content-Type-Options"] == "nosniff"
                assert response.headers["Content-Type"].split(";")[0] in ("application/json", "application/javascript")
                assert "no-cache" in response.headers["Cache-Control"]
                assert "Set-Cookie" not in response.headers
                assert "Access-Control-Allow-Origin" not in response.headers
    assert [record for record in caplog.records if "3.0" in record.getMessage()] == []


@pytest.mark.usefixtures("static_file")
def test_every_answer_keeps_the_wsgi_rules(tab: Site) -> None:
    checked = Client(wsgiref.validate.validator(tab.app))
    for path in (*GOOD, "/version?ref=nope", "/versions?x=1", "/static/none"):
        for method in ("GET", "HEAD", "POST"):
            response = checked.open(PREFIX + path, method=method, errors_stream=io.StringIO())
            assert response.status_code < 500
            response.close()


def test_foreign_hosts_and_origins_read_like_everyone_else(tab: Site) -> None:
    headers = {"Host": "evil.example", "Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site"}
    response = tab.get("/versions", headers=headers)
    assert response.status_code == 200
    assert not [name for name, _ in response.headers if name.lower().startswith("access-control")]
    assert tab.client.post(PREFIX + "/versions", headers=headers, content_type="text/plain").status_code == 405


@pytest.mark.usefixtures("static_file")
def test_no_request_changes_the_disk(tab: Site, world: World) -> None:
    before = tree_hash(world.base)
    for path in (*GOOD, "/version?ref=digits:2", "/scalars?run=../x&tag=/etc/passwd"):
        for method in ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"):
            tab.client.open(PREFIX + path, method=method)
    tab.settle()
    assert tree_hash(world.base) == before


def test_models_are_counted(tab: Site, world: World) -> None:
    world.version("other", 7)
    world.raw("other/8", b"{")
    tab.settle(lambda catalog: "other:8" in catalog.by_id)
    models = {model["name"]: model for model in tab.json("/models")["models"]}
    assert models["digits"]["versions"] == 29
    assert (models["other"]["versions"], models["other"]["latest"], models["other"]["damaged"]) == (2, 8, 1)


def test_curves_of_many_runs_come_in_one_request(tab: Site) -> None:
    answer = tab.json("/scalars?run=cnn&run=nope&tag=loss&tag=wat&run=cnn")
    (series,) = answer["series"]
    assert (series["run"], series["tag"], series["sampled"]) == ("cnn", "loss", False)
    assert series["steps"] == list(range(1, 60))
    assert answer["missing"] == [
        {"run": "cnn", "tag": "wat"},
        {"run": "nope", "tag": "loss"},
        {"run": "nope", "tag": "wat"},
    ]


def test_curves_are_thinned_to_what_was_asked_for(tab: Site) -> None:
    (series,) = tab.json("/scalars?run=cnn&tag=loss&max_points=10")["series"]
    assert len(series["steps"]) == len(series["values"]) == len(series["wall_times"]) == 10
    assert series["sampled"] is True
    assert series["steps"][-1] == 59


@pytest.mark.parametrize("points", ["0", "-1", "1e3", "1000000", "", "ten", "١٠", "10;drop", "1.5"])
def test_a_wrong_number_of_points_is_refused(tab: Site, points: str) -> None:
    error = tab.json(f"/scalars?run=cnn&tag=loss&max_points={quote(points)}", status=400)["error"]
    assert error.startswith("max_points must be an integer from 1 to 999999")


def test_too_many_curves_are_refused(tab: Site) -> None:
    query = "&".join([f"run=r{i}" for i in range(100)] + [f"tag=t{i}" for i in range(51)])
    assert "5,100 curves were asked for; at most 5,000" in tab.json(f"/scalars?{query}", status=400)["error"]


def test_curves_need_a_run_and_a_tag(tab: Site) -> None:
    for query in ("", "?run=cnn", "?tag=loss"):
        assert "Say which curves" in tab.json(f"/scalars{query}", status=400)["error"]


def test_numbers_that_json_lacks_travel_as_text(world: World, site: Callable[..., Site]) -> None:
    values = {
        "nan": float("nan"),
        "up": float("inf"),
        "down": float("-inf"),
        "zero": -0.0,
        "big": 1e308,
        "tiny": 5e-324,
    }
    world.version(
        "digits",
        2**63 - 1,
        run="r",
        step=2**62,
        metrics=tuple(Metric(name=name, value=value) for name, value in values.items()),
        hyperparameters={"seed": 2**60, "rate": float("inf")},
    )
    world.scalars("r", "loss", [(1, float("nan")), (2, float("inf")), (2**62, float("-inf"))])
    tab = site()
    tab.settle()
    row = tab.row(f"digits:{2**63 - 1}")
    got = {name: row["metrics"][name]["at_export"] for name in values}
    assert got == {"nan": "NaN", "up": "Infinity", "down": "-Infinity", "zero": 0.0, "big": 1e308, "tiny": 5e-324}
    assert row["number"] == str(2**63 - 1)
    assert row["step"] == str(2**62)
    assert row["metrics"]["loss"]["at_export"] == "-Infinity"
    assert row["hyperparameters"] == {"seed": str(2**60), "rate": "inf"}
    detail = tab.json(f"/version?ref=digits:{2**63 - 1}")
    assert {m["key"]: m["at_export"] for m in detail["metrics"]} == got | {"loss": "-Infinity"}
    (series,) = tab.json("/scalars?run=r&tag=loss")["series"]
    assert series["values"] == ["NaN", "Infinity", "-Infinity"]


def test_a_path_prefix_and_an_experiment_id_do_not_matter(world: World, site: Callable[..., Site]) -> None:
    world.version("digits", 1)
    tab = site("--path_prefix=/foo")
    tab.settle()
    assert tab.row("digits:1")["state"] == "present"
    assert tab.client.get(f"/foo/experiment/abc{PREFIX}/versions").status_code == 200
    assert tab.client.get(f"{PREFIX}/versions").status_code == 404


def test_the_plugin_is_active_only_when_there_is_something(world: World, site: Callable[..., Site]) -> None:
    tab = site()
    tab.settle()
    assert not tab.plugin.is_active()
    world.version("digits", 1)
    tab.settle(lambda catalog: bool(catalog.versions))
    assert tab.plugin.is_active()
    listing = strict(tab.client.get("/data/plugins_listing").get_data())
    assert listing["versions"]["enabled"]
    assert listing["versions"]["tab_name"] == "Versions"
    assert listing["versions"]["loading_mechanism"]["type"] == "CUSTOM_ELEMENT" or "module_path" in json.dumps(listing)


def test_an_empty_page_says_where_was_looked(world: World, site: Callable[..., Site]) -> None:
    tab = site("--versions_models_dir", str(world.base / "nowhere"))
    tab.settle()
    table = tab.json("/versions")
    assert table["columns"]["id"] == []
    assert table["status"] == "ready"
    assert table["looked_in"] == [
        {"path": str(world.logs), "kind": "logdir", "exists": True},
        {"path": str(world.models), "kind": "models_dir", "exists": True},
        {"path": str(world.base / "nowhere"), "kind": "models_dir", "exists": False},
    ]


def test_the_columns_are_equally_long(tab: Site) -> None:
    table = tab.json("/versions")
    count = len(table["columns"]["id"])
    columns: list[Any] = [c["codes"] if isinstance(c, dict) else c for c in table["columns"].values()]
    for metric in table["metrics"]:
        columns += [metric[name] for name in ("at_export", "best", "best_step", "last", "regret") if name in metric]
        columns.append(metric["source"]["codes"])
    columns += [column["values"] for column in (*table["hyperparameters"], *table["labels"])]
    assert count == 29
    assert {len(column) for column in columns} == {count}


def test_rare_columns_are_left_out_and_counted(world: World, site: Callable[..., Site]) -> None:
    world.version("a", 1, hyperparameters={f"h{i}": i for i in range(payload.MAX_COLUMNS + 5)})
    tab = site()
    tab.settle()
    table = tab.json("/versions")
    assert len(table["hyperparameters"]) == payload.MAX_COLUMNS
    assert [p["reason"] for p in table["problems"]] == [
        "the 5 rarest hyperparameters have no column; each version's details show them."
    ]


def test_a_few_versions_are_read_at_a_time(tab: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tb_versions.plugin.plugin.READING_WAITS", 0.01)
    with tab.plugin._reading, tab.plugin._reading:
        assert "still being read" in tab.json("/version?ref=digits:1", 503)["error"]
        assert tab.json("/version?ref=no-such:1", 404)["error"]
    assert tab.json("/version?ref=digits:1")["id"] == "digits:1"
