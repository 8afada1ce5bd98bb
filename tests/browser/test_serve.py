"""`tb-versions serve`: every form of an export, in a browser, under the server's own policy."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tb_versions import export
from tb_versions.exports.checking.examining import examine
from tb_versions.exports.checking.server import ExportServer, served_files
from tests.browser.exported import ExportedPage
from tests.support.experiments import small_world


@pytest.mark.parametrize(("form", "name"), [("html", "share.html"), ("site", "site"), ("tensorboard-dev", "dev")])
def test_an_export_is_shown_and_loads_from_its_server_only(form: str, name: str, page: Page, tmp_path: Path) -> None:
    world = small_world(tmp_path)
    export(tmp_path / name, logdir=world.logs, models_dir=world.models, format=form, title="Shared")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    with ExportServer(served_files(examine(tmp_path / name)), "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            shown = ExportedPage(page, server.url).open()
            shown.expect_count(2)
            expect(page).to_have_title("Shared")
            shown.open_version("digits:2")
            page.goto("about:blank")
        finally:
            server.shutdown()
            thread.join()
    assert all(url.startswith((server.url, "about:", "data:", "blob:")) for url in asked), asked
