"""An exported page: opened from the disk, without network, it is the tab (issue 4, acceptance 1)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageChops
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import Demo, new_context, watch
from tests.browser.exported import ExportedPage
from tests.browser.tab import Tab
from tests.browser.test_compare import chart, differences, wait

INTRODUCTION = """What came out of **the sprint**, in [one place](https://example.org/sprint).

![a picture](https://example.org/picture.png) <img src=x> and words, many words,
more words than two lines have room for, so that the rest is folded away until somebody asks for it.

- seeds differ
- data does not
"""
COMPARED = "digits:9,digits:11,digits-tiny:4"
PHONE = {"width": 375, "height": 700}
# Of 255; what is antialiased may differ by a shade.
TOLERANCE = 24


@pytest.fixture(scope="session")
def share(export_demo: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's catalog as one file."""
    introduction = tmp_path_factory.mktemp("words") / "introduction.md"
    introduction.write_text(INTRODUCTION)
    return export_demo("--title", "Digits", "--introduction", str(introduction))


@pytest.fixture
def exported(share: Path, browser: Browser, complaints: list[str]) -> Iterator[ExportedPage]:
    """The file in a fresh profile without network; it must neither complain nor ask for anything."""
    context = new_context(browser)
    context.set_offline(True)
    page = context.new_page()
    watch(page, complaints)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    yield ExportedPage(page, share.as_uri())
    assert complaints == [], "the page complained"
    assert [url for url in asked if not url.startswith((share.as_uri(), "about:", "data:", "blob:"))] == []
    context.close()


def lines_cut(words: Locator) -> int:
    """How many lines of a folded text are seen in part."""
    return int(
        words.evaluate(
            """words => {
                const end = words.getBoundingClientRect().bottom;
                const texts = document.createTreeWalker(words, NodeFilter.SHOW_TEXT);
                let cut = 0;
                for (let text = texts.nextNode(); text; text = texts.nextNode()) {
                    const range = document.createRange();
                    range.selectNodeContents(text);
                    for (const line of range.getClientRects()) cut += line.top < end - 1 && line.bottom > end + 1;
                }
                return cut;
            }"""
        )
    )


def test_it_shows_every_version_and_filters(demo: Demo, exported: ExportedPage) -> None:
    exported.open()
    exported.expect_count(len(demo.versions))
    exported.filter.fill("val_accuracy > 0.95 and model = digits")
    exported.filter.press("Enter")
    wanted = [
        reference
        for reference, version in demo.versions.items()
        if version["model"] == "digits" and version["metrics"]["val_accuracy"] > 0.95
    ]
    exported.expect_count(len(wanted))
    assert sorted(exported.references()) == sorted(wanted)
    exported.wait_for_state(q="val_accuracy > 0.95 and model = digits")


def test_it_says_what_it_is(exported: ExportedPage) -> None:
    exported.open()
    banner = exported.inside.get_by_role("banner")
    expect(banner.get_by_role("heading", name="Digits", exact=True)).to_be_visible()
    expect(banner.get_by_role("link", name="one place")).to_have_attribute("rel", "noopener noreferrer")
    expect(banner.locator("img")).to_have_count(0)
    assert lines_cut(banner.get_by_role("region", name="Introduction")) == 0
    banner.get_by_role("button", name="Read all").click()
    expect(banner.get_by_text("data does not")).to_be_in_viewport()
    banner.get_by_role("button", name="What this file holds").click()
    holds = exported.inside.get_by_role("dialog", name="What this file holds")
    expect(holds).to_contain_text("18 versions of 2 models")
    expect(holds).to_contain_text("tb-versions verify")
    expect(holds.get_by_text(re.compile("^sha256:[0-9a-f]{64}$"))).to_be_visible()
    expect(exported.inside.locator("footer")).to_contain_text("exported with tb_versions")
    expect(exported.inside.get_by_text(re.compile(r"updated|● ?live"))).to_have_count(0)


def test_the_panel_of_a_version_is_whole(demo: Demo, exported: ExportedPage) -> None:
    exported.open(v="digits:9")
    exported.expect_version("digits:9")
    for name in ("Signature", "Files", "Lineage", "Raw", "Overview"):
        exported.show(name)
        expect(exported.detail.get_by_role("alert")).to_have_count(0)
    expect(exported.panel.locator(".dv-sparkline").first).to_be_visible()
    value = demo.versions["digits:9"]["metrics"]["val_accuracy"]
    expect(exported.panel.get_by_role("row", name=re.compile("^val_accuracy")).first).to_contain_text(f"{value:.4f}")


def test_a_comparison_has_curves_marks_and_differences(exported: ExportedPage) -> None:
    exported.open(cmp=COMPARED)
    wait(exported)
    card = chart(exported, "epoch_accuracy")
    expect(card.card.get_by_text(re.compile(r"^v?\S.*"))).not_to_have_count(0)
    expect(card.plot.locator("canvas").first).to_be_visible()
    assert differences(exported).get_by_role("row").count() > 5
    exported.inside.get_by_label("Baseline:").select_option("digits:11")
    wait(exported)
    exported.wait_for_state(base="digits:11")


def test_a_view_of_what_it_does_not_hold_leads_to_all_versions(demo: Demo, exported: ExportedPage) -> None:
    exported.open(cmp="digits:9,digits:99")
    told = exported.inside.get_by_role("alert").filter(has_text='This export does not hold "digits:99".')
    expect(told.get_by_role("button", name="Try again")).to_have_count(0)
    told.get_by_role("button", name="Show all versions").click()
    exported.expect_count(len(demo.versions))


def test_a_run_leads_to_its_curves_in_the_file(exported: ExportedPage) -> None:
    exported.open()
    exported.row("digits:9").get_by_role("link").click()
    expect(
        exported.inside.get_by_role("region", name="epoch_accuracy", exact=True).locator("canvas").first
    ).to_be_visible()
    exported.wait_for_state(cmp="digits:9")
    exported.inside.get_by_role("button", name="Versions").click()
    expect(exported.grid).to_be_visible()


def test_it_opens_on_the_view_that_was_exported(
    export_demo: Callable[..., Path], browser: Browser, complaints: list[str]
) -> None:
    out = export_demo("--view", "#versions&p.versions.cmp=digits%3A1%2Cdigits%3A3")
    context = new_context(browser)
    context.set_offline(True)
    page = context.new_page()
    watch(page, complaints)
    opened = ExportedPage(page, out.as_uri()).open()
    wait(opened)
    opened.wait_for_state(cmp="digits:1,digits:3")
    opened.open(v="digits:3")
    opened.expect_version("digits:3")
    expect(differences(opened)).to_have_count(0)
    context.close()
    assert complaints == []


def test_it_opens_on_a_view_whose_names_are_masked(
    export_demo: Callable[..., Path], browser: Browser, complaints: list[str]
) -> None:
    view = "#versions&p.versions.cmp=digits%3A9%2Cdigits-tiny%3A4&p.versions.base=digits-tiny%3A4&password=hunter2"
    out = export_demo("--redact", "digits-tiny", "--view", view)
    context = new_context(browser)
    page = context.new_page()
    watch(page, complaints)
    opened = ExportedPage(page, out.as_uri()).open()
    wait(opened)
    opened.wait_for_state(cmp="digits:9,[redacted]:4", base="[redacted]:4")
    expect(opened.inside.get_by_label("Baseline:").locator("option:checked")).to_have_text("[redacted] 4")
    assert "hunter2" not in page.url
    context.close()
    assert complaints == []


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_axe_finds_nothing(theme: str, exported: ExportedPage) -> None:
    exported.open()
    exported.set_theme(theme)
    expect(exported.inside.locator(".chart canvas").first).to_be_visible()
    found = [f"table: {line}" for line in exported.axe()]
    exported.open_version("digits:9")
    found += [f"panel: {line}" for line in exported.axe()]
    exported.inside.get_by_role("button", name="What this file holds").click()
    found += [f"what it holds: {line}" for line in exported.axe()]
    exported.open(cmp=COMPARED)
    exported.set_theme(theme)
    wait(exported)
    found += [f"comparison: {line}" for line in exported.axe()]
    exported.page.set_viewport_size(PHONE)
    found += [f"comparison on a phone: {line}" for line in exported.axe()]
    exported.open()
    exported.inside.get_by_role("button", name="Show the filters").click()
    found += [f"filters on a phone: {line}" for line in exported.axe()]
    assert found == []


def test_on_a_phone_the_page_is_never_wider_than_the_screen(exported: ExportedPage) -> None:
    exported.page.set_viewport_size(PHONE)
    exported.open()
    expect(exported.grid).to_be_visible()
    assert not exported.wide()
    assert exported.scroller.evaluate("it => it.scrollWidth > it.clientWidth")

    exported.inside.get_by_role("button", name="Show the filters").click()
    exported.inside.get_by_role("navigation", name="Filters").get_by_role(
        "button", name=re.compile("^digits-tiny")
    ).click()
    exported.inside.get_by_role("button", name="Show 4 versions").click()
    expect(exported.inside.get_by_role("navigation", name="Filters")).to_have_count(0)
    exported.expect_count(4)

    exported.open_version("digits-tiny:4")
    assert not exported.wide()
    box = exported.detail.bounding_box()
    assert box is not None
    assert (box["x"], box["y"], box["width"], box["height"]) == (0, 0, PHONE["width"], PHONE["height"])
    exported.detail.get_by_role("button", name="Versions", exact=True).click()
    expect(exported.detail).to_have_count(0)

    exported.open(cmp=COMPARED)
    wait(exported)
    assert not exported.wide()
    chart(exported, "epoch_accuracy")


def test_the_table_and_the_comparison_look_as_in_the_tab(
    demo_tab: Tab, export_demo: Callable[..., Path], browser: Browser, tmp_path: Path
) -> None:
    # With all that is left out by default: the comparison has rows of it, and their lengths decide the widths.
    share = export_demo("--include", "arguments,code-diff,hosts,paths")
    # An export has no fonts of TensorBoard's: here the tab has none either.
    context = new_context(browser)
    context.route("**/font-roboto/**", lambda route: route.abort())
    tab = Tab(context.new_page(), demo_tab.server)
    exported = ExportedPage(context.new_page(), share.as_uri())
    # The chart's height follows the window's, and text between two pixels is drawn in other shades.
    tab.open(chart="0")
    exported.open(chart="0")
    for each in (tab, exported):
        expect(each.row("digits:9").locator(".dot").first).to_be_visible()
    _expect_equal(tmp_path, "table", tab.inside.locator(".table-place"), exported.inside.locator(".table-place"))
    tab.open(cmp=COMPARED)
    exported.open(cmp=COMPARED)
    for each in (tab, exported):
        each.page.mouse.move(0, 0)  # what is under the pointer has another colour
        wait(each)
        chart(each, "epoch_accuracy")
    toggles = [each.inside.get_by_role("button", name=re.compile("^differences only")) for each in (tab, exported)]
    assert toggles[0].inner_text() == toggles[1].inner_text()
    # Commands that ask two versions the same are for whoever has the models.
    expect(exported.inside.locator(".beh")).to_have_count(0)
    tab.inside.locator(".beh").evaluate("block => block.remove()")
    _expect_equal(tmp_path, "comparison", tab.inside.locator(".cmp"), exported.inside.locator(".cmp"))
    context.close()


def _expect_equal(folder: Path, what: str, one: Locator, other: Locator) -> None:
    """Two pictures are equal where both have something: below it one window is longer."""
    pictures = []
    for name, locator in (("tab", one), ("export", other)):
        path = folder / f"{what}-{name}.png"
        # Its two lines fall on whole pixels in one page and between them in the other; its text is compared below.
        toggle = locator.get_by_role("button", name=re.compile("^differences only"))
        locator.screenshot(path=path, animations="disabled", mask=[toggle])
        pictures.append(Image.open(path).convert("RGB"))
    width = min(picture.width for picture in pictures)
    # The last row may be cut by the window.
    height = min(picture.height for picture in pictures) - 40
    assert width > 1000
    assert height > 300
    first, second = (picture.crop((0, 0, width, height)) for picture in pictures)
    difference = ImageChops.difference(first, second).convert("L").point(lambda value: 255 * (value > TOLERANCE))
    box = difference.getbbox()
    assert box is None, f"the {what} looks different at {box}: see {folder}"


def test_a_damaged_part_is_told_in_a_sentence(share: Path, page: Page, tmp_path: Path) -> None:
    broken = tmp_path / "broken.html"
    text = share.read_text()
    start = text.index('id="tbv/versions">') + len('id="tbv/versions">')
    broken.write_text(text[: start + 100] + text[text.index("</script>", start) :])
    ExportedPage(page, broken.as_uri()).open()
    expect(page.get_by_role("alert")).to_contain_text("can't be read: it is damaged")
