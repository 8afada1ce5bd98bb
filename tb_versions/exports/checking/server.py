"""Shows an export in the browser of this computer: a small server that gives out the export's own files and no other.

What may be asked for is a list made at the start; a request picks from it and names no path. What was examined is what
is given out: a section's digest is computed anew each time. Only GET and HEAD are answered, and only to who calls the
server by a name of this computer: a page elsewhere whose name was made to lead here (DNS rebinding) gets nothing.
"""

from __future__ import annotations

import http.server
import socket
import socketserver
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Any

from tb_versions.errors import AlteredExportError, StorageError, TbVersionsError
from tb_versions.exports.checking.examining import Examination
from tb_versions.exports.container import HEAD, Export
from tb_versions.exports.own_files import read_own_file
from tb_versions.exports.page import frame as page
from tb_versions.exports.page import site
from tb_versions.exports.tensorboard_dev.page import page_of_experiment

LOOPBACK = ("127.0.0.1", "localhost", "::1")
"""Names of this computer that other computers can't call."""

_UNREADABLE = "This file of the export was altered or can't be read; where the export is served from, it says why."
_HTML = "text/html; charset=utf-8"
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}


@dataclass(frozen=True)
class Served:
    """One file: its media type, and what reads its bytes (which may raise TbVersionsError)."""

    media_type: str
    read: Callable[[], bytes]


@dataclass(frozen=True)
class Page:
    """What is served.

    Attributes:
        files: Request path to file; "/" is the page.
        policy: Content security policy of all of them.
    """

    files: Mapping[str, Served]
    policy: str


def page_of(found: Examination, *, verified: bool = True) -> Page:
    """Returns the page of an export that was examined.

    Args:
        found: The export.
        verified: Whether sections that were altered are refused, also those altered later.

    Raises:
        AlteredExportError: Its page can't be told from what was added to it; other changes were the caller's to judge.
        InvalidExportError: It has TensorBoard.dev's layout, and can't be read.
    """
    if found.experiment is not None:
        return page_in_memory([page_of_experiment(found.experiment)], page.read_script())
    if found.script is None or found.export is None or found.content is None:
        raise AlteredExportError(f"{found.path} was altered so that it can't be shown: {' '.join(found.altered)}")
    content = found.content
    if found.form == "html":
        return Page({"/": Served(_HTML, lambda: content)}, page.inline_policy(found.script))
    read = partial(_packed, found.export) if verified else partial(_as_it_is, found.path, found.export)
    return Page(_files_of_folder(content, found.script, found.export, read), page.folder_policy())


def page_in_memory(chunks: Iterable[bytes], script: bytes) -> Page:
    """Returns the page of an export that was never a file; see `html.html_chunks`."""
    content = b"".join(chunks)
    return Page({"/": Served(_HTML, lambda: content)}, page.inline_policy(script))


def _files_of_folder(index: bytes, script: bytes, export: Export, read: Callable[[str], bytes]) -> dict[str, Served]:
    files = {
        "/": Served(_HTML, lambda: index),
        f"/{site.INDEX}": Served(_HTML, lambda: index),
        f"/{site.script_file(script)}": Served("text/javascript; charset=utf-8", lambda: script),
    }
    for name, digest in _digests(export).items():
        files[f"/{site.section_file(name, digest)}"] = Served("application/octet-stream", partial(read, name))
    return files


def _digests(export: Export) -> dict[str, str]:
    return {HEAD: export.digest, **export.head["sections"]}


def _packed(export: Export, name: str) -> bytes:
    return export.packed_head if name == HEAD else export.packed(name)


def _as_it_is(folder: str, export: Export, name: str) -> bytes:
    return read_own_file(folder, site.section_file(name, _digests(export)[name]), site.MAX_SECTION_FILE)


def untold(sentence: str) -> None:
    """Tells nobody."""


class ExportServer(socketserver.ThreadingMixIn, http.server.HTTPServer):
    """Serves one page; `serve_forever` works until `shutdown`."""

    daemon_threads = True

    def __init__(self, shown: Page, host: str, port: int, told: Callable[[str], None] = untold) -> None:
        """Listens.

        Args:
            shown: What is served.
            host: Name or address to listen on.
            port: 0 to 65535; 0 takes any that is free.
            told: Gets, once, each sentence of why a file can't be given out: it names folders of this computer.

        Raises:
            StorageError: The port is in use, or there is no such host.
        """
        self.shown = shown
        self.host = host
        self._told, self._said = told, set[str]()
        try:
            family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
            self.address_family = family
            super().__init__(address[:2], _Handler)  # type: ignore[arg-type]
        except (OSError, UnicodeError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            other = "Choose another one, or none: then any free port is taken." if port else "Choose another host."
            where = f"{_named(host)}:{port}" if port else _named(host)
            raise StorageError(f"Can't listen at {where}: {reason}. {other}") from error
        names = LOOPBACK if host in LOOPBACK else ()
        self.hosts = frozenset(f"{_named(name)}:{self.server_port}" for name in names)

    def server_bind(self) -> None:
        """Binds without looking up the computer's name, which asks the network."""
        socketserver.TCPServer.server_bind(self)
        self.server_name = self.host
        self.server_port = int(self.server_address[1])

    @property
    def url(self) -> str:
        """Address of the page."""
        return f"http://{_named(self.host)}:{self.server_port}/"

    def tell(self, sentence: str) -> None:
        """Says something where the server was started; a sentence that was said is not said again."""
        if sentence not in self._said:
            self._said.add(sentence)
            self._told(sentence)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Says nothing of a browser that went away."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


def _named(host: str) -> str:
    return f"[{host}]" if ":" in host else host


class _Handler(http.server.BaseHTTPRequestHandler):
    """Answers one request."""

    server: ExportServer
    server_version = "tb-versions"
    sys_version = ""
    timeout = 30  # seconds; who sends nothing holds no thread for ever

    def do_GET(self) -> None:
        if self.server.hosts and self.headers.get_all("Host", []) not in [[host] for host in self.server.hosts]:
            self.send_error(HTTPStatus.FORBIDDEN, f"This address is for this computer only: open {self.server.url}")
            return
        path = self.path.partition("?")[0]
        if path == "/favicon.ico":
            self._send(HTTPStatus.NO_CONTENT, "", b"")
        elif path in self.server.shown.files:
            self._send_file(self.server.shown.files[path])
        else:
            self.send_error(HTTPStatus.NOT_FOUND, "The export has no such file.")

    def do_HEAD(self) -> None:
        self.do_GET()

    def _send_file(self, file: Served) -> None:
        try:
            content = file.read()
        except TbVersionsError as error:
            self.server.tell(str(error))
            self.send_error(HTTPStatus.INTERNAL_SERVER_ERROR, _UNREADABLE)
            return
        self._send(HTTPStatus.OK, file.media_type, content)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:  # noqa: ARG002
        """Answers with a sentence as plain text; called by the base class too."""
        self.close_connection = True
        status, sentence = HTTPStatus(code), message or HTTPStatus(code).phrase
        if status == HTTPStatus.NOT_IMPLEMENTED:  # what the base class says of a method that has no function here
            status, sentence = HTTPStatus.METHOD_NOT_ALLOWED, "Only GET and HEAD are answered."
        self._send(status, "text/plain; charset=utf-8", f"{sentence}\n".encode("utf-8", "replace"))

    def _send(self, status: HTTPStatus, media_type: str, content: bytes) -> None:
        self.send_response(status)
        for name, value in _HEADERS.items():
            self.send_header(name, value)
        self.send_header("Content-Security-Policy", f"{self.server.shown.policy}; frame-ancestors 'none'")
        if status == HTTPStatus.METHOD_NOT_ALLOWED:
            self.send_header("Allow", "GET, HEAD")
        if media_type:
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Says nothing: the terminal is the user's, and what a request says is a stranger's."""
