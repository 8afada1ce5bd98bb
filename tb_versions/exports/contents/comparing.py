"""What an export holds so that its page can compare versions and runs without a server; redacted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tb_versions.comparison import Member
from tb_versions.core.codec import decode
from tb_versions.core.manifest import VersionManifest, visible
from tb_versions.errors import TbVersionsError
from tb_versions.exports.manifests import written
from tb_versions.exports.redaction.redactor import Redactor
from tb_versions.payload.finished import Shared, finished_facts
from tb_versions.payload.portable import portable_facts


class Comparing:
    """Makes the facts of one member after the other.

    Attributes:
        shared: What several members have in common.
    """

    def __init__(self, redactor: Redactor) -> None:
        """Starts without any member; the redactor removes what must not leave this machine."""
        self.shared = Shared()
        self._redactor = redactor

    def facts_of(
        self, member: Member, fields: dict[str, Any] | None = None, *, is_redacted: bool = True
    ) -> dict[str, Any]:
        """Returns a member's facts; `PortableFacts` in types.ts.

        Args:
            member: As it was read.
            fields: Its redacted manifest. Cells are made of that one, so that they hold nothing that was removed.
            is_redacted: Whether anything was taken out of it.
        """
        facts: dict[str, Any] = self._redactor.tree(portable_facts(member))
        manifest = _manifest(fields) if is_redacted else member.manifest
        return {**facts, **finished_facts(self._redacted(member, manifest), self.shared)}

    def _redacted(self, member: Member, manifest: VersionManifest | None) -> Member:
        known = member.hyperparameters if manifest is None or member.from_run else manifest.hyperparameters
        settings = {visible(k): visible(v) if isinstance(v, str) else v for k, v in (known or {}).items()}
        if manifest is None or member.from_run:
            settings = self._redactor.tree(settings, "hyperparameters")
        return replace(member, manifest=manifest, hyperparameters=settings or None)


def _manifest(fields: dict[str, Any] | None) -> VersionManifest | None:
    try:
        return None if fields is None else decode(written(fields))
    except TbVersionsError:  # what was taken out left something that is no manifest
        return None
