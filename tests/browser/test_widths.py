"""From a phone to a large screen, light and dark: nothing is cut off, and no text is too small to read."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import ViewportSize, expect

from tests.browser.conftest import Demo
from tests.browser.tab import OpenTab, Tab
from tests.support.servers import TensorBoard

SMALLEST = 11
"""CSS pixels of the smallest text."""

SIZES: tuple[ViewportSize, ...] = (
    {"width": 375, "height": 812},
    {"width": 768, "height": 1024},
    {"width": 1280, "height": 800},
    {"width": 1920, "height": 1080},
)

VIEWS: dict[str, tuple[dict[str, str], str]] = {
    "table": ({}, "table.versions"),
    "grouped": ({"group": "run"}, "tr.group"),
    "one model": ({"m": "digits-tiny"}, "table.versions"),
    "selected": ({"sel": "digits:9,digits:13"}, "table.versions"),
    "nothing matches": ({"q": "val_accuracy > 2"}, ".message"),
    **{
        f"panel, {name}": ({"v": "digits:13", "tab": name}, ".dv > [role=tabpanel]")
        for name in ("overview", "signature", "files", "lineage", "raw")
    },
    "lineage": ({"panel": "lineage"}, ".lg-node"),
    "scatter": ({"panel": "scatter"}, "canvas[data-drawn=yes]"),
    "matrix": ({"panel": "matrix"}, "canvas[data-drawn=yes]"),
    "parallel coordinates": ({"panel": "parallel"}, "canvas[data-drawn=yes]"),
    "comparison of two": ({"cmp": "digits:9,digits:13"}, ".cmp-table"),
    "comparison of five": ({"cmp": "digits:1,digits:9,digits:13,digits:12,digits-tiny:4"}, ".cmp-table"),
}
"""By name the view's keys in the address, and what shows that it is there."""

# Texts that are too small or cut off without their whole text in a title, and whether the page is too wide.
LOOK = """smallest => {
    const found = new Set();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const element = walker.currentNode.parentElement;
        const text = walker.currentNode.textContent.trim().slice(0, 40);
        const box = element.getBoundingClientRect();
        if (!text || box.width < 2 || box.height < 2 || element.closest('.vh, svg.ex-rails')) continue;
        const style = getComputedStyle(element);
        if (style.visibility === 'hidden') continue;
        const graph = element.closest('.lg-graph');
        const scale = graph ? new DOMMatrix(getComputedStyle(graph).transform).a : 1;
        if (parseFloat(style.fontSize) * scale < smallest - 0.01) found.add(`small: ${text}`);
        const cut = style.textOverflow === 'ellipsis' && element.scrollWidth > element.clientWidth + 1;
        if (cut && !element.closest('[title]')) found.add(`cut off: ${text}`);
    }
    const { scrollWidth } = document.documentElement;
    if (scrollWidth > innerWidth) found.add(`${scrollWidth} pixels wide`);
    return [...found];
}"""


def look(tab: Tab) -> list[str]:
    """What is too small, cut off or too wide now."""
    found: list[str] = tab.frame.evaluate(LOOK, SMALLEST)
    return found


@pytest.mark.parametrize("size", SIZES, ids=lambda size: str(size["width"]))
def test_every_view_can_be_read_at_every_width(size: ViewportSize, demo_tab: Tab) -> None:
    demo_tab.page.set_viewport_size(size)
    wrong: dict[str, Any] = {}
    for theme in ("Light", "Dark"):
        demo_tab.set_theme(theme)
        for name, (keys, there) in VIEWS.items():
            view = "".join(f"&p.versions.{key}={value.replace(' ', '%20')}" for key, value in keys.items())
            demo_tab.page.evaluate("view => location.hash = view", f"#versions{view}")
            expect(demo_tab.inside.locator(there).first).to_be_visible()
            if found := look(demo_tab):
                wrong[f"{name}, {theme}"] = found
    assert wrong == {}


def test_on_a_phone_the_first_buttons_need_no_scrolling(demo_tab: Tab) -> None:
    demo_tab.page.set_viewport_size(SIZES[0])
    acts = demo_tab.inside.locator(".toolbar-acts")
    for name in ("Columns", "Copy link", "Export"):
        expect(acts.get_by_role("button").filter(has_text=name)).to_be_in_viewport(ratio=1)
    expect(acts).not_to_have_attribute("data-more", "right")
    demo_tab.page.evaluate("location.hash += '&p.versions.sel=digits:9,digits:13'")
    expect(acts.get_by_role("button", name="Compare 2")).to_be_in_viewport(ratio=1)
    # The rest of the row fades out, so that one sees that it goes on.
    expect(acts).to_have_attribute("data-more", "right")


def test_the_lists_of_filters_can_be_scrolled_past_the_button_that_closes_them(demo: Demo, demo_tab: Tab) -> None:
    demo_tab.page.set_viewport_size({"width": 375, "height": 500})
    demo_tab.inside.get_by_role("button", name="Show the filters").click()
    last = demo_tab.inside.get_by_role("region", name="State").get_by_role("button").last
    last.scroll_into_view_if_needed()
    last.click()
    done = demo_tab.inside.get_by_role("button", name="Show 1 version", exact=True)
    done.click()
    demo_tab.expect_count(sum(version["state"] == "missing" for version in demo.versions.values()))


def test_what_matches_nothing_is_said_in_the_chart_too_and_no_mark_is_explained(demo_tab: Tab) -> None:
    marks = demo_tab.inside.locator(".status .marks")
    expect(marks).to_have_count(2)
    demo_tab.page.evaluate("location.hash = '#versions&p.versions.q=val_accuracy%20%3E%202'")
    expect(demo_tab.inside.locator(".chart-empty")).to_have_text("No version matches the filter.")
    expect(marks).to_have_count(0)


def test_lines_to_paste_are_seen_whole_on_a_phone(open_tab: OpenTab, empty_server: TensorBoard) -> None:
    tab = open_tab(empty_server)
    tab.page.set_viewport_size(SIZES[0])
    lines = tab.inside.get_by_role("textbox", name="Lines to paste")
    assert lines.evaluate("box => box.scrollWidth <= box.clientWidth && box.scrollHeight <= box.clientHeight")
    # A command is broken between its words, not behind the hyphens of an option.
    options = tab.inside.locator("code .whole")
    expect(options).to_have_text(["--logdir", "--versions_models_dir"])
    assert options.evaluate_all("all => all.every(each => each.getClientRects().length === 1)")
