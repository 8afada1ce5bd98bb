"""The page around the sections: the head of its HTML, its script, and its content security policy."""

from __future__ import annotations

import base64
import hashlib
import html
from pathlib import Path

from tb_versions._version import __version__
from tb_versions.core.manifest import visible
from tb_versions.errors import StorageError

SCRIPT = Path(__file__).parents[2] / "static" / "export.js"
"""The page's script: one classic script with its styles inside, part of the built front end."""

GENERATOR = f"tb_versions {__version__}"
"""What exports written by this version name as their generator."""

_POLICY = (
    "default-src 'none'; {script}; style-src 'unsafe-inline'; img-src data: blob:; base-uri 'none'; form-action 'none'"
)
_HEAD = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="{generator}">
{more}<title>{title}</title>
</head>
<body>
<noscript>This page shows model versions with JavaScript, which is switched off here. Nothing is loaded from \
elsewhere.</noscript>
"""


def read_script(path: Path = SCRIPT) -> bytes:
    """Returns the page's script.

    Raises:
        StorageError: It is not there, or could end the element that holds it.
    """
    try:
        script = path.read_bytes().strip() + b"\n"
    except OSError as error:
        raise StorageError(
            f"The page of exports, {path}, can't be read: {error.strerror}. Install tensorboard-plugin-versions again."
        ) from error
    return checked_script(script)


def checked_script(script: bytes) -> bytes:
    """Returns the script if it can stand in a script element as it is.

    Raises:
        StorageError: It holds what HTML reads as the element's end or as a comment, or a carriage return, which a
            browser replaces before it computes the digest.
    """
    lower = script.lower()
    for word in (b"</script", b"<!--", b"<script", b"\r"):
        if word in lower:
            raise StorageError(f"The page of exports can't be written: its script holds {word.decode()!r}.")
    return script


def inline_policy(script: bytes) -> str:
    """Returns the content security policy of one file: this script and nothing from anywhere."""
    return _POLICY.format(script=f"script-src {source_of(script)}")


def source_of(script: bytes) -> str:
    """Returns how a content security policy names a script inside the page: `'sha256-…'`."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(script).digest()).decode()}'"


def folder_policy() -> str:
    """Returns the content security policy of a folder: scripts and sections from beside the page."""
    return _POLICY.format(script="script-src 'self'; connect-src 'self'")


def head(title: object, policy: str, more: str = "") -> bytes:
    """Returns the page's beginning, up to and including the sentence for browsers without JavaScript.

    Args:
        title: Plain text; anything else counts as no title.
        policy: Content security policy.
        more: Further lines of the head, as they are; each ends with a line feed.
    """
    text = visible(title) if isinstance(title, str) and title else "Versions"
    filled = _HEAD.format(policy=policy, generator=GENERATOR, more=more, title=html.escape(text))
    return filled.encode("utf-8", "replace")
