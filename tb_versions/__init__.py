"""Versions for TensorBoard: write a model version while training, see it in the Versions tab.

Importing this package loads no TensorFlow; every name below is loaded when it is first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from tb_versions._version import __version__

if TYPE_CHECKING:
    from tb_versions import keras, summary
    from tb_versions.actions.aliases import promote, rollback, unalias
    from tb_versions.actions.approving import approve, withdraw
    from tb_versions.actions.asking import Which, which
    from tb_versions.actions.bumping import bump
    from tb_versions.actions.copying import Copied, copy
    from tb_versions.actions.deprecating import deprecate, restore
    from tb_versions.actions.describing import describe, label, note
    from tb_versions.actions.keeping import Keep
    from tb_versions.actions.recording import record
    from tb_versions.actions.removal import Planned, prune, remove
    from tb_versions.actions.target import Change
    from tb_versions.actions.telling import Told, changed, history
    from tb_versions.comparison import Comparison
    from tb_versions.comparison.loading import compare
    from tb_versions.core.manifest import Dataset, Metric, Parent, Run, VersionManifest
    from tb_versions.errors import (
        AlteredExportError,
        AmbiguousVersionError,
        ConflictError,
        DamagedLogError,
        ExportError,
        ExportExistsError,
        ExportTooLargeError,
        InvalidExportError,
        InvalidManifestError,
        InvalidNameError,
        InvalidQueryError,
        InvalidReferenceError,
        MissingDependencyError,
        ModelExportError,
        ModelLoadError,
        NewerLogError,
        NewerSchemaError,
        NotAModelError,
        NotASavedModelError,
        NotComparableError,
        RefusedError,
        RewrittenLogError,
        StorageError,
        TbVersionsError,
        TbVersionsWarning,
        UnreadableFolderError,
        UnsafeFileError,
        UnsupportedStorageError,
        VersionDamagedError,
        VersionExistsError,
        VersionNotFoundError,
        VersionRemovedError,
    )
    from tb_versions.exports.export import Exported, export
    from tb_versions.gates.checking import check_gate
    from tb_versions.gates.results import GateResult
    from tb_versions.notebooks.collection import Versions, versions
    from tb_versions.notebooks.frame import Frame
    from tb_versions.notebooks.one import CatalogVersion
    from tb_versions.notebooks.page import Page, show
    from tb_versions.read.catalog import Catalog, Version
    from tb_versions.read.reuse.api import load, open_catalog, path, verify
    from tb_versions.read.reuse.verifying import AnnouncedCopy, Verified
    from tb_versions.trust.behaviour.comparing import Behaviour, compare_answers
    from tb_versions.write import provenance
    from tb_versions.write.facts import Facts
    from tb_versions.write.provenance import (
        Capture,
        dataset,
        digest_array,
        digest_dataframe,
        digest_dataset,
        digest_file,
        digest_folder,
    )
    from tb_versions.write.publish import publish
    from tb_versions.write.published import PublishedVersion
    from tb_versions.write.slicing import slices

__all__ = [
    "AlteredExportError",
    "AmbiguousVersionError",
    "AnnouncedCopy",
    "Behaviour",
    "Capture",
    "Catalog",
    "CatalogVersion",
    "Change",
    "Comparison",
    "ConflictError",
    "Copied",
    "DamagedLogError",
    "Dataset",
    "ExportError",
    "ExportExistsError",
    "ExportTooLargeError",
    "Exported",
    "Facts",
    "FilesElsewhereError",
    "Frame",
    "GateResult",
    "InvalidExportError",
    "InvalidManifestError",
    "InvalidNameError",
    "InvalidQueryError",
    "InvalidReferenceError",
    "Keep",
    "Metric",
    "MissingDependencyError",
    "ModelExportError",
    "ModelLoadError",
    "NewerLogError",
    "NewerSchemaError",
    "NotAModelError",
    "NotASavedModelError",
    "NotComparableError",
    "Page",
    "Parent",
    "Planned",
    "PublishedVersion",
    "RefusedError",
    "RewrittenLogError",
    "Run",
    "StorageError",
    "TbVersionsError",
    "TbVersionsWarning",
    "Told",
    "UnreadableFolderError",
    "UnsafeFileError",
    "UnsupportedStorageError",
    "Verified",
    "Version",
    "VersionDamagedError",
    "VersionExistsError",
    "VersionManifest",
    "VersionNotFoundError",
    "VersionRemovedError",
    "Versions",
    "Which",
    "__version__",
    "approve",
    "bump",
    "changed",
    "check_gate",
    "compare",
    "compare_answers",
    "copy",
    "dataset",
    "deprecate",
    "describe",
    "digest_array",
    "digest_dataframe",
    "digest_dataset",
    "digest_file",
    "digest_folder",
    "export",
    "history",
    "keras",
    "label",
    "load",
    "note",
    "open_catalog",
    "path",
    "promote",
    "provenance",
    "prune",
    "publish",
    "record",
    "remove",
    "restore",
    "rollback",
    "show",
    "slices",
    "summary",
    "unalias",
    "verify",
    "versions",
    "which",
    "withdraw",
]

_NAMES_OF = {
    "actions.aliases": ("promote", "rollback", "unalias"),
    "actions.approving": ("approve", "withdraw"),
    "actions.asking": ("Which", "which"),
    "actions.bumping": ("bump",),
    "actions.copying": ("Copied", "copy"),
    "actions.deprecating": ("deprecate", "restore"),
    "actions.describing": ("describe", "label", "note"),
    "actions.keeping": ("Keep",),
    "actions.recording": ("record",),
    "actions.removal": ("Planned", "prune", "remove"),
    "actions.target": ("Change",),
    "actions.telling": ("Told", "changed", "history"),
    "comparison.loading": ("compare",),
    "comparison": ("Comparison",),
    "errors": tuple(name for name in __all__ if name.endswith(("Error", "Warning"))),
    "exports.export": ("Exported", "export"),
    "gates.checking": ("check_gate",),
    "gates.results": ("GateResult",),
    "trust.behaviour.comparing": ("Behaviour", "compare_answers"),
    "write.facts": ("Facts",),
    "core.manifest": ("Dataset", "Metric", "Parent", "Run", "VersionManifest"),
    "write.provenance": (
        "Capture",
        "dataset",
        "digest_array",
        "digest_dataframe",
        "digest_dataset",
        "digest_file",
        "digest_folder",
    ),
    "write.publish": ("publish",),
    "write.published": ("PublishedVersion",),
    "write.slicing": ("slices",),
    "notebooks.collection": ("Versions", "versions"),
    "notebooks.frame": ("Frame",),
    "notebooks.one": ("CatalogVersion",),
    "notebooks.page": ("Page", "show"),
    "read.catalog": ("Catalog", "Version"),
    "read.reuse.verifying": ("AnnouncedCopy", "Verified"),
    "read.reuse.api": ("load", "open_catalog", "path", "verify"),
}
_MODULE_OF = {name: module for module, names in _NAMES_OF.items() for name in names}
_MODULES = {"keras": "keras", "provenance": "write.provenance", "summary": "summary"}


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return importlib.import_module(f"{__name__}.{_MODULES[name]}")
    module = _MODULE_OF.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{module}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*__all__, *(name for name in globals() if name.startswith("__"))})
