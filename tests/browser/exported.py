"""An exported page as its reader sees it: the same as the tab, without TensorBoard around it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Frame, Page, expect

from tests.browser.tab import PREFIX, Tab


class ExportedPage(Tab):
    """An export, opened from the disk or from a server.

    Attributes:
        address: Of the page, without hash.
    """

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.inside = page
        self.address = address

    def open(self, **view: str) -> ExportedPage:
        """Opens the page with a view, as `Tab.open`."""
        keys = "".join(f"&{PREFIX}{key}={quote(value, safe='')}" for key, value in view.items())
        # A hash alone would not load the page again.
        self.page.goto("about:blank")
        self.page.goto(self.address + (f"#versions{keys}" if keys else ""))
        self.wait()
        return self

    @property
    def frame(self) -> Frame:
        """The page itself."""
        return self.page.main_frame

    def set_theme(self, name: str) -> None:
        """Chooses "Light" or "Dark" with the page's own button."""
        dark = self.inside.locator("html.dark")
        if dark.count() != int(name == "Dark"):
            self.inside.get_by_role("button", name=f"Show it {name.lower()}").click()
        expect(dark).to_have_count(int(name == "Dark"))

    def wait_for_state(self, **wanted: str | None) -> None:
        """As `Tab.wait_for_state`; the page's policy allows no polling inside of it."""
        for key, value in wanted.items():
            pair = re.escape(f"{PREFIX}{key}=") + (
                "" if value is None else re.escape(quote(value, safe="!'()*~")) + "(&|$)"
            )
            matcher = expect(self.page)
            (matcher.not_to_have_url if value is None else matcher.to_have_url)(re.compile(pair))

    def wide(self) -> bool:
        """Whether the page itself can be scrolled sideways."""
        return bool(self.frame.evaluate("document.documentElement.scrollWidth > innerWidth"))


def write_export(out: Path, *arguments: str) -> Path:
    """Runs `tb-versions export`; returns the file or folder that it wrote."""
    command = [sys.executable, "-m", "tb_versions.cli", "export", *arguments, "--out", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.stdout}{done.stderr}"
    return out
