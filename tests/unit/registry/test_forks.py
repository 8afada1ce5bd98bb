"""Two copies of a log of which one's end was put behind the other's, as `cp -rn` and `rsync --ignore-existing` do."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tb_versions.core.store import LocalStore
from tb_versions.errors import ConflictError, DamagedLogError
from tb_versions.registry import checkpoints, forks, fsck
from tb_versions.registry.events import digest_of
from tb_versions.registry.forks import Aside
from tb_versions.registry.fsck import Finding
from tb_versions.registry.merging import Merged, merge
from tb_versions.registry.registry import Registry
from tb_versions.registry.state import Head
from tests.support.logs import append, entry, promote, store_of, write

VERSIONS: dict[int, bool | None] = dict.fromkeys(range(1, 20), True)


def mix(here: LocalStore, there: LocalStore) -> None:
    """Copies each file that is not here yet."""
    for path in sorted(Path(there.shown).rglob("*.json")):
        target = Path(here.shown, path.relative_to(there.shown))
        if not target.exists():
            target.parent.mkdir(exist_ok=True)
            shutil.copy(path, target)


@pytest.fixture
def there(tmp_path: Path) -> LocalStore:
    """A log of five events: three of its own, the last a removal."""
    store = store_of(tmp_path / "there")
    promote(Registry(store), 1, 2)
    shutil.copytree(store.shown, store_of(tmp_path / "here").shown)
    registry = Registry(store)
    append(registry, "noted", 1, text="there")
    promote(registry, 4)
    append(registry, "removed", 1)
    return store


@pytest.fixture
def here(there: LocalStore, tmp_path: Path) -> LocalStore:
    """The same log, which went on with one event, and the end of the other behind it."""
    store = store_of(tmp_path / "here")
    append(Registry(store), "noted", 2, text="here")
    mix(store, there)
    return store


def found(store: LocalStore, seen: Head | None) -> list[Finding]:
    return fsck.check(store, folders=VERSIONS, seen=seen)


def head(store: LocalStore, number: int) -> Head:
    return Head(number, digest_of(entry(store, number).read_bytes()))


def events_aside(store: LocalStore) -> list[str]:
    return [name[:28] for name in store.names("damaged")]


def test_the_other_copys_end_is_set_aside_and_the_log_goes_on(here: LocalStore, there: LocalStore) -> None:
    rest = [entry(here, number).read_bytes() for number in (4, 5)]
    (finding,) = found(here, head(here, 3))
    assert (finding.kind, finding.event, finding.is_certain) == ("fork", 4, True)
    assert "the event 3 that is here: two copies of the log were mixed" in finding.what
    ((_, done),) = fsck.repair(here, [finding])
    assert done == "2 events, 4 to 5, are set aside, in .versions/damaged of the model."
    assert events_aside(here) == [f"log-{number:020}.json"[:28] for number in (4, 5)]
    assert [Path(here.shown, "damaged", name).read_bytes() for name in here.names("damaged")] == rest
    assert found(here, head(here, 3)) == []
    assert Registry(here).known().head.number == 3
    assert merge(here, there) == Merged(2, (4, 5, 6), 0)
    assert found(here, head(here, 3))[0].kind == "unfinished_removal", "what the other copy's event says, and no fork"
    promote(Registry(here), 5)


def test_a_merge_by_itself_sets_the_other_copys_end_aside(here: LocalStore, there: LocalStore) -> None:
    assert merge(here, there) == Merged(2, (4, 5, 6), 0, aside=Aside((4, 5)))
    assert Registry(here).known().aliases["production"].version == 4
    assert merge(here, there) == Merged(2, (), 3)


def test_a_merge_that_is_refused_sets_nothing_aside(here: LocalStore, there: LocalStore, tmp_path: Path) -> None:
    store = store_of(tmp_path / "more")
    shutil.copytree(there.shown, store.shown)
    for number in (3, 4, 5):
        entry(store, number).unlink()
    promote(Registry(store), 7)
    mix(store, there)
    with pytest.raises(ConflictError):
        merge(store, there)
    assert store.names("damaged") == []


def test_a_merge_with_another_copy_than_the_one_that_was_mixed_in_is_refused(here: LocalStore, tmp_path: Path) -> None:
    third = store_of(tmp_path / "third")
    promote(Registry(third), 1)
    with pytest.raises(DamagedLogError, match="Event 4 does not follow"):
        merge(here, third)
    assert here.names("damaged") == []


@pytest.mark.parametrize("number", [0, 2, 5])
def test_who_did_not_see_the_last_event_before_it_last_is_not_certain(here: LocalStore, number: int) -> None:
    """The event before may be the one that is wrong, as where a plain rsync replaced it."""
    seen = head(here, number) if number else None
    (finding,) = (each for each in found(here, seen) if each.event)
    assert (finding.kind, finding.event, finding.is_certain) == ("fork", 4, False)
    assert "or event 3 was changed" in finding.what
    assert "accept the log up to event 3 (tb-versions fsck --acknowledge digits --models-dir " in finding.what
    assert fsck.repair(here, [finding]) == []


def test_checkpoints_of_what_is_set_aside_go_with_it(here: LocalStore, there: LocalStore) -> None:
    checkpoints.write(there, Registry(there).known())
    mix(here, there)
    assert Registry(here).refresh().head.number == 5, "a checkpoint hides the fork"
    fsck.repair(here, found(here, head(here, 3)))
    assert list(checkpoints.names(here)) == []
    assert Registry(here).known().head.number == 3
    assert found(here, head(here, 3)) == []


def test_what_was_mended_meanwhile_stays(here: LocalStore) -> None:
    findings = found(here, head(here, 3))
    forks.set_aside(here, 4)
    promote(Registry(here), 5)
    assert fsck.repair(here, findings) == []
    assert Registry(here).known().head.number == 4


def test_an_interrupted_setting_aside_is_finished_by_the_next(
    here: LocalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(store: LocalStore, key: str, target: str) -> None:
        if key.endswith("4.json"):
            raise KeyboardInterrupt
        real(store, key, target)

    real = LocalStore.move
    with monkeypatch.context() as patched:
        patched.setattr(LocalStore, "move", killed)
        with pytest.raises(KeyboardInterrupt):
            forks.set_aside(here, 4)
    assert forks.first_of(Registry(here).log) == 4
    assert str(forks.set_aside(here, 4)) == "Event 4 is set aside, in .versions/damaged of the model."
    assert Registry(here).known().head.number == 3


def test_a_log_with_other_damage_has_no_fork_of_which_the_place_is_known(here: LocalStore) -> None:
    assert forks.first_of(Registry(here).log) == 4
    write(here, 2, format=2)
    assert forks.first_of(Registry(here).log) is None
    entry(here, 2).write_bytes(b"{")
    assert forks.first_of(Registry(here).log) is None
    entry(here, 2).unlink()
    assert forks.first_of(Registry(here).log) is None


def test_a_log_whose_first_event_is_the_end_of_another_is_none_to_go_on_with(tmp_path: Path) -> None:
    store = store_of(tmp_path / "models")
    store.create("log/00000000000000000001.json", b"")
    write(store, 1, prev="sha256:" + "0" * 64)
    assert forks.first_of(Registry(store).log) is None
