"""Compares a version's files with its manifest before an alias leads to it."""

from __future__ import annotations

from tb_versions.core.digest import Progress
from tb_versions.errors import FilesElsewhereError, VersionDamagedError
from tb_versions.read.catalog import Version
from tb_versions.read.manifests.integrity import check_files, in_words
from tb_versions.read.reuse.verifying import place_of, prevents_loading, verify_place

DIGESTS = "digests"
"""Every file was read."""

SIZES = "sizes"
"""Names and sizes were compared."""


class Files:
    """The files of one version, compared at most once in each way."""

    def __init__(self, version: Version, progress: Progress | None = None) -> None:
        """Looks at nothing yet.

        Args:
            version: The version.
            progress: Called with the bytes read so far and the bytes in all.
        """
        self._version = version
        self._progress = progress
        self._checked = ""

    def check(self, how: str) -> str:
        """Compares the files and returns how they were compared.

        Args:
            how: `DIGESTS` or `SIZES`; what was read already is not looked at again.

        Raises:
            VersionDamagedError: They are not what was published.
            TbVersionsError: The folder can't be read.
        """
        if self._checked not in (how, DIGESTS):
            if how == DIGESTS:
                self._compare(hash_contents=True)
            else:
                self._compare_sizes()
            self._checked = how
        return self._checked

    def _compare(self, *, hash_contents: bool, notice: str = "") -> None:
        """As for loading: a note that was added makes no difference, another `saved_model.pb` does."""
        version = self._version
        found = verify_place(version, place_of(version), progress=self._progress, hash_contents=hash_contents).result
        if prevents_loading(found):
            raise _damaged(version, notice or in_words(found))

    def _compare_sizes(self) -> None:
        version, place, notice = self._version, place_of(self._version), ""
        if not place.root.is_remote or (version.listing and version.listing.elsewhere):
            state = check_files(place, version.manifest_digest)
            if state is None:
                raise _damaged(version, "Its manifest is gone or was replaced.")
            if state.state in ("elsewhere", "unchecked"):
                raise FilesElsewhereError(f"{version.id}: {state.notice} Nothing was changed.")
            if state.state == "present":
                return
            if state.state != "changed":
                raise _damaged(version, state.notice)
            notice = state.notice
        self._compare(hash_contents=False, notice=notice)


def _damaged(version: Version, found: str) -> VersionDamagedError:
    folder = place_of(version).shown
    return VersionDamagedError(f"{version.id} in {folder} is not what was published: {found} Nothing was changed.")
