"""The tab in Chromium: seconds to the first rows, compared with an empty tab; sorting, scrolling, bytes."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Error, Frame, Page, sync_playwright

from bench.figures import Peer, Report, Sample, interleave, median
from bench.make_data import Data, ensure, one_more
from bench.read import Table
from bench.server import Server, tensorboard
from tests import system_tools

OVER_EMPTY, CLICK, LONGEST, BYTES = 1.3, 0.15, 0.1, 300e3
LONGEST_ELSE, FILTER = 0.2, 0.3
LIMITED_TO = 10_000
LARGE_CLICK, LARGE_LONGEST = 0.3, 0.2
"""At more versions."""

_PROBES = (Path(__file__).parent / "probes.js").read_text(encoding="utf-8")
_FLAGS = ("--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update")
_PAUSE_MS = 400
_SETTLED_MS = 3_000
"""When the charts have followed the table."""
_FILTERS = ("val_accuracy > 0.5", "val_accuracy > 0.5 and optimizer = adam", "model-a:1")


@dataclass
class Usage:
    """What was measured in pages that were sorted and scrolled."""

    clicks: list[Sample] = field(default_factory=list)
    tasks: list[float] = field(default_factory=list)
    longest: list[Sample] = field(default_factory=list)
    loaded: list[float] = field(default_factory=list)
    loading: list[Sample] = field(default_factory=list)
    filters: list[Sample] = field(default_factory=list)
    filtering: list[Sample] = field(default_factory=list)
    scatter: list[Sample] = field(default_factory=list)
    drawing: list[Sample] = field(default_factory=list)
    news: dict[str, list[Sample]] = field(default_factory=lambda: {"table": [], "scatter": []})


@contextmanager
def chromium() -> Iterator[Browser]:
    """Runs a Chromium for a `with` block."""
    path = system_tools.find_chromium()
    if path is None:
        raise RuntimeError(system_tools.CHROMIUM_HELP)
    flags = [*_FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        yield browser
        browser.close()


@contextmanager
def fresh_page(browser: Browser) -> Iterator[Page]:
    """Opens a page in a new profile, with an empty cache."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    context.set_default_timeout(120_000)
    context.add_init_script(_PROBES)
    yield context.new_page()
    context.close()


def open_tab(page: Page, server: Server, tab: str) -> Sample:
    """Goes to a tab; returns the time from the navigation's start to the first content drawn in it."""
    page.goto(f"{server.url}/#{tab}", wait_until="commit")
    page.wait_for_function("window.benchReady > 0")
    return Sample(page.evaluate("window.benchReady") / 1000)


def tab_frame(page: Page) -> Frame:
    """The tab's iframe, for evaluating in it."""
    return next(frame for frame in page.frames if "plugin_entry" in frame.url and "name=versions" in frame.url)


def wait_for_rows(server: Server, size: int) -> None:
    """Waits until the server has read everything, curves too."""
    table = Table()
    while not (
        table.ask(server).status == 304 and table.rows == size and table.head["status"] == "ready" and table.is_joined
    ):
        time.sleep(1.5)


def _use(page: Page, usage: Usage) -> None:
    """Sorts by several columns and scrolls from end to end, watching for long tasks."""
    frame = tab_frame(page)
    usage.loaded.append(frame.evaluate("benchStatic()"))
    frame.evaluate("benchAll()")
    page.wait_for_timeout(2 * _PAUSE_MS)
    usage.loading.append(_longest(frame))
    longest: list[float] = []
    headers: list[str] = frame.evaluate("benchHeaders()")
    for header in [*headers[:6], *headers[:2]]:
        usage.clicks.append(Sample(frame.evaluate("id => benchClick(id)", header) / 1000))
        page.wait_for_timeout(_PAUSE_MS)
    longest += frame.evaluate("benchTasks()")
    frame.evaluate("benchScroll()")
    page.wait_for_timeout(_PAUSE_MS)
    longest += frame.evaluate("benchTasks()")
    usage.tasks += longest
    usage.longest.append(Sample(max(longest, default=0.0) / 1000))
    for text in _FILTERS:
        usage.filters.append(Sample(frame.evaluate("text => benchFilter(text)", text) / 1000))
        page.wait_for_timeout(_PAUSE_MS)
    usage.filtering.append(_longest(frame))
    frame.evaluate("benchFilter('')")
    page.wait_for_timeout(_PAUSE_MS)
    frame.evaluate("benchTasks()")
    usage.scatter.append(Sample(frame.evaluate("benchChart('Scatter')") / 1000))
    page.wait_for_timeout(_PAUSE_MS)
    usage.drawing.append(_longest(frame))


def _hear(page: Page, data: Data, usage: Usage) -> None:
    """Adds one version, and takes it away again, with the table alone and with the scatter below it."""
    frame = tab_frame(page)
    for what in usage.news:
        if what == "scatter":
            frame.evaluate("benchChart('Scatter')")
        page.wait_for_timeout(_PAUSE_MS)
        rows = frame.evaluate("benchRows()")
        frame.evaluate("benchTasks()")
        with one_more(data):
            frame.wait_for_function("rows => benchRows() > rows", arg=rows)
            page.wait_for_timeout(_SETTLED_MS)
            usage.news[what].append(_longest(frame))
        frame.wait_for_function("rows => benchRows() === rows", arg=rows)


def _longest(frame: Frame) -> Sample:
    """The longest task since the last question."""
    return Sample(max(frame.evaluate("benchTasks()"), default=0.0) / 1000)


def measure(report: Report, size: int, *, runs: int = 5) -> None:
    """Adds the figures of the tab at one size."""
    data = ensure(size)
    try:
        with (
            tensorboard(data.logs, "--versions_models_dir", str(data.models), plugins="empty") as server,
            chromium() as browser,
        ):
            wait_for_rows(server, size)
            _measure(report, server, browser, data=data, runs=runs)
    except (RuntimeError, Error) as error:
        report.skip(f"browser at {size:,}", str(error).splitlines()[0])


def _measure(report: Report, server: Server, browser: Browser, *, data: Data, runs: int) -> None:
    usage, size = Usage(), data.count

    def ours() -> Sample:
        with fresh_page(browser) as page:
            sample = open_tab(page, server, "versions")
            if len(usage.longest) < 3:
                page.wait_for_timeout(1_000)
                _use(page, usage)
            return sample

    def empty() -> Sample:
        with fresh_page(browser) as page:
            return open_tab(page, server, "bench_empty")

    rows, nothing = interleave(runs, ours, empty)
    with fresh_page(browser) as page:
        open_tab(page, server, "versions")
        page.wait_for_timeout(1_000)
        _hear(page, data, usage)
    peer = Peer("an empty tab of the same TensorBoard", median(nothing), runs)
    limited = size <= LIMITED_TO

    def add(name: str, samples: Any, limit: float, limit_of: str, **more: Any) -> None:
        if not limited:
            limit = {CLICK: LARGE_CLICK, LONGEST: LARGE_LONGEST}.get(limit, limit)
        more["limit"], more["limit_of"] = limit, limit_of
        report.add(f"browser.{name}", samples, versions=size, **more)

    report.add("browser.rows", rows, versions=size, peer=peer, note="from navigation to rows drawn, nothing cached")
    report.add("browser.empty_tab", nothing, versions=size)
    over = [median(rows) / peer.value]
    if limited:
        add("over_empty", over, OVER_EMPTY, "times an empty tab", unit="×")
    else:
        report.add("browser.over_empty", over, versions=size, unit="×")
    add("click", usage.clicks, CLICK, "from the click on a header to reordered rows drawn")
    add(
        "longest_task",
        [max(usage.longest, key=lambda task: task.wall)],
        LONGEST,
        "any task while sorting and scrolling",
        note=_about(usage),
    )
    for name, tasks, what in (
        ("longest_task_loading", usage.loading, "any task until the table is there"),
        ("longest_task_filtering", usage.filtering, "any task while filters are written"),
        ("longest_task_scatter", usage.drawing, "any task while the scatter is drawn"),
        ("longest_task_news", usage.news["table"], "any task when one version more arrives"),
        ("longest_task_news_scatter", usage.news["scatter"], "any task when one arrives while the scatter is open"),
    ):
        add(name, [max(tasks, key=lambda task: task.wall)], LONGEST_ELSE, what)
    add("filter", usage.filters, FILTER, "from Enter to the filtered rows drawn")
    report.add(
        "browser.scatter", usage.scatter, versions=size, note="from the click on its name to the last point drawn"
    )
    add("bytes", usage.loaded, BYTES, "what the tab loads first, gzipped", unit="bytes")


def _about(usage: Usage) -> str:
    pages = f"the worst of {len(usage.longest)} pages"
    if not usage.tasks:
        return f"{pages}; no task over 50 ms"
    return f"{pages}; {len(usage.tasks)} tasks over 50 ms, median {statistics.median(usage.tasks):.0f} ms"
