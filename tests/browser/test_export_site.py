"""An export as a folder: every part is asked for when it is needed, and of its own host only."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Demo
from tests.browser.exported import ExportedPage, write_export
from tests.browser.test_compare import chart, wait

TENSORBOARD = "https://tensorboard.example.org/team/"
BOTH_RUNS = "cnn%2Fseed-1%2Ftrain%7Ccnn%2Fseed-1%2Fvalidation"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def site(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    logs, _, models = demo.arguments
    out = tmp_path_factory.mktemp("site") / "site"
    arguments = ("--logdir", logs, "--models-dir", models, "--format", "site", "--tensorboard-url", TENSORBOARD)
    return write_export(out, *arguments)


@pytest.fixture(scope="module")
def host(site: Path) -> Iterator[str]:
    """The folder on a plain web server, below a path."""
    handler = partial(_Quiet, directory=str(site.parent))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/{site.name}/"
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_part_is_asked_for_when_it_is_needed_and_once(demo: Demo, host: str, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    exported = ExportedPage(page, host).open()
    exported.expect_count(len(demo.versions))
    expect(exported.inside.locator(".chart canvas").first).to_be_visible()
    assert [_part(url) for url in asked] == ["", "page", "head", "versions"]
    exported.open_version("digits:9")
    expect(exported.panel.locator(".dv-sparkline").first).to_be_visible()
    exported.inside.get_by_role("button", name="the best 11").click()
    wait(exported)
    chart(exported, "epoch_accuracy")
    assert all(url.startswith(host) for url in asked)
    assert len(asked) == len(set(asked))


def _part(url: str) -> str:
    return url.rsplit("/", 1)[-1].partition("-")[0]


def test_runs_lead_to_the_tensorboard_that_was_named(host: str, page: Page) -> None:
    exported = ExportedPage(page, host).open()
    link = exported.row("digits:9").get_by_role("link")
    expect(link).to_have_attribute("href", f"{TENSORBOARD}?runFilter=%5E({BOTH_RUNS})%24#timeseries")
    expect(link).to_have_attribute("target", "_blank")
    expect(link).to_have_attribute("rel", "noopener noreferrer")


def test_from_the_disk_it_says_how_to_open_it(site: Path, page: Page) -> None:
    ExportedPage(page, (site / "index.html").as_uri()).open()
    expect(page.get_by_role("alert")).to_contain_text("tb-versions serve")
