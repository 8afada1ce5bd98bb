from __future__ import annotations

import os
import uuid
from pathlib import Path

import pytest

from tb_versions.core.manifest import MANIFEST_NAME, Parent
from tb_versions.errors import InvalidQueryError, InvalidReferenceError, VersionNotFoundError
from tb_versions.read import some_models
from tb_versions.read.curves.event_files import provider_of
from tb_versions.read.folders.roots import roots_of
from tb_versions.read.some_models import SomeModels, models_of
from tb_versions.registry import events
from tb_versions.registry.gate_facts import Finding, SeenBaseline
from tests.support.chronicle import Chronicle
from tests.support.remote import publish
from tests.support.world import World, tree_hash


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    made.scalars("cnn", "loss", [(1, 1.0), (2, 0.5)])
    for model in ("base", "digits", "letters"):
        for number in (1, 2):
            made.version(model, number, run="cnn", step=number)
    return made


def some_of(world: World) -> SomeModels:
    roots = roots_of(str(world.logs), [str(world.models)])
    root = roots_of(models_dirs=[str(world.models)]).allowed[0]
    return SomeModels(roots, root, provider_of(str(world.logs)), kept=1_000)


def ids(found: some_models.Reading) -> list[str]:
    return [version.id for version in found.catalog.versions]


def test_only_the_models_that_are_asked_for_are_read(world: World) -> None:
    world.raw("other/1", b"{")
    before = tree_hash(world.models / "digits")
    found = some_of(world).read(["digits"])
    assert (ids(found), found.models) == (["digits:1", "digits:2"], ("digits",))
    assert found.catalog.problems == ()
    assert {version.state for version in found.catalog.versions} == {"present"}
    assert found.catalog.known_runs == ("cnn",)
    assert found.catalog.curves["cnn"]["loss"].last.value == 0.5
    assert found.manifest_bytes(found.catalog.versions[0]) == (world.models / "digits/1" / MANIFEST_NAME).read_bytes()
    assert tree_hash(world.models / "digits") == before


def test_several_models_are_one_catalog_in_the_usual_order(world: World) -> None:
    Chronicle(world.models / "letters").say("alias_set", 1, events.AliasSet("production"))
    found = some_of(world).read(["letters", "digits"])
    assert ids(found) == ["digits:1", "digits:2", "letters:1", "letters:2"]
    assert found.catalog.find("letters@production").id == "letters:1"
    assert [root.path for root, _ in found.catalog.roots] == [str(world.models)]
    for version in found.catalog.versions:
        assert version.model.encode() in found.manifest_bytes(version)


def test_a_model_without_a_folder_is_named_and_nothing_else_is_searched(world: World) -> None:
    world.version("nested", 1, folder=world.models / "team" / "nested" / "1")
    world.version("moved", 1, folder=world.models / "letters" / "9")
    some = some_of(world)
    for name in ("gone", "nested", "moved", ".index", "..", "a/b", "di\0gits", ""):
        with pytest.raises(VersionNotFoundError, match="no folder with versions of it"):
            some.read([name])
    assert ids(some.read(["digits"], beside=["gone", "base"])) == ["base:1", "base:2", "digits:1", "digits:2"]
    assert ids(some.read(["letters"])) == ["letters:1", "letters:2"]


def test_a_symlink_is_no_models_folder(world: World, tmp_path: Path) -> None:
    world.version("outside", 1, folder=tmp_path / "elsewhere" / "outside" / "1")
    os.symlink(tmp_path / "elsewhere" / "outside", world.models / "outside")
    with pytest.raises(VersionNotFoundError):
        some_of(world).read(["outside"])


def test_what_changed_is_read_again_and_the_rest_is_kept(world: World) -> None:
    some = some_of(world)
    first = some.read(["digits"]).catalog
    world.version("digits", 3)
    assert some.read(["digits"], fresh=60).catalog is first
    assert ids(some.read(["digits"], fresh=0)) == ["digits:1", "digits:2", "digits:3"]
    again = some.read(["digits"], fresh=0).catalog
    assert some.read(["digits"], fresh=0).catalog is again


def test_the_models_of_baselines_are_read_too(world: World) -> None:
    """A result of a gate counts only while its baseline is what it was: without it the result would seem stale."""
    seen = (SeenBaseline("base@production", "base:2"), SeenBaseline("production"), SeenBaseline("gone:1"))
    finding = Finding(rule="loss", wanted="below 1", found="0.5", verdict="passed")
    said = events.GateChecked("release", passed=True, baselines=seen, findings=(finding,))
    Chronicle(world.models / "digits").say("gate_checked", 1, said)
    assert some_of(world).read(["digits"]).models == ("digits", "base")


def test_references_name_models() -> None:
    found = models_of(["digits:1", "digits@production", "letters", "base:2~0a1b2c3d"])
    assert found == ["digits", "letters", "base"]
    with pytest.raises(InvalidReferenceError):
        models_of(["a/b"])


def test_the_last_few_models_are_kept(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(some_models, "MOST_KEPT", 2)
    some = some_of(world)
    digits = some.read(["digits"], fresh=60).catalog
    some.read(["base"])
    assert some.read(["digits"], fresh=60).catalog is digits
    some.read(["letters"])
    some.read(["base"])
    assert some.read(["digits"], fresh=60).catalog is not digits
    assert len(ids(some.read(["digits", "base", "letters"]))) == 6


def test_too_many_models_are_refused_with_their_number(world: World) -> None:
    with pytest.raises(InvalidQueryError, match="201 models were asked for"):
        some_of(world).read([f"m{number}" for number in range(201)])


def test_no_model_is_a_catalog_of_the_runs(world: World) -> None:
    found = some_of(world).read([])
    assert (found.catalog.known_runs, found.catalog.versions, found.models) == (("cnn",), (), ())


def test_parents_in_other_models_are_found_beside(world: World) -> None:
    world.version("digits", 3, parents=(Parent(model="base", number=2, relation="fine_tuned_from"),))
    found = some_of(world).read(["digits"], beside=["base"])
    assert [child.id for child, _ in found.catalog.children["base", 2]] == ["digits:3"]


def test_a_model_in_an_object_store_is_fetched_when_it_is_asked_for(tmp_path: Path) -> None:
    url = f"memory://{uuid.uuid4().hex}/models"
    for name in ("digits", "letters"):
        publish(tmp_path, url, name=name)
    root = roots_of(models_dirs=[url]).allowed[0]
    some = SomeModels(roots_of(models_dirs=[url]), root, provider_of(str(tmp_path)), kept=1_000)
    found = some.read(["digits"])
    assert ids(found) == ["digits:1"]
    assert b"digits" in found.manifest_bytes(found.catalog.versions[0])
    assert not os.path.exists(os.path.join(root.path, "letters"))
    with pytest.raises(VersionNotFoundError):
        some.read(["gone"])
    publish(tmp_path, url)
    assert ids(some.read(["digits"], fresh=0)) == ["digits:1", "digits:2"]
