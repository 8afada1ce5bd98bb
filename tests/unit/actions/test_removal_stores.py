"""Removing and copying in object stores: as on a disk, but that objects stay where they are until they are deleted."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest

import tb_versions as tbv
from tb_versions.actions.copying import copy
from tb_versions.actions.keeping import Keep
from tb_versions.actions.removal import Finished, empty, finish, prune, remove, remove_for_training, trash
from tb_versions.actions.target import open_target
from tb_versions.core.object_store import open_store
from tests.support.world import World

pytestmark = pytest.mark.slow


@pytest.fixture
def url(models: Path) -> str:
    """A models folder in a store, with `digits:1` to `digits:4`."""
    made = f"memory://{uuid.uuid4().hex}/models"
    for number in (1, 2, 3, 4):
        copy(f"digits:{number}", models, to=made)
    return made


def keys(url: str) -> list[str]:
    return [entry.key for entry in open_store(url).entries("digits") if not entry.key.startswith(".versions/")]


def numbers(url: str) -> list[int]:
    return [version.number for version in tbv.open_catalog(models_dir=url).versions if version.state != "removed"]


def test_a_copy_in_a_store_is_the_same_version_and_is_not_copied_again(models: Path, url: str) -> None:
    assert numbers(url) == [1, 2, 3, 4]
    assert not tbv.verify("digits:2", models_dir=url)
    before = [entry.key for entry in open_store(url).entries()]
    again = copy("digits:2", models, to=url)
    assert (again.is_new, again.reference, again.folder) == (False, "digits:2", f"{url}/digits/2")
    assert [entry.key for entry in open_store(url).entries()] == before


def test_a_version_goes_from_store_to_store_and_back_to_a_disk(url: str, tmp_path: Path, models: Path) -> None:
    other = f"memory://{uuid.uuid4().hex}/production"
    copy("digits:3", url, to=other)
    assert copy("digits:3", other, to=tmp_path / "here").is_new
    manifest = "digits/3/version_manifest.json"
    assert (tmp_path / "here" / manifest).read_bytes() == (models / manifest).read_bytes()


def test_a_number_that_is_taken_in_the_store_becomes_the_next(url: str, tmp_path: Path) -> None:
    world = World(tmp_path / "other")
    world.version("digits", 2, files={"w": b"another"})
    assert copy("digits:2", world.models, to=url).reference == "digits:5"
    assert not tbv.verify("digits:5", models_dir=url)
    world.version("digits", 1, files={"w": b"more"})
    with pytest.raises(tbv.VersionExistsError):
        copy("digits:1", world.models, to=url, number=3)


def test_a_dry_run_writes_nothing(models: Path) -> None:
    made = f"memory://{uuid.uuid4().hex}/models"
    assert "would be copied" in str(copy("digits:1", models, to=made, dry_run=True))
    assert list(open_store(made).entries()) == []


def test_of_a_removed_version_only_the_manifest_moves_until_the_trash_is_emptied(url: str) -> None:
    data = open_store(url).read("digits/2/version_manifest.json", 1 << 20)
    for number in (1, 2):
        open_store(url).create(f"digits/.versions/golden/{number}/golden.npz", b"inputs of users")
    remove("digits:2", url, reason="old")
    assert numbers(url) == [1, 3, 4]
    assert open_store(url).read("digits/.versions/removed/2.json", 1 << 20) == data
    assert "2/saved_model.pb" in keys(url)
    assert [number for number, _ in trash([], url)["digits"]] == [2]
    assert empty([], url)["digits"].numbers == (2,)
    assert not [key for key in keys(url) if key.startswith("2/")]
    assert open_store(url).names("digits/.versions/golden") == ["1"]
    with pytest.raises(tbv.VersionRemovedError):
        tbv.path("digits:2", models_dir=url)


def test_prune_keeps_production_in_a_store(url: str) -> None:
    tbv.promote("digits:2", url, alias="production", reason="good")
    planned = prune([], url, keep=Keep(last=1), dry_run=False)
    assert {each.id: each.why_kept for each in planned if each.why_kept} == {
        "digits:4": "the newest",
        "digits:2": "holds production",
    }
    assert numbers(url) == [2, 4]


def test_an_interrupted_removal_in_a_store_is_finished(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from tb_versions.write import remote_removal

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(remote_removal, "take_out", killed)
        with pytest.raises(KeyboardInterrupt):
            remove("digits:2", url)
    assert finish(url, "digits") == Finished((2,))
    assert finish(url, "digits") == Finished(())
    assert open_target("digits", url).opened.state().version(2).removed is not None


def test_a_training_removes_its_older_versions_from_a_store(url: str) -> None:
    assert remove_for_training(f"{url}/digits/1", by="keep=1")
    assert numbers(url) == [2, 3, 4]
    assert not [key for key in keys(url) if key.startswith("1/")]
