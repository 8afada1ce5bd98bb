"""Reads the announcements of versions out of event files, through TensorBoard's DataProvider.

Listing tags says which manifests are announced (their digests travel in the tag's metadata); a tensor is
read only for a manifest that no allowed folder has.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tensorboard.data.provider import RunTagFilter

from tb_versions.codec import decode_announcement, manifest_digest
from tb_versions.errors import InvalidManifestError, TbVersionsError
from tb_versions.listing import Listing, read_listing
from tb_versions.manifest import MANIFEST_LIMIT
from tb_versions.metadata import PLUGIN_NAME, parse_tag

MAX_ANNOUNCEMENTS = 200_000
"""Most announcements that are read."""

_BATCH = 1_000


@dataclass(frozen=True, slots=True)
class Announced:
    """One announcement: where it was seen and what its metadata says."""

    run: str
    tag: str
    model: str
    number: int
    digest: str
    location: str
    wall_time: float


class AnnouncementReader:
    """Keeps the announcements current; asks only for manifests it has not seen."""

    def __init__(self, provider: Any) -> None:
        """Keeps the provider; reads nothing yet.

        Args:
            provider: A `tensorboard.data.provider.DataProvider`.
        """
        self._provider = provider
        self._listings: dict[str, Listing | str] = {}

    def everything(self, context: Any) -> tuple[list[Announced], list[tuple[str, str]]]:
        """Returns every announcement, sorted by run and tag, and the (where, why) of those that are none."""
        listed = self._provider.list_tensors(context, experiment_id="", plugin_name=PLUGIN_NAME)
        announced: list[Announced] = []
        problems: list[tuple[str, str]] = []
        for run in sorted(listed):
            for tag in sorted(listed[run]):
                if len(announced) == MAX_ANNOUNCEMENTS:
                    problems.append((run, f"more than {MAX_ANNOUNCEMENTS:,} announcements; the rest was not read."))
                    return announced, problems
                try:
                    announced.append(_announced(run, tag, listed[run][tag]))
                except TbVersionsError as error:
                    problems.append((f"run {run}, tag {tag}", str(error)))
        return announced, problems

    def listings(self, context: Any, wanted: Iterable[Announced]) -> Mapping[str, Listing | str]:
        """Returns, by manifest digest, what the table shows of announced manifests, or why it can't be read.

        Args:
            context: TensorBoard's request context.
            wanted: Announcements whose manifest no allowed folder has.
        """
        wanted = list(wanted)
        missing = [a for a in wanted if a.digest not in self._listings]
        for start in range(0, len(missing), _BATCH):
            self._read(context, missing[start : start + _BATCH])
        keep = {a.digest for a in wanted}
        self._listings = {digest: listing for digest, listing in self._listings.items() if digest in keep}
        return dict(self._listings)

    def manifest(self, context: Any, announced: Announced) -> bytes:
        """Returns one announced manifest's bytes.

        Raises:
            InvalidManifestError: The event file no longer has it, or has something else.
        """
        data = self._tensors(context, [announced]).get((announced.run, announced.tag))
        if data is None or (announced.digest and manifest_digest(data) != announced.digest):
            raise InvalidManifestError(f"The event files of run {announced.run} no longer hold this manifest.")
        return data

    def _read(self, context: Any, batch: list[Announced]) -> None:
        try:
            tensors = self._tensors(context, batch)
        except Exception:
            # One answer of the data server holds at most 256 MiB: ask for less, down to one.
            if len(batch) == 1:
                raise
            half = len(batch) // 2
            self._read(context, batch[:half])
            self._read(context, batch[half:])
            return
        for announced in batch:
            self._listings[announced.digest] = _listing(announced, tensors.get((announced.run, announced.tag)))

    def _tensors(self, context: Any, batch: list[Announced]) -> dict[tuple[str, str], bytes | None]:
        runs, tags = sorted({a.run for a in batch}), sorted({a.tag for a in batch})
        series = self._provider.read_tensors(
            context,
            experiment_id="",
            plugin_name=PLUGIN_NAME,
            downsample=1,
            run_tag_filter=RunTagFilter(runs=runs, tags=tags),
        )
        return {(run, tag): _payload(data) for run, by_tag in series.items() for tag, data in by_tag.items()}


def _announced(run: str, tag: str, series: Any) -> Announced:
    parsed = parse_tag(tag)
    if parsed is None:
        raise InvalidManifestError("The tag does not name a version.")
    content = decode_announcement(series.plugin_content)
    digest = content.manifest_digest or f"unknown:{run}:{tag}"
    return Announced(run, tag, parsed[0], parsed[1], digest, content.location[:4_096], float(series.max_wall_time))


def _payload(data: Collection[Any]) -> bytes | None:
    """The manifest's bytes in a series, or None where it holds no byte string."""
    for datum in data:
        value = datum.numpy
        item = value.item() if getattr(value, "size", 0) == 1 else None
        if isinstance(item, bytes) and len(item) <= MANIFEST_LIMIT:
            return item
    return None


def _listing(announced: Announced, data: bytes | None) -> Listing | str:
    if data is None:
        return "The announcement holds no manifest."
    if announced.digest.startswith("sha256:") and manifest_digest(data) != announced.digest:
        return "The announcement's manifest does not have the announced digest."
    try:
        listing = read_listing(data)
    except TbVersionsError as error:
        return str(error)
    if (listing.model, listing.number) != (announced.model, announced.number):
        return f"The announcement's tag names another version than its manifest ({listing.model}:{listing.number})."
    return listing
