"""Whatever a manifest says is text: nothing runs, nothing is fetched, nothing else is disturbed (F1, F2, F3, D6)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import hostile
from tests.browser.conftest import new_context, watch
from tests.browser.tab import Tab
from tests.browser.written import Experiment, plain_manifest
from tests.servers import TensorBoard

PER_VERSION = 60
TABS = ("signature", "files", "lineage", "raw", "overview")
# Notes each element that only hostile text could have made.
_WATCH_ELEMENTS = """
if (location.href.includes('name=versions')) {
  window.inserted = [];
  const never = new Set(['SCRIPT', 'IMG', 'IFRAME', 'FRAME', 'OBJECT', 'EMBED', 'VIDEO', 'AUDIO', 'SOURCE', 'FORM',
    'BASE', 'META', 'STYLE', 'TEMPLATE', 'NOSCRIPT', 'MARQUEE', 'MATH', 'IMAGE', 'USE', 'FOREIGNOBJECT', 'ANIMATE']);
  const look = element => {
    const name = element.tagName.toUpperCase();
    const preload = name === 'LINK' && element.rel === 'modulepreload' && element.href.startsWith(location.origin);
    const attribute = [...element.attributes].find(each => /^on/i.test(each.name)
      || (/^(href|src|action|xlink:href)$/i.test(each.name) && /^\\s*(javascript|data):/i.test(each.value)));
    if (never.has(name) || (name === 'LINK' && !preload) || attribute) inserted.push(element.outerHTML.slice(0, 200));
  };
  addEventListener('DOMContentLoaded', () => new MutationObserver(records => {
    for (const record of records) for (const node of record.addedNodes) {
      if (node.nodeType !== 1) continue;
      look(node);
      for (const below of node.querySelectorAll('*')) look(below);
    }
  }).observe(document.documentElement, {childList: true, subtree: true}));
}
"""

# Plain words that are drawn from right to left: somebody else's override has got hold of them.
_REVERSED = """() => {
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; (node = walker.nextNode());) {
    const text = node.data.trim();
    if (!/^[\\x20-\\x7e]{2,}$/.test(text) || !/^[a-z]/i.test(text) || !/[a-z]$/i.test(text)) continue;
    const start = node.data.indexOf(text);
    const rect = (from) => {
      const range = document.createRange();
      range.setStart(node, from);
      range.setEnd(node, from + 1);
      return range.getBoundingClientRect();
    };
    const first = rect(start), last = rect(start + text.length - 1);
    if (first.width && last.width && Math.abs(first.top - last.top) < 2 && last.left < first.left) found.push(text);
  }
  return found;
}"""


@dataclass
class World:
    """A TensorBoard full of hostile text.

    Attributes:
        texts: The strings in it.
        versions: How many versions have them in every field.
        count: How many versions there are.
        hits: What the canary was asked.
    """

    server: TensorBoard
    texts: list[str]
    versions: int
    count: int
    hits: list[str]
    foreign: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def world(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    quick_server: Callable[..., TensorBoard],
) -> Iterator[World]:
    with hostile.canary_server() as (canary, hits):
        experiment = Experiment(tmp_path_factory.mktemp("hostile"))
        texts = hostile.strings(canary, _list_of_others(request))
        batches = [texts[at : at + PER_VERSION] for at in range(0, len(texts), PER_VERSION)]
        for number, batch in enumerate(batches, 1):
            experiment.write_raw("hostile", number, hostile.manifest("hostile", number, batch))
        count = (
            len(batches)
            + _write_models(experiment, texts)
            + _write_errors(experiment, texts)
            + _write_runs(experiment, texts)
        )
        server = quick_server(*experiment.arguments)
        yield World(server, texts, len(batches), count, hits)
        server.stop()


def _list_of_others(request: pytest.FixtureRequest) -> Path | None:
    """Without the Big List of Naughty Strings our own remain."""
    try:
        return Path(request.getfixturevalue("test_data"))
    except pytest.skip.Exception as reason:
        print(f"our own strings only: {reason}")
        return None


_PLAIN = (
    "schemaVersion",
    "model",
    "number",
    "created",
    "format",
    "runs",
    "description",
    "files",
    "digest",
    "sizeBytes",
)


def _write_models(experiment: Experiment, texts: list[str]) -> int:
    """Models whose very folders have such names, where a file system takes them.

    A table shows the 300 most frequent names of each kind. So that each string heads a column, one half of
    them is made frequent among the metrics, the other among the hyperparameters.
    """
    for number, text in enumerate(texts):
        kind = "metrics" if number % 2 else "hyperparameters"
        fields = {key: value for key, value in hostile.manifest(text, 1, [text]).items() if key in (*_PLAIN, kind)}
        experiment.write_raw(text if hostile.may_be_a_folder(text) else f"model-{number}", 1, fields)
    return len(texts)


def _write_errors(experiment: Experiment, texts: list[str]) -> int:
    """Manifests that are refused with a sentence that quotes them."""
    for number, text in enumerate(texts, 1):
        experiment.write_raw("refused", number, plain_manifest("refused", number, created=text))
    return len(texts)


def _write_runs(experiment: Experiment, texts: list[str]) -> int:
    """Runs that TensorBoard itself knows by such names."""
    names = [text for text in texts if hostile.may_be_a_folder(text) and text.strip() == text and "<" in text][:10]
    for name in names:
        experiment.publish("runs", run=name)
    return len(names)


@pytest.fixture
def tab(world: World, browser: Browser, complaints: list[str]) -> Iterator[Tab]:
    """The tab in a page that notes what must not be there."""
    context = new_context(browser, viewport={"width": 1440, "height": 900})
    context.add_init_script(_WATCH_ELEMENTS)
    page = context.new_page()
    watch(page, complaints)
    page.on("request", lambda request: _note_foreign(world, request.url))
    yield Tab(page, world.server).open()
    context.close()


def _note_foreign(world: World, url: str) -> None:
    if not url.startswith((world.server.url, "data:", "blob:", "about:")):
        world.foreign.append(url)


def check(tab: Tab, world: World, complaints: list[str], what: str) -> None:
    """Prints the figures and holds them at 0."""
    figures = {
        "dialogs": [each for each in complaints if each.startswith("dialog")],
        "page errors": [each for each in complaints if each.startswith("exception")],
        "CSP violations": [each for each in complaints if "content security policy" in each.lower()],
        "other complaints": list(complaints),
        "inserted elements": tab.frame.evaluate("window.inserted"),
        "canary hits": list(world.hits),
        "requests elsewhere": list(world.foreign),
        "names added to Object.prototype": _added_to_object(tab.page, tab),
        "words turned round": tab.frame.evaluate(_REVERSED),
    }
    print(
        f"hostile text, {what}: {len(world.texts)} strings; " + ", ".join(f"{len(v)} {k}" for k, v in figures.items())
    )
    assert {name: found for name, found in figures.items() if found} == {}
    assert tab.frame.evaluate("({}).polluted === undefined")


def _added_to_object(page: Page, tab: Tab) -> list[str]:
    names = "Object.getOwnPropertyNames(Object.prototype)"
    pristine = set(
        page.evaluate(f"""() => {{
        const frame = document.body.appendChild(document.createElement('iframe'));
        const names = frame.contentWindow.{names};
        frame.remove();
        return names;
    }}""")
    )
    return sorted(set(tab.frame.evaluate(names)) - pristine)


def go(page: Page, /, **view: str) -> None:
    """Shows a view without loading the page again."""
    hash_of = """view => '#versions' + Object.entries(view)
        .map(([key, value]) => `&p.versions.${key}=${encodeURIComponent(value)}`).join('')"""
    page.evaluate(f"view => {{ location.hash = ({hash_of})(view) }}", view)


def test_in_the_table_and_everything_around_it(world: World, tab: Tab, complaints: list[str]) -> None:
    tab.expect_count(world.count, timeout=60_000)
    page = tab.page
    more = tab.inside.get_by_role("button", name=re.compile("^[0-9,]+ more$"))
    while more.count():
        more.first.click()

    # Every column there is, from left to right, in a very wide window.
    tab.inside.get_by_role("button", name="Columns", exact=True).click()
    tab.inside.get_by_role("button", name="Show all", exact=True).click()
    expect(tab.inside.get_by_role("dialog", name="Columns").get_by_role("checkbox")).not_to_have_count(0)
    page.keyboard.press("Escape")
    page.set_viewport_size({"width": 7000, "height": 1000})
    scroller = tab.scroller
    while scroller.evaluate("it => { const was = it.scrollLeft; it.scrollLeft += 6000; return it.scrollLeft > was; }"):
        _drawn(tab)
    page.set_viewport_size({"width": 1440, "height": 4000})
    scroller.evaluate("it => { it.scrollLeft = 0; }")
    while scroller.evaluate("it => { const was = it.scrollTop; it.scrollTop += 3000; return it.scrollTop > was; }"):
        _drawn(tab)
    for group in ("model", "run", "none"):
        tab.inside.get_by_label("Group:").select_option(group)
        _drawn(tab)
    page.set_viewport_size({"width": 1440, "height": 900})

    # The words of a filter, and what is said of them.
    tab.filter.focus()
    for text in world.texts[:30]:
        tab.filter.fill(text[:100].replace("\n", " ") + " > 1")
        _drawn(tab)
    tab.filter.fill("label.")
    expect(tab.inside.get_by_role("option").first).to_be_visible()
    tab.filter.fill("")
    tab.filter.press("Enter")
    check(tab, world, complaints, "table")


def _drawn(tab: Tab) -> None:
    """Waits until the browser has drawn twice."""
    tab.frame.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def test_in_every_tab_of_the_panel(world: World, tab: Tab, complaints: list[str]) -> None:
    tab.expect_count(world.count, timeout=60_000)
    for number in range(1, world.versions + 1):
        reference = f"hostile:{number}"
        shown = ""
        for name in TABS:
            go(tab.page, v=reference, tab=name)
            tab.expect_version(reference)
            expect(tab.panel).to_have_accessible_name(name.capitalize())
            shown += tab.panel.evaluate("it => it.textContent")
            tab.detail.locator("details").evaluate_all("all => { for (const it of all) it.open = true; }")
        assert tab.frame.evaluate(_REVERSED) == []
        texts = world.texts[PER_VERSION * (number - 1) : PER_VERSION * number]
        assert [text for text in texts if text.isascii() and text.isprintable() and text not in shown] == []
    go(tab.page, v="refused:1")
    expect(tab.detail.locator(".dv-banner")).to_contain_text("is not a time")
    check(tab, world, complaints, "panel")


def test_in_the_chart(world: World, tab: Tab, complaints: list[str]) -> None:
    tab.expect_count(world.count, timeout=60_000)
    for text in world.texts[:12]:
        go(tab.page, metric=text)
        chart = tab.inside.get_by_role("region", name="Metric across versions")
        picture = chart.locator("canvas, svg").first
        expect(picture).to_be_visible()
        box = picture.bounding_box()
        assert box is not None
        for part in range(1, 12):
            tab.page.mouse.move(box["x"] + box["width"] * part / 12, box["y"] + box["height"] / 2)
        _drawn(tab)
    check(tab, world, complaints, "chart")


def test_in_the_address(world: World, tab: Tab, complaints: list[str]) -> None:
    tab.expect_count(world.count, timeout=60_000)
    for text in world.texts[:15]:
        go(
            tab.page,
            q=text,
            m=text,
            r=text,
            sort=f"-{text}",
            cols=f"+{text}",
            group=text,
            sel=text,
            metric=text,
            tab=text,
        )
        _drawn(tab)
    go(tab.page, v="<img src=x onerror=alert(1)>")
    expect(tab.detail.get_by_role("alert")).to_be_visible()
    # The browser itself notes the answer 404.
    complaints[:] = [each for each in complaints if "404" not in each]
    check(tab, world, complaints, "address")


def test_the_watch_sees_what_it_watches_for(world: World, tab: Tab, complaints: list[str]) -> None:
    tab.frame.evaluate(
        """canary => {
            Object.prototype.polluted = true;
            document.body.insertAdjacentHTML('beforeend', `<p><img src="${canary}/seen" onerror="alert(1)"></p>
                <p>\u202e</p><div style="unicode-bidi: bidi-override; direction: rtl">turned</div>`);
        }""",
        "http://127.0.0.1:1",
    )
    expect(tab.inside.locator("img")).to_have_count(1)
    _drawn(tab)
    assert any("img" in each for each in tab.frame.evaluate("window.inserted"))
    assert any("content security policy" in each.lower() for each in complaints)
    assert _added_to_object(tab.page, tab) == ["polluted"]
    assert tab.frame.evaluate(_REVERSED) == ["turned"]
    complaints.clear()
    world.foreign.clear()
