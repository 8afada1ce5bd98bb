"""Joins manifests on disk with announcements to versions; what did not change is not joined again."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from operator import is_

from msgspec.structs import force_setattr, replace

from tb_versions.read.announced import Announced, Claim
from tb_versions.read.catalog import Version, identify_group
from tb_versions.read.few import Few, few
from tb_versions.read.manifests.integrity import State
from tb_versions.read.manifests.kept import Record
from tb_versions.read.manifests.listing import Listing
from tb_versions.read.runs.run_links import RunLinker
from tb_versions.read.runs.run_names import RunNames
from tb_versions.read.slots import Key, Slot

Listings = Mapping[Claim, Listing | str]
"""What the manifests of announcements say, or why they can't be read."""

Whereabouts = Callable[[Announced], tuple[State, str]]
"""Says why the folder of an announced version is not found."""


class Joined:
    """The versions, by model and number.

    Attributes:
        versions: Sorted by model, number and id.
        damaged: Those with a damaged manifest.
    """

    def __init__(self, whereabouts: Whereabouts) -> None:
        self._whereabouts = whereabouts
        self._slots: dict[Key, Slot] = {}
        self._announced: Sequence[Announced] = ()
        self._not_on_disk: dict[Key, dict[Claim, list[Announced]]] = {}
        self._listings: dict[Claim, Listing | str] = {}
        self._order: list[Key] = []
        self._damaged: set[Key] = set()
        self._changed: set[Key] = set()
        self._linker = RunLinker(())
        self._names = RunNames()
        self.versions: tuple[Version, ...] = ()
        self.damaged: tuple[Version, ...] = ()

    @property
    def is_outdated(self) -> bool:
        """Whether something changed since `join`."""
        return bool(self._changed)

    def put(self, changed: Iterable[Record], current: Mapping[str, Record]) -> None:
        """Takes records that came, went or changed; those in `current`, by folder, are there."""
        for record in changed:
            key = (record.model, record.number)
            slot = self._slot(key)
            others = tuple(r for r in slot.records if r.place.folder != record.place.folder)
            slot.put_records((*others, record) if current.get(record.place.folder) is record else others)
            self._changed.add(key)

    def announce(self, announced: Sequence[Announced]) -> None:
        """Takes all announcements; an object that is the same as before is not new."""
        before = self._announced
        if len(before) == len(announced) and all(map(is_, before, announced)):
            return
        old, new = set(map(id, before)), set(map(id, announced))
        changed = {(a.model, a.number) for a in before if id(a) not in new}
        changed.update((a.model, a.number) for a in announced if id(a) not in old)
        claims: dict[Key, list[Announced]] = defaultdict(list)
        for item in announced:
            if (key := (item.model, item.number)) in changed:
                claims[key].append(item)
        for key in changed:
            self._slot(key).put_claims(tuple(claims.get(key, ())))
        self._announced = announced
        self._changed |= changed

    def not_on_disk(self) -> dict[Claim, list[Announced]]:
        """Returns the announcements of manifests that no folder has."""
        for key in self._changed:
            slot = self._slots[key]
            on_disk = {(r.digest, r.model, r.number) for r in slot.records if r.listing is not None}
            claims: dict[Claim, list[Announced]] = defaultdict(list)
            for item in slot.claims:
                if item.claim not in on_disk:
                    claims[item.claim].append(item)
            if claims:
                self._not_on_disk[key] = claims
            else:
                self._not_on_disk.pop(key, None)
        return {claim: group for claims in self._not_on_disk.values() for claim, group in claims.items()}

    def join(self, listings: Listings, linker: RunLinker, positions: Callable[[], Mapping[str, int]]) -> None:
        """Brings `versions` up to date.

        Args:
            listings: What the manifests that no folder has say.
            linker: Links runs; another one than before links all.
            positions: Returns the place of each folder in the order of the disk.
        """
        for claim, listing in listings.items():
            if self._listings.get(claim) is not listing:
                self._changed.add(claim[1:])
        self._listings = dict(listings)
        if linker is not self._linker:
            self._linker = linker
            self._changed.update(self._slots)
        found = {key: self._join(key, positions) for key in sorted(self._changed)}  # so that the first load appends
        before = [self._slots[key].versions for key in found] if self._order else []
        self._names.replace(chain.from_iterable(before), chain.from_iterable(found.values()))
        if linker.contested != self._names.contested:
            linker.contested = frozenset(self._names.contested)
            self._changed.update(others := [key for key in self._order if key not in found])
            found.update((key, self._join(key, positions)) for key in others)
        link = linker.link
        for key, group in found.items():
            self._put(key, _sharing(tuple(map(link, group)), self._slots[key].versions))
        if self._changed:
            self._changed.clear()
            self.versions = tuple(chain.from_iterable(map(self._versions_of, self._order)))
            damaged = chain.from_iterable(map(self._versions_of, sorted(self._damaged)))
            self.damaged = tuple(version for version in damaged if version.state == "damaged")

    def _slot(self, key: Key) -> Slot:
        slot = self._slots.get(key)
        if slot is None:
            slot = self._slots[key] = Slot()
        return slot

    def _versions_of(self, key: Key) -> tuple[Version, ...]:
        return self._slots[key].versions

    def _put(self, key: Key, group: tuple[Version, ...]) -> None:
        slot = self._slots[key]
        if group and not slot.versions:
            self._add(key)
        elif not group and slot.versions:
            del self._order[bisect_left(self._order, key)]
        slot.put_versions(group)
        if slot.is_empty:
            del self._slots[key]
        if [version for version in group if version.state == "damaged"]:
            self._damaged.add(key)
        elif self._damaged:
            self._damaged.discard(key)

    def _add(self, key: Key) -> None:
        if not self._order or key > self._order[-1]:
            self._order.append(key)
        else:
            insort(self._order, key)

    def _join(self, key: Key, positions: Callable[[], Mapping[str, int]]) -> tuple[Version, ...]:
        slot = self._slots[key]
        records, claimed = slot.records, slot.claims
        if len(records) == 1 and not claimed:  # as nearly all are without a log directory
            return tuple(identify_group(f"{key[0]}:{key[1]}", [_on_disk(records, ())]))
        if len(records) > 1:
            order = positions()
            records = tuple(sorted(records, key=lambda record: order.get(record.place.folder, -1)))
        by_digest: dict[str, list[Record]] = {}
        for record in records:
            by_digest.setdefault(record.digest or record.place.folder, []).append(record)
        found = [_on_disk(group, claimed) for group in by_digest.values()]
        not_on_disk = self._not_on_disk.get(key)
        if not_on_disk:
            found += [self._of_event(group, self._listings.get(claim)) for claim, group in not_on_disk.items()]
            found = _merge_damaged(found)
        return tuple(identify_group(f"{key[0]}:{key[1]}", found)) if found else ()

    def _of_event(self, group: list[Announced], listing: Listing | str | None) -> Version:
        """One manifest that no allowed folder has."""
        first = group[0]
        version = Version(model=first.model, number=first.number, announcements=few(tuple(group)), state="damaged")
        if not isinstance(listing, Listing):
            return replace(version, notice=listing or "The announcement could not be read.")
        state, notice = self._whereabouts(first)
        return replace(version, listing=listing, manifest_digest=first.digest, state=state, notice=notice)


def _on_disk(group: Sequence[Record], claimed: Sequence[Announced]) -> Version:
    """One manifest that folders hold, with its announcements."""
    first = group[0]
    damaged = first.listing is None
    return Version(
        model=first.model,
        number=first.number,
        listing=first.listing,
        manifest_digest=first.digest,
        held_in=few(tuple([record.place for record in group])),
        announcements=() if damaged else _announcing(first.digest, first.number, claimed),
        state="damaged" if damaged else first.files.state,
        notice=first.notice if damaged else first.files.notice,
    )


def _announcing(digest: str, number: int, claimed: Sequence[Announced]) -> Few[Announced]:
    """Announcements of a manifest; they share its digest and number."""
    for item in claimed:
        if item.digest == digest:
            force_setattr(item, "digest", digest)
            force_setattr(item, "number", number)
    return few(tuple([item for item in claimed if item.digest is digest]))


def _sharing(new: tuple[Version, ...], before: tuple[Version, ...]) -> tuple[Version, ...]:
    """Takes its id from the version before: where all change state at once, all ids would be there twice."""
    if len(new) == len(before) == 1 and new[0].id == before[0].id:
        return (replace(new[0], id=before[0].id),)
    return new


def _merge_damaged(found: list[Version]) -> list[Version]:
    """A damaged manifest and an announcement of the same version are one: shown from the announcement."""
    announced = {(v.model, v.number): v for v in found if v.listing and not v.places}
    merged = []
    used = set()
    for version in found:
        copy = announced.get((version.model, version.number)) if version.listing is None and version.places else None
        if copy is None:
            merged.append(version)
            continue
        used.add(id(copy))
        notice = f"{version.notice} This is the copy in the event file."
        merged.append(replace(copy, held_in=version.held_in, state="damaged", notice=notice))
    return [version for version in merged if id(version) not in used]
