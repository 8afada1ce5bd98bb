"""A real Chromium, driven by Playwright, and a page that must not complain."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, sync_playwright

from tests import system_tools

# No background traffic: nothing but the page under test may ask for anything.
_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-color-profile=srgb",
    "--font-render-hinting=none",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks every test in this folder."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Path of a Chromium. Where there is none the test skips, in CI it fails."""
    path = system_tools.find_chromium()
    if path is None:
        (pytest.fail if system_tools.in_ci() else pytest.skip)(system_tools.CHROMIUM_HELP)
    return path


@pytest.fixture(scope="session")
def browser(chromium_path: str, request: pytest.FixtureRequest) -> Iterator[Browser]:
    """One Chromium for the whole session."""
    headless = not request.config.getoption("--headed")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=chromium_path, headless=headless, args=list(_FLAGS))
        yield chromium
        chromium.close()


@pytest.fixture
def complaints() -> list[str]:
    """Console errors, uncaught exceptions and dialogs of `page`, as they come.

    A test that provokes one on purpose clears the list.
    """
    return []


@pytest.fixture
def page(browser: Browser, complaints: list[str]) -> Iterator[Page]:
    """A fresh profile's page, 1440 x 900; the test fails if it complained (see `complaints`)."""
    context = browser.new_context(
        viewport={"width": 1440, "height": 900}, locale="en-GB", timezone_id="UTC", reduced_motion="reduce"
    )
    context.set_default_timeout(15_000)
    new_page = context.new_page()
    watch(new_page, complaints)
    yield new_page
    context.close()
    assert complaints == [], "the page complained"


def watch(page: Page, complaints: list[str]) -> None:
    """Notes a page's console errors, uncaught exceptions and dialogs."""

    def on_console(message: ConsoleMessage) -> None:
        if message.type == "error":
            complaints.append(f"console: {message.text} ({message.location.get('url', '')})")

    def on_error(error: Error) -> None:
        complaints.append(f"exception: {error}")

    page.on("console", on_console)
    page.on("pageerror", on_error)
    page.on("dialog", lambda dialog: (complaints.append(f"dialog: {dialog.message}"), dialog.dismiss()))
