"""`tb_versions.export`: from folders to a file, a folder or a bucket."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import BinaryIO
from urllib.parse import unquote, urlsplit

from tb_versions.core import storage
from tb_versions.core.arguments import count, paths, size, text, texts
from tb_versions.core.manifest import shown
from tb_versions.errors import InvalidQueryError
from tb_versions.exports.contents.loading import Loaded, load
from tb_versions.exports.contents.material import Material, Options, Progress, no_progress
from tb_versions.exports.contents.registries import shared_registries
from tb_versions.exports.contents.selection import Selector, select
from tb_versions.exports.contents.snapshot import redacted_in_words, times
from tb_versions.exports.formats import format_of
from tb_versions.exports.redaction.fields import INCLUDABLE, Included
from tb_versions.exports.redaction.redactor import Redactor
from tb_versions.exports.targets.writing import Piped, Target
from tb_versions.privacy.patterns import Pattern, compile_patterns
from tb_versions.read.folders.stores import existing_models

MAX_VIEW = 64 * 1024
"""Most characters of a view."""

MAX_INTRODUCTION = 256 * 1024
"""Most characters of an introduction."""

Opened = Callable[[str, Sequence[str], Progress], AbstractContextManager[Loaded]]
"""Reads a log directory and folders of models; see `load`."""

_VIEW = re.compile(r"#versions(?:&(?:[^\s#%]|%[0-9A-Fa-f]{2})*)?")


@dataclass(frozen=True, kw_only=True, repr=False)
class Exported:
    """What was written.

    Attributes:
        path: Where, as it was given.
        format: Name of the format.
        size: In bytes.
        digest: "sha256:<hex>", which `tb-versions verify` computes anew; "" for tables.
        versions: How many versions it holds.
        runs: How many runs without versions it holds.
        left_out: Sentences: what it does not hold, and why.
        redacted: Sentences: what was left out or masked in texts.
        problems: Sentences: what could not be read.
    """

    path: str
    format: str
    size: int
    digest: str
    versions: int
    runs: int
    left_out: tuple[str, ...]
    redacted: tuple[str, ...]
    problems: tuple[str, ...]

    def __repr__(self) -> str:
        counts = f"versions={self.versions}, runs={self.runs}, size={self.size}"
        told = f"left_out={len(self.left_out)}, redacted={len(self.redacted)}, problems={len(self.problems)}"
        return f"Exported({self.path!r}, {self.format!r}, {counts}, {told})"


def export(
    out: str | os.PathLike[str],
    *,
    logdir: str | os.PathLike[str] | None = None,
    models_dir: str | os.PathLike[str] | Sequence[str | os.PathLike[str]] = (),
    refs: Sequence[str] = (),
    models: Sequence[str] = (),
    runs: Sequence[str] = (),
    aliases: Sequence[str] = (),
    filter: str = "",  # noqa: A002 - as the command line and the tab call it
    format: str = "",  # noqa: A002
    title: str = "",
    introduction: str = "",
    view: str = "",
    tensorboard_url: str = "",
    include: Iterable[Included] = (),
    redact: Sequence[str] = (),
    max_points: int = 200,
    max_size: int | str | None = None,
    manifest: bool = True,
    attach: Sequence[str | os.PathLike[str]] = (),
    with_golden: bool = False,
    force: bool = False,
) -> Exported:
    """Writes what the Versions tab shows as one file that opens anywhere, or in another format.

    Arguments of the command, the repository's address, names of changed files, uncommitted changes, names of machines
    and people, absolute paths and secrets are left out or masked. The same state gives the same bytes. Nothing is left
    at `out` where this fails.

    Args:
        out: A file or folder that does not exist; missing folders above it are made. Or a URL: `s3://bucket/share.html`.
        logdir: What `tensorboard --logdir` gets; without it there are no curves.
        models_dir: Folder of models, `<models>/<model>/<number>/`, or several.
        refs: Only these versions: `digits:3`, `digits:1.4.0`, `digits`; or runs: `run:NAME`.
        models: Only versions of these models.
        runs: Only versions of these runs, and the runs themselves where they made none.
        aliases: Only versions that hold one of these aliases.
        filter: Only versions that pass a filter of the tab: `val_accuracy > 0.9`.
        format: `html`, `site` …; by the ending of `out` where it is not given.
        title: Plain text.
        introduction: Markdown.
        view: What the page opens with: an address copied out of the tab, or its part from # on.
        tensorboard_url: A running TensorBoard that links to runs lead to, http or https.
        include: What the export keeps although it is left out by default: "actors" (who promoted and approved),
            "arguments" (of the command), "code-diff" (uncommitted changes), "hosts" (also the repository's address),
            "paths" (also names of changed files).
        redact: Regular expressions; matches are replaced in every text.
        max_points: Most points of each curve beside those at exports; 0 keeps all.
        max_size: Most bytes, or a text like "15MB"; curves get thinner, then curves and lists of packages are left
            out.
        manifest: Whether an OCI layout holds the manifest, too, unchanged, with all that it says of code, arguments and
            environment.
        attach: Attestations of the version that an OCI layout holds, too: in-toto statements, DSSE envelopes, Sigstore
            bundles. Their signatures are not checked.
        with_golden: Whether an OCI layout holds the version's golden outputs, too: inputs that its author gave, and
            answers. No other format ever holds them.
        force: Whether what is at `out` is replaced: a file that an export wrote, for a table any file with the
            format's ending, in a folder the files of an export. All others are kept.

    Returns:
        What was written.

    Raises:
        InvalidQueryError: An argument is malformed.
        VersionNotFoundError: Nothing is selected.
        ExportTooLargeError: It can't be made as small as `max_size`.
        ExportExistsError: `out` exists, or must not be written to.
        StorageError: Reading or writing failed; nothing is left at `out`.
        MissingDependencyError: The package for such a URL is not installed.
    """
    options = Options(
        title=text("title", title),
        introduction=text("introduction", introduction),
        view=view_of(text("view", view)),
        tensorboard_url=checked_url(text("tensorboard_url", tensorboard_url)),
        max_points=count("max_points", max_points),
        max_size=None if max_size is None else size("max_size", max_size),
        with_manifest=manifest,
        attach=tuple(paths(attach)),
        with_golden=with_golden,
    )
    job = Job(
        out=os.fspath(out),
        logdir=os.fspath(logdir) if logdir else "",
        models_dirs=tuple(paths(models_dir)),
        format=text("format", format),
        selector=Selector(
            refs=texts("refs", refs),
            models=texts("models", models),
            runs=texts("runs", runs),
            aliases=texts("aliases", aliases),
            filter=text("filter", filter),
        ),
        options=options,
        include=checked_include(texts("include", include)),
        redact=texts("redact", redact),
        force=force,
    )
    return run_job(job)


@dataclass(frozen=True, kw_only=True)
class Job:
    """What to export, how, and where to."""

    out: str
    logdir: str
    models_dirs: tuple[str, ...]
    format: str
    selector: Selector
    options: Options
    include: frozenset[Included]
    redact: tuple[str, ...]
    force: bool


def run_job(
    job: Job,
    *,
    progress: Progress = no_progress,
    announce: Callable[[int], None] | None = None,
    stream: BinaryIO | None = None,
    opened: Opened = load,
) -> Exported:
    """Reads, redacts and writes; see `export`.

    Args:
        job: What to export.
        progress: Is called with what is being done, how much is done, and how much there is.
        announce: Is called with the size before anything is written, where it is known.
        stream: What a format of one file is written to in the place of `job.out`.
        opened: Reads what the export may hold; all by default.
    """
    _check_places(job)
    name, form = format_of(job.format, job.out)
    if stream is not None and form.is_folder:
        raise InvalidQueryError(f"The format {name} is a folder; name it with --out.")
    if not name.startswith("oci") and (job.options.attach or not job.options.with_manifest):
        raise InvalidQueryError("attach (--attach) and manifest (--no-manifest) are of OCI layouts: --format oci.")
    if not name.startswith("oci") and job.options.with_golden:
        raise InvalidQueryError(
            "Golden outputs (with_golden, --with-golden) go along with a version's files: --format oci. Other exports "
            "hold no files of a version, and never users' data."
        )
    patterns = compile_patterns(job.redact)
    target = Target(job.out, form, force=job.force) if stream is None else Piped(stream)
    with opened(job.logdir, job.models_dirs, progress) as loaded:
        target.check(loaded.catalog)
        selection = select(loaded.catalog, job.selector)
        folders = [folder for root, _ in loaded.catalog.roots for folder in (root.path, root.shown)]
        redactor = Redactor(include=job.include, patterns=patterns, folders=folders)
        catalog = loaded.catalog
        if "arguments" not in job.include:
            catalog, selection = catalog.without_arguments(), selection.without_arguments()
        selection, history = shared_registries(selection, keeps_people="actors" in job.include)
        material = Material(
            catalog=catalog,
            selection=selection,
            manifest_bytes=loaded.manifest_bytes,
            curves=loaded.curves,
            redactor=redactor,
            options=job.options,
            history=history,
            progress=progress,
        )
        prepared = form.prepare(material)
        if prepared.size is not None and announce is not None:
            announce(prepared.size)
        written = target.write(prepared.files, most=job.options.max_size)
    return Exported(
        path=job.out,
        format=name,
        size=written,
        digest=prepared.digest(),
        versions=len(selection.versions),
        runs=len(selection.runs) if form.holds_runs else 0,
        left_out=tuple(prepared.left_out),
        redacted=(*redacted_in_words(redactor.counts), *_matches(patterns)),
        problems=tuple(f"{where}: {why}" for where, why in loaded.catalog.problems),
    )


def _check_places(job: Job) -> None:
    if not job.logdir and not job.models_dirs:
        raise InvalidQueryError("Say what to export: a log directory, folders of models, or both.")
    if job.logdir and not storage.is_remote(job.logdir):
        storage.existing_folder(job.logdir, "The log directory")
    for folder in job.models_dirs:
        existing_models(folder)


def _matches(patterns: Sequence[Pattern]) -> Iterator[str]:
    for pattern in patterns:
        name, count, numbers = f"--redact {shown(pattern.source)}", pattern.matches, len(pattern.numbers)
        if count or not numbers:
            yield f"{name} matched {f'{times(count)}.' if count else 'nothing; check its spelling.'}"
        if numbers:
            stay = "1 number, which stays" if numbers == 1 else f"{numbers:,} numbers, which stay"
            yield f"{name} matches {stay}: only texts are masked."


def checked_include(include: Iterable[str]) -> frozenset[Included]:
    """Returns the checked values of `include`; raises InvalidQueryError for an unknown one."""
    names = frozenset(include)
    for name in sorted(names):
        if name not in INCLUDABLE:
            raise InvalidQueryError(f"{shown(name)} can't be included; there are {', '.join(INCLUDABLE)}.")
    return frozenset(name for name in INCLUDABLE if name in names)


def checked_url(url: str) -> str:
    """Returns the address of a TensorBoard; raises InvalidQueryError where it is none."""
    if not url:
        return ""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.password:
        raise InvalidQueryError(
            f"A TensorBoard's address is like http://host:6006, without a user and password, not {shown(url)}."
        )
    return f"{parts.scheme}://{parts.netloc}{parts.path or '/'}"


def view_of(address: str) -> str:
    """Returns the hash of an address of the tab, without the address of the machine that served it.

    Raises:
        InvalidQueryError: It has none.
    """
    if not address:
        return ""
    _, mark, rest = address.partition("#")
    view = mark + rest if mark else ""
    if not _VIEW.fullmatch(view) or len(view) > MAX_VIEW:
        raise InvalidQueryError(
            f"--view is an address copied out of the Versions tab, with #versions in it, not {shown(address)}."
        )
    try:
        unquote(view, errors="strict")
    except UnicodeDecodeError as error:
        raise InvalidQueryError(f"--view {shown(address)} is cut off or was changed: copy the address anew.") from error
    return view
