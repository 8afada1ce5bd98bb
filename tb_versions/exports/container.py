"""The sections of an export and their bytes, and back; docs/export-format.md is the contract. Pure.

`html` and `site` put these bytes into one file or into a folder. What is read back is untrusted: every
size is capped before memory is taken for it, and no section is used before its digest was computed anew.
"""

from __future__ import annotations

import hashlib
import re
import struct
import zlib
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

import orjson

from tb_versions import payload
from tb_versions.core.manifest import is_digest, shown
from tb_versions.errors import AlteredExportError, InvalidExportError

FORMAT = "tb-versions-export"
"""The `format` in the head of an export."""

SCHEMA_VERSION = 2
"""Schema of the exports that are written, and the newest that is read."""

HEAD = "head"
"""The section that lists all others."""

MAX_SECTION = 128 << 20
"""Most bytes of one section once decompressed."""

MAX_CONTENT = 2 << 30
"""Most bytes that are decompressed of one export."""

MAX_VALUES = 16_000_000
"""Most values in one section; a list or object counts as 8, a key as 4 more. Without this limit, 100 MB of brackets
would take 4 GB of memory. The largest section of 10,000 versions counts as 1.6 million."""

MAX_SECTIONS = 100_000
"""Most sections of one export."""

_NAME = re.compile(r"versions|facts|history|measured|(?:details|runs)/(?:0|[1-9][0-9]{0,5})", re.ASCII)
_GZIP_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"  # no name, no time, no system
_LEVEL = 6  # 9 takes three times as long for 1 % less


def digest_of(data: bytes | memoryview) -> str:
    """Returns "sha256:<hex>"."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def pack(value: object) -> bytes:
    """Returns a section's bytes: strict JSON, compressed. Equal values give equal bytes with one zlib.

    Args:
        value: NaN and infinities must be texts already.
    """
    data = payload.dump(value)
    deflate = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    tail = struct.pack("<II", zlib.crc32(data), len(data) & 0xFFFFFFFF)
    return b"".join((_GZIP_HEADER, deflate.compress(data), deflate.flush(), tail))


def unpack(name: str, data: bytes, *, limit: int = MAX_SECTION) -> bytes:
    """Returns a section's JSON as bytes.

    Args:
        name: The section, for messages.
        data: Its compressed bytes.
        limit: Most bytes of the JSON.

    Raises:
        InvalidExportError: It is no gzip stream, is cut off, has something behind it, or is larger.
    """
    stream = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        text = stream.decompress(data, limit + 1)
    except zlib.error as error:
        raise InvalidExportError(f"The section {shown(name)} of the export is no gzip stream: {error}.") from error
    if len(text) > limit:
        raise InvalidExportError(f"The section {shown(name)} of the export has more than {limit:,} bytes.")
    if not stream.eof or stream.unused_data:
        raise InvalidExportError(f"The section {shown(name)} of the export is cut off, or something follows it.")
    return text


class Export:
    """An export: its head, and its sections when they are asked for.

    Attributes:
        digest: "sha256:<hex>" of the section `head`, which holds the digests of all others.
        packed_head: Compressed bytes of the section `head`.
    """

    def __init__(self, packed_head: bytes, read: Callable[[str], bytes]) -> None:
        """Reads and checks the head.

        Args:
            packed_head: Bytes of the section `head`.
            read: Returns the bytes of another section; raises KeyError or OSError where it is missing.

        Raises:
            InvalidExportError: The head is not one that this version can read; the message says why.
        """
        self.digest = digest_of(packed_head)
        self.packed_head = packed_head
        self._read = read
        self._unpacked = 0
        self._head = _checked_head(_parsed(HEAD, unpack(HEAD, packed_head)))

    @property
    def head(self) -> Mapping[str, Any]:
        """What the export says of itself; only `format`, `schema_version` and `sections` were checked."""
        return self._head

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The sections but `head`, in the order in which they are written."""
        return tuple(self._head["sections"])

    def packed(self, name: str, *, verified: bool = True) -> bytes:
        """Returns a section's compressed bytes.

        Args:
            name: The section.
            verified: Whether the digest is computed anew.

        Raises:
            InvalidExportError: There is no such section, or it can't be read.
            AlteredExportError: Its digest is not the one in the head.
        """
        wanted = self._head["sections"].get(name)
        if wanted is None:
            raise InvalidExportError(f"The export has no section {shown(name)}.")
        try:
            data = self._read(name)
        except (KeyError, OSError) as error:
            reason = getattr(error, "strerror", None) or "it is not there"
            raise InvalidExportError(f"The section {shown(name)} of the export can't be read: {reason}.") from error
        if verified and digest_of(data) != wanted:
            raise AlteredExportError(f"The section {shown(name)} was altered since the export: its digest differs.")
        return data

    def section(self, name: str) -> Any:
        """Returns a section's JSON, parsed; its fields are untrusted and not checked.

        Raises:
            InvalidExportError: As `packed`, and where it is too large or no strict JSON.
        """
        text = unpack(name, self.packed(name), limit=min(MAX_SECTION, MAX_CONTENT - self._unpacked))
        self._unpacked += len(text)
        return _parsed(name, text)

    def check(self) -> None:
        """Computes the digest of every section anew; raises as `packed`."""
        for name in self.names:
            self.packed(name)


def too_many_values(text: bytes, most: int = MAX_VALUES) -> bool:
    """Returns whether JSON has more values than are parsed; it counts brackets, colons and commas only."""
    return text.count(b",") + 4 * text.count(b":") + 8 * (text.count(b"[") + text.count(b"{")) > most


def sealed(head: Mapping[str, Any], sections: Mapping[str, bytes]) -> Export:
    """Returns an export of packed sections.

    Args:
        head: Fields of the head but `format`, `schema_version` and `sections`.
        sections: Name to packed bytes, in the order in which they are written.
    """
    digests = {name: digest_of(data) for name, data in sections.items()}
    whole = {"format": FORMAT, "schema_version": SCHEMA_VERSION, **head, "sections": digests}
    return Export(pack(whole), sections.__getitem__)


def _parsed(name: str, text: bytes) -> Any:
    if too_many_values(text):
        raise InvalidExportError(f"The section {shown(name)} of the export has more than {MAX_VALUES:,} values.")
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise InvalidExportError(f"The section {shown(name)} of the export is no strict JSON: {error}.") from error


def _checked_head(head: Any) -> dict[str, Any]:
    if not isinstance(head, dict) or head.get("format") != FORMAT:
        raise InvalidExportError(f"This is no export of tb_versions: its head does not say {FORMAT}.")
    _check_schema(head)
    sections = head.get("sections")
    if not isinstance(sections, dict) or len(sections) > MAX_SECTIONS:
        raise InvalidExportError(f"The export's head lists no sections, or more than {MAX_SECTIONS:,}.")
    for name, digest in sections.items():
        if not _NAME.fullmatch(name) or not isinstance(digest, str) or not is_digest(digest):
            raise InvalidExportError(
                f"The export's head lists a section {shown(name)} whose name or digest is malformed."
            )
    return head


def _check_schema(head: Mapping[str, Any]) -> None:
    schema = head.get("schema_version")
    if type(schema) is not int or schema < 1:
        raise InvalidExportError(f"The export's schema_version is {shown(schema)}, not a positive integer.")
    if schema > SCHEMA_VERSION:
        generator = head.get("generator")
        by = f" by {shown(generator)}" if isinstance(generator, str) and generator else ""
        raise InvalidExportError(
            f"The export was written{by} in schema {schema}; this version of tb_versions reads up to schema "
            f"{SCHEMA_VERSION}. Upgrade: pip install -U tensorboard-plugin-versions."
        )
