"""What is known of the tables at any time, without asking them."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

State = Literal["starting", "absent", "small", "windowed", "failed"]


class Told(Struct, frozen=True):
    """What the service says of its tables.

    Attributes:
        state: "starting" until they were read; "absent" where there are none; "small" where they have few rows, so that
            the page can have them all; "windowed" where questions are answered; "failed" where they can't be read.
        rows: How many versions there are; 0 where that is not known.
        indexed_ms: When `tb-versions index` changed the table last, milliseconds since 1970, or None.
        newer: How many versions were read from their files because they came since.
        gone: How many rows were left out because their folders are not there.
        looked_ms: When the models folder was looked at, milliseconds since 1970; None where it was not.
        problem: What is wrong or not looked at, a sentence; or "".
    """

    state: State = "starting"
    rows: int = 0
    indexed_ms: int | None = None
    newer: int = 0
    gone: int = 0
    looked_ms: int | None = None
    problem: str = ""
