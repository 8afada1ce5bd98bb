"""axe-core finds nothing, in light and in dark; and the keyboard alone is enough (see test_keyboard.py)."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.tab import OpenTab, Tab
from tests.support.servers import TensorBoard

DETAIL_TABS = ("Overview", "Slices", "Signature", "Files", "Lineage", "Raw")


def check(tab: Tab, what: str, figures: list[str]) -> None:
    """Notes what axe-core finds."""
    figures += [f"{what}: {line}" for line in tab.axe()]


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_axe_finds_nothing(theme: str, demo_tab: Tab) -> None:
    found: list[str] = []
    demo_tab.set_theme(theme)
    expect(demo_tab.inside.locator(".chart svg, .chart canvas").first).to_be_visible()
    check(demo_tab, "table", found)
    demo_tab.select("digits:9")
    demo_tab.open_version("digits:9")
    for name in DETAIL_TABS:
        demo_tab.show(name)
        check(demo_tab, f"panel, {name}", found)
    demo_tab.inside.get_by_role("button", name="Columns", exact=True).click()
    expect(demo_tab.inside.get_by_role("dialog", name="Columns")).to_be_visible()
    check(demo_tab, "column chooser", found)
    demo_tab.page.keyboard.press("Escape")
    demo_tab.filter.fill("val_acuracy > 0.9")
    expect(demo_tab.error).to_be_visible()
    check(demo_tab, "filter error", found)
    demo_tab.filter.fill("val_")
    expect(demo_tab.inside.get_by_role("listbox", name="Suggestions")).to_be_visible()
    check(demo_tab, "suggestions", found)
    demo_tab.filter.fill("nothing-has-this-name")
    demo_tab.filter.press("Enter")
    expect(demo_tab.inside.get_by_role("heading", name="No version matches")).to_be_visible()
    check(demo_tab, "nothing matches", found)
    print(f"axe-core, {theme.lower()}: {len(found)} findings in {len(DETAIL_TABS) + 5} states")
    assert found == []


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_axe_finds_nothing_in_the_empty_state(theme: str, open_tab: OpenTab, empty_server: TensorBoard) -> None:
    tab = open_tab(empty_server)
    tab.set_theme(theme)
    assert tab.axe() == []


def test_axe_finds_nothing_in_a_grouped_narrow_table(demo_tab: Tab) -> None:
    demo_tab.page.set_viewport_size({"width": 800, "height": 700})
    demo_tab.inside.get_by_label("Group:").select_option("model")
    expect(demo_tab.grid.locator("tr.group").first).to_be_visible()
    assert demo_tab.axe() == []
