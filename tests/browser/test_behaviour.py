"""How two versions answer the same, in the comparison: real Keras models, asked by the command; tab, export, stale."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from playwright.sync_api import Browser, Locator, expect

import tb_versions as tbv
from tb_versions.cli import main
from tests.browser.conftest import Demo, new_context, watch
from tests.browser.exported import ExportedPage, write_export
from tests.browser.tab import OpenTab, Tab
from tests.support.publishing import NOTHING
from tests.support.servers import TensorBoard

pytestmark = [
    pytest.mark.slow,
    pytest.mark.tensorflow,
    pytest.mark.filterwarnings("ignore:.*is published, but no run", "ignore:Keras chose the name"),
]


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """1 guesses some digits wrong, 2 none: both were asked. 3 is as 2, and was asked nothing."""
    import keras

    models = tmp_path_factory.mktemp("behaviour") / "models"
    rng = np.random.default_rng(3)
    kernel = rng.normal(size=(64, 10)).astype("float32")
    x = rng.normal(size=(200, 64)).astype("float32")
    y = np.argmax(x @ kernel, axis=1)
    for noise in (0.35, 0.0, 0.0):
        model = keras.Sequential([keras.Input((64,)), keras.layers.Dense(10, use_bias=False, activation="softmax")])
        model.layers[0].set_weights([kernel + noise * rng.normal(size=kernel.shape)])
        given = {"golden": x, "golden_labels": y} if noise else {}
        tbv.publish(model, models, name="digits", capture=NOTHING, keras_archive=False, strict=True, **given)
    done = CliRunner().invoke(main, ["replay", "digits:1", "digits:2", "--models-dir", str(models), "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.output[done.output.index("{") :])["outputs"][0]["test"]["verdict"] == "better"
    return models


@pytest.fixture(scope="module")
def server(compared: Path, quick_server: Callable[..., TensorBoard]) -> Iterator[TensorBoard]:
    """TensorBoard over these."""
    logs = compared.parent / "logs"
    logs.mkdir()
    running = quick_server(str(logs), "--versions_models_dir", str(compared))
    yield running
    running.stop()


def picture(tab: Tab, name: str) -> None:
    folder = os.environ.get("TB_VERSIONS_PICTURES")
    if folder:
        tab.page.screenshot(path=str(Path(folder) / f"behaviour-{name}.png"))


def block(tab: Tab) -> Locator:
    return tab.inside.get_by_role("region", name="Behaviour", exact=True)


def test_the_comparison_says_which_is_better_what_flipped_and_how_far_it_moved(
    server: TensorBoard, open_tab: OpenTab
) -> None:
    found = block(open_tab(server, cmp="digits:1,digits:2"))
    expect(found.get_by_role("heading", level=4)).to_have_text("digits:2 against digits:1")
    expect(found.locator(".cmp-chip")).to_have_text("better")
    expect(found).to_contain_text("Better on 200 examples")
    expect(found).to_contain_text(
        "200 examples can show a difference in accuracy of 3.0 points or more (6 changes, all one way)"
    )
    expect(found).to_contain_text("of 200 flipped (largest score at another position)")
    expect(found).to_contain_text("golden inputs of digits:1")
    expect(found.get_by_role("img")).to_have_accessible_name(
        re.compile(r"^How far values moved: [\d,]+ from 0 to 0\.\d+")
    )


def test_examples_are_reached_by_the_keyboard(server: TensorBoard, open_tab: OpenTab) -> None:
    tab = open_tab(server, cmp="digits:1,digits:2")
    summary = block(tab).locator("summary")
    summary.focus()
    tab.page.keyboard.press("Enter")
    table = block(tab).get_by_role("table")
    expect(table).to_be_visible()
    expect(table.get_by_role("row").nth(1)).to_contain_text("yes")
    expect(table).to_contain_text("only now")
    tab.page.keyboard.press("Tab")
    expect(block(tab).locator(".beh-scroll")).to_be_focused()


def test_a_pair_that_was_not_asked_has_the_command(server: TensorBoard, compared: Path, open_tab: OpenTab) -> None:
    found = block(open_tab(server, cmp="digits:1,digits:3"))
    found.get_by_text("How digits:3 answers beside digits:1 was not recorded: the command").click()
    expect(found.get_by_role("textbox")).to_have_value(f"tb-versions replay digits:1 digits:3 --models-dir {compared}")


def test_the_order_of_members_does_not_turn_the_verdict_round(server: TensorBoard, open_tab: OpenTab) -> None:
    found = block(open_tab(server, cmp="digits:2,digits:1"))
    expect(found.get_by_role("heading", level=4)).to_have_text("digits:2 against digits:1")
    expect(found.locator(".cmp-chip")).to_have_text("better")


def test_the_history_tells_of_it(server: TensorBoard, open_tab: OpenTab) -> None:
    tab = open_tab(server, v="digits:2")
    tab.show("History")
    expect(tab.panel).to_contain_text("answers compared with digits:1 on 200 examples")


def test_a_replaced_manifest_makes_it_stale(
    compared: Path, tmp_path: Path, quick_server: Callable[..., TensorBoard], open_tab: OpenTab
) -> None:
    models = tmp_path / "models"
    shutil.copytree(compared, models)
    manifest = models / "digits/1/version_manifest.json"
    manifest.chmod(0o644)
    manifest.write_bytes(manifest.read_bytes().rstrip() + b"\n\n")
    (tmp_path / "logs").mkdir()
    server = quick_server(str(tmp_path / "logs"), "--versions_models_dir", str(models))
    try:
        found = block(open_tab(server, cmp="digits:1,digits:2"))
        expect(found.locator(".warn")).to_contain_text(
            "The manifest of digits:1 is another one than when the two were asked."
        )
        expect(found.get_by_role("textbox")).to_have_value(
            f"tb-versions replay digits:1 digits:2 --models-dir {models}"
        )
    finally:
        server.stop()


def test_an_event_with_false_numbers_is_damage_and_no_verdict(
    compared: Path, tmp_path: Path, quick_server: Callable[..., TensorBoard], open_tab: OpenTab
) -> None:
    models = tmp_path / "models"
    shutil.copytree(compared, models)
    (event,) = (models / "digits/.versions/log").glob("*.json")
    event.chmod(0o644)
    event.write_text(event.read_text().replace('"flipped": 52', '"flipped": 5200'))
    (tmp_path / "logs").mkdir()
    server = quick_server(str(tmp_path / "logs"), "--versions_models_dir", str(models))
    try:
        found = block(open_tab(server, cmp="digits:1,digits:2"))
        expect(found.locator(".warn")).to_contain_text("is not known, or not all of it")
        expect(found.locator(".cmp-chip")).to_have_count(0)
        expect(found).not_to_contain_text("was not recorded")
    finally:
        server.stop()


def test_an_export_carries_the_record_without_inputs(
    compared: Path, tmp_path: Path, browser: Browser, complaints: list[str]
) -> None:
    file = write_export(tmp_path / "share.html", "--models-dir", str(compared))
    context = new_context(browser)
    context.set_offline(True)
    page = context.new_page()
    watch(page, complaints)
    shown = ExportedPage(page, file.as_uri()).open(cmp="digits:1,digits:2")
    expect(block(shown)).to_contain_text("Better on 200 examples")
    expect(block(shown)).not_to_contain_text("tb-versions replay")
    shown.open(cmp="digits:1,digits:3")
    expect(shown.inside.locator(".cmp-table")).to_be_visible()
    expect(block(shown)).to_have_count(0)
    context.close()
    assert complaints == []


@pytest.mark.parametrize("theme", ["Light", "Dark"])
@pytest.mark.parametrize("width", [375, 1280])
def test_axe_finds_nothing_in_behaviour(theme: str, width: int, server: TensorBoard, open_tab: OpenTab) -> None:
    tab = open_tab(server, cmp="digits:1,digits:2,digits:3")
    tab.page.set_viewport_size({"width": width, "height": 900})
    tab.set_theme(theme)
    found = block(tab)
    for summary in found.locator("summary").all():
        summary.click()
    expect(found.get_by_role("table")).to_be_visible()
    found.scroll_into_view_if_needed()
    assert tab.axe() == []
    picture(tab, f"{width}-{theme}")


def test_the_demo_shows_how_its_release_and_the_version_tuned_from_it_answer(demo: Demo, demo_tab: Tab) -> None:
    numbers = {each["semantic_version"]: name for name, each in demo.versions.items() if each["model"] == "digits"}
    before, after = numbers["1.0.0"], numbers["1.1.0"]
    demo_tab.open(cmp=f"{before},{after}")
    found = block(demo_tab)
    expect(found.get_by_role("heading", level=4)).to_have_text(f"{after} against {before}")
    expect(found).to_contain_text("inputs that were given")
    expect(found).to_contain_text("on 297 examples")
    found.scroll_into_view_if_needed()
    picture(demo_tab, "demo")
