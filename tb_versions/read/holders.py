"""Which version an alias names by a log, and whether a version was removed; the sentences where that fails. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from tb_versions.core.manifest import shown, visible
from tb_versions.core.references import Reference
from tb_versions.core.times import utc_text
from tb_versions.errors import VersionDamagedError, VersionNotFoundError, VersionRemovedError
from tb_versions.registry.state import Holder, State


def holder_of(reference: Reference, state: State) -> Holder:
    """Returns the holder of the alias that a reference asks for.

    Raises:
        VersionNotFoundError: There is no such alias, or it has not so many earlier holders.
    """
    alias = state.aliases.get(reference.alias)
    if alias is None:
        raise no_alias(reference.model, reference.alias, state.aliases)
    if reference.back >= len(alias.stack):
        earlier = len(alias.stack) - 1
        many = f"only {earlier} earlier version{'s' if earlier > 1 else ''}" if earlier else "no earlier version"
        raise VersionNotFoundError(
            f"{reference.model}@{reference.alias} is version {alias.version}, and has {many} to go back to."
        )
    return alias.stack[-1 - reference.back]


def check_manifest(name: str, digest: str, holder: Holder) -> None:
    """Raises VersionDamagedError where a version's manifest is not the one that was given the alias.

    Args:
        name: The version: "digits:3".
        digest: Of its manifest now; "" where it can't be read, which is found elsewhere.
        holder: The version as the alias has it.
    """
    if holder.is_of_another(digest):
        raise VersionDamagedError(
            f"{visible(name)} is not what was promoted: its manifest is another one than at event {holder.event} of "
            "the log. Promote the version again if this is right."
        )


def no_alias(model: str, alias: str, known: Iterable[str]) -> VersionNotFoundError:
    """Returns the error about an alias that names nothing; it lists those that do."""
    names = sorted(known)
    near = difflib.get_close_matches(alias, names, n=1)
    hint = f" Did you mean {near[0]}?" if near and len(names) > 1 else ""
    has = f"it has {', '.join(names[:8])}.{hint}" if names else "it has no aliases."
    return VersionNotFoundError(f"{visible(model)} has no alias {shown(alias)}; {has}")


def check_not_removed(model: str, number: int, state: State) -> None:
    """Raises VersionRemovedError if a version was removed; it says by whom, when and why."""
    version = state.version(number)
    removed = version.removed
    if removed is None:
        return
    how = "" if version.removed_by == "remove" else f" by {visible(version.removed_by)}"
    reason = f": {visible(removed.reason).rstrip('.')}" if removed.reason else ""
    raise VersionRemovedError(
        f"{visible(model)}:{number} was removed{how} ({visible(removed.actor)}, {utc_text(removed.ms)}){reason}. "
        "Its number is not used again."
    )
