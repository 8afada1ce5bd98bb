"""The tab as its reader sees it: found by roles and names, waited for by condition."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import quote, unquote

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Frame, FrameLocator, Locator, Page, expect

from tests.support.servers import TensorBoard

IFRAME = 'iframe[src*="name=versions"]'

PREFIX = "p.versions."


class Tab:
    """The Versions tab of one TensorBoard, in one page.

    Attributes:
        page: The page, TensorBoard's own.
        server: The TensorBoard.
        inside: Finds things in the tab's iframe.
    """

    def __init__(self, page: Page, server: TensorBoard) -> None:
        self.page = page
        self.server = server
        self.inside: FrameLocator | Page = page.frame_locator(IFRAME)

    def open(self, **view: str) -> Tab:
        """Opens the tab with a view (`q="…"`, `v="digits:3"`), and waits until it shows something."""
        self.page.goto(f"{self.server.url}{_hash(view)}")
        return self.wait()

    def start_again(self, **view: str) -> Tab:
        """Shows a view in the light theme as a fresh page would, with nothing remembered; loads the iframe only."""
        if not self.page.url.startswith(f"{self.server.url}#"):
            return self.open(**view)
        self.page.evaluate("view => location.hash = view", _hash(view))
        if self.page.locator("body.dark-mode").count():
            self.set_theme("Light")
        with self.page.expect_event("framenavigated", lambda frame: "name=versions" in frame.url):
            self.frame.evaluate("sessionStorage.clear(); location.reload()")
        return self.wait()

    def wait(self) -> Tab:
        """Waits until the table, or what stands in its place, is there."""
        expect(self.inside.locator("table.versions, .cmp, .message").first).to_be_visible()
        return self

    @property
    def frame(self) -> Frame:
        """The iframe, for evaluating in it."""
        for frame in self.page.frames:
            if "name=versions" in frame.url:
                return frame
        raise AssertionError("The tab's iframe is not there.")

    @property
    def grid(self) -> Locator:
        """The table."""
        return self.inside.get_by_role("grid", name="Versions", exact=True)

    @property
    def scroller(self) -> Locator:
        """What scrolls the table."""
        return self.inside.locator(".scroller")

    @property
    def rows(self) -> Locator:
        """The rows of versions that are in the document."""
        return self.grid.locator("tbody tr[aria-selected]")

    @property
    def filter(self) -> Locator:
        """The filter's text field."""
        return self.inside.get_by_role("combobox", name="Filter versions")

    @property
    def error(self) -> Locator:
        """What is said of a wrong filter."""
        return self.inside.locator("#filter-error")

    @property
    def detail(self) -> Locator:
        """The panel of one version."""
        return self.inside.get_by_role("complementary")

    @property
    def panel(self) -> Locator:
        """What the chosen tab of that panel shows."""
        return self.detail.locator(".dv > [role=tabpanel]")

    def show(self, name: str) -> None:
        """Chooses a tab of the panel of one version."""
        tab = self.detail.get_by_role("tab", name=name, exact=True)
        tab.click()
        expect(tab).to_have_attribute("aria-selected", "true")
        expect(self.panel).to_have_accessible_name(name)

    def row(self, reference: str) -> Locator:
        """The row of a version."""
        box = self.inside.get_by_role("checkbox", name=f"Select {reference}", exact=True)
        return self.rows.filter(has=box)

    def header(self, name: str, caption: str = "") -> Locator:
        """The button in a column's header that sorts."""
        source = r"( [✎≡◆∿∴↧◷] [a-z, ]+?)?"  # where all numbers of the column are from
        text = re.compile(rf"^{re.escape(name)}[↑↓0-9 ]*{re.escape(caption)}{source}( [↑↓] guessed)?$")
        return self.grid.locator("thead th button.sort").filter(has_text=text)

    def titles(self) -> list[tuple[str, str]]:
        """Title and caption of each column, from left to right."""
        return [
            (each["title"], each["caption"])
            for each in self.grid.locator("thead th[data-id]").evaluate_all(
                """all => all.map(th => ({
                    title: th.querySelector('.title bdi').textContent,
                    caption: th.querySelector('.caption')?.textContent ?? '',
                }))"""
            )
        ]

    def references(self) -> list[str]:
        """The references of the rows in the document, from top to bottom."""
        return list(self.rows.locator("td.check input").evaluate_all("all => all.map(box => box.ariaLabel.slice(7))"))

    def count(self) -> int:
        """How many rows the table has, on screen or not."""
        return int(self.grid.get_attribute("aria-rowcount") or 0) - 1

    def expect_count(self, count: int) -> None:
        """Waits until the table has this many rows."""
        expect(self.grid).to_have_attribute("aria-rowcount", str(count + 1))

    def open_version(self, reference: str) -> None:
        """Clicks a version and waits for its panel."""
        self.row(reference).locator("td").nth(1).click()
        self.expect_version(reference)

    def expect_version(self, reference: str) -> None:
        """Waits until the panel shows a version, all of it."""
        expect(self.inside.get_by_role("complementary", name=f"Version {reference}", exact=True)).to_be_visible()
        expect(self.panel).to_be_visible()
        expect(self.detail.locator("[aria-busy=true]")).to_have_count(0)

    def select(self, reference: str) -> None:
        """Clicks the box of a row that is not selected; all of its cell takes the click."""
        self.row(reference).locator("td.check").click()
        expect(self.row(reference)).to_have_attribute("aria-selected", "true")

    def state(self) -> dict[str, str]:
        """The view in the address, by key."""
        parts = self.page.evaluate("location.hash").removeprefix("#").split("&")[1:]
        pairs = (part.partition("=") for part in parts)
        return {unquote(key).removeprefix(PREFIX): unquote(value) for key, _, value in pairs if key.startswith(PREFIX)}

    def wait_for_state(self, **wanted: str | None) -> None:
        """Waits until the address says this; None: until it doesn't say the key."""
        self.page.wait_for_function(
            """([prefix, wanted]) => {
                const pairs = location.hash.split('&').slice(1).map(part => part.split('='));
                const found = new Map(pairs.map(([key, value]) => [key, decodeURIComponent(value)]));
                return Object.entries(wanted).every(([key, value]) => (found.get(prefix + key) ?? null) === value);
            }""",
            arg=[PREFIX, wanted],
        )

    def set_theme(self, name: str) -> None:
        """Chooses "Light" or "Dark" in TensorBoard's own menu."""
        self.page.get_by_label("Menu for changing light or dark theme").click()
        self.page.get_by_role("menuitem").filter(has_text=name).click()
        expect(self.page.get_by_role("menuitem")).to_have_count(0)
        expect(self.inside.locator("html.dark")).to_have_count(int(name == "Dark"))

    def axe(self) -> list[str]:
        """What axe-core finds in the tab once it is at rest: one line for each element."""
        frame = self.frame
        if "v" in self.state():
            expect(self.detail).to_be_visible()
        frame.wait_for_function(_AT_REST)
        if not frame.evaluate("'axe' in window"):
            frame.evaluate(AXE_SCRIPT)
        found = frame.evaluate("axe.run(document, {resultTypes: ['violations']}).then(found => found.violations)")
        return list(_lines(found))

    def run_links(self) -> Locator:
        """The links to runs in the rows."""
        return self.rows.get_by_role("link")


_AT_REST = """() => !document.querySelector(":is(.dv, .cmp)[aria-busy=true]") &&
    !document.getAnimations().some((each) => each instanceof CSSTransition && each.playState === "running")"""
"""The panel and the comparison have loaded, and nothing is on its way to another color."""


def _hash(view: Mapping[str, str]) -> str:
    return "#versions" + "".join(f"&{PREFIX}{key}={quote(value, safe='')}" for key, value in view.items())


def _lines(violations: Iterable[dict[str, Any]]) -> Iterable[str]:
    for violation in violations:
        for node in violation["nodes"]:
            why = " ".join(each["message"] for each in [*node["any"], *node["all"], *node["none"]])
            yield f"{violation['id']}: {json.dumps(node['target'])} {node['html'][:160]} {why[:300]}"


OpenTab = Callable[..., Tab]
