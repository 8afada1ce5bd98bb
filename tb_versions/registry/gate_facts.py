"""What an event about a gate says: each rule with what decided, and the baselines that were seen. Pure."""

from __future__ import annotations

import math
from typing import Literal

from msgspec import Struct

from tb_versions.core.manifest import check_text, is_digest, shown
from tb_versions.errors import InvalidManifestError

MAX_FINDINGS = 300
"""Most results of rules in one event."""

MAX_BASELINES = 50
"""Most baselines, and most sources of metrics measured later, in one event."""

MAX_GATE_TEXT = 512
"""Most characters of a text of a result."""

PARENT = "parent"
"""As a baseline: the version that the judged one was made from."""

PROMOTION = "promotion"
"""As a baseline: the version itself, as it was when it got the alias."""

DESCRIPTION = "description"
"""What a rule may require: the description."""

LABEL = "label:"
"""What a rule may require: a label, with its key."""

Verdict = Literal["passed", "failed", "not known"]


class Finding(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What came of one rule.

    Attributes:
        rule: What it is about: "val_accuracy [test/night]", "signature".
        wanted: What it wants, in words.
        found: What there is, in words.
        verdict: "passed", "failed", or "not known", which is no pass.
        why: The numbers and names that decided, a sentence.
        value: The number that decided, or None.
        limit: What it was compared with, or None.
        margin: By how much it is inside of the limit; less than 0 outside; or None.
        baseline: The version that it was compared with; "" for none.
    """

    rule: str
    wanted: str
    found: str
    verdict: Verdict
    why: str = ""
    value: float | None = None
    limit: float | None = None
    margin: float | None = None
    baseline: str = ""

    def check(self) -> None:
        """Raises InvalidManifestError where a text or number breaks a rule."""
        for text in (self.rule, self.wanted, self.found, self.verdict, self.why, self.baseline):
            check_text(text, "A result of a rule", limit=MAX_GATE_TEXT)
        for number in (self.value, self.limit, self.margin):
            if number is not None and not math.isfinite(number):
                raise InvalidManifestError(f"{shown(number)} is no finite number.")


class SeenBaseline(Struct, frozen=True, omit_defaults=True):
    """A version that a result was compared with.

    Attributes:
        name: As the rules name it: "production", "parent", "digits:3".
        version: The version that this was: "digits:3"; "" where it named none.
        manifest: Digest of that version's manifest; "" where it named none.
    """

    name: str
    version: str = ""
    manifest: str = ""

    def check(self) -> None:
        """Raises InvalidManifestError where a text breaks a rule."""
        check_text(self.name + self.version, "A baseline", limit=MAX_GATE_TEXT)
        if self.manifest and not is_digest(self.manifest):
            raise InvalidManifestError(f"{shown(self.manifest)} is no digest, sha256: and 64 hexadecimal digits.")
