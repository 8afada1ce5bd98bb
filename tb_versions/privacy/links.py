"""Links in what the author wrote for the readers of an export. Pure."""

from __future__ import annotations

import itertools
import re

_LINK = re.compile(r"(https?://[^\s()\[\]<>\"'`]*)")
_PLAIN = re.compile(r"https?://[A-Za-z0-9.-]{1,255}(?::[0-9]{1,5})?(?:[/#][^?@]{0,1000})?")


def by_links(text: str) -> list[tuple[bool, str]]:
    """Returns a text in pieces: whether it is a plain link, which has neither user nor query, and the piece."""
    pieces = [(_PLAIN.fullmatch(piece) is not None, piece) for piece in _LINK.split(text)]
    grouped = itertools.groupby(pieces, key=lambda piece: piece[0])
    return [(is_link, "".join(piece for _, piece in group)) for is_link, group in grouped]
