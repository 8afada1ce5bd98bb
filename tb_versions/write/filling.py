"""Puts a version into its place file by file, where folders can't be renamed, as on a mounted object store.

The new folder is made exclusively, so no other writer fills it. The manifest comes last, and only with it is there a
version. Until then the file `.versions/unfinished/<number>` exists; if the process is killed, it stays, and readers say
that the folder is no version.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator

from tb_versions.core.layout import UNFINISHED
from tb_versions.core.manifest import FILE_LIST_NAME, MANIFEST_NAME
from tb_versions.core.storage import (
    cannot_rename_folders,
    create_if_absent,
    fsync_folder,
    fsync_tree,
    read_capped,
    write_file,
)
from tb_versions.errors import TbVersionsError, VersionExistsError
from tb_versions.write.savers import copy_files
from tb_versions.write.temporary import new_name, scratch_path


def can_rename_folders(model_folder: str) -> bool:
    """Returns whether a small folder with a file can be renamed there. Raises OSError where nothing can be written."""
    with scratch_path(model_folder) as old:
        new = os.path.join(os.path.dirname(old), new_name())  # a kill leaves it to the next publish
        os.mkdir(old)
        write_file(os.path.join(old, "file"), b"1", durable=False)
        try:
            os.rename(old, new)
        except FileNotFoundError:  # the answer of a rename that was done may be lost
            pass
        except OSError as error:
            if cannot_rename_folders(error, new):
                return False
            raise
        finally:
            shutil.rmtree(new, ignore_errors=True)
    return True


@contextlib.contextmanager
def local_scratch() -> Iterator[str]:
    """Yields a path on this machine's own disk, where a version is built that will be copied into its place."""
    with tempfile.TemporaryDirectory(prefix="tb-versions-", ignore_cleanup_errors=True) as folder:
        yield os.path.join(folder, "version")


def fill(built: str, target: str, manifest: bytes) -> bool:
    """Copies a finished folder to its place, and then puts the manifest there.

    Args:
        built: The folder, without a manifest.
        target: `<models>/<model>/<number>`; its number is reserved.
        manifest: The manifest's bytes.

    Returns:
        False if the target exists.

    Raises:
        VersionExistsError: Somebody else wrote a manifest there meanwhile.
        TbVersionsError, OSError: Copying failed; nothing is left, or a folder without a manifest that is marked.
    """
    model_folder, number = os.path.split(target)
    mark = os.path.join(model_folder, UNFINISHED, number)
    os.makedirs(os.path.dirname(mark), exist_ok=True)
    with contextlib.suppress(FileExistsError):
        write_file(mark, b"")
    try:
        os.mkdir(target)
    except FileExistsError:
        _remove(mark)
        return False
    try:
        copy_files(built, target)
        listed = os.path.join(built, FILE_LIST_NAME)
        if os.path.lexists(listed):
            shutil.copyfile(listed, os.path.join(target, FILE_LIST_NAME))
        fsync_tree(target)
        fsync_folder(model_folder)
        with scratch_path(model_folder) as scratch:
            os.mkdir(scratch)
            path = os.path.join(target, MANIFEST_NAME)
            is_ours = create_if_absent(path, manifest, temporary_folder=scratch, is_only_writer=True)
    except BaseException as error:
        # A manifest that is there is not taken back, whatever failed afterwards: somebody may have seen it.
        if not holds(target, manifest):
            shutil.rmtree(target, ignore_errors=True)
            if not os.path.lexists(target):
                _remove(mark)
            raise
        if not isinstance(error, Exception):
            raise
    else:
        if not is_ours:
            raise VersionExistsError(f"Another writer put a manifest into {target}, which is not complete.")
    _remove(mark)
    return True


def holds(folder: str, manifest: bytes) -> bool:
    """Returns whether a folder has this very manifest."""
    try:
        return read_capped(os.path.join(folder, MANIFEST_NAME), len(manifest)) == manifest
    except (TbVersionsError, OSError):
        return False


def _remove(path: str) -> None:
    with contextlib.suppress(OSError):
        os.unlink(path)
