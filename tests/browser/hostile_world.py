"""A catalog full of hostile text, and what must not be seen in a page that shows it (F1, F2, F3, D6, G1)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.tab import Tab
from tests.support import hostile
from tests.support.written import Experiment, plain_manifest

PER_VERSION = 60
TABS = ("signature", "files", "lineage", "raw", "overview")

# Notes each element that only hostile text could have made.
WATCH_ELEMENTS = """
if (location.href.includes('name=versions') || location.href.endsWith('.html')) {
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
REVERSED = """() => {
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
    """A catalog full of hostile text.

    Attributes:
        experiment: Where it lies.
        texts: The strings in it.
        versions: How many versions have them in every field.
        count: How many versions there are.
        hits: What the canary was asked.
        foreign: Requests that lead elsewhere.
    """

    experiment: Experiment
    texts: list[str]
    versions: int
    count: int
    hits: list[str]
    foreign: list[str] = field(default_factory=list)


def write_world(folder: Path, canary: str, hits: list[str], others: Path | None) -> World:
    """Writes such a catalog.

    Args:
        folder: Where to.
        canary: Address of the server that nobody should ask.
        hits: What it was asked.
        others: Folder with the inputs of others; see `list_of_others`.
    """
    experiment = Experiment(folder)
    texts = hostile.strings(canary, others)
    batches = [texts[at : at + PER_VERSION] for at in range(0, len(texts), PER_VERSION)]
    for number, batch in enumerate(batches, 1):
        experiment.write_raw("hostile", number, hostile.manifest("hostile", number, batch))
    more = _write_models(experiment, texts) + _write_errors(experiment, texts) + _write_runs(experiment, texts)
    return World(experiment, texts, len(batches), len(batches) + more, hits)


def list_of_others(request: pytest.FixtureRequest) -> Path | None:
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
        "names added to Object.prototype": added_to_object(tab.page, tab),
        "words turned round": tab.frame.evaluate(REVERSED),
    }
    print(
        f"hostile text, {what}: {len(world.texts)} strings; " + ", ".join(f"{len(v)} {k}" for k, v in figures.items())
    )
    assert {name: found for name, found in figures.items() if found} == {}
    assert tab.frame.evaluate("({}).polluted === undefined")


def added_to_object(page: Page, tab: Tab) -> list[str]:
    """What the page has that a fresh one has not."""
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


def drawn(tab: Tab) -> None:
    """Waits until the browser has drawn twice."""
    tab.frame.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def go(page: Page, /, **view: str) -> None:
    """Shows a view without loading the page again."""
    hash_of = """view => '#versions' + Object.entries(view)
        .map(([key, value]) => `&p.versions.${key}=${encodeURIComponent(value)}`).join('')"""
    page.evaluate(f"view => {{ location.hash = ({hash_of})(view) }}", view)


def look_at_the_table(world: World, tab: Tab) -> None:
    """Shows every row, every column and everything around the table."""
    tab.expect_count(world.count)
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
        drawn(tab)
    page.set_viewport_size({"width": 1440, "height": 4000})
    scroller.evaluate("it => { it.scrollLeft = 0; }")
    while scroller.evaluate("it => { const was = it.scrollTop; it.scrollTop += 3000; return it.scrollTop > was; }"):
        drawn(tab)
    for group in ("model", "run", "none"):
        tab.inside.get_by_label("Group:").select_option(group)
        drawn(tab)
    page.set_viewport_size({"width": 1440, "height": 900})

    # The words of a filter, and what is said of them.
    tab.filter.focus()
    for text in world.texts[:30]:
        tab.filter.fill(text[:100].replace("\n", " ") + " > 1")
        drawn(tab)
    tab.filter.fill("label.")
    expect(tab.inside.get_by_role("option").first).to_be_visible()
    tab.filter.fill("")
    tab.filter.press("Enter")


def look_at_every_panel(world: World, tab: Tab, *, altered: re.Pattern[str] | None = None) -> None:
    """Shows each version that has the strings in every field, in all tabs of its panel.

    Args:
        world: What is shown.
        tab: Where.
        altered: Texts in which this is found need not be there as they are.
    """
    tab.expect_count(world.count)
    for number in range(1, world.versions + 1):
        reference = f"hostile:{number}"
        shown = ""
        for name in TABS:
            go(tab.page, v=reference, tab=name)
            tab.expect_version(reference)
            expect(tab.panel).to_have_accessible_name(name.capitalize())
            shown += tab.panel.evaluate("it => it.textContent")
            tab.detail.locator("details").evaluate_all("all => { for (const it of all) it.open = true; }")
        assert tab.frame.evaluate(REVERSED) == []
        texts = world.texts[PER_VERSION * (number - 1) : PER_VERSION * number]
        plain = [text for text in texts if text.isascii() and text.isprintable()]
        gone = [text for text in plain if text not in shown]
        assert [text for text in gone if altered is None or not altered.search(text)] == []
    go(tab.page, v="refused:1")
    expect(tab.detail.locator(".dv-banner")).to_contain_text("must be a time like")
