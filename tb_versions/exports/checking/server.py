"""Shows an export in the browser of this computer: a small server that serves the export's sections and our own page.

What may be asked for is a list made at the start; a request picks from it and names no path. A section's digest is
computed anew each time. The page is the one that is installed here, so no script of the export runs. Only GET and HEAD
are answered, and only if the request calls the server by a name of this computer. So a page of another site whose name
was made to lead here (DNS rebinding) gets nothing.
"""

from __future__ import annotations

import http.server
import socket
import socketserver
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Any

from tb_versions.errors import AlteredExportError, InvalidExportError, StorageError, TbVersionsError
from tb_versions.exports.checking.examining import Examination
from tb_versions.exports.container import HEAD, Export
from tb_versions.exports.page import frame as page
from tb_versions.exports.page import site
from tb_versions.exports.tensorboard_dev.page import export_of_experiment

LOOPBACK = ("127.0.0.1", "localhost", "::1")
"""Names of this computer that other computers can't call."""

_UNREADABLE = "This file of the export was altered or can't be read. The terminal that serves the export says why."
_HTML = "text/html; charset=utf-8"
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": f"{page.folder_policy()}; frame-ancestors 'none'",
}


@dataclass(frozen=True)
class Served:
    """One file: its media type, and what reads its bytes (which may raise TbVersionsError)."""

    media_type: str
    read: Callable[[], bytes]


def served_files(found: Examination, *, verified: bool = True) -> dict[str, Served]:
    """Returns what is served of an export that was examined: request path to file; "/" is the page.

    Args:
        found: The export.
        verified: Whether sections that were altered are refused, also those altered later.

    Raises:
        AlteredExportError: Its head can't be read.
        InvalidExportError: It has TensorBoard.dev's layout, and can't be read; or it is an OCI image layout.
        StorageError: The page is not installed.
    """
    if found.form == "oci":
        raise InvalidExportError(f"{found.path} is an OCI image layout: it holds a model, and no page to show.")
    export = export_of_experiment(found.experiment) if found.experiment else found.export
    if export is None:
        raise AlteredExportError(f"{found.path} was altered so that it can't be shown: {' '.join(found.altered)}")
    script = page.read_script()
    index = Served(_HTML, partial(site.index_of, export, script))
    files = {"/": index, f"/{site.INDEX}": index}
    files[f"/{site.script_file(script)}"] = Served("text/javascript; charset=utf-8", lambda: script)
    for name, digest in {HEAD: export.digest, **export.head["sections"]}.items():
        read = partial(_section, export, name, verified)
        files[f"/{site.section_file(name, digest)}"] = Served("application/octet-stream", read)
    return files


def _section(export: Export, name: str, verified: bool) -> bytes:
    return export.packed_head if name == HEAD else export.packed(name, verified=verified)


class ExportServer(socketserver.ThreadingMixIn, http.server.HTTPServer):
    """Serves some files; `serve_forever` works until `shutdown`."""

    daemon_threads = True

    def __init__(
        self, files: Mapping[str, Served], host: str, port: int, report: Callable[[str], object] = lambda _: None
    ) -> None:
        """Listens.

        Args:
            files: What is served, by request path.
            host: Name or address to listen on.
            port: 0 to 65535; 0 takes any that is free.
            report: Is called once with each sentence on why a file can't be served: it names folders of this computer.

        Raises:
            StorageError: The port is in use, or there is no such host.
        """
        self.files = files
        self.host = host
        self._report, self._reported = report, set[str]()
        try:
            family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
            self.address_family = family
            super().__init__(address[:2], _Handler)  # type: ignore[arg-type]
        except (OSError, UnicodeError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            other = "Choose another port, or leave it out to get any free one." if port else "Choose another host."
            where = f"{_in_url(host)}:{port}" if port else _in_url(host)
            raise StorageError(f"Can't listen at {where}: {reason}. {other}") from error
        names = LOOPBACK if host in LOOPBACK else ()
        self.hosts = frozenset(f"{_in_url(name)}:{self.server_port}" for name in names)

    def server_bind(self) -> None:
        """Binds without looking up the computer's name, which asks the network."""
        socketserver.TCPServer.server_bind(self)
        self.server_name = self.host
        self.server_port = int(self.server_address[1])

    @property
    def url(self) -> str:
        """Address of the page."""
        return f"http://{_in_url(self.host)}:{self.server_port}/"

    def report(self, sentence: str) -> None:
        """Reports a sentence where the server was started, once."""
        if sentence not in self._reported:
            self._reported.add(sentence)
            self._report(sentence)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Does not report a browser that closed the connection."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


class _Handler(http.server.BaseHTTPRequestHandler):
    """Answers one request."""

    server: ExportServer
    server_version = "tb-versions"
    sys_version = ""
    timeout = 30  # seconds; a client that sends nothing holds no thread for ever

    def do_GET(self) -> None:
        if self.server.hosts and self.headers.get_all("Host", []) not in [[host] for host in self.server.hosts]:
            self.send_error(HTTPStatus.FORBIDDEN, f"This address is for this computer only: open {self.server.url}")
            return
        path = self.path.partition("?")[0]
        if path == "/favicon.ico":
            self._send(HTTPStatus.NO_CONTENT, "", b"")
        elif path in self.server.files:
            self._send_file(self.server.files[path])
        else:
            self.send_error(HTTPStatus.NOT_FOUND, "The export has no such file.")

    do_HEAD = do_GET  # noqa: N815 - the base class's name

    def _send_file(self, file: Served) -> None:
        try:
            content = file.read()
        except TbVersionsError as error:
            self.server.report(str(error))
            self.send_error(HTTPStatus.INTERNAL_SERVER_ERROR, _UNREADABLE)
            return
        self._send(HTTPStatus.OK, file.media_type, content)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:  # noqa: ARG002
        """Answers with a sentence as plain text; the base class calls it too."""
        self.close_connection = True
        status, sentence = HTTPStatus(code), message or HTTPStatus(code).phrase
        if status == HTTPStatus.NOT_IMPLEMENTED:  # what the base class says of a method that has no function here
            status, sentence = HTTPStatus.METHOD_NOT_ALLOWED, "Only GET and HEAD are answered."
        self._send(status, "text/plain; charset=utf-8", f"{sentence}\n".encode("utf-8", "replace"))

    def _send(self, status: HTTPStatus, media_type: str, content: bytes) -> None:
        self.send_response(status)
        for name, value in _HEADERS.items():
            self.send_header(name, value)
        if status == HTTPStatus.METHOD_NOT_ALLOWED:
            self.send_header("Allow", "GET, HEAD")
        if media_type:
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Logs nothing: the terminal is the user's, and the request is untrusted."""
