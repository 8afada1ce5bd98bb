"""Reads the announcements of versions out of event files, through TensorBoard's DataProvider.

The list of tags says which manifests are announced, for a tag's metadata has the digest; a tensor is read only for a
manifest that is in no allowed folder.
"""

from __future__ import annotations

import math
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from tb_versions.core.codec import decode_announcement, manifest_digest
from tb_versions.core.manifest import MANIFEST_LIMIT, is_digest, visible
from tb_versions.core.metadata import PLUGIN_NAME, parse_tag
from tb_versions.errors import InvalidManifestError, TbVersionsError
from tb_versions.read.announced import Announced, Claim, SeenAnnouncements, announced_in
from tb_versions.read.manifests.listing import Listing, read_listing

MAX_ANNOUNCEMENTS = 200_000
"""Most announcements that are read."""

_BATCH = 1_000

_RUNS_AT_FIRST = 16

_TAGS_AT_A_TIME = 10_000
"""About so many tags are listed with one request, if the next runs have as many as the last."""

_MAX_FAILURES = 20
"""Requests that may fail in one refresh; after that it gives up."""

_MAX_COPIES = 64
"""Most announcements of one manifest that are tried: a damaged copy in one run must not hide another run's."""

_RETRY_SECONDS = 30.0


class AnnouncementReader:
    """Reads announcements; a second refresh reads only manifests that are new."""

    def __init__(self, provider: Any, *, models: Collection[str] = ()) -> None:
        """Reads nothing yet.

        Args:
            provider: A `tensorboard.data.provider.DataProvider`.
            models: Only announcements of these models; of all by default.
        """
        self._provider = provider
        self._models = frozenset(models)
        self._listings: dict[Claim, Listing | str] = {}
        self._seen: dict[str, SeenAnnouncements] = {}
        self._failures = 0
        self.retry_at = math.inf

    def everything(self, context: Any, runs: Sequence[str]) -> tuple[list[Announced], list[tuple[str, str]]]:
        """Returns every announcement, sorted by run and tag, and (where, why) for each one that can't be read.

        Args:
            context: TensorBoard's request context.
            runs: All runs; they are listed one by one if listing all of them fails.
        """
        announced: list[Announced] = []
        problems: list[tuple[str, str]] = []
        self._failures = 0
        before, self._seen = self._seen, {}
        for run, series_by_tag in self._some_at_a_time(context, runs, problems):
            known, seen = before.get(run), self._seen.setdefault(run, SeenAnnouncements())
            for tag, series in sorted(series_by_tag.items(), key=_tag):
                if self._is_of_another(tag):
                    continue
                if len(announced) == MAX_ANNOUNCEMENTS:
                    problems.append((run, f"more than {MAX_ANNOUNCEMENTS:,} announcements; the rest was not read."))
                    return announced, problems
                try:
                    metadata = hash(series.plugin_content)
                    item = known.get(tag, metadata) if known is not None else None
                    if item is None or (item.metadata, item.wall_time) != (metadata, series.max_wall_time):
                        item = _announced(run, tag, series, metadata=metadata)
                    seen.put(item)
                    announced.append(item)
                except TbVersionsError as error:
                    problems.append((f"run {run}, tag {tag}", str(error)))
        return announced, problems

    def _is_of_another(self, tag: str) -> bool:
        parsed = parse_tag(tag) if self._models else None
        return parsed is not None and parsed[0] not in self._models

    def _some_at_a_time(
        self, context: Any, runs: Sequence[str], problems: list[tuple[str, str]]
    ) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Lists the tags of all runs, sorted, some thousands at a time: an answer with 100,000 takes 60 MB."""
        done, many = 0, _RUNS_AT_FIRST
        while not done or done < len(runs):
            chosen = runs[done : done + many]
            listed = self._list(context, chosen, problems, everything=len(chosen) == len(runs))
            yield from sorted(listed.items())
            done += max(1, len(chosen))
            many = max(_RUNS_AT_FIRST, many * _TAGS_AT_A_TIME // max(1, sum(map(len, listed.values()))))

    def _list(
        self, context: Any, runs: Sequence[str], problems: list[tuple[str, str]], *, everything: bool = False
    ) -> dict[str, Mapping[str, Any]]:
        """Lists tags; where the provider fails, in halves, so that one bad run does not hide the others."""
        chosen = None if everything else _only(runs)
        try:
            return dict(
                self._provider.list_tensors(context, experiment_id="", plugin_name=PLUGIN_NAME, run_tag_filter=chosen)
            )
        except Exception as error:
            self._failures += 1
            if not runs:
                raise
            if len(runs) == 1 or self._failures > _MAX_FAILURES:
                where = f"run {runs[0]}" if len(runs) == 1 else f"{len(runs)} runs"
                problems.append((where, f"its announcements could not be listed: {_first_line(error)}"))
                return {}
        half = len(runs) // 2
        return {**self._list(context, runs[:half], problems), **self._list(context, runs[half:], problems)}

    def listings(self, context: Any, groups: Mapping[Claim, Sequence[Announced]]) -> Mapping[Claim, Listing | str]:
        """Returns for each claim what the table shows of the manifest, or why it can't be read.

        Args:
            context: TensorBoard's request context.
            groups: For each claim its announcements; only of manifests that are in no allowed folder.
        """
        due = time.monotonic() >= self.retry_at
        self._listings = {
            claim: listing
            for claim, listing in self._listings.items()
            if claim in groups and not (due and isinstance(listing, str))
        }
        missing = {claim: group for claim, group in groups.items() if claim not in self._listings}
        self._failures, self.retry_at = 0, math.inf if due else self.retry_at
        for attempt in range(_MAX_COPIES):
            batch = [
                group[attempt]
                for claim, group in missing.items()
                if len(group) > attempt and not isinstance(self._listings.get(claim), Listing)
            ]
            for start in range(0, len(batch), _BATCH):
                self._read(context, batch[start : start + _BATCH])
        return dict(self._listings)

    def manifest(self, context: Any, announced: Announced) -> bytes:
        """Returns one announced manifest's bytes.

        Raises:
            InvalidManifestError: The event file no longer has it, has something else, or can't be read.
        """
        try:
            data = self._tensors(context, [announced]).get((announced.run, announced.tag))
        except Exception as error:
            raise InvalidManifestError(
                f"The event files of run {announced.run} could not be read: {_first_line(error)}"
            ) from error
        if data is None or (is_digest(announced.digest) and manifest_digest(data) != announced.digest):
            raise InvalidManifestError(f"The event files of run {announced.run} no longer hold this manifest.")
        return data

    def _read(self, context: Any, batch: list[Announced]) -> None:
        try:
            tensors = self._tensors(context, batch)
        except Exception as error:  # noqa: BLE001 - whatever the provider raises, the other versions stay
            self._failures += 1
            if len(batch) == 1 or self._failures > _MAX_FAILURES:
                reason = f"The announcement could not be read: {_first_line(error)}"
                self._listings.update(dict.fromkeys((a.claim for a in batch), reason))
                self.retry_at = time.monotonic() + _RETRY_SECONDS
                return
            # An answer of the data server holds at most 256 MiB, and one bad tensor fails all of it: ask for less.
            half = len(batch) // 2
            self._read(context, batch[:half])
            self._read(context, batch[half:])
            return
        for announced in batch:
            self._listings[announced.claim] = _listing(announced, tensors.get((announced.run, announced.tag)))

    def _tensors(self, context: Any, batch: list[Announced]) -> dict[tuple[str, str], bytes | None]:
        from tensorboard.data.provider import RunTagFilter

        runs, tags = sorted({a.run for a in batch}), sorted({a.tag for a in batch})
        series = self._provider.read_tensors(
            context,
            experiment_id="",
            plugin_name=PLUGIN_NAME,
            downsample=1,
            run_tag_filter=RunTagFilter(runs=runs, tags=tags),
        )
        return {(run, tag): _payload(data) for run, by_tag in series.items() for tag, data in by_tag.items()}


def _only(runs: Sequence[str]) -> Any:
    from tensorboard.data.provider import RunTagFilter

    return RunTagFilter(runs=runs)


def _tag(item: tuple[str, Any]) -> str:
    return item[0]


def _announced(run: str, tag: str, series: Any, *, metadata: int) -> Announced:
    parsed = parse_tag(tag)
    if parsed is None:
        raise InvalidManifestError("The tag does not name a version.")
    content = decode_announcement(series.plugin_content)
    return announced_in(
        run,
        tag,
        (visible(parsed[0]), parsed[1]),
        digest=content.manifest_digest if is_digest(content.manifest_digest) else f"unknown:{run}:{tag}",
        location=content.location[:4_096],
        wall_time=float(series.max_wall_time),
        metadata=metadata,
    )


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]


def _payload(data: Collection[Any]) -> bytes | None:
    """The manifest's bytes in a series, or None if it holds no byte string."""
    for datum in data:
        value = datum.numpy
        item = value.item() if getattr(value, "size", 0) == 1 else None
        if isinstance(item, bytes) and len(item) <= MANIFEST_LIMIT:
            return item
    return None


def _listing(announced: Announced, data: bytes | None) -> Listing | str:
    if data is None:
        return "The announcement holds no manifest."
    if is_digest(announced.digest) and manifest_digest(data) != announced.digest:
        return "The announcement's manifest does not have the announced digest."
    try:
        listing = read_listing(data)
    except TbVersionsError as error:
        return str(error)
    if (listing.model, listing.number) != (announced.model, announced.number):
        return f"The announcement's tag names another version than its manifest ({listing.model}:{listing.number})."
    return listing
