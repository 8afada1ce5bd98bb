"""The formats of an export; a new one is an entry here."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tb_versions.core.manifest import shown
from tb_versions.errors import InvalidQueryError
from tb_versions.exports.contents.material import Material, Prepared
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
        suffixes: Endings of files in this format.
        media_type: What HTTP calls it; "" where it is not served.
        own_files: Returns the files of an export in this format.
        begins: Returns whether a file that begins with these bytes is an export in this format; None if only the file's
            ending shows the format.
    """

    words: str
    prepare: Callable[[Material], Prepared]
    is_folder: bool = False
    suffixes: tuple[str, ...] = ()
    media_type: str = ""
    own_files: OwnFiles | None = None
    begins: Callable[[bytes], bool] | None = None


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
    "csv": Format("the table for spreadsheets and pandas", table("csv"), suffixes=(".csv",), media_type="text/csv"),
    "json": Format("the table, one array", table("json"), suffixes=(".json",), media_type="application/json"),
    "jsonl": Format(
        "the table, an object a line", table("jsonl"), suffixes=(".jsonl",), media_type="application/jsonl"
    ),
    "parquet": Format(
        "the table, typed", table("parquet"), suffixes=(".parquet",), media_type="application/vnd.apache.parquet"
    ),
    "markdown": Format(
        "the table for a pull request", table("markdown"), suffixes=(".md", ".markdown"), media_type="text/markdown"
    ),
    "latex": Format("the table for a paper", table("latex"), suffixes=(".tex",), media_type="text/x-tex"),
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
    if name in FORMATS:
        return name, FORMATS[name]
    known = ", ".join(FORMATS)
    if name:
        raise InvalidQueryError(f"There is no format {shown(name)}; there are {known}.")
    ending = os.path.splitext(os.fspath(out))[1].lower()
    for each, one in FORMATS.items():
        if ending in one.suffixes:
            return each, one
    raise InvalidQueryError(f"The ending of {os.fspath(out)} belongs to no format; name one (--format): {known}.")
