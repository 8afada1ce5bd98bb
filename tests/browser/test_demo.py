"""The tab over the demo's output: exactly what was written, in light and dark."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import Demo
from tests.browser.tab import Tab
from tests.support.servers import TensorBoard

LIGHT = {"background": "rgb(255, 255, 255)", "text": "rgb(33, 33, 33)"}
DARK = {"background": "rgb(48, 48, 48)", "text": "rgb(255, 255, 255)"}

StartTensorBoard = Callable[..., TensorBoard]


def test_the_plugin_is_listed_as_active(demo: Demo, tensorboard_server: StartTensorBoard) -> None:
    listing = tensorboard_server(*demo.arguments).get_json("data/plugins_listing")
    assert listing["versions"]["enabled"] is True
    assert listing["versions"]["tab_name"] == "Versions"


def test_the_tab_shows_exactly_the_versions_that_were_written(demo: Demo, demo_tab: Tab) -> None:
    demo_tab.page.set_viewport_size({"width": 9000, "height": 1600})
    demo_tab.expect_count(len(demo.versions))
    demo_tab.inside.get_by_role("button", name="Columns", exact=True).click()
    demo_tab.inside.get_by_role("button", name="Show all", exact=True).click()
    demo_tab.page.keyboard.press("Escape")
    expect(demo_tab.header("units")).to_be_visible()
    expect(demo_tab.row("digits:1").get_by_role("link")).to_be_visible()
    assert sorted(demo_tab.references()) == sorted(demo.versions)
    titles = demo_tab.titles()
    for reference, written in demo.versions.items():
        cells = dict(zip(titles, demo_tab.row(reference).locator("td:not(.check)").all_inner_texts(), strict=True))
        _check_cells(cells, written)


def _check_cells(cells: dict[tuple[str, str], str], written: dict[str, Any]) -> None:
    version = " ".join([str(written["number"]), *written["semantic_version"].split()])
    assert " ".join(cells["Version", ""].split()).startswith(version)  # aliases and approvals stand behind
    assert cells["Model", ""] == written["model"]
    assert cells["Files", ""].split()[-1] == written["state"]
    assert (cells["Run", ""] + "/").startswith(written["run"] + "/")
    assert cells["Step", ""] == str(written["step"])
    assert written["digest"].startswith("sha256:" + cells["Digest", ""].split()[0])
    for name, value in written["metrics"].items():
        assert float(re.findall(r"\d[^\s★▲]*", cells[name, "at export"])[0]) == pytest.approx(value, rel=1e-3), name
    for name, value in written["hyperparameters"].items():
        shown = cells[name, ""]
        assert shown == value or float(shown) == pytest.approx(value), name


def test_the_runs_of_the_log_directory_are_on_the_left(demo: Demo, demo_tab: Tab) -> None:
    more = demo_tab.inside.get_by_role("button", name=re.compile("^[0-9]+ more$"))
    if more.count():
        more.click()
    runs = demo_tab.inside.get_by_role("navigation", name="Filters").get_by_role("region", name="Runs")
    names = runs.locator("bdi.name").all_inner_texts()
    for run in demo.expected["runs"]:
        assert any((name + "/").startswith(run + "/") for name in names), run


def test_the_theme_follows_tensorboards_own_menu(demo_tab: Tab) -> None:
    for theme, colours in (("Dark", DARK), ("Light", LIGHT), ("Dark", DARK)):
        demo_tab.set_theme(theme)
        body = demo_tab.inside.locator("body")
        expect(body).to_have_css("background-color", colours["background"])
        expect(body).to_have_css("color", colours["text"])
    # TensorBoard keeps the choice half a second later.
    demo_tab.page.wait_for_function("localStorage.getItem('_tb_global_settings')?.includes('dark')")
    demo_tab.page.reload()
    demo_tab.wait()
    expect(demo_tab.inside.locator("body")).to_have_css("background-color", DARK["background"])


def test_every_tab_of_the_panel_shows_what_was_recorded(demo: Demo, demo_tab: Tab) -> None:
    written = demo.versions["digits:13"]
    demo_tab.open_version(written["reference"])
    words = {
        "Overview": [*written["metrics"], *written["hyperparameters"]],
        "Signature": ["serving_default", "float32"],
        "Files": ["saved_model.pb", "variables/variables.index", written["digest"][7:15]],
        "Lineage": [*written["parents"], "fine-tuned from"],
        "Raw": ["schemaVersion", written["digest"]],
    }
    for name, wanted in words.items():
        demo_tab.show(name)
        for word in wanted:
            expect(demo_tab.panel).to_contain_text(str(word))


def test_a_deleted_folder_is_said_to_be_missing_and_its_panel_still_works(demo: Demo, demo_tab: Tab) -> None:
    missing = next(each for each in demo.versions.values() if each["state"] == "missing")
    demo_tab.open_version(missing["reference"])
    expect(demo_tab.detail).to_contain_text("folder missing")
    for name in ("Signature", "Files", "Lineage", "Raw", "Overview"):
        demo_tab.show(name)
        expect(demo_tab.panel).not_to_be_empty()


def test_a_point_of_the_chart_shows_and_opens_its_version(demo: Demo, demo_tab: Tab) -> None:
    chart = demo_tab.inside.get_by_role("region", name="Metric across versions")
    chart.get_by_label("Metric of the chart").select_option("val_loss")
    picture = chart.get_by_role("img")
    expect(picture).to_be_visible()
    point = chart.locator(".chart-tip")
    _hover_a_point(demo_tab, picture, point)
    words = point.inner_text().split()
    reference = f"{words[0]}:{words[1]}"
    assert reference in demo.versions
    assert "val_loss" in words
    demo_tab.page.mouse.down()
    demo_tab.page.mouse.up()
    demo_tab.expect_version(reference)


def test_the_chart_has_the_same_versions_as_a_table(demo: Demo, demo_tab: Tab) -> None:
    chart = demo_tab.inside.get_by_role("region", name="Metric across versions")
    chart.get_by_role("button", name="as table").click()
    expect(chart.locator("tbody").get_by_role("button")).to_have_count(len(demo.versions))
    chart.locator("tbody").get_by_role("button").first.press("Enter")
    expect(demo_tab.detail).to_be_visible()


def test_the_chart_says_what_is_within_the_noise_and_which_version_comes_from_another(demo_tab: Tab) -> None:
    chart = demo_tab.inside.get_by_role("region", name="Metric across versions")
    chart.get_by_label("Metric of the chart").select_option("val_accuracy")
    legend = chart.get_by_role("list", name="Legend")
    expect(demo_tab.inside.locator("footer.status")).to_contain_text("★ best shown")
    expect(legend).to_contain_text("from 3 trainings")
    expect(legend).to_contain_text("made from another version than the one before")
    expect(legend.locator("bdi")).to_contain_text(["digits", "digits-tiny"])
    expect(chart.locator(".chart-branches > path")).to_have_count(2)  # 9 to 13, and digits 13 to digits-tiny 4
    demo_tab.open_version("digits:9")
    expect(legend).to_contain_text("within seed noise of digits 9")
    chart.get_by_role("button", name="as table").click()
    expect(chart.get_by_role("row", name=re.compile("^digits 9 .*reference"))).to_have_count(1)
    expect(chart.get_by_role("row", name=re.compile("^digits 10 .*within"))).to_have_count(1)
    expect(chart.get_by_role("row", name=re.compile("^digits 13 .*fine-tuned from digits 9"))).to_have_count(1)
    demo_tab.open_version("digits-tiny:4")
    expect(legend).to_contain_text("no noise band")


def _hover_a_point(tab: Tab, picture: Locator, point: Locator) -> None:
    box = picture.bounding_box()
    assert box is not None
    expect(picture.locator("canvas")).to_be_visible()
    for x in range(60, int(box["width"]), 15):
        for y in range(10, int(box["height"]), 15):
            tab.page.mouse.move(box["x"] + x, box["y"] + y)
            if point.count():
                return
    raise AssertionError("the pointer found no point in the chart")
