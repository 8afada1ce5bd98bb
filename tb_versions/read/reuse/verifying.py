"""Reads every file of a version and compares it with the manifest, and the manifest with its announced copy."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields, replace
from itertools import islice
from typing import Literal

from tb_versions.core import storage
from tb_versions.core.codec import load_json, manifest_digest
from tb_versions.core.digest import MAX_FILES, REGISTRY_FOLDER, Changes, Progress, compare, version_digest
from tb_versions.core.digest.lists import MOST_IN_MANIFEST
from tb_versions.core.manifest import FILE_LIST_NAME, MANIFEST_LIMIT, MANIFEST_NAME, File, FilesElsewhere, visible
from tb_versions.core.strays import is_of_a_model
from tb_versions.errors import FilesElsewhereError, InvalidManifestError, VersionDamagedError, VersionNotFoundError
from tb_versions.read.announced import Announced
from tb_versions.read.catalog import Version
from tb_versions.read.folders.scan import Place
from tb_versions.read.manifests.files_at import elsewhere_of, files_at
from tb_versions.read.manifests.integrity import listed_files, not_known, without_ignored
from tb_versions.read.reuse.remote_files import compare_files_of, outside_digest
from tb_versions.read.runs.run_links import parent_run


@dataclass(frozen=True)
class AnnouncedCopy:
    """What event files say of a version's manifest.

    Attributes:
        verdict: "agrees"; "differs": the manifest is not the one that was announced; "none": no run announces the
            version; or "not looked at".
        runs: The runs that announce this manifest; where it differs, those that announce the other one.
        others: Where it agrees: runs that announce another manifest as this version, of another folder.
        unread: Whether some event files could not be read, so that there may be more.
    """

    verdict: Literal["agrees", "differs", "none", "not looked at"] = "not looked at"
    runs: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    unread: bool = False

    def __str__(self) -> str:
        runs = f"run{'s' if len(self.runs) > 1 else ''} {', '.join(map(visible, self.runs))}"
        also = f"; another manifest is announced as this version in {', '.join(map(visible, self.others))}"
        return {
            "agrees": f"agrees with its announcement in {runs}{also if self.others else ''}",
            "differs": f"the manifest is not the one announced in {runs}",
            "none": f"no run {'that could be read ' * self.unread}announces it",
            "not looked at": "no announcement was looked at",
        }[self.verdict]


class Announcements:
    """All announcements of a log directory."""

    def __init__(
        self,
        announced: Iterable[Announced],
        resolve: Callable[[str, str], str | None],
        *,
        problems: Iterable[tuple[str, str]] = (),
    ) -> None:
        """Indexes announcements.

        Args:
            announced: All of them.
            resolve: Makes a run's name and a location an absolute path; see `Roots.resolve`.
            problems: (where, why) of what could not be read.
        """
        self.problems = tuple(problems)
        self._of_version: dict[tuple[str, int], list[Announced]] = defaultdict(list)
        self._of_folder: dict[str, list[Announced]] = defaultdict(list)
        for one in announced:
            self._of_version[one.model, one.number].append(one)
            folder = resolve(parent_run(one.run), one.location)
            if folder is not None:
                self._of_folder[folder].append(one)

    def of(self, version: Version, folder: str, digest: str) -> AnnouncedCopy:
        """Compares the digest of a manifest on disk with the announced ones.

        An announcement is about a version if it names it, or its folder: who edits a manifest may edit its number.
        """
        here = self._of_folder.get(folder, ())
        about = [*self._of_version.get((version.model, version.number), ()), *here]
        others = [one for one in about if one.digest != digest]
        agreeing = [one for one in about if one.digest == digest]
        if agreeing and not any(one in here for one in others):
            return AnnouncedCopy("agrees", _runs(agreeing), _runs(others))
        return AnnouncedCopy("differs", _runs(others)) if others else AnnouncedCopy("none", unread=bool(self.problems))


def _runs(announced: Iterable[Announced]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(parent_run(one.run) for one in announced))


@dataclass(frozen=True, kw_only=True, repr=False)
class Verified(Changes):
    """How a version differs from its manifest, every file read; false if nothing differs.

    Attributes:
        ignored: Files that file managers, file systems and TensorFlow Serving leave; they make no difference.
        outside_digest: Files in the registry's folder `.versions`, of which no manifest tells; they make no difference.
        announcement: Whether the manifest is the one that was announced.
    """

    ignored: tuple[str, ...] = ()
    outside_digest: tuple[str, ...] = ()
    announcement: AnnouncedCopy = AnnouncedCopy()

    def __bool__(self) -> bool:
        """Whether there is any difference."""
        return super().__bool__() or self.announcement.verdict == "differs"

    def __repr__(self) -> str:
        found = ((field.name, getattr(self, field.name)) for field in fields(self)[:-1])
        lists = [f"{name}={_some(paths)}" for name, paths in found if paths]
        return f"Verified({', '.join([*lists, f'announcement={self.announcement.verdict!r}'])})"


def _some(paths: tuple[str, ...]) -> str:
    return f"{paths[:5]!r} and {len(paths) - 5:,} more" if len(paths) > 5 else repr(paths)


def prevents_loading(found: Verified, *, strict: bool = False) -> bool:
    """Whether a version with these differences may be neither loaded nor promoted.

    Args:
        found: How its files differ.
        strict: Whether any file that was added counts; else only one that a library reads when it loads the folder.
    """
    added = any(strict or is_of_a_model(file) for file in found.extra)
    return added or bool(found.missing or found.resized or found.changed or found.unsafe)


@dataclass(frozen=True)
class Verification:
    """What was found, and the files that the manifest lists."""

    result: Verified
    files: tuple[File, ...]
    manifest: dict[str, object]


def place_of(version: Version) -> Place:
    """Returns where a version's folder is.

    Raises:
        VersionNotFoundError: Only an event file knows the version.
    """
    if not version.places:
        raise VersionNotFoundError(f"{version.id} has no folder here. {version.notice}".strip())
    return version.places[0]


def verify_place(
    version: Version,
    place: Place,
    *,
    announcements: Announcements | None = None,
    progress: Progress | None = None,
    hash_contents: bool = True,
) -> Verification:
    """Reads every file of a version in one of its folders and compares it with the manifest there.

    Args:
        version: The version.
        place: Its folder.
        announcements: What the manifest is compared with.
        progress: Called with the bytes read so far and the bytes in all.
        hash_contents: Whether files are read; else names and sizes alone are compared.

    Raises:
        VersionDamagedError: The manifest itself can't be read.
        TbVersionsError: The folder can't be read.
    """
    if version.state == "damaged":
        raise VersionDamagedError(f"The manifest of {version.id} can't be read: {version.notice}")
    folder, within = place.folder, place.root.path
    try:
        data = storage.read_capped(os.path.join(folder, MANIFEST_NAME), MANIFEST_LIMIT, within=within)
        manifest = load_json(data)
    except (FileNotFoundError, InvalidManifestError) as error:
        raise VersionDamagedError(
            f"The manifest of {version.id} can't be read: {place.as_shown(str(error))}"
        ) from error
    try:
        files = listed_files(manifest, folder, within=within)
    except (FileNotFoundError, InvalidManifestError) as error:
        raise VersionDamagedError(
            f"The files of {version.id} can't be compared: {place.as_shown(str(error))}"
        ) from error
    elsewhere = elsewhere_of(manifest)
    if elsewhere is not None and not files:
        raise FilesElsewhereError(f"The files of {version.id} can't be compared. {not_known(elsewhere)}")
    if manifest.get("digest") and manifest["digest"] != version_digest(files):
        raise VersionDamagedError(f"The manifest of {version.id} was changed: its digest is not that of its file list.")
    outside: tuple[str, ...] = ()
    if elsewhere is not None:
        found = _compared_elsewhere(place, elsewhere, files, progress=progress, hash_contents=hash_contents)
    elif place.root.is_remote:
        found = compare_files_of(place, files, progress=progress, hash_contents=hash_contents)
        outside = outside_digest(place)
    else:
        found = compare(folder, files, hash_contents=hash_contents, progress=progress, within=within)
        outside = tuple(sorted(islice(_in_registry_folder(folder), MAX_FILES)))
    changes, ignored = without_ignored(found)
    result = Verified(
        **{field.name: getattr(changes, field.name) for field in fields(Changes)},
        ignored=ignored,
        outside_digest=outside,
        announcement=announcements.of(version, folder, manifest_digest(data)) if announcements else AnnouncedCopy(),
    )
    return Verification(result, files, manifest)


def _compared_elsewhere(
    place: Place,
    elsewhere: FilesElsewhere,
    files: tuple[File, ...],
    *,
    progress: Progress | None,
    hash_contents: bool,
) -> Changes:
    """How files that lie elsewhere differ, and what lies beside the manifest, where nothing belongs.

    Raises:
        VersionDamagedError: Nothing is there any more.
        TbVersionsError: The source is bound to no folder, or the files can't be read.
    """
    try:
        found = files_at(place, elsewhere).compare(files, hash_contents=hash_contents, progress=progress)
    except FileNotFoundError as error:
        raise VersionDamagedError(str(error)) from error
    if place.root.is_remote:
        return found
    beside = compare(place.folder, (), hash_contents=False, within=place.root.path)
    planted = [path for path in beside.extra if path != FILE_LIST_NAME or len(files) <= MOST_IN_MANIFEST]
    return replace(found, extra=(*found.extra, *(f"{path} (beside the manifest)" for path in planted)))


def _in_registry_folder(folder: str) -> Iterator[str]:
    """Everything in the registry's folder of a version but readable folders; no file is opened."""
    unread: list[str] = []
    top = os.path.join(folder, REGISTRY_FOLDER)
    for parent, folders, names in os.walk(top, onerror=lambda error: unread.append(str(error.filename))):
        links = [name for name in folders if os.path.islink(os.path.join(parent, name))]
        for name in (*names, *links):
            yield visible(os.path.relpath(os.path.join(parent, name), folder))
    for path in unread:
        if os.path.lexists(path):
            yield visible(os.path.relpath(path, folder)) + "/ (unreadable)"
