"""The formats of an export; a new one is an entry here."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tb_versions.core.manifest import shown
from tb_versions.errors import InvalidQueryError
from tb_versions.exports.contents.material import Material, Prepared
from tb_versions.exports.oci.prepare import oci, oci_archive
from tb_versions.exports.own_files import OwnFiles
from tb_versions.exports.page import pages
from tb_versions.exports.page.html import begins_as_export
from tb_versions.exports.page.site import own_files
from tb_versions.exports.tables.prepare import table
from tb_versions.exports.tensorboard_dev.prepare import tensorboard_dev


@dataclass(frozen=True)
class Format:
    """One format.

    Attributes:
        words: What it is.
        prepare: Makes an export in this format.
        is_folder: Whether the export is a folder; else it is a file.
        holds_runs: Whether it may hold runs and their curves.
        suffixes: Endings of files in this format.
        media_type: What HTTP calls it; "" where it is not served.
        own_files: Returns the files of an export in this format.
        begins: Returns whether a file that begins with these bytes is an export in this format; None if only the file's
            ending shows the format.
    """

    words: str
    prepare: Callable[[Material], Prepared]
    is_folder: bool = False
    holds_runs: bool = True
    suffixes: tuple[str, ...] = ()
    media_type: str = ""
    own_files: OwnFiles | None = None
    begins: Callable[[bytes], bool] | None = None


def _table(name: str, words: str, media_type: str, suffixes: tuple[str, ...] = ()) -> Format:
    return Format(words, table(name), holds_runs=False, suffixes=suffixes or (f".{name}",), media_type=media_type)


FORMATS: Mapping[str, Format] = {
    "html": Format(
        "one HTML file that opens anywhere",
        pages.html,
        suffixes=(".html", ".htm"),
        media_type="text/html",
        begins=begins_as_export,
    ),
    "site": Format("a folder for static hosting", pages.site, is_folder=True, own_files=own_files),
    "tensorboard-dev": Format("a folder in the layout of TensorBoard.dev's exporter", tensorboard_dev, is_folder=True),
    "csv": _table("csv", "the table for spreadsheets and pandas", "text/csv"),
    "json": _table("json", "the table, one array", "application/json"),
    "jsonl": _table("jsonl", "the table, an object a line", "application/jsonl"),
    "parquet": _table("parquet", "the table, typed", "application/vnd.apache.parquet"),
    "markdown": _table("markdown", "the table for a pull request", "text/markdown", (".md", ".markdown")),
    "latex": _table("latex", "the table for a paper", "text/x-tex", (".tex",)),
    "oci": Format(
        "one version's files as an OCI image layout, a folder or a .tar", oci, is_folder=True, holds_runs=False
    ),
    "oci-archive": Format("the same as one tar archive", oci_archive, holds_runs=False, suffixes=(".tar",)),
}
"""Formats by name, as --format takes them."""


def format_of(name: str, out: str | os.PathLike[str]) -> tuple[str, Format]:
    """Returns a format's name and the format.

    Args:
        name: The name, or "" for the format to which the ending of `out` belongs.
        out: Where the export goes.

    Raises:
        InvalidQueryError: There is no such format, or no format has this ending.
    """
    ending = os.path.splitext(os.fspath(out))[1].lower()
    if name == "oci" and ending in FORMATS["oci-archive"].suffixes:
        name = "oci-archive"
    if name in FORMATS:
        return name, FORMATS[name]
    known = ", ".join(FORMATS)
    if name:
        raise InvalidQueryError(f"There is no format {shown(name)}; there are {known}.")
    for each, one in FORMATS.items():
        if ending in one.suffixes:
            return each, one
    raise InvalidQueryError(f"The ending of {os.fspath(out)} belongs to no format; name one (--format): {known}.")
