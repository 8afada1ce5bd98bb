"""The filter language in the page: results, completion, errors in their place, suggestions."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Demo
from tests.browser.tab import Tab

FILTERS = {
    "val_accuracy > 0.95": lambda v: v["metrics"]["val_accuracy"] > 0.95,
    'optimizer = "adam" and model = digits': lambda v: (
        v["hyperparameters"]["optimizer"] == "adam" and v["model"] == "digits"
    ),
    "not optimizer = adam": lambda v: v["hyperparameters"]["optimizer"] != "adam",
    "state = missing": lambda v: v["state"] == "missing",
    "(val_loss < 0.15 or step >= 13) and has test_accuracy": lambda v: (
        (v["metrics"]["val_loss"] < 0.15 or v["step"] >= 13) and "test_accuracy" in v["metrics"]
    ),
    "mlp": lambda v: "mlp" in v["run"],
}


def test_filters_show_exactly_what_they_ask_for(demo: Demo, demo_tab: Tab) -> None:
    demo_tab.page.set_viewport_size({"width": 1440, "height": 1400})
    for text, wanted in FILTERS.items():
        demo_tab.filter.fill(text)
        demo_tab.filter.press("Enter")
        expect(demo_tab.error).to_have_count(0)
        references = [reference for reference, version in demo.versions.items() if wanted(version)]
        assert references, text
        demo_tab.expect_count(len(references))
        assert sorted(demo_tab.references()) == sorted(references), text


def test_completion_by_keyboard_writes_a_whole_filter(demo: Demo, demo_tab: Tab) -> None:
    keys = demo_tab.page.keyboard
    options = demo_tab.inside.get_by_role("option")
    demo_tab.filter.focus()
    keys.type("optim")
    expect(options.first).to_contain_text("optimizer")
    keys.press("ArrowDown")
    expect(demo_tab.filter).to_have_attribute("aria-activedescendant", "filter-option-0")
    keys.press("Enter")
    expect(demo_tab.filter).to_have_value("optimizer ")
    keys.type("= ")
    expect(options.filter(has_text="adam")).to_have_count(1)
    keys.type("s")
    expect(options.first).to_contain_text("sgd")
    keys.press("ArrowDown")
    keys.press("Tab")
    expect(demo_tab.filter).to_be_focused()
    keys.press("Escape")
    keys.press("Enter")
    demo_tab.expect_count(sum(v["hyperparameters"]["optimizer"] == "sgd" for v in demo.versions.values()))


def test_the_table_never_empties_while_a_filter_is_written(demo: Demo, demo_tab: Tab) -> None:
    demo_tab.filter.focus()
    for letter in 'optimizer = "sgd" and val_accuracy > 0.9':
        demo_tab.page.keyboard.type(letter)
        assert demo_tab.grid.count() == 1, demo_tab.filter.input_value()
        assert demo_tab.error.count() == 0, demo_tab.filter.input_value()
    demo_tab.page.keyboard.press("Enter")
    demo_tab.expect_count(
        sum(
            v["hyperparameters"]["optimizer"] == "sgd" and v["metrics"]["val_accuracy"] > 0.9
            for v in demo.versions.values()
        )
    )


@pytest.mark.parametrize(
    ("text", "at", "word"),
    [
        ("val_acuracy > 0.9", 0, "val_acuracy"),
        ('optimizer = "adam" and val_lss < 1', 23, "val_lss"),
        ("val_accuracy > high", 15, "high"),
        ("state = presnt", 8, "presnt"),
    ],
)
def test_an_error_points_at_the_wrong_word_and_keeps_the_last_good_filter(
    text: str, at: int, word: str, demo: Demo, demo_tab: Tab
) -> None:
    demo_tab.filter.fill("model = digits-tiny")
    demo_tab.filter.press("Enter")
    demo_tab.expect_count(4)
    demo_tab.filter.fill(text)
    demo_tab.filter.press("Enter")
    expect(demo_tab.error).to_be_visible()
    expect(demo_tab.filter).to_have_attribute("aria-invalid", "true")
    expect(demo_tab.error).to_contain_text(word)
    expect(demo_tab.error).to_contain_text("model = digits-tiny")
    wrong = demo_tab.inside.locator(".paint .wrong")
    assert "".join(wrong.all_text_contents()) == word
    before = demo_tab.inside.locator(".paint").evaluate(
        "paint => paint.textContent.indexOf(paint.querySelector('.wrong').textContent)"
    )
    assert before == at
    demo_tab.expect_count(4)


def test_a_typo_is_one_click_from_right(demo: Demo, demo_tab: Tab) -> None:
    demo_tab.filter.fill("val_acuracy > 0.95")
    demo_tab.filter.press("Enter")
    expect(demo_tab.error).to_contain_text("Did you mean val_accuracy?")
    demo_tab.error.get_by_role("button", name="Use val_accuracy").click()
    expect(demo_tab.error).to_have_count(0)
    demo_tab.filter.press("Enter")
    demo_tab.expect_count(sum(v["metrics"]["val_accuracy"] > 0.95 for v in demo.versions.values()))


def test_the_slash_key_leads_to_the_filter_and_escape_empties_it(demo: Demo, demo_tab: Tab) -> None:
    demo_tab.grid.focus()
    demo_tab.page.keyboard.press("/")
    expect(demo_tab.filter).to_be_focused()
    demo_tab.page.keyboard.type("sgd")
    demo_tab.page.keyboard.press("Enter")
    demo_tab.page.keyboard.press("Escape")
    expect(demo_tab.filter).to_have_value("")
    demo_tab.expect_count(len(demo.versions))


def test_what_matches_nothing_says_so_and_offers_the_way_back(demo: Demo, demo_tab: Tab) -> None:
    demo_tab.filter.fill("val_accuracy > 2")
    demo_tab.filter.press("Enter")
    expect(demo_tab.inside.get_by_role("heading", name="No version matches")).to_be_visible()
    demo_tab.inside.get_by_role("button", name="Clear filter", exact=True).click()
    demo_tab.expect_count(len(demo.versions))
