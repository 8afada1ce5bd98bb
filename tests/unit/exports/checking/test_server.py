from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tb_versions.errors import AlteredExportError, StorageError
from tb_versions.exports.checking.examining import examine
from tb_versions.exports.checking.server import ExportServer, served_files
from tb_versions.exports.container import HEAD, Export
from tb_versions.exports.page import frame as page
from tb_versions.exports.page.site import index_of, script_file, section_file
from tests.support import sharing
from tests.support.effort import HANGS


@pytest.fixture
def export() -> Export:
    return sharing.shared([])


@pytest.fixture
def site(tmp_path: Path, export: Export) -> Path:
    made = sharing.write_site(tmp_path / "site", export)
    (made / "notes.txt").write_text("secret")
    (tmp_path / "secret.txt").write_text("secret")
    return made


def running(
    path: Path, host: str = "127.0.0.1", report: Callable[[str], object] = print, *, verified: bool = True
) -> Iterator[ExportServer]:
    with ExportServer(served_files(examine(path), verified=verified), host, 0, report) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def server(site: Path) -> Iterator[ExportServer]:
    yield from running(site)


def ask(
    server: ExportServer, path: str, *, method: str = "GET", host: str | None = None
) -> tuple[http.client.HTTPResponse, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=HANGS)
    connection.putrequest(method, path, skip_host=True)
    for value in [f"127.0.0.1:{server.server_port}"] if host is None else host.split("|"):
        connection.putheader("Host", value)
    connection.endheaders()
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response, body


def test_a_folder_is_served_file_by_file(server: ExportServer, site: Path) -> None:
    for name in sharing.files_of(site):
        response, body = ask(server, f"/{name}")
        assert (response.status, body) == (200, (site / name).read_bytes())
    response, body = ask(server, "/?x=1")
    assert (response.status, body) == (200, (site / "index.html").read_bytes())


def test_of_one_file_the_sections_are_served_in_our_own_page(tmp_path: Path, export: Export) -> None:
    share = sharing.write_html(tmp_path / "share.html", export)
    share.write_bytes(sharing.resealed(share.read_bytes().replace(b"<body>", b"<body onload=alert(1)>")))
    for server in running(share):
        response, body = ask(server, "/")
        assert body == index_of(export, page.read_script())
        assert response.headers["Content-Security-Policy"] == page.folder_policy() + "; frame-ancestors 'none'"
        for name in export.names:
            assert ask(server, f"/{section_file(name, export.head['sections'][name])}")[1] == export.packed(name)
        assert ask(server, "/share.html")[0].status == 404


def test_a_page_and_a_script_that_were_replaced_are_not_served(site: Path, export: Export) -> None:
    script = page.read_script()
    index = (site / "index.html").read_bytes()
    (site / "index.html").write_bytes(index.replace(b"<body>", b"<body onload=alert(1)>"))
    (site / script_file(script)).write_bytes(b"alert(1)")
    for server in running(site):
        assert ask(server, "/")[1] == index
        assert ask(server, f"/{script_file(script)}")[1] == script


def test_headers_let_nothing_in_or_out(server: ExportServer) -> None:
    for path in ("/", "/nothing"):
        headers = ask(server, path)[0].headers
        assert headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'")
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "Python" not in headers["Server"]


@pytest.mark.parametrize(
    "path",
    [
        "/notes.txt", "/../secret.txt", "/data/../../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt",
        "//etc/passwd", "/etc/passwd", "/data", "/data/", "/index.html/", "/./index.html", "/index.html%00",
        "/data\\x", "http://127.0.0.1/", "/INDEX.HTML", "*", "/__proto__", "/" + "x" * 5_000,
    ],
)  # fmt: skip
def test_nothing_else_is_given_out(server: ExportServer, path: str) -> None:
    response, body = ask(server, path)
    assert response.status == 404
    assert b"secret" not in body
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "WAT"])
def test_only_reading_methods_are_answered(server: ExportServer, method: str) -> None:
    response, body = ask(server, "/", method=method)
    assert (response.status, response.headers["Allow"]) == (405, "GET, HEAD")
    assert body == b"Only GET and HEAD are answered.\n"


def test_head_has_no_body(server: ExportServer) -> None:
    response, body = ask(server, "/", method="HEAD")
    assert (response.status, body) == (200, b"")
    assert int(response.headers["Content-Length"]) > 100


def test_only_names_of_this_computer_are_answered(server: ExportServer) -> None:
    port = server.server_port
    for host in (f"localhost:{port}", f"[::1]:{port}", f"127.0.0.1:{port}"):
        assert ask(server, "/", host=host)[0].status == 200
    for host in (
        "evil.example",
        f"evil.example:{port}",
        "127.0.0.1",
        f"127.0.0.1:{port + 1}",
        f"127.0.0.1.evil.example:{port}",
        "",
        f"localhost:{port}|evil.example",
    ):
        response, body = ask(server, "/", host=host)
        assert (response.status, response.headers["Content-Type"]) == (403, "text/plain; charset=utf-8")
        assert b"for this computer only" in body


def test_who_listens_for_others_answers_to_any_name(site: Path) -> None:
    for server in running(site, host="0.0.0.0"):
        assert ask(server, "/", host="lab.example")[0].status == 200


@pytest.mark.parametrize(
    "request_",
    [b"", b"\r\n\r\n", b"GET\r\n\r\n", b"\0\xff\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"A" * 70_000 + b"\r\n"],
)
def test_broken_requests_end_no_server(server: ExportServer, request_: bytes) -> None:
    with socket.create_connection(("127.0.0.1", server.server_port), timeout=HANGS) as connection:
        connection.sendall(request_)
        connection.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: connection.recv(65_536), b""))
    assert b"200 OK" not in answer
    assert ask(server, "/")[0].status == 200


def test_a_file_that_went_away_is_an_error_of_its_own(server: ExportServer, site: Path, export: Export) -> None:
    name = section_file("facts", export.head["sections"]["facts"])
    (site / name).unlink()
    response, body = ask(server, f"/{name}")
    assert response.status == 500
    assert body.startswith(b"This file of the export was altered or can't be read")
    assert b"/" not in body
    assert ask(server, "/")[0].status == 200


def test_what_was_examined_is_what_is_given_out(site: Path, export: Export) -> None:
    told: list[str] = []
    name = section_file("facts", export.head["sections"]["facts"])
    index = (site / "index.html").read_bytes()
    head = (site / section_file(HEAD, export.digest)).read_bytes()
    for server in running(site, report=told.append):
        for path in ("index.html", name, section_file(HEAD, export.digest)):
            (site / path).write_bytes(b"SWAPPED")
        for _ in range(2):
            response, body = ask(server, f"/{name}")
            assert (response.status, b"SWAPPED" in body) == (500, False)
        assert ask(server, "/")[1] == index
        assert ask(server, f"/{section_file(HEAD, export.digest)}")[1] == head
    assert told == ['The section "facts" was altered since the export: its digest differs.']


def test_who_wants_it_unverified_gets_it_as_it_is(site: Path, export: Export) -> None:
    name = section_file("facts", export.head["sections"]["facts"])
    (site / name).write_bytes(b"SWAPPED")
    for server in running(site, verified=False):
        assert ask(server, f"/{name}")[1] == b"SWAPPED"


def test_a_port_in_use_is_a_sentence(server: ExportServer) -> None:
    with pytest.raises(StorageError, match=r"Address already in use\. Choose another port"):
        ExportServer(server.files, "127.0.0.1", server.server_port)
    with pytest.raises(StorageError, match="Choose another host"):
        ExportServer(server.files, "no.such.host.invalid", 0)


def test_an_export_whose_head_was_altered_is_never_shown(site: Path, export: Export) -> None:
    (site / section_file(HEAD, export.digest)).write_bytes(b"x")
    with pytest.raises(AlteredExportError, match="was altered so that it can't be shown"):
        served_files(examine(site), verified=False)
