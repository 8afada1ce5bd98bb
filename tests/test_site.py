"""The documentation site has everything, needs no network, and leads nowhere that is not there."""

from __future__ import annotations

import html
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

import tb_versions

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site."""
    out = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", out],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return out


def pages(site: Path) -> list[Path]:
    return sorted(path for path in site.rglob("*.html") if path.name != "404.html")


def links(page: Path) -> set[str]:
    """Addresses of a page: what it loads, and where it leads."""
    return {html.unescape(link) for link in re.findall(r'(?:href|src)="([^"]*)"', page.read_text())}


def test_every_document_is_a_page_that_the_navigation_leads_to(site: Path) -> None:
    documents = {path.relative_to(DOCS).with_suffix("").as_posix() for path in DOCS.rglob("*.md")}
    expected = {re.sub(r"README$", "index", name) for name in documents} | {
        "CONTRIBUTING",
        "SECURITY",
        "CHANGELOG",
        "python",
        "http-reference",
    }
    _, _, navigation = (site / "index.html").read_text().partition('<nav class="md-nav md-nav--primary')
    led_to = {link.removesuffix(".html") for link in re.findall(r'href="([^"#]+)" class="md-nav__link', navigation)}
    assert expected <= led_to


def test_no_link_of_the_site_is_dead(site: Path) -> None:
    dead = []
    for page in pages(site):
        for link in links(page):
            parts = urlsplit(link)
            target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            if not parts.scheme and not target.exists():
                dead.append((page.name, link))
    assert dead == []


def test_no_page_loads_anything_from_elsewhere(site: Path) -> None:
    loading = [
        (page.name, tag)
        for page in pages(site)
        for tag in re.findall(r"<(?:script|img|iframe|link)\b[^>]*>", page.read_text())
        if re.search(r'(?:src|href)="(?:https?:)?//', tag) and 'rel="canonical"' not in tag
    ]
    assert loading == []
    styles = [path for path in site.rglob("*.css") if re.search(r"url\(\s*[\"']?(?:https?:)?//", path.read_text())]
    assert styles == []


def test_the_search_finds_a_guide_a_route_and_a_docstring(site: Path) -> None:
    index = json.loads((site / "search" / "search_index.json").read_text())
    found = {entry["location"].partition("#")[0] for entry in index["docs"]}
    assert {"guides/filter.html", "http-reference.html", "python.html"} <= found


def test_every_public_name_is_in_the_python_reference(site: Path) -> None:
    text = (site / "python.html").read_text()
    names = [name for name in tb_versions.__all__ if name != "__version__"]
    anchors = set(re.findall(r'id="tb_versions\.(?:[\w.]+\.)?(\w+)"', text))
    assert [name for name in names if name not in anchors] == []


def test_every_route_is_in_the_http_reference(site: Path) -> None:
    yaml = pytest.importorskip("yaml")
    routes = yaml.safe_load((DOCS / "openapi.yaml").read_text())["paths"]
    text = html.unescape(re.sub(r"<[^>]+>", "", (site / "http-reference.html").read_text()))
    told = [
        f"{method.upper()} {route}" for route, methods in routes.items() for method in methods if method != "parameters"
    ]
    assert [route for route in told if route not in text] == []
