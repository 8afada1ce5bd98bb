"""Where each number is from: marks in headers and cells, the legend, filters; and equal problems told once."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

import tb_versions as tbv
from tb_versions.core.manifest import Imported, Inference, Metric
from tests.browser.tab import OpenTab, Tab
from tests.support.servers import TensorBoard
from tests.support.world import START, World

pytestmark = pytest.mark.slow

PHONE = {"width": 375, "height": 812}


def metrics(number: int) -> tuple[Metric, ...]:
    """The accuracy of each version is from elsewhere; the loss of all is from the log."""
    source = ("typed", "log", "evaluated", "inferred")[number - 1]
    return (
        Metric(name="accuracy", value=0.9 + number / 100, goal="max", source=source, step=10 * number),
        Metric(name="loss", value=1 / number, goal="min", source="log", step=10 * number),
    )


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = World(tmp_path_factory.mktemp("sources"))
    made.scalars("cnn", "recall", [(step, 0.5 + step / 100) for step in range(0, 31, 10)])
    for number in (1, 2, 3):
        made.version("digits", number, run="cnn", step=10 * number, metrics=metrics(number))
    adopted = tuple(Inference(field=field, evidence="times of files") for field in ("created", "runs", "metrics"))
    made.version("digits", 4, run="cnn", step=30, metrics=metrics(4), inferred=adopted)
    score = Metric(name="score", value=7.0, source="imported")
    made.version("taken", 1, metrics=(score,), hyperparameters={"lr": 0.1}, imported=Imported(tracker="mlflow"))
    tbv.record("digits:3", made.models, {"accuracy": 0.88}, time=START + datetime.timedelta(days=1))
    for number in range(17):
        made.raw(f"broken{number}/1", b"{")
    yield made
    made.close()


@pytest.fixture(scope="module")
def server(world: World, quick_server: Callable[..., TensorBoard]) -> Iterator[TensorBoard]:
    running = quick_server(world.logs, "--versions_models_dir", world.models)
    yield running
    running.stop()


SHOWN = "version,m:accuracy,m:loss,best:recall,m:score"


def cell(tab: Tab, reference: str, header: str) -> str:
    titles = [title for title, _ in tab.titles()]
    return str(tab.row(reference).locator("td").nth(titles.index(header) + 1).inner_text()).replace("\n", " ")


def test_a_column_of_one_source_says_so_once_and_else_each_number_does(server: TensorBoard, open_tab: OpenTab) -> None:
    tab = open_tab(server, q="model = digits")
    tab.page.set_viewport_size({"width": 1600, "height": 900})
    marks = tab.rows.locator("td [data-source]")
    expect(tab.header("loss", "at export").locator('[data-source="log"]')).to_have_attribute("title", "training log")
    expect(tab.header("accuracy", "at export").locator("[data-source]")).to_have_count(0)
    for reference, source in (
        ("digits:1", "typed"),
        ("digits:2", "log"),
        ("digits:3", "evaluated"),
        ("digits:4", "inferred"),
    ):
        expect(tab.row(reference).locator(f'td.right [data-source="{source}"]').first).to_be_visible()
    assert marks.count() > 3
    expect(tab.row("digits:4").locator("td:has(time), td").locator('[data-source="inferred"]')).to_have_count(3)


def test_the_legend_is_reached_by_keyboard_and_filters(server: TensorBoard, open_tab: OpenTab) -> None:
    tab = open_tab(server)
    button = tab.inside.get_by_role("button", name=re.compile("sources$"))
    button.focus()
    tab.page.keyboard.press("Enter")
    legend = tab.inside.get_by_role("dialog", name="Where numbers are from")
    expect(legend).to_contain_text("Nobody stated it.")
    assert tab.axe() == []
    tab.page.keyboard.press("Escape")
    expect(legend).to_have_count(0)
    expect(button).to_be_focused()
    tab.page.keyboard.press("Enter")
    legend.locator("div", has_text="measured later").get_by_role("button", name="Show 1 version").press("Enter")
    expect(tab.filter).to_have_value("sources = measured")
    tab.expect_count(1)
    assert tab.references() == ["digits:3"]


def test_the_legend_counts_what_a_click_would_show(server: TensorBoard, open_tab: OpenTab) -> None:
    tab = open_tab(server, m="taken", q="model = digits")
    tab.inside.get_by_role("button", name=re.compile("sources$")).click()
    legend = tab.inside.get_by_role("dialog", name="Where numbers are from")
    expect(legend.get_by_role("button")).to_have_text(["Show 1 version"])
    legend.get_by_role("button").click()
    tab.expect_count(1)
    assert tab.references() == ["taken:1"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("sources = typed", ["digits:1"]),
        ("source.accuracy in (evaluated, inferred)", ["digits:3", "digits:4"]),
        ("sources = run", ["digits:1", "digits:2", "digits:3", "digits:4"]),
        ("sources = imported", ["taken:1"]),
    ],
)
def test_versions_are_filtered_by_sources(text: str, found: list[str], server: TensorBoard, open_tab: OpenTab) -> None:
    tab = open_tab(server, q=text)
    tab.expect_count(len(found))
    assert sorted(tab.references()) == found


def test_imported_values_are_not_called_values_at_export(server: TensorBoard, open_tab: OpenTab) -> None:
    tab = open_tab(server, q="model = taken")
    expect(tab.header("score", "as recorded").locator('[data-source="imported"]')).to_have_count(1)


def test_a_source_can_be_completed_and_a_wrong_one_is_named(server: TensorBoard, open_tab: OpenTab) -> None:
    tab = open_tab(server)
    tab.filter.focus()
    tab.page.keyboard.type("source.accuracy = ")
    expect(tab.inside.get_by_role("option").filter(has_text="evaluated")).to_have_count(1)
    tab.page.keyboard.type("logg")
    tab.page.keyboard.press("Enter")
    expect(tab.error).to_contain_text("No source is called logg. Did you mean log?")


def test_panel_and_comparison_say_where_numbers_are_from(server: TensorBoard, open_tab: OpenTab) -> None:
    tab = open_tab(server, v="digits:4")
    tab.expect_version("digits:4")
    expect(tab.panel.locator(".dv-metrics").first).to_contain_text("∴ inferred")
    expect(tab.panel.locator(".dv-metrics").first).to_contain_text("≡ training log")
    expect(tab.panel.locator(".dv-metrics").first).to_contain_text("∿ from the run")
    assert tab.axe() == []
    tab.open(cmp="digits:1,digits:3")
    row = tab.inside.locator("tr", has=tab.inside.locator("[data-source]"), has_text="accuracy").first
    expect(row.locator('[data-source="typed"]')).to_have_attribute("title", "typed in, or not said")
    expect(row.locator('[data-source="evaluated"]')).to_have_attribute("title", "evaluated on the export")


def test_equal_problems_are_told_once(server: TensorBoard, open_tab: OpenTab) -> None:
    tab = open_tab(server)
    tab.inside.get_by_role("button", name="why").click()
    problems = tab.inside.get_by_role("dialog", name="Problems")
    expect(problems.get_by_role("listitem")).to_have_count(1)
    expect(problems).to_contain_text("17 places:")


@pytest.mark.parametrize("theme", ["Light", "Dark"])
@pytest.mark.parametrize("size", [PHONE, {"width": 1280, "height": 800}], ids=["phone", "wide"])
def test_marks_and_legend_are_accessible(
    theme: str, size: dict[str, int], server: TensorBoard, open_tab: OpenTab
) -> None:
    tab = open_tab(server)
    tab.page.set_viewport_size(size)
    tab.open()
    tab.set_theme(theme)
    tab.inside.get_by_role("button", name=re.compile("sources$")).click()
    legend = tab.inside.get_by_role("dialog", name="Where numbers are from")
    expect(legend).to_be_in_viewport(ratio=0.9)
    assert tab.axe() == []
