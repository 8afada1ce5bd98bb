from __future__ import annotations

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from tb_versions.read.announced import Announced, announced_in
from tb_versions.read.folders.scan import Place, Root
from tb_versions.read.joining import Joined
from tb_versions.read.manifests.kept import Record
from tb_versions.read.manifests.listing import Listing, read_listing
from tb_versions.read.runs.run_links import RunLinker

ROOT = Root("/models", "models", "models_dir")


def listing(number: int, content: str) -> Listing:
    return read_listing(
        b'{"schemaVersion":1,"model":"m","number":"%d","description":"%s"}' % (number, content.encode())
    )


def record(folder: str, number: int, content: str) -> Record:
    """A manifest; one that is damaged for the content ""."""
    place = Place(ROOT, f"/models/{folder}")
    if not content:
        return Record(place, "m", number, notice="It is damaged.")
    return Record(place, "m", number, listing(number, content), f"sha256:{content}")


def announced(run: str, number: int, content: str) -> Announced:
    return announced_in(
        run, f"versions/m/{number}", ("m", number), digest=f"sha256:{content}", location="", wall_time=1.0
    )


CONTENTS = st.sampled_from(["a", "b", "c"])
NUMBERS = st.integers(1, 3)
ON_DISK = st.dictionaries(
    st.sampled_from(["m/1", "m/2", "m/3", "copy"]), st.tuples(NUMBERS, st.just("") | CONTENTS), max_size=4
)
IN_RUNS = st.dictionaries(st.sampled_from(["r1", "r2", "r2/versions"]), st.tuples(NUMBERS, CONTENTS), max_size=3)
STATES = st.lists(st.tuples(ON_DISK, IN_RUNS, st.sampled_from([(), ("r1",), ("r1", "r2")])), min_size=1, max_size=5)


class Follower:
    """Follows the states of a disk and of runs as the reader does, giving the same objects for what is the same."""

    def __init__(self) -> None:
        self.joined = Joined(lambda _: ("missing", "Its folder is gone."))
        self._records: dict[str, Record] = {}
        self._announced: dict[tuple[str, int, str], Announced] = {}
        self._listings: dict[tuple[str, str, int], Listing | str] = {}
        self._linkers: dict[tuple[str, ...], RunLinker] = {}

    def follow(
        self, disk: Mapping[str, tuple[int, str]], runs: Mapping[str, tuple[int, str]], known: tuple[str, ...]
    ) -> None:
        before, self._records = self._records, {}
        for folder in sorted(disk):
            made = record(folder, *disk[folder])
            old = before.get(made.place.folder)
            same = old is not None and (old.number, old.digest) == (made.number, made.digest)
            self._records[made.place.folder] = old if same and old is not None else made
        gone = [r for folder, r in before.items() if self._records.get(folder) is not r]
        self.joined.put(gone, self._records)
        self.joined.put([r for folder, r in self._records.items() if before.get(folder) is not r], self._records)
        self._announced = {
            (run, *runs[run]): self._announced.get((run, *runs[run])) or announced(run, *runs[run])
            for run in sorted(runs)
        }
        self.joined.announce(list(self._announced.values()))
        claims = self.joined.not_on_disk()
        self._listings = {c: self._listings.get(c) or listing(c[2], c[0].removeprefix("sha256:")) for c in claims}
        linker = self._linkers.setdefault(known, RunLinker(known))
        self.joined.join(self._listings, linker, lambda: {folder: at for at, folder in enumerate(self._records)})


@given(STATES)
def test_following_changes_ends_where_a_new_reader_begins(
    states: list[tuple[dict[str, tuple[int, str]], dict[str, tuple[int, str]], tuple[str, ...]]],
) -> None:
    follower = Follower()
    for state in states:
        follower.follow(*state)
        new = Follower()
        new.follow(*state)
        assert follower.joined.versions == new.joined.versions
        assert follower.joined.damaged == new.joined.damaged
        assert [v.id for v in new.joined.versions] == sorted(v.id for v in new.joined.versions)
        assert not follower.joined.is_outdated


def test_what_did_not_change_is_the_same_object() -> None:
    follower = Follower()
    follower.follow({"m/1": (1, "a"), "m/2": (2, "b")}, {"r1": (1, "a")}, ("r1",))
    first = follower.joined.versions
    follower.follow({"m/1": (1, "a"), "m/2": (2, "b"), "m/3": (3, "c")}, {"r1": (1, "a"), "r2": (3, "c")}, ("r1",))
    second = follower.joined.versions
    assert [version.id for version in second] == ["m:1", "m:2", "m:3"]
    assert all(old is new for old, new in zip(first, second[:2], strict=True))
    follower.follow({"m/1": (1, "a"), "m/2": (2, "b"), "m/3": (3, "c")}, {"r1": (1, "a"), "r2": (3, "c")}, ("r1",))
    assert follower.joined.versions is second
