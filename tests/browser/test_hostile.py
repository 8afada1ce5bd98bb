"""Whatever a manifest says is text: nothing runs, nothing is fetched, nothing else is disturbed (F1, F2, F3, D6)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import new_context, watch
from tests.browser.hostile_world import (
    REVERSED,
    WATCH_ELEMENTS,
    World,
    added_to_object,
    check,
    drawn,
    go,
    look_at_every_panel,
    look_at_the_table,
)
from tests.browser.tab import Tab
from tests.support.servers import TensorBoard


@pytest.fixture(scope="module")
def server(world: World, quick_server: Callable[..., TensorBoard]) -> Iterator[TensorBoard]:
    running = quick_server(*world.experiment.arguments)
    yield running
    running.stop()


@pytest.fixture
def tab(world: World, server: TensorBoard, browser: Browser, complaints: list[str]) -> Iterator[Tab]:
    """The tab in a page that notes what must not be there."""
    context = new_context(browser, viewport={"width": 1440, "height": 900})
    context.add_init_script(WATCH_ELEMENTS)
    page = context.new_page()
    watch(page, complaints)
    page.on("request", lambda request: _note_foreign(world, server, request.url))
    yield Tab(page, server).open()
    context.close()


def _note_foreign(world: World, server: TensorBoard, url: str) -> None:
    if not url.startswith((server.url, "data:", "blob:", "about:")):
        world.foreign.append(url)


def test_in_the_table_and_everything_around_it(world: World, tab: Tab, complaints: list[str]) -> None:
    look_at_the_table(world, tab)
    check(tab, world, complaints, "table")


def test_in_every_tab_of_the_panel(world: World, tab: Tab, complaints: list[str]) -> None:
    look_at_every_panel(world, tab)
    check(tab, world, complaints, "panel")


def test_in_the_chart(world: World, tab: Tab, complaints: list[str]) -> None:
    tab.expect_count(world.count)
    for text in world.texts[:12]:
        go(tab.page, metric=text)
        chart = tab.inside.get_by_role("region", name="Metric across versions")
        picture = chart.locator("canvas, svg").first
        expect(picture).to_be_visible()
        box = picture.bounding_box()
        assert box is not None
        for part in range(1, 12):
            tab.page.mouse.move(box["x"] + box["width"] * part / 12, box["y"] + box["height"] / 2)
        drawn(tab)
    check(tab, world, complaints, "chart")


def test_in_the_lineage_graph(world: World, tab: Tab, complaints: list[str]) -> None:
    tab.expect_count(world.count)
    go(tab.page, panel="lineage")
    nodes = tab.inside.get_by_role("group", name=re.compile("^Lineage of ")).locator("[data-node]")
    expect(nodes.first).to_be_visible()
    count = nodes.count()
    assert count > 100
    for at in range(0, count, count // 12):
        nodes.nth(at).focus()
        tab.page.keyboard.press("ArrowRight")
        tab.page.keyboard.press("ArrowDown")
    drawn(tab)
    check(tab, world, complaints, "lineage")


def test_in_the_address(world: World, tab: Tab, complaints: list[str]) -> None:
    tab.expect_count(world.count)
    for text in world.texts[:15]:
        go(
            tab.page,
            q=text,
            m=text,
            r=text,
            sort=f"-{text}",
            cols=f"+{text}",
            group=text,
            sel=text,
            metric=text,
            tab=text,
            panel=text,
            lin=text,
        )
        drawn(tab)
    go(tab.page, v="<img src=x onerror=alert(1)>")
    expect(tab.detail.get_by_role("alert")).to_be_visible()
    # The browser itself notes the answer 404.
    complaints[:] = [each for each in complaints if "404" not in each]
    check(tab, world, complaints, "address")


def test_the_watch_sees_what_it_watches_for(world: World, tab: Tab, complaints: list[str]) -> None:
    tab.frame.evaluate(
        """canary => {
            Object.prototype.polluted = true;
            document.body.insertAdjacentHTML('beforeend', `<p><img src="${canary}/seen" onerror="alert(1)"></p>
                <p>\u202e</p><div style="unicode-bidi: bidi-override; direction: rtl">turned</div>`);
        }""",
        "http://127.0.0.1:1",
    )
    expect(tab.inside.locator("img")).to_have_count(1)
    drawn(tab)
    assert any("img" in each for each in tab.frame.evaluate("window.inserted"))
    assert any("content security policy" in each.lower() for each in complaints)
    assert added_to_object(tab.page, tab) == ["polluted"]
    assert tab.frame.evaluate(REVERSED) == ["turned"]
    complaints.clear()
    world.foreign.clear()
