"""`tb_versions.show`: an export's page in the cell of a notebook."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from tb_versions.comparison import Comparison
from tb_versions.core.arguments import count, paths
from tb_versions.core.manifest import shown
from tb_versions.core.showing import ShowsItself, counted, html_text
from tb_versions.errors import InvalidQueryError, VersionNotFoundError
from tb_versions.exports.export import Exported, export
from tb_versions.notebooks.collection import Path, Versions
from tb_versions.notebooks.one import CatalogVersion

MAX_SIZE = "2.5MB"
"""Most bytes of a page by default: Jupyter drops the output of a cell that sends over 3 MB at once."""

_SANDBOX = "allow-scripts allow-downloads allow-popups allow-popups-to-escape-sandbox"


@dataclass(frozen=True, repr=False)
class Page(ShowsItself):
    """An export's page, which a notebook shows in a frame of its own; it asks nobody for anything.

    Attributes:
        html: The file, as `export` writes it.
        exported: What it holds, and what was left out.
        height: Of the frame, in pixels.
    """

    html: str
    exported: Exported
    height: int

    def __repr__(self) -> str:
        held = counted(self.exported.versions, "version")
        runs = f" and {counted(self.exported.runs, 'run')}" if self.exported.runs else ""
        return f"Page({held}{runs}, {len(self.html.encode()):,} bytes; a notebook shows it)"

    def _repr_html_(self) -> str:
        # Whichever quote is the rarer one: the page is 1.3 MB of script, full of both.
        mark, spelled = min(('"', "&quot;"), ("'", "&#39;"), key=lambda one: self.html.count(one[0]))
        inner = self.html.replace("&", "&amp;").replace(mark, spelled)
        frame = (
            f'<iframe sandbox="{_SANDBOX}" title="Versions" width="100%" height="{self.height}" '
            f'style="border:0" srcdoc={mark}{inner}{mark}></iframe>'
        )
        said = list(self.exported.left_out[:10])
        if self.exported.problems:  # they name folders, which the page leaves out
            said.append(f"{counted(len(self.exported.problems), 'problem')}: page.exported.problems says which.")
        return "".join([frame, *(html_text(sentence, most=300, weak=True) for sentence in said)])


def show(
    what: Versions | CatalogVersion | Comparison | str,
    *,
    models_dir: Path | Sequence[Path] = (),
    logdir: Path | None = None,
    title: str = "",
    height: int = 700,
    max_size: int | str = MAX_SIZE,
) -> Page:
    """Returns the page that `export` writes, for the last line of a cell: it works when the kernel is gone.

    The folders are read again. Paths, names of machines and people, and secrets are left out as in every export.

    Args:
        what: Versions, one of them, a comparison, or a reference.
        models_dir: As in `export`; versions and comparisons know where they were read.
        logdir: As in `export`.
        title: As in `export`.
        height: Of the frame, in pixels.
        max_size: As in `export`: curves get thinner to keep to it.

    Raises:
        InvalidQueryError: It is none of these, or nobody said where to look.
        ExportTooLargeError: It can't be made as small as `max_size`.
        TbVersionsError: As `export`.
    """
    refs, view, known = _asked(what)
    models_dirs = tuple(paths(models_dir or ())) or known[0]
    folder = os.fspath(logdir) if logdir else known[1]
    if not models_dirs and not folder:
        raise InvalidQueryError("Say where to look: models_dir, logdir, or both.")
    with tempfile.TemporaryDirectory() as made:
        out = os.path.join(made, "versions.html")
        exported = export(
            out, models_dir=models_dirs, logdir=folder, refs=refs, view=view, title=title, max_size=max_size
        )
        with open(out, encoding="utf-8", newline="") as file:
            return Page(file.read(), exported, count("height", height))


def _asked(what: object) -> tuple[list[str], str, tuple[tuple[str, ...], str]]:
    """References to export, the view that the page opens with, and where to read."""
    if isinstance(what, Versions):
        if not len(what):
            raise VersionNotFoundError("There are no versions to show.")
        return ([] if what.is_whole() else [version.id for version in what]), "", what.source.read_from
    if isinstance(what, CatalogVersion):
        return [what.id], _view(v=what.id), what.source.read_from
    if isinstance(what, Comparison):
        folders = [member.id for member in what.members if member.kind == "folder"]
        if folders:
            raise InvalidQueryError(f"{folders[0]} is a folder, and the page has versions and runs only.")
        ids = [member.id for member in what.members]
        return ids, _view(cmp=",".join(map(quote, ids)), base=ids[what.baseline]), what.read_from
    if isinstance(what, str):
        return [what], "", ((), "")
    raise InvalidQueryError(f"show takes versions, one version, a comparison or a reference, not {shown(what)}.")


def _view(**keys: str) -> str:
    return "#versions" + "".join(f"&p.versions.{key}={quote(value, safe='')}" for key, value in keys.items())
