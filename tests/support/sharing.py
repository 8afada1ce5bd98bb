"""Exports of a world, made in few lines, and ways to change them on purpose."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from tb_versions import payload
from tb_versions.exports.checking.agreement import catalog_of
from tb_versions.exports.container import Export, digest_of, pack, sealed
from tb_versions.exports.manifests import shared_of
from tb_versions.exports.own_files import read_own_file
from tb_versions.exports.page.frame import GENERATOR, read_script
from tb_versions.exports.page.html import html_chunks
from tb_versions.exports.page.site import own_files, site_files
from tb_versions.read.catalog import Version
from tb_versions.read.reader import open_reader

DETAILS_SIZE = 2
Change = Callable[[dict[str, Any]], object]


def details_of(models: Path, logs: Path | None = None) -> list[dict[str, Any]]:
    """Details of every version, as an export has them; nothing taken out."""
    reader = open_reader("" if logs is None else str(logs), [str(models)])
    return [_details(reader, version) for version in reader.catalog.versions]


def _details(reader: Any, version: Version) -> dict[str, Any]:
    told = payload.version_payload(reader.catalog, version, reader.manifest_bytes(version))
    del told["manifest_text"]
    return {**told, "comparing": None, "redacted": []}


def shared(details: Sequence[dict[str, Any]], *, table: Any = None, **head: Any) -> Export:
    """An export of these versions, with the table that their manifests give; the facts are left empty."""
    pages = [list(details[at : at + DETAILS_SIZE]) for at in range(0, len(details), DETAILS_SIZE)]
    sections = {
        "versions": _table(details) if table is None else table,
        **{f"details/{n}": page for n, page in enumerate(pages)},
        "runs/0": {},
        "facts": {},
    }
    told = {"generator": GENERATOR, "title": "A & B", "versions": len(details), "details_size": DETAILS_SIZE, **head}
    return sealed(told, {name: pack(value) for name, value in sections.items()})


def _table(details: Sequence[Any]) -> dict[str, Any]:
    """The table of these versions; {} where they are none."""
    manifests = [shared_of(each) for each in details]
    if None in manifests:
        return {}
    return payload.sealed(payload.table_payload(catalog_of(filter(None, manifests))))


def write_html(path: Path, export: Export) -> Path:
    """Writes an export as one file, with the page of this package."""
    path.write_bytes(b"".join(html_chunks(export, read_script())))
    return path


def write_site(folder: Path, export: Export) -> Path:
    """Writes an export as a folder."""
    for name, data in site_files(export, read_script()):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def files_of(folder: Path) -> list[str]:
    """The paths below a folder of the export's own files, the page first."""
    return own_files(partial(read_own_file, str(folder)), str(folder))


def resealed(body: bytes) -> bytes:
    """What somebody writes who changes the file on purpose and knows of the last line."""
    kept = re.sub(rb"<!-- tb-versions sha256:[0-9a-f]{64} -->\n", b"", body)
    return kept + f"<!-- tb-versions {digest_of(kept)} -->\n".encode()
