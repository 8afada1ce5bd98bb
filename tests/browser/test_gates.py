"""Gates in the tab: a column and a filter, rules with margins, what is stale, monitoring, and the comparison."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

import tb_versions as tbv
from tb_versions.gates.checking import check_gate
from tests.browser.tab import OpenTab
from tests.support.gating import accuracy, rules_file
from tests.support.servers import TensorBoard
from tests.support.world import World

pytestmark = pytest.mark.slow

RULES = (
    'metric = "accuracy"\nworse_by_at_most = 0.01',
    'metric = "accuracy"\ndataset = "test"\nslice = "*"\nat_least = 0.8',
    'fact = "size"\nat_most = "1 MB"',
    "verified = true",
)
LIVE = 'metric = "accuracy"\nsource = "monitoring"\nagainst = "promotion"\nworse_by_at_most = 0.02'


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory, quick_server: Callable[..., TensorBoard]) -> Iterator[TensorBoard]:
    """1 failed, 2 passed and was promoted and is worse now, 3 is stale, 4 passed, 5 was never judged."""
    world = World(tmp_path_factory.mktemp("gates"))
    parts = [accuracy(value, dataset="test", slice=part) for part, value in (("day", 0.95), ("night", 0.81))]
    for number, value in enumerate((0.90, 0.95, 0.97, 0.96, 0.99), 1):
        fog = accuracy(0.5 if number == 1 else 0.85, dataset="test", slice="fog")
        world.version("digits", number, metrics=(accuracy(value), *parts, fog), description="A version.")
    models = world.models
    tbv.promote("digits:1", models, alias="production", actor="anna")
    tbv.promote("digits:1", models, alias="first", actor="anna")
    (models / "digits/.versions/policy.toml").write_text('[aliases.production]\ngates = ["release"]\n')
    rules = rules_file(world.base, *RULES, head='against = "production"')
    check_gate("digits:2", models, rules=rules, record=True, actor="ci")
    tbv.promote("digits:2", models, alias="production", actor="anna", reason="passed its gate")
    rules = rules_file(world.base, *RULES, head='against = "first"')
    for number in (1, 3, 4):
        check_gate(f"digits:{number}", models, rules=rules, record=True, actor="ci")
    tbv.record("digits:2", models, {"accuracy": 0.9}, source="monitoring", actor="prometheus")
    live = rules_file(world.base, LIVE, head="", name="live")
    check_gate("digits@production", models, rules=live, on="monitoring", record=True, actor="cron")
    world.version("digits", 3, metrics=(accuracy(0.97),), description="Replaced.")
    server = quick_server(str(world.logs), "--versions_models_dir", str(models))
    yield server
    server.stop()


def test_gates_are_a_column_and_a_filter(judged: TensorBoard, open_tab: OpenTab) -> None:
    tab = open_tab(judged)
    words = {"digits:1": "failed", "digits:2": "failed", "digits:3": "stale", "digits:4": "passed"}
    for name, word in words.items():
        expect(tab.row(name).locator(".gate")).to_contain_text(word)
    expect(tab.row("digits:5").locator(".gate")).to_have_count(0)
    expect(tab.row("digits:2")).to_contain_text("monitoring: worse")
    for written, count in (
        ("gate = passed", 1),
        ("gate = stale", 1),
        ("gate in (passed, failed)", 3),
        ("missing gate", 1),
    ):
        tab.filter.fill(written)
        tab.filter.press("Enter")
        tab.expect_count(count)


def test_the_panel_has_each_rule_with_the_number_that_decided(judged: TensorBoard, open_tab: OpenTab) -> None:
    tab = open_tab(judged, v="digits:2")
    section = tab.panel.locator("section").filter(has=tab.inside.get_by_role("heading", name="Gates", exact=True))
    expect(section).to_contain_text(
        "release passed at promotion to production; now stale: the rules and the baseline changed"
    )
    expect(section).to_contain_text("live on monitoring failed: 1 of 1 rules did not pass")
    table = section.get_by_role("table", name="Rules of release")
    expect(table.get_by_role("row").nth(1)).to_contain_text("0.95 against 0.9 of digits:1")
    expect(table.get_by_role("row").nth(1)).to_contain_text("+0.06")
    expect(section.get_by_role("table", name="Rules of live on monitoring")).to_contain_text("−0.03")


def test_history_tells_of_the_gate_and_of_the_promotion(judged: TensorBoard, open_tab: OpenTab) -> None:
    tab = open_tab(judged, v="digits:2")
    tab.show("History")
    expect(tab.panel).to_contain_text(re.compile(r"gate\s*release\s*passed, 6 rules"))


def test_a_comparison_shows_the_margins(judged: TensorBoard, open_tab: OpenTab) -> None:
    tab = open_tab(judged, cmp="digits:2,digits:4")
    page = tab.inside.locator(".cmp")
    expect(page).to_contain_text("Gates")
    expect(page).to_contain_text("release: accuracy worse by at most 0.01")
    expect(page).to_contain_text("margin +0.06")
    expect(page).to_contain_text("margin +0.07")
    _picture(tab, "compare")


@pytest.mark.parametrize("theme", ["Light", "Dark"])
@pytest.mark.parametrize("width", [375, 1280])
def test_axe_finds_nothing_in_gates(theme: str, width: int, judged: TensorBoard, open_tab: OpenTab) -> None:
    tab = open_tab(judged)
    tab.page.set_viewport_size({"width": width, "height": 900})
    tab.set_theme(theme)
    assert tab.axe() == []
    _picture(tab, f"table-{width}-{theme}")
    tab.open_version("digits:2")
    expect(tab.panel.get_by_role("table", name="Rules of release")).to_be_visible()
    assert tab.axe() == []
    _picture(tab, f"panel-{width}-{theme}")


def _picture(tab: object, name: str) -> None:
    folder = os.environ.get("TB_VERSIONS_PICTURES")
    if folder:
        tab.page.screenshot(path=str(Path(folder) / f"{name}.png"))  # type: ignore[attr-defined]
