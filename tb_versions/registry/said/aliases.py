"""What events say of aliases. Pure."""

from __future__ import annotations

from msgspec import Struct

from tb_versions.core.manifest import (
    check_alias,
    check_text,
)
from tb_versions.registry.said.base import Said, check_digest, check_number


class SignedBy(Struct, frozen=True, omit_defaults=True):
    """A signature that was checked when an alias moved, because the policy asks for one.

    Attributes:
        bundle: Digest of the signature.
        key: Fingerprint of the key, which the policy trusts.
        name: Of the key there.
    """

    bundle: str
    key: str
    name: str = ""

    def check(self) -> None:
        """Raises InvalidManifestError where a rule is broken."""
        check_digest(self.bundle)
        check_digest(self.key)
        check_text(self.name, "The name of the key", limit=256)


class _AliasMoved(Said, frozen=True):
    """The alias names the event's version now, and named another one before.

    Attributes:
        alias: Its name.
        from_: Number of the version that it named before; None if it named none.
        policy: Digest of the policy under which it was allowed; "" without one.
        verified: How the files were compared with the manifest before: "digests", "sizes" or "".
        allowed_by: Number of each event that the policy asked for: approvals, gates.
        signature: That was checked, where the policy asks for one.
    """

    alias: str
    from_: int | None = None
    policy: str = ""
    verified: str = ""
    allowed_by: tuple[int, ...] = ()
    signature: SignedBy | None = None

    def check(self) -> None:
        """Raises InvalidManifestError or InvalidNameError where a rule is broken."""
        check_alias(self.alias)
        check_number(self.from_)
        check_digest(self.policy)
        check_text(self.verified, "The verification", limit=64)
        for number in self.allowed_by:
            check_number(number)
        if self.signature is not None:
            self.signature.check()


class AliasSet(_AliasMoved, frozen=True):
    """The alias names the event's version now."""


class AliasRolledBack(_AliasMoved, frozen=True):
    """The alias names an earlier holder again, the event's version; those after it are no longer on the stack."""


class AliasRemoved(Said, frozen=True):
    """The alias names nothing any more, and its stack is empty; the event's version was the last."""

    alias: str

    def check(self) -> None:
        """Raises InvalidManifestError or InvalidNameError where a rule is broken."""
        check_alias(self.alias)
