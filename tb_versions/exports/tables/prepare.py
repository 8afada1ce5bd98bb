"""Makes tables from an export's material."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any

from tb_versions.errors import ExportTooLargeError
from tb_versions.exports.contents.material import Material, Options, Prepared, one_file
from tb_versions.exports.tables import WRITERS, table_of


def table(name: str) -> Callable[[Material], Prepared]:
    """Returns the function that makes an export in a format of `tables.WRITERS`."""
    write = WRITERS[name]

    def prepare(material: Material) -> Prepared:
        made = table_of(material.selection.catalog, redact=material.redactor.tree)
        stream = _Bounded(material.options.max_size)
        write(made, stream)
        left_out = [*made.left_out, *_left_out(material)]
        return Prepared(files=one_file([stream.getvalue()]), size=stream.tell(), left_out=left_out)

    return prepare


class _Bounded(io.BytesIO):
    """Bytes in memory, so many at most: a table of some long names and many rows may be a thousand times their size."""

    def __init__(self, most: int | None) -> None:
        super().__init__()
        self._most = most

    def write(self, data: Any, /) -> int:
        written = super().write(data)
        if self._most is not None and self.tell() > self._most:
            raise ExportTooLargeError(
                f"The table is larger than the {self._most:,} bytes allowed. Export fewer versions, or as parquet."
            )
        return written


def _left_out(material: Material) -> Iterator[str]:
    runs, options = len(material.selection.runs), material.options
    if runs:
        yield f"{runs:,} run{'s' if runs > 1 else ''} that made no version: a table has rows of versions only."
    plain = Options()
    words = ("title", "introduction", "view", "tensorboard_url")
    unused = [word.replace("_", "-") for word in words if getattr(options, word) != getattr(plain, word)]
    if unused:
        yield f"A table has no place for: {', '.join(unused)}."
