"""The lineage graph: who comes from whom, checked against what was written."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import Demo
from tests.browser.tab import OpenTab, Tab
from tests.support.servers import TensorBoard
from tests.support.written import Experiment, plain_manifest

StartTensorBoard = Callable[..., TensorBoard]

MOST = 300
"""Nodes that are drawn at most."""


def graph(tab: Tab) -> Locator:
    """The graph, once it is drawn."""
    found = tab.inside.get_by_role("group", name=re.compile("^Lineage of "))
    expect(found).to_be_visible()
    return found


def node(tab: Tab, key: str) -> Locator:
    """A node by its key: "version digits:3", "run cnn/seed-1"."""
    return graph(tab).locator(f'[data-node="{key}"]')


def keys(tab: Tab) -> list[str]:
    """The keys of all nodes."""
    return list(graph(tab).locator("[data-node]").evaluate_all("all => all.map(node => node.dataset.node)"))


def show(tab: Tab) -> None:
    """Chooses the graph."""
    tab.inside.get_by_role("tab", name="Lineage", exact=True).first.click()
    graph(tab)


def test_the_graph_has_what_the_demo_wrote(demo: Demo, demo_tab: Tab) -> None:
    show(demo_tab)
    found = keys(demo_tab)
    assert {key for key in found if key.startswith("version")} == {f"version {ref}" for ref in demo.versions}
    assert {key for key in found if key.startswith("run")} == {f"run {v['run']}" for v in demo.versions.values()}
    assert len([key for key in found if key.startswith("data")]) == 5
    for reference, written in demo.versions.items():
        words = node(demo_tab, f"version {reference}").get_attribute("aria-label") or ""
        name = reference.replace(":", " ")
        assert f"{written['run']} exported {name} at step {written['step']}" in words
        for parent in written["parents"]:
            relation = "distilled" if written["model"] == "digits-tiny" else "fine-tuned"
            assert f"{name} was {relation} from {parent.replace(':', ' ')}" in words
    words = node(demo_tab, "run cnn/seed-1").get_attribute("aria-label") or ""
    assert "cnn/seed-1 was trained on digits (train" in words
    assert "cnn/seed-1 was evaluated on digits (test" in words


def test_nodes_stand_from_left_to_right(demo_tab: Tab) -> None:
    show(demo_tab)
    order = ["run cnn/seed-1", "version digits:9", "version digits:13", "version digits-tiny:4"]
    places = [node(demo_tab, key).evaluate("it => it.offsetLeft") for key in order]
    assert places == sorted(places)


def test_a_click_opens_the_version_and_a_run_leads_to_time_series(demo_tab: Tab) -> None:
    show(demo_tab)
    node(demo_tab, "version digits:13").click()
    demo_tab.expect_version("digits:13")
    expect(node(demo_tab, "version digits:13")).to_have_attribute("aria-current", "true")
    link = node(demo_tab, "run cnn/fine-tuned")
    assert "cnn%2Ffine-tuned%2Ftrain" in (link.get_attribute("href") or "")
    link.click()
    expect(demo_tab.page).to_have_url(re.compile("timeseries"))
    demo_tab.page.go_back()
    demo_tab.wait()


def test_the_details_lead_to_the_graph_and_the_link_brings_it_back(demo_tab: Tab) -> None:
    demo_tab.open_version("digits-tiny:4")
    demo_tab.show("Lineage")
    demo_tab.panel.get_by_role("button", name="Show in the graph").click()
    expect(node(demo_tab, "version digits-tiny:4")).to_be_in_viewport()
    demo_tab.wait_for_state(panel="lineage", v="digits-tiny:4")
    demo_tab.inside.get_by_role("checkbox", name="datasets", exact=True).uncheck()
    demo_tab.wait_for_state(lin="-data")
    expect(graph(demo_tab).locator("[data-node^=data]")).to_have_count(0)
    state = demo_tab.state()
    demo_tab.start_again()
    demo_tab.open(**state)
    expect(node(demo_tab, "version digits-tiny:4")).to_be_in_viewport()
    expect(graph(demo_tab).locator("[data-node^=data]")).to_have_count(0)


def test_the_keyboard_walks_along_the_lines(demo_tab: Tab) -> None:
    show(demo_tab)
    press = demo_tab.page.keyboard.press
    node(demo_tab, "version digits-tiny:4").focus()
    for key in ("version digits:13", "version digits:9", "run cnn/seed-1"):
        press("ArrowLeft")
        expect(node(demo_tab, key)).to_be_focused()
        expect(node(demo_tab, key)).to_be_in_viewport()
    press("ArrowRight")
    press("Enter")
    demo_tab.expect_version("digits:9")
    before = node(demo_tab, "version digits:9").bounding_box()
    press("+")
    after = node(demo_tab, "version digits:9").bounding_box()
    assert before is not None
    assert after is not None
    assert after["width"] == pytest.approx(before["width"] * 1.3, rel=0.02)
    press("0")
    expect(node(demo_tab, "version digits:1")).to_be_in_viewport()


def test_the_pointer_drags_and_zooms(demo_tab: Tab) -> None:
    show(demo_tab)
    scroller = demo_tab.inside.locator(".lg-scroller")
    box = scroller.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] - 200, box["y"] + box["height"] - 30  # nothing stands there
    scroller.evaluate("it => it.scrollTo(0, 100)")
    mouse = demo_tab.page.mouse
    mouse.move(x, y)
    mouse.down()
    mouse.move(x, y - 60)
    mouse.up()
    assert scroller.evaluate("it => it.scrollTop") == pytest.approx(160, abs=1)
    width = node(demo_tab, "version digits:9").evaluate("it => it.getBoundingClientRect().width")
    demo_tab.page.keyboard.down("Control")
    mouse.wheel(0, -100)
    demo_tab.page.keyboard.up("Control")
    zoomed = "([it, width]) => it.getBoundingClientRect().width > width * 1.1"
    demo_tab.frame.wait_for_function(zoomed, arg=[node(demo_tab, "version digits:9").element_handle(), width])


def test_the_filter_leaves_what_the_shown_versions_come_from(demo_tab: Tab) -> None:
    show(demo_tab)
    demo_tab.filter.fill("model = digits-tiny and network = perceptron and units = 12")
    demo_tab.filter.press("Enter")
    demo_tab.expect_count(1)
    expect(node(demo_tab, "version digits:1")).to_have_count(0)
    for reference in ("digits:9", "digits:13"):
        expect(node(demo_tab, f"version {reference}")).to_have_accessible_name(
            re.compile("not among the shown versions")
        )
    expect(node(demo_tab, "version digits-tiny:4")).not_to_have_accessible_name(re.compile("not among"))


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_axe_finds_nothing_in_the_graph(theme: str, demo_tab: Tab) -> None:
    demo_tab.set_theme(theme)
    show(demo_tab)
    node(demo_tab, "version digits:13").click()
    demo_tab.expect_version("digits:13")
    assert demo_tab.axe() == []
    demo_tab.inside.get_by_role("button", name="larger").click()
    assert demo_tab.axe() == []


def _write_family(experiment: Experiment, count: int) -> None:
    """Versions in two lines that cross, each from the one before; the first names a parent that is not there."""
    for number in range(1, count + 1):
        fields: dict[str, Any] = {"parents": [{"model": "m", "number": str(number - 1), "relation": "FINE_TUNED_FROM"}]}
        if number == 1:
            fields["parents"] = [{"model": "<b>gone</b>", "number": "7"}, {"model": "m", "number": "1"}]
        if number == 5:  # goes in a circle
            fields["parents"].append({"model": "m", "number": "9", "relation": "DISTILLED_FROM"})
        runs = [{"name": f"run-{number}/train", "step": str(number)}]
        datasets = [{"name": "pictures", "split": "train"}, {"name": "pictures", "split": "test"}]
        experiment.write_raw("m", number, plain_manifest("m", number, runs=runs, datasets=datasets, **fields))


def test_three_hundred_nodes_are_drawn_and_a_version_away_is_reached(
    experiment: Experiment, quick_server: StartTensorBoard, open_tab: OpenTab
) -> None:
    _write_family(experiment, 400)
    tab = open_tab(quick_server(*experiment.arguments), panel="lineage")
    tab.expect_count(400)
    expect(graph(tab).locator("[data-node]")).to_have_count(MOST)
    note = tab.inside.locator(".lg-foot")
    expect(note).to_contain_text("300 of 803 shown: the nearest to m:400")
    expect(note).to_contain_text("1 version names itself as its parent.")
    expect(node(tab, "version m:400")).to_be_in_viewport()
    tab.filter.fill("version = 3")
    tab.filter.press("Enter")
    tab.open_version("m:3")
    expect(node(tab, "missing <b>gone</b>:7")).to_have_accessible_name(re.compile("not here"))
    tab.filter.fill("")
    tab.filter.press("Enter")
    tab.expect_count(400)
    expect(note).to_contain_text("300 of 803 shown: the nearest to m:3.")
    expect(node(tab, "version m:3")).to_be_in_viewport()
    assert node(tab, "version m:400").count() == 0
