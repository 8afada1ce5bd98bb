"""Tables that stand as a test says, for states that a real process is in for a moment only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Told:
    state: str = "starting"
    rows: int | None = None
    indexed_ms: int | None = None
    newer: int = 0
    gone: int = 0
    looked_ms: int | None = None
    problem: str = ""


@dataclass
class Said:
    """A service that says what it is told to."""

    told: Told = field(default_factory=Told)
    started: int = 0

    def start(self) -> None:
        self.started += 1

    def standing(self) -> Told:
        return self.told

    def ask(self, what: Any, question: Mapping[str, Any]) -> bytes:
        raise AssertionError(what, question)
