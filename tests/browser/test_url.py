"""Every view is a link; Back undoes; switching tabs keeps the view."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, Locator, expect

from tests.browser.conftest import new_context, watch
from tests.browser.tab import Tab


def facet(tab: Tab, model: str) -> Locator:
    """The button of a model on the left."""
    return tab.inside.get_by_role("button", name=re.compile(rf"^{model} [0-9]+$"))


def test_a_copied_link_restores_the_view_in_another_browser(
    demo_tab: Tab, browser: Browser, complaints: list[str]
) -> None:
    demo_tab.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    demo_tab.header("val_accuracy", "at export").click()
    demo_tab.header("val_loss", "at export").click(modifiers=["Shift"])
    facet(demo_tab, "digits").click()
    demo_tab.filter.fill("val_accuracy > 0.9")
    demo_tab.filter.press("Enter")
    demo_tab.inside.get_by_label("Group:").select_option("run")
    demo_tab.select("digits:9")
    demo_tab.open_version("digits:11")
    demo_tab.show("Files")
    demo_tab.inside.get_by_role("button").filter(has_text="Copy link").click()
    expect(demo_tab.inside.get_by_text("Link copied")).to_be_visible()
    link = demo_tab.page.evaluate("navigator.clipboard.readText()")
    state = demo_tab.state()
    assert state["q"] == "val_accuracy > 0.9"
    assert state["m"] == "digits"
    assert state["group"] == "run"
    assert state["v"] == "digits:11"
    assert state["tab"] == "files"
    assert state["sel"] == "digits:9"
    assert state["sort"] == "-m:val_accuracy,+m:val_loss"
    assert link == demo_tab.page.url

    other = new_context(browser)
    try:
        page = other.new_page()
        watch(page, complaints)
        page.goto(link)
        restored = Tab(page, demo_tab.server).wait()
        restored.expect_version("digits:11")
        expect(restored.filter).to_have_value("val_accuracy > 0.9")
        assert restored.references() == demo_tab.references()
        expect(restored.grid.locator("tr.group")).to_have_count(demo_tab.grid.locator("tr.group").count())
        expect(restored.row("digits:9")).to_have_attribute("aria-selected", "true")
        expect(restored.panel).to_have_accessible_name("Files")
        expect(facet(restored, "digits")).to_have_attribute("aria-pressed", "true")
    finally:
        other.close()
    assert complaints == []


def test_back_undoes_step_by_step_and_forward_does_it_again(demo_tab: Tab) -> None:
    everything = demo_tab.count()
    facet(demo_tab, "digits-tiny").click()
    demo_tab.expect_count(4)
    demo_tab.header("Version").click()
    demo_tab.wait_for_state(sort="-version")
    demo_tab.open_version("digits-tiny:2")
    demo_tab.show("Lineage")
    demo_tab.page.go_back()
    expect(demo_tab.panel).to_have_accessible_name("Overview")
    demo_tab.page.go_back()
    expect(demo_tab.detail).to_have_count(0)
    demo_tab.page.go_back()
    demo_tab.wait_for_state(sort=None, m="digits-tiny")
    demo_tab.page.go_back()
    demo_tab.expect_count(everything)
    demo_tab.page.go_forward()
    demo_tab.expect_count(4)


def test_another_tab_of_tensorboard_and_back_keeps_the_view(demo_tab: Tab) -> None:
    demo_tab.filter.fill('optimizer = "sgd"')
    demo_tab.filter.press("Enter")
    demo_tab.open_version("digits:2")
    demo_tab.show("Files")
    shown = demo_tab.references()
    state = demo_tab.state()
    demo_tab.page.get_by_role("tab", name="Scalars").click()
    demo_tab.page.wait_for_function("location.hash.startsWith('#scalars')")
    demo_tab.page.get_by_role("tab", name="Versions").click()
    demo_tab.page.wait_for_function("location.hash.startsWith('#versions')")
    demo_tab.expect_version("digits:2")
    expect(demo_tab.panel).to_have_accessible_name("Files")
    expect(demo_tab.filter).to_have_value('optimizer = "sgd"')
    assert demo_tab.references() == shown
    demo_tab.wait_for_state(**state)


def test_an_address_typed_by_hand_changes_the_view_at_once(demo_tab: Tab) -> None:
    demo_tab.page.evaluate("location.hash = '#versions&p.versions.m=digits-tiny&p.versions.v=digits-tiny:3'")
    demo_tab.expect_version("digits-tiny:3")
    demo_tab.expect_count(4)
