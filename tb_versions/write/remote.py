"""Puts a version into an object store: its files one by one, the manifest last, so that none is seen half.

    .versions/numbers/<n>      created first and never removed: the number is taken
    .versions/unfinished/<n>   while files are coming; written again every minute
    <n>/…                      the files, saved_model.pb after all others, then version_manifest.json
    .versions/ended/<n>        created before the manifest by the writer, or before their removal by who clears up:
                               only one of both can create it

A version exists when its manifest exists. What a killed writer left is removed by a later one after `ABANDONED_S`.
"""

from __future__ import annotations

import datetime
import os
import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import orjson

from tb_versions._version import __version__
from tb_versions.core import codec
from tb_versions.core.digest import Progress, list_files, separated
from tb_versions.core.layout import NUMBERS, PRIVATE_FOLDER, UNFINISHED
from tb_versions.core.manifest import (
    FILE_LIST_NAME,
    MANIFEST_LIMIT,
    MANIFEST_NAME,
    MAX_NUMBER,
    Parent,
    VersionManifest,
    check_model_name,
)
from tb_versions.core.mirror import Mirror, mirror_of
from tb_versions.core.object_files import fetch
from tb_versions.core.object_store import ObjectStore, open_store
from tb_versions.core.storage import is_remote
from tb_versions.errors import InvalidNameError, StorageError, TbVersionsError, VersionExistsError
from tb_versions.write.beginning import forget_earlier
from tb_versions.write.complete import complete
from tb_versions.write.facts import Facts
from tb_versions.write.filling import local_scratch
from tb_versions.write.numbers import parse_number
from tb_versions.write.origin import GRAPH_FILES
from tb_versions.write.placement import Placed, build, errors_about
from tb_versions.write.savers import Saver

ABANDONED_S = 7 * 86_400
"""Seconds without any sign of a writer after which what it left is removed, by the store's clock."""

_ENDED = f"{PRIVATE_FOLDER}/ended"
_SIGN_OF_LIFE_S = 60.0


class RemoteModel:
    """The folder of all versions of a model, `<models>/<model>`, in an object store."""

    def __init__(self, models_dir: str, name: str) -> None:
        """Makes no request.

        Raises:
            TbVersionsError: The URL names no store, or the package for it is missing.
        """
        self._mirror: Mirror = mirror_of(models_dir)
        self._name = name
        self._store: ObjectStore = self._mirror.store.below(name)

    @property
    def shown(self) -> str:
        """URL of the folder."""
        return self._store.shown

    @property
    def models_shown(self) -> str:
        """URL of the folder of all models."""
        return self._mirror.url

    def known(self) -> Path:
        """Returns a local folder that has the manifests of all versions as they are now. Raises StorageError."""
        self._mirror.look(model=self._name)
        return Path(self._mirror.models, self._name)

    def parents_folder(self, parents: tuple[Parent, ...]) -> Path:
        """Returns a local models folder with the manifests of parents, where they are in the store."""
        for parent in parents:
            if not parent.digest:
                self._mirror.bring(parent.model, [parent.number])
        return Path(self._mirror.models)

    def is_taken(self, number: int) -> bool:
        """Returns whether a version of that number exists, existed, or is being written. Raises StorageError."""
        return self._store.exists(f"{NUMBERS}/{number}") or self._has_files(number)

    def place(
        self,
        saver: Saver,
        draft: VersionManifest,
        *,
        facts: Facts,
        number: int | None,
        progress: Progress | None = None,
    ) -> Placed:
        """Builds a version on this machine's disk and uploads it.

        Args:
            saver: Fills the version's folder.
            draft: What the author stated; its number is ignored.
            facts: What the author stated, as `complete` needs it.
            number: The version's number; None takes the next one.
            progress: Called with the bytes uploaded so far and the bytes in all.

        Raises:
            VersionExistsError: The number is taken.
            TbVersionsError: The model can't be saved, its files can't be read, or the store can't be written.
            OSError: Reading or writing here failed.
        """
        self._store.check_conditional()  # before anything is exported
        with local_scratch() as built:
            return self.put(built, build(saver, built, draft, facts), number=number, progress=progress)

    def put(
        self, built: str, manifest: VersionManifest, *, number: int | None, progress: Progress | None = None
    ) -> Placed:
        """Uploads a finished version.

        Args:
            built: Folder with its files, and the list of them where the manifest has none, but without the manifest.
            manifest: Its manifest; the number in it is replaced.
            number: As in `place`.
            progress: As in `place`.

        Raises:
            VersionExistsError, StorageError, OSError: As `place`.
        """
        self.begin()
        taken = self._take(number)
        manifest = replace(manifest, number=taken)
        data = codec.encode(manifest)
        self._upload(taken, built, data, progress)
        return Placed(f"{self.shown}/{taken}", manifest, data)

    def put_copy(
        self, built: str, manifest_of: Callable[[int], bytes], *, wanted: int, other: bool, progress: Progress | None
    ) -> tuple[int, bytes]:
        """Uploads a version that exists elsewhere; returns its number and its manifest's bytes.

        Args:
            built: A folder with its files, and its list of files where it has one.
            manifest_of: Returns the manifest's bytes with a number.
            wanted: Its number.
            other: Whether it may get the next number where that is taken.
            progress: Called with the bytes uploaded so far and the bytes in all.

        Raises:
            VersionExistsError: The number is taken.
            TbVersionsError: The store can't be written, or the files can't be read.
        """
        self._store.check_conditional()
        is_free = not self._has_files(wanted) and self._store.create(f"{NUMBERS}/{wanted}", _own(wanted))
        taken = wanted if is_free else self._take(None if other else wanted)
        data = manifest_of(taken)
        self._upload(taken, built, data, progress)
        return taken, data

    def _upload(self, number: int, built: str, manifest: bytes, progress: Progress | None) -> None:
        self._fill(number, built, manifest, progress)
        self.sweep()
        self._finish(number)

    def manifest(self, number: int) -> bytes | None:
        """Returns the bytes of a version's manifest; None where there is none. Raises StorageError."""
        try:
            return self._store.read(f"{number}/{MANIFEST_NAME}", MANIFEST_LIMIT)
        except FileNotFoundError:
            return None

    def keep(self, key: str, data: bytes) -> None:
        """Creates a file in the model's folder `.versions`. Raises StorageError."""
        self._store.create(f"{PRIVATE_FOLDER}/{key}", data)

    def sweep(self, *, abandoned_s: float = ABANDONED_S) -> int:
        """Removes the files of versions that were never finished. A failure is harmless: the next writer tries again.

        Args:
            abandoned_s: Seconds without a sign of their writer, before the newest sign of any.

        Returns:
            How many were removed.
        """
        try:
            marks = self._store.listed(UNFINISHED).files
            newest = max((mark.modified for mark in marks.values()), default=None)
            if newest is None:
                return 0
            before = newest - datetime.timedelta(seconds=abandoned_s)
            old = [parse_number(name) for name, mark in marks.items() if mark.modified < before]
            return sum(self._remove(number, before) for number in old if number is not None)
        except TbVersionsError:
            return 0

    def _remove(self, number: int, before: datetime.datetime) -> bool:
        """Removes an unfinished version of whose writer nothing is newer than that; its number stays taken."""
        files = list(self._store.entries(str(number)))
        marks = [self._store.entry(f"{folder}/{number}") for folder in (UNFINISHED, NUMBERS)]
        if any(entry.modified >= before for entry in (*files, *(mark for mark in marks if mark))):
            return False
        if any(file.key == MANIFEST_NAME for file in files):
            self._finish(number)
            return False
        ended = f"{_ENDED}/{number}"
        # A writer that wakes up now finds this, and writes no manifest; or it was faster, and is left alone.
        if not self._store.create(ended, _own(number)) or self._store.exists(f"{number}/{MANIFEST_NAME}"):
            return False
        self._store.delete_all([f"{number}/{file.key}" for file in files])
        self._store.delete(f"{UNFINISHED}/{number}")
        return True

    def begin(self) -> None:
        """Begins the model anew where nothing of it is in the store; see `forget_earlier`. Raises StorageError."""
        forget_earlier(
            self._mirror.identity,
            self._name,
            is_new=self._is_new,
        )

    def _is_new(self) -> bool:
        """Whether the store has no version of the model, no number and no event."""
        if any(self._store.listed(folder).files for folder in (NUMBERS, f"{PRIVATE_FOLDER}/log")):
            return False
        return not any(parse_number(name) is not None for name in os.listdir(self.known()))

    def _take(self, number: int | None) -> int:
        if number is not None:
            if self._has_files(number) or not self._store.create(f"{NUMBERS}/{number}", _own(number)):
                raise VersionExistsError(f"Another writer took the number {number} in {self.shown}.")
            return number
        taken = self._largest()
        while True:
            taken += 1
            if taken > MAX_NUMBER:
                raise StorageError(f"{self.shown} has a version {MAX_NUMBER}; there is no larger number.")
            if self._store.create(f"{NUMBERS}/{taken}", _own(taken)) and not self._has_files(taken):
                return taken

    def _largest(self) -> int:
        names = (*self._store.listed().folders, *self._store.listed(NUMBERS).files)
        return max((number for name in names if (number := parse_number(name)) is not None), default=0)

    def _has_files(self, number: int) -> bool:
        return next(self._store.entries(str(number)), None) is not None

    def _fill(self, number: int, built: str, manifest: bytes, progress: Progress | None) -> None:
        """Uploads the files and then the manifest; what was uploaded stays if that fails, and is swept later."""
        mark, ended, own = f"{UNFINISHED}/{number}", f"{_ENDED}/{number}", _own(number)
        self._store.write(mark, own)
        entries = sorted(list_files(built), key=lambda entry: entry.path in GRAPH_FILES)
        told = _told(progress, sum(entry.size for entry in entries), lambda: self._store.write(mark, own))
        for entry in entries:
            self._store.upload(f"{number}/{entry.path}", os.path.join(built, entry.path), progress=told)
        listed = os.path.join(built, FILE_LIST_NAME)
        if os.path.lexists(listed):
            self._store.upload(f"{number}/{FILE_LIST_NAME}", listed)
        if not self._store.create(ended, own):
            raise StorageError(
                f"{self.shown}/{number} was given up and its files were removed by another writer, because nothing "
                f"was heard of this one for {ABANDONED_S // 86_400} days. Publish it again."
            )
        if not self._store.create(f"{number}/{MANIFEST_NAME}", manifest):
            raise VersionExistsError(f"Another writer put a manifest into {self.shown}/{number}.")

    def _finish(self, number: int) -> None:
        """Removes what is needed only until the manifest is there; a failure is harmless."""
        try:
            self._store.delete_all([f"{UNFINISHED}/{number}", f"{_ENDED}/{number}"])
        except StorageError:
            return


def place_manifest_at(url: str, draft: VersionManifest, facts: Facts) -> Placed:
    """Makes a folder `<models>/<model>/<number>` that is in a store a version: reads its files, adds a manifest.

    Raises:
        VersionExistsError: It has a manifest already.
        TbVersionsError: There are no files, they can't be read, or the store can't be written.
        OSError: The disk of this machine can't be written.
    """
    store = open_store(url)
    if store.exists(MANIFEST_NAME):
        raise VersionExistsError(
            f"{url} has a manifest already, and versions are immutable: publish a new version instead."
        )
    with local_scratch() as built:
        fetch(store, built)
        with errors_about(built, url):
            manifest, listed = separated(complete(draft, built, facts))
    data = codec.encode(manifest)
    if listed is not None:
        store.write(FILE_LIST_NAME, listed)
    above = url.rstrip("/").rpartition("/")[0]
    models, _, name = above.rpartition("/")
    RemoteModel(models, name).begin()
    model = open_store(above)
    model.create(f"{NUMBERS}/{manifest.number}", _own(manifest.number))  # it may be taken: by who put the files there
    if not store.create(MANIFEST_NAME, data):
        raise VersionExistsError(f"Another writer put a manifest into {url}.")
    return Placed(store.shown, manifest, data)


def version_at(url: str, name: str | None, number: int | None) -> tuple[str, str, int]:
    """Returns the models folder, model and number of a URL `<models>/<model>/<number>`.

    Args:
        url: Of the version's folder.
        name: The model that was given, or None.
        number: The number that was given, or None.

    Raises:
        InvalidNameError: It is no such URL, or another model or number was given.
    """
    above, _, last = url.rstrip("/").rpartition("/")
    models, _, model = above.rpartition("/")
    found = parse_number(last)
    if found is None or not is_remote(models) or name not in (None, model) or number not in (None, found):
        raise InvalidNameError(
            f"{url} is not the URL of a version, or not of the one that was given: s3://bucket/models/digits/7."
        )
    return models, check_model_name(model), found


def _own(number: int) -> bytes:
    """Something that no other writer has."""
    return orjson.dumps({"number": number, "id": uuid.uuid4().hex, "tool": f"tb_versions {__version__}"})


def _told(progress: Progress | None, size: int, alive: Callable[[], None]) -> Callable[[int], None]:
    """Counts bytes for `progress`, and gives a sign of life from time to time."""
    done, last = 0, time.monotonic()

    def told(count: int) -> None:
        nonlocal done, last
        done += count
        if progress is not None:
            progress(done, size)
        if time.monotonic() - last > _SIGN_OF_LIFE_S:
            last = time.monotonic()
            alive()

    return told
