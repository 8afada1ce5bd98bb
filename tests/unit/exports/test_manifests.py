from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from tb_versions.core import codec
from tb_versions.core.manifest import MANIFEST_NAME, Metric
from tb_versions.errors import AlteredExportError, InvalidExportError
from tb_versions.exports.container import Export
from tb_versions.exports.manifests import read_manifests, restorable
from tests.support import sharing
from tests.support.world import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    made.version(
        "digits",
        1,
        metrics=(Metric(name="loss", value=float("nan"), step=3), Metric(name="acc", value=1e-7)),
        hyperparameters={"lr": 0.1, "n": 2**60, "on": True, "text": "é\n\U0001f600"},
        description="# First\n<b>",
        created_by="tb_versions 0.1.0",
    )
    made.version("digits", 2**63 - 1)
    made.version("faces", 7)
    return made


def details(world: World, **changes: Any) -> list[dict[str, Any]]:
    found = sharing.details_of(world.models)
    found[0] = {**found[0], **changes}
    return found


def test_manifests_come_back_byte_for_byte(world: World) -> None:
    on_disk = {path.read_bytes() for path in world.models.rglob(MANIFEST_NAME)}
    shared = list(read_manifests(sharing.shared(details(world))))
    assert [one.id for one in shared] == ["digits:1", f"digits:{2**63 - 1}", "faces:7"]
    assert {one.as_published() for one in shared} == on_disk
    assert {restorable(one) for one in shared} == on_disk
    assert not any(one.is_altered for one in shared)


def test_a_manifest_in_another_form_comes_back_from_its_text(world: World) -> None:
    text = json.dumps({"schemaVersion": 1, "number": "9", "model": "m"}, separators=(" ,", ": "))
    world.raw("m/9", text.encode())
    found = details(world)
    (mine,) = [one for one in found if one["id"] == "m:9"]
    plain = sharing.shared(found)
    assert [one.id for one in read_manifests(plain) if one.is_altered] == ["m:9"]
    mine["manifest_text"] = text
    assert [restorable(one) for one in read_manifests(sharing.shared(found)) if one.id == "m:9"] == [text.encode()]


def test_a_manifest_that_is_not_the_one_of_its_digest_is_altered(world: World) -> None:
    found = details(world)
    found[0]["manifest"]["description"] = "better"
    first, *others = read_manifests(sharing.shared(found))
    assert first.is_altered
    assert not any(other.is_altered for other in others)
    with pytest.raises(AlteredExportError, match="not the one that its digest names"):
        restorable(first)


def test_what_is_left_of_a_redacted_manifest_says_what_it_was(world: World) -> None:
    found = details(world, redacted=["paths", "packages"])
    del found[0]["manifest"]["description"]
    first = next(read_manifests(sharing.shared(found)))
    assert not first.is_altered
    assert first.as_published() is None
    manifest = codec.decode(restorable(first))
    assert manifest.created_by == "tb_versions 0.1.0; imported from an export without paths, packages"
    assert manifest.metrics[1].value == 1e-7


def test_a_manifest_of_another_version_is_not_restored(world: World) -> None:
    for change in ({"model": "faces"}, {"number": 8}):
        with pytest.raises(InvalidExportError, match="another version"):
            restorable(next(read_manifests(sharing.shared(details(world, **change)))))


def test_a_version_without_manifest_is_not_restored(world: World) -> None:
    first = next(read_manifests(sharing.shared(details(world, manifest=None, manifest_digest=""))))
    assert not first.is_altered
    with pytest.raises(InvalidExportError, match="holds no manifest"):
        restorable(first)


@pytest.mark.parametrize(
    "change",
    [
        {"id": 3},
        {"model": None},
        {"number": -1},
        {"number": 2**63},
        {"number": "9" * 5_000},
        {"number": "１"},
        {"number": True},
        {"number": 1.0},
        {"manifest": []},
        {"manifest": "x"},
        {"manifest_digest": "sha256:0"},
        {"manifest_digest": None},
        {"redacted": {}},
        {"redacted": [1]},
        {"redacted": "all"},
        {"redacted": None},
        {"manifest_text": 1},
    ],
)
def test_details_that_are_none_are_refused(world: World, change: dict[str, Any]) -> None:
    with pytest.raises(InvalidExportError, match='Entry 0 of the section "details/0" is no version'):
        list(read_manifests(sharing.shared(details(world, **change))))


@pytest.mark.parametrize("entry", [None, [], "x", 1, {}])
def test_entries_that_are_none_are_refused(entry: Any) -> None:
    with pytest.raises(InvalidExportError, match="is no version"):
        list(read_manifests(sharing.shared([entry])))


def test_a_version_told_twice_and_a_wrong_count_are_refused(world: World) -> None:
    found = details(world)
    with pytest.raises(InvalidExportError, match='holds "digits:1" twice'):
        list(read_manifests(sharing.shared([found[0], found[0]])))
    with pytest.raises(InvalidExportError, match='lists "4" versions; its sections hold 3'):
        list(read_manifests(sharing.shared(found, versions=4)))


def test_sections_of_details_must_be_lists_in_order(world: World) -> None:
    made = sharing.shared(details(world))
    packed = {name: made.packed(name) for name in made.names}
    for sections in (
        {name.replace("details/1", "details/2"): data for name, data in packed.items()},
        {name: sharing.pack({}) if name == "details/0" else data for name, data in packed.items()},
    ):
        broken: Export = sharing.sealed({"generator": "x", "versions": 3}, sections)
        with pytest.raises(InvalidExportError, match=r"numbered in order|no list of versions"):
            list(read_manifests(broken))


def test_a_manifest_too_deep_to_write_is_not_restored() -> None:
    digest = "sha256:" + "0" * 64
    deep = '{"a":' * 900 + "1" + "}" * 900
    text = f'[{{"id":"a:1","model":"a","number":1,"manifest_digest":"{digest}","manifest":{deep},"redacted":["x"]}}]'
    made = sharing.sealed({"generator": "x", "versions": 1}, {"details/0": gzip.compress(text.encode())})
    (only,) = read_manifests(made)
    with pytest.raises(InvalidExportError, match="another version"):
        restorable(only)
