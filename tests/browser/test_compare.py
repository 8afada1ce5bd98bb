"""The comparison: curves with exports marked, what differs, and a link that brings it all back."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Browser, Locator, Page, Request, expect
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.event_file_writer import EventFileWriter

import tb_versions as tbv
from tests.browser.conftest import Demo, new_context, watch
from tests.browser.tab import OpenTab, Tab
from tests.support.servers import TensorBoard
from tests.support.written import QUIET, Experiment, write_model, write_run

StartTensorBoard = Callable[..., TensorBoard]

LOSS = tuple(3 * math.exp(-step / 3) for step in range(12))
EXPORTS = (3, 7)


@dataclass(frozen=True)
class Chart:
    """One chart of the page."""

    card: Locator

    @property
    def plot(self) -> Locator:
        """The picture."""
        return self.card.locator(".curve-plot")

    def pixel(self, x: float, y: float) -> str:
        """The colour that is drawn at a place of the axes."""
        return str(
            self.plot.evaluate(
                """(plot, [x, y]) => {
                    const [x0, x1, y0, y1] = plot.dataset.range.split(' ').map(Number);
                    const [left, right, top, bottom] = plot.dataset.frame.split(' ').map(Number);
                    const canvas = plot.querySelector('canvas');
                    const scale = canvas.width / plot.clientWidth;
                    const px = left + (x - x0) / (x1 - x0) * (plot.clientWidth - left - right);
                    const py = top + (y1 - y) / (y1 - y0) * (plot.clientHeight - top - bottom);
                    const data = canvas.getContext('2d').getImageData(px * scale, py * scale, 1, 1).data;
                    return `rgb(${data[0]}, ${data[1]}, ${data[2]})`;
                }""",
                [x, y],
            )
        )

    def picture(self) -> str:
        """All of its pixels, as text, once they stay the same: fonts and marks come a little later than curves."""
        return str(
            self.plot.locator("canvas").first.evaluate(
                """async canvas => {
                    let before = '';
                    for (let tries = 0; tries < 200 && before !== canvas.toDataURL(); tries++) {
                        before = canvas.toDataURL();
                        await new Promise(done => setTimeout(done, 300));
                    }
                    return before;
                }"""
            )
        )

    def wait_for(self, picture: str, *, same: bool = True) -> None:
        """Waits until it looks like that, or no longer does."""
        self.plot.evaluate(
            """async (plot, [picture, same]) => {
                for (let tries = 0; tries < 2400; tries++) {
                    if ((plot.querySelector('canvas').toDataURL() === picture) === same) return;
                    await new Promise(done => setTimeout(done, 50));
                }
                throw new Error('the picture is not as expected');
            }""",
            [picture, same],
        )


def chart(tab: Tab, tag: str) -> Chart:
    """The chart of a tag, once it is drawn."""
    found = Chart(tab.inside.get_by_role("region", name=tag, exact=True))
    tab.inside.get_by_role(
        "region", name=tag, exact=True
    ).scroll_into_view_if_needed()  # a chart is drawn when it comes into view
    expect(found.plot.locator("canvas").first).to_be_visible()
    return found


def differences(tab: Tab) -> Locator:
    """The table of differences."""
    return tab.inside.get_by_role("table", name=re.compile("^Differences between"))


def row(tab: Tab, name: str) -> Locator:
    """A row of it, by the name of the fact."""
    return (
        differences(tab)
        .get_by_role("row")
        .filter(has=tab.page.get_by_role("rowheader", name=re.compile(rf"^{re.escape(name)}(?![\w/]| \[)")))
    )


def wait(tab: Tab) -> Tab:
    """Waits until the comparison is there, all of it."""
    expect(differences(tab)).to_be_visible()
    expect(tab.inside.get_by_role("region", name="Comparison", exact=True)).to_have_attribute("aria-busy", "false")
    return tab


def colors_of_members(tab: Tab) -> list[str]:
    """The colours of what is compared, in its order."""
    dots = tab.inside.locator(".cmp-member .dot")
    return list(dots.evaluate_all("dots => dots.map(dot => getComputedStyle(dot).backgroundColor)"))


def two_exports(experiment: Experiment) -> None:
    """One run with a version at two of its steps; it went on training after both. Another run without a version."""
    writer = EventFileWriter(str(experiment.logs / "one"))
    for step, value in enumerate(LOSS):
        summary = Summary(value=[Summary.Value(tag="loss", simple_value=value)])
        writer.add_event(Event(wall_time=1_790_000_000 + step, step=step, summary=summary))
    model = write_model(experiment.logs.parent / "exported")
    for step in EXPORTS:
        tbv.publish(
            model,
            experiment.models,
            name="digits",
            writer=writer,
            step=step,
            logdir=experiment.logs,
            metrics={"loss": LOSS[step]},
            capture=QUIET,
            strict=True,
        )
    writer.close()
    write_run(experiment.logs / "two", values=[math.nan, 2.0, math.inf, 1.5])


@pytest.mark.parametrize("smooth", ["0", "0.9"])
def test_marks_stand_at_the_exact_step_and_value_whatever_the_smoothing(
    smooth: str, experiment: Experiment, open_tab: OpenTab, tensorboard_server: StartTensorBoard
) -> None:
    two_exports(experiment)
    server = tensorboard_server(*experiment.arguments)
    tab = wait(open_tab(server, cmp="digits:1,digits:2,run:two", smooth=smooth, out="1"))
    drawn = chart(tab, "loss")
    colors = colors_of_members(tab)
    assert len(set(colors)) == 3
    words = drawn.plot.get_attribute("aria-label") or ""
    for step, color in zip(EXPORTS, colors, strict=False):
        assert f"{LOSS[step]:.4g} at step {step}" in words
        assert drawn.pixel(step, LOSS[step]) == color
    expect(drawn.card).to_contain_text("2 values are NaN or ∞ in two")
    values = row(tab, "loss").get_by_role("cell").all_inner_texts()
    numbers = [float(re.findall(r"\d\S*", text)[0]) for text in values[:2]]
    assert numbers == pytest.approx([LOSS[step] for step in EXPORTS], rel=1e-4)
    assert "(last)" in values[2]


def test_selected_versions_are_compared_and_back_returns(demo: Demo, demo_tab: Tab) -> None:
    requests: list[str] = []

    def note(request: Request) -> None:
        if "/data/plugin/versions/scalars" in request.url:
            requests.append(request.url)

    demo_tab.select("digits:12")
    demo_tab.select("digits:14")
    demo_tab.page.on("request", note)
    demo_tab.inside.get_by_role("button", name="Compare 2", exact=True).click()
    wait(demo_tab)
    chart(demo_tab, "epoch_accuracy")
    assert len(requests) == 1
    for name in ("val_accuracy", "val_loss"):
        shown = row(demo_tab, name).get_by_role("cell").all_inner_texts()
        written = [demo.versions[each]["metrics"][name] for each in ("digits:12", "digits:14")]
        assert [float(re.findall(r"\d\S*", text)[0]) for text in shown] == pytest.approx(written, rel=1e-4)
        assert "better" in shown[1]
    expect(row(demo_tab, "optimizer")).to_have_count(0)
    toggle = differences(demo_tab).get_by_role("button", name=re.compile("^differences only"))
    toggle.click()
    expect(row(demo_tab, "optimizer")).to_have_count(1)
    demo_tab.wait_for_state(cmp="digits:12,digits:14", all="1")
    demo_tab.page.go_back()
    expect(row(demo_tab, "optimizer")).to_have_count(0)
    demo_tab.page.go_back()
    expect(demo_tab.grid).to_be_visible()
    expect(demo_tab.row("digits:12")).to_have_attribute("aria-selected", "true")


def test_a_run_without_a_version_is_added_with_the_keyboard_and_removed(demo_tab: Tab) -> None:
    demo_tab.open_version("digits:14")
    demo_tab.detail.get_by_role("button", name=re.compile("^the best")).click()
    wait(demo_tab)
    demo_tab.inside.get_by_role("button", name="+ add version or run").press("Enter")
    find = demo_tab.inside.get_by_role("combobox", name="Find a version or a run")
    find.press_sequentially("diverged")
    find.press("Enter")
    expect(find).to_have_count(0)
    expect(demo_tab.inside.get_by_role("button", name="+ add version or run")).to_be_focused()
    expect(differences(demo_tab).get_by_role("columnheader", name=re.compile("run mlp-diverged"))).to_be_visible()
    expect(row(demo_tab, "val_loss")).to_contain_text("(last)")
    demo_tab.inside.get_by_role("button", name="Remove run mlp-diverged").click()
    expect(differences(demo_tab).get_by_role("columnheader")).to_have_count(3)


def test_the_address_restores_the_comparison_in_another_browser(
    demo_tab: Tab, browser: Browser, complaints: list[str]
) -> None:
    demo_tab.page.evaluate("location.hash = '#versions&p.versions.cmp=digits:12,digits-tiny:3,run:mlp-diverged'")
    wait(demo_tab)
    inside = demo_tab.inside
    inside.get_by_label("Baseline:").select_option("digits-tiny:3")
    inside.get_by_label("Horizontal:").select_option("relative")
    inside.get_by_label("log scale").check()
    inside.get_by_role("slider", name="Smoothing").fill("0.6")
    inside.get_by_role("button", name=re.compile("^Tags")).click()
    inside.get_by_role("checkbox", name="epoch_learning_rate").check()
    demo_tab.page.keyboard.press("Escape")
    chart(demo_tab, "epoch_learning_rate")
    demo_tab.wait_for_state(
        base="digits-tiny:3", x="relative", log="1", smooth="0.6", tags="epoch_loss,epoch_accuracy,epoch_learning_rate"
    )
    wait(demo_tab)
    rows = differences(demo_tab).inner_text()

    other = new_context(browser)
    try:
        page = other.new_page()
        watch(page, complaints)
        page.goto(demo_tab.page.url)
        restored = wait(Tab(page, demo_tab.server))
        chart(restored, "epoch_learning_rate")
        expect(restored.inside.get_by_label("Horizontal:")).to_have_value("relative")
        expect(restored.inside.get_by_label("log scale")).to_be_checked()
        expect(restored.inside.get_by_role("slider", name="Smoothing")).to_have_value("0.6")
        assert differences(restored).inner_text() == rows
    finally:
        other.close()


def drag(page: Page, plot: Locator) -> None:
    """Drags over a part of a picture."""
    box = plot.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + box["height"] * 0.3)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + box["height"] * 0.7, steps=3)
    page.mouse.up()


def test_a_drag_zooms_the_cursor_is_in_all_charts_and_reset_brings_everything_back(demo_tab: Tab) -> None:
    demo_tab.page.evaluate("location.hash = '#versions&p.versions.cmp=digits:12,digits:14'")
    wait(demo_tab)
    drawn = chart(demo_tab, "epoch_loss")
    whole = drawn.plot.get_attribute("data-range")
    drag(demo_tab.page, drawn.plot)
    expect(drawn.plot).not_to_have_attribute("data-range", whole or "")
    expect(demo_tab.inside.locator(".curve-overlay")).to_have_count(2)
    expect(drawn.card.locator(".curve-tip")).to_contain_text("cnn/dropout/validation")
    drawn.card.get_by_role("button", name="reset zoom").click()
    expect(drawn.plot).to_have_attribute("data-range", whole or "")


def test_a_name_in_the_legend_shows_its_curves_alone(demo_tab: Tab) -> None:
    demo_tab.open(cmp="digits:9,digits:12,digits:13")
    wait(demo_tab)
    drawn = chart(demo_tab, "epoch_accuracy")
    demo_tab.inside.get_by_role("heading", name="Training curves").hover()  # the pointer may rest on a name
    before = drawn.picture()
    name = demo_tab.inside.locator(".cmp-run").last
    name.hover()
    drawn.wait_for(before, same=False)
    demo_tab.inside.get_by_role("heading", name="Training curves").hover()
    drawn.wait_for(before)


def test_each_version_has_one_colour_and_train_is_dashed(demo_tab: Tab) -> None:
    # In TensorBoard digits 9 and 13 have a colour in common, and digits 5 and 6 come from one run.
    demo_tab.open(cmp="digits:9,digits:13,digits:5,digits:6")
    wait(demo_tab)
    colors = colors_of_members(demo_tab)
    assert len(set(colors)) == 4
    legend = demo_tab.inside.get_by_role("list", name="Runs")
    for at, name in enumerate(("digits 9", "digits 13")):
        swatches = legend.get_by_role("listitem").filter(has_text=re.compile(f"^{name}")).locator(".cmp-swatch")
        looks = swatches.evaluate_all(
            """all => all.map(each => {
                const style = getComputedStyle(each);
                return [style.borderTopColor, style.borderTopStyle];
            })"""
        )
        assert sorted(looks) == [[colors[at], "dashed"], [colors[at], "solid"]]
    columns = differences(demo_tab).get_by_role("columnheader").locator(".dot")
    assert columns.evaluate_all("dots => dots.map(dot => getComputedStyle(dot).backgroundColor)") == colors


def test_a_single_selected_version_can_not_be_compared_and_that_is_seen(demo_tab: Tab) -> None:
    demo_tab.select("digits:12")
    one = demo_tab.inside.get_by_role("button", name="Compare 1", exact=True)
    expect(one).to_be_disabled()
    expect(one).to_have_attribute("title", "Select one more version")
    grey = one.evaluate("button => getComputedStyle(button).backgroundColor")
    demo_tab.select("digits:14")
    two = demo_tab.inside.get_by_role("button", name="Compare 2", exact=True)
    assert two.evaluate("button => getComputedStyle(button).backgroundColor") != grey


def test_a_chart_is_saved_as_an_svg_that_can_be_read(demo_tab: Tab, tmp_path: Path) -> None:
    demo_tab.open(cmp="digits:9,digits:12")
    wait(demo_tab)
    chart(demo_tab, "epoch_accuracy").card.get_by_role("button", name="save").click()
    with demo_tab.page.expect_download() as told:
        demo_tab.inside.get_by_role("menuitem", name="as SVG").click()
    told.value.save_as(tmp_path / "chart.svg")
    texts = ElementTree.parse(tmp_path / "chart.svg").iter("{http://www.w3.org/2000/svg}text")
    assert any("v12 " in "".join(text.itertext()) for text in texts)


def test_on_a_phone_all_three_versions_stand_side_by_side(demo_tab: Tab) -> None:
    demo_tab.page.set_viewport_size({"width": 375, "height": 812})
    demo_tab.open(cmp="digits:9,digits:12,digits:13")
    wait(demo_tab)
    row(demo_tab, "learning_rate").scroll_into_view_if_needed()
    for column in differences(demo_tab).get_by_role("columnheader").all()[1:]:
        expect(column).to_be_in_viewport(ratio=1)
    assert demo_tab.axe() == []


def test_on_a_phone_each_group_of_controls_takes_one_row(demo_tab: Tab) -> None:
    demo_tab.page.set_viewport_size({"width": 375, "height": 812})
    demo_tab.open(cmp="digits:9,digits:12,digits:13,digits:14")
    wait(demo_tab)
    for group in (".cmp-ways", ".cmp-members", ".cmp-controls"):
        edges = demo_tab.inside.locator(f"{group} > *").evaluate_all(
            """all => all.filter(each => getComputedStyle(each).position !== 'fixed')
                .map(each => each.getBoundingClientRect().bottom)"""
        )
        assert max(edges) - min(edges) < 20, group
    # What does not fit is scrolled to.
    last = demo_tab.inside.get_by_role("button", name="Export", exact=True)
    last.scroll_into_view_if_needed()
    expect(last).to_be_in_viewport(ratio=1)
    assert demo_tab.frame.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_axe_finds_nothing_in_the_comparison(theme: str, demo_tab: Tab) -> None:
    demo_tab.set_theme(theme)
    demo_tab.page.evaluate(
        "location.hash = '#versions&p.versions.cmp=digits:12,digits:14,digits-tiny:3,run:mlp-diverged'"
    )
    wait(demo_tab)
    drawn = chart(demo_tab, "epoch_accuracy")
    assert demo_tab.axe() == []
    drawn.card.get_by_role("button", name="as table").click()
    differences(demo_tab).get_by_role("button", name="graph and weights").click()
    row(demo_tab, "val_loss").get_by_role("button").first.focus()
    expect(demo_tab.inside.get_by_role("tooltip")).to_be_visible()
    assert demo_tab.axe() == []
    demo_tab.page.keyboard.press("Escape")
    for name, dialog in ((re.compile("^Tags"), "Tags"), ("+ add version or run", "Add a version or a run")):
        demo_tab.inside.get_by_role("button", name=name).click()
        expect(demo_tab.inside.get_by_role("dialog", name=dialog)).to_be_visible()
        assert demo_tab.axe() == []
        demo_tab.page.keyboard.press("Escape")
