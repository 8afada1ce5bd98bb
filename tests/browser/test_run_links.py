"""A version's run is one click away, and that run alone is shown; colours are TensorBoard's own."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Demo
from tests.browser.tab import OpenTab, Tab
from tests.support.servers import TensorBoard
from tests.support.written import Experiment, write_run

RUNS = (
    ".",
    "train",
    "train/2024.01",
    "a/b/c",
    "run with space",
    "ünï코드",
    "plus+and&amp=1#hash",
    "par(en)[x]*",
    ".hidden",
    "lr=0.1,bs=32",
)
NEIGHBOURS = ("train_2", "Train", "a/b/c/d", "par(en)[x]", "lr=0.1,bs=321", "xhidden")
"""Runs that a carelessly written link would show too."""

StartTensorBoard = Callable[..., TensorBoard]


@pytest.fixture(scope="module")
def linked(tmp_path_factory: pytest.TempPathFactory, quick_server: StartTensorBoard) -> TensorBoard:
    """One version for each run, and runs without one."""
    experiment = Experiment(tmp_path_factory.mktemp("linked"))
    for run in RUNS:
        experiment.publish(run=run)
    for run in NEIGHBOURS:
        write_run(experiment.logs / run)
    return quick_server(*experiment.arguments)


def runs_in_time_series(page: Page) -> list[str]:
    """The runs that the first card of Time Series draws."""
    rows = page.locator("scalar-card-data-table tb-data-table-content-row")
    expect(rows.first).to_be_visible()
    return [row.locator("tb-data-table-content-cell").nth(1).inner_text().strip() for row in rows.all()]


def listed_runs(page: Page) -> list[str]:
    """The runs that Time Series lists, and all of them checked."""
    rows = page.locator("runs-data-table tb-data-table-content-row")
    expect(rows.first).to_be_visible()
    assert rows.locator("input[type=checkbox]").evaluate_all("all => all.every(box => box.checked)")
    return [str(row.get_attribute("data-id")).removeprefix("defaultExperimentId/") for row in rows.all()]


def link_of(tab: Tab, run: str) -> Locator:
    """The link of the row whose version came from a run."""
    return tab.run_links().filter(has=tab.inside.locator("bdi").get_by_text(run, exact=True))


def test_a_click_on_a_run_shows_that_run_alone(linked: TensorBoard, open_tab: OpenTab) -> None:
    tab = open_tab(linked)
    tab.expect_count(len(RUNS))
    alone = []
    for run in RUNS:
        # With Control held the same link opens beside this page, which is not loaded again for each run.
        with tab.page.context.expect_page() as opened:
            link_of(tab, run).click(modifiers=["Control"])
        shown = opened.value
        assert listed_runs(shown) == [run]
        assert runs_in_time_series(shown) == [run]
        alone.append(run)
        shown.close()
    print(f"run links: {len(alone)} of {len(RUNS)} run names open Time Series with that run alone")
    link_of(tab, "train").click()
    tab.page.wait_for_url("**#timeseries")
    assert listed_runs(tab.page) == ["train"]
    assert runs_in_time_series(tab.page) == ["train"]


def test_all_runs_of_the_selected_versions_open_together(linked: TensorBoard, open_tab: OpenTab) -> None:
    tab = open_tab(linked)
    chosen = {"digits:2": "train", "digits:8": "par(en)[x]*", "digits:1": "."}
    for reference in chosen:
        tab.select(reference)
    tab.inside.get_by_role("link", name="Open 3 runs in Time Series").click()
    tab.page.wait_for_url("**#timeseries")
    assert sorted(listed_runs(tab.page)) == sorted(chosen.values())
    assert sorted(runs_in_time_series(tab.page)) == sorted(chosen.values())


def test_above_500_runs_the_link_leads_to_scalars_which_draws_that_run(
    experiment: Experiment, quick_server: StartTensorBoard, open_tab: OpenTab
) -> None:
    write_run(experiment.logs / "run-0")
    for number in range(1, 505):
        shutil.copytree(experiment.logs / "run-0", experiment.logs / f"run-{number}")
    experiment.publish(run="run-7 (best)")
    server = quick_server(*experiment.arguments)
    tab = open_tab(server)
    # Until TensorBoard has said how many runs there are, the link is the usual one.
    expect(tab.run_links()).to_have_attribute("href", re.compile("#scalars&"))
    tab.run_links().click()
    tab.page.wait_for_url("**#scalars&**")
    listed = tab.page.locator("tf-multi-checkbox .name-row")
    expect(listed).to_have_count(1)
    expect(listed).to_contain_text("run-7 (best)")
    expect(listed.locator("paper-checkbox")).to_have_attribute("aria-checked", "true")
    tab.page.locator("tf-line-chart-data-loader vz-line-chart2").first.hover()
    drawn = tab.page.locator("vz-line-chart-tooltip")
    expect(drawn).to_contain_text("run-7 (best)")
    assert "run-0" not in drawn.inner_text()
    server.stop()


def test_colours_are_those_of_time_series(demo: Demo, demo_tab: Tab) -> None:
    for theme in ("Light", "Dark"):
        demo_tab.set_theme(theme)
        ours = _colours_of_runs(demo_tab)
        demo_tab.page.get_by_role("tab", name="Time Series").click()
        rows = demo_tab.page.locator("runs-data-table tb-data-table-content-row")
        expect(rows.first).to_be_visible()
        theirs = dict(
            rows.evaluate_all(
                """rows => rows.map(row => [row.dataset.id.replace('defaultExperimentId/', ''),
                    row.querySelector('.run-color-swatch').style.background])"""
            )
        )
        # A training has the colour of one of its runs.
        parts = {run: (run, f"{run}/train", f"{run}/validation") for run in ours}
        same = [run for run, colour in ours.items() if colour in (theirs.get(part) for part in parts[run])]
        print(f"colours, {theme.lower()}: {len(same)} of {len(ours)} runs as in Time Series")
        assert len(ours) >= 8
        assert len(same) == len(ours)
        demo_tab.page.get_by_role("tab", name="Versions").click()
        demo_tab.wait()


def _colours_of_runs(tab: Tab) -> dict[str, str]:
    rows = tab.run_links()
    expect(rows.first.locator(".dot")).to_have_attribute("style", re.compile("background"))
    return dict(
        rows.evaluate_all(
            "all => all.map(a => [a.querySelector('bdi').textContent, a.querySelector('.dot').style.background])"
        )
    )
