"""Static files: exactly those of the built front end, nothing else of the machine."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.world import PREFIX, Site, World

SECRET = b"nobody may read this"

PATHS = (
    "../secret.txt", "../../secret.txt", "sub/../../secret.txt", "./../secret.txt", "/../secret.txt", "//secret.txt",
    "%2e%2e/secret.txt", "%2e%2e%2fsecret.txt", "..%2fsecret.txt", "%252e%252e/secret.txt", "%252e%252e%252fsecret.txt",
    "..;/secret.txt", "..%3b/secret.txt", "..\\secret.txt", "..%5csecret.txt", "%5c..%5csecret.txt", "....//secret.txt",
    "..%00/secret.txt", "../secret.txt%00.js", "index.js%00", "index.js/../../secret.txt", "%c0%ae%c0%ae/secret.txt",
    "%e0%80%ae%e0%80%ae/secret.txt", "..%c0%afsecret.txt", "%uff0e%uff0e/secret.txt", "．．/secret.txt",
    "ABSOLUTE", "/ABSOLUTE", "//ABSOLUTE", "%2fABSOLUTE", "file://ABSOLUTE", "file:%2f%2fABSOLUTE",
    "http://127.0.0.1/secret.txt", "\\\\host\\share\\secret.txt", "C:\\secret.txt", "~/secret.txt", "~root/.profile",
    "link.txt", "link/secret.txt", "sub/link.txt", "etc/passwd", "../../../../../../../../etc/passwd", "/etc/passwd",
    "%2fetc%2fpasswd", "/proc/self/environ", "", ".", "..", "sub", "sub/", "index.js/", "INDEX.JS",
    "index.js%23x/../..",
    "index.js%20", " index.js", "index.js.", "index%2ejs%3f", "*", "**", "?", "[i]ndex.js", "index.js::$DATA",
)  # fmt: skip


@pytest.fixture
def tab(world: World, site: Callable[..., Site], monkeypatch: pytest.MonkeyPatch) -> Site:
    static = world.base / "package" / "static"
    (static / "sub").mkdir(parents=True)
    (static / "index.js").write_text("export function render() {}\n")
    (static / "sub" / "chunk.css").write_text("a{}")
    for secret in (world.base / "secret.txt", world.base / "package" / "secret.txt"):
        secret.write_bytes(SECRET)
    (static / "link.txt").symlink_to(world.base / "secret.txt")
    (static / "sub" / "link.txt").symlink_to("../../secret.txt")
    (static / "link").symlink_to(world.base)
    monkeypatch.setattr("tb_versions.plugin.plugin.STATIC", static)
    return site()


def test_no_path_leads_out_of_the_static_files(tab: Site, world: World) -> None:
    outside = 0
    for template in PATHS:
        path = template.replace("ABSOLUTE", str(world.base / "secret.txt"))
        for method in ("GET", "HEAD"):
            response = tab.client.open(f"{PREFIX}/static/{path}", method=method)
            assert response.status_code in (301, 308, 404), (path, response.status)
            outside += SECRET in response.get_data() or b"root:" in response.get_data()
    print(f"traversal: {len(PATHS)} paths, {outside} bytes from outside")
    assert outside == 0


def test_the_files_themselves_are_served_by_their_type(tab: Site) -> None:
    script = tab.get("/static/index.js")
    assert (script.status_code, script.get_data()) == (200, b"export function render() {}\n")
    assert script.headers["Content-Type"].startswith("application/javascript")
    assert tab.get("/static/sub/chunk.css").headers["Content-Type"].startswith("text/css")
    assert tab.get("/static/sub%2fchunk.css").status_code == 200


def test_a_missing_file_is_named(tab: Site) -> None:
    assert tab.json("/static/none%1b.js", status=404) == {"error": 'There is no file "none\\u{1b}.js".'}


def test_the_built_front_end_is_served_whole(world: World, site: Callable[..., Site]) -> None:
    from tb_versions.plugin.plugin import STATIC

    files = [path for path in STATIC.rglob("*") if path.is_file()] if STATIC.is_dir() else []
    if not files:
        pytest.skip("the front end is not built")
    tab = site()
    for path in files:
        response = tab.get(f"/static/{path.relative_to(STATIC).as_posix()}")
        assert response.status_code == 200
        assert hashlib.sha256(response.get_data()).digest() == hashlib.sha256(path.read_bytes()).digest()


def test_the_entry_page_names_the_module(tab: Site) -> None:
    page = tab.client.get("/data/plugin_entry.html?name=versions")
    assert page.status_code == 200
    assert b"/static/index.js" in page.get_data()
    assert Path("index.js").suffix == ".js"
