"""A notebook, run by a real kernel and saved as HTML, is opened when the kernel is dead (issue 14, acceptance 1)."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

import tb_versions as tbv
from tests.browser.conftest import new_context, watch
from tests.browser.hostile_world import World, write_world
from tests.browser.tab import Tab
from tests.support import hostile
from tests.support.quick import without_tensorflow
from tests.support.world import World as Written

pytestmark = pytest.mark.slow

nbformat = pytest.importorskip("nbformat")
nbclient = pytest.importorskip("nbclient")
nbconvert = pytest.importorskip("nbconvert")

SETTLES = 300
"""Seconds that a cell may take on a slow and busy machine."""

CELLS = (
    "import tb_versions as tbv\nversions = tbv.versions('models', logdir='logs')\nversions",
    "versions['digits@production']",
    "versions.compare(['digits:1', 'digits@production'])",
    "versions.metrics()",
    "tbv.show(versions, title='In a cell')",
    "tbv.show(versions.compare(['digits:1', 'digits@production']))",
)


def run(cells: tuple[str, ...], folder: Path) -> Any:
    """The notebook of these cells, run in a folder by a kernel that is gone afterwards."""
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    client = nbclient.NotebookClient(
        made, timeout=SETTLES, kernel_name="python3", resources={"metadata": {"path": os.fspath(folder)}}
    )
    client.execute()
    return made


def saved(notebook: Any, path: Path, theme: str = "light") -> Path:
    """The notebook as nbconvert saves it, without the scripts for formulas that its template loads from elsewhere."""
    exporter = nbconvert.HTMLExporter(theme=theme, mathjax_url="data:,", require_js_url="data:,")
    body, _ = exporter.from_notebook_node(notebook)
    path.write_text(body, encoding="utf-8")
    return path


def write_digits(folder: Path) -> Written:
    """Three versions of a run with a curve; the second is in production."""
    world = Written(folder)
    world.scalars("cnn", "val_accuracy", [(step, 1 - 0.5 / step) for step in range(1, 40)])
    for number, step in ((1, 5), (2, 20), (3, 30)):
        metrics = (tbv.Metric(name="val_accuracy", value=1 - 0.5 / step, goal="max", source="log"),)
        world.version("digits", number, run="cnn", step=step, metrics=metrics, hyperparameters={"lr": 0.1 * number})
    world.close()
    tbv.promote("digits:2", world.models, alias="production", reason="best")
    return world


@dataclass
class Saved:
    """A notebook with its outputs, and as HTML."""

    notebook: Any
    folder: Path


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Saved:
    """The notebook over three versions."""
    folder = tmp_path_factory.mktemp("notebook")
    write_digits(folder)
    notebook = run(CELLS, folder)
    return Saved(notebook, folder)


@pytest.fixture
def opened(report: Saved, browser: Browser, complaints: list[str], request: pytest.FixtureRequest) -> Iterator[Page]:
    """The HTML in a fresh profile without network; it must neither complain nor ask for anything."""
    theme = getattr(request, "param", "light")
    path = saved(report.notebook, report.folder / f"{theme}.html", theme)
    context = new_context(browser, color_scheme=theme)
    context.set_offline(True)
    page = context.new_page()
    watch(page, complaints)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path.as_uri())
    yield page
    assert complaints == [], "the page complained"
    assert [url for url in asked if not url.startswith((path.as_uri(), "about:", "data:", "blob:"))] == []
    context.close()


def test_every_output_has_text_too(report: Saved) -> None:
    for cell in report.notebook.cells:
        (output,) = cell.outputs
        assert output.output_type == "execute_result", output
        assert set(output.data) == {"text/plain", "text/html"}
        assert len(output.data["text/plain"]) < 20_000


@pytest.mark.parametrize("opened", ["light", "dark"], indirect=True)
def test_table_and_words_are_there(opened: Page) -> None:
    table = opened.locator("table").first
    expect(table.locator("tbody tr")).to_have_count(3)
    expect(table.locator("tbody tr").nth(1)).to_contain_text("production")
    expect(opened.get_by_text("3 versions of 1 model")).to_be_visible()
    expect(opened.get_by_text(re.compile("^digits 1 has .* lower val_accuracy than digits 2"))).to_be_visible()
    is_dark = opened.url.endswith("dark.html")
    shade = int(re.findall(r"\d+", table.locator("td").first.evaluate("cell => getComputedStyle(cell).color"))[0])
    assert shade > 200 if is_dark else shade < 60  # as the notebook's own words


class Cell(Tab):
    """The page in a cell's frame."""

    def __init__(self, page: Page, place: int) -> None:
        self.page = page
        self.inside = page.frame_locator("iframe").nth(place)


def test_the_page_in_the_cell_works(opened: Page) -> None:
    cell = Cell(opened, 0)
    cell.wait()
    expect(cell.inside.get_by_role("heading", name="In a cell")).to_be_visible()
    expect(cell.rows).to_have_count(3)
    cell.filter.fill("val_accuracy > 0.95")
    cell.filter.press("Enter")
    expect(cell.rows).to_have_count(2)
    cell.open_version("digits:3")
    cell.expect_version("digits:3")


def test_the_comparison_in_the_cell_works(opened: Page) -> None:
    cell = Cell(opened, 1)
    cell.wait()
    expect(cell.inside.locator(".cmp")).to_contain_text("val_accuracy")
    opened.locator("iframe").nth(1).scroll_into_view_if_needed()
    expect(cell.inside.locator(".cmp canvas, .cmp svg").first).to_be_attached()


@pytest.fixture(scope="module")
def hostile_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A catalog full of hostile text."""
    with hostile.canary_server() as (canary, hits):
        yield write_world(tmp_path_factory.mktemp("hostile"), canary, hits, None)


def test_hostile_texts_do_nothing(hostile_world: World, browser: Browser, complaints: list[str]) -> None:
    folder = hostile_world.experiment.models.parent
    shows = "versions.filter('model = hostile')", "versions.filter('model = hostile')[0]", "versions.metrics()"
    cells = (
        "import tb_versions as tbv\nversions = tbv.versions('models', 'logs')\nversions",
        *shows,
        "tbv.show(versions)",
    )
    path = saved(run(cells, folder), folder / "hostile.html")
    context = new_context(browser)
    context.add_init_script("window.pwned = []; window.alert = (...words) => window.pwned.push(words);")
    page = context.new_page()
    page.goto(path.as_uri())
    expect(page.frame_locator("iframe").locator("table.versions")).to_be_visible()
    tables = page.evaluate("document.querySelectorAll('table, table *').length")
    assert tables > 100
    ours = ".jp-OutputArea-output :is(script, img, svg, iframe, a, style, link, form, object, embed)"
    assert page.evaluate("ours => [...document.querySelectorAll(ours)].map(each => each.title)", ours) == ["Versions"]
    assert [frame.evaluate("window.pwned") for frame in page.frames if frame.url != "about:blank"][:1] == [[]]
    assert hostile_world.hits == []
    context.close()


MAGIC = """
%load_ext tensorboard
%tensorboard --logdir logs --versions_models_dir models --port 0
""".strip()

ASK = """
import json, urllib.request
from tensorboard import manager
(info,) = manager.get_all()
with urllib.request.urlopen(f"http://localhost:{info.port}/data/plugin/versions/models", timeout=60) as answer:
    told = json.load(answer)
print(json.dumps(told))
""".strip()


def test_the_tab_in_a_cell_serves_the_versions(
    tmp_path: Path, project_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_digits(tmp_path)
    monkeypatch.setenv("TMPDIR", os.fspath(tmp_path))  # where TensorBoard's manager keeps what runs
    stop = "import os, signal\nos.kill(info.pid, signal.SIGTERM)"
    with without_tensorflow(tmp_path):
        # The magic takes PYTHONPATH away from TensorBoard, which then would load TensorFlow.
        binary = tmp_path / "tensorboard.sh"
        path = f"{os.environ['PYTHONPATH']}:{project_root}"
        binary.write_text(f'#!/bin/sh\nPYTHONPATH="{path}" exec "{sys.executable}" -m tensorboard.main "$@"\n')
        binary.chmod(0o755)
        monkeypatch.setenv("TENSORBOARD_BINARY", os.fspath(binary))
        notebook = run((MAGIC, ASK, stop), tmp_path)
    (printed,) = notebook.cells[1].outputs
    told = json.loads(printed.text)
    assert "digits" in json.dumps(told)
    assert any("iframe" in str(output.get("data")) for output in notebook.cells[0].outputs)
