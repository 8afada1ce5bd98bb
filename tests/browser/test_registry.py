"""What was said of versions later: aliases, the history, the table as it was, and what is not known."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tb_versions.registry.events import AliasSet
from tests.browser.registered import Registered, moment
from tests.browser.tab import OpenTab, Tab
from tests.support.servers import TensorBoard

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, quick_server: Callable[..., TensorBoard]) -> Iterator[TensorBoard]:
    registered = Registered(tmp_path_factory.mktemp("told")).tell()
    registered.write("tiny", 1, 0.5)
    server = quick_server(*registered.arguments)
    yield server
    server.stop()


def chips(row: Locator) -> list[str]:
    return row.locator(".chip").all_inner_texts()


def test_aliases_are_chips_in_table_sidebar_and_panel(told: TensorBoard, open_tab: OpenTab) -> None:
    tab = open_tab(told)
    assert [chips(tab.row(name)) for name in ("digits:8", "digits:5", "digits:3")] == [["production"], ["canary"], []]
    expect(tab.row("digits:8")).to_contain_text("1.1.0")
    expect(tab.row("digits:3")).to_contain_text("approved")
    aliases = tab.inside.get_by_role("region", name="Aliases")
    assert aliases.locator(".chip").all_inner_texts() == ["production", "canary"]
    aliases.get_by_role("button", name="production").click()
    tab.expect_count(1)
    tab.wait_for_state(a="production")
    tab.open_version("digits:8")
    assert chips(tab.detail.locator("header")) == ["production"]
    expect(tab.detail).to_contain_text("approved by ben")


def test_deprecated_and_removed_versions_are_hidden_counted_and_shown_on_demand(
    told: TensorBoard, open_tab: OpenTab
) -> None:
    tab = open_tab(told, m="digits")
    tab.expect_count(6)
    status = tab.inside.locator("footer.status")
    expect(status).to_contain_text("1 deprecated, 1 removed hidden")
    status.get_by_role("button", name="Show", exact=True).click()
    tab.expect_count(8)
    tab.wait_for_state(wd="1")
    expect(tab.row("digits:6")).to_contain_text("deprecated")
    expect(tab.row("digits:4").get_by_title(re.compile("removed by keep=3 of run mlp"))).to_be_visible()
    status.get_by_role("button", name="Hide", exact=True).click()
    tab.expect_count(6)
    for written, count in (("deprecated", 1), ("removed", 1), ("not deprecated", 6), ("approved", 2)):
        tab.filter.fill(written)
        tab.filter.press("Enter")
        tab.expect_count(count)


def test_a_metric_that_was_measured_later_is_a_column_and_a_line_over_time(
    told: TensorBoard, open_tab: OpenTab
) -> None:
    tab = open_tab(told, v="digits:8")
    assert ("accuracy [clinic-2026-11] (monitoring)", "measured later") in tab.titles()
    expect(tab.row("digits:8").get_by_title("measured 2026-11-11 09:00 · clinic-2026-11 · monitoring")).to_have_text(
        "0.9000"
    )
    section = tab.panel.locator("section").filter(has=tab.inside.get_by_role("heading", name="Measured later"))
    expect(section).to_contain_text("clinic-2026-11 · monitoring")
    expect(section.get_by_role("img", name=re.compile("accuracy over time"))).to_be_visible()
    section.get_by_role("button", name="all 3").click()
    assert section.get_by_role("listitem").all_inner_texts() == [
        "2026-11-11 09:00 0.9000 by anna",
        "2026-11-09 09:00 0.9410 by anna",
        "2026-11-07 09:00 0.9440 by anna",
    ]


def test_the_comparison_takes_production_as_its_baseline_and_has_what_was_measured_later(
    told: TensorBoard, open_tab: OpenTab
) -> None:
    tab = open_tab(told, cmp="digits%3A3,digits%3A8")
    baseline = tab.inside.get_by_label("Baseline:")
    expect(baseline).to_have_value("digits:8")
    row = tab.inside.get_by_role("row", name=re.compile("accuracy .clinic-2026-11."))
    expect(row).to_contain_text("0.9280")
    expect(row).to_contain_text("measured 2026-11-04 09:00")
    baseline.select_option("digits:3")
    tab.wait_for_state(base="digits:3")


def test_the_history_tells_who_what_when_and_why(told: TensorBoard, open_tab: OpenTab) -> None:
    tab = open_tab(told, panel="history")
    events = tab.inside.locator(".hi-event")
    expect(events).to_have_count(16)
    expect(events.nth(0)).to_contain_text("digits 4 removed by keep=3 of run mlp (189 kB) by keep")
    expect(events.nth(1)).to_contain_text("event of the kind gate_passed about digits 8")
    expect(events.nth(1)).to_contain_text("kind not known here")
    expect(events.nth(2)).to_contain_text("clock behind, says 2026-11-06 08:30")
    expect(events.filter(has_text="rolled back")).to_contain_text("production rolled back: digits 6 → digits 3 by anna")
    events.nth(0).get_by_role("button", name="digits 4").click()
    tab.expect_version("digits:4")
    expect(tab.detail).to_contain_text("Removed by keep=3 of run mlp, 2026-11-08 09:00.")


def test_the_slider_shows_the_whole_table_as_it_was(told: TensorBoard, open_tab: OpenTab) -> None:
    tab = open_tab(told, panel="history", m="digits")
    slider = tab.inside.get_by_role("slider", name=re.compile("Show the table as it was"))
    expect(slider).to_have_attribute("aria-valuetext", "now")
    slider.focus()
    for _ in range(7):  # back over eight events, two of which count from the same moment
        slider.press("ArrowLeft")
    expect(tab.inside.locator(".banner.then")).to_contain_text("As of 2026-11-04 09:00")
    expect(tab.row("digits:3").locator(".chip")).to_have_text("production")
    assert chips(tab.row("digits:8")) == []
    tab.inside.locator(".hi-event").filter(has_text="production set to").locator("button.hi-time").click()
    expect(tab.row("digits:2").locator(".chip")).to_have_text("production")
    tab.wait_for_state(at=moment(0))
    tab.inside.get_by_role("button", name="Back to now").click()
    expect(tab.row("digits:8").locator(".chip")).to_have_text("production")
    tab.wait_for_state(at=None)


def test_a_link_opens_the_table_of_a_day_without_what_came_later(told: TensorBoard, open_tab: OpenTab) -> None:
    tab = open_tab(told, panel="history", at=moment(-0.5), m="digits")
    tab.expect_count(4)
    expect(tab.inside.locator(".banner.then")).to_contain_text("4 created later are left out")
    assert tab.references() == ["digits:4", "digits:3", "digits:2", "digits:1"]
    expect(tab.inside.locator(".hi-event[aria-current]")).to_have_count(0)
    tab = open_tab(told, at="1")
    expect(tab.inside.get_by_role("heading", name="No version was there on 1970-01-01 00:00")).to_be_visible()


def test_over_time_the_chart_has_the_line_of_production(told: TensorBoard, open_tab: OpenTab) -> None:
    tab = open_tab(told, m="digits")
    legend = tab.inside.get_by_role("list", name="Legend")
    expect(legend).to_contain_text("in production: digits 8 · 1.1.0")
    tab.inside.get_by_label("Horizontal axis of the chart").select_option("time")
    tab.wait_for_state(over="time")
    expect(legend).to_contain_text("production of digits: 8 now; before it 3, 6, 3, 2")


def test_the_panel_has_the_versions_own_history_and_its_notes_as_harmless_text(
    told: TensorBoard, open_tab: OpenTab
) -> None:
    tab = open_tab(told, v="digits:6")
    expect(tab.detail).to_contain_text("Deprecated by ben, 2026-10-27 09:05: “refuses batch size 1”")
    notes = tab.panel.locator("section").filter(has=tab.inside.get_by_role("heading", name="Notes"))
    expect(notes.locator("strong")).to_have_text("None")
    expect(notes).to_contain_text("<img src=x onerror=alert(1)>")
    expect(tab.panel.locator("img")).to_have_count(0)
    tab.show("History")
    expect(tab.panel.locator(".hi-event")).to_have_count(4)


def test_a_tensorboard_that_only_shows_has_the_command_to_copy(told: TensorBoard, open_tab: OpenTab) -> None:
    tab = open_tab(told, v="digits:7", tab="history")
    tab.panel.get_by_label("Reason").fill("it's better")
    code = tab.panel.locator("pre")
    expect(code).to_contain_text("tb-versions promote digits:7")
    expect(code).to_contain_text("--alias production")
    expect(code).to_contain_text("--expect digits:8")
    expect(code).to_contain_text(r"--reason 'it'\''s better'")
    tab.panel.get_by_label("What to do").select_option("deprecate")
    expect(code).to_contain_text("tb-versions deprecate digits:7")
    expect(tab.panel.get_by_role("button", name=re.compile("Promote"))).to_have_count(0)


def test_a_log_that_is_not_understood_shows_no_production_and_says_what_to_do(
    tmp_path: Path, quick_server: Callable[..., TensorBoard], open_tab: OpenTab
) -> None:
    registered = Registered(tmp_path).tell()
    server = quick_server(*registered.arguments)
    tab = open_tab(server)
    expect(tab.row("digits:8").locator(".chip")).to_have_text("production")
    registered.damage()
    banner = tab.inside.locator(".banner.trouble")
    expect(banner).to_contain_text("What is in production of digits is not known.")
    expect(banner).to_contain_text("tb-versions fsck digits")
    expect(tab.row("digits:8").locator(".chip")).to_have_text("production: not known")
    tab.filter.fill("alias = production")
    tab.filter.press("Enter")
    expect(tab.inside.get_by_role("heading", name="No version matches")).to_be_visible()
    server.stop()


def test_what_is_said_elsewhere_appears_by_itself(
    tmp_path: Path, quick_server: Callable[..., TensorBoard], open_tab: OpenTab
) -> None:
    registered = Registered(tmp_path).tell()
    server = quick_server(*registered.arguments)
    tab = open_tab(server, panel="history", v="digits:7", tab="history")
    registered.digits.say("alias_set", 7, AliasSet(alias="production", from_=8), reason="faster", minutes=0)
    expect(tab.row("digits:7").locator(".chip")).to_have_text("production")
    expect(tab.inside.locator(".hi .hi-event").first).to_contain_text("production digits 8 → digits 7 by anna")
    expect(tab.panel.locator(".hi-event")).to_have_count(1)
    server.stop()


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_axe_finds_nothing(told: TensorBoard, open_tab: OpenTab, theme: str) -> None:
    tab = open_tab(told, panel="history", v="digits:8", tab="history", wd="1", at=moment(21.5))
    tab.set_theme(theme)
    expect(tab.panel.locator(".hi-event").first).to_be_visible()
    assert tab.axe() == []
    tab = open_tab(told, v="digits:6", wd="1", over="time")
    assert tab.axe() == []


@pytest.mark.parametrize("width", [375, 768, 1024, 1920])
def test_nothing_is_wider_than_the_window(told: TensorBoard, page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 812})
    tab = Tab(page, told).open(panel="history", at=moment(21.5))
    expect(tab.inside.locator(".hi-event").first).to_be_visible()
    assert tab.frame.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert tab.inside.locator(".hi").evaluate("it => it.scrollWidth <= it.clientWidth")
