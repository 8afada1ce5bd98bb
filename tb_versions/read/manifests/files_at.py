"""Where the files of a version are: in its folder, or elsewhere, below a source that is bound to a folder."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tb_versions.core.digest import Changes, Progress, compare
from tb_versions.core.elsewhere import locate
from tb_versions.core.fields import from_json
from tb_versions.core.manifest import File, FilesElsewhere
from tb_versions.core.scalars import WrongValueError
from tb_versions.errors import InvalidManifestError
from tb_versions.read.folders.scan import Place


@dataclass(frozen=True)
class FilesAt:
    """Where files are.

    Attributes:
        folder: Absolute path of the folder that holds them.
        within: A folder above, below which no symlink is followed; see `storage.open_folder`.
        only: Name of the version's one file in the folder; "" where all in it are the version's.
    """

    folder: str
    within: str
    only: str = ""

    @property
    def path(self) -> str:
        """Path of the folder, or of the one file."""
        return os.path.join(self.folder, self.only) if self.only else self.folder

    def compare(self, files: Iterable[File], *, hash_contents: bool, progress: Progress | None = None) -> Changes:
        """Returns how the files differ from a manifest's; raises as `digest.compare`."""
        return compare(
            self.folder, files, hash_contents=hash_contents, progress=progress, within=self.within, only=self.only
        )


def files_at(place: Place, elsewhere: FilesElsewhere | None) -> FilesAt:
    """Returns where the files of a version are; opens nothing.

    Args:
        place: The version's folder; its allowed folder knows what sources are bound to.
        elsewhere: What the manifest says of files elsewhere.

    Raises:
        FileNotFoundError, TbVersionsError: As `locate`.
    """
    if elsewhere is None:
        return FilesAt(place.folder, place.root.path)
    located = locate(elsewhere, place.root.sources)
    return FilesAt(located.folder, located.root, located.file)


def elsewhere_of(fields: Mapping[str, Any]) -> FilesElsewhere | None:
    """Returns what a manifest's JSON object says of files elsewhere, or None.

    Raises:
        InvalidManifestError: It breaks the schema.
    """
    found = fields.get("filesElsewhere", fields.get("files_elsewhere"))
    if found is None:
        return None
    try:
        elsewhere: FilesElsewhere = from_json(found, FilesElsewhere)
    except WrongValueError as error:
        raise InvalidManifestError(f"The manifest breaks the schema: {error.within('filesElsewhere')}") from None
    return elsewhere
