"""A hostile catalog, exported: nothing runs, nothing is fetched."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import new_context, watch
from tests.browser.exported import ExportedPage, write_export
from tests.browser.hostile_world import WATCH_ELEMENTS, World, check, drawn, go, look_at_every_panel, look_at_the_table

# Elements that the page makes for itself: none of these.
_SUSPICIOUS = "#versions :is(script, img, iframe, object, embed, video, audio, form, link, style, meta, base)"


# What stands behind "#" or "?" in an address may be a credential, and never leaves; a scheme is written small.
_TAKEN_OUT = re.compile(r"https?://\S*[#?]|File:///")


@pytest.fixture(scope="module")
def file(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile-export")
    introduction = folder / "introduction.md"
    introduction.write_text("\n\n".join(text for text in world.texts if "\0" not in text)[:60_000], errors="replace")
    logs, _, models = world.experiment.arguments
    arguments = ("--logdir", logs, "--models-dir", models, "--title", "</title><script>alert(1)</script>")
    # Nothing is taken out: the canary's address must stay.
    arguments += ("--include", "code-diff,hosts,paths")
    return write_export(folder / "hostile.html", *arguments, "--introduction", str(introduction))


@pytest.fixture
def exported(world: World, file: Path, browser: Browser, complaints: list[str]) -> Iterator[ExportedPage]:
    """With network: what the page would ask for must arrive at the canary."""
    context = new_context(browser)
    context.add_init_script(WATCH_ELEMENTS)
    page = context.new_page()
    watch(page, complaints)
    ours = (file.as_uri(), "data:", "blob:", "about:")
    page.on("request", lambda request: request.url.startswith(ours) or world.foreign.append(request.url))
    yield ExportedPage(page, file.as_uri()).open()
    context.close()


def test_the_file_has_a_policy_and_no_script_but_its_own(file: Path) -> None:
    text = file.read_text()
    assert text.count("http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src 'sha256-") == 1
    assert len(re.findall("<script", text, re.IGNORECASE)) == len(re.findall("</script", text, re.IGNORECASE))
    assert text.count("<script>") == 1


def test_in_the_table_and_around_it(world: World, exported: ExportedPage, complaints: list[str]) -> None:
    exported.inside.get_by_role("button", name="Read all").click()
    exported.inside.get_by_role("button", name="What this file holds").click()
    drawn(exported)
    exported.page.keyboard.press("Escape")
    exported.inside.get_by_role("button", name="Less").click()
    look_at_the_table(world, exported)
    assert exported.inside.locator(_SUSPICIOUS).count() == 0
    check(exported, world, complaints, "exported table")


def test_in_every_tab_of_the_panel(world: World, exported: ExportedPage, complaints: list[str]) -> None:
    look_at_every_panel(world, exported, altered=_TAKEN_OUT)
    check(exported, world, complaints, "exported panel")


def test_in_a_comparison(world: World, exported: ExportedPage, complaints: list[str]) -> None:
    go(exported.page, cmp="hostile:1,hostile:2", all="1")
    expect(exported.inside.get_by_role("table", name=re.compile("^Differences"))).to_be_visible()
    drawn(exported)
    assert exported.inside.locator(_SUSPICIOUS).count() == 0
    check(exported, world, complaints, "exported comparison")
