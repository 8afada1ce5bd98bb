from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tb_versions.core.codec import Announcement, encode_announcement, manifest_digest
from tb_versions.core.metadata import tag_of
from tb_versions.errors import InvalidManifestError
from tb_versions.read import announcements
from tb_versions.read.announced import Announced, Claim
from tb_versions.read.announcements import AnnouncementReader
from tb_versions.read.manifests.listing import Listing


def manifest_of(model: str, number: int) -> bytes:
    return b'{"schemaVersion":1,"model":"%s","number":"%d"}' % (model.encode(), number)


class Provider:
    """A DataProvider by the letter of tensorboard.data.provider: run → tag → (content, tensor)."""

    def __init__(self) -> None:
        self.series: dict[str, dict[str, tuple[bytes, Any]]] = {}
        self.unlistable, self.unreadable = set[str](), set[str]()
        self.lists, self.reads = 0, list[tuple[list[str], list[str]]]()
        self.most = 10**9

    def announce(
        self, run: str, model: str, number: int, *, data: bytes | None = None, digest: str | None = None
    ) -> None:
        manifest = manifest_of(model, number) if data is None else data
        content = encode_announcement(
            Announcement(manifest_digest=manifest_digest(manifest) if digest is None else digest)
        )
        self.series.setdefault(run, {})[tag_of(model, number)] = (content, np.array(manifest, dtype=object))

    @property
    def runs(self) -> list[str]:
        return sorted(self.series)

    def list_tensors(self, ctx: Any, *, run_tag_filter: Any = None, **_: Any) -> Any:
        self.lists += 1
        runs = set(self.series) if run_tag_filter is None or run_tag_filter.runs is None else set(run_tag_filter.runs)
        if runs & self.unlistable:
            raise KeyError("no tensor")
        return {
            run: {t: SimpleNamespace(plugin_content=c, max_wall_time=1.0) for t, (c, _) in tags.items()}
            for run, tags in self.series.items()
            if run in runs
        }

    def read_tensors(self, ctx: Any, *, run_tag_filter: Any, **_: Any) -> Any:
        runs, tags = set(run_tag_filter.runs), set(run_tag_filter.tags)
        self.reads.append((sorted(runs), sorted(tags)))
        if runs & self.unreadable or len(tags) > self.most:
            raise RuntimeError("RESOURCE_EXHAUSTED\nmore")
        return {
            run: {t: [SimpleNamespace(numpy=tensor)] for t, (_, tensor) in series.items() if t in tags}
            for run, series in self.series.items()
            if run in runs
        }


def groups_of(announced: list[Announced]) -> dict[Claim, list[Announced]]:
    groups: dict[Claim, list[Announced]] = {}
    for item in announced:
        groups.setdefault(item.claim, []).append(item)
    return groups


@pytest.fixture
def provider() -> Provider:
    made = Provider()
    for number in (1, 2, 3):
        made.announce(f"run{number}", "m", number)
    return made


def test_listing_tags_says_what_is_announced_and_reads_nothing(provider: Provider) -> None:
    announced, problems = AnnouncementReader(provider).everything(None, provider.runs)
    assert [(a.run, a.model, a.number, a.digest) for a in announced] == [
        (f"run{n}", "m", n, manifest_digest(manifest_of("m", n))) for n in (1, 2, 3)
    ]
    assert (problems, provider.reads) == ([], [])


def test_each_manifest_is_read_once(provider: Provider) -> None:
    reader = AnnouncementReader(provider)
    announced, _ = reader.everything(None, provider.runs)
    groups = groups_of(announced)
    first = reader.listings(None, groups)
    assert {listing.number for listing in first.values() if isinstance(listing, Listing)} == {1, 2, 3}
    assert len(provider.reads) == 1
    assert reader.listings(None, groups) == first
    assert len(provider.reads) == 1
    provider.announce("run4", "m", 4)
    reader.listings(None, groups_of(reader.everything(None, provider.runs)[0]))
    assert provider.reads[1] == (["run4"], ["versions/m/4"])


def test_an_answer_that_is_too_large_is_asked_for_in_parts(provider: Provider) -> None:
    provider.most = 1
    reader = AnnouncementReader(provider)
    listings = reader.listings(None, groups_of(reader.everything(None, provider.runs)[0]))
    assert all(isinstance(listing, Listing) for listing in listings.values())
    assert reader.retry_at == math.inf


def test_one_run_that_fails_hides_no_other_and_is_tried_later(provider: Provider) -> None:
    provider.unlistable, provider.unreadable = {"bad"}, {"run2"}
    provider.announce("bad", "m", 9)
    reader = AnnouncementReader(provider)
    announced, problems = reader.everything(None, provider.runs)
    assert [a.run for a in announced] == ["run1", "run2", "run3"]
    assert problems == [("run bad", "its announcements could not be listed: 'no tensor'")]
    listings = reader.listings(None, groups_of(announced))
    failed = [listing for listing in listings.values() if isinstance(listing, str)]
    assert failed == ["The announcement could not be read: RESOURCE_EXHAUSTED"]
    assert reader.retry_at < math.inf
    provider.unreadable = set()
    reads = len(provider.reads)
    assert reader.listings(None, groups_of(announced)) == listings
    assert len(provider.reads) == reads
    reader.retry_at = 0.0
    again = reader.listings(None, groups_of(announced))
    assert all(isinstance(listing, Listing) for listing in again.values())
    assert reader.retry_at == math.inf


def test_a_provider_that_is_broken_altogether_is_not_asked_for_ever() -> None:
    provider = Provider()
    for number in range(2_000):
        provider.announce(f"run{number}", "m", number)
    reader = AnnouncementReader(provider)
    announced, _ = reader.everything(None, provider.runs)
    provider.unreadable = provider.unlistable = set(provider.runs)
    listings = reader.listings(None, groups_of(announced))
    assert len(listings) == 2_000
    assert len(provider.reads) < 200
    before = provider.lists
    reader.everything(None, provider.runs)
    assert provider.lists - before < 100
    with pytest.raises(KeyError):
        reader.everything(None, [])


def test_a_false_copy_is_passed_over(provider: Provider) -> None:
    digest = manifest_digest(manifest_of("m", 1))
    provider.announce("a-forger", "m", 1, data=b"{}", digest=digest)
    provider.announce("b-forger", "other", 1, data=manifest_of("m", 1))
    reader = AnnouncementReader(provider)
    listings = reader.listings(None, groups_of(reader.everything(None, provider.runs)[0]))
    listing = listings[digest, "m", 1]
    assert isinstance(listing, Listing)
    assert (listing.model, listing.number) == ("m", 1)


@pytest.mark.parametrize(
    "tensor",
    [np.array(3.5), np.array([b"a", b"b"], dtype=object), np.zeros((0,)), np.array("text", dtype=object), None,
     np.array(b"x" * ((1 << 20) + 1), dtype=object)],
)  # fmt: skip
def test_a_tensor_that_is_no_manifest_is_a_sentence(provider: Provider, tensor: Any) -> None:
    tag = tag_of("m", 1)
    provider.series["run1"][tag] = (provider.series["run1"][tag][0], tensor)
    reader = AnnouncementReader(provider)
    announced, _ = reader.everything(None, provider.runs)
    listings = reader.listings(None, groups_of(announced))
    assert [x for x in listings.values() if isinstance(x, str)] == ["The announcement holds no manifest."]
    with pytest.raises(InvalidManifestError, match="no longer hold this manifest"):
        reader.manifest(None, announced[0])


def test_one_manifest_is_given_to_the_byte(provider: Provider) -> None:
    reader = AnnouncementReader(provider)
    (first, *_), _ = reader.everything(None, provider.runs)
    assert reader.manifest(None, first) == manifest_of("m", 1)
    provider.unreadable = {"run1"}
    with pytest.raises(InvalidManifestError, match="could not be read: RESOURCE_EXHAUSTED"):
        reader.manifest(None, first)


def test_an_announcement_without_a_digest_is_read_too() -> None:
    provider = Provider()
    provider.announce("r", "m", 1, digest="")
    provider.announce("r", "m", 2, digest="md5:\x1b")
    reader = AnnouncementReader(provider)
    announced, _ = reader.everything(None, provider.runs)
    assert [a.digest for a in announced] == ["unknown:r:versions/m/1", "unknown:r:versions/m/2"]
    assert all(isinstance(x, Listing) for x in reader.listings(None, groups_of(announced)).values())
    assert reader.manifest(None, announced[0]) == manifest_of("m", 1)


def everything(reader: AnnouncementReader, provider: Provider) -> list[Announced]:
    announced, problems = reader.everything(None, provider.runs)
    assert problems == []
    return announced


def test_two_tags_with_one_metadata_stay_two_announcements_look_after_look() -> None:
    provider = Provider()
    provider.announce("r", "m", 1)
    for number in (2, 3):  # forged: they announce the manifest of version 1
        provider.announce("r", "m", number, data=manifest_of("m", 1))
    reader = AnnouncementReader(provider)
    first = everything(reader, provider)
    assert [item.tag for item in first] == ["versions/m/1", "versions/m/2", "versions/m/3"]
    assert all(a is b for a, b in zip(first, everything(reader, provider), strict=True))


def test_many_announcements_are_listed_some_at_a_time_and_all_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(announcements, "_TAGS_AT_A_TIME", 50)
    provider = Provider()
    for number in range(200):
        provider.announce(f"run{number % 40:02}", "m", number)
    found = everything(AnnouncementReader(provider), provider)
    assert [(item.run, item.tag) for item in found] == sorted(
        (run, tag) for run, tags in provider.series.items() for tag in tags
    )
    assert len(found) == 200
    assert provider.lists == 3  # 16 runs with 80 announcements, and then 16 and 8
