"""The button that takes what is shown out of TensorBoard."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect

from tb_versions.exports.checking.reading import read_export
from tests.browser.conftest import new_context, watch
from tests.browser.exported import ExportedPage
from tests.browser.tab import Tab
from tests.browser.test_compare import differences, wait


def menu(tab: Tab) -> Locator:
    """What opens below the button."""
    tab.inside.get_by_role("button", name="Export", exact=True).click()
    opened = tab.inside.get_by_role("dialog", name="Export", exact=True)
    expect(opened).to_be_visible()
    return opened


def download(tab: Tab, link: str, folder: Path) -> Path:
    """Chooses one of the ways; returns the file."""
    with tab.page.expect_download() as told:
        menu(tab).get_by_role("link", name=link).click()
    path = folder / told.value.suggested_filename
    told.value.save_as(path)
    return path


def test_the_selected_versions_as_one_file_that_opens_offline(
    demo_tab: Tab, browser: Browser, tmp_path: Path, complaints: list[str]
) -> None:
    for reference in ("digits:9", "digits:11"):
        demo_tab.select(reference)
    opened = menu(demo_tab)
    expect(opened).to_contain_text("2 selected versions")
    demo_tab.page.keyboard.press("Escape")
    file = download(demo_tab, "This page as one HTML file", tmp_path)
    assert file.name == "digits-versions.html"
    expect(demo_tab.inside.get_by_text("Saved as digits-versions.html")).to_be_visible()
    context = new_context(browser)
    context.set_offline(True)
    page = context.new_page()
    watch(page, complaints)
    exported = ExportedPage(page, file.as_uri()).open()
    exported.expect_count(2)
    assert sorted(exported.references()) == ["digits:11", "digits:9"]
    expect(exported.inside.get_by_role("button", name="Export", exact=True)).to_have_count(0)
    context.close()
    assert complaints == []


def test_a_comparison_opens_as_it_was(demo_tab: Tab, browser: Browser, tmp_path: Path, complaints: list[str]) -> None:
    demo_tab.open(cmp="digits:9,digits:11", base="digits:11")
    wait(demo_tab)
    file = download(demo_tab, "This page as one HTML file", tmp_path)
    assert file.name == "compare-digits-9-11.html"
    context = new_context(browser)
    context.set_offline(True)
    page = context.new_page()
    watch(page, complaints)
    exported = ExportedPage(page, file.as_uri()).open()
    wait(exported)
    exported.wait_for_state(cmp="digits:9,digits:11", base="digits:11")
    # The heading counts the equal rows: the tab also has that of the arguments, which an export leaves out.
    _, *shown = differences(exported).get_by_role("row").all_inner_texts()
    assert shown == differences(demo_tab).get_by_role("row").all_inner_texts()[1:]
    context.close()
    assert complaints == []


def test_what_the_filter_leaves_as_a_table(demo_tab: Tab, tmp_path: Path) -> None:
    demo_tab.filter.fill("val_accuracy > 0.96")
    demo_tab.filter.press("Enter")
    expect(demo_tab.error).to_have_count(0)
    shown = demo_tab.references()
    file = download(demo_tab, "CSV", tmp_path)
    with file.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) == len(shown)


def test_the_command_beside_it_makes_the_same_page(demo_tab: Tab, tmp_path: Path) -> None:
    for reference in ("digits:9", "digits:11"):
        demo_tab.select(reference)
    opened = menu(demo_tab)
    command = opened.locator("code", has_text="tb-versions export --").inner_text()
    demo_tab.page.keyboard.press("Escape")
    downloaded = download(demo_tab, "This page as one HTML file", tmp_path / "downloaded")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        command, shell=True, cwd=tmp_path, env={**os.environ, "PATH": path}, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    made = read_export(tmp_path / "digits-versions.html")
    assert made.section("versions") == read_export(downloaded).section("versions")
    assert made.head["view"] == read_export(downloaded).head["view"]


def test_where_the_filter_leaves_nothing_the_menu_says_so(demo_tab: Tab) -> None:
    demo_tab.filter.fill("val_accuracy > 2")
    demo_tab.filter.press("Enter")
    opened = menu(demo_tab)
    expect(opened).to_contain_text("The filter leaves no version, so there is nothing to save.")
    expect(opened.get_by_role("link")).to_have_count(0)
    opened.get_by_role("button", name="Clear filter").click()
    demo_tab.expect_count(18)


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_axe_finds_nothing_in_the_menu(theme: str, demo_tab: Tab) -> None:
    demo_tab.set_theme(theme)
    menu(demo_tab)
    assert demo_tab.axe() == []
