"""What somebody meets who opens the tab for the first time: letters, boxes, fonts, the filter, ways on."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable

import pytest
from click.testing import CliRunner
from playwright.sync_api import expect

from tb_versions.cli import main
from tests.browser.tab import OpenTab, Tab
from tests.support.savedmodel_bytes import small_model, write_model
from tests.support.servers import TensorBoard
from tests.support.written import Experiment

StartTensorBoard = Callable[..., TensorBoard]


@pytest.fixture(scope="module")
def two_optimizers(tmp_path_factory: pytest.TempPathFactory, quick_server: StartTensorBoard) -> TensorBoard:
    """Two versions that differ in their optimizer."""
    experiment = Experiment(tmp_path_factory.mktemp("optimizers"))
    for optimizer in ("adam", "sgd"):
        experiment.publish(metrics={"val_accuracy": 0.9}, hyperparameters={"optimizer": optimizer})
    return quick_server(*experiment.arguments)


def test_the_page_is_set_in_tensorboards_own_font(demo_tab: Tab) -> None:
    demo_tab.frame.wait_for_function(
        "[...document.fonts].some(face => face.family === 'Roboto' && face.status === 'loaded')"
    )
    parent = demo_tab.page.evaluate("getComputedStyle(document.body).fontFamily")
    ours = demo_tab.inside.locator("body").evaluate("body => getComputedStyle(body).fontFamily")
    assert ours.split(",")[0] == parent.split(",")[0] == "Roboto"


def test_a_header_keeps_its_letters_under_the_pointer(demo_tab: Tab) -> None:
    for header in demo_tab.grid.locator("thead th[data-id]").all()[:6]:
        header.hover()
        expect(header.locator(".more")).to_have_css("opacity", "1")
        covered = header.evaluate(
            """th => {
                const range = document.createRange();
                range.selectNodeContents(th.querySelector('.title'));
                const [text, menu] = [range.getBoundingClientRect(), th.querySelector('.more').getBoundingClientRect()];
                return text.left < menu.right && menu.left < text.right;
            }"""
        )
        assert not covered, header.inner_text()


def test_empty_boxes_in_the_sidebar_read_as_all(demo_tab: Tab) -> None:
    models = demo_tab.inside.get_by_role("region", name="Models")
    expect(models.get_by_role("heading")).to_have_text(re.compile(r"^Models\s*all$"))
    ticks = "boxes => boxes.map(box => getComputedStyle(box).backgroundImage !== 'none')"
    assert all(models.locator(".box").evaluate_all(ticks))
    models.get_by_role("button", name=re.compile("^digits-tiny")).click()
    expect(models.get_by_role("button", name="Show all models")).to_have_text("show all")
    assert models.locator(".box").evaluate_all(ticks) == [False, True]
    models.get_by_role("button", name="Show all models").click()
    expect(models.get_by_role("heading")).to_have_text(re.compile(r"all$"))


def test_the_filter_acts_when_a_word_is_finished_or_enter_is_pressed(
    two_optimizers: TensorBoard, open_tab: OpenTab
) -> None:
    tab = open_tab(two_optimizers)
    tab.filter.focus()
    tab.page.keyboard.type("adam")
    # Nothing happens at once; the key that would make it happen is named.
    expect(tab.inside.locator(".waits")).to_have_text("Enter ↵")
    assert tab.count() == 2
    tab.page.keyboard.press("Enter")
    tab.expect_count(1)
    expect(tab.inside.locator(".waits")).to_have_count(0)
    tab.page.keyboard.press("Control+a")
    tab.page.keyboard.type("optimizer = sgd ")
    tab.expect_count(1)
    assert tab.references() == ["digits:2"]
    tab.page.keyboard.press("Control+a")
    tab.page.keyboard.type('optimizer = "adam"')
    expect(tab.row("digits:1")).to_be_visible()


def test_a_value_in_another_case_is_hinted_at(two_optimizers: TensorBoard, open_tab: OpenTab) -> None:
    tab = open_tab(two_optimizers)
    tab.filter.fill("optimizer = Adam")
    tab.filter.press("Enter")
    hint = tab.inside.locator(".query-hint")
    expect(hint).to_contain_text("No version has optimizer = Adam")
    hint.get_by_role("button", name="Use adam").click()
    expect(tab.filter).to_have_value("optimizer = adam ")
    tab.expect_count(1)
    expect(hint).to_have_count(0)


def test_texts_of_the_lineage_graph_can_be_read_at_first_view(demo_tab: Tab) -> None:
    demo_tab.open(panel="lineage")
    expect(demo_tab.inside.locator(".lg-node").first).to_be_visible()
    sizes = demo_tab.inside.locator(".lg-node, .lg-words").evaluate_all(
        """all => all.map(each => {
            const scale = new DOMMatrix(getComputedStyle(each.closest('.lg-graph')).transform).a;
            return parseFloat(getComputedStyle(each).fontSize) * scale;
        })"""
    )
    assert len(sizes) > 30
    assert min(sizes) >= 11 - 0.01
    assert demo_tab.inside.locator(".lg-scroller").evaluate("box => box.scrollWidth <= box.clientWidth")


def test_the_copy_button_covers_no_code(demo_tab: Tab) -> None:
    demo_tab.open_version("digits:13")
    for code in demo_tab.panel.locator(".dv-code").all():
        code.scroll_into_view_if_needed()
        apart = code.evaluate(
            """code => code.querySelector('.dv-copy').getBoundingClientRect().bottom
                <= code.querySelector('pre code').getBoundingClientRect().top"""
        )
        assert apart


def test_versions_that_are_all_outside_say_what_to_start_tensorboard_with(
    experiment: Experiment, quick_server: StartTensorBoard, open_tab: OpenTab
) -> None:
    for number in range(2):
        experiment.publish(run=f"run-{number}")
    logs, *with_models = experiment.arguments
    tab = open_tab(quick_server(logs))
    banner = tab.inside.locator(".banner.outside")
    expect(banner).to_contain_text("All 2 versions are outside of what may be read")
    expect(banner).to_contain_text(f"tensorboard --logdir {logs} --versions_models_dir")
    tab = open_tab(quick_server(logs, *with_models))
    expect(tab.inside.locator(".banner.outside")).to_have_count(0)


def test_saved_models_without_a_manifest_are_listed_with_the_command_that_adopts_them(
    experiment: Experiment, quick_server: StartTensorBoard, open_tab: OpenTab
) -> None:
    experiment.publish()
    folders = [write_model(experiment.models / "digits" / str(number), small_model()) for number in (7, 8)]
    tab = open_tab(quick_server(*experiment.arguments))
    link = tab.inside.locator("footer").get_by_role("button", name="2 SavedModels without a manifest")
    link.click()
    dialog = tab.inside.get_by_role("dialog", name="SavedModels without a manifest")
    for folder in folders:
        expect(dialog).to_contain_text(str(folder))
    lines = dialog.get_by_role("textbox", name="Lines to paste").input_value()
    command, *arguments = shlex.split(lines)
    assert (command, arguments[0]) == ("tb-versions", "adopt")
    assert CliRunner().invoke(main, arguments).exit_code == 0
    expect(link).to_have_count(0)
    tab.expect_count(3)
    assert tab.axe() == []


def test_on_a_phone_the_buttons_above_the_table_take_one_row(demo_tab: Tab) -> None:
    demo_tab.page.set_viewport_size({"width": 375, "height": 812})
    edges = demo_tab.inside.locator(".toolbar-acts > *").evaluate_all(
        """all => all.filter(each => getComputedStyle(each).position !== 'fixed')
            .map(each => each.getBoundingClientRect().bottom)"""
    )
    assert len(edges) >= 4
    assert max(edges) - min(edges) < 20
    demo_tab.inside.get_by_role("button", name="Export", exact=True).click()
    expect(demo_tab.inside.get_by_role("dialog", name="Export")).to_be_in_viewport(ratio=1)
    assert demo_tab.axe() == []
