"""One announcement of a version, as an event file has it. Pure."""

from __future__ import annotations

import sys

from msgspec import Struct

from tb_versions.core.metadata import tag_of

Claim = tuple[str, str, int]
"""Digest of a manifest, and the model and number that it is announced as."""


class Announced(Struct, frozen=True, kw_only=True, gc=False):
    """One announcement: where it was seen and what its metadata says; see `announced_in`.

    Attributes:
        other_tag: Its tag where that is not the one of its model and number, else "".
        above: Its location, where `in_layout` without the `<model>/<number>` at its end, which many share.
        metadata: Hash of the metadata's bytes: the announcement is the same while this and the time are.
    """

    run: str
    model: str
    number: int
    digest: str
    wall_time: float
    metadata: int
    other_tag: str
    above: str
    in_layout: bool

    @property
    def tag(self) -> str:
        """Its tag, as TensorBoard knows it."""
        return self.other_tag or tag_of(self.model, self.number)

    @property
    def location(self) -> str:
        """Where its metadata says that the version's folder is, from the run's folder; "" where unknown."""
        return f"{self.above}{self.model}/{self.number}" if self.in_layout else self.above

    @property
    def claim(self) -> Claim:
        """The manifest and the version that it is announced as; a forged tag or digest is another claim."""
        return self.digest, self.model, self.number


def announced_in(
    run: str, tag: str, name: tuple[str, int], *, digest: str, location: str, wall_time: float, metadata: int = 0
) -> Announced:
    """Returns an announcement; of a tag and a location that follow from model and number only that is kept.

    Args:
        run: Where it is.
        tag: Its tag.
        name: Model and number.
        digest: Of the manifest.
        location: As the metadata has it.
        wall_time: Seconds since 1970.
        metadata: See `Announced`.
    """
    model, number = sys.intern(name[0]), name[1]
    end = f"{model}/{number}"
    in_layout = location.endswith(end)
    return Announced(
        run=run,
        model=model,
        number=number,
        digest=digest,
        wall_time=wall_time,
        metadata=metadata,
        other_tag="" if tag == tag_of(model, number) else tag,
        above=sys.intern(location.removesuffix(end)),
        in_layout=in_layout,
    )


class SeenAnnouncements:
    """The announcements of a run, found again by tag: the tags themselves are not kept."""

    __slots__ = ("_by_metadata", "_by_tag")

    def __init__(self) -> None:
        """Has none."""
        self._by_metadata: dict[int, Announced] = {}
        self._by_tag: dict[str, Announced] = {}

    def get(self, tag: str, metadata: int) -> Announced | None:
        """Returns the one with a tag and this hash of its metadata; None if there is none, or perhaps an older one."""
        item = self._by_metadata.get(metadata)
        return item if item is not None and item.tag == tag else self._by_tag.get(tag)

    def put(self, item: Announced) -> None:
        """Adds one."""
        if self._by_metadata.setdefault(item.metadata, item) is not item:
            self._by_tag[item.tag] = item  # two tags with the same metadata
