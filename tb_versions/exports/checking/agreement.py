"""Compares the manifests in an export with those on disk. It compares their contents and does not trust digests."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from tb_versions.core.codec import load_json
from tb_versions.errors import TbVersionsError
from tb_versions.exports.checking.same import compare
from tb_versions.exports.manifests import SharedManifest, written
from tb_versions.exports.page.frame import GENERATOR
from tb_versions.exports.redaction.fields import INCLUDABLE
from tb_versions.exports.redaction.redactor import Redactor
from tb_versions.exports.redaction.shareable import shareable
from tb_versions.read.catalog import Catalog, Version
from tb_versions.read.manifests.listing import Listing, read_listing

_Group = Literal["agree", "differ", "gone", "unknown"]


@dataclass(frozen=True)
class Agreement:
    """Ids of the versions of an export, by how they compare with those on disk.

    Attributes:
        agree: The manifest on disk says the same, apart from what was taken out of the export.
        differ: The version is there, with another manifest.
        gone: There is no such version any more.
        unknown: It can't be compared: the export has no manifest of it, or one that was redacted by rules that are not
            known here (a `--redact`, another version of tb_versions, a log directory that was not given).
        taken_out: How many of those that agree have had something taken out, which could not be compared.
        not_in_export: How many versions on disk the export does not hold.
    """

    agree: tuple[str, ...] = ()
    differ: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    taken_out: int = 0
    not_in_export: int = 0

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
            "taken_out": self.taken_out,
            "not_in_export": self.not_in_export,
        }


def agreement(
    shared: Sequence[SharedManifest],
    catalog: Catalog,
    manifest_bytes: Callable[[Version], bytes],
    *,
    head: Mapping[str, Any],
) -> Agreement:
    """Compares the manifests in an export with those on disk, which are redacted in the same way first.

    Args:
        shared: The manifests in the export.
        catalog: What is on disk.
        manifest_bytes: Reads the manifest of a version.
        head: What the export says of itself: `generator`, and `included`, how it was redacted.
    """
    disk = _Disk(catalog, manifest_bytes, head)
    groups: dict[_Group, list[str]] = {"agree": [], "differ": [], "gone": [], "unknown": []}
    for one in shared:
        groups[disk.group_of(one)].append(one.id)
    agree = set(groups["agree"])
    return Agreement(
        **{name: tuple(ids) for name, ids in groups.items()},
        taken_out=sum(bool(one.redacted) for one in shared if one.id in agree),
        not_in_export=disk.others(shared),
    )


class _Disk:
    """The versions on disk, by the names that an export gives their models."""

    def __init__(self, catalog: Catalog, manifest_bytes: Callable[[Version], bytes], head: Mapping[str, Any]) -> None:
        included = head.get("included")
        known = included if isinstance(included, list) else []
        self._same_rules = isinstance(included, list) and head.get("generator") == GENERATOR
        self._has_logdir = any(root.kind == "logdir" for root, _ in catalog.roots)
        folders = [folder for root, _ in catalog.roots for folder in (root.path, root.shown)]
        self._redactor = Redactor(include=[name for name in INCLUDABLE if name in known], folders=folders)
        self._manifest_bytes = manifest_bytes
        self._versions: dict[tuple[str, int], list[Version]] = defaultdict(list)
        for version in catalog.versions:
            self._versions[self._redactor.name(version.model), version.number].append(version)

    def group_of(self, shared: SharedManifest) -> _Group:
        found = self._versions.get((shared.model, shared.number))
        if found is None:
            return "gone"
        groups = {self._compared(shared, version) for version in found}
        return "agree" if "agree" in groups else "unknown" if "unknown" in groups else "differ"

    def others(self, shared: Iterable[SharedManifest]) -> int:
        held = {(one.model, one.number) for one in shared}
        return sum(len(versions) for key, versions in self._versions.items() if key not in held)

    def _compared(self, shared: SharedManifest, version: Version) -> _Group:
        if shared.fields is None:
            return "unknown"
        if not shared.redacted:
            return "agree" if shared.digest == version.manifest_digest and not shared.is_altered else "differ"
        try:
            manifest = load_json(self._manifest_bytes(version))
        except (TbVersionsError, OSError):
            return "differ"
        expected, _ = shareable(manifest, self._redactor, packages="packages" not in shared.redacted)
        found = compare(shared.fields, expected)
        if found == "same":
            return "agree"
        # Names of runs lose the log directory that the export knew.
        may_lack_folder = "paths" in shared.redacted and not self._has_logdir
        same_rules = self._same_rules and "patterns" not in shared.redacted and not may_lack_folder
        certain = found == "other" or same_rules
        return "differ" if certain else "unknown"


def chosen(shared: Sequence[SharedManifest], references: Iterable[str]) -> list[SharedManifest]:
    """Returns the versions of an export that references name, in the export's order.

    Raises:
        InvalidReferenceError, VersionNotFoundError, AmbiguousVersionError: As `Catalog.find`.
    """
    catalog = catalog_of(sorted(shared, key=lambda one: (one.model, one.number, one.id)))
    ids = {catalog.find(reference).id for reference in references}
    return [one for one in shared if one.id in ids]


def catalog_of(shared: Iterable[SharedManifest]) -> Catalog:
    """Returns what the manifests in an export say, in their order; there are no files and no curves."""
    return Catalog(versions=tuple(map(_version, shared)))


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
