"""A name is one name in both forms of Unicode: macOS may return "é" as two characters where one was written."""

from __future__ import annotations

import dataclasses
import json
import unicodedata
from pathlib import Path

import pytest

import tb_versions as tbv
from tb_versions.core.manifest import MANIFEST_NAME
from tb_versions.core.metadata import announcement_pb
from tb_versions.read.curves.event_files import provider_of
from tb_versions.read.folders.roots import roots_of
from tb_versions.read.manifests.integrity import check_files
from tb_versions.read.reader import CatalogReader
from tb_versions.read.reuse.api import open_catalog
from tests.support.world import World, place_at

NFC, NFD = "modèle-Å", unicodedata.normalize("NFD", "modèle-Å")
NOTHING = tbv.Capture(code=False, environment=False, hardware=False)


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Version 1 of a model in one form, version 2 and a child of it in the other: written by other programs."""
    made = World(tmp_path)
    for number, name in ((1, NFC), (2, NFD)):
        folder = made.version("m", number, folder=made.models / name / str(number))
        fields = json.loads((folder / MANIFEST_NAME).read_bytes())
        parents = [{"model": NFC, "number": "1"}] if number == 2 else []
        text = json.dumps({**fields, "model": name, "parents": parents}, ensure_ascii=False)
        (folder / MANIFEST_NAME).write_text(text, encoding="utf-8")
    return made


def test_two_forms_are_one_model(world: World) -> None:
    catalog = open_catalog(models_dirs=[str(world.models)])
    assert [version.id for version in catalog.versions] == [f"{NFC}:1", f"{NFC}:2"]
    assert list(catalog.by_model) == [NFC]
    listing = catalog.versions[1].listing
    assert listing is not None
    assert [parent.model for parent in listing.parents] == [NFC]


@pytest.mark.parametrize("name", [NFC, NFD], ids=["NFC", "NFD"])
def test_a_reference_in_either_form_finds_a_version(world: World, name: str) -> None:
    catalog = open_catalog(models_dirs=[str(world.models)])
    assert [catalog.find(f"{name}:{number}").number for number in (1, 2)] == [1, 2]
    assert catalog.find(name).number == 2


def test_an_announcement_in_the_other_form_belongs_to_the_version(world: World) -> None:
    data = (world.models / NFD / "2" / MANIFEST_NAME).read_bytes()
    world.event("run", announcement_pb(NFD, 2, data))
    world.close()
    reader = CatalogReader(roots_of(str(world.logs), [str(world.models)]), provider_of(str(world.logs)))
    found = {version.id: len(version.announced) for version in reader.refresh().versions}
    assert found == {f"{NFC}:1": 0, f"{NFC}:2": 1}


@pytest.mark.parametrize("forms", [("NFC", "NFD"), ("NFD", "NFC")], ids=["written NFC", "written NFD"])
def test_a_file_whose_name_came_back_in_the_other_form_is_the_same_file(tmp_path: Path, forms: tuple[str, str]) -> None:
    source = tmp_path / "source"
    names = ["é.txt", "Å/ü.txt", "plain"]
    for name in names:
        path = source / unicodedata.normalize(forms[0], name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    version = tbv.publish(source, tmp_path / "models", name="m", strict=True, capture=NOTHING)
    assert version is not None
    for path in sorted(version.path.rglob("*"), key=lambda path: -len(path.parts)):
        path.rename(path.with_name(unicodedata.normalize(forms[1], path.name)))
    digest = open_catalog(models_dirs=[str(tmp_path / "models")]).versions[0].manifest_digest
    state = check_files(place_at(str(version.path)), digest)
    assert state is not None
    assert dataclasses.astuple(state) == ("present", "")
    assert not tbv.verify("m:1", models_dir=tmp_path / "models")
    changed = version.path / unicodedata.normalize(forms[1], "é.txt")
    changed.write_text(changed.read_text().upper())
    assert tbv.verify("m:1", models_dir=tmp_path / "models").changed == (changed.name,)
    changed.unlink()
    assert tbv.verify("m:1", models_dir=tmp_path / "models").missing == (unicodedata.normalize(forms[0], "é.txt"),)


def test_two_files_that_differ_in_form_only_stay_two(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for form in ("NFC", "NFD"):
        (source / unicodedata.normalize(form, "é")).write_text(form)
    version = tbv.publish(source, tmp_path / "models", name="m", strict=True, capture=NOTHING)
    assert version is not None
    assert len(version.manifest.files) == 2
    assert not tbv.verify("m:1", models_dir=tmp_path / "models")
    (version.path / unicodedata.normalize("NFD", "é")).unlink()
    assert tbv.verify("m:1", models_dir=tmp_path / "models").missing == (unicodedata.normalize("NFD", "é"),)
