from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import tb_versions as tbv
from tb_versions.actions.target import open_target
from tb_versions.core.manifest import MANIFEST_NAME
from tb_versions.read.catalog import Catalog, in_layout
from tb_versions.read.folders.roots import roots_of
from tb_versions.read.reader import CatalogReader
from tb_versions.read.reuse.finding import find
from tests.support.effort import HANGS
from tests.support.logs import append
from tests.support.world import World

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Two models, of which one has a damaged version, two folders of one number and a semantic version."""
    made = World(tmp_path)
    for number, semantic in ((1, "1.0.0"), (2, "1.1.0+cpu"), (3, "1.1.0+cuda12"), (10, "2.0.0-rc.1")):
        made.version("digits", number, semantic_version=semantic)
    made.raw("digits/11", b"{")
    made.version("digits", 4)
    made.version("digits", 4, folder=made.models / "digits" / "004", description="another")
    made.version("faces", 7)
    made.version("faces", 8, folder=made.models / "faces" / "008")
    return made


def found_by_a_scan(reference: str, models: Path) -> tuple[str, str]:
    """What looking through the whole models folder finds, or the error."""
    catalog = CatalogReader(roots_of("", [str(models)])).refresh()
    try:
        version = Catalog(versions=tuple(in_layout(catalog.versions))).find(reference)
    except tbv.TbVersionsError as error:
        return type(error).__name__, str(error)
    return version.places[0].folder, version.state


def found(reference: str, models: Path) -> tuple[str, str]:
    try:
        version = find(reference, models)
    except tbv.TbVersionsError as error:
        return type(error).__name__, str(error)
    return version.places[0].folder, version.state


REFERENCES = [
    *("digits", "digits:1", "digits:01", "digits:1.0.0", "digits:1.1.0+cpu", "digits:11", "digits:4", "faces:8"),
    *("digits:1.1.0", "digits:99", "digits:9.9.9", "digit", "nothing:1", "digits:x", "faces", "a:b:c"),
    *("digits:10~00000000", "FACES", "digits:99999999999999999999"),
]


@pytest.mark.parametrize("reference", REFERENCES)
def test_what_is_found_without_a_scan_is_what_a_scan_finds(world: World, reference: str) -> None:
    assert found(reference, world.models) == found_by_a_scan(reference, world.models)


@pytest.mark.parametrize("reference", ["digits", "digits:1", "digits:4", "digits:99", "faces:7"])
def test_a_models_own_folder_can_be_given(world: World, reference: str) -> None:
    folder = world.models / "digits"
    assert found(reference, folder) == found_by_a_scan(reference, folder)


def test_one_of_several_manifests_is_named_by_its_digest(world: World) -> None:
    with pytest.raises(tbv.AmbiguousVersionError) as caught:
        find("digits:4", world.models)
    ids = str(caught.value).partition(": ")[2].removesuffix(". Name one of them.").split(", ")
    assert len(ids) == 2
    assert {find(one, world.models).places[0].relative for one in ids} == {"digits/4", "digits/004"}


OPENED = """
import json, os, sys
opened = []
def note(event, arguments):
    if event in ("open", "os.listdir", "os.scandir"):
        opened.append(os.path.basename(str(arguments[0])))
import tb_versions as tbv
tbv.path("warm:1", models_dir=sys.argv[2])
sys.addaudithook(note)
tbv.path(sys.argv[1], models_dir=sys.argv[2])
print(json.dumps(opened))
"""


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("m:3", ["m", "3", MANIFEST_NAME]),
        ("m", ["m", "m", "300", MANIFEST_NAME]),
        ("n:1.0.0", ["n", "n", "1", MANIFEST_NAME, "n", "2", MANIFEST_NAME, *["n", ".versions"] * 2, "seen", "seen"]),
    ],
)
def test_only_what_a_reference_may_name_is_opened(tmp_path: Path, reference: str, expected: list[str]) -> None:
    """Of 300 versions one; for a semantic version, those of its model, and its log."""
    world = World(tmp_path)
    world.version("warm", 1)
    for number in range(1, 301):
        world.version("m", number, files={"w": b"w"})
    world.version("n", 1, semantic_version="1.0.0")
    world.version("n", 2, semantic_version="2.0.0")
    done = subprocess.run(
        [sys.executable, "-c", OPENED, reference, str(world.models)],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        timeout=HANGS,
    )
    names = [name for name in json.loads(done.stdout) if name not in (world.models.name, "/")]
    opened = ["seen" if re.fullmatch(r"[0-9a-f]{32}\.json", name) else name for name in names]
    assert sorted(opened) == sorted(expected)


@pytest.mark.parametrize("folder", ["copy/10", "copy/digits/999", "scratch", "digits/old/999"])
def test_a_manifest_elsewhere_decides_nothing_and_is_named_with_its_folder(world: World, folder: str) -> None:
    """Loading it would run the code of a model that anybody may have put there."""
    place = world.version("digits", 999, folder=world.models / folder)
    assert find("digits", world.models).number == 10
    with pytest.raises(tbv.VersionNotFoundError, match='digits has no version "999"; it has 11, ') as caught:
        find("digits:999", world.models)
    said = str(caught.value)
    assert f"by that name only {world.models / 'digits' / '999'} is found" in said
    assert f"load it by its path, {place}; to promote it or record anything, " in said
    assert f"rename {place} to {world.models / 'digits' / '999'}, or copy it " in said
    assert find(place).number == 999


def test_a_model_that_lies_only_elsewhere_is_named_with_its_folder(world: World) -> None:
    place = world.version("exported", 3, folder=world.models / "exports" / "epoch-3")
    for reference in ("exported", "exported:3"):
        with pytest.raises(tbv.VersionNotFoundError, match='There is no model "exported"') as caught:
            find(reference, world.models)
        assert str(place) in str(caught.value)


def test_a_symlink_in_a_models_place_is_not_followed_but_named(world: World) -> None:
    target = world.base / "large-disk" / "linked"
    world.version("linked", 1, folder=target / "1")
    (world.models / "linked").symlink_to(target)
    with pytest.raises(tbv.VersionNotFoundError, match="is a symlink, which is not followed") as caught:
        find("linked:1", world.models)
    assert str(target.parent) in str(caught.value)
    assert find("linked:1", target.parent).number == 1


@pytest.mark.parametrize("spelled", ["{0}", "{0}/", "{0}/version_manifest.json", "{0}/../3/"])
def test_a_path_names_the_version_in_a_folder_wherever_that_is(world: World, spelled: str) -> None:
    place = world.version("digits", 3, folder=world.base / "elsewhere" / "3", description="moved")
    version = find(spelled.format(place))
    assert (version.id, os.path.realpath(version.places[0].folder)) == ("digits:3", str(place))
    assert tbv.path(place) == place
    assert not tbv.verify(place / MANIFEST_NAME)


def test_a_path_is_relative_to_the_current_folder(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(world.models / "digits")
    assert find("./3").number == find("../digits/3").number == find(Path("3")).number == 3
    monkeypatch.chdir("3")
    assert find(".").number == find(MANIFEST_NAME).number == find(Path()).number == 3


def test_a_name_without_a_slash_is_a_model(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(world.models / "digits")
    with pytest.raises(tbv.VersionNotFoundError, match='There is no model "3"'):
        find("3", world.models)


@pytest.mark.parametrize(
    ("spelled", "kind", "words"),
    [
        ("digits/3", tbv.UnreadableFolderError, "Version 3 of digits is written digits:3."),
        ("models/nowhere", tbv.UnreadableFolderError, "The version's folder models/nowhere does not exist."),
        ("models/digits", tbv.VersionNotFoundError, "There are versions in it: models/digits/11, for example."),
        ("models/digits/3/variables", tbv.VersionNotFoundError, "holds no version_manifest.json."),
        ("../digits:1", tbv.InvalidReferenceError, "neither a reference, like digits:3, nor a folder."),
        ("s3://bucket/digits/x", tbv.InvalidReferenceError, "is not the URL of a version"),
        ("digits:3", tbv.InvalidReferenceError, "pass models_dir=, or the path"),
        ("models/faces/007/version_manifest.json", tbv.UnreadableFolderError, "faces/007 does not exist."),
    ],
)
def test_a_path_that_leads_nowhere_says_what_to_write(
    world: World, monkeypatch: pytest.MonkeyPatch, spelled: str, kind: type[Exception], words: str
) -> None:
    monkeypatch.chdir(world.base)
    with pytest.raises(kind) as caught:
        find(spelled)
    assert words in str(caught.value)


def test_a_damaged_manifest_given_by_its_path_has_its_folders_name(world: World) -> None:
    version = find(world.models / "digits" / "11")
    assert (version.id, version.state) == ("digits:11", "damaged")
    with pytest.raises(tbv.VersionDamagedError, match="The manifest of digits:11 can't be read"):
        tbv.verify(world.models / "digits" / "11")


def test_a_newer_version_that_cannot_be_read_is_named(world: World) -> None:
    for function in (tbv.path, tbv.verify):
        with pytest.warns(tbv.TbVersionsWarning, match="digits is digits:10; digits:11 is newer, but its ") as caught:
            function("digits", models_dir=world.models)
        assert caught[0].filename == __file__


def aliased(models: Path) -> None:
    for number in (1, 2, 3):
        tbv.promote(f"digits:{number}", models, alias="production")


def test_an_alias_names_what_it_was_put_on_and_what_was_before(world: World) -> None:
    aliased(world.models)
    assert [find(f"digits@production{back}", world.models).number for back in ("", "~0", "~1", "~2")] == [3, 3, 2, 1]
    with pytest.raises(tbv.VersionNotFoundError, match="only 2 earlier versions"):
        find("digits@production~3", world.models)
    with pytest.raises(tbv.VersionNotFoundError, match='no alias "prod"; it has production'):
        find("digits@prod", world.models)
    with pytest.raises(tbv.VersionNotFoundError, match='There is no model "cats"'):
        find("cats@production", world.models)
    assert tbv.path("digits@production", models_dir=world.models) == world.models / "digits" / "3"
    assert not tbv.verify("digits@production", models_dir=world.models)


def test_an_alias_names_the_manifest_that_was_promoted_and_no_other(world: World) -> None:
    aliased(world.models)
    world.version("digits", 3, description="put there by somebody else")
    with pytest.raises(tbv.VersionDamagedError, match="its manifest is another one than at event 3"):
        find("digits@production", world.models)
    assert find("digits:3", world.models).number == 3


def test_an_alias_of_a_log_that_was_cut_names_nothing(world: World) -> None:
    aliased(world.models)
    (world.models / "digits/.versions/log/00000000000000000003.json").unlink()
    with pytest.raises(tbv.RewrittenLogError, match="was cut"):
        find("digits@production", world.models)
    assert find("digits:2", world.models).number == 2


def test_a_removed_version_says_that_it_was_removed(world: World) -> None:
    registry = open_target("digits", world.models).opened.registry
    append(registry, "removed", 1, by="prune", reason="old")
    shutil.rmtree(world.models / "digits" / "1")
    with pytest.raises(tbv.VersionRemovedError, match=r"digits:1 was removed by prune \(anna, .*old"):
        find("digits:1", world.models)


def test_a_semantic_version_that_was_given_later_hides_the_one_in_the_manifest(world: World) -> None:
    append(open_target("digits", world.models).opened.registry, "semantic_version_given", 1, semantic_version="3.0.0")
    assert find("digits:3.0.0", world.models).number == 1
    with pytest.raises(tbv.VersionNotFoundError):
        find("digits:1.0.0", world.models)


def test_a_model_that_can_not_be_listed_is_an_error_of_this_package(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.listdir

    def denied(path: str = ".") -> list[str]:
        if os.path.basename(str(path)) == "faces":
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "listdir", denied)
    with pytest.raises(tbv.StorageError, match=r"faces can't be listed: Permission denied"):
        find("faces", world.models)
