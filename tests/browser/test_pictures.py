"""The pictures of the docs, made of the demo: `make browser ARGS='--update-screenshots -k picture'` keeps them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.exported import ExportedPage
from tests.browser.tab import Tab
from tests.browser.test_compare import chart, wait
from tests.browser.test_explore import chips, drawn, show
from tests.browser.test_lineage import node
from tests.browser.test_lineage import show as show_lineage

Keep = Callable[[Page, str], None]

INTRODUCTION = """Release **1.1** was fine-tuned on images that are moved by one pixel: `digits:13`. It gains on moved
images and loses nothing that is more than seed noise. The numbers are in the comparison of `digits:9` and `digits:13`.
"""


@pytest.fixture
def keep(project_root: Path, request: pytest.FixtureRequest) -> Keep:
    """Takes a picture, and writes it into the docs where that is asked for."""

    def taken(page: Page, name: str) -> None:
        picture = page.screenshot(animations="disabled")
        assert len(picture) > 10_000
        if request.config.getoption("--update-screenshots", default=False):
            (project_root / "docs" / "images" / name).write_bytes(picture)

    return taken


def drawn_across(tab: Tab) -> None:
    """Waits for the chart above the table."""
    expect(tab.inside.get_by_role("region", name="Metric across versions").locator("canvas")).to_be_visible()


@pytest.mark.parametrize(("theme", "name"), [("Light", "versions-tab.png"), ("Dark", "versions-tab-dark.png")])
def test_a_picture_of_the_tab(theme: str, name: str, demo_tab: Tab, keep: Keep) -> None:
    demo_tab.page.set_viewport_size({"width": 1600, "height": 900})  # wide enough for the panel and a metric
    demo_tab.set_theme(theme)
    if theme == "Light":
        demo_tab.open_version("digits:13")
    demo_tab.page.mouse.move(720, 890)
    drawn_across(demo_tab)
    keep(demo_tab.page, name)


def test_a_picture_of_a_comparison(demo_tab: Tab, keep: Keep) -> None:
    demo_tab.page.set_viewport_size({"width": 1440, "height": 1000})
    demo_tab.page.evaluate("location.hash = '#versions&p.versions.cmp=digits:9,digits:13,digits:12'")
    wait(demo_tab)
    for tag in ("epoch_accuracy", "epoch_loss"):
        chart(demo_tab, tag)
    keep(demo_tab.page, "compare.png")


def test_a_picture_of_the_lineage_graph(demo_tab: Tab, keep: Keep) -> None:
    show_lineage(demo_tab)
    node(demo_tab, "version digits:13").click()
    demo_tab.expect_version("digits:13")
    demo_tab.inside.get_by_role("button", name="larger", exact=True).click()
    expect(demo_tab.grid).to_have_count(0)
    demo_tab.inside.get_by_role("button", name="fit", exact=True).click()
    expect(node(demo_tab, "version digits:1")).to_be_in_viewport()
    expect(node(demo_tab, "version digits-tiny:4")).to_be_in_viewport()
    keep(demo_tab.page, "lineage.png")


def test_a_picture_of_parallel_coordinates(demo_tab: Tab, keep: Keep) -> None:
    show(demo_tab, "parallel")
    brush = "m:val_accuracy>0.92~1,hp:network>=convolutional"
    demo_tab.page.evaluate("brush => location.hash += '&p.versions.brush=' + encodeURIComponent(brush)", brush)
    expect(chips(demo_tab)).to_have_count(2)
    drawn(demo_tab)
    keep(demo_tab.page, "explore.png")


def test_a_picture_of_an_export(export_demo: Callable[..., Path], page: Page, keep: Keep, tmp_path: Path) -> None:
    introduction = tmp_path / "introduction.md"
    introduction.write_text(INTRODUCTION)
    share = export_demo("--title", "Digits: release 1.1", "--introduction", str(introduction))
    exported = ExportedPage(page, share.as_uri()).open()
    drawn_across(exported)
    keep(page, "export.png")
