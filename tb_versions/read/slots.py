"""What is there of each model and number: records of folders, announcements, and the versions made of them."""

from __future__ import annotations

from msgspec import Struct

from tb_versions.read.announced import Announced
from tb_versions.read.catalog import Version
from tb_versions.read.few import Few, few, many
from tb_versions.read.manifests.kept import Record

Key = tuple[str, int]
"""A model's name and a number: what is claimed by different keys is joined apart."""


class Slot(Struct, gc=False):
    """What is there of one model and number."""

    _claims: Few[Announced] = ()
    _records: Few[Record] = ()
    _versions: Few[Version] = ()

    @property
    def claims(self) -> tuple[Announced, ...]:
        """The announcements."""
        return many(self._claims)

    @property
    def records(self) -> tuple[Record, ...]:
        """What folders were seen to hold."""
        return many(self._records)

    @property
    def versions(self) -> tuple[Version, ...]:
        """What was made of both the last time."""
        return many(self._versions)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is there."""
        return not (self.claims or self.records or self.versions)

    def put_claims(self, claims: tuple[Announced, ...]) -> None:
        """Takes these instead of the announcements before."""
        self._claims = few(claims)

    def put_records(self, records: tuple[Record, ...]) -> None:
        """Takes these instead of the records before."""
        self._records = few(records)

    def put_versions(self, versions: tuple[Version, ...]) -> None:
        """Takes these instead of the versions before."""
        self._versions = few(versions)
