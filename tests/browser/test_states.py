"""Nothing, one, ten thousand, damaged, missing, narrow: all look deliberate."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from playwright.sync_api import expect

from tb_versions.cli import main
from tests.browser.conftest import Demo
from tests.browser.tab import OpenTab, Tab
from tests.support.savedmodel_bytes import small_model, write_model
from tests.support.servers import TensorBoard
from tests.support.written import Experiment, plain_manifest

StartTensorBoard = Callable[..., TensorBoard]


def test_where_nothing_is_there_the_page_says_where_it_looked_and_what_to_paste(
    open_tab: OpenTab, empty_server: TensorBoard
) -> None:
    assert empty_server.get_json("data/plugins_listing")["versions"]["enabled"] is False
    tab = open_tab(empty_server)
    expect(tab.inside.get_by_role("heading", name="No versions yet")).to_be_visible()
    message = tab.inside.locator(".message")
    expect(message).to_contain_text("version_manifest.json")
    expect(message).to_contain_text(empty_server.process.args[-1])  # type: ignore[index]
    lines = tab.inside.get_by_label("Lines to paste").input_value()
    assert "import tb_versions as tbv" in lines
    assert "tbv.publish(" in lines
    compile(lines, "lines to paste", "exec")


def test_a_models_folder_that_is_not_there_is_named(
    experiment: Experiment, quick_server: StartTensorBoard, open_tab: OpenTab
) -> None:
    absent = experiment.models / "absent"
    server = quick_server(experiment.logs, "--versions_models_dir", str(absent))
    tab = open_tab(server)
    line = tab.inside.get_by_role("listitem").filter(has_text="absent")
    expect(line).to_contain_text("is not there")
    # It may come later.
    experiment.models = absent
    experiment.publish()
    tab.expect_count(1)
    expect(tab.inside.locator("footer.status")).to_contain_text("1 version")
    server.stop()


@pytest.fixture(scope="module")
def damaged(tmp_path_factory: pytest.TempPathFactory, quick_server: StartTensorBoard) -> TensorBoard:
    """Two good versions, and each way in which one can be bad."""
    experiment = Experiment(tmp_path_factory.mktemp("damaged"))
    for _ in range(3):
        experiment.publish(run="train")
    shutil.rmtree(experiment.models / "digits" / "2")
    (experiment.models / "digits" / "3" / "weights.bin").write_bytes(b"more than before")
    experiment.write_raw("digits", 4, b'{"schemaVersion": 1, "model": "dig')
    experiment.write_raw("digits", 5, b"")
    experiment.write_raw("digits", 6, plain_manifest("digits", 6, schemaVersion=99))
    experiment.write_raw("digits", 7, plain_manifest("digits", 7, created="yesterday"))
    return quick_server(*experiment.arguments)


def test_damaged_missing_and_changed_versions_are_listed_with_the_reason(
    damaged: TensorBoard, open_tab: OpenTab
) -> None:
    tab = open_tab(damaged)
    tab.expect_count(7)
    states = {"1": "present", "2": "missing", "3": "changed", "4": "damaged", "5": "damaged", "7": "damaged"}
    for number, state in states.items():
        expect(tab.row(f"digits:{number}").locator(".state")).to_have_attribute("data-state", state)
        expect(tab.row(f"digits:{number}")).to_contain_text(state)
    for number in range(1, 8):
        tab.open_version(f"digits:{number}") if number < 4 else tab.row(f"digits:{number}").locator("td").nth(1).click()
        expect(tab.detail.get_by_role("heading").first).to_contain_text(str(number))
        expect(tab.detail.get_by_text("Loading")).to_have_count(0)
    tab.row("digits:4").locator("td").nth(1).click()
    expect(tab.detail.locator(".dv-banner")).not_to_be_empty()
    expect(tab.detail.get_by_role("tabpanel").first).to_be_visible()


def test_the_status_line_explains_what_could_not_be_read(damaged: TensorBoard, open_tab: OpenTab) -> None:
    tab = open_tab(damaged)
    tab.expect_count(7)
    status = tab.inside.locator("footer.status")
    expect(status).to_contain_text("damaged manifests")
    status.get_by_role("button", name="why").click()
    dialog = tab.inside.get_by_role("dialog", name="Problems")
    expect(dialog).to_contain_text("digits/4")
    assert tab.axe() == []
    tab.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def test_ten_thousand_versions_show_scroll_to_the_end_and_sort(
    experiment: Experiment, quick_server: StartTensorBoard, open_tab: OpenTab
) -> None:
    for number in range(1, 10_001):
        experiment.write_raw(
            "many",
            number,
            plain_manifest(
                "many",
                number,
                created=f"2026-{1 + number // 1000:02}-{1 + number % 28:02}T{number % 24:02}:00:00Z",
                metrics=[{"name": "val_accuracy", "value": (number * 7919 % 10_007) / 10_007, "goal": "MAX"}],
                hyperparameters={"units": number % 64, "optimizer": ("adam", "sgd", "lion")[number % 3]},
            ),
        )
    server = quick_server(*experiment.arguments)
    tab = open_tab(server)
    tab.expect_count(10_000)
    expect(tab.inside.locator("footer.status")).to_contain_text("10,000 versions")

    tab.header("Version").click()
    expect(tab.row("many:10000")).to_be_visible()
    tab.grid.focus()
    tab.page.keyboard.press("End")
    expect(tab.row("many:1")).to_be_in_viewport()
    assert tab.rows.count() < 200
    tab.page.keyboard.press("Home")
    expect(tab.row("many:10000")).to_be_in_viewport()

    tab.header("val_accuracy", "at export").click()
    best = max(range(1, 10_001), key=lambda number: number * 7919 % 10_007)
    expect(tab.row(f"many:{best}")).to_be_in_viewport()
    assert tab.references()[0] == f"many:{best}"
    expect(tab.row(f"many:{best}").locator(".star")).to_have_count(1)

    tab.filter.fill("optimizer = sgd and units < 8")
    tab.filter.press("Enter")
    tab.expect_count(sum(1 for number in range(1, 10_001) if number % 3 == 1 and number % 64 < 8))
    server.stop()


@pytest.mark.parametrize(("width", "height"), [(1024, 768), (800, 600)])
def test_in_a_narrow_window_the_sides_fold_and_nothing_is_cut_off(
    width: int, height: int, demo: Demo, demo_tab: Tab
) -> None:
    tab = demo_tab
    tab.page.set_viewport_size({"width": width, "height": height})
    tab.expect_count(len(demo.versions))
    filters = tab.inside.get_by_role("navigation", name="Filters")
    expect(filters).to_have_count(0)
    _check_inside(tab, width)
    tab.inside.get_by_role("button", name="Show the filters").click()
    expect(filters).to_be_visible()
    _check_inside(tab, width)
    tab.inside.get_by_role("button", name="Hide the filters").click()
    tab.open_version("digits:9")
    _check_inside(tab, width)
    box = tab.detail.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width + 1
    tab.page.keyboard.press("Escape")
    expect(tab.detail).to_have_count(0)


def _check_inside(tab: Tab, width: int) -> None:
    """Nothing makes the page itself scroll sideways, and each control can be reached by the pointer."""
    root = tab.inside.locator("html")
    assert root.evaluate("it => it.scrollWidth") <= width
    for name in ("Columns", "Copy link"):
        expect(tab.inside.get_by_role("button").filter(has_text=name)).to_be_in_viewport(ratio=0.99)
    expect(tab.filter).to_be_in_viewport(ratio=0.99)


def test_the_detail_panel_can_be_made_wider(demo_tab: Tab) -> None:
    demo_tab.open_version("digits:9")
    edge = demo_tab.inside.get_by_role("separator", name="Width of the detail panel")
    before = int(edge.get_attribute("aria-valuenow") or 0)
    edge.focus()
    demo_tab.page.keyboard.press("ArrowLeft")
    expect(edge).not_to_have_attribute("aria-valuenow", str(before))
    assert int(edge.get_attribute("aria-valuenow") or 0) > before


def test_models_without_a_manifest_are_counted(
    experiment: Experiment, quick_server: StartTensorBoard, open_tab: OpenTab, tmp_path: Path
) -> None:
    folder = experiment.models / "bare" / "1"
    folder.mkdir(parents=True)
    (folder / "saved_model.pb").write_bytes(b"")
    server = quick_server(*experiment.arguments)
    tab = open_tab(server)
    expect(tab.inside.locator(".message")).to_contain_text("1 SavedModel without a manifest was found there")
    server.stop()


def test_files_elsewhere_are_said_and_looked_at_where_their_source_is_bound(
    experiment: Experiment, quick_server: StartTensorBoard, open_tab: OpenTab, tmp_path: Path
) -> None:
    write_model(tmp_path / "old" / "digits" / "00000007", small_model())
    command = ["adopt", str(tmp_path / "old"), "--models-dir", str(experiment.models), "--source", "nas"]
    assert CliRunner().invoke(main, command).exit_code == 0
    server = quick_server(*experiment.arguments)
    tab = open_tab(server)
    tab.open_version("digits:7")
    panel = tab.inside.locator(".dv-head")
    expect(panel).to_contain_text("files elsewhere")
    expect(panel).to_contain_text("path digits/00000007 of source nas")
    expect(panel).to_contain_text("--versions_sources nas=DIR")
    inferred = tab.inside.locator(".dv-section").filter(has_text="Inferred, and from what")
    expect(inferred).to_contain_text("the time of saved_model.pb")
    assert tab.axe() == []
    tab.inside.get_by_role("tab", name="Files").click()
    expect(tab.inside.locator(".dv-rows")).to_contain_text("digits/00000007 of source nas")
    tab.page.goto("about:blank")  # it asks for news until it is closed
    server.stop()
    bound = quick_server(*experiment.arguments, "--versions_sources", f"nas={tmp_path / 'old'}")
    tab = open_tab(bound)
    tab.open_version("digits:7")
    expect(tab.inside.locator(".dv-head")).to_contain_text("files present")
    expect(tab.inside.locator(".dv-head")).not_to_contain_text("elsewhere")
    tab.page.goto("about:blank")
    bound.stop()
