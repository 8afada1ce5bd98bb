"""A real Chromium, driven by Playwright, and a page that must not complain."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Page,
    Request,
    Response,
    ViewportSize,
    expect,
    sync_playwright,
)

from tests import system_tools
from tests.browser.exported import write_export
from tests.browser.hostile_world import World, list_of_others, write_world
from tests.browser.tab import OpenTab, Tab
from tests.support import hostile
from tests.support.quick import without_tensorflow
from tests.support.servers import TensorBoard
from tests.support.written import Experiment

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

VIEWPORT: ViewportSize = {"width": 1440, "height": 900}

PATIENCE = 120_000
"""Milliseconds that an element has to appear: enough on a slow and busy machine. A failure takes as long."""

expect.set_options(timeout=PATIENCE)

_OURS = ("/data/plugin/versions/", "plugin_entry.html?name=versions")

# Notes in each frame what its content security policy refused.
_NOTE_VIOLATIONS = """
addEventListener('securitypolicyviolation', event => {
  console.error('refused by the content security policy: ' + event.violatedDirective + ' ' + event.blockedURI);
});
"""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds this folder's option; `make browser ARGS=--update-screenshots`."""
    parser.addoption("--update-screenshots", action="store_true", help="write docs/images/ anew")


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
    """What went wrong in `page`, as it comes: see `watch`. A test that provokes something on purpose clears it."""
    return []


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A fresh profile, 1440 x 900."""
    fresh = new_context(browser)
    yield fresh
    fresh.close()


@pytest.fixture
def page(context: BrowserContext, complaints: list[str]) -> Iterator[Page]:
    """A page of the fresh profile; the test fails if it complained (see `complaints`)."""
    new_page = context.new_page()
    watch(new_page, complaints)
    yield new_page
    assert complaints == [], "the page complained"


def new_context(browser: Browser, **options: Any) -> BrowserContext:
    """A fresh profile."""
    options = {"viewport": VIEWPORT, **options}
    context = browser.new_context(locale="en-GB", timezone_id="UTC", reduced_motion="reduce", **options)
    context.set_default_timeout(PATIENCE)
    context.add_init_script(_NOTE_VIOLATIONS)
    return context


def watch(page: Page, complaints: list[str]) -> None:
    """Notes console errors, our own warnings, uncaught exceptions, dialogs, and requests that failed."""

    def on_console(message: ConsoleMessage) -> None:
        url = str(message.location.get("url", ""))
        if message.type == "error" or (message.type == "warning" and any(part in url for part in _OURS)):
            complaints.append(f"console {message.type}: {message.text} ({url})")

    def on_error(error: Error) -> None:
        complaints.append(f"exception: {error}")

    def on_failed(request: Request) -> None:
        # What a page had asked for when it was left is no failure.
        if request.failure != "net::ERR_ABORTED":
            complaints.append(f"failed request: {request.url} {request.failure}")

    def on_response(response: Response) -> None:
        if response.status >= 400:
            complaints.append(f"answer {response.status}: {response.url}")

    page.on("console", on_console)
    page.on("pageerror", on_error)
    page.on("requestfailed", on_failed)
    page.on("response", on_response)
    page.on("dialog", lambda dialog: (complaints.append(f"dialog: {dialog.message}"), dialog.dismiss()))


@dataclass(frozen=True)
class Demo:
    """The demo's output.

    Attributes:
        arguments: Of the fixture `tensorboard_server`.
        expected: What was written, as the demo says.
    """

    arguments: tuple[str, ...]
    expected: dict[str, Any]

    @property
    def versions(self) -> dict[str, dict[str, Any]]:
        """What was written, by reference."""
        return {version["reference"]: version for version in self.expected["versions"]}


@pytest.fixture(scope="session")
def demo(demo_output: Path, tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """What `make demo` writes, copied, so that a demo running beside the tests disturbs neither."""
    folder = tmp_path_factory.mktemp("demo")
    for part in ("logs", "models"):
        shutil.copytree(demo_output / part, folder / part)
    arguments = (str(folder / "logs"), "--versions_models_dir", str(folder / "models"))
    return Demo(arguments, json.loads((demo_output / "expected.json").read_text()))


@pytest.fixture(scope="session")
def export_demo(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Exports the demo's catalog as one file: `export_demo("--title", "Digits")`."""

    def export(*arguments: str) -> Path:
        logs, _, models = demo.arguments
        out = tmp_path_factory.mktemp("export") / "share.html"
        return write_export(out, "--logdir", logs, "--models-dir", models, *arguments)

    return export


class _Kept:
    """One page over one TensorBoard, which tests take turns with: loading TensorBoard takes longer than most tests."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.tab: Tab | None = None
        self.complaints: list[str] = []

    def opened(self, server: TensorBoard, view: Mapping[str, str]) -> Tab:
        """The tab over a server as a fresh page shows it; what an earlier test left is gone.

        A page that was left for another of TensorBoard's tabs is not used again: TensorBoard remembers what it showed.
        """
        tab = self.tab
        if tab is not None and tab.server is server and tab.page.url.startswith(f"{server.url}#versions"):
            self.complaints.clear()
            tab.page.unroute_all()
            tab.page.mouse.move(0, 0)
            tab.page.set_viewport_size(VIEWPORT)
            return tab.start_again(**view)
        self.close()
        self.complaints = []
        page = new_context(self.browser).new_page()
        watch(page, self.complaints)
        self.tab = Tab(page, server)
        return self.tab.open(**view)

    def close(self) -> None:
        if self.tab is not None:
            self.tab.page.context.close()
            self.tab = None


@pytest.fixture(scope="session")
def _kept(browser: Browser) -> Iterator[_Kept]:
    kept = _Kept(browser)
    yield kept
    kept.close()


_PASSED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Notes whether a test passed: a page on which one failed is not used again."""
    report = yield
    if report.when == "call":
        item.stash[_PASSED] = report.passed
    return report


@pytest.fixture
def open_tab(request: pytest.FixtureRequest) -> Iterator[OpenTab]:
    """Opens the Versions tab: `open_tab(server, q="…")`.

    A test that asks for `page` or `context` has it for itself; the others take turns with one page.
    """
    if {"page", "context"} & set(request.fixturenames):
        page: Page = request.getfixturevalue("page")
        yield lambda server, **view: Tab(page, server).open(**view)
        return
    kept: _Kept = request.getfixturevalue("_kept")
    kept.complaints.clear()
    yield lambda server, **view: kept.opened(server, view)
    complaints = kept.complaints
    if complaints or not request.node.stash.get(_PASSED, False):
        kept.close()
    assert complaints == [], "the page complained"


@pytest.fixture
def demo_tab(demo: Demo, open_tab: OpenTab, tensorboard_server: Any) -> Tab:
    """The tab over the demo's output, as it is when it is first opened."""
    return open_tab(tensorboard_server(*demo.arguments))


@pytest.fixture(scope="session")
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A catalog full of hostile text."""
    with hostile.canary_server() as (canary, hits):
        yield write_world(tmp_path_factory.mktemp("hostile"), canary, hits, list_of_others(request))


@pytest.fixture
def experiment(tmp_path: Path) -> Experiment:
    """Empty folders to write runs and versions into."""
    return Experiment(tmp_path)


@pytest.fixture(scope="session")
def quick_server(tensorboard_server: Any, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., TensorBoard]:
    """As `tensorboard_server`, but up in a second; see quick.py."""
    folder = tmp_path_factory.mktemp("site")

    def start(*arguments: Any) -> TensorBoard:
        with without_tensorflow(folder):
            server: TensorBoard = tensorboard_server(*arguments)
        return server

    return start


@pytest.fixture(scope="session")
def empty_server(quick_server: Any, tmp_path_factory: pytest.TempPathFactory) -> TensorBoard:
    """A TensorBoard with nothing to show, as on the first day of a project."""
    server: TensorBoard = quick_server(tmp_path_factory.mktemp("empty"))
    return server
