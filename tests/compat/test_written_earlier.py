"""What earlier versions of this package wrote is read for ever, and has the digests that it had.

`<schema>/published/` was written in one go by the first version that exports: a models folder, a log directory that
announces its versions, and both kinds of export that can be read back. It is never written anew.
"""

from __future__ import annotations

import lzma
from collections.abc import Iterable
from pathlib import Path

import orjson
import pytest

from tb_versions.core import codec
from tb_versions.core.digest import digest_files, list_files, version_digest
from tb_versions.core.fields import fields_of
from tb_versions.core.manifest import MANIFEST_NAME, VersionManifest
from tb_versions.exports.checking.examining import examine
from tb_versions.exports.manifests import restorable
from tb_versions.read.manifests.listing import read_listing
from tb_versions.read.reader import open_reader

PUBLISHED = Path(__file__).parent / "1" / "published"
MODELS = PUBLISHED / "models"
DIGESTS = {
    "digits:1": "sha256:db90cf9201dbe0d98dd5f8d27f6ac102b55fd10251ea81b18a0cdb3022dcd414",
    "digits:2": "sha256:c3490ff916c3b197bea593adebe26b9e57b7e894327e926b70bedcc4b5ac2d73",
}


def manifest_bytes(number: int) -> bytes:
    return (MODELS / "digits" / str(number) / MANIFEST_NAME).read_bytes()


@pytest.mark.parametrize("number", [1, 2])
def test_a_manifest_is_read_and_would_be_written_the_same(number: int) -> None:
    data = manifest_bytes(number)
    manifest = codec.decode(data)
    assert codec.manifest_digest(data) == DIGESTS[manifest.reference]
    assert codec.encode(manifest) == data
    folder = MODELS / "digits" / str(number)
    assert manifest.files == digest_files(folder, list_files(folder))
    assert manifest.digest == version_digest(manifest.files)
    assert read_listing(data).notices == ()


def test_the_versions_have_the_digests_that_they_had_and_their_files() -> None:
    catalog = open_reader(str(PUBLISHED / "logs"), [str(MODELS)]).catalog
    assert {version.id: version.manifest_digest for version in catalog.versions} == DIGESTS
    assert [version.state for version in catalog.versions] == ["present", "present"]
    assert [len(version.announced) for version in catalog.versions] == [1, 1]
    assert catalog.problems == ()


def test_announcements_alone_tell_the_same() -> None:
    reader = open_reader(str(PUBLISHED / "logs"), [])
    found = {version.id: version for version in reader.catalog.versions}
    assert {name: version.manifest_digest for name, version in found.items()} == DIGESTS
    assert all(version.from_event for version in found.values())
    assert [reader.manifest_bytes(found[f"digits:{number}"]) for number in (1, 2)] == [
        manifest_bytes(1),
        manifest_bytes(2),
    ]


@pytest.fixture(params=["page", "experiment"])
def export(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    if request.param == "experiment":
        (folder,) = (PUBLISHED / "export-dev").iterdir()
        return folder
    page = tmp_path / "export.html"
    page.write_bytes(lzma.decompress((PUBLISHED / "export.html.xz").read_bytes()))
    return page


def test_an_export_holds_the_manifests_that_it_held(export: Path) -> None:
    found = examine(export)
    assert found.altered == ()
    first, second = found.manifests
    assert (first.id, second.id) == ("digits:1", "digits:2")
    assert restorable(first) == first.as_published() == manifest_bytes(1)
    assert first.digest == DIGESTS["digits:1"]
    left, whole = codec.decode(restorable(second)), codec.decode(manifest_bytes(2))
    assert "code diff" in second.redacted
    assert (left.runs, left.saved_model, left.files) == (whole.runs, whole.saved_model, whole.files)
    assert repr(left.metrics) == repr(whole.metrics)  # one is NaN


def places(cls: type, objects: Iterable[object], path: str = "") -> Iterable[tuple[str, bool]]:
    """Every field of a class and of the classes inside, and whether one of these JSON objects has it."""
    for field in fields_of(cls):
        held = [each[field.json_name] for each in objects if isinstance(each, dict) and field.json_name in each]
        yield path + field.name, bool(held)
        if field.inner:
            inside = [one for value in held for one in (value if isinstance(value, list) else [value])]
            yield from places(field.inner, inside, f"{path}{field.name}.")


def test_every_field_has_a_sample() -> None:
    """A field that no sample holds could change its form unseen."""
    samples = [*Path(__file__).parent.glob("*/*.json"), *PUBLISHED.rglob(MANIFEST_NAME)]
    manifests = [orjson.loads(path.read_bytes()) for path in samples]
    assert [name for name, is_held in places(VersionManifest, manifests) if not is_held] == []
