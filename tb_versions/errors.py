"""Every error that this package raises on purpose.

Each message is fit for the end user: what is wrong, where, and what to do.

    TbVersionsError (Exception)
    ├── InvalidManifestError (ValueError)     a manifest, or a value for one, breaks the rules
    │   └── NewerSchemaError                  written by a newer version of this package
    ├── InvalidNameError (ValueError)         a model name, label key … breaks the naming rule
    ├── InvalidReferenceError (ValueError)    "digits:x" is no reference
    ├── InvalidQueryError (ValueError)        a request's parameter is unknown or malformed
    │   └── InvalidFilterError                a filter breaks its language; says where
    ├── VersionNotFoundError (LookupError)    a reference names no version
    ├── AmbiguousVersionError (LookupError)   a reference names several versions
    ├── VersionExistsError                    the folder has a manifest already, or the number is taken
    ├── VersionDamagedError                   files differ from the manifest's digests
    ├── InvalidExportError (ValueError)       a file or folder is no export that can be read
    │   └── AlteredExportError                it was altered since it was written
    ├── ExportExistsError                     something is where an export is to be written
    ├── ExportTooLargeError                   an export can't be made small enough
    ├── NotASavedModelError                   the folder can't be read as a SavedModel
    ├── ExportError                           a model could not be exported
    ├── UnreadableFolderError                 a folder or file is missing or can't be read
    ├── UnsafeFileError                       a symlink, fifo, device … where a plain file must be
    ├── UnsupportedStorageError               a remote URL where only local folders work
    ├── StorageError                          reading or writing failed: disk full, permission …
    └── MissingDependencyError (ImportError)  an optional package is not installed

    TbVersionsWarning (UserWarning)           publishing failed and training goes on
"""

from __future__ import annotations


class TbVersionsError(Exception):
    """Root of all errors of this package."""


class InvalidManifestError(TbVersionsError, ValueError):
    """A manifest, or a value given for one, breaks the rules of docs/manifest-format.md."""


class NewerSchemaError(InvalidManifestError):
    """The manifest was written by a newer version of this package."""


class InvalidNameError(TbVersionsError, ValueError):
    """A name breaks the naming rule."""


class InvalidReferenceError(TbVersionsError, ValueError):
    """A text is not a reference to a version."""


class InvalidQueryError(TbVersionsError, ValueError):
    """A request's parameter is unknown or malformed."""


class InvalidFilterError(InvalidQueryError):
    """A filter breaks its language, or asks for a column that is not there.

    Attributes:
        reason: What is wrong, without where.
        at: Position of the first character that is meant, from 0.
        end: Position behind the last one.
        fix: What should stand there instead, or None.
    """

    def __init__(self, reason: str, *, at: int, end: int, fix: str | None = None) -> None:
        super().__init__(f"The filter, at character {at + 1}: {reason}")
        self.reason, self.at, self.end, self.fix = reason, at, end, fix


class VersionNotFoundError(TbVersionsError, LookupError):
    """A reference names no version."""


class AmbiguousVersionError(TbVersionsError, LookupError):
    """A reference names several versions."""


class VersionExistsError(TbVersionsError):
    """The folder has a manifest already, or the number is taken."""


class VersionDamagedError(TbVersionsError):
    """The version's files differ from its manifest."""


class InvalidExportError(TbVersionsError, ValueError):
    """A file or folder is no export, or not one that this version can read."""


class AlteredExportError(InvalidExportError):
    """An export was altered since it was written: a digest in it differs."""


class ExportExistsError(TbVersionsError):
    """Something is where an export is to be written, and must not be replaced."""


class ExportTooLargeError(TbVersionsError):
    """An export can't be made as small as was asked for."""


class NotASavedModelError(TbVersionsError):
    """The folder can't be read as a SavedModel."""


class ExportError(TbVersionsError):
    """A model could not be exported."""


class UnreadableFolderError(TbVersionsError):
    """A folder or file is missing or can't be read."""


class UnsafeFileError(TbVersionsError):
    """A symlink, fifo, socket or device stands where a plain file must be."""


class UnsupportedStorageError(TbVersionsError):
    """A remote URL was given where only local folders work."""


class StorageError(TbVersionsError):
    """Reading or writing failed: disk full, no permission, a vanished mount."""


class MissingDependencyError(TbVersionsError, ImportError):
    """An optional package is needed and not installed."""


class TbVersionsWarning(UserWarning):
    """Publishing or announcing a version failed; training goes on."""
