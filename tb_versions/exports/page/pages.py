"""The formats `html` and `site`: the page of the tab with a snapshot, as small as `max_size` requires."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from tb_versions.errors import ExportTooLargeError
from tb_versions.exports.container import Export
from tb_versions.exports.contents.material import Material, Prepared, one_file
from tb_versions.exports.contents.snapshot import Limits, Snapshot
from tb_versions.exports.page import frame as page
from tb_versions.exports.page.html import html_chunks
from tb_versions.exports.page.site import site_files

THINNER = (100, 50, 25)
"""Most points of one curve, tried one after the other until the export is small enough."""


def html(material: Material) -> Prepared:
    """Returns the export as one file."""
    script = page.read_script()
    _check_room(material, script)
    _, left_out, chunks = _fitting(material, lambda export: list(html_chunks(export, script)))
    digest = chunks[-1].split()[2].decode()  # of the last line
    return Prepared(files=one_file(chunks), size=sum(map(len, chunks)), digest=lambda: digest, left_out=left_out)


def site(material: Material) -> Prepared:
    """Returns the export as a folder."""
    script = page.read_script()
    _check_room(material, script)
    export, left_out, chunks = _fitting(material, lambda export: [data for _, data in site_files(export, script)])
    files = ((path, (data,)) for path, data in site_files(export, script))
    return Prepared(files=files, size=sum(map(len, chunks)), digest=lambda: export.digest, left_out=left_out)


def _check_room(material: Material, script: bytes) -> None:
    """Refuses a size below that of the page alone."""
    most = material.options.max_size
    if most is not None and most < len(script):
        raise ExportTooLargeError(
            f"The page alone has {len(script):,} bytes, more than the {most:,} that are allowed (--max-size). Allow "
            "more, or export the table: csv or jsonl."
        )


def _fitting(
    material: Material, bytes_of: Callable[[Export], Sequence[bytes]]
) -> tuple[Export, list[str], Sequence[bytes]]:
    """Returns the first export that is small enough; each one tried holds less than the one before."""
    snapshot, most = Snapshot(material), material.options.max_size
    size = 0
    for limits, notes in _ever_less(material.options.max_points, most):
        export = snapshot.export(limits, notes)
        chunks = bytes_of(export)
        size = sum(map(len, chunks))
        if most is None or size <= most:
            return export, list(export.head["left_out"]), chunks
    raise ExportTooLargeError(
        f"The export has {size:,} bytes even without curves and packages, more than the {most:,} that are allowed "
        "(--max-size). Export fewer versions, by model, filter or references, or allow more."
    )


def _ever_less(points: int, most: int | None) -> Iterator[tuple[Limits, list[str]]]:
    yield Limits(points), []
    why = f"to keep to {most:,} bytes"
    for fewer in THINNER:
        if points == 0 or fewer < points:
            yield Limits(fewer), [f"Curves are thinner, {why}: at most {fewer:,} points each."]
    without = f"All curves are left out, {why}."
    yield Limits(None), [without]
    yield Limits(None, packages=False), [without, f"Lists of installed packages are left out, {why}."]
