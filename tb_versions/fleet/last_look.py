"""What a run of `tb-versions index` saw, kept for the next one on this machine: which folders it need not list again.

A million versions are some thousand folders of models, and in a night most of these stay as they are. A folder with the
same time holds the same names, on file systems that are known to keep such times. So the next run asks each folder of a
model for its time, lists those that changed, and reads the manifests that appeared in them. It does not see a manifest
that was replaced or removed in place where nothing else in the model's folder changed, nor a log that was: a whole look
does.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from tb_versions.core.layout import PRIVATE_FOLDER
from tb_versions.core.manifest import MANIFEST_NAME, visible
from tb_versions.fleet.found import key_of_status
from tb_versions.fleet.kept_names import KeptNames, Key
from tb_versions.fleet.names import Listed, Names
from tb_versions.read.folders.file_systems import tick_ns
from tb_versions.read.manifests.cache import Cache, users_cache
from tb_versions.registry.log import key_of

if TYPE_CHECKING:
    from deltalake import DeltaTable

_NAME = "last look of tb-versions index at "
_State = tuple[str, int, str]


class _Kept(Struct):
    """What is kept.

    Attributes:
        folder: Device and inode of the models folder.
        table: What tells the state of the table of versions that had a row for each of `names`, and no others, from all
            others; see `_state_of`.
        others: The same of the tables of events and aliases.
        names: Those versions.
        listed: Folders as they were listed.
        heads: Of the log of each model's folder, the number of the last event in the table.
    """

    folder: tuple[int, int]
    table: _State
    others: tuple[_State, ...]
    names: KeptNames
    listed: dict[str, Listed]
    heads: dict[str, int]


@dataclass
class News:
    """What changed since the last look.

    Attributes:
        new: Paths of versions that the table has no row of.
        replaced: Paths of those whose manifests were replaced, or may have been.
        gone: Paths in the table of versions that are not there.
        logs: Folders of models whose logs went on.
        models: All folders of models that have a registry.
    """

    new: list[str]
    replaced: list[str]
    gone: list[str]
    logs: list[str]
    models: set[str]


class LastLook:
    """The last look of this user at a folder on this disk, for one place of tables."""

    def __init__(self, folder: str, tables: str) -> None:
        """Reads nothing yet.

        Args:
            folder: Absolute path of the models folder.
            tables: Folder or URL of the tables.
        """
        self._folder = folder
        self._name = f"{_NAME}{os.path.realpath(folder)} for {tables}"
        self._cache: Cache | None = users_cache()
        self._kept: _Kept | None = None

    def news(self, versions: DeltaTable, others: Sequence[DeltaTable]) -> News | None:
        """Returns what changed since; None where that is not known: then all is to be looked at.

        Args:
            versions: The table of versions as it is now.
            others: Those of events and aliases.

        Raises:
            UnreadableFolderError: The models folder goes at this moment.
        """
        kept = self._kept = self._loaded()
        if kept is None or kept.folder != _identity(self._folder):
            return None
        if (kept.table, kept.others) != (_state_of(versions), tuple(map(_state_of, others))):
            return None
        names = Names(self._folder, kept.listed)
        seen = names.look(kept.names)
        models = seen.models or set()
        if seen.unknown or seen.has_odd or not kept.heads.keys() <= set(map(visible, models)):
            return None
        if len(set(map(visible, names.known))) < len(names.known):  # the table can't tell these apart
            return None
        replaced = _replaced(self._folder, kept.names, names, frozenset(seen.lost))
        logs = _gone_on(self._folder, models, kept.heads, names.changed)
        if replaced is None or logs is None:
            return None
        kept.listed = names.known
        return News(seen.new, replaced, seen.lost, logs, models)

    def went_on(
        self,
        versions: DeltaTable,
        others: Sequence[DeltaTable],
        *,
        added: Mapping[str, Key],
        gone: Iterable[str],
        heads: Mapping[str, int],
    ) -> None:
        """Keeps what `news` saw, for the table as it became with it.

        Args:
            versions: The table: as it was, with other rows for what follows, and by nobody else changed since.
            others: Those of events and aliases.
            added: Paths of the versions that were read and have rows now, and the keys of their manifests.
            gone: Paths of those that have none any more, as the table had them.
            heads: Of each log that went on, the number of the last event in the table.
        """
        kept = self._kept
        assert kept is not None
        changed = kept.names.change({visible(path): key for path, key in added.items()}, gone)
        for path, listed in kept.listed.items():
            if visible(path) in changed:
                listed.changed = 0  # it was compared with the rows that were there before
        kept.table, kept.others = _state_of(versions), tuple(map(_state_of, others))
        kept.heads = {**kept.heads, **heads}
        self._keep(kept)

    def began(
        self,
        versions: DeltaTable,
        rows: KeptNames,
        others: Sequence[DeltaTable],
        heads: Mapping[str, int],
        *,
        began: int,
    ) -> None:
        """Keeps what a look of its own sees, where all that is there was looked at.

        Args:
            versions: The table of versions as it is now.
            rows: What is in it.
            others: The tables of events and aliases.
            heads: Of each log, the number of the last event that is in both.
            began: When the tables were last compared with all files, nanoseconds since 1970.
        """
        if self._cache is None:
            return
        names = Names(self._folder, {})
        if names.look(rows).unknown:
            return
        for listed in names.known.values():
            listed.listed = min(listed.listed, began)
        identity = _identity(self._folder)
        if identity is None:
            return
        states = tuple(map(_state_of, others))
        self._keep(_Kept(identity, _state_of(versions), states, rows, names.known, dict(heads)))

    def forget(self) -> None:
        """Makes the next run look at everything."""
        if self._cache is not None:
            self._cache.change(self._name, lambda _: b"")

    def _loaded(self) -> _Kept | None:
        data = self._cache.load(self._name) if self._cache else None
        try:
            return msgspec.msgpack.decode(data, type=_Kept) if data else None
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None

    def _keep(self, kept: _Kept) -> None:
        if self._cache is None:
            return
        try:
            data = msgspec.msgpack.encode(kept)
        except UnicodeEncodeError:  # a name that is no UTF-8
            self.forget()
        else:
            self._cache.change(self._name, lambda _: data)


def _state_of(table: DeltaTable) -> _State:
    """Id, version and files of a table: one that was restored gets the same numbers again, but other files."""
    files = "\n".join(sorted(table.file_uris()))
    return str(table.metadata().id), table.version(), hashlib.sha256(files.encode()).hexdigest()


def _identity(folder: str) -> tuple[int, int] | None:
    """Device and inode of a folder; None where it is gone."""
    try:
        status = os.stat(folder)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _replaced(folder: str, kept: KeptNames, names: Names, gone: Collection[str]) -> list[str] | None:
    """The versions in folders that changed whose manifests did, or may have; None where one has no manifest.

    A folder that was moved to where it is has manifests that are older than the last look, and a clock may have been
    set back: so size and time are compared with those of the row, besides.
    """
    found: list[str] = []
    for above, since in names.changed.items():
        inside = [(f"{above}/{name}" if above else name, key) for name, key in kept.entries(visible(above))]
        up, _, own = above.rpartition("/")
        inside += [(above, key) for name, key in kept.entries(visible(up)) if name == visible(own)]
        for path, key in inside:
            if visible(path) in gone:
                continue
            try:
                status = os.stat(os.path.join(folder, path, MANIFEST_NAME), follow_symlinks=False)
            except OSError:
                return None
            changed = max(status.st_ctime_ns, status.st_mtime_ns)
            if changed >= since - tick_ns(status.st_dev) or key_of_status(status) != key:
                found.append(path)
    return found


def _gone_on(
    folder: str, models: Iterable[str], heads: Mapping[str, int], changed: Collection[str]
) -> list[str] | None:
    """The models whose logs have an event after the last one in the table, or may be others; None where one is gone."""
    found: list[str] = []
    for path in models:
        log, head = os.path.join(folder, path, PRIVATE_FOLDER), heads.get(visible(path), 0)
        if head and not os.path.lexists(os.path.join(log, key_of(head))):
            return None
        if path in changed or os.path.lexists(os.path.join(log, key_of(head + 1))):
            found.append(path)
    return sorted(found)
