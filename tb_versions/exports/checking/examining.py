"""Finds out whether an export was altered since it was written, and where.

`read_export` stops at the first thing that is wrong; this goes on, so that it can name all that differs. Digests find
accidents and careless edits: somebody who changes an export on purpose can compute them anew, and change the page too.
So the page is only compared with the one that is installed here, and `serve` shows that one.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

from tb_versions.core.manifest import shown
from tb_versions.errors import AlteredExportError, InvalidExportError, TbVersionsError
from tb_versions.exports.checking.shown import wrong_values
from tb_versions.exports.container import HEAD, Export, digest_of
from tb_versions.exports.manifests import SharedManifest, read_manifests
from tb_versions.exports.oci.reading import is_layout, read_layout
from tb_versions.exports.page import frame as page
from tb_versions.exports.page import html, site
from tb_versions.exports.tensorboard_dev.reading import ExperimentFolder, is_experiment, read_experiment, symlinks_in

_ELEMENT = re.compile(rb'^<script type="application/gzip" id="tbv/([^"\n]*)">([^\n]*)</script>$', re.MULTILINE)
_LISTED = 20
_OTHER_PAGE = (
    "Its page is not the one of the tb_versions installed here: another version wrote it, or somebody replaced it. "
    "`tb-versions serve` shows the export in the page installed here."
)


@dataclass(frozen=True)
class Examination:
    """What was found.

    Attributes:
        path: The file or folder.
        form: One file, a folder, TensorBoard.dev's layout, or an OCI image layout.
        digest: Of the file up to its last line; of a folder's section `head`, of `tb_versions.json`, or of the model's
            manifest in an OCI image layout. What `tb-versions export` printed.
        altered: What was altered, in sentences; empty if nothing was.
        notes: What else a reader should know, in sentences.
        export: The export, where its head can be read.
        experiment: The export, where it has TensorBoard.dev's layout.
        manifests: Every version that it holds; empty where something was altered.
    """

    path: str
    form: Literal["html", "site", "tensorboard-dev", "oci"]
    digest: str
    altered: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    export: Export | None = None
    experiment: ExperimentFolder | None = None
    manifests: tuple[SharedManifest, ...] = field(default=(), repr=False)

    @property
    def is_sound(self) -> bool:
        """Whether all of it was read and nothing was altered."""
        return not self.altered and (self.form == "oci" or self.export is not None or self.experiment is not None)

    @property
    def head(self) -> Mapping[str, Any]:
        """What the export says of itself; untrusted."""
        return self.export.head if self.export else self.experiment.index if self.experiment else {}


def examine(path: str | os.PathLike[str]) -> Examination:
    """Reads all of an export and compares every digest in it with what it stands for.

    Args:
        path: As in `read_export`.

    Raises:
        InvalidExportError: It is no export at all, or one of a newer version.
        UnsafeFileError, StorageError: It, or the page that is installed here, can't be read.
    """
    real = os.path.realpath(os.path.expanduser(os.fspath(path)))
    if is_experiment(real):
        return _examine_experiment(real)
    if is_layout(real):
        return _examine_layout(real)
    return _examine_site(real) if os.path.isdir(real) else _examine_html(real)


def _examine_experiment(path: str) -> Examination:
    experiment = read_experiment(path)
    notes = tuple(f"{shown(os.path.basename(link))} is a symlink and was not looked at." for link in symlinks_in(path))
    altered = list(experiment.altered())
    manifests = () if altered else tuple(experiment.manifests())
    altered += _wrong_manifests(manifests)
    return Examination(
        path, "tensorboard-dev", experiment.digest, tuple(altered), notes, experiment=experiment, manifests=manifests
    )


def _examine_layout(path: str) -> Examination:
    found = read_layout(path)
    notes = (f"The version's digest is {found.version_digest}.",) if found.version_digest else ()
    manifests = () if found.altered else found.manifests
    return Examination(path, "oci", found.digest, tuple(found.altered), notes, manifests=manifests)


def _examine_html(path: str) -> Examination:
    data = html.content_of(path)
    body, last = html.split(data)
    elements = {match[1].decode("ascii", "replace"): match for match in reversed(list(_ELEMENT.finditer(data)))}
    texts = {name: memoryview(data)[match.start(2) : match.end(2)] for name, match in elements.items()}
    if HEAD not in texts:
        raise InvalidExportError(f"{path} is no export of tb_versions.")
    digest = digest_of(body)
    altered = []
    if last is None:
        altered.append("It does not end with its digest: it was cut off, or something was written behind it.")
    elif last != digest:
        altered.append("The file's digest is not the one in its last line.")

    def read(name: str) -> bytes:
        return html.decoded(texts[name], path)

    export = _read_head(altered, lambda: Export(read(HEAD), read))
    manifests = _check_sections(export, altered) if export else ()
    if not altered:
        altered += _reason(lambda: html.parse_html(data, path))  # sections in another order, or twice
    notes = (_OTHER_PAGE,) if export and not altered and not _is_own_page(export, data) else ()
    return Examination(path, "html", digest, tuple(altered), notes, export, manifests=manifests)


def _is_own_page(export: Export, data: bytes) -> bool:
    """Whether the page that is installed here would give the very same file."""
    position = 0
    for chunk in html.html_chunks(export, page.read_script()):
        if not data.startswith(chunk, position):
            return False
        position += len(chunk)
    return position == len(data)


def _examine_site(folder: str) -> Examination:
    index = site.read_index(folder)
    digest = site.head_digest(index, folder)
    altered: list[str] = []
    export = _read_head(altered, lambda: site.read_site(folder))
    manifests = _check_sections(export, altered) if export else ()
    notes = _check_page(folder, index, export, altered) if export else ()
    return Examination(folder, "site", digest, tuple(altered), notes, export, manifests=manifests)


def _check_page(folder: str, index: bytes, export: Export, altered: list[str]) -> tuple[str, ...]:
    """Adds what is wrong with a folder's page, which no digest covers; returns notes."""
    try:
        _, script = site.read_page_script(folder, index)
    except TbVersionsError as error:
        altered.append(str(error))
        return ()
    if index != site.index_of(export, script):
        if export.head.get("generator") == page.GENERATOR:
            altered.append(f"{site.INDEX} is not the one that was written.")
        return (_OTHER_PAGE,)
    return () if script == page.read_script() else (_OTHER_PAGE,)


def _read_head(altered: list[str], read: Callable[[], Export]) -> Export | None:
    """None where the head was altered; raises where it was not, and still can't be read."""
    try:
        return read()
    except InvalidExportError as error:
        if not altered and not isinstance(error, AlteredExportError):
            raise
        altered.append(str(error))
        return None


def _check_sections(export: Export, altered: list[str]) -> tuple[SharedManifest, ...]:
    """Adds what is wrong; returns the manifests where nothing is."""
    altered += _some([reason for name in export.names for reason in _reason(partial(export.packed, name))])
    if altered:
        return ()
    manifests = tuple(read_manifests(export))
    altered += _wrong_manifests(manifests) or _some(wrong_values(export, manifests))
    return () if altered else manifests


def _wrong_manifests(manifests: Iterable[SharedManifest]) -> list[str]:
    wrong = (shared.id for shared in manifests if shared.is_altered)
    return _some([f"{shown(each)} has a manifest which is not the one that its digest names." for each in wrong])


def _some(sentences: Sequence[str]) -> list[str]:
    more = len(sentences) - _LISTED
    return [*sentences[:_LISTED], f"And {more:,} more."] if more > 0 else list(sentences)


def _reason(check: Callable[[], object]) -> Iterator[str]:
    try:
        check()
    except TbVersionsError as error:
        yield str(error)
