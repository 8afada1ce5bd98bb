"""Writes an export as a folder for static hosting, and reads it back strictly."""

from __future__ import annotations

import html
import os
import re
from collections.abc import Iterator
from functools import partial

from tb_versions.errors import AlteredExportError, InvalidExportError
from tb_versions.exports.container import HEAD, Export, digest_of
from tb_versions.exports.own_files import Read, read_own_file
from tb_versions.exports.page import frame as page

INDEX = "index.html"
"""The page of the folder; written last."""

MAX_INDEX = 1 << 20
"""Largest page that is read, in bytes."""

MAX_SECTION_FILE = 128 << 20
"""Largest file of a section that is read, in bytes."""

_DIGITS = 16
_HEAD_LINE = re.compile(rb'^<meta name="tbv-head" content="(sha256:[0-9a-f]{64})">$', re.MULTILINE)
_SCRIPT_LINE = re.compile(rb'^<script src="(assets/page-[0-9a-f]{16}\.js)"></script>$', re.MULTILINE)


def section_file(name: str, digest: str) -> str:
    """Returns the path of a section's file below the folder: `data/details-0-1a2b….bin` for `details/0`."""
    return f"data/{name.replace('/', '-')}-{_short(digest)}.bin"


def script_file(script: bytes) -> str:
    """Returns the path of the page's script below the folder."""
    return f"assets/page-{_short(digest_of(script))}.js"


def _short(digest: str) -> str:
    return digest.removeprefix("sha256:")[:_DIGITS]


def site_files(export: Export, script: bytes) -> Iterator[tuple[str, bytes]]:
    """Yields every file's path below the folder and its bytes; the page last.

    Args:
        export: What the folder holds.
        script: The page's script; see `page.read_script`.
    """
    yield script_file(script), script
    for name in export.names:
        yield section_file(name, export.head["sections"][name]), export.packed(name)
    yield section_file(HEAD, export.digest), export.packed_head
    yield INDEX, index_of(export, script)


def index_of(export: Export, script: bytes) -> bytes:
    """Returns the page of the folder."""
    lines = f'<meta name="tbv-head" content="{export.digest}">\n'
    head = page.head(export.head.get("title"), page.folder_policy(), lines)
    source = html.escape(script_file(script))
    return head + f'<script src="{source}"></script>\n</body>\n</html>\n'.encode()


def read_site(folder: str | os.PathLike[str]) -> Export:
    """Returns the export in a folder; its page and script are not looked at.

    Raises:
        InvalidExportError: It is no export, or not one that this version can read.
        AlteredExportError: The head's digest is not the one that the page names.
        UnsafeFileError, StorageError: A file can't be read.
    """
    top = os.fspath(folder)
    return _export_of(read_index(top), partial(read_own_file, top), top)


def _export_of(index: bytes, read: Read, where: str) -> Export:
    digest = head_digest(index, where)
    packed_head = read(section_file(HEAD, digest), MAX_SECTION_FILE)
    if digest_of(packed_head) != digest:
        raise AlteredExportError(f"The head of {where} was altered since the export: its digest differs.")
    export: Export
    export = Export(packed_head, lambda name: read(section_file(name, export.head["sections"][name]), MAX_SECTION_FILE))
    return export


def read_index(folder: str) -> bytes:
    """Returns the page of a folder; raises as `read_site`."""
    return read_own_file(folder, INDEX, MAX_INDEX)


def head_digest(index: bytes, folder: str) -> str:
    """Returns the digest of the head, "sha256:<hex>", which a folder's page names; raises as `read_site`."""
    return _named(index, _HEAD_LINE, os.path.join(folder, INDEX))


def read_page_script(folder: str, index: bytes) -> tuple[str, bytes]:
    """Returns the path of the page's script below the folder, and the script.

    Raises:
        AlteredExportError: The script does not have the digest that is in its name.
        InvalidExportError, UnsafeFileError, StorageError: As `read_site`.
    """
    name = _named(index, _SCRIPT_LINE, os.path.join(folder, INDEX))
    script = read_own_file(folder, name, MAX_SECTION_FILE)
    if script_file(script) != name:
        raise AlteredExportError(f"The page's script {name} was altered since the export: its digest differs.")
    return name, script


def own_files(read: Read, where: str) -> list[str]:
    """Returns the paths of the export's files below its folder, the page first; raises as `read_site`.

    Args:
        read: Returns the bytes of a file of the folder; see `Read`.
        where: The folder, for messages.
    """
    index = read(INDEX, MAX_INDEX)
    export = _export_of(index, read, where)
    script = _named(index, _SCRIPT_LINE, f"{where}/{INDEX}")
    sections = [section_file(name, digest) for name, digest in export.head["sections"].items()]
    return [INDEX, script, section_file(HEAD, export.digest), *sections]


def _named(index: bytes, line: re.Pattern[bytes], where: str) -> str:
    found = line.findall(index)
    if len(found) != 1:
        raise InvalidExportError(f"{where} is no page of an export of tb_versions.")
    return str(found[0].decode())
