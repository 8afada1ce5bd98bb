"""Says whether an export was altered since it was written, and where.

`read_export` stops at the first thing that is wrong; this looks on, so that it can name all that differs. What it
finds sound, `read_export` reads.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from tb_versions.core.manifest import shown
from tb_versions.errors import AlteredExportError, InvalidExportError, TbVersionsError
from tb_versions.exports.container import HEAD, Export, digest_of
from tb_versions.exports.manifests import SharedManifest, read_manifests
from tb_versions.exports.page import frame as page
from tb_versions.exports.page import html, site
from tb_versions.exports.tensorboard_dev.reading import ExperimentFolder, is_experiment, read_experiment, symlinks_in

_ELEMENT = re.compile(rb'^<script type="application/gzip" id="tbv/([^"\n]*)">([^\n]*)</script>$', re.MULTILINE)
_TAIL = b"</script>\n</body>\n</html>\n"
_GENERATOR = re.compile(rb'<meta name="generator" content="[^"\n]{0,200}">')
_WORDS_ONLY = re.compile(rb'<meta name="[a-z-]+" content="[^"<>\n]*">|<noscript>[^<>\n]*</noscript>')
_LISTED = 20


@dataclass(frozen=True)
class Examination:
    """What was found.

    Attributes:
        path: The file or folder.
        form: One file, a folder, or TensorBoard.dev's layout.
        digest: Of the file up to its last line; of a folder's section `head`, or of `tb_versions.json`. What
            `tb-versions export` printed.
        altered: What was altered, in sentences; empty: nothing.
        notes: What is worth knowing besides, in sentences.
        export: The export, where its head can be read.
        script: The page's script, where it can be told from what was added.
        content: The page: the file's bytes, or those of a folder's `index.html`; None where there is none.
        experiment: The export, where it has TensorBoard.dev's layout.
    """

    path: str
    form: Literal["html", "site", "tensorboard-dev"]
    digest: str
    altered: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    export: Export | None = None
    script: bytes | None = field(default=None, repr=False)
    content: bytes | None = field(default=None, repr=False)
    experiment: ExperimentFolder | None = None

    @property
    def is_sound(self) -> bool:
        """Whether all of it was read and nothing was altered."""
        return not self.altered and (self.export is not None or self.experiment is not None)

    def manifests(self) -> Iterator[SharedManifest]:
        """Gives every version that it holds; raises as `read_manifests`."""
        if self.experiment is not None:
            yield from self.experiment.manifests()
        elif self.export is not None:
            yield from read_manifests(self.export)


@dataclass
class _Findings:
    altered: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def examine(path: str | os.PathLike[str]) -> Examination:
    """Reads all of an export and compares every digest in it with what it stands for.

    Args:
        path: As in `read_export`.

    Raises:
        InvalidExportError: It is no export at all, or one of a newer version.
        UnsafeFileError, StorageError: It can't be read.
    """
    real = os.path.realpath(os.path.expanduser(os.fspath(path)))
    if is_experiment(real):
        return _examine_experiment(real)
    return _examine_site(real) if os.path.isdir(real) else _examine_html(real)


def _examine_experiment(path: str) -> Examination:
    experiment = read_experiment(path)
    notes = [f"{shown(os.path.basename(link))} is a symlink and was not looked at." for link in symlinks_in(path)]
    found = _Findings(list(experiment.altered()), notes)
    if not found.altered:
        _check_manifests(experiment.manifests(), found)
    return Examination(
        path, "tensorboard-dev", experiment.digest, tuple(found.altered), tuple(found.notes), experiment=experiment
    )


def _examine_html(path: str) -> Examination:
    data = html.content_of(path)
    body, last = html.split(data)
    elements = [(match[1].decode("ascii", "replace"), match) for match in _ELEMENT.finditer(data)]
    texts = {name: memoryview(data)[match.start(2) : match.end(2)] for name, match in reversed(elements)}
    if HEAD not in texts:
        raise InvalidExportError(f"{path} is no export of tb_versions.")
    found = _Findings()
    digest = digest_of(body)
    if last is None:
        found.altered.append("It does not end with its digest: it was cut off, or something was written behind it.")
    elif last != digest:
        found.altered.append("The file's digest is not the one in its last line.")
    script = None
    export = _read_head(found, lambda: Export(html.decoded(texts[HEAD], path), lambda n: html.decoded(texts[n], path)))
    if export is not None:
        _check_sections(export, found)
        listed = Counter(name for name, _ in elements)
        _name(found, [name for name in listed if name not in (HEAD, *export.names)], "is not in the head's list")
        _name(found, [name for name, times in listed.items() if times > 1], "is there more than once")
        first, behind = elements[0][1].start(), elements[-1][1].end() + 1
        script = _script_of(bytes(body[behind:]), found)
        if script is not None:
            _check_page(export, bytes(body[:first]), script, found)
        if not found.altered:
            _check_form(data, path, found)
    return Examination(path, "html", digest, tuple(found.altered), tuple(found.notes), export, script, data)


def _check_form(data: bytes, path: str, found: _Findings) -> None:
    """What is left: sections in another order or with something between them."""
    try:
        html.parse_html(data, path)
    except InvalidExportError as error:
        found.altered.append(str(error))


def _script_of(behind: bytes, found: _Findings) -> bytes | None:
    """The one script that is all there is behind the sections; None where it is not."""
    script = behind.removeprefix(b"<script>").removesuffix(_TAIL)
    if len(script) == len(behind) - len(b"<script>") - len(_TAIL) and b"</script" not in script.lower():
        return script
    found.altered.append("The page's script is cut off, or there is more than one.")
    return None


def _check_page(export: Export, before: bytes, script: bytes, found: _Findings) -> None:
    """The page around the sections of one file: its script, and the policy that allows this one only."""
    policies = re.findall(rb"'sha256-[A-Za-z0-9+/=]+'|script-src", before)
    if policies != [b"script-src", page.source_of(script).encode()]:
        found.altered.append("The page's content security policy does not allow just the script that is there.")
    _check_head_of_page(export, before, page.head(export.head.get("title"), page.inline_policy(script)), found)
    _compare_script(script, found)


def _check_head_of_page(export: Export, there: bytes, expected: bytes, found: _Findings) -> None:
    if _without_generator(there) == _without_generator(expected):
        return
    writer = shown(str(export.head.get("generator")))
    if export.head.get("generator") == page.GENERATOR:
        found.altered.append("The page around the sections is not the one that was written.")
    elif _acting(there) != _acting(expected):
        found.altered.append(
            f"The page around the sections does something that the page of {page.GENERATOR}, which looks at it, does "
            f"not: it was altered, or {writer} made it so and can tell."
        )
    else:
        found.notes.append(f"The page around the sections has other words than here; it is that of {writer}.")


def _acting(text: bytes) -> list[bytes]:
    """The lines of a page by which a browser does something: another version may have other words, and no others."""
    return [line for line in text.split(b"\n") if not _WORDS_ONLY.fullmatch(line)]


def _compare_script(script: bytes, found: _Findings) -> None:
    try:
        own = page.read_script()
    except TbVersionsError:
        return
    if script.strip() != own.strip():
        found.notes.append(
            "Its page is not the one of the tb_versions installed here: another version wrote it, or somebody "
            "replaced it and its digests. Compare the digest with the one that `tb-versions export` printed."
        )


def _without_generator(text: bytes) -> bytes:
    return _GENERATOR.sub(b"", text, count=1)


def _examine_site(folder: str) -> Examination:
    index = site.read_index(folder)
    digest = site.head_digest(index, folder)
    found = _Findings()
    export = _read_head(found, lambda: site.read_site(folder))
    script = None
    if export is not None:
        _check_sections(export, found)
        script = _check_index(folder, index, export, found)
    return Examination(folder, "site", digest, tuple(found.altered), tuple(found.notes), export, script, index)


def _check_index(folder: str, index: bytes, export: Export, found: _Findings) -> bytes | None:
    """Returns the page's script; None where it is not the one that its name tells."""
    try:
        _, script = site.read_page_script(folder, index)
    except TbVersionsError as error:
        found.altered.append(str(error))
        return None
    _check_head_of_page(export, index, site.index_of(export, script), found)
    _compare_script(script, found)
    return script


def _read_head(found: _Findings, read: Callable[[], Export]) -> Export | None:
    """None where the head was altered; raises where it was not, and still can't be read."""
    try:
        return read()
    except InvalidExportError as error:
        if not found.altered and not isinstance(error, AlteredExportError):
            raise
        found.altered.append(str(error))
        return None


def _check_sections(export: Export, found: _Findings) -> None:
    wrong = [fault for name in export.names if (fault := _fault(export, name))]
    found.altered += wrong[:_LISTED]
    if len(wrong) > _LISTED:
        found.altered.append(f"And {len(wrong) - _LISTED:,} more sections.")
    if not found.altered:
        _check_manifests(read_manifests(export), found)


def _fault(export: Export, name: str) -> str:
    try:
        export.packed(name)
    except TbVersionsError as error:
        return str(error)
    return ""


def _check_manifests(manifests: Iterable[SharedManifest], found: _Findings) -> None:
    wrong = [shared.id for shared in manifests if shared.is_altered]
    _name(found, wrong, "has a manifest which is not the one that its digest names")


def _name(found: _Findings, names: list[str], what: str) -> None:
    found.altered += [f"{shown(name)} {what}." for name in names[:_LISTED]]
    if len(names) > _LISTED:
        found.altered.append(f"And {len(names) - _LISTED:,} more.")
