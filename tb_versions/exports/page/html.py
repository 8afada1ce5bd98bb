"""Writes an export as one HTML file, and reads it back strictly."""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import re
import stat
from collections.abc import Iterator

from tb_versions.errors import AlteredExportError, InvalidExportError, StorageError, UnsafeFileError
from tb_versions.exports.container import HEAD, Export, digest_of
from tb_versions.exports.page import frame as page

MAX_FILE = 1 << 30
"""Largest file that is read, in bytes."""

_BEGINNING = 1 << 20  # in which the head's section must begin, before the rest is read
_OPEN = b'<script type="application/gzip" id="tbv/'
_SECTION = re.compile(
    rb'<script type="application/gzip" id="tbv/([a-z]{1,20}(?:/[0-9]{1,9})?)">([A-Za-z0-9+/]*={0,2})</script>'
)
_LAST_LINE = re.compile(rb"<!-- tb-versions (sha256:[0-9a-f]{64}) -->\n")
_LAST_LENGTH = len(f"<!-- tb-versions sha256:{'0' * 64} -->\n")


def html_chunks(export: Export, script: bytes) -> Iterator[bytes]:
    """Yields the bytes of the file, piece by piece; the last piece is the line with the digest of all others.

    Args:
        export: What the file holds.
        script: The page's script; see `page.read_script`.
    """
    whole = hashlib.sha256()
    for chunk in _chunks(export, page.checked_script(script)):
        whole.update(chunk)
        yield chunk
    yield f"<!-- tb-versions sha256:{whole.hexdigest()} -->\n".encode()


def _chunks(export: Export, script: bytes) -> Iterator[bytes]:
    yield page.head(export.head.get("title"), page.inline_policy(script))
    yield _element(HEAD, export.packed_head)
    for name in export.names:
        yield _element(name, export.packed(name))
    yield b"<script>" + script + b"</script>\n</body>\n</html>\n"


def _element(name: str, data: bytes) -> bytes:
    return _OPEN + name.encode() + b'">' + base64.b64encode(data) + b"</script>\n"


def begins_as_export(data: bytes) -> bool:
    """Returns whether a file with this beginning is an export, perhaps an incomplete one."""
    return data.startswith(b"<!doctype html>\n") and b"\n" + _OPEN + HEAD.encode() + b'">' in data


def read_html(path: str | os.PathLike[str]) -> Export:
    """Returns the export in a file; its page is not looked at.

    Raises:
        InvalidExportError: It is no export, or not one that this version can read.
        AlteredExportError: Its last line is not the digest of what comes before.
        UnreadableFolderError, UnsafeFileError, StorageError: The file can't be read.
    """
    return parse_html(content_of(path), os.fspath(path))


def parse_html(data: bytes, where: str) -> Export:
    """Returns the export in a file's bytes; `where` names it in messages. Raises as `read_html`."""
    body, last = split(data)
    elements = dict(_elements(data, where)) if data.startswith(b"<!doctype html>\n") else {}
    if HEAD not in elements:
        raise InvalidExportError(f"{where} is no export of tb_versions.")
    if last is None:
        raise AlteredExportError(f"{where} does not end with its digest: it was cut off or altered.")
    if digest_of(body) != last:
        raise AlteredExportError(f"{where} was altered since the export: its digest differs.")
    export = Export(decoded(elements.pop(HEAD), where), lambda name: decoded(elements[name], where))
    if tuple(elements) != export.names:
        raise InvalidExportError(f"{where} holds other sections than its head lists.")
    return export


def split(data: bytes) -> tuple[memoryview, str | None]:
    """Returns the bytes before the last line, and the digest in it; all bytes and None where there is no such line."""
    last = _LAST_LINE.fullmatch(data, max(0, len(data) - _LAST_LENGTH))
    return memoryview(data)[: len(data) if last is None else last.start()], None if last is None else last[1].decode()


def _elements(data: bytes, where: str) -> Iterator[tuple[str, memoryview]]:
    """Yields the sections' elements: each on a line of its own, without other lines between, no name twice."""
    position = data.find(b"\n" + _OPEN) + 1
    seen = set()
    while position and data.startswith(_OPEN, position):
        end = data.find(b"\n", position)
        match = _SECTION.fullmatch(data, position, end if end >= 0 else len(data))
        if match is None or match[1] in seen:
            raise InvalidExportError(f"{where} has a section that is malformed or repeated, at byte {position:,}.")
        seen.add(match[1])
        yield match[1].decode(), memoryview(data)[match.start(2) : match.end(2)]
        position = end + 1


def decoded(text: memoryview, where: str) -> bytes:
    """Returns what a section's Base64 stands for; `where` names the file.

    Raises:
        InvalidExportError: It is no Base64, or not in its one right form.
    """
    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise InvalidExportError(f"{where} has a section that is no Base64: {error}.") from error
    if base64.b64encode(data) != text:
        raise InvalidExportError(f"{where} has a section whose Base64 is not in its one right form.")
    return data


def content_of(path: str | os.PathLike[str]) -> bytes:
    """Returns a file's bytes; type, size and beginning are checked before all is read. Raises as `read_html`."""
    where = os.fspath(path)
    try:
        descriptor = os.open(where, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is no name of a file"
        raise StorageError(f"{where} can't be read: {reason}.") from error
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise UnsafeFileError(f"{where} is not a plain file.")
        if status.st_size > MAX_FILE:
            raise InvalidExportError(f"{where} has {status.st_size:,} bytes; at most {MAX_FILE:,} are read.")
        try:
            if _OPEN + HEAD.encode() not in file.read(_BEGINNING):
                raise InvalidExportError(f"{where} is no export of tb_versions.")
            file.seek(0)
            data = file.read(status.st_size + 1)
        except OSError as error:
            raise StorageError(f"{where} can't be read: {error.strerror}.") from error
    if len(data) > status.st_size:
        raise InvalidExportError(f"{where} grew while it was read.")
    return data
