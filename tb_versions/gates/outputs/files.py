"""Writes results where they are asked for, and where the environment takes them by itself."""

from __future__ import annotations

import os
import stat
import uuid
from collections.abc import Mapping

import orjson

from tb_versions.core import storage
from tb_versions.core.manifest import visible
from tb_versions.errors import StorageError
from tb_versions.gates.outputs.junit import junit
from tb_versions.gates.outputs.markdown import COMMENT_LIMIT, SUMMARY_LIMIT, markdown
from tb_versions.gates.outputs.openmetrics import openmetrics
from tb_versions.gates.outputs.statement import statement
from tb_versions.gates.results import GateResult

SUMMARY = "GITHUB_STEP_SUMMARY"
"""Variable that names the file to which GitHub Actions lets a step append Markdown."""


def write_files(result: GateResult, files: Mapping[str, str]) -> None:
    """Writes a result into files; one that is there is replaced at once.

    Args:
        result: What to write.
        files: "junit", "openmetrics", "comment" or "statement" to a path; "" writes none.

    Raises:
        StorageError: A file can't be written.
        InvalidManifestError: There is nothing to make a statement about.
    """
    for form, path in files.items():
        if path:
            _replace(path, _content(result, form))


def append_summary(result: GateResult, path: str) -> str:
    """Appends a result to the summary of a step, within what GitHub takes of a step.

    Args:
        result: What to write.
        path: The file.

    Returns:
        A sentence why it was not written, or "": what others wrote leaves no room, or it can't be opened. A check has
        its answer all the same.
    """
    try:
        there = os.stat(path).st_size if os.path.exists(path) else 0
        text = markdown(result, limit=SUMMARY_LIMIT - there - 1)
        if len(text.encode()) + 1 > SUMMARY_LIMIT - there:
            return f"{path} has no room for the summary: {there:,} of {SUMMARY_LIMIT:,} bytes are taken."
        with open(path, "a", encoding="utf-8") as summary:
            summary.write(f"{text}\n")
    except OSError as error:
        return f"The summary could not be written to {visible(path)}: {error.strerror}."
    return ""


def _content(result: GateResult, form: str) -> bytes:
    if form == "junit":
        return junit(result)
    if form == "openmetrics":
        return openmetrics(result).encode()
    if form == "comment":
        return markdown(result, limit=COMMENT_LIMIT).encode()
    return orjson.dumps(statement(result), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n"


def _replace(path: str, data: bytes) -> None:
    """Replaces a file as a whole; into a device or pipe it writes, and a symlink stays what it is."""
    given = os.path.expanduser(path)
    temporary = ""
    try:
        if _is_special(given):
            with open(given, "wb") as special:
                special.write(data)
            return
        given = os.path.realpath(given)
        temporary = f"{given}.{uuid.uuid4().hex}"
        storage.write_file(temporary, data, durable=False)
        os.replace(temporary, given)
    except OSError as error:
        if temporary and os.path.lexists(temporary):
            os.unlink(temporary)
        raise StorageError(f"{visible(path)} can't be written: {error.strerror}.") from error


def _is_special(path: str) -> bool:
    """Whether a path is a device or a pipe, such as /dev/stdout: renaming a file over it would remove it."""
    try:
        mode = os.stat(path).st_mode
    except OSError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))
