"""The whole way without a pointer."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, expect

from tests.browser.conftest import Demo
from tests.browser.tab import Tab
from tests.browser.test_run_links import listed_runs

MOST_STOPS = 40


def tab_to(tab: Tab, target: Locator, *, key: str = "Tab") -> int:
    """Presses Tab until an element has the focus; returns how often."""
    for stops in range(1, MOST_STOPS + 1):
        tab.page.keyboard.press(key)
        if target.count() == 1 and target.evaluate("it => it === document.activeElement"):
            return stops
    raise AssertionError(f"{MOST_STOPS} times {key} did not lead to {target}")


def active_row(tab: Tab) -> Locator:
    """The row on which the keyboard stands."""
    return tab.inside.locator(f"#{tab.grid.get_attribute('aria-activedescendant')}")


def test_from_the_filter_to_a_version_its_tabs_and_back(demo: Demo, demo_tab: Tab) -> None:
    keys = demo_tab.page.keyboard
    demo_tab.filter.focus()
    tab_to(demo_tab, demo_tab.grid)
    keys.press("ArrowDown")
    keys.press("ArrowDown")
    reference = demo_tab.references()[2]
    expect(active_row(demo_tab)).to_have_attribute("data-index", "2")

    keys.press("Enter")
    demo_tab.expect_version(reference)
    tab_to(demo_tab, demo_tab.detail.get_by_role("tab", name="Overview", exact=True))
    for name in ("Signature", "Files", "Lineage", "History", "Raw"):
        keys.press("ArrowRight")
        expect(demo_tab.panel).to_have_accessible_name(name)
        expect(demo_tab.detail.get_by_role("tab", name=name, exact=True)).to_be_focused()
    keys.press("Home")
    expect(demo_tab.panel).to_have_accessible_name("Overview")
    keys.press("Escape")
    expect(demo_tab.detail).to_have_count(0)
    expect(demo_tab.grid).to_be_focused()
    expect(active_row(demo_tab)).to_have_attribute("data-index", "2")


def test_rows_are_selected_by_space_and_by_shift(demo_tab: Tab) -> None:
    keys = demo_tab.page.keyboard
    demo_tab.filter.focus()
    tab_to(demo_tab, demo_tab.grid)
    keys.press("Home")
    keys.press("Space")
    expect(demo_tab.rows.nth(0)).to_have_attribute("aria-selected", "true")
    keys.press("ArrowDown")
    keys.press("ArrowDown")
    keys.press("Shift+ArrowDown")
    keys.press("Shift+ArrowDown")
    expect(demo_tab.grid.locator("tr[aria-selected=true]")).to_have_count(4)
    link = demo_tab.inside.get_by_role("link", name=re.compile("in Time Series"))
    expect(link).to_be_visible()
    tab_to(demo_tab, link, key="Shift+Tab")
    demo_tab.grid.focus()
    keys.press("Control+a")
    expect(demo_tab.inside.locator("footer.status")).to_contain_text("18 selected")
    keys.press("Escape")
    expect(demo_tab.grid.locator("tr[aria-selected=true]")).to_have_count(0)


def test_headers_sort_move_and_resize(demo_tab: Tab) -> None:
    keys = demo_tab.page.keyboard
    demo_tab.grid.focus()
    tab_to(demo_tab, demo_tab.header("Version"))
    keys.press("Enter")
    demo_tab.wait_for_state(sort="-version")
    keys.press("Enter")
    demo_tab.wait_for_state(sort="+version")
    expect(demo_tab.grid.locator("th[data-id=version]")).to_have_attribute("aria-sort", "ascending")

    for _ in range(3):
        keys.press("ArrowRight")
    titles = demo_tab.titles()
    moved = titles[3]
    keys.press("Alt+ArrowRight")
    expected = [*titles[:3], titles[4], moved, *titles[5:]]
    demo_tab.page.wait_for_function("location.hash.includes('p.versions.cols=')")
    assert demo_tab.titles() == expected
    expect(demo_tab.header(*moved)).to_be_focused()
    keys.press("Alt+ArrowLeft")
    expect(demo_tab.grid.locator("th .title bdi").nth(3)).to_have_text(moved[0])

    header = demo_tab.header(*moved).locator("xpath=..")
    before = header.evaluate("it => it.offsetWidth")
    keys.press("Alt+Shift+ArrowRight")
    keys.press("Alt+Shift+ArrowRight")
    demo_tab.frame.wait_for_function("([it, before]) => it.offsetWidth > before", arg=[header.element_handle(), before])

    keys.press("Alt+ArrowDown")
    menu = demo_tab.inside.get_by_role("menu", name=f"Column {moved[0]}")
    expect(menu).to_be_visible()
    place, of = menu.bounding_box(), header.bounding_box()
    assert place is not None
    assert of is not None
    assert 0 <= place["y"] - (of["y"] + of["height"]) <= 12, "the menu hangs below its header"
    assert abs(place["x"] - of["x"]) <= of["width"]
    keys.press("End")
    keys.press("Enter")
    expect(menu).to_have_count(0)
    expect(demo_tab.header(*moved)).to_have_count(0)


def test_grouping_and_folding(demo_tab: Tab) -> None:
    keys = demo_tab.page.keyboard
    demo_tab.filter.focus()
    tab_to(demo_tab, demo_tab.inside.get_by_label("Group:"))
    keys.press("m")
    demo_tab.wait_for_state(group="model")
    expect(demo_tab.grid.locator("tr.group")).to_have_count(2)
    tab_to(demo_tab, demo_tab.grid)
    keys.press("Home")
    rows = demo_tab.count()
    keys.press("ArrowLeft")
    expect(demo_tab.grid).not_to_have_attribute("aria-rowcount", str(rows + 1))
    keys.press("ArrowRight")
    demo_tab.expect_count(rows)


def test_the_run_of_a_version_opens_by_keyboard(demo_tab: Tab) -> None:
    demo_tab.grid.focus()
    demo_tab.page.keyboard.press("Enter")
    expect(demo_tab.detail).to_be_visible()
    link = demo_tab.detail.locator(".dv-head").get_by_role("link")
    run = link.inner_text().strip()
    tab_to(demo_tab, link)
    demo_tab.page.keyboard.press("Enter")
    demo_tab.page.wait_for_url("**#timeseries")
    runs = listed_runs(demo_tab.page)
    assert set(runs) == {run, f"{run}/train", f"{run}/validation"}


def test_columns_are_chosen_by_keyboard_and_escape_gives_the_focus_back(demo_tab: Tab) -> None:
    keys = demo_tab.page.keyboard
    demo_tab.filter.focus()
    button = demo_tab.inside.get_by_role("button", name="Columns", exact=True)
    tab_to(demo_tab, button)
    keys.press("Enter")
    find = demo_tab.inside.get_by_role("searchbox", name="Find a column")
    expect(find).to_be_focused()
    keys.type("parameters")
    box = demo_tab.inside.get_by_role("dialog", name="Columns").get_by_role("checkbox").first
    tab_to(demo_tab, box)
    was = box.is_checked()
    keys.press("Space")
    expect(box).to_be_checked(checked=not was)
    keys.press("Escape")
    expect(button).to_be_focused()
