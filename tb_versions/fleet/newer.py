"""Versions of a models folder that its table does not have yet, read from their files.

The look is by names: no manifest that the table has is opened, or asked for. So one that was replaced in place is not
noticed; `tb-versions index --check` finds that.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from functools import partial

from tb_versions.core.layout import PRIVATE_FOLDER
from tb_versions.core.manifest import visible
from tb_versions.core.storage import is_remote
from tb_versions.errors import StorageError
from tb_versions.fleet.found import manifest_key
from tb_versions.fleet.names import Names, Seen, TooLongError
from tb_versions.fleet.overlay import MOST_NEWER, Overlay
from tb_versions.fleet.paths import Paths
from tb_versions.fleet.rows import Draft, in_order, read_drafts, read_drafts_at, versions_table
from tb_versions.fleet.standing import Standing
from tb_versions.fleet.store_names import StoreNames
from tb_versions.read.folders.scan import Place
from tb_versions.read.registries import ModelRegistry, Registries
from tb_versions.registry.log import key_of

LONGEST_S = 60.0
"""Seconds after which a look is given up, unless a caller wants another limit."""

MOST_LOGS = 2_000
"""Most logs that are read because they went on since the table was made."""

_LOGS_OF_STORES = "what was said of versions since is not read: it is as indexed"
_MANY_LOGS = "more than {:,} logs went on since: what was said of versions is as indexed"


def fresh(models_dir: str, tables: str | None = None, *, longest: float = LONGEST_S) -> Standing:
    """Returns what the tables say, with what came since and without what is gone.

    Args:
        models_dir: Folder of models, or its URL.
        tables: Where the tables are; by default `.index` in the models folder.
        longest: Most seconds of the look; where it takes longer, the tables are as indexed, and `overlay` says so.

    Raises:
        StorageError: As `Standing`; or there are more versions beside the table than are read, so that it is not fresh.
        TbVersionsError: The models folder can't be looked at.
    """
    standing = Standing(models_dir, tables)
    return standing.under(Newer(models_dir).look(standing, longest=longest))


class Newer:
    """Looks at a models folder again and again. Not thread-safe."""

    def __init__(self, models_dir: str) -> None:
        """Looks at nothing yet.

        Args:
            models_dir: Folder of models, or its URL.

        Raises:
            UnsupportedStorageError, MissingDependencyError, StorageError: See `open_store`.
        """
        self._models_dir = models_dir
        folder = os.path.abspath(os.path.expanduser(models_dir))
        self._names = StoreNames(models_dir) if is_remote(models_dir) else Names(folder)
        self._paths: tuple[int, Paths] | None = None
        self._read: dict[str, tuple[tuple[int, int], Draft | str]] = {}
        self._registries: Registries | None = None

    def look(self, standing: Standing, *, longest: float = LONGEST_S) -> Overlay:
        """Returns what the table does not have.

        Args:
            standing: The tables, with or without an overlay.
            longest: Give up after so many seconds; the overlay says so, and has nothing.

        Raises:
            StorageError: The folder has more than `MOST_NEWER` versions that the table does not have; or a store can't
                be read.
            UnreadableFolderError: There is no such folder.
        """
        started = time.time()
        if self._paths is None or self._paths[0] != standing.table_version:
            self._paths = standing.table_version, Paths(standing.paths)
        try:
            seen = self._names.look(self._paths[1], until=time.monotonic() + longest)
        except TooLongError:
            return Overlay(
                problem=f"Looking for versions that came since takes longer than {longest:.0f} s.",
                table=standing.table_version,
            )
        if len(seen.new) > MOST_NEWER:
            raise StorageError(
                f"{len(seen.new):,} versions are in {visible(standing.root.shown)} that its table does not have; at "
                f"most {MOST_NEWER:,} are read beside it. Run tb-versions index first."
            )
        drafts, unread = self._drafts(standing, seen.new)
        logs, problem = self._logs(standing, seen)
        return Overlay(
            rows=versions_table(in_order(drafts), standing.typed) if drafts else None,
            gone=seen.gone,
            logs=logs,
            unread=tuple(each for each in unread if each[0] not in standing.unread_paths),
            looked_ms=int(started * 1_000),
            problem=problem,
            table=standing.table_version,
        )

    def _drafts(self, standing: Standing, paths: Sequence[str]) -> tuple[list[Draft], list[tuple[str, str]]]:
        """Drafts of new versions, and (path, why) of those that can't be read; what was read before is kept."""
        keys = {path: self._key(standing, path) for path in paths}
        fresh_ones = [path for path, key in keys.items() if path not in self._read or self._read[path][0] != key]
        unread: list[tuple[str, str]] = []
        gone: list[str] = []
        read = partial(read_drafts_at, self._models_dir, fresh_ones, unread, gone)
        if not is_remote(self._models_dir):
            read = partial(read_drafts, ((path, _place(standing, path)) for path in fresh_ones), unread, gone)
        found: dict[str, Draft | str] = {draft.path: draft for draft in read()}
        found.update(unread)
        kept = {path: self._read[path] for path in paths if path in self._read and path not in found}
        self._read = {**kept, **{path: (keys[path], each) for path, each in found.items()}}
        for path in gone:
            self._read.pop(path, None)
        told = [(visible(path), visible(each)) for path, (_, each) in self._read.items() if isinstance(each, str)]
        return [each for _, each in self._read.values() if isinstance(each, Draft)], told

    def _key(self, standing: Standing, path: str) -> tuple[int, int]:
        """What changes when a manifest is replaced; in a store nothing does."""
        if is_remote(self._models_dir):
            return 0, 0
        try:
            return manifest_key(_place(standing, path))
        except OSError:
            return -1, -1

    def _logs(self, standing: Standing, seen: Seen) -> tuple[Mapping[str, ModelRegistry | None], str]:
        """What logs say that went on since, or are gone; and what was not looked at."""
        if seen.models is None:
            return {}, _LOGS_OF_STORES
        last = standing.last_events
        found: dict[str, ModelRegistry | None] = {}
        there = {visible(path): path for path in seen.models}
        for path in last:
            if path not in there and seen.is_known(path):
                found[path] = None
        root = standing.root
        changed = [
            path
            for shown, path in there.items()
            if os.path.lexists(os.path.join(root.path, path, PRIVATE_FOLDER, key_of(last.get(shown, 0) + 1)))
        ]
        if len(changed) > MOST_LOGS:
            return found, _MANY_LOGS.format(MOST_LOGS)
        self._registries = self._registries or Registries([root])
        known = (
            self._registries.refresh([_place(standing, path) for path in changed], complete=False) if changed else {}
        )
        wanted = set(changed)
        for said in (each for group in known.values() for each in group):
            if said.place.relative in wanted:
                found[visible(said.place.relative)] = ModelRegistry(
                    said.model, said.place, said.state, said.kind, said.problem
                )
        return found, ""


def _place(standing: Standing, path: str) -> Place:
    return Place(standing.root, os.path.join(standing.root.path, path))
