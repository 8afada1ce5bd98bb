"""Whether what an export says of versions is still what is on disk. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from tb_versions.errors import TbVersionsError
from tb_versions.exports.manifests import SharedManifest, written
from tb_versions.read.catalog import Catalog, Version
from tb_versions.read.listing import Listing, read_listing


@dataclass(frozen=True)
class Agreement:
    """Versions of an export, by what is known of them on disk; lists of their ids.

    Attributes:
        agree: The very manifest is there.
        differ: The version is there, with another manifest.
        gone: There is no such version any more.
        unknown: The export has no digest of it: it was damaged, or the digest would confirm guesses at what was masked.
        not_in_export: How many versions on disk the export does not hold.
    """

    agree: tuple[str, ...]
    differ: tuple[str, ...]
    gone: tuple[str, ...]
    unknown: tuple[str, ...]
    not_in_export: int

    @property
    def holds(self) -> bool:
        """Whether every version of the export is on disk as the export says."""
        return not (self.differ or self.gone or self.unknown)

    def wire(self) -> dict[str, Any]:
        """Returns the fields as `tb-versions verify --json` prints them."""
        return {
            "agree": list(self.agree),
            "differ": list(self.differ),
            "gone": list(self.gone),
            "unknown": list(self.unknown),
            "not_in_export": self.not_in_export,
        }


def agreement(shared: Sequence[SharedManifest], catalog: Catalog) -> Agreement:
    """Compares the digests of an export's manifests with those of a catalog."""
    on_disk: dict[tuple[str, int], set[str]] = defaultdict(set)
    for version in catalog.versions:
        on_disk[(version.model, version.number)].add(version.manifest_digest)
    groups: dict[str, list[str]] = {"agree": [], "differ": [], "gone": [], "unknown": []}
    for one in shared:
        digests = on_disk.get((one.model, one.number))
        group = "gone" if digests is None else "unknown" if not one.digest else _compared(one.digest in digests)
        groups[group].append(one.id)
    held = {(one.model, one.number) for one in shared}
    others = sum((version.model, version.number) not in held for version in catalog.versions)
    return Agreement(**{name: tuple(ids) for name, ids in groups.items()}, not_in_export=others)


def _compared(agrees: bool) -> str:
    return "agree" if agrees else "differ"


def chosen(shared: Sequence[SharedManifest], references: Iterable[str]) -> list[SharedManifest]:
    """Returns the versions of an export that references name, in the export's order.

    Raises:
        InvalidReferenceError, VersionNotFoundError, AmbiguousVersionError: As `Catalog.find`.
    """
    catalog = Catalog(versions=tuple(sorted(map(_version, shared), key=lambda v: (v.model, v.number, v.id))))
    ids = {catalog.find(reference).id for reference in references}
    return [one for one in shared if one.id in ids]


def _version(shared: SharedManifest) -> Version:
    return Version(
        id=shared.id,
        model=shared.model,
        number=shared.number,
        listing=_listing(shared),
        manifest_digest=shared.digest,
        state="missing",
    )


def _listing(shared: SharedManifest) -> Listing | None:
    try:
        return None if shared.fields is None else read_listing(written(shared.fields))
    except TbVersionsError:
        return None
