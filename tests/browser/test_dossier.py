"""A dossier in a browser: readable at any width, in light and dark, and silent."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tb_versions.documents.dossier import html_of
from tests.browser.conftest import new_context, watch
from tests.browser.exported import ExportedPage
from tests.support.documented import document_world, subject_in


@pytest.fixture(scope="module")
def dossier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of a version of which much is known, hostile texts among it."""
    folder = tmp_path_factory.mktemp("dossier")
    world = document_world(folder)
    (folder / "dossier.html").write_text(html_of(subject_in(world, "digits:2")))
    world.close()
    return folder / "dossier.html"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 375])
def test_it_fits_and_axe_finds_nothing(
    dossier: Path, browser: Browser, complaints: list[str], scheme: str, width: int
) -> None:
    context = new_context(browser, viewport={"width": width, "height": 800}, color_scheme=scheme, bypass_csp=True)
    context.set_offline(True)
    page = context.new_page()
    watch(page, complaints)
    page.goto(dossier.as_uri())
    opened = ExportedPage(page, dossier.as_uri())
    assert not opened.wide()
    assert opened.axe() == []
    assert complaints == []
    context.close()


def test_its_policy_lets_its_own_style_in_and_asks_for_nothing(
    dossier: Path, browser: Browser, complaints: list[str]
) -> None:
    context = new_context(browser)
    page = context.new_page()
    watch(page, complaints)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(dossier.as_uri())
    assert page.locator(".claim").evaluate("box => getComputedStyle(box).borderLeftWidth") == "4px"
    assert asked == [dossier.as_uri()]
    assert complaints == []
    context.close()
