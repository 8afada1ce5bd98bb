"""What registries say of the versions in a catalog, and which version an alias names. Pure."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol, TypeVar

from msgspec import Struct

from tb_versions.core.manifest import shown, visible
from tb_versions.core.references import Reference
from tb_versions.errors import AmbiguousVersionError, VersionNotFoundError
from tb_versions.read.folders.scan import Place
from tb_versions.read.holders import check_manifest, check_not_removed, holder_of, no_alias
from tb_versions.read.registries import Known, ModelRegistry
from tb_versions.registry.measured import Measured
from tb_versions.registry.state import VersionState

PRODUCTION = "production"
"""The alias that comes first, and the baseline of comparisons."""

NOT_PROMOTED = "not what was promoted"
"""Of a version whose manifest is another one than the one that was given an alias."""

OF_ANOTHER = "of another manifest"
"""Of what was said of another manifest than the one that has the number now."""


class Row(Protocol):
    """What is asked of a version here."""

    @property
    def id(self) -> str:
        """Unique reference."""

    @property
    def number(self) -> int:
        """Of the version."""

    @property
    def manifest_digest(self) -> str:
        """Of its manifest's bytes; "" where it can't be read."""

    @property
    def places(self) -> tuple[Place, ...]:
        """Folders that hold its manifest."""

    @property
    def kept_at(self) -> Place | None:
        """The file that keeps its manifest if it was removed."""


_Row = TypeVar("_Row", bound=Row)


class Said(Struct, frozen=True):
    """What is said of one version beside its manifest.

    Attributes:
        registry: That says it.
        number: Of the version.
        state: What its log says of the version.
        aliases: Those that it holds, `production` first; none where its log is not known to the end.
        measured: What was measured later, by time.
        aliases_of_another_manifest: Those of `aliases` that were given to another manifest than the one that is there:
            they name its number, but this is not what was promoted.
    """

    registry: ModelRegistry
    number: int
    state: VersionState
    aliases: tuple[str, ...] = ()
    measured: tuple[Measured, ...] = ()
    aliases_of_another_manifest: tuple[str, ...] = ()

    @property
    def alias_texts(self) -> tuple[str, ...]:
        """The aliases for people, each with "(not what was promoted)" behind it where it is so."""
        return tuple(name + self.doubt_of(name) for name in self.aliases)

    def doubt_of(self, alias: str) -> str:
        """Returns " (not what was promoted)" for an alias that was given to another manifest, else ""."""
        return f" ({NOT_PROMOTED})" if alias in self.aliases_of_another_manifest else ""

    def was_promoted_to(self, alias: str) -> bool:
        """Returns whether the version holds an alias, and nothing says that it was given to another manifest."""
        return alias in self.aliases and alias not in self.aliases_of_another_manifest


def first_line(description: str) -> str:
    """Returns the first line of a description in Markdown, at most 200 characters, hidden ones spelled out."""
    first = next((line.strip() for line in description[:4_096].splitlines() if line.strip()), "")
    return visible(first.lstrip("#").strip())[:200]


def alias_order(name: str) -> tuple[bool, str]:
    """Returns what orders aliases: `production`, then by name."""
    return name != PRODUCTION, name


def said_of(versions: Mapping[str, Sequence[Row]], known: Known) -> dict[str, Said]:
    """Returns what is said of each version that a registry mentions, by its id.

    Args:
        versions: Those of each model.
        known: The registries.
    """
    found: dict[str, Said] = {}
    for model, group in known.items():
        for registry in group:
            aliases, measured = _by_number(registry)
            for number, row in rows_of(registry, versions.get(model, ()), is_only=len(group) == 1).items():
                if row is not None:
                    state, held = registry.state.version(number), tuple(aliases[number])
                    others = _given_to_another(held, registry, row)
                    found[row.id] = Said(registry, number, state, held, tuple(measured[number]), others)
    return found


def rows_of(registry: ModelRegistry, versions: Iterable[_Row], *, is_only: bool) -> dict[int, _Row | None]:
    """Returns the version of each number that a registry mentions; None where there is none.

    Args:
        registry: In one folder.
        versions: Those of its model.
        is_only: Whether no other folder has a registry of the model: then it speaks of announced versions too.
    """
    rows: dict[int, _Row | None] = dict.fromkeys(mentioned(registry))
    for row in versions:
        if row.number in rows and rows[row.number] is None and _belongs(row, registry, is_only=is_only):
            rows[row.number] = row
    return rows


def mentioned(registry: ModelRegistry) -> list[int]:
    """Returns the number of every version that a registry mentions, ascending."""
    state = registry.state
    holders = [alias.version for alias in state.aliases.values()]
    measured = [each.version for each in registry.measured]
    return sorted({*state.versions, *holders, *measured})


def resolve(reference: Reference, registries: Sequence[ModelRegistry], versions: Sequence[_Row]) -> list[_Row]:
    """Returns the versions that a reference with an alias may name: one of each folder that has the alias.

    Args:
        reference: `model@alias` or `model@alias~1`.
        registries: Those of its model.
        versions: Those of its model.

    Raises:
        VersionNotFoundError: There is no such alias, nothing to go back to, or the version is not there.
        VersionRemovedError: The version that it names was removed.
        VersionDamagedError: Its manifest is not the one that was promoted.
        DamagedLogError: A log is damaged, so what the alias names is not known.
        NewerLogError: Likewise; a newer version of this package wrote in a log.
    """
    for registry in registries:
        registry.check_known()
    having = [registry for registry in registries if reference.alias in registry.state.aliases]
    if not having:
        raise no_alias(reference.model, reference.alias, {name for each in registries for name in each.state.aliases})
    return [_holder(reference, registry, versions, is_only=len(registries) == 1) for registry in having]


def ambiguous(reference: Reference, found: Sequence[Row]) -> AmbiguousVersionError:
    """Returns the error of an alias that names another version in each of several folders."""
    named = ", ".join(f"{row.id} ({row.places[0].shown if row.places else 'not on disk'})" for row in found[:5])
    return AmbiguousVersionError(
        f"{shown(str(reference))} names {len(found)} versions, for several folders have a log of the model: {named}. "
        "Name one of them."
    )


def _holder(reference: Reference, registry: ModelRegistry, versions: Sequence[_Row], *, is_only: bool) -> _Row:
    holder = holder_of(reference, registry.state)
    number = holder.version
    check_not_removed(reference.model, number, registry.state)
    for row in versions:
        if row.number == number and _belongs(row, registry, is_only=is_only):
            check_manifest(row.id, row.manifest_digest, holder)
            return row
    raise VersionNotFoundError(
        f"{shown(str(reference))} names {reference.model}:{number}, which is not in {visible(registry.place.shown)}."
    )


def _belongs(row: Row, registry: ModelRegistry, *, is_only: bool) -> bool:
    folder = registry.place.folder
    if row.kept_at is not None:
        return row.kept_at.folder.startswith(f"{folder}/")
    if not row.places:
        return is_only
    return any(posixpath.dirname(place.folder) == folder for place in row.places)


def _given_to_another(held: tuple[str, ...], registry: ModelRegistry, row: Row) -> tuple[str, ...]:
    """Those of the aliases that a version holds that were given to another manifest than its own."""
    aliases = registry.state.aliases
    return tuple([name for name in held if aliases[name].holder.is_of_another(row.manifest_digest)])


def _by_number(registry: ModelRegistry) -> tuple[dict[int, list[str]], dict[int, list[Measured]]]:
    aliases: dict[int, list[str]] = defaultdict(list)
    for name in () if registry.kind else sorted(registry.state.aliases, key=alias_order):
        aliases[registry.state.aliases[name].version].append(name)
    measured: dict[int, list[Measured]] = defaultdict(list)
    for each in registry.measured:
        measured[each.version].append(each)
    return aliases, measured
