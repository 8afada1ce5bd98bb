"""Versions of what rows of the table say: from manifests in the table, or in their folders."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from tb_versions.core.codec import manifest_digest
from tb_versions.core.manifest import MANIFEST_LIMIT, MANIFEST_NAME, visible
from tb_versions.core.object_store import open_store
from tb_versions.core.storage import read_capped
from tb_versions.errors import StorageError, TbVersionsError
from tb_versions.read.catalog import Version, identify_group
from tb_versions.read.few import few
from tb_versions.read.folders.scan import Place, Root
from tb_versions.read.manifests.listing import read_listing
from tb_versions.read.runs.run_links import RunLinker


class Manifests:
    """Makes versions of manifests; files of models are not looked at."""

    def __init__(self, root: Root, url: str) -> None:
        """Reads nothing.

        Args:
            root: The models folder.
            url: Of the table, as messages name it.
        """
        self._root = root
        self._url = url

    def in_files(self, paths: Sequence[str | None]) -> list[bytes | None]:
        """Returns the manifests in some folders, as far as they are there.

        Args:
            paths: As a table has them: they may name anything, and only folders of versions are looked at.
        """
        safe = [path for path in paths if path and _is_below(path)]
        if self._root.is_remote:
            keys = [f"{path}/{MANIFEST_NAME}" for path in safe]
            read = open_store(self._root.shown).read_all(keys, MANIFEST_LIMIT)
            found = {
                path: None if isinstance(data, Exception) else data[0]
                for path, (_, data) in zip(safe, read, strict=True)
            }
        else:
            found = {path: self._in_file(path) for path in safe}
        return [found.get(path or "") for path in paths]

    def _in_file(self, path: str) -> bytes | None:
        try:
            return read_capped(
                os.path.join(self._root.path, path, MANIFEST_NAME), MANIFEST_LIMIT, within=self._root.path
            )
        except (OSError, ValueError, TbVersionsError):
            return None

    def version(self, told: Mapping[str, Any]) -> Version:
        """Returns the version of a row, given path, model, number, digest and bytes of its manifest.

        Raises:
            StorageError: The row does not say what its manifest says.
        """
        made = self.made([told["path"] or ""], told["manifest_digest"] or "", told["manifest"] or b"")
        if (made.model, made.number) != (told["model"], told["number"]):
            raise self._lies(told["path"] or "")
        return linked(identify_group(f"{made.model}:{made.number}", [made])[0])

    def made(self, paths: Sequence[str], digest: str, data: bytes) -> Version:
        """Returns a version without an id; raises StorageError where its manifest can't be read, or is another one.

        Args:
            paths: Of the folders that hold this manifest.
            digest: Of the manifest, as the table has it.
            data: Its bytes.
        """
        try:
            listing = read_listing(data)
        except TbVersionsError as error:
            raise self._lies(paths[0]) from error
        if manifest_digest(data) != digest:
            raise self._lies(paths[0])
        places = tuple([Place(self._root, os.path.join(self._root.path, path)) for path in paths])
        return Version(
            model=listing.model,
            number=listing.number,
            listing=listing,
            manifest_digest=digest,
            held_in=few(places),
            state="unchecked",
        )

    def _lies(self, path: str) -> StorageError:
        return StorageError(
            f"The row of {visible(path)} in {self._url} does not say what its manifest says. "
            "tb-versions index --check says more, --rebuild makes the tables anew."
        )


_LINKER = RunLinker(())  # no run is known: their names are those of manifests


def linked(version: Version) -> Version:
    """Returns a version with the runs that its manifest names."""
    return _LINKER.link(version)


def _is_below(path: str) -> bool:
    """Whether a path that anybody wrote is one of a version's folder."""
    return not any(not part or part.startswith(".") or "\0" in part for part in path.split("/"))
