"""Changing the registry from the tab, where TensorBoard was started to allow it: by mouse and by keyboard."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tb_versions.registry.events import AliasSet
from tests.browser.registered import Registered
from tests.browser.tab import OpenTab, Tab
from tests.support.servers import TensorBoard

pytestmark = pytest.mark.slow

Start = Callable[..., TensorBoard]


@pytest.fixture
def registered(tmp_path: Path) -> Registered:
    return Registered(tmp_path).tell()


def token_of(server: TensorBoard) -> str:
    found = re.search(r"p\.versions\.token=(\S+)", server.log)
    assert found is not None, "no link was printed"
    return found[1]


def dialog_of(tab: Tab) -> Locator:
    return tab.inside.get_by_role("dialog")


def open_changing(page: Page, server: TensorBoard, reference: str) -> Tab:
    return Tab(page, server).open(v=reference, tab="history", token=token_of(server))


def test_promotion_and_rollback_by_mouse(registered: Registered, quick_server: Start, page: Page) -> None:
    server = quick_server(*registered.arguments, "--versions_allow_changes")
    tab = open_changing(page, server, "digits:7")
    tab.panel.get_by_role("button", name="Promote …").click()
    dialog = dialog_of(tab)
    expect(dialog).to_contain_text("production digits 8 → becomes digits 7")
    send = dialog.get_by_role("button", name="Promote", exact=True)
    expect(send).to_be_disabled()
    dialog.get_by_label("Reason").fill("faster and as good")
    send.click()
    expect(dialog).to_have_count(0)
    expect(tab.row("digits:7").locator(".chip")).to_have_text("production")
    event = tab.panel.locator(".hi-event").first
    expect(event).to_contain_text("production digits 8 → digits 7")
    expect(event).to_contain_text("faster and as good")

    tab.panel.get_by_label("What to do").select_option("rollback")
    tab.panel.get_by_role("button", name="Roll back …").click()
    expect(dialog).to_contain_text("production digits 7 → becomes digits 8")
    dialog.get_by_role("button", name="Roll back", exact=True).click()
    expect(tab.row("digits:8").locator(".chip")).to_have_text("production")
    server.stop()


def test_promotion_by_keyboard_and_the_focus_comes_back(
    registered: Registered, quick_server: Start, page: Page
) -> None:
    server = quick_server(*registered.arguments, "--versions_allow_changes")
    tab = open_changing(page, server, "digits:7")
    button = tab.panel.get_by_role("button", name="Promote …")
    button.press("Enter")
    dialog = dialog_of(tab)
    expect(dialog.get_by_label("Alias")).to_be_focused()
    assert tab.axe() == []
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(button).to_be_focused()
    expect(tab.detail).to_be_visible()
    button.press("Enter")
    dialog.get_by_label("Reason").fill("by keyboard")
    page.keyboard.press("Enter")
    expect(tab.row("digits:7").locator(".chip")).to_have_text("production")
    server.stop()


def test_who_was_faster_is_said_and_nothing_is_lost(
    registered: Registered, quick_server: Start, page: Page, complaints: list[str]
) -> None:
    server = quick_server(*registered.arguments, "--versions_allow_changes")
    tab = open_changing(page, server, "digits:7")
    tab.panel.get_by_role("button", name="Promote …").click()
    dialog = dialog_of(tab)
    dialog.get_by_label("Reason").fill("mine")
    # No news reach the page before it asks for the change.
    page.route("**/data/plugin/versions/versions*", lambda route: route.abort())
    registered.digits.say("alias_set", 5, AliasSet(alias="production", from_=8), actor="ben", minutes=0)
    dialog.get_by_role("button", name="Promote", exact=True).click()
    alert = dialog.get_by_role("alert")
    expect(alert).to_contain_text("It was ben")
    expect(alert).to_contain_text("now it is digits 5")
    expect(dialog.get_by_label("Reason")).to_have_value("mine")
    page.unroute("**/data/plugin/versions/versions*")
    expect(dialog).to_contain_text("production digits 5 → becomes digits 7")
    dialog.get_by_role("button", name="Promote", exact=True).click()
    expect(tab.row("digits:7").locator(".chip")).to_have_text("production")
    complaints.clear()
    server.stop()


def test_notes_labels_and_approvals(registered: Registered, quick_server: Start, page: Page) -> None:
    server = quick_server(*registered.arguments, "--versions_allow_changes")
    tab = open_changing(page, server, "digits:7")
    dialog = dialog_of(tab)
    choose = tab.panel.get_by_label("What to do")
    choose.select_option("approve")
    tab.panel.get_by_role("button", name="Approve …").click()
    dialog.get_by_role("button", name="Approve", exact=True).click()
    expect(tab.row("digits:7")).to_contain_text("approved")
    choose.select_option("label")
    tab.panel.get_by_role("button", name="Label …").click()
    dialog.get_by_label("Label", exact=True).fill("team")
    dialog.get_by_label("Value").fill("ops")
    dialog.get_by_role("button", name="Label", exact=True).click()
    expect(tab.panel.locator(".hi-event").first).to_contain_text("label team = ops set on digits 7")
    choose.select_option("deprecate")
    tab.panel.get_by_role("button", name="Deprecate …").click()
    dialog.get_by_role("button", name="Deprecate", exact=True).click()
    expect(tab.row("digits:7")).to_have_count(0)
    expect(tab.detail).to_contain_text("Deprecated by ")
    server.stop()


def test_the_token_is_in_no_address_link_or_export(registered: Registered, quick_server: Start, page: Page) -> None:
    server = quick_server(*registered.arguments, "--versions_allow_changes")
    token = token_of(server)
    asked: list[str] = []
    page.on(
        "request",
        lambda request: asked.append(request.url + str(request.headers if "/actions/" not in request.url else "")),
    )
    tab = open_changing(page, server, "digits:7")
    expect(tab.panel.get_by_role("button", name="Promote …")).to_be_visible()
    assert token not in page.url
    assert token not in page.evaluate("location.href")
    assert tab.frame.evaluate("sessionStorage.getItem('tb-versions-token')") == token
    assert tab.frame.evaluate("JSON.stringify(localStorage) + document.cookie").find(token) < 0
    page.reload()
    tab.wait()
    expect(tab.panel.get_by_role("button", name="Promote …")).to_be_visible()
    with page.expect_download() as saved:
        tab.inside.get_by_role("button", name="Export", exact=True).click()
        tab.inside.get_by_role("dialog", name="Export").get_by_role("link").first.click()
    assert token not in Path(saved.value.path()).read_text(errors="replace")
    assert not [url for url in asked if token in url]
    server.stop()


def test_without_the_link_the_tab_only_shows(registered: Registered, quick_server: Start, open_tab: OpenTab) -> None:
    server = quick_server(*registered.arguments, "--versions_allow_changes")
    tab = open_tab(server, v="digits:7", tab="history")
    expect(tab.panel).to_contain_text("whoever opens the link that it printed")
    expect(tab.panel.locator("pre")).to_contain_text("tb-versions promote digits:7")
    expect(tab.panel.get_by_role("button", name="Promote …")).to_have_count(0)
    server.stop()


def test_a_wrong_token_is_refused_with_a_sentence(
    registered: Registered, quick_server: Start, page: Page, complaints: list[str]
) -> None:
    server = quick_server(*registered.arguments, "--versions_allow_changes")
    tab = Tab(page, server).open(v="digits:7", tab="history", token="wrong")
    tab.panel.get_by_role("button", name="Promote …").click()
    dialog = dialog_of(tab)
    dialog.get_by_label("Reason").fill("x")
    dialog.get_by_role("button", name="Promote", exact=True).click()
    expect(dialog.get_by_role("alert")).to_contain_text("The token is missing or wrong")
    complaints.clear()
    server.stop()
