"""The author's own patterns, which are masked in every text: regular expressions with a time limit."""

from __future__ import annotations

import time
from collections.abc import Sequence

import regex

from tb_versions.core.manifest import shown
from tb_versions.errors import InvalidQueryError

MARK = "[redacted]"
"""What stands where a pattern matched."""

MAX_SECONDS = 10.0
"""Most seconds that one pattern may search in all."""


class Pattern:
    """One pattern and how often it matched.

    Attributes:
        source: As the author wrote it.
        matches: How often it matched; equal texts are counted once.
        numbers: Numbers that it would have matched: they are not masked.
    """

    def __init__(self, source: str) -> None:
        """Compiles it.

        Raises:
            InvalidQueryError: It is no regular expression, or matches the empty text, which is everywhere.
        """
        self.source = source
        self.matches = 0
        self.numbers: set[float] = set()
        self._left = MAX_SECONDS
        try:
            self._compiled = regex.compile(source)
        except regex.error as error:
            raise InvalidQueryError(f"--redact {shown(source)} is no regular expression: {error}.") from error
        if self._compiled.search("") is not None:
            raise InvalidQueryError(f"--redact {shown(source)} matches the empty text; say what must be there.")

    def sub(self, text: str) -> str:
        """Returns the text with every match replaced.

        Raises:
            InvalidQueryError: The pattern takes too long.
        """
        started = time.monotonic()
        try:
            replaced, count = self._compiled.subn(MARK.replace("\\", "\\\\"), text, timeout=max(self._left, 0.01))
        except TimeoutError as error:
            raise InvalidQueryError(
                f"--redact {shown(self.source)} takes more than {MAX_SECONDS:.0f} seconds; write it without nested "
                "repetitions."
            ) from error
        self._left -= time.monotonic() - started
        self.matches += count
        return str(replaced)

    def note_number(self, number: float) -> None:
        """Remembers a number that it matches, as JSON writes it.

        Raises:
            InvalidQueryError: As `sub`.
        """
        matches = self.matches
        if number not in self.numbers and self.sub(str(number)) != str(number):
            self.numbers.add(number)
        self.matches = matches


def compile_patterns(sources: Sequence[str]) -> tuple[Pattern, ...]:
    """Returns the patterns; raises as `Pattern`."""
    return tuple(Pattern(source) for source in dict.fromkeys(sources))
