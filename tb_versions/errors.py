"""Every error that this package raises on purpose.

Each message is written for the end user: what is wrong, where, and what to do.

    TbVersionsError (Exception)
    ├── InvalidManifestError (ValueError)     a manifest, or a value for one, breaks the rules
    │   └── NewerSchemaError                  written by a newer version of this package
    ├── InvalidNameError (ValueError)         a model name, label key … breaks the naming rule
    ├── InvalidReferenceError (ValueError)    "digits:x" is not a reference
    ├── InvalidQueryError (ValueError)        a parameter of a request is unknown or malformed
    │   └── InvalidFilterError                a filter has a mistake; says where
    ├── VersionNotFoundError (LookupError)    a reference names no version
    ├── AmbiguousVersionError (LookupError)   a reference names several versions
    ├── VersionExistsError                    the folder already has a manifest, or the number is taken
    ├── VersionDamagedError                   files differ from the manifest's digests
    ├── VersionRemovedError                   the version was removed from the registry
    ├── RefusedError                          a policy or rule says no
    ├── RolloutError                          a rollout did not get as far as it should in its time
    ├── ConflictError                         somebody changed the registry first
    ├── DamagedLogError                       the registry's log has a gap, a fork or a damaged event
    ├── RewrittenLogError                     the log is shorter than, or another than, what was seen before
    ├── NewerLogError                         the log has an event that only a newer version understands
    ├── InvalidExportError (ValueError)       a file or folder is not an export that can be read
    │   └── AlteredExportError                it was altered since it was written
    ├── ExportExistsError                     the place of a new export is already occupied
    ├── ExportTooLargeError                   an export can't be made small enough
    ├── InvalidServingConfigError (ValueError) a file is no configuration of TensorFlow Serving
    ├── NoAnswerError                         a server does not answer, or not as TensorFlow Serving does
    ├── NoGoldenOutputsError                  a version can't be replayed: nothing was kept, or it is not here
    ├── NotComparableError                    two versions can't be asked the same
    ├── NotASavedModelError                   the folder can't be read as a SavedModel
    ├── NotAModelError                        a file is not the model that its ending says
    ├── ModelExportError                      a model could not be exported (ExportError until 0.1)
    ├── ModelLoadError                        a version's model could not be loaded
    ├── UnreadableFolderError                 a folder or file is missing or can't be read
    ├── FilesElsewhereError                   files lie elsewhere: nobody said where, or it is not known which
    ├── UnsafeFileError                       a symlink, fifo or device in place of a plain file
    ├── UnsupportedStorageError               a remote URL of no known store, or where only local folders work
    ├── StorageError                          reading or writing failed: disk full, permission …
    └── MissingDependencyError (ImportError)  an optional package is not installed

    TbVersionsWarning (UserWarning)           publishing failed and training goes on; a model was loaded, but …
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
    """A parameter of a request is unknown or malformed."""


class InvalidFilterError(InvalidQueryError):
    """A filter is not well formed, or names a column that does not exist.

    Attributes:
        reason: What is wrong, without the position.
        at: Position of the first wrong character, counted from 0.
        end: Position after the last wrong character.
        fix: What to write instead, or None.
    """

    def __init__(self, reason: str, *, at: int, end: int, fix: str | None = None) -> None:
        super().__init__(f"The filter, at character {at + 1}: {reason}")
        self.reason, self.at, self.end, self.fix = reason, at, end, fix


class VersionNotFoundError(TbVersionsError, LookupError):
    """A reference names no version."""


class AmbiguousVersionError(TbVersionsError, LookupError):
    """A reference names several versions."""


class VersionExistsError(TbVersionsError):
    """The folder already has a manifest, or the number is taken."""


class VersionDamagedError(TbVersionsError):
    """The version's files differ from its manifest."""


class VersionRemovedError(TbVersionsError):
    """The version was removed: its number is never used again, its files are gone or in the trash."""


class RefusedError(TbVersionsError):
    """A policy, or a rule of the registry, refuses a change; the message says what is missing."""


class RolloutError(TbVersionsError):
    """A server did not do in time what a rollout asked for; the message says what became of the file."""


class ConflictError(TbVersionsError):
    """Somebody changed the registry first; the message says who, when, and to what.

    Attributes:
        number: Number of the version that the alias names now; None if it names none, or where it is not about one.
        actor: Who was faster, or "".
        ms: When, in milliseconds since the epoch, or None.
    """

    def __init__(self, message: str, *, number: int | None = None, actor: str = "", ms: int | None = None) -> None:
        super().__init__(message)
        self.number, self.actor, self.ms = number, actor, ms


class DamagedLogError(TbVersionsError):
    """The registry's log has a gap, a fork or a damaged event: the state is not known."""


class RewrittenLogError(DamagedLogError):
    """The registry's log is not the one that was seen here before, or ends before it."""


class NewerLogError(TbVersionsError):
    """The registry's log has an event that only a newer version of this package understands."""


class InvalidExportError(TbVersionsError, ValueError):
    """A file or folder is not an export, or not one that this version can read."""


class AlteredExportError(InvalidExportError):
    """An export was altered since it was written: a digest in it differs."""


class ExportExistsError(TbVersionsError):
    """The place of a new export is already occupied by something that must not be replaced."""


class ExportTooLargeError(TbVersionsError):
    """An export can't be made as small as requested."""


class InvalidServingConfigError(TbVersionsError, ValueError):
    """A file is no configuration of TensorFlow Serving that can be read and written without loss."""


class NoAnswerError(TbVersionsError):
    """A server does not answer in time, or not as TensorFlow Serving does."""


class NoGoldenOutputsError(TbVersionsError):
    """A version has no golden outputs, or they are not here, so it can't be replayed."""


class NotComparableError(TbVersionsError):
    """Two versions can't be asked the same, so there is nothing to compare."""


class NotASavedModelError(TbVersionsError):
    """The folder can't be read as a SavedModel."""


class NotAModelError(TbVersionsError):
    """A file is not the model that its ending says, or is damaged."""


class ModelExportError(TbVersionsError):
    """A model could not be exported."""


ExportError = ModelExportError
"""Deprecated: the name of `ModelExportError` up to 0.1. The other errors named after exports are about dashboards."""


class ModelLoadError(TbVersionsError):
    """The model of a version could not be loaded."""


class UnreadableFolderError(TbVersionsError):
    """A folder or file is missing or can't be read."""


class FilesElsewhereError(TbVersionsError):
    """Files lie elsewhere, and nobody said which folder the manifest's source is; or it is not known which they are."""


class UnsafeFileError(TbVersionsError):
    """There is a symlink, fifo, socket or device where a plain file must be."""


class UnsupportedStorageError(TbVersionsError):
    """A remote URL is of no store that is known, or was given where only local folders work."""


class StorageError(TbVersionsError):
    """Reading or writing failed: disk full, no permission, a vanished mount."""


class MissingDependencyError(TbVersionsError, ImportError):
    """An optional package is needed and not installed."""


class TbVersionsWarning(UserWarning):
    """Publishing or announcing failed, and training goes on; or a loaded model is not all that was published."""
