"""What every kind of events shares: its limits, and how numbers, digests and ids are checked. Pure."""

from __future__ import annotations

import re

from msgspec import Struct

from tb_versions.core.manifest import (
    MAX_NUMBER,
    is_digest,
    shown,
)
from tb_versions.errors import InvalidManifestError

MAX_REASON = 4_096
"""Most characters of a reason."""

MAX_ACTOR = 256
"""Most characters of an actor's name."""

_ID = re.compile(r"[0-9a-f]{32}", re.ASCII)


class Said(Struct, frozen=True, omit_defaults=True, rename={"from_": "from"}):
    """What a kind of events says beside version and reason. A field that is not known is ignored."""

    def check(self) -> None:
        """Raises InvalidManifestError or InvalidNameError where a rule is broken."""


class Nothing(Said, frozen=True):
    """Says no more than its version and reason."""


def check_id(text: str) -> None:
    """Raises InvalidManifestError unless a text is an id: 32 hexadecimal digits, lower case."""
    if not _ID.fullmatch(text):
        raise InvalidManifestError(f"{shown(text)} is no id, 32 hexadecimal digits.")


def check_number(number: object) -> None:
    """Raises InvalidManifestError unless it is None or a number from 0 to 2**63 - 1."""
    if number is not None and not (isinstance(number, int) and 0 <= number <= MAX_NUMBER):
        raise InvalidManifestError(f"{shown(number)} is no number from 0 to 2**63 - 1.")


def check_digest(text: str) -> None:
    """Raises InvalidManifestError unless a text is empty or a digest."""
    if text and not is_digest(text):
        raise InvalidManifestError(f"{shown(text)} is no digest, sha256: and 64 hexadecimal digits.")
