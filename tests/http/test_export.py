"""The route /export: a file to keep, made by GET, that holds what was asked for and nothing that must not leave."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from tb_versions.exports.download import MAX_BYTES
from tb_versions.exports.formats import FORMATS
from tb_versions.exports.page import frame as page
from tb_versions.exports.page.html import parse_html
from tests.support.tables import whole
from tests.support.world import PREFIX, Site, World


@pytest.fixture
def tab(world: World, site: Callable[..., Site]) -> Site:
    world.scalars("cnn/train", "epoch_loss", [(1, 1.0), (2, 0.5), (3, 0.25)])
    world.scalars("lonely", "loss", [(1, 1.0)])
    for number in (1, 2):
        world.version("digits", number, run="cnn/train", step=number)
    world.version("faces", 1)
    world.version("twice", 1)
    world.version("twice", 1, folder=world.models / "again" / "twice" / "1", description="again")
    world.raw("bad/1", b"{")
    made = site()
    made.settle()
    return made


def test_the_tab_gives_an_export_of_what_is_selected(tab: Site) -> None:
    response = tab.get("/export?ref=digits:2&ref=run:lonely&title=Two&view=%23versions%26p.versions.q%3Dx")
    assert response.status_code == 200
    assert response.headers["Content-Disposition"] == 'attachment; filename="versions.html"'
    assert response.headers["Content-Type"].startswith("application/octet-stream")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    export = parse_html(response.data, "versions.html")
    export.check()
    assert whole(export.section("versions"))["columns"]["id"] == ["digits:2"]
    assert [run["name"] for run in export.head["runs"]] == ["cnn/train", "lonely"]
    assert list(export.section("facts")["runs"]) == ["run:lonely"]
    assert (export.head["title"], export.head["view"]) == ("Two", "#versions&p.versions.q=x")
    assert export.section("runs/0")["cnn/train"][0]["values"] == [1.0, 0.5, 0.25]


def test_of_a_view_only_the_keys_of_the_tab_leave(tab: Site) -> None:
    query = "view=%23versions%26token%3Dhunter2%26p.versions.q%3Drun%2B%257E%2Bgpu7.corp%26p.other.x%3Dy"
    head = parse_html(tab.get(f"/export?{query}").data, "x").head
    assert head["view"] == "#versions"  # the filter names a machine, which no run of the export is called
    assert "Parts of the view that the page opens with: once." in head["redacted"]


def test_asked_for_nothing_it_holds_everything_and_no_path_of_this_machine(tab: Site, world: World) -> None:
    export = parse_html(tab.get("/export").data, "x")
    assert len(whole(export.section("versions"))["columns"]["id"]) == 6
    assert not [n for n in export.names if str(world.logs.parent) in str(export.section(n))]


def test_equal_questions_get_equal_bytes(tab: Site) -> None:
    assert tab.get("/export?ref=digits:1").data == tab.get("/export?ref=digits:1").data


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ("?format=site", 400, "not served"),
        ("?format=exe", 400, "not served"),
        ("?ref=digits:9", 404, "has no version"),
        ("?ref=run:nope", 404, "no run"),
        ("?ref=twice:1", 409, "names 2 versions"),
        ("?ref=../../etc", 400, "not a reference"),
        ("?filter=loss%20%3E", 400, ""),
        ("?filter=state%20%3D%20missing", 404, "passes the filter"),
        ("?view=http://evil", 400, "--view"),
        ("?view=%23scalars", 400, "--view"),
        ("?title=" + "x" * 201, 400, "200 characters"),
        ("?include=paths", 400, "not known"),
        ("?out=/tmp/x", 400, "not known"),
    ],
)
def test_what_can_not_be_made_is_a_sentence(tab: Site, query: str, status: int, words: str) -> None:
    response = tab.get("/export" + query)
    assert response.status_code == status, response.data
    assert re.search(words, response.json["error"])


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_page_of_another_site_gets_none(tab: Site, method: str) -> None:
    for site in ("cross-site", "same-site", "cross-origin", ""):
        response = tab.client.open(f"{PREFIX}/export", method=method, headers={"Sec-Fetch-Site": site})
        assert response.status_code == 403, site
        assert method == "HEAD" or "another site" in response.json["error"]
    for site in ("same-origin", "none"):  # of the tab; typed
        assert tab.client.get(f"{PREFIX}/export?format=csv", headers={"Sec-Fetch-Site": site}).status_code == 200


def test_one_export_at_a_time(tab: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tb_versions.plugin.plugin.EXPORTING_WAITS", 0.01)
    with tab.plugin._exporting:
        assert "Another export is still running" in tab.json("/export?format=csv", 503)["error"]
        response = tab.client.get(f"{PREFIX}/export", headers={"Sec-Fetch-Site": "cross-site"})
        assert response.status_code == 403
    assert tab.get("/export?format=csv").status_code == 200


def test_it_writes_nothing(tab: Site, world: World) -> None:
    def everything() -> dict[Path, int]:
        return {path: path.lstat().st_mtime_ns for path in world.logs.parent.rglob("*")}

    before = everything()
    assert tab.get("/export").status_code == 200
    assert everything() == before


def test_too_many_versions_are_refused(tab: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tb_versions.exports.download.MAX_VERSIONS", 3)
    response = tab.get("/export")
    assert response.status_code == 400
    assert "more than the 3 of one download" in response.json["error"]


def test_a_file_that_would_be_too_large_is_refused(tab: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tb_versions.exports.download.MAX_BYTES", len(page.read_script()))
    response = tab.get("/export")
    assert response.status_code == 400
    assert "bytes" in response.json["error"]


@pytest.mark.parametrize("form", [name for name, one in FORMATS.items() if one.media_type])
def test_no_format_is_larger_than_the_limit(tab: Site, monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    monkeypatch.setattr("tb_versions.exports.download.MAX_BYTES", 100)
    assert "bytes" in tab.json(f"/export?format={form}", 400)["error"]


def test_one_manifest_of_long_names_makes_no_huge_table(world: World, site: Callable[..., Site]) -> None:
    """1,000 names of 256 characters in the rows of 800 other versions would be 200 MB."""
    for number in range(1, 800):
        world.raw(f"good/{number}", orjson.dumps({"schemaVersion": 1, "model": "good", "number": str(number)}))
    metrics = [{"name": f"m{j:03}" + "x" * 250, "value": j} for j in range(1_000)]
    world.raw("many/1", orjson.dumps({"schemaVersion": 1, "model": "many", "number": "1", "metrics": metrics}))
    tab = site()
    tab.settle()
    for form in ("csv", "json", "jsonl", "markdown", "latex"):
        response = tab.get(f"/export?format={form}")
        assert len(response.data) <= MAX_BYTES, form
        if form in ("json", "jsonl"):
            assert len(response.data) < 2_000_000


@pytest.mark.parametrize("limit", ["MAX_READ", "MAX_VALUES"])
def test_manifests_that_take_minutes_are_refused_with_the_limit(
    tab: Site, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    monkeypatch.setattr(f"tb_versions.exports.download.{limit}", 10)
    for name in ("html", "jsonl", "csv"):
        assert "values together, the most of one download" in tab.json(f"/export?format={name}", 400)["error"]
