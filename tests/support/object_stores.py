"""An S3 of our own: moto's server behind one lock, which makes it as strict as S3 is, and faults that can be asked for.

moto checks a condition and writes in two steps; with threads two writers could win. With one request at a time each
condition holds. Google Cloud Storage speaks almost the same: `gcs=True` translates its condition.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import os
import signal
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

BUCKET = "bucket"

_SIGNED = "AWS4-HMAC-SHA256 Credential=key/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0"
"""By such a header moto knows that a request is for S3."""

Environ = dict[str, Any]
Start = Callable[..., Any]


@dataclass
class Asked:
    """One request.

    Attributes:
        kind: "GET", "HEAD", "PUT", "DELETE", "POST", or "LIST" for a page of a listing.
        key: Of the object; of a listing its prefix.
    """

    kind: str
    key: str


@dataclass
class Fault:
    """What goes wrong, with which requests.

    Attributes:
        how: "500" or "cut" after the write; "409", "503" or "silent" instead of it.
        on: Whether a request meets it.
        times: How many do.
    """

    how: str
    on: Callable[[Asked], bool]
    times: int = 1


@dataclass
class Buckets:
    """A running server.

    Attributes:
        url: Of the server.
        asked: All requests so far.
        faults: Those to come.
        ignores_conditions: Whether it overwrites in spite of a condition.
    """

    url: str
    asked: list[Asked] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    ignores_conditions: bool = False
    reset: Callable[[], None] = lambda: None
    kills: Counter[str] = field(default_factory=Counter)

    def count(self) -> Counter[str]:
        """How many requests of each kind there were."""
        return Counter(one.kind for one in self.asked)

    @contextlib.contextmanager
    def counting(self) -> Iterator[Counter[str]]:
        """Yields what is filled, at the end, with the requests that were made meanwhile."""
        start, found = len(self.asked), Counter[str]()
        yield found
        found.update(one.kind for one in self.asked[start:])


class _Application:
    """moto behind a lock, with faults."""

    def __init__(self, app: Any, server: Buckets, *, gcs: bool) -> None:
        self._app, self._server, self._gcs = app, server, gcs
        self._lock = threading.Lock()
        self.hold = threading.Event()

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        asked = _asked(environ)
        with self._lock:
            server = self._server
            server.asked.append(asked)
            self._translate(environ)
            if _is_killed(environ, "before", server):
                return _respond(start, "500 Killed")
            fault = next((one for one in server.faults if one.times and one.on(asked)), None)
            if fault is not None:
                fault.times -= 1
                if fault.how in ("409", "503"):
                    word = {"409": "409 Conflict", "503": "503 Slow Down"}[fault.how]
                    code = {"409": "ConditionalRequestConflict", "503": "SlowDown"}[fault.how]
                    environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
                    return _respond(start, word, f"<Error><Code>{code}</Code></Error>".encode())
            answer: list[Any] = []
            body = b"" if fault and fault.how == "silent" else b"".join(self._app(environ, lambda *a: answer.append(a)))
            _is_killed(environ, "after", server)
        if fault is not None and fault.how == "500":
            return _respond(start, "500 Internal Server Error", b"<Error><Code>InternalError</Code></Error>")
        if fault is not None and fault.how in ("cut", "silent"):
            if fault.how == "silent":
                self.hold.wait(30)
            environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
            return _respond(start, "500 Cut")
        status, headers = answer[0][:2]
        if self._gcs:
            headers = [*headers, ("x-goog-generation", "1")]
        start(status, headers)
        return [body]

    def _translate(self, environ: Environ) -> None:
        if self._gcs:
            environ["HTTP_AUTHORIZATION"] = _SIGNED
            if source := environ.get("HTTP_X_GOOG_COPY_SOURCE"):
                environ["HTTP_X_AMZ_COPY_SOURCE"] = source
            if environ.get("HTTP_X_GOOG_IF_GENERATION_MATCH") == "0":
                environ["HTTP_IF_NONE_MATCH"] = "*"
        if self._server.ignores_conditions:
            environ.pop("HTTP_IF_NONE_MATCH", None)


def _respond(start: Start, status: str, body: bytes = b"") -> list[bytes]:
    start(status, [("Content-Type", "application/xml"), ("Content-Length", str(len(body)))])
    return [body]


def _asked(environ: Environ) -> Asked:
    from urllib.parse import parse_qs, unquote

    method, query = environ["REQUEST_METHOD"], parse_qs(environ.get("QUERY_STRING", ""))
    if method == "GET" and ("list-type" in query or "prefix" in query):
        return Asked("LIST", query.get("prefix", [""])[0])
    return Asked(method, unquote(environ["PATH_INFO"]).lstrip("/").partition("/")[2])


def _is_killed(environ: Environ, when: str, server: Buckets) -> bool:
    """Kills a client that asked for it by its access key, `kill-PID-7-before`, at its seventh request."""
    signed = environ.get("HTTP_AUTHORIZATION", "").partition("Credential=")[2].partition("/")[0].split("-")
    if signed[0] != "kill":
        return False
    _, pid, at, then = signed
    if when == "before":
        server.kills[pid] += 1
    if then == when and server.kills[pid] == int(at):
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(pid), signal.SIGKILL)
        return True
    return False


@contextlib.contextmanager
def serving(*, gcs: bool = False) -> Iterator[Buckets]:
    """Yields a running server with one empty bucket."""
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import WSGIRequestHandler, make_server

    class Quiet(WSGIRequestHandler):
        protocol_version = "HTTP/1.1"

        def log(self, *_: Any) -> None:
            pass

    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
    found = Buckets("")
    app = _Application(DomainDispatcherApplication(create_backend_app), found, gcs=gcs)
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    found.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    found.reset = lambda: _reset(app, found)
    found.reset()
    try:
        yield found
    finally:
        app.hold.set()
        server.shutdown()
        server.server_close()
        thread.join()


def _reset(app: _Application, server: Buckets) -> None:
    """Empties the one bucket, and forgets what was asked."""
    server.faults.clear()
    server.ignores_conditions = False
    _call(app, "POST", "/moto-api/reset")
    _call(app, "PUT", f"/{BUCKET}")
    server.asked.clear()


def _call(app: _Application, method: str, path: str) -> None:
    environ = {
        "REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": "", "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80", "HTTP_HOST": "127.0.0.1", "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(),
        "CONTENT_LENGTH": "0", "wsgi.errors": io.StringIO(),
    }  # fmt: skip
    if "moto-api" not in path:
        environ |= {"HTTP_HOST": "s3.amazonaws.com", "HTTP_AUTHORIZATION": _SIGNED}
    statuses: list[str] = []
    list(app(environ, lambda status, *_: statuses.append(status)))
    assert statuses[0].startswith("20"), statuses


def settings_for(server: Buckets, *, seconds: int = 20) -> dict[str, str]:
    """Returns the variables that lead a client there."""
    return {
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_ENDPOINT_URL": server.url,
        "AWS_DEFAULT_REGION": "us-east-1",
        "TB_VERSIONS_STORE_TIMEOUT": str(seconds),
    }


def gcs_settings_for(server: Buckets, folder: Path) -> dict[str, str]:
    """Returns the variables that lead a client of Google Cloud Storage there; writes a key file without a key."""
    path = folder / "account.json"
    said = {
        "gcs_base_url": server.url,
        "disable_oauth": True,
        "client_email": "",
        "private_key": "",
        "private_key_id": "",
    }
    path.write_text(json.dumps(said))
    return {"GOOGLE_SERVICE_ACCOUNT": str(path), "TB_VERSIONS_STORE_TIMEOUT": "20", "STORAGE_EMULATOR_HOST": server.url}
