"""What is there of each model and number: records of folders, announcements, and the versions made of them."""

from __future__ import annotations

from typing import TypeVar

from msgspec import Struct

from tb_versions.read.announced import Announced
from tb_versions.read.catalog import Version
from tb_versions.read.manifests.kept import Record

Key = tuple[str, int]
"""A model's name and a number: what is claimed by different keys is joined apart."""

_Kind = TypeVar("_Kind", Record, Version)


class Slot(Struct, gc=False):
    """What is there of one model and number. One record or version is kept without a tuple: nearly all have one.

    Attributes:
        claims: The announcements.
    """

    claims: tuple[Announced, ...] = ()
    _records: Record | tuple[Record, ...] = ()
    _versions: Version | tuple[Version, ...] = ()

    @property
    def records(self) -> tuple[Record, ...]:
        """What folders were seen to hold."""
        return self._records if isinstance(self._records, tuple) else (self._records,)

    @property
    def versions(self) -> tuple[Version, ...]:
        """What was made of both the last time."""
        return self._versions if isinstance(self._versions, tuple) else (self._versions,)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is there."""
        return not (self.claims or self.records or self.versions)

    def put_records(self, records: tuple[Record, ...]) -> None:
        """Takes these instead of the records before."""
        self._records = _packed(records)

    def put_versions(self, versions: tuple[Version, ...]) -> None:
        """Takes these instead of the versions before."""
        self._versions = _packed(versions)


def _packed(some: tuple[_Kind, ...]) -> _Kind | tuple[_Kind, ...]:
    return some[0] if len(some) == 1 else some
