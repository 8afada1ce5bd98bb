"""Where the versions of a model are put: a folder of a disk, or one of an object store."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Protocol, cast

from tb_versions.core.golden.file import key_of
from tb_versions.core.layout import PRIVATE_FOLDER
from tb_versions.core.manifest import VersionManifest, check_model_name
from tb_versions.core.storage import is_remote, local_path
from tb_versions.core.store import LocalStore
from tb_versions.errors import StorageError, VersionExistsError
from tb_versions.write import numbers
from tb_versions.write.complete import with_parents_digests
from tb_versions.write.existing import check_semantic_version
from tb_versions.write.facts import Facts
from tb_versions.write.model_folder import check_model_folder, warn_of_pattern
from tb_versions.write.origin import has_graph
from tb_versions.write.placement import Placed, check_no_manifest, confirm, place_manifest, place_version
from tb_versions.write.remote import RemoteModel
from tb_versions.write.savers import Saver
from tb_versions.write.surroundings import check_above, check_below

PUBLISH_BELOW = "TB_VERSIONS_PUBLISH_BELOW"
"""Variable of `tb-versions reproduce` that names a folder: what is published elsewhere goes into `models` in it."""


class Home(Protocol):
    """Folder of all versions of a model."""

    @property
    def shown(self) -> str:
        """How messages call the folder of all models."""

    @property
    def is_in_place(self) -> bool:
        """Whether what is published lies already where versions lie; known after `check`."""

    def known(self) -> Path:
        """Returns a local folder with the manifests of the model's versions as they are now. Raises StorageError."""

    def check(self, saver: Saver, number: int | None) -> int | None:
        """Checks the folders before anything is exported; returns the number, which the published folder may fix.

        Raises:
            TbVersionsError: There can't be a version, or not of that number.
        """

    def check_draft(self, saver: Saver, draft: VersionManifest, *, number: int | None) -> None:
        """Refuses a semantic version, manifest or number that exists. Raises VersionExistsError."""

    def place(self, saver: Saver, draft: VersionManifest, *, facts: Facts, number: int | None, strict: bool) -> Placed:
        """Puts the version into its place; raises as `place_version`."""

    def keep_golden(self, number: int, data: bytes) -> None:
        """Puts the file of golden outputs beside a version that is in its place. Raises StorageError."""


def home_of(models_dir: str | os.PathLike[str], name: str) -> Home:
    """Returns where versions of a model are put.

    Args:
        models_dir: Folder of all models, or its URL.
        name: Name of the model.

    Raises:
        InvalidNameError: The name breaks the naming rule.
        UnsupportedStorageError, MissingDependencyError, StorageError: See `open_store`.
    """
    check_model_name(name)
    models_dir = _redirected(models_dir)
    if is_remote(models_dir):
        return _RemoteHome(os.fspath(models_dir), name)
    return _LocalHome(local_path(models_dir), name)


def _redirected(models_dir: str | os.PathLike[str]) -> str | os.PathLike[str]:
    """The models folder; or another, where a training is repeated: its versions must not mix with the first one's."""
    below = os.environ.get(PUBLISH_BELOW)
    if not below:
        return models_dir
    root = os.path.realpath(below)
    is_below = not is_remote(models_dir) and os.path.realpath(local_path(models_dir)).startswith(root + os.sep)
    return models_dir if is_below else os.path.join(root, "models")


class _LocalHome:
    def __init__(self, root: Path, name: str) -> None:
        self._root, self._name = root, name
        self._folder = root / name
        self.is_in_place = False

    @property
    def shown(self) -> str:
        return str(self._root)

    def known(self) -> Path:
        return self._folder

    def check(self, saver: Saver, number: int | None) -> int | None:
        check_model_folder(self._folder)
        number_in_place = _number_in_place(saver.folder, self._folder)
        if number_in_place is not None:
            self.is_in_place = True
            number = _agreed(number, number_in_place)
        if saver.folder is None or has_graph(saver.folder):
            warn_of_pattern(self._folder)
        check_above(self._folder / "0")
        if saver.folder is not None:
            check_below(saver.folder)
        return number

    def check_draft(self, saver: Saver, draft: VersionManifest, *, number: int | None) -> None:
        check_semantic_version(draft.semantic_version, self._folder)
        if self.is_in_place:
            check_no_manifest(cast("Path", saver.folder))
        elif number is not None and numbers.is_taken(os.fspath(self._folder), number):
            raise _is_taken(self._name, number, self.shown)

    def place(self, saver: Saver, draft: VersionManifest, *, facts: Facts, number: int | None, strict: bool) -> Placed:
        draft = with_parents_digests(draft, self._root)
        if self.is_in_place:
            return place_manifest(cast("Path", saver.folder), draft, facts)
        placed = place_version(saver, self._folder, draft, facts=facts, number=number)
        confirm(placed, strict=strict)
        return placed

    def keep_golden(self, number: int, data: bytes) -> None:
        store = LocalStore(os.path.realpath(self._folder / PRIVATE_FOLDER), within=os.path.realpath(self._folder))
        store.create(key_of(number), data)


class _RemoteHome:
    is_in_place = False

    def __init__(self, url: str, name: str) -> None:
        self._model, self._name = RemoteModel(url, name), name
        self._failure: StorageError | None = None

    @property
    def shown(self) -> str:
        return self._model.models_shown

    def known(self) -> Path:
        return self._model.known()

    def check(self, saver: Saver, number: int | None) -> int | None:
        if saver.folder is not None:
            check_below(saver.folder)
        return number

    def check_draft(self, saver: Saver, draft: VersionManifest, *, number: int | None) -> None:
        del saver
        try:
            if draft.semantic_version:
                check_semantic_version(draft.semantic_version, self.known())
            if number is not None and self._model.is_taken(number):
                raise _is_taken(self._name, number, self.shown)
        except StorageError as error:  # no mistake of the caller: it is reported as any failure to publish
            self._failure = error

    def place(self, saver: Saver, draft: VersionManifest, *, facts: Facts, number: int | None, strict: bool) -> Placed:
        del strict
        if self._failure is not None:
            raise self._failure
        draft = with_parents_digests(draft, self._model.parents_folder(draft.parents))
        return self._model.place(saver, draft, facts=facts, number=number)

    def keep_golden(self, number: int, data: bytes) -> None:
        self._model.keep(key_of(number), data)


def _is_taken(name: str, number: int, where: str) -> VersionExistsError:
    return VersionExistsError(f"{name}:{number} exists or existed in {where}; numbers are never reused.")


def _number_in_place(folder: Path | None, model_folder: Path) -> int | None:
    """The number of a given folder that is already `<models>/<model>/<number>`; None for any other."""
    if folder is None or os.path.abspath(folder.parent) != os.path.abspath(model_folder):
        return None
    return numbers.parse_number(folder.name)


def _agreed(given: int | None, found: int) -> int:
    if given not in (None, found):
        raise VersionExistsError(f"The folder to publish is version {found} already; number={given} contradicts that.")
    return found
