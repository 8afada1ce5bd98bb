"""Comparisons of what is unusual: odd curves, odd names, and a run that goes away while one looks."""

from __future__ import annotations

import math
import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from playwright.sync_api import expect
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.event_file_writer import EventFileWriter

from tests.browser.tab import OpenTab
from tests.browser.test_compare import chart, differences, row, wait
from tests.support.servers import TensorBoard
from tests.support.written import Experiment

StartTensorBoard = Callable[..., TensorBoard]

CURVES = {
    "nan": [math.nan] * 5,
    "infinite": [1.0, math.inf, -math.inf, 2.0],
    "constant": [0.5] * 12,
    "single": [0.25],
    "huge": [1e308, -1e308, 1e-310],
}
ODD_TAGS = ("a/b/c loss", "loss[0]=x", "ünï/코드", '<img src=x onerror="alert(1)">', "100%&q=#1", "__proto__", "x,y>z")


def write_curves(folder: Path, curves: Mapping[str, list[float]]) -> None:
    """A run with a curve for each tag."""
    writer = EventFileWriter(str(folder))
    for tag, values in curves.items():
        for step, value in enumerate(values):
            summary = Summary(value=[Summary.Value(tag=tag, simple_value=value)])
            writer.add_event(Event(wall_time=1_790_000_000 + step, step=step, summary=summary))
    writer.close()


@pytest.mark.parametrize("log", ["", "1"])
def test_curves_that_are_not_numbers_constant_or_single_are_drawn_or_said(
    log: str, experiment: Experiment, open_tab: OpenTab, quick_server: StartTensorBoard
) -> None:
    write_curves(experiment.logs / "odd", {f"{name}_loss": values for name, values in CURVES.items()})
    write_curves(experiment.logs / "plain", {f"{name}_loss": [2.0, 1.0] for name in CURVES if name != "single"})
    experiment.publish(run="made")
    server = quick_server(*experiment.arguments)
    tags = ",".join(f"{name}_loss" for name in CURVES)
    tab = wait(open_tab(server, cmp="run:odd,run:plain", tags=tags, log=log, out="1", all="1"))
    for name in CURVES:
        tab.inside.get_by_role("region", name=f"{name}_loss", exact=True).scroll_into_view_if_needed()
        chart(tab, f"{name}_loss")
    expect(chart(tab, "nan_loss").card).to_contain_text("5 values are NaN")
    expect(chart(tab, "infinite_loss").card).to_contain_text("2 values are ∞ or −∞")
    expect(row(tab, "nan_loss").get_by_role("cell").first).to_contain_text("NaN")
    expect(row(tab, "constant_loss").get_by_role("cell").first).to_contain_text("0.5")
    expect(row(tab, "single_loss").get_by_role("cell").nth(1)).to_have_text("–")
    expect(chart(tab, "single_loss").card).to_contain_text("a single point")


def test_tags_with_unusual_characters_have_charts_and_survive_the_address(
    experiment: Experiment, open_tab: OpenTab, quick_server: StartTensorBoard
) -> None:
    for run in ("one", "two"):
        write_curves(experiment.logs / run, {tag: [3.0, 2.0, 1.0] for tag in ODD_TAGS})
    experiment.publish(run="made")
    tab = wait(open_tab(quick_server(*experiment.arguments), cmp="run:one,run:two"))
    tab.inside.get_by_role("button", name=re.compile("^Tags")).click()
    picker = tab.inside.get_by_role("dialog", name="Tags")
    for tag in ODD_TAGS:
        picker.get_by_role("checkbox", name=tag, exact=True).check()
    tab.page.keyboard.press("Escape")
    tab.page.reload()
    wait(tab)
    for tag in ODD_TAGS:
        tab.inside.get_by_role("region", name=tag, exact=True).scroll_into_view_if_needed()
        expect(chart(tab, tag).plot).to_have_attribute("aria-label", re.compile(re.escape(f"{tag}: 2 curves")))


@pytest.mark.usefixtures("page")
def test_a_run_deleted_while_one_looks_is_said_and_the_rest_goes_on(
    experiment: Experiment, open_tab: OpenTab, quick_server: StartTensorBoard, complaints: list[str]
) -> None:
    for run in ("one", "two", "three"):
        write_curves(experiment.logs / run, {"loss": [3.0, 2.0, 1.0]})
    experiment.publish(run="made")
    server = quick_server(*experiment.arguments, "--reload_interval", "1")
    tab = wait(open_tab(server, cmp="run:one,run:two,run:three"))
    chart(tab, "loss")
    shutil.rmtree(experiment.logs / "two")
    experiment.publish(run="news")
    said = tab.inside.get_by_role("alert")
    expect(said).to_contain_text('There is no run "two"')
    said.get_by_role("button", name="Go on without run two").click()
    wait(tab)
    expect(differences(tab).get_by_role("columnheader")).to_have_count(3)
    expect(said).to_have_count(0)
    assert all("answer 404" in each or "404" in each for each in complaints)
    complaints.clear()
