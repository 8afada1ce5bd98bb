"""The tab in Chromium over the table of a fleet whose manifests are on this disk: first rows, sorts, filters, tasks."""

from __future__ import annotations

import os
from pathlib import Path

from playwright.sync_api import Browser, Error

from bench.browser import chromium, fresh_page, open_tab, tab_frame
from bench.commands import command
from bench.figures import Report, Sample, median, say
from bench.make_data import OUT, Data, ensure_fleet
from bench.server import Server, tensorboard

SMALL = 10_000
"""How long the first rows of so many take is the measure for those of more."""

ROWS, ANY, LONGEST = 1.5, 1.0, 0.2
_FILTERS = (
    "val_accuracy > 0.5",
    "optimizer = adam and loss < 0.5",
    "model-00042",
    "created > 2026-02-01",
    "label.stage = candidate and accuracy > 0.9",
)
_PAUSE_MS = 400
_RUNS = 3


def measure(report: Report, size: int) -> None:
    """Adds the figures at one size, and those of the first rows of `SMALL`."""
    try:
        with chromium() as browser:
            few = _first_rows(report, browser, SMALL, ())
            many = _first_rows(report, browser, size, ("--versions_index", str(_tables(ensure_fleet(size)))))
            ratio, limit_of = many / few, f"those of {SMALL:,} versions"
            report.add("fleet_browser.rows", [ratio], versions=size, unit="×", limit=ROWS, limit_of=limit_of)
    except (RuntimeError, Error) as error:
        report.skip(f"fleet_browser at {size:,}", str(error).splitlines()[0])


def _tables(data: Data) -> Path:
    """The tables of the models, beside their folder so that nothing else is in it."""
    tables = OUT / f"index-{data.count}"
    say(f"indexing {data.count:,} versions")
    command(["index", "--models-dir", os.fspath(data.models), "--to", os.fspath(tables)], {})()
    return tables


def _first_rows(report: Report, browser: Browser, size: int, flags: tuple[str, ...]) -> float:
    """Measures pages over a server that has read everything; returns the seconds to their first rows."""
    data = ensure_fleet(size)
    logs = data.folder / "logs"
    logs.mkdir(exist_ok=True)
    rows: list[Sample] = []
    with tensorboard(logs, "--versions_models_dir", str(data.models), *flags) as server:
        with fresh_page(browser) as page:
            first = open_tab(page, server, "versions")
            page.wait_for_timeout(30_000)  # until what is read beside the first window is there
        report.add("fleet_browser.first", [first], versions=size, note="the first page after the server's start")
        for _ in range(_RUNS):
            with fresh_page(browser) as page:
                rows.append(open_tab(page, server, "versions"))
        report.add("fleet_browser.again", rows, versions=size, note="from navigation to rows drawn, nothing cached")
        if flags:
            _use(report, browser, server, size)
    return median(rows)


def _use(report: Report, browser: Browser, server: Server, size: int) -> None:
    with fresh_page(browser) as page:
        open_tab(page, server, "versions")
        frame = tab_frame(page)
        page.wait_for_timeout(4 * _PAUSE_MS)
        longest = [max(frame.evaluate("benchTasks()"), default=0.0)]
        clicks = {}
        for header in frame.evaluate("benchHeaders()"):
            clicks[header] = frame.evaluate("id => benchWindow(id)", header) / 1000
            page.wait_for_timeout(_PAUSE_MS)
        longest.append(max(frame.evaluate("benchTasks()"), default=0.0))
        filters = {}
        for text in _FILTERS:
            filters[text] = frame.evaluate("text => benchFilter(text)", text) / 1000
            page.wait_for_timeout(_PAUSE_MS)
        frame.evaluate("benchFilter('')")
        longest.append(max(frame.evaluate("benchTasks()"), default=0.0))
        frame.evaluate("benchScroll()")
        page.wait_for_timeout(_PAUSE_MS)
        longest.append(max(frame.evaluate("benchTasks()"), default=0.0))
    for what, found in (("sort", clicks), ("filter", filters)):
        slowest = max(found, key=lambda each: found[each])
        limit_of = f"the slowest first {what}, by {slowest}"
        note = ", ".join(f"{each} {seconds:.2f}" for each, seconds in found.items())
        report.add(f"fleet_browser.{what}", [found[slowest]], versions=size, limit=ANY, limit_of=limit_of, note=note)
    note = "loading, sorting, filtering, scrolling: " + ", ".join(f"{each:.0f} ms" for each in longest)
    report.add("fleet_browser.task", [max(longest) / 1000], versions=size, limit=LONGEST, limit_of="any", note=note)
