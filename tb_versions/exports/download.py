"""An export that a browser downloads from the tab: made in memory, with a largest size, and redacted by default."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from tb_versions.core.manifest import shown
from tb_versions.errors import ExportTooLargeError, InvalidQueryError, TbVersionsError
from tb_versions.exports.contents.material import Material, Options
from tb_versions.exports.contents.registries import shared_registries
from tb_versions.exports.contents.selection import Selector, select
from tb_versions.exports.export import view_of
from tb_versions.exports.formats import FORMATS
from tb_versions.exports.redaction.redactor import Redactor
from tb_versions.read.catalog import Catalog, Version
from tb_versions.read.curves.curve_reader import CurveReader

MAX_VERSIONS = 2_000
"""Most versions of one download: some ten seconds of work."""

MAX_BYTES = 64 << 20
"""Most bytes of one download."""

MAX_READ = 64 << 20
"""Most bytes of all manifests of one download: a page compresses them, so its own size bounds no work."""

MAX_VALUES = 3_000_000
"""Most values in them, told by the commas; 2,000 usual manifests have a third."""

MAX_REFS = 2_000
"""Most references of one download."""

MAX_TITLE = 200
"""Most characters of a title."""


@dataclass(frozen=True)
class Download:
    """A file for a browser."""

    name: str
    media_type: str
    data: bytes


@dataclass(frozen=True)
class Request:
    """The parameters of the route."""

    format: str = "html"
    refs: Sequence[str] = ()
    filter: str = ""
    view: str = ""
    title: str = ""


def download(
    catalog: Catalog, manifest_bytes: Callable[[Version], bytes], curves: CurveReader, *, request: Request
) -> Download:
    """Returns an export as one file.

    Args:
        catalog: Every version.
        manifest_bytes: Reads the manifest of a version.
        curves: Reads the curves of runs.
        request: The parameters of the route.

    Raises:
        InvalidQueryError: The format is not served, or the request is too large.
        ExportTooLargeError: The file would be too large.
        TbVersionsError: As `select`.
    """
    form = FORMATS.get(request.format)
    if form is None or not form.media_type:
        served = ", ".join(name for name, one in FORMATS.items() if one.media_type)
        raise InvalidQueryError(f"The format {shown(request.format)} is not served; there are {served}.")
    if len(request.refs) > MAX_REFS or len(request.title) > MAX_TITLE:
        raise InvalidQueryError(f"At most {MAX_REFS:,} references and {MAX_TITLE} characters of a title are allowed.")
    options = Options(title=request.title, view=view_of(request.view), max_size=MAX_BYTES)
    selection = select(catalog, Selector(refs=request.refs, filter=request.filter))
    if len(selection.versions) > MAX_VERSIONS:
        raise InvalidQueryError(
            f"{len(selection.versions):,} versions are more than the {MAX_VERSIONS:,} of one download; select fewer or "
            "use the command tb-versions export."
        )
    _check_work(selection.versions, manifest_bytes)
    selection, history = shared_registries(selection.without_arguments(), keeps_people=False)
    material = Material(
        catalog=catalog.without_arguments(),
        selection=selection,
        history=history,
        manifest_bytes=manifest_bytes,
        curves=curves,
        redactor=Redactor(folders=[folder for root, _ in catalog.roots for folder in (root.path, root.shown)]),
        options=options,
    )
    data = bytearray()
    for chunk in (chunk for _, chunks in form.prepare(material).files for chunk in chunks):
        data += chunk
        if len(data) > MAX_BYTES:
            raise ExportTooLargeError(f"The file is larger than {MAX_BYTES >> 20} MiB; select fewer versions.")
    return Download(f"versions{form.suffixes[0]}", form.media_type, bytes(data))


def _check_work(versions: Iterable[Version], manifest_bytes: Callable[[Version], bytes]) -> None:
    """Refuses what would take minutes, before it does."""
    size = values = 0
    for version in versions:
        try:
            data = manifest_bytes(version)
        except (TbVersionsError, OSError):
            continue  # the export says so
        size += len(data)
        values += data.count(b",")
        if size > MAX_READ or values > MAX_VALUES:
            raise InvalidQueryError(
                f"The manifests of these versions have more than {MAX_READ >> 20} MiB or {MAX_VALUES:,} values "
                "together, the most of one download; select fewer or use the command tb-versions export."
            )
