"""Restores manifests from exports into a models folder: only the manifest, never a model.

A manifest gets the folder `<models>/<model>/<number>/`, like a published version. It is written into a temporary
folder, which is then renamed, so that it is there completely or not at all, even if the process is killed. Nothing that
exists is changed. Below the models folder every part of a path is opened separately, so that no symlink is followed.
"""

from __future__ import annotations

import contextlib
import errno
import os
from dataclasses import dataclass
from types import TracebackType
from typing import Literal

from tb_versions.core import codec
from tb_versions.core.digest import check_file_list, version_digest
from tb_versions.core.layout import PRIVATE_FOLDER
from tb_versions.core.manifest import MANIFEST_LIMIT, MANIFEST_NAME, VersionManifest, hidden_character, shown, validate
from tb_versions.core.storage import cannot_rename_folders, fsync_open_folder, local_path, read_capped
from tb_versions.errors import InvalidManifestError, StorageError, TbVersionsError, UnsafeFileError
from tb_versions.write.beginning import forget_earlier_in
from tb_versions.write.numbers import parse_number
from tb_versions.write.temporary import new_name, sweep

Outcome = Literal["restored", "same", "other", "taken", "reserved"]
"""What happened to a manifest: it was restored; the same one was there already; its folder holds another manifest, or
none ("taken"); its number was used before ("reserved")."""

MAX_RESTORED = 2**62
"""Largest number that is restored. New numbers are larger than all before, so restoring the very largest one would
leave the model no further number. This limit is far above a time in nanoseconds, which some people use as a number."""

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_NO_FOLDER = (errno.ENOTDIR, errno.ELOOP, errno.EMLINK)


def checked(data: bytes) -> VersionManifest:
    """Returns the manifest in untrusted bytes.

    Raises:
        InvalidNameError: The model's name breaks the naming rule.
        InvalidManifestError: It breaks any other rule for writers, its number is above MAX_RESTORED, it lists a file
            that can't be in a version's folder, or its digest does not match its list of files.
        NewerSchemaError: It was written by a newer version.
    """
    manifest = validate(codec.decode(data))
    if manifest.number > MAX_RESTORED:
        raise InvalidManifestError(
            f"Its number is above {MAX_RESTORED}: later versions of {manifest.model} could run out of numbers."
        )
    for file in manifest.files:
        if not _may_be_a_file(file.path):
            raise InvalidManifestError(f"It lists the file {shown(file.path)}, which can't be in a version's folder.")
    if manifest.file_list is not None:
        check_file_list(manifest.file_list)
    digest = version_digest(manifest.files) if manifest.file_list is None else manifest.file_list.digest
    if (manifest.digest and manifest.digest != digest) or (manifest.files and manifest.file_list):
        raise InvalidManifestError("It was changed: its digest is not that of its list of files.")
    return manifest


def _may_be_a_file(path: str) -> bool:
    parts = path.split("/")
    plain = hidden_character(path) is None and "\\" not in path and len(path) < 4_096
    return plain and not any(part in ("", ".", "..") for part in parts) and path != MANIFEST_NAME


class Restorer:
    """Restores manifests into one models folder. A context manager: it keeps the latest model's folder open."""

    def __init__(self, models_dir: str | os.PathLike[str], *, dry_run: bool = False) -> None:
        """Creates a restorer; nothing is written yet.

        Args:
            models_dir: Folder of all models; created, if missing, when the first manifest is restored.
            dry_run: Whether to write nothing and only return what would happen.

        Raises:
            UnsupportedStorageError: It is a URL.
        """
        self._models_dir = os.path.realpath(local_path(models_dir))
        self._dry_run = dry_run
        self._model: _ModelFolder | None = None

    def __enter__(self) -> Restorer:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._leave()

    def restore(self, data: bytes) -> Outcome:
        """Restores one manifest.

        Args:
            data: Its bytes.

        Returns:
            What happened to it. Of two manifests with one number the first is restored.

        Raises:
            InvalidNameError, InvalidManifestError: As `checked`.
            UnsafeFileError: A part of the path is a symlink or not a folder.
            StorageError: Writing failed; nothing was left behind.
        """
        manifest = checked(data)
        try:
            folder = self._folder_of(manifest.model)
            found = folder.what_is_there(manifest.number, data)
            if found == "same":
                folder.keep(manifest.number)
            return found if found is not None else folder.place(manifest.number, data)
        except OSError as error:
            raise StorageError(f"{manifest.reference} can't be restored: {error.strerror or error}.") from error

    def _folder_of(self, model: str) -> _ModelFolder:
        if self._model is None or self._model.name != model:
            self._leave()
            self._model = _ModelFolder(self._models_dir, model, dry_run=self._dry_run)
        return self._model

    def _leave(self) -> None:
        if self._model is not None:
            self._model.close()
        self._model = None


@dataclass(frozen=True, slots=True)
class _Opened:
    """Open descriptors of a model's folder and of its private folders."""

    model: int
    numbers: int
    scratch: int


class _ModelFolder:
    """One model's folder: lists its versions and adds manifests."""

    def __init__(self, models_dir: str, name: str, *, dry_run: bool) -> None:
        self.name = name
        self._models_dir = models_dir
        self._path = os.path.join(models_dir, name)
        self._dry_run = dry_run
        self._closing = contextlib.ExitStack()
        self._opened: _Opened | None = None
        self._folders = self._numbers_in()
        self._reserved = self._numbers_in(PRIVATE_FOLDER, "numbers")
        self._placed: dict[int, str] = {}

    def close(self) -> None:
        try:
            if self._opened is not None:
                fsync_open_folder(self._opened.model)
        except OSError as error:
            raise StorageError(f"{self._path} can't be written: {error.strerror}.") from error
        finally:
            self._closing.close()

    def what_is_there(self, number: int, data: bytes) -> Outcome | None:
        """None where the number is free."""
        if number in self._placed:
            return "same" if self._placed[number] == codec.manifest_digest(data) else "other"
        if number in self._folders:
            return self._folder_holds(self._folders[number], data)
        return "reserved" if number in self._reserved else None

    def place(self, number: int, data: bytes) -> Outcome:
        """Puts a manifest there, unless somebody else takes the number at this moment."""
        if not self._dry_run:
            outcome = self._place(number, data)
            if outcome != "restored":
                return outcome
        self._placed[number] = codec.manifest_digest(data)
        return "restored"

    def _place(self, number: int, data: bytes) -> Outcome:
        opened = self._open()
        if _exists(str(number), opened.model):
            return self._folder_holds(str(number), data)
        if _exists(str(number), opened.numbers):
            return "reserved"
        moved = self._move(opened, str(number), data)
        self.keep(number)
        return "restored" if moved else self._folder_holds(str(number), data)

    def keep(self, number: int) -> None:
        """Makes sure that a version's number is never given again.

        After the rename, not before: a process that dies between the two leaves a version whose folder says that its
        number is taken, and the next import comes here; the other way round it would leave a number lost for ever.
        """
        if not self._dry_run and number not in self._reserved:
            with contextlib.suppress(FileExistsError):
                os.close(os.open(str(number), _NEW_FILE, 0o666, dir_fd=self._open().numbers))

    def _move(self, opened: _Opened, name: str, data: bytes) -> bool:
        """Writes a folder and renames it; False where the name was taken meanwhile."""
        built = new_name()
        os.mkdir(built, dir_fd=opened.scratch)
        try:
            folder = os.open(built, _FOLDER, dir_fd=opened.scratch)
            try:
                _write(data, folder)
            finally:
                os.close(folder)
            os.rename(built, name, src_dir_fd=opened.scratch, dst_dir_fd=opened.model)
        except OSError as error:
            # A network file system may lose the answer of a rename that was done.
            if not _exists(built, opened.scratch) and self._folder_holds(name, data) == "same":
                return True
            if cannot_rename_folders(error, os.path.join(self._path, name)):
                return _fill(name, data, opened.model)
            if error.errno in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR):
                return False
            raise
        finally:
            with contextlib.suppress(OSError):
                os.unlink(os.path.join(built, MANIFEST_NAME), dir_fd=opened.scratch)
            with contextlib.suppress(OSError):
                os.rmdir(built, dir_fd=opened.scratch)
        return True

    def _folder_holds(self, name: str, data: bytes) -> Outcome:
        path = os.path.join(self._path, name, MANIFEST_NAME)
        try:
            return "same" if read_capped(path, MANIFEST_LIMIT, within=self._models_dir) == data else "other"
        except (FileNotFoundError, UnsafeFileError):
            return "taken"
        except TbVersionsError:
            return "other"

    def _numbers_in(self, *below: str) -> dict[int, str]:
        """Folder names by version number; empty if the folder does not exist."""
        with contextlib.ExitStack() as closing:
            try:
                folder = os.open(self._models_dir, _FOLDER)
                closing.callback(os.close, folder)
                for part in (self.name, *below):
                    folder = _enter(part, folder, within=self._path)
                    closing.callback(os.close, folder)
                names = os.listdir(folder)
            except FileNotFoundError:
                return {}
        return {number: name for name in names if (number := parse_number(name)) is not None}

    def _open(self) -> _Opened:
        """Creates missing folders and opens them part by part; the second call returns the same descriptors."""
        if self._opened is not None:
            return self._opened
        forget_earlier_in(self._path, has_versions=bool(self._folders or self._reserved))
        os.makedirs(self._models_dir, exist_ok=True)
        top = self._keep(os.open(self._models_dir, _FOLDER))
        model = self._made(self.name, top)
        private = self._made(PRIVATE_FOLDER, model)
        opened = _Opened(model, self._made("numbers", private), self._made("tmp", private))
        fsync_open_folder(top)
        sweep(self._path)
        self._opened = opened
        return opened

    def _made(self, name: str, above: int) -> int:
        with contextlib.suppress(FileExistsError):
            os.mkdir(name, dir_fd=above)
        return self._keep(_enter(name, above, within=self._path))

    def _keep(self, descriptor: int) -> int:
        self._closing.callback(os.close, descriptor)
        return descriptor


def _enter(name: str, above: int, *, within: str) -> int:
    """Opens a folder, but not through a symlink. Raises OSError."""
    try:
        return os.open(name, _FOLDER, dir_fd=above)
    except OSError as error:
        if error.errno in _NO_FOLDER:
            raise UnsafeFileError(
                f"{shown(name)} on the path to {within} is a symlink or not a folder; nothing is restored through it."
            ) from error
        raise


def _write(data: bytes, folder: int, *, to: str = MANIFEST_NAME) -> None:
    descriptor = os.open(to, _NEW_FILE, 0o666, dir_fd=folder)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(descriptor)
    fsync_open_folder(folder)


def _fill(name: str, data: bytes, model: int) -> bool:
    """Makes a version's folder where folders can't be renamed, and writes the manifest into it; False if it exists."""
    try:
        os.mkdir(name, dir_fd=model)
    except FileExistsError:
        return False
    folder = os.open(name, _FOLDER, dir_fd=model)
    try:
        _write(data, folder, to=".tmp-manifest")
        try:
            os.rename(".tmp-manifest", MANIFEST_NAME, src_dir_fd=folder, dst_dir_fd=folder)
        except OSError:  # a store that only creates objects, each of them whole
            os.unlink(".tmp-manifest", dir_fd=folder)
            _write(data, folder)
        fsync_open_folder(folder)
    except OSError:
        for each in (".tmp-manifest", MANIFEST_NAME):
            with contextlib.suppress(OSError):
                os.unlink(each, dir_fd=folder)
        with contextlib.suppress(OSError):
            os.rmdir(name, dir_fd=model)
        raise
    finally:
        os.close(folder)
    return True


def _exists(name: str, folder: int) -> bool:
    with contextlib.suppress(FileNotFoundError):
        os.stat(name, dir_fd=folder, follow_symlinks=False)
        return True
    return False
