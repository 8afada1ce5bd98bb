"""What every format is made from: versions, runs, curves and the redactor."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from tb_versions.exports.contents.registries import History
from tb_versions.exports.contents.selection import Selection
from tb_versions.exports.redaction.redactor import Redactor
from tb_versions.read.catalog import Catalog, Version
from tb_versions.read.curves.curve_reader import CurveReader

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much is done, and how much there is."""


def no_progress(what: str, done: int, count: int) -> None:
    """Ignores the progress."""


Files = Iterable[tuple[str, Iterable[bytes]]]
"""Path below the target and its bytes, in pieces; a path that ends with "/" is a folder."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """How an export looks.

    Attributes:
        title: Plain text; "" takes one from the models.
        introduction: Markdown, or "".
        view: Hash that the page opens with, or "".
        tensorboard_url: Where links to runs lead, or "".
        max_points: Most points of one curve, not counting those at exports; 0 keeps all.
        max_size: Most bytes of the whole export, or None.
        with_manifest: Whether an OCI layout holds the version's manifest, too.
        attach: Files of attestations that an OCI layout holds, too.
        with_golden: Whether an OCI layout holds the version's golden outputs, too.
    """

    title: str = ""
    introduction: str = ""
    view: str = ""
    tensorboard_url: str = ""
    max_points: int = 200
    max_size: int | None = None
    with_manifest: bool = True
    attach: tuple[str, ...] = ()
    with_golden: bool = False


@dataclass(frozen=True, kw_only=True)
class Material:
    """What an export is made from.

    Attributes:
        catalog: Every version, curves joined: siblings outside the selection decide what is noise.
        selection: What the export holds.
        manifest_bytes: Reads the manifest of a version.
        curves: Reads the curves of runs.
        redactor: Removes what must not leave.
        history: What logs say of the versions, without what must not leave for being a name.
        progress: Gets what is being done, how much is done, and how much there is.
    """

    catalog: Catalog
    selection: Selection
    manifest_bytes: Callable[[Version], bytes]
    curves: CurveReader
    redactor: Redactor
    options: Options
    history: History = field(default_factory=History)
    progress: Progress = no_progress


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """An export in one format, ready to be written.

    Attributes:
        files: What is written; one with the path "" for a format of one file.
        size: Bytes in all, or None where that is not known before.
        digest: Returns "sha256:<hex>" to compare later, or ""; called when everything is written.
        left_out: Sentences about what the export does not hold, and why.
    """

    files: Files
    size: int | None = None
    digest: Callable[[], str] = str
    left_out: list[str] = field(default_factory=list)


def one_file(chunks: Iterable[bytes]) -> Iterator[tuple[str, Iterable[bytes]]]:
    """Yields the files of a format that is one file."""
    yield "", chunks
