"""What events say of the policy. Pure."""

from __future__ import annotations

from tb_versions.core.manifest import (
    MAX_DESCRIPTION,
    check_text,
)
from tb_versions.registry.said.base import Said, check_digest


class PolicyChanged(Said, frozen=True):
    """The policy file was seen to have changed.

    Attributes:
        digest: Of the file; "" where it is gone.
        rules: What it says, as TOML.
        loosened: A sentence for each rule that asks for less than before.
    """

    digest: str = ""
    rules: str = ""
    loosened: tuple[str, ...] = ()

    def check(self) -> None:
        """Raises InvalidManifestError or InvalidNameError where a rule is broken."""
        check_digest(self.digest)
        check_text(self.rules, "The policy", limit=MAX_DESCRIPTION, newlines=True)
        for sentence in self.loosened:
            check_text(sentence, "A loosened rule")
