from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tb_versions import open_catalog
from tb_versions.core.manifest import MANIFEST_NAME, Run
from tb_versions.core.run_identity import identity_in
from tb_versions.errors import TbVersionsError
from tb_versions.read.curves.event_files import provider_of
from tb_versions.read.folders.roots import roots_of
from tb_versions.read.reader import CatalogReader, open_reader
from tb_versions.read.values import metric_values
from tests.support.world import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    for number in (1, 2, 3):
        made.version("m", number, run="cnn", step=number)
    return made


def reader_of(world: World, **options: object) -> CatalogReader:
    return CatalogReader(roots_of(str(world.logs), [str(world.models)]), **options)  # type: ignore[arg-type]


def test_a_catalog_is_read_without_a_server(world: World) -> None:
    world.scalars("cnn", "loss", [(1, 0.5)])
    world.close()
    catalog = open_catalog(str(world.logs), [str(world.models)])
    assert [(v.id, v.state) for v in catalog.versions] == [("m:1", "present"), ("m:2", "present"), ("m:3", "present")]
    assert list(catalog.curves) == ["cnn"]
    assert catalog.known_runs == ("cnn",)
    assert open_catalog("", [str(world.models)]).curves == {}


def test_nothing_new_is_the_same_catalog(world: World) -> None:
    reader = reader_of(world, provider=provider_of(str(world.logs)))
    first = reader.refresh()
    assert reader.refresh() is first
    checked = reader.check()
    assert checked is not first
    assert reader.check() is checked
    assert reader.refresh() is checked
    assert reader.refresh_curves() is checked


def test_the_first_rows_may_come_early(world: World) -> None:
    reader = reader_of(world)
    first = reader.refresh(at_most=2)
    assert (len(first.versions), first.loading) == (2, True)
    second = reader.refresh()
    assert (len(second.versions), second.loading) == (3, False)


def test_checking_takes_turns(world: World) -> None:
    reader = reader_of(world)
    reader.refresh()
    assert reader.unchecked == 3
    reader.check(at_most=2)
    assert reader.unchecked == 1
    reader.check(at_most=2)
    assert reader.unchecked == 0
    (world.models / "m" / "2" / "saved_model.pb").unlink()
    states = [v.state for v in reader.check(at_most=1).versions] + [v.state for v in reader.check(at_most=2).versions]
    assert "changed" in states


def test_a_damaged_manifest_does_not_keep_the_reader_busy(world: World) -> None:
    world.raw("m/4", b"{")
    reader = reader_of(world)
    reader.refresh()
    reader.check()
    assert reader.unchecked == 0


def test_a_notice_follows_the_files(world: World) -> None:
    """Of the same state: one file more is missing."""
    reader = reader_of(world)
    reader.refresh()
    (world.models / "m" / "1" / "saved_model.pb").unlink()
    assert reader.check().by_id["m:1"].notice == "1 file is missing: saved_model.pb."
    shutil.rmtree(world.models / "m" / "1" / "variables")
    assert reader.check().by_id["m:1"].notice.startswith("Only the manifest is here")


def test_checking_keeps_other_notices(world: World) -> None:
    world.version("m", 3, folder=world.models / "copy" / "9", description="another")
    reader = reader_of(world)
    reader.refresh()
    catalog = reader.check()
    contested = [v for v in catalog.versions if v.number == 3]
    assert all("2 different manifests claim m:3." in v.notice for v in contested)
    assert any("The folder is called 9" in v.notice for v in contested)


def test_a_manifest_that_is_replaced_removed_or_repaired_is_read_anew(world: World) -> None:
    reader = reader_of(world)
    reader.refresh()
    for folder in reader._scanner._known.values():
        folder.listed += 10_000_000_000  # as if the scan had been ten seconds after the change
    world.version("m", 1, description="new")
    (world.models / "m" / "2" / MANIFEST_NAME).unlink()
    (world.models / "m" / "2" / "saved_model.pb").unlink()
    (world.models / "m" / "3" / MANIFEST_NAME).write_bytes(b"{")
    catalog = reader.check()
    assert catalog.by_id["m:1"].listing is not None
    assert catalog.by_id["m:1"].listing.summary == "new"
    assert "m:2" not in catalog.by_id
    assert catalog.by_id["m:3"].state == "damaged"
    world.version("m", 3)
    assert reader.check().by_id["m:3"].state != "damaged"


def test_manifests_come_to_the_byte_from_disk_or_from_the_event(world: World) -> None:
    folder = world.models / "m" / "1"
    data = (folder / MANIFEST_NAME).read_bytes()
    world.announce("cnn", folder)
    world.close()
    reader = open_reader(str(world.logs), [str(world.models)])
    version = reader.catalog.find("m:1")
    assert reader.manifest_bytes(version) == data
    shutil.rmtree(folder)
    assert reader.manifest_bytes(version) == data
    gone = reader.catalog.find("m:2")
    shutil.rmtree(world.models / "m" / "2")
    with pytest.raises((TbVersionsError, FileNotFoundError)):
        reader.manifest_bytes(gone)


def test_runs_whose_curves_cannot_be_read_stay_named_until_they_can(world: World) -> None:
    world.scalars("cnn", "loss", [(1, 0.5)])
    provider = provider_of(str(world.logs))
    read = provider.read_scalars

    def fail(*arguments: object, **options: object) -> None:
        raise RuntimeError("broken\nmore")

    provider.read_scalars = fail
    reader = CatalogReader(roots_of("", [str(world.models)]), provider)  # without a folder of event files
    reader.refresh()
    assert reader.refresh_curves().problems == (("curves of run cnn", "broken"),)
    assert reader.check().problems == (("curves of run cnn", "broken"),)
    assert reader.refresh_curves().problems == (("curves of run cnn", "broken"),)
    provider.read_scalars = read
    assert reader.refresh_curves().problems == ()
    assert list(reader.catalog.curves) == ["cnn"]


def test_copies_of_a_run_come_after_the_run_that_the_manifest_names(world: World) -> None:
    folder = world.version("m", 1, run="cnn")
    world.announce("cnn", folder)
    world.announce("backup/cnn", folder)
    world.announce("a-copy", folder)
    world.close()
    reader = open_reader(str(world.logs), [str(world.models)])
    assert [run.name for run in reader.catalog.find("m:1").runs] == ["cnn", "a-copy", "backup/cnn"]


def test_a_run_that_was_deleted_and_begun_again_is_another_run(world: World) -> None:
    world.scalars("tb", "loss", [(1, 0.5)])
    world.close()
    identity = identity_in(str(world.logs / "tb"))
    world.version("m", 4, runs=(Run(name="tb", step=1, identity=identity),))
    reader = reader_of(world, provider=provider_of(str(world.logs)))
    found = reader.refresh().find("m:4")
    assert [(run.name, run.known) for run in found.runs] == [("tb", True)]
    assert reader.refresh_curves().curves.keys() == {"tb"}
    shutil.rmtree(world.logs / "tb")
    world.scalars("tb", "loss", [(1, 0.75)])
    world.close()
    found = reader.refresh().find("m:4")
    assert [run.known for run in found.runs] == [False]
    assert "is another run of that name" in found.notice
    assert [metric.kind.key for metric in metric_values(found, reader.refresh_curves().curves)] == []


def test_a_run_is_linked_by_identity_wherever_tensorboard_looks(world: World) -> None:
    for folder in ("exp1/tb/train", "exp2/tb/train"):
        world.scalars(folder, "loss", [(1, 0.5)])
    world.close()
    for number, folder in ((4, "exp1/tb/train"), (5, "exp2/tb/train")):
        run = Run(name="tb/train", step=1, identity=identity_in(str(world.logs / folder)))
        world.version("m", number, runs=(run,))
    catalog = open_catalog(str(world.logs), [str(world.models)])
    assert [catalog.find(f"m:{n}").runs[0].name for n in (4, 5)] == ["exp1/tb/train", "exp2/tb/train"]
    catalog = open_catalog(str(world.logs / "exp2"), [str(world.models)])
    assert [catalog.find(f"m:{n}").runs[0].known for n in (4, 5)] == [False, True]
    assert [bool(catalog.find(f"m:{n}").notice) for n in (4, 5)] == [True, False]
