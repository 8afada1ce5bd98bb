"""The comparison of many versions in Chromium: first curves, zoom, requests; and the charts over all versions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, Error, Frame, Page

from bench.browser import chromium, fresh_page, open_tab, tab_frame, wait_for_rows
from bench.figures import Report, Sample
from bench.make_data import ensure, ensure_curves
from bench.server import Server, tensorboard

COMPARED, VERSIONS = 30, 10_000
FIRST_CURVES, ZOOM, REQUESTS, DRAWN, LONGEST = 1.0, 0.05, 1, 1.0, 0.2

CHARTS = {"parallel": "Parallel coordinates", "matrix": "Scatter matrix", "scatter": "Scatter"}
_CURVES = "/data/plugin/versions/scalars"
_PAUSE_MS = 400


@dataclass
class _Measured:
    """What was measured in pages, by figure: seconds, or a number of requests."""

    figures: dict[str, list[float]] = field(default_factory=dict)

    def note(self, name: str, value: float) -> None:
        self.figures.setdefault(name, []).append(value)


def measure(report: Report, *, runs: int = 5) -> None:
    """Adds the figures of the comparison's page and of the charts over many versions."""
    try:
        with chromium() as browser:
            _measure_comparison(report, browser, runs)
            _measure_charts(report, browser, runs)
    except (RuntimeError, Error) as error:
        report.skip("comparing", str(error).splitlines()[0])


def _measure_comparison(report: Report, browser: Browser, runs: int) -> None:
    data, measured = ensure_curves(COMPARED), _Measured()
    with tensorboard(data.logs, "--versions_models_dir", str(data.models)) as server:
        wait_for_rows(server, COMPARED)
        # The first page is not counted: nobody has asked the data server for these curves before.
        for turn in range(-1, runs):
            with fresh_page(browser) as page:
                _compare(page, server, measured if turn >= 0 else _Measured())
    about: dict[str, Any] = {"versions": COMPARED, "note": "30 versions × 20 tags × 1,000 points, RustBoard"}
    first = "from the click on Compare to the first curves drawn"
    report.add("comparing.first_curves", measured.figures["first"], limit=FIRST_CURVES, limit_of=first, **about)
    report.add("comparing.all_curves", measured.figures["all"], **about)
    of_zoom = "from the pointer's release to the zoomed curves drawn"
    report.add("comparing.zoom", measured.figures["zoom"], limit=ZOOM, limit_of=of_zoom, **about)
    of_requests = "requests for curves"
    report.add(
        "comparing.requests", measured.figures["requests"], unit="", limit=REQUESTS, limit_of=of_requests, **about
    )


def _compare(page: Page, server: Server, measured: _Measured) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if _CURVES in request.url else None)
    chosen = ",".join(f"model-a:{number}" for number in range(1, COMPARED + 1))
    open_tab(page, server, f"versions&p.versions.sel={chosen}")
    frame = tab_frame(page)
    page.wait_for_timeout(_PAUSE_MS)
    times = frame.evaluate("benchCompare()")
    measured.note("first", times["first"] / 1000)
    measured.note("all", times["all"] / 1000)
    page.wait_for_timeout(2 * _PAUSE_MS)
    measured.note("requests", len(asked))
    for share in (0.3, 0.4, 0.5):
        frame.evaluate("window.waiting = benchZoom(); 0")
        _drag(page, frame, ".curve-plot", [(share, 0.3), (share + 0.3, 0.7)])
        measured.note("zoom", frame.evaluate("window.waiting") / 1000)
        page.wait_for_timeout(_PAUSE_MS)


def _drag(page: Page, frame: Frame, selector: str, places: list[tuple[float, float]]) -> None:
    box = frame.locator(selector).first.bounding_box()
    assert box is not None
    (x, y), *rest = [(box["x"] + box["width"] * across, box["y"] + box["height"] * down) for across, down in places]
    page.mouse.move(x, y)
    page.mouse.down()
    for across, down in rest:
        page.mouse.move(across, down, steps=4)
    page.mouse.up()


def _measure_charts(report: Report, browser: Browser, runs: int) -> None:
    data = ensure(VERSIONS)
    with tensorboard(data.logs, "--versions_models_dir", str(data.models)) as server:
        wait_for_rows(server, VERSIONS)
        for key, name in CHARTS.items():
            measured = _Measured()
            for _ in range(runs):
                with fresh_page(browser) as page:
                    _chart(page, server, name, measured)
            _report_chart(report, key, measured)


def _chart(page: Page, server: Server, name: str, measured: _Measured) -> None:
    open_tab(page, server, "versions")
    frame = tab_frame(page)
    page.wait_for_timeout(3 * _PAUSE_MS)
    frame.evaluate("benchTasks()")
    measured.note("drawn", frame.evaluate("name => benchChart(name)", name) / 1000)
    page.wait_for_timeout(_PAUSE_MS)
    measured.note("longest", max(frame.evaluate("benchTasks()"), default=0.0) / 1000)
    frame.evaluate("window.waiting = benchBrush(); 0")
    # Along the last axis of the parallel coordinates, over a part of the first square of the others.
    selector = ".ex-rail >> nth=-1" if name == CHARTS["parallel"] else ".ex-frame"
    places = [(0.99, 0.2), (0.99, 0.4)] if name == CHARTS["parallel"] else [(0.2, 0.2), (0.6, 0.6)]
    _drag(page, frame, selector, places)
    measured.note("brush", frame.evaluate("window.waiting") / 1000)
    page.wait_for_timeout(_PAUSE_MS)
    measured.note("longest_brush", max(frame.evaluate("benchTasks()"), default=0.0) / 1000)


def _report_chart(report: Report, key: str, measured: _Measured) -> None:
    figures = [(name, [Sample(value) for value in measured.figures[name]]) for name in measured.figures]
    said = {
        "drawn": (DRAWN, "from the click on the chart's name to the last version drawn"),
        "longest": (LONGEST, "any task while it is loaded and drawn"),
        "brush": (None, ""),
        "longest_brush": (LONGEST, "any task while a range is drawn and the table filtered"),
    }
    for name, samples in figures:
        limit, limit_of = said[name]
        worst = [max(samples, key=lambda sample: sample.wall)] if name.startswith("longest") else samples
        report.add(f"comparing.{key}.{name}", worst, versions=VERSIONS, limit=limit, limit_of=limit_of)
