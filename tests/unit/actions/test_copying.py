"""A copied version is the same version: files, manifest, history; and copying twice changes nothing."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from uuid import uuid4

import pytest

import tb_versions as tbv
from tb_versions.actions.aliases import promote
from tb_versions.actions.copying import copy
from tb_versions.actions.removal import remove
from tb_versions.actions.signing import keep, local_place
from tb_versions.actions.target import open_target
from tb_versions.core.codec import manifest_digest
from tb_versions.core.golden.file import key_of
from tb_versions.core.manifest import MANIFEST_NAME
from tb_versions.core.signing.bundle import read_bundle
from tb_versions.errors import NoGoldenOutputsError
from tb_versions.read.catalog import Version
from tb_versions.read.reuse.finding import find
from tb_versions.read.reuse.verifying import verify_place
from tb_versions.registry import events
from tb_versions.registry.events import said
from tb_versions.write.copying import alone
from tests.support.chronicle import Chronicle
from tests.support.golden import DATA, with_golden
from tests.support.signatures import bundle
from tests.support.world import World


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    return tmp_path / "shared"


def test_a_copy_has_every_byte_and_its_number(models: Path, shared: Path) -> None:
    copied = copy("digits:2", models, to=shared)
    assert (copied.reference, copied.is_new) == ("digits:2", True)
    assert tree(shared / "digits/2") == tree(models / "digits/2")
    assert tbv.path("digits:2", models_dir=shared) == shared / "digits/2"


def test_copying_twice_changes_nothing(models: Path, shared: Path) -> None:
    copy("digits:2", models, to=shared)
    before = tree(shared)
    copied = copy("digits:2", models, to=shared)
    assert copied.is_new is False
    assert str(copied).startswith("digits:2 is already in ")
    assert tree(shared) == before


def test_its_history_goes_along_and_sets_no_alias(models: Path, shared: Path) -> None:
    promote("digits:2", models, alias="production", reason="better")
    copy("digits@production", models, to=shared)
    opened = open_target("digits", shared).opened
    assert opened.state().aliases == {}
    what = said(opened.registry.event(1))
    assert what.source == "digits:2"
    assert b'"reason": "better"' in bytes(what.events[0]) or b'"reason":"better"' in bytes(what.events[0])


def test_a_number_that_is_taken_there_becomes_the_next(models: Path, shared: Path, tmp_path: Path) -> None:
    other = World(tmp_path / "other")
    other.version("digits", 2, files={"w": b"another"})
    copy("digits:2", other.models, to=shared)
    copied = copy("digits:2", models, to=shared)
    assert copied.reference == "digits:3"
    assert tbv.verify("digits:3", models_dir=shared) == tbv.Verified()
    assert copy("digits:2", models, to=shared).reference == "digits:3"
    with pytest.raises(tbv.VersionExistsError):
        copy("digits:1", models, to=shared, number=2)
    assert copy("digits:1", models, to=shared, number=9).reference == "digits:9"


def test_damaged_files_are_not_copied(models: Path, shared: Path) -> None:
    path = models / "digits/2/saved_model.pb"
    path.write_bytes(b"X" * path.stat().st_size)
    with pytest.raises(tbv.VersionDamagedError, match=r"saved_model\.pb"):
        copy("digits:2", models, to=shared)
    assert not (shared / "digits/2").exists()


@pytest.mark.parametrize("dry_run", [True, False])
def test_a_symlink_in_the_place_of_a_file_is_not_copied(models: Path, shared: Path, *, dry_run: bool) -> None:
    path = models / "digits/2/saved_model.pb"
    path.rename(models / "kept")
    path.symlink_to(models / "kept")
    with pytest.raises(tbv.VersionDamagedError, match=r"saved_model\.pb is not what its manifest says"):
        copy("digits:2", models, to=shared, dry_run=dry_run)
    assert not shared.exists() or not list(shared.rglob("copying/*"))


def test_a_symlink_that_came_later_is_left_out(models: Path, shared: Path) -> None:
    (models / "digits/2/link").symlink_to(models)
    assert copy("digits:2", models, to=shared).is_new
    assert not os.path.lexists(shared / "digits/2/link")


def test_an_interrupted_copy_goes_on(models: Path, shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    replace, calls = os.replace, list[str]()

    def killed_at_the_second(source: str, target: str) -> None:
        if "copying" in str(target):
            calls.append(str(target))
            if len(calls) == 2:
                raise KeyboardInterrupt
        replace(source, target)

    monkeypatch.setattr(os, "replace", killed_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        copy("digits:2", models, to=shared)
    assert not (shared / "digits/2").exists()
    assert copy("digits:2", models, to=shared).is_new
    assert len(calls) == 3, "the first file is not copied again"
    assert tree(shared / "digits/2") == tree(models / "digits/2")
    assert not list((shared / "digits/.versions/copying").iterdir())


def test_what_an_interrupted_copy_left_damaged_is_copied_again(models: Path, shared: Path) -> None:
    digest = manifest_digest((models / "digits/2" / MANIFEST_NAME).read_bytes())[7:39]
    left = shared / "digits/.versions/copying" / digest
    left.mkdir(parents=True)
    (left / "saved_model.pb").write_bytes(b"?" * (models / "digits/2/saved_model.pb").stat().st_size)
    (left / "stray").write_bytes(b"")
    copy("digits:2", models, to=shared)
    assert tree(shared / "digits/2") == tree(models / "digits/2")


def test_a_copy_that_was_removed_there_is_not_copied_again(models: Path, shared: Path) -> None:
    copy("digits:2", models, to=shared)
    remove("digits:2", shared)
    with pytest.raises(tbv.RefusedError, match="was removed there by anna"):
        copy("digits:2", models, to=shared)
    assert copy("digits:2", models, to=shared, number=7).reference == "digits:7"
    assert copy("digits:2", models, to=shared).reference == "digits:7"


def test_a_copy_that_was_deleted_there_is_not_said_to_be_there(models: Path, shared: Path) -> None:
    copy("digits:2", models, to=shared)
    shutil.rmtree(shared / "digits/2")
    with pytest.raises(tbv.VersionNotFoundError, match=r"which is gone\. Copy it under another number"):
        copy("digits:2", models, to=shared)
    assert copy("digits:2", models, to=shared, number=5).is_new
    assert not copy("digits:2", models, to=shared).is_new


@pytest.mark.parametrize("folder", ["", "a\0b"])
def test_a_copy_needs_a_folder(models: Path, folder: str) -> None:
    with pytest.raises(tbv.InvalidQueryError, match="is no folder"):
        copy("digits:2", models, to=folder)


def test_a_version_is_not_copied_into_its_own_folder(models: Path) -> None:
    with pytest.raises(tbv.StorageError, match="already; name another models folder"):
        copy("digits:2", models, to=models)


@pytest.mark.parametrize("where", ["digits", "digits/.versions"])
def test_nothing_is_written_through_a_symlink(models: Path, shared: Path, tmp_path: Path, where: str) -> None:
    (tmp_path / "outside").mkdir()
    (shared / where).parent.mkdir(parents=True)
    (shared / where).symlink_to(tmp_path / "outside")
    with pytest.raises(tbv.TbVersionsError):
        copy("digits:2", models, to=shared)
    assert list((tmp_path / "outside").iterdir()) == []


def test_of_two_that_copy_the_same_version_one_does(models: Path, shared: Path) -> None:
    manifest = manifest_digest((models / "digits/2" / MANIFEST_NAME).read_bytes())
    with alone(shared / "digits", manifest):
        with pytest.raises(tbv.ConflictError, match="Another process is copying this version"):
            copy("digits:2", models, to=shared)
        assert copy("digits:1", models, to=shared).is_new, "another version is copied all the same"
    assert copy("digits:2", models, to=shared).reference == "digits:2"
    assert sorted(path.name for path in (shared / "digits").glob("[0-9]*")) == ["1", "2"]
    assert not list((shared / "digits/.versions/copying").iterdir())


@pytest.mark.parametrize("where", ["", "variables", "saved_model.pb"])
def test_nothing_gathers_where_a_symlink_leads(models: Path, shared: Path, tmp_path: Path, where: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    built = (
        shared / "digits/.versions/copying" / manifest_digest((models / "digits/2" / MANIFEST_NAME).read_bytes())[7:39]
    )
    planted = built / where
    planted.parent.mkdir(parents=True)
    planted.symlink_to(outside)
    assert copy("digits:2", models, to=shared).is_new
    assert list(outside.iterdir()) == []
    assert tree(shared / "digits/2") == tree(models / "digits/2")


def test_a_history_that_would_be_too_large_as_it_is_written_is_left_out(models: Path, shared: Path) -> None:
    said_so = Chronicle(models / "digits")
    said_so.say("noted", 2, events.Text("kept"))
    said_so.say("other", 2, raw=b'{"a":[' + b"1," * 200_000 + b"1]}")
    said_so.say("noted", 2, events.Text("kept, too"))
    assert copy("digits:2", models, to=shared).is_new
    what = said(open_target("digits", shared).opened.registry.event(1))
    assert (len(what.events), what.left_out) == (1, 2)


def test_a_copy_that_was_killed_when_all_but_its_name_was_there_goes_on(models: Path, shared: Path) -> None:
    manifest = (models / "digits/2" / MANIFEST_NAME).read_bytes()
    left = shared / "digits/.versions/copying" / manifest_digest(manifest)[7:39]
    shutil.copytree(models / "digits/2", left)
    assert copy("digits:2", models, to=shared).is_new
    assert tree(shared / "digits/2") == tree(models / "digits/2")


def test_golden_outputs_stay_where_they_are_unless_they_are_asked_for(tmp_path: Path, shared: Path) -> None:
    with_golden(tmp_path)
    copied = copy("digits:1", tmp_path / "models", to=shared)
    assert copied.golden == "left out"
    assert str(copied).endswith("left out; with_golden (--with-golden) copies them.")
    assert not (shared / "digits/.versions/golden").exists()
    copied = copy("digits:1", tmp_path / "models", to=shared, with_golden=True)
    assert (copied.is_new, copied.golden) == (False, "copied")
    assert (shared / "digits/.versions" / key_of(1)).read_bytes() == DATA
    assert copy("digits:1", tmp_path / "models", to=shared, with_golden=True).golden == "copied"


def _signed(models: Path, number: int) -> Version:
    version = find(f"digits:{number}", models)
    files = verify_place(version, version.places[0]).files
    keep(version, local_place(version), read_bundle(bundle(files)))
    return version


def test_signatures_go_along_as_claims(models: Path, shared: Path) -> None:
    _signed(models, 2)
    copied = copy("digits:2", models, to=shared)
    assert str(copied).endswith(" With it: 1 signature, not checked here.")
    assert tree(shared / "digits/.versions/attestations/2") == tree(models / "digits/.versions/attestations/2")
    opened = open_target("digits", shared).opened
    (signature,) = opened.state().version(2).signatures.values()
    assert (signature.ok, signature.manifest) == (None, find("digits:2", shared).manifest_digest)
    head = opened.state().head
    assert copy("digits:2", models, to=shared).signatures == 1
    assert open_target("digits", shared).opened.state().head == head, "nothing new was to be said"


def test_a_signature_that_came_after_the_copy_is_brought_by_the_next_one(models: Path, shared: Path) -> None:
    assert copy("digits:2", models, to=shared, number=7).signatures == 0
    _signed(models, 2)
    copied = copy("digits:2", models, to=shared, number=7)
    assert (copied.is_new, copied.signatures) == (False, 1)
    assert len(os.listdir(shared / "digits/.versions/attestations/7")) == 1
    assert len(open_target("digits", shared).opened.state().version(7).signatures) == 1


def test_signatures_go_along_to_an_object_store(models: Path) -> None:
    url = f"memory://{uuid4().hex}/models"
    _signed(models, 2)
    assert copy("digits:2", models, to=url).signatures == 1
    assert len(open_target("digits", url).store.names("attestations/2")) == 1


def test_a_signature_that_can_not_be_read_is_counted(models: Path, shared: Path) -> None:
    _signed(models, 2)
    (models / "digits/.versions/attestations/2/cut.json").write_bytes(b"{")
    copied = copy("digits:2", models, to=shared)
    assert (copied.signatures, copied.unread_signatures) == (1, 1)
    assert str(copied).endswith(" Left out: 1 in its folder of signatures that can't be read.")
    assert len(os.listdir(shared / "digits/.versions/attestations/2")) == 1


def test_golden_outputs_get_the_number_of_the_copy_and_it_can_be_replayed(tmp_path: Path, shared: Path) -> None:
    from tb_versions.core.limited import Limits
    from tb_versions.trust.replaying import replay

    with_golden(tmp_path)
    copied = copy("digits:1", tmp_path / "models", to=shared, number=7, with_golden=True)
    assert str(copied).endswith(" So were its golden outputs.")
    assert (shared / "digits/.versions" / key_of(7)).read_bytes() == DATA
    found = replay("digits:7", shared, limits=Limits(seconds=0.1), record=False)
    assert "It was stopped after 0.1 s" in str(found)


def test_golden_outputs_travel_to_an_object_store(tmp_path: Path) -> None:
    with_golden(tmp_path)
    url = f"memory://{tmp_path.name}/models"
    assert copy("digits:1", tmp_path / "models", to=url, with_golden=True).golden == "copied"
    assert open_target("digits", url).store.read(key_of(1), 1 << 20) == DATA


def test_golden_outputs_that_are_not_the_published_ones_are_not_copied(tmp_path: Path, shared: Path) -> None:
    with_golden(tmp_path, claimed=b"other")
    with pytest.raises(tbv.VersionDamagedError, match="not those that were kept"):
        copy("digits:1", tmp_path / "models", to=shared, with_golden=True)
    assert not shared.exists()


def test_a_version_without_golden_outputs_is_not_copied_with_them(models: Path, shared: Path) -> None:
    with pytest.raises(NoGoldenOutputsError, match="has no golden outputs"):
        copy("digits:2", models, to=shared, with_golden=True)
    assert copy("digits:2", models, to=shared).golden == ""


def test_other_golden_outputs_in_the_place_are_not_replaced(tmp_path: Path, shared: Path) -> None:
    with_golden(tmp_path)
    copy("digits:1", tmp_path / "models", to=shared)
    there = shared / "digits/.versions" / key_of(1)
    there.parent.mkdir(parents=True)
    there.write_bytes(b"others")
    with pytest.raises(tbv.ConflictError, match="is another file"):
        copy("digits:1", tmp_path / "models", to=shared, with_golden=True)
    assert there.read_bytes() == b"others"
