"""Asks a running TensorFlow Serving what it serves, over its REST interface: one address, no redirects, little time.

`g3doc/api_rest.md` of TensorFlow Serving describes the answers. That of the model status has no labels, so each label
is asked for by its model's metadata, whose answer names the version that was found.
"""

from __future__ import annotations

import http.client
import re
import socket
import ssl
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Annotated, TypeVar
from urllib.parse import quote, urlsplit

import msgspec
from msgspec import Meta, Struct

from tb_versions.core.manifest import MAX_NUMBER, shown, visible
from tb_versions.errors import InvalidQueryError, NoAnswerError

LONGEST = 10.0
"""Seconds that one answer may take in all."""

LARGEST = 8 << 20
"""Most bytes of one answer; that about a label has the model's signatures."""

AVAILABLE = "AVAILABLE"

_PIECE = 1 << 16
_MOST_SAID = 300
_URL = re.compile(r"https?://[^\s/?#@]+(/[^\s?#]*)?", re.ASCII)


@dataclass(frozen=True)
class VersionStatus:
    """What a server says of a version.

    Attributes:
        state: "START", "LOADING", "AVAILABLE", "UNLOADING" or "END".
        error: Why it could not be loaded; "" where nothing failed.
    """

    state: str
    error: str = ""


Statuses = Mapping[int, VersionStatus]
"""By number; empty where the server knows no version of the model."""


class _Status(Struct):
    error_code: str | int = "OK"
    error_message: str = ""


class _Version(Struct):
    version: str | int
    state: str
    status: _Status = msgspec.field(default_factory=_Status)


class _Statuses(Struct):
    model_version_status: Annotated[list[_Version], Meta(max_length=100_000)]


class _Spec(Struct):
    version: str | int


class _Metadata(Struct):
    model_spec: _Spec


class _Error(Struct):
    error: str


_Found = TypeVar("_Found", bound=Struct)


class Server:
    """One TensorFlow Serving.

    Attributes:
        url: Its address as it was given, without a slash at the end.
    """

    def __init__(self, url: str) -> None:
        """Asks nothing yet.

        Args:
            url: Like "http://localhost:8501"; a path is put before those of the interface.

        Raises:
            InvalidQueryError: It is no such address.
        """
        self.url = url.rstrip("/")
        try:
            parts = urlsplit(self.url)
            self._port = parts.port
        except ValueError as error:
            raise InvalidQueryError(f"{shown(url)} is no address: {error}.") from error
        if not _URL.fullmatch(self.url) or not parts.hostname:
            raise InvalidQueryError(
                f"{shown(url)} is no address of TensorFlow Serving's REST interface, like http://localhost:8501."
            )
        self._scheme, self._host, self._prefix = parts.scheme, parts.hostname, parts.path

    def statuses(self, model: str) -> Statuses:
        """Returns what is said of each version of a model.

        Raises:
            NoAnswerError: There is no answer, or none of TensorFlow Serving's.
        """
        code, body = self._get(f"/v1/models/{quote(model, safe='')}")
        if code == http.client.NOT_FOUND and self._error(body):
            return {}
        found = self._read(code, body, _Statuses)
        return {_number(each.version, self.url): _status(each) for each in found.model_version_status}

    def labelled(self, model: str, label: str) -> int | None:
        """Returns the version that a label leads to now; None where it leads to none.

        Raises:
            NoAnswerError: See `statuses`.
        """
        code, body = self._get(f"/v1/models/{quote(model, safe='')}/labels/{quote(label, safe='')}/metadata")
        if code in (http.client.NOT_FOUND, http.client.BAD_REQUEST) and self._error(body):
            return None
        return _number(self._read(code, body, _Metadata).model_spec.version, self.url)

    def labels(self, model: str, names: Iterable[str]) -> dict[str, int]:
        """Returns those of some labels that lead to a version. Raises as `labelled`."""
        found = {name: self.labelled(model, name) for name in names}
        return {name: number for name, number in found.items() if number is not None}

    def _error(self, body: bytes) -> str:
        """The sentence of an answer that is an error of TensorFlow Serving; "" for what is none."""
        try:
            return msgspec.json.decode(body, type=_Error).error
        except (msgspec.MsgspecError, RecursionError):
            return ""

    def _read(self, code: int, body: bytes, kind: type[_Found]) -> _Found:
        if 300 <= code < 400:
            raise NoAnswerError(f"{self.url} answers with a redirect, which is not followed: give the address itself.")
        if code != http.client.OK:
            said = visible(self._error(body)[:_MOST_SAID])
            raise NoAnswerError(f"{self.url} answers with {code}{': ' + said if said else ''}.")
        try:
            return msgspec.json.decode(body, type=kind)
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
            raise NoAnswerError(
                f"{self.url} does not answer as TensorFlow Serving's REST interface does ({error}). Its port is "
                "8501 by default; 8500 is gRPC."
            ) from error

    def _get(self, path: str) -> tuple[int, bytes]:
        ends = time.monotonic() + LONGEST
        connection = self._connection()
        try:
            connection.connect()
            with _cut_after(LONGEST, connection.sock):
                answer = self._answer(connection, path)
                self._check_time(ends)
                return answer
        except (OSError, http.client.HTTPException, ssl.SSLError) as error:
            self._check_time(ends)
            raise NoAnswerError(
                f"{self.url} does not answer: {visible(str(error)) or type(error).__name__}."
            ) from error
        finally:
            connection.close()

    def _check_time(self, ends: float) -> None:
        if time.monotonic() > ends:
            raise NoAnswerError(f"{self.url} takes more than {LONGEST:g} seconds for one answer.")

    def _answer(self, connection: http.client.HTTPConnection, path: str) -> tuple[int, bytes]:
        connection.request("GET", self._prefix + path, headers={"Accept": "application/json"})
        response = connection.getresponse()
        return response.status, self._body(response)

    def _connection(self) -> http.client.HTTPConnection:
        kind = http.client.HTTPSConnection if self._scheme == "https" else http.client.HTTPConnection
        return kind(self._host, self._port, timeout=LONGEST / 2)

    def _body(self, response: http.client.HTTPResponse) -> bytes:
        """An answer's content; a large one ends it."""
        data = b""
        while piece := response.read1(_PIECE):
            data += piece
            if len(data) > LARGEST:
                raise NoAnswerError(f"{self.url} answers with more than {LARGEST:,} bytes, the most that is read.")
        return data


@contextmanager
def _cut_after(seconds: float, connected: socket.socket) -> Iterator[None]:
    """Ends a connection that lasts longer: a time-out of a socket begins anew with each byte that comes."""
    timer = threading.Timer(seconds, _cut, (connected,))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _cut(connected: socket.socket) -> None:
    with suppress(OSError):
        connected.shutdown(socket.SHUT_RDWR)


def _status(found: _Version) -> VersionStatus:
    failed = found.status.error_code not in ("OK", 0)
    return VersionStatus(found.state, visible(found.status.error_message[:_MOST_SAID]) or "?" if failed else "")


def _number(value: str | int, where: str) -> int:
    text = str(value)
    if not (text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= MAX_NUMBER):
        raise NoAnswerError(f"{where} answers with a version {shown(text[:40])}, which is no number.")
    return int(text)
