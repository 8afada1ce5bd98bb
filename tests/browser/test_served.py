"""A rollout as the tab shows it: a label that lags behind its alias, then served, rolled back, and not known."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from playwright.sync_api import expect

from tb_versions.cli import main
from tests.browser.tab import OpenTab, Tab
from tests.support.servables import servable
from tests.support.servers import TensorBoard
from tests.support.tensorflow_serving import StandIn, running
from tests.support.world import World

pytestmark = pytest.mark.slow


@pytest.fixture
def verb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Runs a command over three versions of digits."""
    world = World(tmp_path)
    for number in (1, 2, 3):
        servable(world, "digits", number)
    monkeypatch.setenv("TB_VERSIONS_MODELS_DIR", str(world.models))
    monkeypatch.setenv("TB_VERSIONS_ACTOR", "anna")

    def run(*arguments: str) -> None:
        result = CliRunner().invoke(main, arguments)
        assert result.exit_code == 0, result.output

    return run


def mark(tab: Tab, version: str, text: str) -> None:
    """Waits until a row says something of serving."""
    expect(tab.row(version).locator(".said").filter(has_text="served")).to_have_text(text)


def test_the_tab_follows_a_rollout_and_says_where_a_label_lags_behind(
    tmp_path: Path, verb: Callable[..., None], quick_server: Callable[..., TensorBoard], open_tab: OpenTab
) -> None:
    config = tmp_path / "models.config"
    verb("promote", "digits:1", "--alias", "production", "--reason", "the first")
    verb("serving-config", "--out", str(config))
    with running(StandIn(config)) as serving:
        where = ("--config", str(config), "--status", serving.url)
        verb("rollout", *where)
        board = quick_server(
            str(tmp_path / "logs"),
            *("--versions_models_dir", str(tmp_path / "models")),
            *("--versions_serving_config", str(config), "--versions_serving_status", serving.url),
        )
        tab = open_tab(board)
        mark(tab, "digits:1", "served")
        verb("promote", "digits:2", "--alias", "production", "--reason", "one point better")
        mark(tab, "digits:2", "not served")
        tab.open_version("digits:2")
        expect(tab.detail.locator(".dv-served li")).to_have_text(
            [f"not served by {place}: production leads to version 1" for place in (config, serving.url)]
        )
        verb("rollout", *where)
        verb("drift", *where)
        mark(tab, "digits:2", "served")
        expect(tab.detail.locator(".dv-served li").first).to_have_text(f"served by {config} as production")
        expect(tab.row("digits:1").locator(".said").filter(has_text="served")).to_have_count(0)
        verb("rollback", "digits", "--alias", "production", "--reason", "complaints")
        verb("rollout", *where)
        mark(tab, "digits:1", "served")
    expect(tab.inside.get_by_text(f"What is served is not known of {serving.url}.")).to_be_visible()
    board.stop()
