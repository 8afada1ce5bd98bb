"""The tables have the versions that a catalog has, under the same ids, and logs say the same of them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake

import tb_versions as tbv
from tb_versions.core.manifest import MANIFEST_NAME
from tb_versions.errors import StorageError
from tb_versions.fleet.answering import catalog_of
from tb_versions.fleet.copied import copied_registries
from tb_versions.fleet.indexing import index
from tb_versions.fleet.standing import Standing
from tb_versions.registry import events
from tests.support.chronicle import Chronicle
from tests.support.world import World

pytestmark = pytest.mark.slow


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def standing(world: World) -> Standing:
    index(os.fspath(world.models))
    return Standing(os.fspath(world.models))


def change(world: World, what: Callable[[pa.Table], pa.Table], table: str = "versions") -> None:
    path = os.fspath(world.models / ".index" / table)
    opened = DeltaTable(path)
    said = opened.metadata()
    write_deltalake(
        path, what(opened.to_pyarrow_table()), mode="overwrite", schema_mode="overwrite",
        name=said.name, description=said.description,
    )  # fmt: skip


def test_versions_are_in_the_order_of_the_catalog_whatever_order_they_came_in(world: World) -> None:
    for model, number in (("b", 10), ("b", 9), ("a", 2), ("B", 1)):
        world.version(model, number)
        index(os.fspath(world.models))
    found = standing(world)
    assert found.ids == [version.id for version in tbv.open_catalog(models_dir=world.models).versions]


def test_several_claims_to_a_number_have_the_ids_of_the_catalog(world: World) -> None:
    for folder, text in (("one", "1"), ("two", "2"), ("m", "3")):
        world.version("m", 1, folder=world.models / folder / "1", description=text)
    world.version("m", 2)
    found = standing(world)
    catalog = tbv.open_catalog(models_dir=world.models)
    assert found.ids == [version.id for version in catalog.versions]
    assert [found.contested[row].notice for row in sorted(found.contested)] == [v.notice for v in catalog.versions[:3]]


def test_one_manifest_in_several_folders_is_one_version(world: World) -> None:
    data = (world.version("m", 1) / MANIFEST_NAME).read_bytes()
    world.raw("copies/1", data)
    found = standing(world)
    assert found.ids == [version.id for version in tbv.open_catalog(models_dir=world.models).versions] == ["m:1"]
    catalog, (version,) = catalog_of(found, [0])
    assert len(version.places) == 2
    assert catalog.find("m:1") is version


def test_a_log_speaks_of_the_versions_of_its_folder(world: World) -> None:
    world.version("m", 1)
    world.version("m", 2, folder=world.models / "elsewhere" / "2")
    said = Chronicle(world.models / "m")
    said.say("approved", 1, actor="ben")
    said.say("approved", 2, actor="ben")
    found = standing(world)
    assert {found.ids[row] for row in found.said} == set(tbv.open_catalog(models_dir=world.models).said) == {"m:1"}


def test_events_without_a_version_in_the_table_are_no_trouble(world: World) -> None:
    world.version("m", 1)
    Chronicle(world.models / "gone").say("alias_set", 1, events.AliasSet("production"))
    assert standing(world).said == {}


def test_tables_of_nothing_have_nothing(world: World) -> None:
    found = standing(world)
    assert (len(found), found.ids, found.unread, found.removed) == (0, [], 0, 0)


def test_a_missing_table_is_an_error(world: World) -> None:
    with pytest.raises(StorageError, match="Make it: tb-versions index"):
        Standing(os.fspath(world.models))


def test_a_table_without_a_column_was_made_by_another_version(world: World) -> None:
    world.version("m", 1)
    index(os.fspath(world.models))
    change(world, lambda table: table.drop_columns(["sources"]))
    with pytest.raises(StorageError, match=r"sources is missing.*Delete that folder"):
        Standing(os.fspath(world.models))


@pytest.mark.parametrize("manifest", [b"{", b"", b'{"schemaVersion":1,"model":"other","number":"1"}', None])
def test_a_row_that_does_not_say_what_its_manifest_says_is_an_error(world: World, manifest: bytes | None) -> None:
    world.version("m", 1)
    index(os.fspath(world.models))
    place = pa.array([manifest], pa.binary())
    change(world, lambda t: t.set_column(t.schema.get_field_index("manifest"), "manifest", place))
    with pytest.raises(StorageError, match="--check"):
        catalog_of(Standing(os.fspath(world.models)), [0])


def test_a_log_that_was_changed_in_the_table_is_an_error(world: World) -> None:
    world.version("m", 1)
    Chronicle(world.models / "m").say("approved", 1, actor="ben")
    index(os.fspath(world.models))
    change(world, lambda t: t.set_column(t.schema.get_field_index("event"), "event", pa.array([b"{}"])), "events")
    with pytest.raises(StorageError, match=r"log of m.*--rebuild"):
        _ = Standing(os.fspath(world.models)).said


def test_a_row_without_a_model_is_an_error(world: World) -> None:
    world.version("m", 1)
    index(os.fspath(world.models))
    change(world, lambda t: t.set_column(t.schema.get_field_index("model"), "model", pa.array([None], pa.string())))
    with pytest.raises(StorageError, match="--check"):
        Standing(os.fspath(world.models))


def test_the_bytes_of_a_manifest_are_those_of_its_digest(world: World) -> None:
    for number in (1, 2):
        world.version("m", number, description=f"number {number}")
    found = standing(world)
    assert [each.number for each in found.versions([0, 1]).values()] == [1, 2]

    def swapped(rows: pa.Table) -> pa.Table:
        data = [each.replace(b"number 2", b"number 9") for each in rows["manifest"].to_pylist()]
        place = rows.schema.get_field_index("manifest")
        return rows.set_column(place, rows.schema.field(place), pa.array(data, rows.schema.field(place).type))

    change(world, swapped)
    found = Standing(os.fspath(world.models))
    listing = found.versions([0, 1], from_files=True)[1].listing
    assert listing is not None
    assert listing.summary == "number 2"
    with pytest.raises(StorageError, match="does not say what its manifest says"):
        found.versions([1])


def test_a_planted_row_does_not_give_a_version_another_manifest(world: World) -> None:
    for number in (1, 2):
        world.version("m", number, description=f"number {number}")
    index(os.fspath(world.models))

    def with_another(rows: pa.Table) -> pa.Table:
        (row,) = [each for each in rows.to_pylist() if each["number"] == 2]
        planted = {**row, "id": "0" * 32, "path": "m/1", "manifest": row["manifest"].replace(b"number 2", b"number 9")}
        return pa.concat_tables([rows, pa.Table.from_pylist([planted], rows.schema)])

    change(world, with_another)
    with pytest.raises(StorageError, match="does not say what its manifest says"):
        Standing(os.fspath(world.models))


def test_an_event_without_a_number_is_none_that_is_last(world: World) -> None:
    world.version("m", 1)
    tbv.promote("m:1", world.models, alias="production")
    index(os.fspath(world.models))

    def planted(rows: pa.Table) -> pa.Table:
        (row,) = rows.to_pylist()
        return pa.Table.from_pylist([row, {**row, "path": "n", "number": None}], rows.schema)

    change(world, planted, "events")
    found = Standing(os.fspath(world.models))
    assert found.last_events == {"m": 1, "n": 0}
    assert [registry.model for registry in copied_registries(found)["m"]] == ["m", "m"]
