"""What is asked of a server and understood of its answer; a hostile one costs a sentence and little time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tb_versions.errors import InvalidQueryError, NoAnswerError
from tb_versions.serving import status
from tb_versions.serving.status import Server, VersionStatus

Answer = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def answering(answer: Answer) -> Iterator[tuple[str, list[str]]]:
    """A server that answers each GET in this way; yields its address and the paths that were asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            answer(self)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def with_body(body: bytes, code: int = 200, **headers: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(code)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


REAL = b"""{
 "model_version_status": [
  {"version": "123", "state": "AVAILABLE", "status": {"error_code": "OK", "error_message": ""}},
  {"version": "7", "state": "END", "status": {"error_code": "NOT_FOUND", "error_message": "no graph"}}
 ]
}"""
"""As in the documentation of the REST interface, with a version that failed."""


def test_the_answer_of_the_documentation_is_understood() -> None:
    with answering(with_body(REAL)) as (url, asked):
        found = Server(url + "/prefix/").statuses("my model/../x")
        assert found == {123: VersionStatus("AVAILABLE"), 7: VersionStatus("END", "no graph")}
        assert asked == ["/prefix/v1/models/my%20model%2F..%2Fx"]


def test_a_label_is_resolved_by_the_metadata() -> None:
    body = b'{"model_spec": {"name": "digits", "signature_name": "", "version": "3"}, "metadata": {}}'
    with answering(with_body(body)) as (url, asked):
        assert Server(url).labelled("digits", "production") == 3
        assert asked == ["/v1/models/digits/labels/production/metadata"]


@pytest.mark.parametrize("code", [404, 400])
def test_what_the_server_does_not_know_is_nothing(code: int) -> None:
    with answering(with_body(b'{"error": "Unrecognized servable version label: x"}', code)) as (url, _):
        assert Server(url).labelled("digits", "x") is None
        assert Server(url).labels("digits", ["x"]) == {}


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (with_body(b"<html>", 404), "answers with 404"),
        (with_body(b"<html>"), "does not answer as TensorFlow Serving"),
        (with_body(b'{"model_version_status": [{"version": "-1", "state": "END"}]}'), "which is no number"),
        (
            with_body(b'{"model_version_status": [{"version": 99999999999999999999, "state": "END"}]}'),
            "no number|not a",
        ),
        (with_body(b"[" * 100_000), "does not answer as"),
        (with_body(b'{"error": "down"}', 503), "answers with 503: down"),
        (with_body(b"", 302, Location="http://127.0.0.1:1/"), "redirect, which is not followed"),
        (with_body(b" " * (status.LARGEST + 1)), "the most that is read"),
        (lambda handler: handler.wfile.write(b"junk\r\n\r\n"), "does not answer"),
    ],
)
def test_other_answers_are_a_sentence(answer: Answer, why: str) -> None:
    with answering(answer) as (url, asked), pytest.raises(NoAnswerError, match=why):
        Server(url).statuses("digits")
    assert len(asked) == 1


@pytest.mark.parametrize("begin", [b"", b"HTTP/1.1 200 OK\r\nX-Header: ", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_an_answer_that_drips_ends(begin: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = threading.Event()

    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(begin)
        with suppress(OSError):
            while not ended.wait(0.01):
                handler.wfile.write(b" ")

    monkeypatch.setattr(status, "LONGEST", 0.2)
    with answering(drip) as (url, _):
        try:
            with pytest.raises(NoAnswerError, match="takes more than"):
                Server(url).statuses("digits")
        finally:
            ended.set()


@pytest.mark.parametrize(
    "url", ["", "host:8501", "ftp://host", "http://", "http://a b", "http://u:p@h", "http://h?x", "http://h:99999999"]
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(InvalidQueryError, match="address"):
        Server(url)
