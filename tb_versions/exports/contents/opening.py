"""Finds versions and runs that the first view of an export names but the export does not hold. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import unquote

from tb_versions.exports.contents.selection import RUN, Selection
from tb_versions.exports.redaction.view import PREFIX

_NAMING = frozenset(f"{PREFIX}{key}" for key in ("v", "cmp", "base"))


def not_held(view: str, selection: Selection) -> list[str]:
    """Returns the versions and runs that a view opens or compares and that the export does not hold, each once.

    Args:
        view: Hash of the tab: `#versions&p.versions.cmp=digits%3A9`, or "".
        selection: What the export holds.
    """
    held = {version.id for version in selection.versions} | {RUN + run for run in selection.runs}
    return [name for name in dict.fromkeys(_named(view)) if name not in held]


def _named(view: str) -> Iterator[str]:
    for part in view.split("&")[1:]:
        key, _, value = part.partition("=")
        if unquote(key) in _NAMING:
            yield from (unquote(name) for name in unquote(value).split(",") if name)
