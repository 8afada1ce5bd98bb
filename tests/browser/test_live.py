"""Versions appear by themselves, and nothing moves under the reader's hand."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Response, expect

from tests.browser.tab import OpenTab
from tests.support.servers import TensorBoard
from tests.support.written import Experiment, plain_manifest


def top_of(row: Locator) -> float:
    box = row.bounding_box()
    assert box is not None
    return box["y"]


def test_a_version_appears_without_a_click_and_nothing_moves(
    experiment: Experiment, quick_server: Callable[..., TensorBoard], open_tab: OpenTab
) -> None:
    for number in range(40):
        experiment.publish(run="train" if number == 0 else None, metrics={"val_loss": 1 / (number + 1)})
    server = quick_server(*experiment.arguments)
    tab = open_tab(server)
    tab.expect_count(40)

    # In the middle of the table, with a selection and the pointer over a row.
    tab.scroller.evaluate("it => it.scrollTo(0, 400)")
    row = tab.row("digits:25")
    tab.select("digits:25")
    row.locator("td").nth(3).hover()
    before = top_of(row)
    first = tab.scroller.evaluate("it => it.scrollTop")
    experiment.publish(metrics={"val_loss": 0.25})
    tab.expect_count(41)
    assert top_of(row) == before
    assert tab.scroller.evaluate("it => it.scrollTop") > first
    expect(row).to_have_attribute("aria-selected", "true")
    expect(tab.inside.locator("[aria-live=polite]").filter(has_text="New version: digits:41")).to_have_count(1)

    # The chip keeps its place over the table, and leads to the new one.
    chip = tab.inside.get_by_role("button", name="new version")
    place = top_of(chip)
    tab.scroller.evaluate("it => it.scrollBy(0, 60)")
    expect(chip).to_be_in_viewport(ratio=1)
    assert top_of(chip) == place
    chip.click()
    expect(tab.row("digits:41")).to_be_in_viewport()
    assert tab.references()[0] == "digits:41"

    # While a filter is in force that it does not match, it stays out, and is counted.
    tab.filter.fill("val_loss < 0.2")
    tab.filter.press("Enter")
    shown = tab.count()
    experiment.publish(metrics={"val_loss": 0.9})
    expect(tab.inside.locator("footer.status")).to_contain_text("of 42 versions")
    assert tab.count() == shown
    server.stop()


@pytest.mark.usefixtures("page")
def test_a_server_that_went_away_is_said_and_the_rows_stay(
    experiment: Experiment, quick_server: Callable[..., TensorBoard], open_tab: OpenTab, complaints: list[str]
) -> None:
    experiment.publish(run="train")
    server = quick_server(*experiment.arguments)
    tab = open_tab(server)
    tab.expect_count(1)
    server.stop()
    banner = tab.inside.locator(".banner")
    expect(banner).to_be_visible()
    expect(tab.row("digits:1")).to_be_visible()
    expect(tab.inside.locator("footer.status")).to_contain_text("no answer")
    assert complaints, "the browser itself notes the refused connections"
    complaints.clear()


def test_a_version_appears_without_the_table_being_sent_again(
    experiment: Experiment, quick_server: Callable[..., TensorBoard], open_tab: OpenTab
) -> None:
    for number in range(1, 1_501):
        fields = {"metrics": [{"name": "val_loss", "value": 1 / number}], "hyperparameters": {"units": number}}
        experiment.write_raw("many", number, plain_manifest("many", number, **fields))
    server = quick_server(*experiment.arguments)
    tab = open_tab(server)
    tab.expect_count(1_500)
    expect(tab.inside.locator("tr[data-state=unchecked]")).to_have_count(0)

    answers: list[Response] = []
    tab.page.on("response", lambda answer: answers.append(answer) if "/versions/versions" in answer.url else None)
    experiment.publish("zebra", metrics={"val_loss": 0.25})
    tab.expect_count(1_501)
    told = [answer.json() for answer in answers if answer.status == 200]
    assert all("since=" in answer.url for answer in answers)
    assert told
    sent = {version for table in told for part in table["parts"] for version in part["columns"].get("id", ())}
    assert "zebra:1" in sent
    assert len(sent) < 750
    assert sum(block["rows"] for block in told[-1]["blocks"]) == 1_501

    # What the page made of it is what a page makes that starts now.
    tab.header("Version").click()
    before = tab.references()
    tab.start_again()
    tab.expect_count(1_501)
    tab.header("Version").click()
    assert tab.references() == before
    server.stop()
