"""What logs say, in a catalog: followed at the cost of what is new, and never a wrong production."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import tb_versions as tbv
from tb_versions.comparison.loading import open_source
from tb_versions.core.store import LocalStore
from tb_versions.errors import (
    AmbiguousVersionError,
    DamagedLogError,
    NewerLogError,
    RewrittenLogError,
    TbVersionsError,
    VersionNotFoundError,
    VersionRemovedError,
)
from tb_versions.read.catalog import Catalog
from tb_versions.read.folders.roots import roots_of
from tb_versions.read.reader import CatalogReader
from tb_versions.registry import events
from tb_versions.registry.log import Log
from tb_versions.registry.registry import Registry
from tb_versions.registry.seen import Seen
from tests.support.chronicle import Chronicle
from tests.support.world import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    for number in (1, 2, 3):
        made.version("digits", number, semantic_version=f"1.{number}.0")
    return made


@pytest.fixture
def digits(world: World) -> Chronicle:
    return Chronicle(world.models / "digits")


def reader_of(*models: Path) -> CatalogReader:
    return CatalogReader(roots_of("", [str(folder) for folder in models]))


def catalog_of(*models: Path) -> Catalog:
    return reader_of(*models).refresh()


def reasons(catalog: Catalog) -> str:
    return "\n".join(f"{where} {why}" for where, why in catalog.problems)


def promote(chronicle: Chronicle, *numbers: int, alias: str = "production") -> None:
    for number in numbers:
        chronicle.say("alias_set", number, events.AliasSet(alias))


def test_an_alias_names_its_version_and_those_that_rollback_would_return_to(world: World, digits: Chronicle) -> None:
    promote(digits, 1, 2, 3)
    catalog = catalog_of(world.models)
    named = [catalog.find(f"digits@production{back}").number for back in ("", "~0", "~1", "~2")]
    assert named == [3, 3, 2, 1]
    with pytest.raises(VersionNotFoundError, match="has only 2 earlier versions to go back to"):
        catalog.find("digits@production~3")


def replace_promoted(world: World) -> tuple[str, ...]:
    """Promotes digits:2 twice, to two aliases, and puts another manifest there between; returns the aliases."""
    tbv.promote("digits:2", world.models, alias="production", reason="good")
    world.version("digits", 2, description="another model")
    tbv.promote("digits:2", world.models, alias="staging", reason="try it")
    return ("production", "staging")


def test_an_alias_that_was_given_to_another_manifest_is_told_apart(world: World) -> None:
    aliases = replace_promoted(world)
    said = catalog_of(world.models).said["digits:2"]
    assert (said.aliases, said.aliases_of_another_manifest) == (aliases, ("production",))
    assert said.alias_texts == ("production (not what was promoted)", "staging")
    assert [said.was_promoted_to(alias) for alias in (*aliases, "canary")] == [False, True, False]
    tbv.promote("digits:2", world.models, alias="production", reason="it is right")
    again = catalog_of(world.models).said["digits:2"]
    assert (again.alias_texts, again.aliases_of_another_manifest) == (aliases, ())


def test_a_manifest_that_cannot_be_read_is_not_said_to_be_another_one(world: World, digits: Chronicle) -> None:
    tbv.promote("digits:2", world.models, alias="production", reason="good")
    promote(digits, 3, alias="canary")  # an event that does not say which manifest it saw
    world.raw("digits/2", b"{")
    world.version("digits", 3, description="another model")
    catalog = catalog_of(world.models)
    assert catalog.said["digits:2"].alias_texts == ("production",)
    assert catalog.said["digits:3"].alias_texts == ("canary",)


def test_a_version_that_was_removed_keeps_the_manifest_that_was_promoted(world: World, digits: Chronicle) -> None:
    tbv.promote("digits:2", world.models, alias="production", reason="good")
    digits.say("removed", 2, events.Removed(by="prune"))
    digits.remove(2)
    assert catalog_of(world.models).said["digits:2"].alias_texts == ("production",)


def test_what_was_promoted_and_is_announced_only_is_not_another_manifest(world: World) -> None:
    folder = world.models / "digits/2"
    world.announce("run", folder)
    world.close()
    tbv.promote("digits:2", world.models, alias="production", reason="good")
    shutil.rmtree(folder)
    assert open_source([str(world.models)], str(world.logs)).catalog.said["digits:2"].alias_texts == ("production",)
    world.version("digits", 2, description="another model")
    said = open_source([str(world.models)], str(world.logs)).catalog.said
    assert said["digits:2"].alias_texts == ("production (not what was promoted)",)
    assert [name for name in said if name.startswith("digits:2")] == ["digits:2"], "the announced one has another id"


def test_a_copy_holds_no_alias_and_so_none_of_another_manifest(world: World, tmp_path: Path) -> None:
    replace_promoted(world)
    tbv.copy("digits:2", world.models, to=tmp_path / "copies")
    said = catalog_of(tmp_path / "copies").said["digits:2"]
    assert (said.aliases, said.aliases_of_another_manifest) == ((), ())


def test_rollback_pops(world: World, digits: Chronicle) -> None:
    promote(digits, 1, 2, 3)
    digits.say("alias_rolled_back", 2, events.AliasRolledBack("production", 3))
    catalog = catalog_of(world.models)
    assert (catalog.find("digits@production").number, catalog.find("digits@production~1").number) == (2, 1)


def test_an_unknown_alias_leads_to_those_that_there_are(world: World, digits: Chronicle) -> None:
    promote(digits, 1, alias="canary")
    promote(digits, 2)
    with pytest.raises(VersionNotFoundError, match='digits has no alias "prod"; it has canary, production'):
        catalog_of(world.models).find("digits@prod")
    with pytest.raises(VersionNotFoundError, match='There is no model "digit"'):
        catalog_of(world.models).find("digit@prod")


def test_an_alias_of_a_removed_version_is_refused_by_name(world: World, digits: Chronicle) -> None:
    promote(digits, 1, 2)
    digits.say("removed", 1, events.Removed(by="prune"), reason="old", actor="ben")
    digits.remove(1)
    catalog = catalog_of(world.models)
    assert catalog.find("digits@production").number == 2
    with pytest.raises(VersionRemovedError, match=r"digits:1 was removed by prune \(ben, .* UTC\): old"):
        catalog.find("digits@production~1")


def test_an_alias_of_a_version_that_is_not_there_is_refused(world: World, digits: Chronicle) -> None:
    promote(digits, 7)
    with pytest.raises(VersionNotFoundError, match="names digits:7, which is not in"):
        catalog_of(world.models).find("digits@production")


def test_a_semantic_version_that_was_given_later_counts(world: World, digits: Chronicle) -> None:
    digits.say("semantic_version_given", 1, events.SemanticVersionGiven("2.0.0"))
    catalog = catalog_of(world.models)
    assert catalog.find("digits:2.0.0").number == 1
    with pytest.raises(VersionNotFoundError, match=r"it has 3 \(1.3.0\), 2 \(1.2.0\), 1 \(2.0.0\)"):
        catalog.find("digits:1.1.0")


def _damage(digits: Chronicle) -> None:
    digits.damage(3, b"{")


def _leave_a_gap(digits: Chronicle) -> None:
    os.unlink(digits.folder / ".versions/log" / f"{1:020}.json")


def _fork(digits: Chronicle) -> None:
    first = digits.folder / ".versions/log" / f"{1:020}.json"
    digits.damage(3, first.read_bytes().replace(b'"number": 1', b'"number": 3'))


@pytest.mark.parametrize("harm", [_damage, _leave_a_gap, _fork])
def test_a_damaged_log_hides_no_version_and_names_no_production(
    world: World, digits: Chronicle, harm: Callable[[Chronicle], None]
) -> None:
    promote(digits, 1, 2)
    harm(digits)
    catalog = catalog_of(world.models)
    assert [version.number for version in catalog.versions] == [1, 2, 3]
    assert "digits/.versions/log" in reasons(catalog)
    (registry,) = catalog.registries["digits"]
    assert registry.kind == "damaged"
    with pytest.raises(DamagedLogError):
        catalog.find("digits@production")
    assert catalog.find("digits:2").number == 2


def test_a_newer_log_names_no_production(world: World, digits: Chronicle) -> None:
    promote(digits, 1)
    digits.say("alias_shared", 2, raw=b"{}", critical=True)
    catalog = catalog_of(world.models)
    assert catalog.registries["digits"][0].kind == "newer"
    with pytest.raises(NewerLogError, match="pip install --upgrade"):
        catalog.find("digits@production")


def test_a_log_that_was_repaired_is_known_again(world: World, digits: Chronicle) -> None:
    promote(digits, 1, 2)
    path = digits.folder / ".versions/log" / f"{2:020}.json"
    sound = path.read_bytes()
    path.write_bytes(sound[:50])
    reader = reader_of(world.models)
    assert reader.refresh().registries["digits"][0].kind == "damaged"
    path.write_bytes(sound)  # the folder's time does not change
    assert reader.refresh().find("digits@production").number == 2
    assert reader.catalog.problems == ()


def _cut(digits: Chronicle) -> None:
    os.unlink(digits.folder / ".versions/log" / f"{3:020}.json")


def _delete_log(digits: Chronicle) -> None:
    shutil.rmtree(digits.folder / ".versions/log")


def _delete_all(digits: Chronicle) -> None:
    shutil.rmtree(digits.folder / ".versions")


def _rewrite(digits: Chronicle) -> None:
    _delete_all(digits)
    promote(Chronicle(digits.folder), 3, 2, 1, 3)


@pytest.mark.parametrize("harm", [_cut, _delete_log, _delete_all, _rewrite])
@pytest.mark.parametrize("is_same_process", [True, False])
def test_a_log_that_was_cut_or_rewritten_is_found_out(
    world: World, digits: Chronicle, harm: Callable[[Chronicle], None], *, is_same_process: bool
) -> None:
    promote(digits, 1, 2, 3)
    reader = reader_of(world.models)
    reader.refresh()
    harm(digits)
    reader = reader if is_same_process else reader_of(world.models)
    catalog = reader.refresh()
    assert catalog.registries["digits"][0].kind == "rewritten"
    assert "--acknowledge digits" in reasons(catalog)
    with pytest.raises(RewrittenLogError):
        catalog.find("digits@production")
    assert reader.refresh() is catalog

    registry = Registry(LocalStore(str(digits.folder / ".versions"), within=str(world.models)))
    Seen(os.path.realpath(world.models)).acknowledge("digits", registry.refresh().head)
    assert reader_of(world.models).refresh().problems == ()


def test_what_is_appended_is_not_cut(world: World, digits: Chronicle) -> None:
    promote(digits, 1)
    catalog_of(world.models)
    promote(digits, 2)
    assert catalog_of(world.models).problems == ()


def test_a_folder_of_ours_that_is_a_symlink_is_not_followed(world: World, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "digits").mkdir(parents=True)
    promote(Chronicle(elsewhere / "digits"), 3)
    (world.models / "digits" / ".versions").symlink_to(elsewhere / "digits" / ".versions")
    catalog = catalog_of(world.models)
    assert "digits/.versions" in reasons(catalog)
    with pytest.raises(TbVersionsError):
        catalog.find("digits@production")


@pytest.mark.parametrize("name", ["log", "measured", "removed"])
def test_a_folder_in_it_that_is_a_symlink_is_not_followed(world: World, digits: Chronicle, name: str) -> None:
    promote(digits, 1)
    digits.measure(1, accuracy=0.5)
    (digits.folder / ".versions/removed").mkdir()
    inner = digits.folder / ".versions" / name
    inner.rename(world.base / "moved")
    inner.symlink_to(world.base / "moved")
    catalog = catalog_of(world.models)
    assert ".versions" in reasons(catalog)
    said = catalog.said.get("digits:1")
    assert said is None or not (said.aliases if name == "log" else said.measured if name == "measured" else False)


def test_of_two_folders_each_log_speaks_of_its_own_versions(world: World, digits: Chronicle) -> None:
    shared = World(world.base / "shared")
    shared.version("digits", 2, description="another 2")
    shared.version("digits", 9)
    promote(digits, 2)
    catalog = catalog_of(world.models, shared.models)
    assert catalog.find("digits@production").places[0].folder == str(world.models / "digits/2")
    promote(Chronicle(shared.models / "digits"), 9)
    catalog = catalog_of(world.models, shared.models)
    with pytest.raises(AmbiguousVersionError, match=r'"digits@production" names 2 versions.*digits:2~.*digits:9'):
        catalog.find("digits@production")
    assert [registry.place.root.path for registry in catalog.registries["digits"]] == [
        str(world.models),
        str(shared.models),
    ]
    aliases = {name: said.aliases for name, said in catalog.said.items()}
    assert aliases["digits:9"] == ("production",)
    assert sorted(map(len, aliases.values())) == [1, 1]


def test_where_nothing_changed_the_catalog_is_the_same_object(world: World, digits: Chronicle) -> None:
    promote(digits, 1)
    reader = reader_of(world.models)
    catalog = reader.refresh()
    assert reader.refresh() is catalog
    promote(digits, 2)
    assert reader.refresh().find("digits@production").number == 2


def test_a_first_event_is_seen_though_our_folder_was_there_before(world: World, digits: Chronicle) -> None:
    (digits.folder / ".versions").mkdir()
    reader = reader_of(world.models)
    assert reader.refresh().registries == {}
    promote(digits, 1)
    assert reader.refresh().find("digits@production").number == 1


def test_metrics_that_are_measured_later_are_seen(world: World, digits: Chronicle) -> None:
    reader = reader_of(world.models)
    reader.refresh()
    name = digits.measure(2, accuracy=0.5)
    assert reader.refresh().said["digits:2"].measured[0].values[0].number == 0.5
    (digits.folder / ".versions/measured" / name.replace("-", "-f")).write_bytes(b"{")
    catalog = reader.refresh()
    assert "These metrics can't be read" in reasons(catalog)
    assert len(catalog.said["digits:2"].measured) == 1


def test_a_removed_version_stays_in_the_catalog(world: World, digits: Chronicle) -> None:
    reader = reader_of(world.models)
    reader.refresh()
    digits.say("removed", 2, events.Removed(by="keep=1"), reason="not the best")
    digits.remove(2)
    catalog = reader.refresh()
    version = catalog.find("digits:2")
    assert (version.state, version.places, version.from_event) == ("removed", (), False)
    assert version.notice == "anna removed its files (keep=1): not the best"
    assert [each.number for each in catalog.versions] == [1, 2, 3]
    assert b'"digits"' in reader.manifest_bytes(version)


def test_the_newest_version_is_one_that_was_not_removed(world: World, digits: Chronicle) -> None:
    digits.remove(3)
    assert catalog_of(world.models).find("digits").number == 2


def test_a_removal_that_was_not_finished_leaves_the_version_as_it_is(world: World, digits: Chronicle) -> None:
    digits.say("removed", 2, events.Removed())
    kept = digits.folder / ".versions/removed"
    kept.mkdir()
    shutil.copy(digits.folder / "2/version_manifest.json", kept / "2.json")
    catalog = catalog_of(world.models)
    assert [(v.number, v.places != ()) for v in catalog.versions] == [(1, True), (2, True), (3, True)]


def test_an_announced_version_that_was_removed_is_one(world: World, digits: Chronicle) -> None:
    from tb_versions.read.curves.event_files import provider_of

    world.announce("cnn", digits.folder / "2")
    world.close()
    digits.say("removed", 2, events.Removed(by="prune"))
    digits.remove(2)
    reader = CatalogReader(roots_of(str(world.logs), [str(world.models)]), provider_of(str(world.logs)))
    assert [(v.id, v.state) for v in reader.refresh().versions if v.number == 2] == [("digits:2", "removed")]


def test_a_kept_manifest_under_another_number_is_a_problem(world: World, digits: Chronicle) -> None:
    digits.remove(2)
    kept = digits.folder / ".versions/removed"
    (kept / "2.json").rename(kept / "5.json")
    catalog = catalog_of(world.models)
    assert [version.number for version in catalog.versions] == [1, 3]
    assert "its name is another" in reasons(catalog)


@pytest.mark.parametrize("data", [b"", b"{", b"x" * (2 << 20), b'{"schemaVersion": 9}'])
def test_a_kept_manifest_that_is_damaged_is_a_problem(world: World, digits: Chronicle, data: bytes) -> None:
    digits.remove(2)
    (digits.folder / ".versions/removed/2.json").write_bytes(data)
    catalog = catalog_of(world.models)
    assert [version.number for version in catalog.versions] == [1, 3]
    assert "can't be read" in reasons(catalog)


def test_a_look_at_a_log_that_did_not_change_reads_no_event(
    world: World, digits: Chronicle, monkeypatch: pytest.MonkeyPatch
) -> None:
    promote(digits, *[1, 2] * 10)
    reader = reader_of(world.models)
    reader.refresh()
    monkeypatch.setattr("tb_versions.read.registries._SETTLED_NS", -(10**18))  # a clock without ticks
    reader.refresh()
    read: list[int] = []
    monkeypatch.setattr(Log, "entry", lambda _, number: read.append(number))
    reader.refresh()
    assert read == []


def test_a_semantic_version_of_a_removed_version_names_the_one_that_is_there(world: World, digits: Chronicle) -> None:
    digits.say("semantic_version_given", 2, events.SemanticVersionGiven("2.0.0"))
    digits.say("removed", 2, events.Removed(by="remove"))
    digits.remove(2)
    world.version("digits", 9, semantic_version="2.0.0")
    assert catalog_of(world.models).find("digits:2.0.0").number == 9
