"""Scatter, scatter matrix and parallel coordinates: one selection with the table, by mouse and by keyboard."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.browser.conftest import Demo, new_context, watch
from tests.browser.tab import OpenTab, Tab
from tests.support.servers import TensorBoard
from tests.support.written import Experiment

KINDS = {"scatter": "Scatter", "matrix": "Scatter matrix", "parallel": "Parallel coordinates"}


def show(tab: Tab, kind: str) -> Locator:
    """Chooses a chart and waits until it is drawn; returns its panel."""
    tab.inside.get_by_role("tab", name=KINDS[kind], exact=True).click()
    return drawn(tab)


def drawn(tab: Tab) -> Locator:
    """The chart's panel, once all its layers are drawn."""
    panel = tab.inside.locator(".chart-panel.tall")
    expect(panel.locator("canvas[data-drawn=yes]")).to_have_count(3)
    return panel


def ink(panel: Locator, layer: str = "inside") -> int:
    """How many pixels of a layer are not empty."""
    return int(
        panel.locator(f"[data-layer={layer}]").evaluate(
            """canvas => {
                const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
                let count = 0;
                for (let at = 3; at < data.length; at += 4) if (data[at] > 0) count++;
                return count;
            }"""
        )
    )


def drag(tab: Tab, target: Locator, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Drags over a part of an element; places are shares of its size."""
    box = target.bounding_box()
    assert box is not None
    page = tab.page
    page.mouse.move(box["x"] + box["width"] * start[0], box["y"] + box["height"] * start[1])
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * end[0], box["y"] + box["height"] * end[1], steps=4)
    page.mouse.up()


def axis(panel: Locator, column: str) -> Locator:
    """The line of an axis."""
    return panel.locator(f'.ex-rail[data-axis="{column}"] > line')


def chips(tab: Tab) -> Locator:
    """The ranges that are in force."""
    return tab.inside.get_by_role("list", name="Ranges from the charts").locator(".brush")


def range_of(tab: Tab, column: str) -> tuple[float, float]:
    """The range of a column in the address."""
    parts = dict(part.split(">") for part in tab.state()["brush"].split(","))
    low, high = parts[column].split("~")
    return float(low), float(high)


def within(demo: Demo, metric: str, low: float, high: float) -> list[str]:
    """The versions whose metric lies there, as the demo wrote them; the page has nine digits of it."""
    values = {ref: float(f"{version['metrics'][metric]:.9g}") for ref, version in demo.versions.items()}
    return sorted(ref for ref, value in values.items() if low <= value <= high)


@pytest.mark.parametrize("kind", KINDS)
def test_each_chart_draws_all_versions_and_says_so(kind: str, demo: Demo, demo_tab: Tab) -> None:
    panel = show(demo_tab, kind)
    demo_tab.wait_for_state(panel=kind)
    assert ink(panel) > 300
    words = panel.get_by_role("img").get_attribute("aria-label") or ""
    assert f" of {len(demo.versions)} versions: " in words
    assert "val_accuracy" in words
    demo_tab.expect_count(len(demo.versions))


def test_a_drag_along_an_axis_filters_table_and_chart_and_the_chip_takes_it_back(demo: Demo, demo_tab: Tab) -> None:
    panel = show(demo_tab, "parallel")
    before = ink(panel)
    line = axis(panel, "m:val_accuracy")
    drag(demo_tab, line, (0.5, 0.02), (0.5, 0.2))
    expect(chips(demo_tab)).to_have_count(1)
    low, high = range_of(demo_tab, "m:val_accuracy")
    wanted = within(demo, "val_accuracy", low, high)
    demo_tab.expect_count(len(wanted))
    assert 0 < len(wanted) < len(demo.versions)
    assert sorted(demo_tab.references()) == wanted
    expect(chips(demo_tab)).to_contain_text(re.compile(r"val_accuracy 0\.9\d* – 0\.9\d*"))
    outside = len(demo.versions) - len(wanted)
    expect(demo_tab.inside.locator(".status")).to_contain_text(f"{outside} outside of the charts' ranges")
    assert ink(drawn(demo_tab)) < before
    demo_tab.inside.get_by_role("button", name="Remove the range of val_accuracy").click()
    demo_tab.expect_count(len(demo.versions))
    demo_tab.page.go_back()
    demo_tab.expect_count(len(wanted))
    demo_tab.inside.get_by_role("button", name="Clear", exact=True).click()
    demo_tab.wait_for_state(brush=None)


def test_a_range_is_moved_and_made_larger_by_its_edge(demo_tab: Tab) -> None:
    panel = show(demo_tab, "parallel")
    line = axis(panel, "m:val_loss")
    drag(demo_tab, line, (0.5, 0.6), (0.5, 0.8))
    low, high = range_of(demo_tab, "m:val_loss")
    drag(demo_tab, line, (0.5, 0.7), (0.5, 0.6))
    demo_tab.page.wait_for_function(
        "before => !location.hash.includes(before)", arg=f"{low}~{high}".replace("~", "%7E")
    )
    moved_low, moved_high = range_of(demo_tab, "m:val_loss")
    assert moved_high - moved_low == pytest.approx(high - low, rel=0.1)
    assert moved_low > low
    drag(demo_tab, line, (0.5, 0.5), (0.5, 0.3))
    expect(chips(demo_tab)).not_to_contain_text(f"{moved_high:.6g}")
    larger_low, larger_high = range_of(demo_tab, "m:val_loss")
    assert larger_low == pytest.approx(moved_low, rel=0.05)
    assert larger_high > moved_high


def test_a_box_in_the_scatter_chart_is_a_range_of_both_columns(demo: Demo, demo_tab: Tab) -> None:
    panel = show(demo_tab, "scatter")
    panel.get_by_role("combobox", name="x axis").select_option("m:val_loss")
    panel.get_by_role("combobox", name="y axis").select_option("m:val_accuracy")
    drag(demo_tab, panel.locator(".ex-frame"), (0.0, 0.0), (0.5, 0.4))
    expect(chips(demo_tab)).to_have_count(2)
    both = [within(demo, name, *range_of(demo_tab, f"m:{name}")) for name in ("val_loss", "val_accuracy")]
    wanted = sorted(set(both[0]) & set(both[1]))
    demo_tab.expect_count(len(wanted))
    assert sorted(demo_tab.references()) == wanted


def test_the_keyboard_sets_the_same_range_and_moves_an_axis(demo: Demo, demo_tab: Tab) -> None:
    panel = show(demo_tab, "parallel")
    name = panel.get_by_role("button", name=re.compile("^val_accuracy.*range"))
    name.press("Enter")
    dialog = demo_tab.inside.get_by_role("dialog", name="Range of val_accuracy")
    dialog.get_by_label("from").fill("0.95")
    dialog.get_by_label("from").press("Enter")
    expect(chips(demo_tab)).to_contain_text("0.95 –")
    wanted = within(demo, "val_accuracy", 0.95, 1)
    demo_tab.expect_count(len(wanted))
    demo_tab.page.keyboard.press("Escape")
    expect(name).to_be_focused()
    panel.get_by_role("button", name=re.compile("^network.*range")).press("Enter")
    dialog = demo_tab.inside.get_by_role("dialog", name="Range of network")
    dialog.get_by_role("checkbox", name="convolutional").press("Space")
    convolutional = [ref for ref in wanted if demo.versions[ref]["hyperparameters"]["network"] == "convolutional"]
    demo_tab.expect_count(len(convolutional))
    first = demo_tab.state().get("axes")
    dialog.get_by_role("button", name="Move right").press("Enter")
    demo_tab.page.wait_for_function("first => location.hash.includes('p.versions.axes=')", arg=first)
    assert demo_tab.state()["axes"].split(",")[1] == "hp:network"


def test_the_address_restores_chart_axes_colour_and_ranges_in_another_browser(
    demo_tab: Tab, browser: Browser, complaints: list[str]
) -> None:
    panel = show(demo_tab, "parallel")
    panel.get_by_role("combobox", name="Colour by").select_option("hp:optimizer")
    panel.get_by_role("button", name=re.compile("^Axes")).click()
    demo_tab.inside.get_by_role("dialog", name="Axes").get_by_role("checkbox", name="epochs").uncheck()
    demo_tab.page.keyboard.press("Escape")
    panel.get_by_role("button", name=re.compile("^sgd")).click()
    panel.get_by_role("button", name="larger").click()
    demo_tab.wait_for_state(color="hp:optimizer", brush="hp:optimizer>=sgd", large="1")
    words = drawn(demo_tab).get_by_role("img").get_attribute("aria-label")
    assert "epochs" not in (words or "")
    other = new_context(browser)
    try:
        page = other.new_page()
        watch(page, complaints)
        page.goto(demo_tab.page.url)
        restored = Tab(page, demo_tab.server)
        expect(drawn(restored).get_by_role("img")).to_have_attribute("aria-label", words or "")
        expect(chips(restored)).to_contain_text("optimizer sgd")
        expect(restored.grid).to_have_count(0)
        restored.inside.get_by_role("button", name="smaller").click()
        expect(restored.grid).to_be_visible()
    finally:
        other.close()
    assert complaints == []


def test_a_line_tells_its_version_and_a_click_opens_it(demo: Demo, demo_tab: Tab) -> None:
    panel = show(demo_tab, "parallel")
    box = panel.get_by_role("img").bounding_box()
    line = axis(panel, "m:val_accuracy").bounding_box()
    assert box is not None
    assert line is not None
    tip = panel.locator(".ex-tip")
    for y in range(4, int(line["height"]), 6):
        demo_tab.page.mouse.move(line["x"] - 40, line["y"] + y)
        if tip.count():
            break
    expect(tip).to_contain_text("val_accuracy")
    model, number = tip.locator("b").inner_text().split()[:2]
    demo_tab.page.mouse.down()
    demo_tab.page.mouse.up()
    demo_tab.expect_version(f"{model}:{number}")
    assert ink(drawn(demo_tab), "marked") > 100


def test_what_has_no_number_has_a_band_of_its_own_and_can_be_chosen_there(
    experiment: Experiment, open_tab: OpenTab, quick_server: Callable[..., TensorBoard]
) -> None:
    values = (0.9, math.nan, math.inf, 0.7, 0.8)
    for index, accuracy in enumerate(values):
        given = {"units": 8 * (index + 1)} if index < 4 else {}
        experiment.publish(metrics={"accuracy": accuracy}, hyperparameters={**given, "seed": index})
    tab = open_tab(quick_server(*experiment.arguments), panel="parallel", axes="hp:units,m:accuracy")
    panel = drawn(tab)
    words = panel.get_by_role("img").get_attribute("aria-label") or ""
    assert "units (1 without a value)" in words
    assert "accuracy (1 NaN, 1 ∞)" in words
    for column, special, count, reference in (
        ("hp:units", "none", "– 1", "digits:5"),
        ("m:accuracy", "nan", "NaN 1", "digits:2"),
        ("m:accuracy", "high", "∞ 1", "digits:3"),
    ):
        rail = panel.locator(f'.ex-rail[data-axis="{column}"]')
        expect(rail.get_by_text(count, exact=True)).to_have_count(1)
        band = rail.locator(".ex-band").nth(1 if special == "high" else 0).bounding_box()
        assert band is not None
        tab.page.mouse.click(band["x"] + band["width"] / 2, band["y"] + band["height"] / 2)
        tab.wait_for_state(brush=f"{column}>!{special}")
        tab.expect_count(1)
        assert tab.references() == [reference]
        tab.inside.get_by_role("button", name="Clear", exact=True).click()
        tab.expect_count(len(values))


def test_filter_and_ranges_add_up_and_are_cleared_together(demo_tab: Tab) -> None:
    show(demo_tab, "parallel")
    demo_tab.page.evaluate("location.hash += '&p.versions.brush=m:val_accuracy%3E0~0.1'")
    expect(demo_tab.inside.get_by_role("heading", name="No version matches")).to_be_visible()
    expect(demo_tab.inside.get_by_role("status").filter(has_text="the charts' ranges")).to_be_visible()
    demo_tab.inside.get_by_role("button", name="Clear filter").click()
    expect(demo_tab.grid).to_be_visible()
    demo_tab.wait_for_state(brush=None)


def test_on_a_telephone_the_charts_scroll_and_the_page_does_not(demo_tab: Tab) -> None:
    demo_tab.page.set_viewport_size({"width": 375, "height": 760})
    for kind in KINDS:
        panel = show(demo_tab, kind)
        assert ink(panel) > 300
        assert demo_tab.frame.evaluate("document.documentElement.scrollWidth <= innerWidth")
        name = panel.get_by_role("button", name="larger")
        name.click()
        panel.get_by_role("button", name="smaller").click()


def test_the_comparison_leads_to_hparams(demo_tab: Tab) -> None:
    demo_tab.page.evaluate("location.hash = '#versions&p.versions.cmp=digits:12,digits:14'")
    link = demo_tab.inside.get_by_role("link", name="HParams", exact=True)
    expect(link).to_have_attribute("title", re.compile("all runs"))
    link.click()
    demo_tab.page.wait_for_function("location.hash.startsWith('#hparams')")
    expect(demo_tab.page.get_by_text("Hyperparameters", exact=True).first).to_be_visible()
    demo_tab.page.go_back()
    demo_tab.wait()


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_axe_finds_nothing_in_the_charts(theme: str, demo_tab: Tab) -> None:
    demo_tab.set_theme(theme)
    for kind in KINDS:
        panel = show(demo_tab, kind)
        assert demo_tab.axe() == []
    panel.get_by_role("combobox", name="Colour by").select_option("hp:optimizer")
    panel.get_by_role("button", name=re.compile("^adam")).click()
    panel.get_by_role("button", name=re.compile("^val_loss.*range")).click()
    expect(demo_tab.inside.get_by_role("dialog", name="Range of val_loss")).to_be_visible()
    assert demo_tab.axe() == []
    demo_tab.page.keyboard.press("Escape")
    panel.get_by_role("button", name=re.compile("^Axes")).click()
    expect(demo_tab.inside.get_by_role("dialog", name="Axes")).to_be_visible()
    assert demo_tab.axe() == []
