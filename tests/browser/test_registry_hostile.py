"""Whatever a log says is text, in the tab and in an export: reasons, actors, notes, labels, sources (F1)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

import tb_versions as tbv
from tb_versions.core.manifest import check_text
from tb_versions.errors import InvalidManifestError
from tb_versions.registry import events
from tb_versions.registry.gate_facts import Finding, SeenBaseline
from tests.browser.conftest import new_context, watch
from tests.browser.exported import ExportedPage, write_export
from tests.browser.hostile_world import WATCH_ELEMENTS, World, check, drawn, go
from tests.browser.tab import Tab
from tests.support import hostile
from tests.support.chronicle import Chronicle
from tests.support.written import Experiment, plain_manifest

pytestmark = pytest.mark.slow

_SUSPICIOUS = "#versions :is(script, img, iframe, object, embed, video, audio, form, link, style, meta, base)"


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Three versions of which a log says such texts in every field."""
    with hostile.canary_server() as (canary, hits):
        experiment = Experiment(tmp_path_factory.mktemp("told"))
        texts = [text for text in hostile.strings(canary) if _may_be_said(text)]
        for number in (1, 2, 3, 4):
            experiment.write_raw("digits", number, plain_manifest("digits", number, **_measured(texts)))
        digits = Chronicle(experiment.models / "digits")
        for text in texts:
            _say_everywhere(digits, text)
        digits.say("alias_set", 1, events.AliasSet("production"), actor=texts[0][:256], reason=texts[0])
        digits.say("deprecated", 2, actor=texts[1][:256], reason=texts[1])
        digits.say("removed", 4, events.Removed(by=texts[2][:256]), actor=texts[2][:256], reason=texts[2])
        digits.remove(4)
        for number, text in enumerate(texts[:40]):
            name = text[:200].strip()
            tbv.record(
                f"digits:{1 + number % 3}",
                experiment.models,
                {f"{name} .": 0.5 + number},
                dataset=name,
                slice=name,
                source=name,
                actor=name,
            )
        yield World(experiment, texts, 3, 3, hits)


def _may_be_said(text: str) -> bool:
    try:
        return bool(check_text(text, "It", limit=1_000, newlines=False).strip())
    except InvalidManifestError:
        return False


def _measured(texts: list[str]) -> dict[str, object]:
    """Slices of such names, and a tracker that says such things."""
    names = [text[:200].strip() for text in texts]
    metrics = [{"name": "accuracy", "goal": "MAX", "value": 0.5, "dataset": "test", "slice": name} for name in names]
    metrics += [{"name": "loss", "goal": "MIN", "value": 0.5, "dataset": name, "slice": name} for name in names]
    imported = {"tracker": names[0], "store": names[1], "key": names[2], "model": names[3], "version": names[4]}
    said = {
        "files": "LINKED",
        "notes": texts[:100],
        "modelDescription": texts[5],
        "modelLabels": dict.fromkeys(names, "x"),
    }
    return {"metrics": metrics, "imported": {**imported, **said}}


def _say_everywhere(digits: Chronicle, text: str) -> None:
    short = text[:256]
    digits.say("noted", 1, events.Text(text), actor=short, reason=text)
    digits.say("described", 3, events.Text(text), actor=short, reason=text)
    digits.say("label_set", 3, events.LabelSet(f"{short[:250]} .", text), actor=short, reason=text)
    digits.say("approved", 3, actor=short, reason=text)
    digits.say("deployed", 3, events.Deployed(text), actor=short, reason=text)
    digits.say("verified", 3, events.Verified(ok=False, how=text[:64], found=text), actor=short, reason=text)
    digits.say("copied", 3, events.Copied(text), actor=short, reason=text)
    texts = dict.fromkeys(("rule", "wanted", "found", "why", "baseline"), text[:512])
    findings = tuple(Finding(verdict=verdict, **texts) for verdict in ("failed", "not known"))
    baselines = (SeenBaseline(text[:400], text[:100]),)
    said = {"sources": (short,), "baselines": baselines, "required": (f"label:{short}",), "findings": findings}
    digits.say("gate_checked", 3, events.GateChecked("release", passed=False, on=short, **said), actor=short)
    digits.say("gate_passed", 3, actor=short, reason=text, raw=json.dumps({"gate": text}).encode())


@pytest.fixture(params=["tab", "export"])
def page_of_all(
    request: pytest.FixtureRequest,
    told: World,
    browser: Browser,
    complaints: list[str],
    quick_server: Callable[..., object],
    tmp_path: Path,
) -> Iterator[tuple[Tab, World]]:
    """The tab or an exported page, which notes what must not be there."""
    context = new_context(browser, viewport={"width": 1440, "height": 900})
    context.add_init_script(WATCH_ELEMENTS)
    page = context.new_page()
    watch(page, complaints)
    world = replace(told, foreign=[])
    logs, _, models = told.experiment.arguments
    if request.param == "tab":
        server = quick_server(*told.experiment.arguments)
        ours, tab = (server.url,), Tab(page, server)  # type: ignore[attr-defined]
    else:
        arguments = ("--logdir", logs, "--models-dir", models, "--include", "actors,hosts,paths")
        file = write_export(tmp_path / "told.html", *arguments)
        ours, tab = (file.as_uri(),), ExportedPage(page, file.as_uri())
    page.on(
        "request",
        lambda asked: asked.url.startswith((*ours, "data:", "blob:", "about:")) or world.foreign.append(asked.url),
    )
    yield tab, world
    context.close()
    if request.param == "tab":
        server.stop()  # type: ignore[attr-defined]


def test_in_the_history_the_panel_and_the_table(page_of_all: tuple[Tab, World], complaints: list[str]) -> None:
    tab, world = page_of_all
    tab.open()  # with no view, so that what is inserted is watched from the beginning
    go(tab.page, panel="history", wd="1")
    rows = tab.inside.locator(".hi-event")
    expect(rows.first).to_be_visible()
    for _ in range(len(world.texts)):
        more = tab.inside.get_by_role("button", name=re.compile("older|more", re.IGNORECASE))
        if not more.count():
            break
        before = rows.count()
        more.first.click()
        expect(rows).not_to_have_count(before)
    drawn(tab)
    print(f"{rows.count()} events shown")
    assert rows.count() > 100
    assert tab.inside.locator(_SUSPICIOUS).count() == 0
    for number in (1, 2, 3, 4):
        go(tab.page, v=f"digits:{number}", wd="1")
        tab.expect_version(f"digits:{number}")
        drawn(tab)
        assert tab.inside.locator(_SUSPICIOUS).count() == 0
        tab.show("History")
        drawn(tab)
        assert tab.inside.locator(_SUSPICIOUS).count() == 0
        for name in ("overview", "slices", "raw"):
            go(tab.page, v=f"digits:{number}", tab=name, wd="1")
            drawn(tab)
            tab.detail.locator("details").evaluate_all("all => { for (const it of all) it.open = true; }")
            drawn(tab)
            assert tab.inside.locator(_SUSPICIOUS).count() == 0
    go(tab.page, cmp="digits:1,digits:3", all="1")
    expect(tab.inside.get_by_role("table", name=re.compile("^Differences"))).to_be_visible()
    drawn(tab)
    assert tab.inside.locator(_SUSPICIOUS).count() == 0
    check(tab, world, complaints, "what logs say")
