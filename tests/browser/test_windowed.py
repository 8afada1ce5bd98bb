"""More versions than the page takes: a real TensorBoard over real tables, asked for the rows that are on screen."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from playwright.sync_api import Locator, Page, Route, ViewportSize, expect

from tb_versions.cli import main
from tb_versions.core.manifest import Metric
from tests.browser.tab import OpenTab, Tab
from tests.browser.test_widths import SIZES, look
from tests.support.servers import TensorBoard
from tests.support.world import World

MODELS, EACH = 16, 44
TOTAL = MODELS * EACH
FEW = 600
"""So many versions the page loads all of, and draws one by one."""

MANY = 1_000_000


def loss_of(place: int) -> float | None:
    """Of a version, by the order in which they are written; a few have none."""
    return None if place % 97 == 96 else round(0.05 + place * 37 % 1009 / 1009, 6)


def place_of(reference: str) -> int:
    """The order in which a version was written."""
    model, _, number = reference.partition(":")
    return (int(number) - 1) * MODELS + int(model.removeprefix("model-"))


def write(world: World, place: int) -> str:
    """Writes one more version. Returns its reference."""
    loss = loss_of(place)
    model, number = f"model-{place % MODELS:02d}", place // MODELS + 1
    world.version(
        model,
        number,
        metrics=() if loss is None else (Metric(name="val_loss", value=loss, goal="min"),),
        hyperparameters={"lr": 10.0 ** -(place % 5), "optimizer": "adam" if place % 2 else "sgd"},
    )
    return f"{model}:{number}"


def index(world: World) -> None:
    """Makes the tables, or adds to them."""
    done = CliRunner().invoke(main, ["index", "--models-dir", str(world.models)])
    assert done.exit_code == 0, done.output


@dataclass
class Fleet:
    """A TensorBoard over tables that have more versions than its limit."""

    world: World
    server: TensorBoard


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory, quick_server: Callable[..., TensorBoard]) -> Iterator[Fleet]:
    pytest.importorskip("duckdb")
    world = World(tmp_path_factory.mktemp("fleet"))
    for place in range(TOTAL):
        write(world, place)
    index(world)
    server = quick_server(world.logs, "--versions_models_dir", str(world.models), "--versions_index_above", "100")
    yield Fleet(world, server)
    server.stop()


@pytest.fixture
def tab(open_tab: OpenTab, fleet: Fleet, page: Page) -> Tab:
    """A page of the test's own: some answer for the server, or expect the page to complain."""
    assert page
    return open_tab(fleet.server)


def by_loss(descending: bool = False) -> list[int]:
    """Places of the versions in the order of their loss, those without one last."""
    having = [place for place in range(TOTAL) if loss_of(place) is not None]
    return sorted(having, key=lambda place: loss_of(place) or 0.0, reverse=descending)


def header(tab: Tab, column: str) -> Locator:
    """The button that sorts by a column; that all its numbers are from one place is not known here, nor said."""
    return tab.grid.locator(f"thead th[data-id='{column}'] button.sort")


def top(tab: Tab) -> str:
    """Reference of the first row."""
    return tab.references()[0]


def test_every_row_has_its_place_and_the_status_line_says_where_it_is_from(tab: Tab) -> None:
    tab.expect_count(TOTAL)
    status = tab.inside.locator("footer.status")
    expect(status).to_contain_text(f"{TOTAL} versions")
    expect(status).to_contain_text(re.compile(r"indexed (just now|\d+ min ago)"))
    assert len(tab.references()) < 60
    tab.grid.focus()
    tab.page.keyboard.press("End")
    last = tab.grid.locator(f"tbody tr[aria-rowindex='{TOTAL + 1}'][aria-selected]")
    expect(last).to_be_visible()
    expect(tab.grid).to_have_attribute("aria-activedescendant", f"row-{TOTAL - 1}")
    # The newest first, versions of one time by their models.
    expect(last).to_contain_text(f"model-{MODELS - 1:02d}")
    tab.page.keyboard.press("Home")
    expect(tab.row(f"model-00:{EACH}")).to_be_visible()
    # What follows from all rows only is left out.
    expect(tab.grid.locator(".star")).to_have_count(0)
    expect(status).not_to_contain_text("best shown")


def test_sorting_and_filtering_are_the_server_s(tab: Tab) -> None:
    header(tab, "m:val_loss").click()
    best = by_loss()[0]
    expect(tab.rows.first.locator("input")).to_have_attribute(
        "aria-label", f"Select model-{best % MODELS:02d}:{best // MODELS + 1}"
    )
    assert [place_of(each) for each in tab.references()[:20]] == by_loss()[:20]
    tab.filter.fill("val_loss < 0.5")
    tab.filter.press("Enter")
    found = sum((loss_of(place) or 9) < 0.5 for place in range(TOTAL))
    tab.expect_count(found)
    expect(tab.inside.locator("footer.status")).to_contain_text(f"{found} of {TOTAL} versions")
    # So few are all there: each is drawn, and the best of each model has a star.
    assert found <= FEW
    expect(tab.grid.locator(".star").first).to_be_visible()


def test_a_wrong_filter_is_said_in_the_server_s_words_and_the_last_good_one_stays(
    tab: Tab, complaints: list[str]
) -> None:
    tab.filter.fill("model = model-03")
    tab.filter.press("Enter")
    tab.expect_count(EACH)
    tab.filter.fill("val_los < 0.5")
    tab.filter.press("Enter")
    expect(tab.error).to_contain_text("val_los")
    expect(tab.error).to_contain_text("the last good filter stays: model = model-03")
    tab.expect_count(EACH)
    # The form of a filter is checked without asking.
    asked = [line for line in complaints if "/window" in line]
    complaints.clear()
    assert asked
    tab.filter.fill("val_loss < ")
    tab.filter.press("Enter")
    expect(tab.error).not_to_contain_text("val_los ")
    tab.filter.fill("")
    tab.filter.press("Enter")
    tab.expect_count(TOTAL)
    assert complaints == []


def test_nothing_and_one_version(tab: Tab) -> None:
    tab.filter.fill("val_loss > 1000")
    tab.filter.press("Enter")
    expect(tab.inside.get_by_role("heading", name="No version matches")).to_be_visible()
    expect(tab.inside.locator(".message")).to_contain_text(f"All {TOTAL} versions are hidden by the filter")
    expect(tab.inside.locator(".chart-empty")).to_have_text("No version matches the filter.")
    tab.filter.fill("version = model-05:7")
    tab.filter.press("Enter")
    tab.expect_count(1)
    assert tab.references() == ["model-05:7"]


def test_the_sidebar_counts_what_a_tick_would_show(tab: Tab) -> None:
    models = tab.inside.get_by_role("region", name="Models")
    expect(models.get_by_role("button", name=re.compile("model-04"))).to_contain_text(str(EACH))
    models.get_by_role("button", name=re.compile("model-04")).click()
    tab.expect_count(EACH)
    expect(models.get_by_role("button", name=re.compile("model-05"))).to_contain_text(str(EACH))
    # Their name says nothing any more, so it has no column.
    assert "Model" not in [title for title, _ in tab.titles()]


def test_groups_have_headings_and_can_be_folded(tab: Tab) -> None:
    tab.inside.get_by_label("Group:").select_option("model")
    tab.expect_count(TOTAL + MODELS)
    heading = tab.grid.locator("tr.group").first
    expect(heading).to_contain_text(str(EACH))
    heading.get_by_role("button").click()
    tab.expect_count(TOTAL + MODELS - EACH)
    tab.grid.focus()
    tab.page.keyboard.press("End")
    expect(tab.grid.locator(f"tr[aria-rowindex='{TOTAL + MODELS - EACH + 1}'][aria-selected]")).to_be_visible()


def test_charts_show_densities_and_say_of_how_many(tab: Tab) -> None:
    have = sum(loss_of(place) is not None for place in range(TOTAL))
    panel = tab.inside.get_by_role("region", name="Metric across versions")
    words = f"{have} of {TOTAL} versions have numbers for Version and val_loss."
    expect(panel.locator(".ex-note")).to_contain_text(words)
    expect(panel.get_by_role("img")).to_have_attribute("aria-label", re.compile(re.escape(words)))
    expect(panel.locator("canvas[data-drawn=yes]")).to_be_visible()
    tab.inside.get_by_role("tab", name="Scatter", exact=True).click()
    scatter = tab.inside.get_by_role("region", name="Scatter chart")
    scatter.get_by_label("x axis").select_option("hp:lr")
    expect(scatter.locator(".ex-note")).to_contain_text(f"{have} of {TOTAL} versions have numbers for lr and val_loss.")
    expect(scatter.locator(".ex-log")).to_be_visible()
    # A range is set by keyboard too, and is a filter of the server's.
    scatter.get_by_role("button", name=re.compile(r"^val_loss")).click()
    tab.inside.get_by_role("dialog", name="Range of val_loss").get_by_label("to").fill("0.3")
    tab.page.keyboard.press("Tab")
    inside = sum((loss_of(place) or 9) <= 0.3 for place in range(TOTAL))
    tab.expect_count(inside)
    expect(tab.inside.get_by_role("list", name="Ranges from the charts")).to_contain_text("val_loss")


def test_what_is_not_drawn_says_what_to_do(tab: Tab) -> None:
    tab.inside.get_by_role("tab", name="Scatter matrix").click()
    expect(tab.inside.locator(".panel-body")).to_contain_text(f"This chart is not drawn for {TOTAL} versions")
    tab.inside.get_by_role("tab", name="Lineage").click()
    expect(tab.inside.locator(".panel-body")).to_contain_text("The graph of all versions is not drawn")
    tab.inside.get_by_role("tab", name="Scatter matrix").click()
    tab.filter.fill("model = model-03")
    tab.filter.press("Enter")
    expect(tab.inside.locator("canvas[data-layer=inside][data-drawn=yes]")).to_be_visible()


def test_a_version_is_opened_compared_and_exported(tab: Tab) -> None:
    # Neither is among the rows that are on screen.
    tab.page.evaluate("location.hash += '&p.versions.v=model-00:2&p.versions.sel=model-00:2,model-07:1'")
    tab.expect_version("model-00:2")
    expect(tab.inside.locator("footer.status")).to_contain_text("2 selected")
    tab.inside.get_by_role("button", name="Export", exact=True).click()
    menu = tab.inside.get_by_role("dialog", name="Export")
    expect(menu).to_contain_text("2 selected versions")
    with tab.page.expect_download() as download:
        menu.get_by_role("link", name="CSV").click()
    assert len(Path(download.value.path()).read_text().splitlines()) == 3
    tab.inside.get_by_role("button", name="Compare 2", exact=True).click()
    expect(tab.inside.locator(".cmp-table")).to_contain_text("val_loss")


def test_what_the_filter_finds_is_exported_by_the_server(tab: Tab) -> None:
    tab.filter.fill("model = model-03")
    tab.filter.press("Enter")
    tab.expect_count(EACH)
    tab.inside.get_by_role("button", name="Export", exact=True).click()
    menu = tab.inside.get_by_role("dialog", name="Export")
    expect(menu).to_contain_text(f"{EACH} versions that the filter leaves")
    with tab.page.expect_download() as download:
        menu.get_by_role("link", name="CSV").click()
    assert len(Path(download.value.path()).read_text().splitlines()) == EACH + 1


def test_rows_that_are_not_there_yet_can_be_ticked(tab: Tab) -> None:
    tab.rows.first.locator("td.check").click()
    tab.grid.focus()
    tab.page.keyboard.press("Shift+End")
    expect(tab.inside.locator("footer.status")).to_contain_text(f"{TOTAL} selected")
    tab.page.keyboard.press("Escape")
    tab.inside.get_by_label("Select all shown versions").click()
    expect(tab.inside.locator("footer.status")).to_contain_text(f"{TOTAL} selected")


def test_versions_that_came_since_are_read_from_their_files(tab: Tab, fleet: Fleet) -> None:
    tab.expect_count(TOTAL)
    reference = write(fleet.world, TOTAL)
    try:
        expect(tab.inside.locator("footer.status")).to_contain_text("1 newer read from the files")
        tab.expect_count(TOTAL + 1)
        tab.filter.fill(f"version = {reference}")
        tab.filter.press("Enter")
        tab.expect_count(1)
    finally:
        manifest = fleet.world.models / reference.replace(":", "/") / "version_manifest.json"
        manifest.unlink()
    tab.filter.fill("")
    tab.filter.press("Enter")
    tab.expect_count(TOTAL)


def test_where_the_server_can_not_answer_the_page_says_so_and_asks_again(tab: Tab, complaints: list[str]) -> None:
    sentence = "The table could not be asked: the answer took longer than 20 s."
    first = top(tab)

    def refuse(route: Route) -> None:
        route.fulfill(status=503, body=json.dumps({"error": sentence}), content_type="application/json")

    tab.page.route(re.compile("/window.*sort=metric"), refuse)
    header(tab, "m:val_loss").click()
    banner = tab.inside.get_by_role("alert").filter(has_text=sentence)
    expect(banner).to_contain_text("What is shown is as it was.")
    assert top(tab) == first
    tab.page.unroute(re.compile("/window.*sort=metric"))
    tab.inside.get_by_role("button", name="Try again").click()
    expect(banner).to_have_count(0)
    complaints.clear()


def far(route: Route) -> None:
    """Answers as if there were a million versions, with other names and in windows of the first rows."""
    asked = dict(pair.split("=", 1) for pair in route.request.url.split("?", 1)[1].split("&"))
    first = int(asked.get("first", 0))
    response = route.fetch(url=route.request.url.replace(f"first={first}", "first=0"))
    answer = response.json()
    answer["found"] = MANY
    answer["window"]["rows"] = MANY
    answer["first"] = first
    parts = {part["digest"]: part["columns"] for part in answer["table"]["parts"]}
    place = first
    for block in answer["table"]["blocks"]:
        columns = next(parts[digest] for digest in block["parts"] if "id" in parts[digest])
        columns["number"] = list(range(place, place + block["rows"]))
        columns["id"] = [f"far:{number}" for number in columns["number"]]
        place += block["rows"]
    route.fulfill(response=response, json=answer)


@pytest.fixture
def distant(open_tab: OpenTab, fleet: Fleet, tab: Tab) -> Tab:
    """The same tab over a list that is higher than a browser lets an element be."""
    tab.page.route(re.compile("/window"), far)
    return open_tab(fleet.server, sort="+m:val_loss")


def test_a_million_rows_are_scrolled_from_end_to_end(distant: Tab) -> None:
    distant.expect_count(MANY)
    grid, page = distant.grid, distant.page
    grid.focus()
    page.keyboard.press("End")
    last = distant.row(f"far:{MANY - 1}")
    expect(last).to_be_in_viewport(ratio=0.9)
    expect(last).to_have_attribute("aria-rowindex", str(MANY + 1))
    page.keyboard.press("ArrowUp")
    expect(grid).to_have_attribute("aria-activedescendant", f"row-{MANY - 2}")
    page.keyboard.press("PageUp")
    page.keyboard.press("PageUp")
    place = int((grid.get_attribute("aria-activedescendant") or "row-0").removeprefix("row-"))
    assert MANY - 120 < place < MANY - 20
    expect(distant.row(f"far:{place}")).to_be_in_viewport(ratio=0.9)
    page.keyboard.press("Home")
    expect(distant.row("far:0")).to_be_in_viewport(ratio=0.9)
    # The scroll bar goes far; the wheel goes row by row wherever it is.
    distant.scroller.evaluate("box => box.scrollTop = box.scrollHeight / 2")
    middle = distant.rows.nth(10)
    expect(middle).to_have_attribute("aria-rowindex", re.compile(r"^(49|50)\d{4}$"))
    first = distant.grid.locator("tbody tr[data-index]").first
    seen = int(first.get_attribute("data-index") or 0)
    box = distant.scroller.bounding_box()
    assert box
    page.mouse.move(box["x"] + 300, box["y"] + 200)
    for _ in range(10):
        page.mouse.wheel(0, 99)
    expect(first).to_have_attribute("data-index", str(seen + 30))


def test_a_million_rows_are_not_ticked_at_once(distant: Tab) -> None:
    distant.expect_count(MANY)
    distant.inside.get_by_label("Select all shown versions").click()
    status = distant.inside.locator("footer.status")
    expect(status).to_contain_text("At most 1,000 versions can be ticked at once.")
    expect(status).not_to_contain_text("selected")


VIEWS: dict[str, tuple[dict[str, str], str]] = {
    "table": ({}, "canvas[data-drawn=yes]"),
    "scatter": ({"panel": "scatter", "xy": "hp:lr,m:val_loss"}, "canvas[data-drawn=yes]"),
    "not drawn": ({"panel": "matrix"}, ".chart-empty"),
    "groups": ({"group": "model"}, "tr.group"),
    "ranges": ({"brush": "m:val_loss>0.1~0.2"}, ".brushes"),
    "a day": ({"at": "1795420860000"}, ".banner.then"),
    "a version": ({"v": "model-00:2", "tab": "lineage"}, ".dv > [role=tabpanel]"),
}


@pytest.mark.parametrize("theme", ["Light", "Dark"])
@pytest.mark.parametrize("size", SIZES, ids=lambda size: str(size["width"]))
def test_it_can_be_read_at_every_width_and_axe_finds_nothing(
    size: ViewportSize, theme: str, tab: Tab, tmp_path: Path
) -> None:
    tab.page.set_viewport_size(size)
    tab.set_theme(theme)
    wrong: dict[str, Any] = {}
    for name, (keys, there) in VIEWS.items():
        view = "".join(f"&p.versions.{key}={value}" for key, value in keys.items())
        tab.page.evaluate("view => location.hash = view", f"#versions{view}")
        expect(tab.inside.locator(there).first).to_be_visible()
        expect(tab.inside.locator("[aria-busy=true]")).to_have_count(0)
        tab.page.screenshot(path=tmp_path / f"{name}.png")
        if found := look(tab) + tab.axe():
            wrong[name] = found
    assert wrong == {}
