"""What events say of versions: labels, texts, and where they went. Pure."""

from __future__ import annotations

import msgspec

from tb_versions.core.manifest import (
    MAX_DESCRIPTION,
    check_alias,
    check_key,
    check_text,
    is_semantic_version,
    shown,
)
from tb_versions.errors import InvalidManifestError
from tb_versions.registry.said.base import Said, check_digest, check_number


class Removed(Said, frozen=True):
    """The version's files go, or went.

    Attributes:
        digest: Of its files, as its manifest says.
        size: Bytes of its files, or None.
        by: What asked for it: "remove", "prune", "keep=3"; with its run where a training did.
    """

    digest: str = ""
    size: int | None = None
    by: str = ""

    def check(self) -> None:
        """Raises InvalidManifestError or InvalidNameError where a rule is broken."""
        check_digest(self.digest)
        check_number(self.size)
        check_text(self.by, "What asked for the removal")


class LabelSet(Said, frozen=True):
    """A label of the version has a value now; it hides that of the manifest."""

    key: str
    value: str

    def check(self) -> None:
        """Raises InvalidManifestError or InvalidNameError where a rule is broken."""
        check_key(self.key, "A label's key")
        check_text(self.value, f"The label {shown(self.key)}")


class LabelRemoved(Said, frozen=True):
    """A label of the version is gone, also if the manifest has it."""

    key: str

    def check(self) -> None:
        """Raises InvalidManifestError or InvalidNameError where a rule is broken."""
        check_key(self.key, "A label's key")


class Text(Said, frozen=True):
    """A description, which replaces that of the manifest, or a note, which stands beside earlier ones; Markdown."""

    text: str

    def check(self) -> None:
        """Raises InvalidManifestError or InvalidNameError where a rule is broken."""
        check_text(self.text, "The text", limit=MAX_DESCRIPTION, newlines=True)


class SemanticVersionGiven(Said, frozen=True):
    """The version has this semantic version now."""

    semantic_version: str

    def check(self) -> None:
        """Raises InvalidManifestError or InvalidNameError where a rule is broken."""
        if not is_semantic_version(self.semantic_version):
            raise InvalidManifestError(f"{shown(self.semantic_version)} is not a semantic version, like 1.4.0.")


class Deployed(Said, frozen=True):
    """The version was handed to something that serves it.

    Attributes:
        target: Its name or address.
        alias: The alias or label by which it is served; "" for none.
    """

    target: str
    alias: str = ""

    def check(self) -> None:
        """Raises InvalidManifestError or InvalidNameError where a rule is broken."""
        check_text(self.target, "The target")
        if self.alias:
            check_alias(self.alias)


class Copied(Said, frozen=True):
    """The version was copied from another folder.

    Attributes:
        source: The version there.
        events: What the log there says of the version, oldest first, as it is written; for reading only.
        source_manifest: Digest of its manifest there; with the same number that of the copy is equal.
        left_out: Number of the oldest of those events that are not here, because they would be too large.
    """

    source: str
    events: tuple[msgspec.Raw, ...] = ()
    source_manifest: str = ""
    left_out: int = 0

    def check(self) -> None:
        """Raises InvalidManifestError or InvalidNameError where a rule is broken."""
        check_text(self.source, "The source")
        check_digest(self.source_manifest)
