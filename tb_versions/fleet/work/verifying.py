"""Verifies one version of many."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from tb_versions.actions.verifying import differs_in_words, record_verified, recorded_since
from tb_versions.core.elsewhere import binding
from tb_versions.errors import InvalidReferenceError, TbVersionsError, VersionDamagedError
from tb_versions.fleet.work.leading import Outcome
from tb_versions.fleet.work.listing import joined
from tb_versions.read.catalog import Version
from tb_versions.read.folders.scan import Place
from tb_versions.read.reuse.finding import find
from tb_versions.read.reuse.verifying import place_of, verify_place

PUBLISHED, DIFFERS, UNKNOWN = "published", "differs", "unknown"


@dataclass(frozen=True)
class Verify:
    """Verifies a version; what workers get.

    Attributes:
        models_dir: The models folder, as workers reach it.
        since: A moment, milliseconds since the epoch: what was recorded since then is not done again. None: all is.
        quick: Whether names and sizes alone are compared.
        record: Whether each result becomes an event of the registry; then `since` says when all began.
        actor: Who records.
        sources: Folders of the sources of files that lie elsewhere.
    """

    models_dir: str
    since: int | None = None
    quick: bool = False
    record: bool = False
    actor: str = ""
    sources: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, path: str) -> Outcome:
        """Verifies the version at a path below the models folder.

        Raises:
            TbVersionsError: Its manifest or its files can't be read, or the result was not recorded.
        """
        with binding(self.sources):
            version = find(joined(self.models_dir, path))
        place = place_of(version)
        if version.state == "damaged":
            raise VersionDamagedError(f"The manifest of {version.id} can't be read: {version.notice}")
        known = self._recorded(version, place)
        if known is not None:
            return _outcome(version.id, *known, is_old=True)
        found = verify_place(version, place, hash_contents=not self.quick).result
        outcome = _outcome(version.id, not found, differs_in_words(found))
        if not self.record:
            return outcome
        try:
            record_verified(version, place, found, actor=self.actor, since=self.since)
        except TbVersionsError as error:
            said = outcome.why or f"{version.id} is as published."
            return replace(outcome, answer="no" if found else "not known", why=f"{said} {_NOT}{error}")
        return outcome

    def _recorded(self, version: Version, place: Place) -> tuple[bool, str] | None:
        """What is recorded since then of a version that has a registry."""
        try:
            return None if self.since is None else recorded_since(version, place, self.since)
        except InvalidReferenceError:
            return None


_NOT = "It was not recorded: "


def _outcome(version: str, ok: bool, differs: str, *, is_old: bool = False) -> Outcome:
    if ok:
        return Outcome(PUBLISHED, is_old=is_old)
    return Outcome(DIFFERS, "no", f"{version} differs from what was published: {differs}", is_old)
