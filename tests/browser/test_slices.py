"""Slices in the tab: by loss against a baseline, with examples; in the comparison; and in an exported page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

import tb_versions as tbv
from tb_versions.core.manifest import Metric
from tests.browser.exported import ExportedPage, write_export
from tests.browser.tab import OpenTab, Tab
from tests.support import sliced
from tests.support.servers import TensorBoard
from tests.support.world import World

pytestmark = pytest.mark.slow

PHONE = {"width": 375, "height": 812}


def odd() -> tuple[Metric, ...]:
    names = (sliced.HOSTILE, "__proto__", "constructor", "日本語", "a" * 200)
    return (*(sliced.accuracy(name, 0.9) for name in names), sliced.accuracy("nan", float("nan"), half=None))


def spikes(first: float, second: float) -> tuple[Metric, ...]:
    return tuple(
        Metric(name="spikes", value=value, slice=part, lower=value - 0.1, upper=value + 0.1, confidence=0.95)
        for part, value in (("layer:1", first), ("layer:2", second))
    )


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = World(tmp_path_factory.mktemp("slices"))
    made.version("digits", 1, metrics=sliced.before())
    made.version("digits", 2, metrics=sliced.after())
    made.version("plain", 1)
    made.version("spikes", 1, metrics=spikes(3, 1))
    made.version("spikes", 2, metrics=spikes(2, 5))
    made.version("many", 1, metrics=tuple(sliced.many(0)))
    made.version("many", 2, metrics=tuple(sliced.many(-0.3)))
    made.version("odd", 1, metrics=odd())
    made.version("odd", 2, metrics=odd())
    tbv.promote("digits:1", made.models, alias="production", actor="anna")
    yield made
    made.close()


@pytest.fixture(scope="module")
def server(world: World, quick_server: Callable[..., TensorBoard]) -> Iterator[TensorBoard]:
    running = quick_server(world.logs, "--versions_models_dir", world.models)
    yield running
    running.stop()


def opened(tab: Tab) -> Tab:
    expect(tab.detail.get_by_role("tab", name="Slices", exact=True)).to_have_attribute("aria-selected", "true")
    expect(tab.panel.get_by_role("columnheader", name="slice, against the baseline")).to_be_visible()
    return tab


def slices(tab: Tab) -> list[str]:
    return tab.panel.locator("tbody th > bdi").all_inner_texts()


def row(tab: Tab, name: str) -> Locator:
    return tab.panel.get_by_role("row").filter(has=tab.inside.locator("th > bdi").get_by_text(name, exact=True))


def is_wide(tab: Tab) -> bool:
    return bool(tab.panel.evaluate("panel => panel.scrollWidth > panel.clientWidth"))


def expect_the_verdicts(tab: Tab) -> None:
    """What is worse comes first; what is not known is called so."""
    expect(row(tab, "digit:1")).to_contain_text("36 points · worse, beyond the intervals")
    assert slices(tab) == [f"digit:{digit}" for digit in (1, 4, 2, 5, 3, 6, 7)]
    expect(row(tab, "digit:1")).to_contain_text("500")
    expect(row(tab, "digit:4")).to_contain_text("worse, noise not known")
    expect(row(tab, "digit:2")).to_contain_text("within noise")
    expect(row(tab, "digit:3")).to_contain_text("better, beyond the intervals")
    expect(row(tab, "digit:5")).to_contain_text("equal")
    expect(row(tab, "digit:6")).to_contain_text("not measured here")
    expect(row(tab, "digit:7")).to_contain_text("few")
    expect(tab.panel.get_by_role("status")).to_contain_text("7 slices, by loss against digits 1, worst first")
    expect(tab.panel).to_contain_text("digits 2 lacks 1 of 7 slices: digit:6.")
    expect(tab.panel).to_contain_text("digits 1 lacks 1 of 7 slices: digit:7.")


def test_slices_are_sorted_by_loss_against_production(server: TensorBoard, open_tab: OpenTab, tmp_path: Path) -> None:
    tab = opened(open_tab(server, v="digits:2", tab="slices"))
    expect(tab.panel.get_by_label("Baseline")).to_have_value("digits:1")
    expect_the_verdicts(tab)
    row(tab, "digit:1").get_by_text("worse").press("Enter")
    expect(row(tab, "digit:1")).to_contain_text("The intervals lie apart: 0.94 to 0.98 and 0.58 to 0.62 (95 %).")
    for theme in ("Dark", "Light"):
        tab.set_theme(theme)
        assert tab.axe() == []
        tab.page.screenshot(path=tmp_path / f"slices-{theme}.png")
    tab.page.set_viewport_size(PHONE)
    expect(row(tab, "digit:1")).to_be_visible()
    assert not is_wide(tab)
    tab.page.screenshot(path=tmp_path / "slices-375.png")


def test_another_baseline_or_none_can_be_chosen_with_the_keyboard(server: TensorBoard, open_tab: OpenTab) -> None:
    tab = opened(open_tab(server, v="digits:1", tab="slices"))
    baseline = tab.panel.get_by_label("Baseline")
    expect(baseline).to_have_value("digits:2")  # nothing is in production but itself
    expect(row(tab, "digit:1")).to_contain_text("better, beyond the intervals")
    baseline.focus()
    tab.page.keyboard.press("End")
    expect(tab.panel.get_by_role("columnheader", name="slice, against the baseline")).to_have_count(0)
    expect(tab.panel.get_by_role("status")).to_contain_text("6 slices, lowest first")
    assert slices(tab)[0] == "digit:3"


def test_slices_are_no_columns_and_versions_without_them_have_no_such_tab(
    server: TensorBoard, open_tab: OpenTab
) -> None:
    tab = open_tab(server, m="digits,plain")
    tab.expect_count(3)
    assert [title for title, _ in tab.titles() if "accuracy" in title] == [f"accuracy [{sliced.DATASET}]"]
    tab.open_version("plain:1")
    expect(tab.detail.get_by_role("tab", name="Signature", exact=True)).to_be_visible()
    expect(tab.detail.get_by_role("tab", name="Slices", exact=True)).to_have_count(0)


def test_5000_slices_are_counted_found_and_shown_some_at_a_time(server: TensorBoard, open_tab: OpenTab) -> None:
    tab = opened(open_tab(server, v="many:2", tab="slices"))
    expect(tab.panel.get_by_role("status")).to_contain_text("5,000 slices, by loss against many 1, worst first")
    assert slices(tab)[0] == "country:1234"
    assert len(slices(tab)) == 50
    expect(tab.panel).to_contain_text("50 of 5,000 slices are shown.")
    tab.panel.get_by_role("button", name="Show 250 more").click()
    expect(tab.panel.locator("tbody th")).to_have_count(300)
    tab.panel.get_by_role("searchbox").fill("country:4999")
    expect(tab.panel.locator("tbody th > bdi")).to_have_text(["country:4999"])
    expect(tab.panel.get_by_role("status")).to_contain_text("1 slice of 5,000")


def test_hostile_names_and_nan_are_shown_as_they_are(server: TensorBoard, open_tab: OpenTab) -> None:
    tab = opened(open_tab(server, v="odd:2", tab="slices"))
    expect(row(tab, "__proto__")).to_contain_text("equal")
    expect(row(tab, "nan")).to_contain_text("NaN")
    assert tab.panel.locator("img").count() == 0
    assert "<img src=x onerror=alert(1)>\\u{202e}\"'&" in slices(tab)
    assert not is_wide(tab)


def test_the_comparison_shows_the_slices_that_lose_most(server: TensorBoard, open_tab: OpenTab, tmp_path: Path) -> None:
    tab = open_tab(server, cmp="digits:1,digits:2")
    table = tab.inside.locator("table.cmp-table")
    expect(table.get_by_role("rowheader", name="Slices", exact=True)).to_be_visible()
    worst = table.get_by_role("row").filter(has_text="digit:1")
    expect(worst).to_contain_text("0.6 (500 examples)")
    expect(worst).to_contain_text("36 points · worse, beyond the intervals")
    expect(tab.inside.locator(".cmp-summary")).to_contain_text("worse accuracy on 1 of 5 slices, on digit:1")
    expect(table).to_contain_text(f"slices of accuracy [{sliced.DATASET}]: digits 1 lacks 1 of 7 slices: digit:7.")
    assert tab.axe() == []
    tab.page.screenshot(path=tmp_path / "compare.png")
    tab.page.set_viewport_size(PHONE)
    expect(worst).to_be_visible()
    tab.page.screenshot(path=tmp_path / "compare-375.png", full_page=True)


def test_a_goal_that_is_not_known_can_be_said_for_all_slices_at_once(server: TensorBoard, open_tab: OpenTab) -> None:
    tab = open_tab(server, cmp="spikes:1,spikes:2")
    table = tab.inside.locator("table.cmp-table")
    expect(table).to_contain_text("slices are sorted by the size of the difference")
    expect(table.get_by_role("row").filter(has_text="spikes layer:2")).to_contain_text("not known whether better")
    table.get_by_label("What is better for spikes?").select_option("lower is better")
    expect(table.get_by_role("row").filter(has_text="spikes layer:2")).to_contain_text("worse, beyond the intervals")
    expect(table.get_by_role("row").filter(has_text="spikes layer:1")).to_contain_text("better, beyond the intervals")
    tab.wait_for_state(goals="spikes=min")


def test_the_comparison_folds_thousands_of_slices(server: TensorBoard, open_tab: OpenTab) -> None:
    tab = open_tab(server, cmp="many:1,many:2")
    table = tab.inside.locator("table.cmp-table")
    expect(table.get_by_role("row").filter(has_text="country:1234")).to_contain_text("points")
    table.get_by_role("button", name="equal rows hidden").click()
    expect(table.get_by_role("button", name="Show 4,990 more slices")).to_be_visible()


def test_an_exported_page_shows_the_same(page: Page, world: World, tmp_path: Path) -> None:
    exported = write_export(tmp_path / "e.html", "--logdir", str(world.logs), "--models-dir", str(world.models))
    tab = ExportedPage(page, exported.as_uri()).open(v="digits:2", tab="slices")
    opened(tab)
    expect_the_verdicts(tab)
    assert tab.axe() == []
    tab.page.screenshot(path=tmp_path / "exported.png")
