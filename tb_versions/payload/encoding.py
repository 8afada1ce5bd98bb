"""The table as bytes. What did not change since the last catalog is not encoded again, and need not travel again."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tb_versions.payload.blocks import blocks_of
from tb_versions.payload.columns import Named
from tb_versions.payload.parts import PARTS, Kept, Part, Rows
from tb_versions.payload.pieces import Piece, Pieces, piece
from tb_versions.payload.tables import head, kept_names
from tb_versions.payload.wire import dump, revision_of
from tb_versions.read.catalog import Catalog

MOST_REVISIONS = 100
"""Revisions since which an answer can be given."""


@dataclass
class _Encoded:
    """A part of a block: of what rows it was made, and which of its names have columns in it (`kept`)."""

    rows: Rows
    named: Named
    kept: object = None
    digest: str = ""
    piece: Piece | None = None


@dataclass(frozen=True)
class EncodedTable:
    """A table as it travels.

    Attributes:
        revision: Follows the content.
        head: The beginning of the answer, up to the parts.
        parts: Digest to bytes.
        whole: The answer for who knows no revision.
    """

    revision: str
    head: Piece
    parts: Mapping[str, Piece]
    whole: Pieces

    def without(self, known: Collection[str]) -> Pieces:
        """Returns the answer without the parts that somebody has.

        Args:
            known: Their digests.
        """
        if not known:
            return self.whole
        return _answer(self.head, [each for digest, each in self.parts.items() if digest not in known])


_COMMA, _END = piece(b","), piece(b"]}")


def _answer(first: Piece, parts: Sequence[Piece]) -> Pieces:
    pieces = [first]
    for number, each in enumerate(parts):
        pieces += [_COMMA, each] if number else [each]
    return Pieces([*pieces, _END])


class TableEncoder:
    """Encodes one catalog after the other. Not thread-safe."""

    def __init__(self) -> None:
        """Knows nothing yet."""
        self._blocks: dict[str, list[_Encoded]] = {}
        self._revisions: dict[str, frozenset[str]] = {}

    def encode(self, catalog: Catalog) -> EncodedTable:
        """Returns a catalog's table."""
        blocks = [Rows(catalog.versions[rows], catalog.curves) for rows in blocks_of(catalog.versions)]
        self._blocks = {rows.versions[0].id: self._block(rows) for rows in blocks}
        named = [encoded.named for block in self._blocks.values() for encoded in block]
        kept, left_out = kept_names(named, len(catalog.versions))
        for rows, block in zip(blocks, self._blocks.values(), strict=True):
            for part, encoded in zip(PARTS, block, strict=True):
                _encode(encoded, part, rows, kept=kept)
        return self._table(head(catalog, kept, left_out), [len(rows.versions) for rows in blocks])

    def digests_at(self, revision: str) -> Collection[str]:
        """Returns the digests of the parts that a table had; none where the revision is not known any more."""
        return self._revisions.get(revision, frozenset())

    def _block(self, rows: Rows) -> list[_Encoded]:
        before = self._blocks.get(rows.versions[0].id, [])
        block = []
        for place, part in enumerate(PARTS):
            if before and part.made_of(before[place].rows) == part.made_of(rows):
                before[place].rows = rows  # so that what was there before can go
                block.append(before[place])
            else:
                block.append(_Encoded(rows, part.names(rows)))
        return block

    def _table(self, first: dict[str, Any], rows: Sequence[int]) -> EncodedTable:
        blocks = self._blocks.values()
        first["blocks"] = [
            {"rows": count, "parts": [encoded.digest for encoded in block]}
            for count, block in zip(rows, blocks, strict=True)
        ]
        body = dump(first)
        revision = revision_of(body)
        begin = piece(b'{"revision":"' + revision.encode() + b'",' + body[1:-1] + b',"parts":[\n')
        parts = {each.digest: each.piece for block in blocks for each in block if each.piece is not None}
        self._remember(revision, frozenset(parts))
        return EncodedTable(revision, begin, parts, _answer(begin, list(parts.values())))

    def _remember(self, revision: str, digests: frozenset[str]) -> None:
        self._revisions.pop(revision, None)
        self._revisions[revision] = digests
        while len(self._revisions) > MOST_REVISIONS:
            del self._revisions[next(iter(self._revisions))]


def _encode(encoded: _Encoded, part: Part, rows: Rows, *, kept: Kept) -> None:
    having = kept.of(encoded.named)
    if encoded.piece is not None and encoded.kept == having:
        return
    body = dump(part.columns(rows, kept))
    encoded.kept, encoded.digest = having, revision_of(body)
    encoded.piece = piece(b'{"digest":"' + encoded.digest.encode() + b'",' + body[1:] + b"\n")
