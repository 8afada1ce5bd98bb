"""Keeps which names of runs the manifests give to several runs."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from tb_versions.read.catalog import Version


class RunNames:
    """Counts, by name, the identities of the runs that manifests call so.

    Attributes:
        contested: Names that several runs have.
    """

    def __init__(self) -> None:
        self._identities: dict[str, Counter[str]] = defaultdict(Counter)
        self.contested: set[str] = set()

    def replace(self, before: Iterable[Version], after: Iterable[Version]) -> None:
        """Counts versions in the place of others."""
        touched = set()
        for versions, change in ((before, -1), (after, 1)):
            for name, identity in _runs(versions):
                counts = self._identities[name]
                counts[identity] += change
                if not counts[identity]:
                    del counts[identity]
                touched.add(name)
        for name in touched:
            (self.contested.add if len(self._identities[name]) > 1 else self.contested.discard)(name)


def _runs(versions: Iterable[Version]) -> Iterator[tuple[str, str]]:
    for version in versions:
        for run in version.listing.runs if version.listing else ():
            if run.identity:
                yield run.name, run.identity
