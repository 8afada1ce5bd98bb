from __future__ import annotations

import os
import shutil
import time
from pathlib import Path
from typing import Any

import pytest

from tb_versions.core.store import LocalStore
from tb_versions.errors import DamagedLogError, RewrittenLogError, StorageError
from tb_versions.registry import checkpoints, fsck
from tb_versions.registry.events import digest_of
from tb_versions.registry.fsck import Finding
from tb_versions.registry.registry import Registry
from tb_versions.registry.seen import Seen
from tb_versions.registry.state import Head
from tests.support.logs import append, entry, promote, relink, store_of, write

VERSIONS: dict[int, bool | None] = dict.fromkeys(range(1, 20), True)


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return store_of(tmp_path / "models")


@pytest.fixture
def registry(store: LocalStore) -> Registry:
    registry = Registry(store)
    promote(registry, 1, 2, 3, 4, 5)
    return registry


def found(store: LocalStore, folders: dict[int, bool | None] | None = None, seen: Head | None = None) -> list[Finding]:
    return fsck.check(store, folders=VERSIONS if folders is None else folders, seen=seen)


def kinds(store: LocalStore, **more: Any) -> list[tuple[str, int | None, bool]]:
    return [(finding.kind, finding.event or finding.version, finding.is_certain) for finding in found(store, **more)]


def everything(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


class Raced(LocalStore):
    """A store to which others write while it is listed: the entries come, and the listing misses one of them."""

    def names(self, folder: str) -> list[str]:
        names = super().names(folder)
        if folder == "log" and names:
            writer = Registry(LocalStore(self.shown, within=str(Path(self.shown).parents[1])))
            promote(writer, 6, 7)
            checkpoints.write(self, writer.state)
            return [*names, entry(self, 7).name]
        return names


def make_old(path: Path) -> None:
    then = time.time() - 2 * fsck.OLD
    os.utime(path, (then, then))


def test_a_sound_registry_has_no_findings(store: LocalStore, registry: Registry) -> None:
    assert found(store, seen=registry.state.head) == []
    assert found(store_of(Path(store.shown).parents[1], "other")) == []


def test_a_look_changes_nothing(store: LocalStore, registry: Registry) -> None:
    entry(store, 3).write_bytes(b"{")
    before = everything(Path(store.shown))
    found(store)
    assert everything(Path(store.shown)) == before


def test_every_gap_is_named(store: LocalStore, registry: Registry) -> None:
    for number in (1, 3, 4):
        entry(store, number).unlink()
    gaps = [finding.what for finding in found(store) if finding.kind == "gap"]
    assert gaps == [
        "Event 1 is missing, though there is an event 2. Restore from a copy.",
        "Events 3 to 4 are missing, though there is an event 5. Restore from a copy.",
    ]


def test_what_is_written_meanwhile_is_no_gap_and_no_cut(store: LocalStore, registry: Registry) -> None:
    raced = Raced(store.shown, within=str(Path(store.shown).parents[1]))
    assert found(raced) == []
    assert found(store) == []


def test_a_forged_number_far_away_costs_nothing(store: LocalStore, registry: Registry) -> None:
    entry(store, 10**19).write_bytes(b"{")
    assert ("gap", 6, False) in kinds(store)


@pytest.mark.parametrize("number", [1, 3])
def test_a_damaged_event_is_named_and_never_moved(store: LocalStore, registry: Registry, number: int) -> None:
    entry(store, number).write_bytes(b"{")
    make_old(entry(store, number))
    assert kinds(store) == [("damaged", number, False), ("fork", number + 1, False)]
    assert fsck.repair(store, found(store)) == []
    assert entry(store, number).exists()


def test_an_event_that_was_changed_is_found_by_the_next_one(store: LocalStore, registry: Registry) -> None:
    path = entry(store, 3)
    path.write_bytes(path.read_bytes().replace(b'"anna"', b'"ben"'))
    assert kinds(store) == [("fork", 4, False)]
    assert "does not follow the event 3 that is here" in found(store)[0].what


def test_an_entry_of_another_copy_is_found(store: LocalStore, registry: Registry, tmp_path: Path) -> None:
    other = Registry(store_of(tmp_path / "others"))
    promote(other, 7, 8, 9, 10, 11)
    shutil.copy(entry(other.store, 3), entry(store, 3))  # type: ignore[arg-type]
    assert kinds(store) == [("fork", 3, False), ("fork", 4, False)]


def test_an_event_that_is_there_twice_is_found(store: LocalStore, registry: Registry) -> None:
    write(store, 6, id=registry.event(2).id)
    assert kinds(store) == [("twice", 6, False)]


def test_a_newer_event_is_no_damage(store: LocalStore, registry: Registry) -> None:
    write(store, 6, format=2)
    assert kinds(store) == [("newer", 6, False)]


@pytest.mark.parametrize("data", [b"", b"{", b"\x00" * 500, b'{"format": 1, "criti'])
def test_half_an_event_at_the_end_is_moved_aside_once_it_is_old(
    store: LocalStore, registry: Registry, data: bytes
) -> None:
    entry(store, 6).write_bytes(data)
    assert kinds(store) == [("damaged", 6, False)]
    assert "may be being written now" in found(store)[0].what
    make_old(entry(store, 6))
    assert kinds(store) == [("damaged", 6, True)]
    ((_, done),) = fsck.repair(store, found(store))
    assert "is moved to damaged/log-00000000000000000006.json-" in done
    assert [path.read_bytes() for path in Path(store.shown, "damaged").iterdir()] == [data]
    assert found(store) == []
    promote(Registry(store), 6)


def test_half_an_event_of_which_somebody_knows_stays(store: LocalStore, registry: Registry) -> None:
    seen = registry.state.head
    entry(store, 5).write_bytes(b"{")
    make_old(entry(store, 5))
    assert kinds(store, seen=seen) == [("damaged", 5, False), ("rewritten", 5, False)]
    checkpoints.write(store, registry.state)
    assert ("damaged", 5, False) in kinds(store)


def test_an_event_that_breaks_a_rule_was_written_whole_and_stays(store: LocalStore, registry: Registry) -> None:
    write(store, 6, actor="\x00")
    make_old(entry(store, 6))
    assert kinds(store) == [("damaged", 6, False)]


def test_what_was_cut_is_found_by_what_was_seen_and_by_checkpoints(store: LocalStore, registry: Registry) -> None:
    checkpoints.write(store, registry.state)
    seen = registry.state.head
    entry(store, 5).unlink()
    assert kinds(store, seen=seen) == [("cut", 5, False), ("cut", 5, False)]
    assert fsck.repair(store, found(store)) == []
    assert len(list(checkpoints.names(store))) == 1, "the only witness stays"


def test_a_rewritten_log_is_found_by_what_was_seen(store: LocalStore, registry: Registry) -> None:
    seen = registry.state.head
    write(store, 5)
    assert kinds(store, seen=seen) == [("rewritten", 5, False)]
    assert kinds(store) == []


def test_a_log_that_was_cut_on_purpose_is_acknowledged(store: LocalStore, registry: Registry, tmp_path: Path) -> None:
    seen = Seen("models", folder=str(tmp_path / "state"))
    checkpoints.write(store, registry.state)
    promote(registry, 6)
    seen.remember({"digits": registry.state.head})
    checkpoints.write(store, registry.state)
    entry(store, 6).unlink()
    with pytest.raises(DamagedLogError):
        Registry(store).known()
    with pytest.raises(RewrittenLogError):
        seen.check("digits", registry.log, Registry(store).refresh().head)
    head = fsck.acknowledge(store, seen, "digits")
    assert head == Registry(store).known().head
    assert head.number == 5
    assert [number for number, _, _ in checkpoints.names(store)] == [5], "one that fits stays"
    seen.check("digits", registry.log, head)
    assert found(store, seen=seen.heads()["digits"]) == []


def test_a_damaged_log_is_not_acknowledged(store: LocalStore, registry: Registry, tmp_path: Path) -> None:
    entry(store, 3).unlink()
    with pytest.raises(DamagedLogError):
        fsck.acknowledge(store, Seen("models", folder=str(tmp_path / "state")), "digits")


def checkpoint_of(store: LocalStore, registry: Registry) -> Path:
    checkpoints.write(store, registry.state)
    ((_, _, name),) = checkpoints.names(store)
    return Path(store.shown, "checkpoints", name)


def test_a_checkpoint_that_holds_another_state_is_found_and_moved(store: LocalStore, registry: Registry) -> None:
    path = checkpoint_of(store, registry)
    assert found(store) == []
    path.write_bytes(path.read_bytes().replace(b'"version":5', b'"version":1'))
    promote(registry, 6)
    assert [(finding.kind, finding.is_certain) for finding in found(store)] == [("checkpoint", True)]
    fsck.repair(store, found(store))
    assert found(store) == []
    assert Registry(store).known() == registry.state


@pytest.mark.parametrize("what", ["damaged", "other number", "other event", "other package's", "fifo"])
def test_a_checkpoint_that_does_not_fit_is_moved(store: LocalStore, registry: Registry, what: str) -> None:
    path = checkpoint_of(store, registry)
    if what == "damaged":
        path.write_bytes(path.read_bytes()[:-9])
    elif what == "other number":
        path.rename(path.with_name(f"{4:020}{path.name[20:]}"))
    elif what == "other event":
        write(store, 5)
    elif what == "other package's":
        path.rename(path.with_name(f"{path.name[:20]}-00000000.json"))
        assert found(store) == [], "that one may fold otherwise"
        write(store, 5)
    else:
        path.unlink()
        os.mkfifo(path)
    assert [(finding.kind, finding.is_certain) for finding in found(store)] == [("checkpoint", True)]
    fsck.repair(store, found(store))
    assert found(store) == []
    assert len(store.names("damaged")) == 1


def test_litter_is_deleted_once_it_is_old_and_is_never_an_event(store: LocalStore, registry: Registry) -> None:
    paths = [Path(store.shown, folder, ".tmp-0123") for folder in ("log", "")]
    for path in paths:
        path.write_bytes(entry(store, 5).read_bytes())
    assert Registry(store).known() == registry.state
    assert [(finding.key, finding.is_certain) for finding in found(store)] == [
        ("log/.tmp-0123", False),
        (".tmp-0123", False),
    ]
    assert fsck.repair(store, found(store)) == []
    for path in paths:
        make_old(path)
    assert [done for _, done in fsck.repair(store, found(store))] == [
        "log/.tmp-0123 is deleted.",
        ".tmp-0123 is deleted.",
    ]
    assert found(store) == []


def test_strange_files_are_named(store: LocalStore, registry: Registry) -> None:
    path = entry(store, 5)
    shutil.copy(path, path.with_name(f"{path.stem} (conflicted copy).json"))
    assert kinds(store) == [("stray", None, False)]
    os.symlink("log", f"{store.shown}/removed")
    assert [finding.key for finding in found(store) if "symlink" in finding.what] == ["removed"]


def test_a_removal_that_was_interrupted_is_named(store: LocalStore, registry: Registry) -> None:
    for number in (1, 2, 3):
        append(registry, "removed", number)
    store.create("removed/3.json", b"{}")
    folders = {2: False, 1: True, 4: True, 5: True}
    assert kinds(store, folders=folders) == [("unfinished_removal", 1, False), ("unfinished_removal", 2, False)]
    assert kinds(store, folders={4: True, 5: True}) == [("orphan", 1, False), ("orphan", 2, False)]


def test_orphans_are_named(store: LocalStore, registry: Registry) -> None:
    store.create("removed/9.json", b"{}")
    store.create("removed/notes.txt", b"{}")
    for number in ("7", "8", "x"):
        store.create(f"numbers/{number}", b"1")
    store.create("unfinished/8", b"1")
    assert [finding.what for finding in found(store, {5: True, 6: False, 7: False, 8: False})] == [
        "Version 9 has a manifest among the removed ones, but no event says that it was removed.",
        "Version 7 has a folder without a manifest: its publishing was interrupted.",
    ]


def test_an_alias_that_names_nothing_is_named(store: LocalStore, registry: Registry) -> None:
    assert [finding.what for finding in found(store, {})] == [
        "Version 5 has no folder, though the alias production names it."
    ]
    assert kinds(store, folders={5: False}) == [("alias", 5, False)]


def manifests_of(digests: dict[int, str]) -> fsck.Manifests:
    return fsck.Manifests("digits", "my models", lambda number: digests.get(number, ""))


def replaced(store: LocalStore, digests: dict[int, str]) -> list[str]:
    """What is wrong where the manifests of versions have these digests."""
    return [each.what for each in fsck.check(store, folders=VERSIONS, manifests=manifests_of(digests))]


def test_an_alias_of_another_manifest_is_named_with_the_remedy(store: LocalStore) -> None:
    registry = Registry(store)
    promote(registry, 1, manifest=digest_of(b"one"))
    promoting = "romote what is there, if it is right: tb-versions promote digits:1 --alias production"
    where = "--reason … --models-dir 'my models'"
    (finding,) = fsck.check(store, folders=VERSIONS, manifests=manifests_of({1: digest_of(b"other")}))
    assert (finding.kind, finding.event, finding.version, finding.is_certain) == ("another_manifest", 1, 1, False)
    said = "Version 1 is not what was promoted to production: its manifest is another one than at event 1 of the log."
    assert finding.what == f"{said} P{promoting} {where}"
    for digest in (digest_of(b"one"), ""):
        assert replaced(store, {1: digest}) == []
    assert found(store) == [], "nothing is read that nobody gave"


def test_a_rollback_is_a_remedy_only_where_it_leads_to_what_was_promoted(store: LocalStore) -> None:
    registry = Registry(store)
    for number in (1, 2):
        promote(registry, number, manifest=digest_of(f"{number}".encode()))
    back = (
        "Roll back to version 1: tb-versions rollback digits --alias production --reason … --models-dir 'my models'; or"
    )
    (said,) = replaced(store, {1: digest_of(b"1"), 2: digest_of(b"other")})
    assert f"event 2 of the log. {back} promote what is there" in said
    for digest in (digest_of(b"other"), ""):
        (said,) = replaced(store, {1: digest, 2: digest_of(b"other")})
        assert "event 2 of the log. Promote what is there" in said
    append(registry, "removed", 1)
    assert not any("Roll back" in each for each in replaced(store, {1: digest_of(b"1"), 2: digest_of(b"other")}))


def test_an_alias_whose_event_names_no_manifest_is_not_doubted(store: LocalStore, registry: Registry) -> None:
    assert replaced(store, dict.fromkeys(range(1, 6), digest_of(b"other"))) == []


def test_other_files_of_the_registry_are_looked_at(store: LocalStore, registry: Registry) -> None:
    Path(store.shown, "policy.toml").write_text("[")
    store.create("measured/1.json", b"{")
    assert kinds(store) == [("policy", None, False), ("measured", None, False)]


def test_the_folders_of_a_model_are_told_with_their_manifests(tmp_path: Path) -> None:
    model = tmp_path / "models" / "digits"
    for name in ("1", "002", "3", "x", ".versions", "9" * 41):
        (model / name).mkdir(parents=True)
    (model / "1" / "version_manifest.json").write_text("{}")
    (model / "3").rmdir()
    (tmp_path / "elsewhere").mkdir()
    (model / "3").symlink_to(tmp_path / "elsewhere")
    assert fsck.folders_of(str(model), within=str(model.parent)) == {1: True, 2: False, 3: False}
    with pytest.raises(StorageError, match="can't be listed"):
        fsck.folders_of(str(tmp_path / "none"), within=str(tmp_path))


def test_a_rewritten_log_with_a_good_chain_has_no_findings_of_its_own(store: LocalStore, registry: Registry) -> None:
    """Only what was seen before tells it: who may write the folder may write another log."""
    write(store, 2, reason="not I")
    relink(store, 3)
    assert found(store) == []


def test_a_folder_that_can_not_be_read_is_told_and_not_called_interrupted(
    store: LocalStore, registry: Registry
) -> None:
    (Path(store.shown) / "numbers").mkdir()
    (Path(store.shown) / "numbers" / "5").touch()
    told = found(store, folders={**VERSIONS, 5: None})
    assert [(finding.kind, finding.version) for finding in told] == [("unreadable", 5)]
    assert "can't be read" in told[0].what


def test_a_folder_without_the_right_to_look_is_not_one_without_a_manifest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("1", "2"):
        (tmp_path / "m" / name).mkdir(parents=True)
    real = os.stat

    def denied(path: Any, *args: Any, **options: Any) -> os.stat_result:
        if str(path).startswith("2/"):
            raise PermissionError(13, "Permission denied")
        return real(path, *args, **options)

    monkeypatch.setattr(os, "stat", denied)
    assert fsck.folders_of(str(tmp_path / "m"), within=str(tmp_path)) == {1: False, 2: None}
