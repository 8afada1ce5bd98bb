"""Completes a manifest with the facts that the author doesn't state: files, digests, graph, code, machine."""

from __future__ import annotations

import datetime
import os
from dataclasses import replace
from pathlib import Path

from tb_versions._version import __version__
from tb_versions.core import codec
from tb_versions.core.digest import digest_files, list_files, version_digest
from tb_versions.core.manifest import MANIFEST_LIMIT, MANIFEST_NAME, Parent, SavedModel, VersionManifest, is_digest
from tb_versions.core.storage import read_capped
from tb_versions.errors import InvalidManifestError, TbVersionsError
from tb_versions.savedmodel import read_saved_model
from tb_versions.write.facts import Facts
from tb_versions.write.origin import has_graph, made_by_this_process, modified
from tb_versions.write.provenance import Captured, capture


def complete(
    draft: VersionManifest, folder: str | os.PathLike[str], facts: Facts, *, adopts: bool = False, only: str = ""
) -> VersionManifest:
    """Returns the draft with the facts of a folder added, and those of this process if it made the folder.

    Args:
        draft: What the author stated. Its format counts where it is another than that of a SavedModel.
        folder: Holds all files of the version. They are read, never loaded as a model.
        facts: `capture` is what to record of code, environment and hardware; by default everything if this process
            made the folder, and else nothing. Without `created`, a folder that it did not make has the time of its
            newest file.
        adopts: Whether others made the folder, however new its files are: nothing of this process is recorded, and
            what the draft says of its time, format, code and environment stays.
        only: Name of the version's one file, where others lie beside it; by default all in the folder are its own.

    Raises:
        InvalidManifestError: The folder has no files.
        NotASavedModelError: The folder has a `saved_model.pb` that can't be parsed.
        UnsafeFileError: The folder holds a symlink, fifo, socket or device.
        UnreadableFolderError: The folder, or something in it, can't be listed or read.
    """
    entries = list_files(folder, only=only)
    if not entries:
        raise InvalidManifestError(f"{os.fspath(folder)} has no files, so there is nothing to publish.")
    files = digest_files(folder, entries)
    saved_model = None if only else _saved_model(folder)
    modified_at = modified(folder, entries)
    is_own = not adopts and made_by_this_process(modified_at, saved_model)
    captured = capture(facts.get("capture")) if is_own or "capture" in facts else Captured()
    if saved_model is None and (adopts or draft.format != "saved_model"):
        file_format, saved_model = draft.format, draft.saved_model
    else:
        file_format = "files" if saved_model is None else "saved_model"
    return replace(
        draft if is_own or adopts or "created" in facts else _made_at(modified_at, draft),
        seeds={**captured.seeds, **draft.seeds},
        seeding=captured.seeding,
        code=draft.code if adopts else captured.code,
        environment=draft.environment if adopts else captured.environment,
        hardware=captured.hardware,
        format=file_format,
        saved_model=saved_model,
        files=files,
        digest=version_digest(files),
        size_bytes=sum(file.size for file in files),
        created_by=f"tb_versions {__version__}",
    )


def _made_at(time: datetime.datetime, draft: VersionManifest) -> VersionManifest:
    """The draft of a version that was made at another time than now, which the draft has where no time was given."""
    runs = tuple(replace(run, wall_time=time) if run.wall_time == draft.created else run for run in draft.runs)
    return replace(draft, created=time, runs=runs)


def with_parents_digests(draft: VersionManifest, models_dir: Path) -> VersionManifest:
    """Returns the draft with digests for those parents that are in the same models folder."""
    return replace(draft, parents=tuple(_with_digest(parent, models_dir) for parent in draft.parents))


def _with_digest(parent: Parent, models_dir: Path) -> Parent:
    if parent.digest:
        return parent
    path = models_dir / parent.model / str(parent.number) / MANIFEST_NAME
    try:
        digest = codec.load_json(read_capped(path, MANIFEST_LIMIT)).get("digest")
    except (OSError, TbVersionsError):
        return parent
    return replace(parent, digest=digest) if isinstance(digest, str) and is_digest(digest) else parent


def _saved_model(folder: str | os.PathLike[str]) -> SavedModel | None:
    """The SavedModel in a folder, or None if there is no graph file."""
    if has_graph(folder):
        return read_saved_model(folder)
    return None
