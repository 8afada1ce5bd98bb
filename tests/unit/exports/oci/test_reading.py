"""`verify` reads a layout back: what was altered is named, and nothing outside of it is opened."""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
from pathlib import Path

import pytest

from tb_versions.errors import InvalidExportError, TbVersionsError
from tb_versions.exports.checking.examining import examine
from tests.support.oci import blob_of, model_in, packed


@pytest.mark.parametrize("out", ["layout", "layout.tar"])
def test_a_layout_is_as_exported(tmp_path: Path, out: str) -> None:
    found = examine(packed(tmp_path, out))
    manifest = json.loads((tmp_path / "models/digits/1/version_manifest.json").read_bytes())
    assert found.is_sound
    assert found.form == "oci"
    assert manifest["digest"] in found.notes[0]
    assert [shared.id for shared in found.manifests] == ["digits:1"]


def test_every_changed_or_missing_byte_is_found(tmp_path: Path) -> None:
    blobs = sorted((packed(tmp_path) / "blobs/sha256").iterdir())
    for path in blobs:
        kept = path.read_bytes()
        if kept:
            path.write_bytes(kept[:-1] + bytes([kept[-1] ^ 1]))
            assert not is_sound(tmp_path / "layout"), path.name
        path.write_bytes(kept + b"\n")
        assert not is_sound(tmp_path / "layout"), path.name
        path.unlink()
        assert not is_sound(tmp_path / "layout"), path.name
        path.write_bytes(kept)
    assert is_sound(tmp_path / "layout")


def is_sound(path: Path) -> bool:
    try:
        return examine(path).is_sound
    except InvalidExportError:
        return False


def test_a_layout_of_other_files_is_not_the_version(tmp_path: Path) -> None:
    """Every digest of a layout can be made anew; the version's own manifest then tells."""
    layout = packed(tmp_path, manifest=False)
    other = tmp_path / "other"
    other.mkdir()
    packed(other)
    (other / "models/digits/1").rename(tmp_path / "gone")
    index = json.loads((layout / "index.json").read_bytes())
    theirs = json.loads((other / "layout/index.json").read_bytes())["manifests"][1]
    for blob in (other / "layout/blobs/sha256").iterdir():
        (layout / "blobs/sha256" / blob.name).write_bytes(blob.read_bytes())
    index["manifests"].append(theirs)
    (layout / "index.json").write_text(json.dumps(index))
    found = examine(layout)
    same = json.loads((other / "layout/index.json").read_bytes())["manifests"][0]["digest"] == found.digest
    assert found.is_sound == same


@pytest.mark.parametrize("kind", ["symlink", "fifo", "folder"])
def test_a_blob_that_is_no_plain_file_is_not_opened(tmp_path: Path, kind: str) -> None:
    layout = packed(tmp_path)
    blob = layout / "blobs/sha256" / model_in(layout)["layers"][0]["digest"].removeprefix("sha256:")
    blob.unlink()
    if kind == "symlink":
        blob.symlink_to("/etc/passwd")
    elif kind == "fifo":
        os.mkfifo(blob)
    else:
        blob.mkdir()
    with pytest.raises(TbVersionsError):
        examine(layout)


def named(digest: str, size: int) -> bytes:
    """An index that names a model's manifest."""
    model = {"artifactType": "application/vnd.cncf.model.manifest.v1+json", "digest": digest, "size": size}
    return json.dumps({"manifests": [model]}).encode()


@pytest.mark.parametrize(
    "index",
    [
        b"",
        b"[]",
        b"{}",
        b'{"manifests": 3}',
        b"[" * 100_000,
        named("", 1),
        named("sha256:../../../etc/passwd", 1),
        named("sha256:" + "0" * 64, 9_999_999_999_999),
        named("sha256:" + "0" * 64, -1),
    ],
)
def test_an_index_that_is_none_gives_a_sentence(tmp_path: Path, index: bytes) -> None:
    layout = tmp_path / "layout"
    layout.mkdir()
    (layout / "oci-layout").write_bytes(b'{"imageLayoutVersion":"1.0.0"}')
    (layout / "index.json").write_bytes(index)
    with pytest.raises(InvalidExportError):
        examine(layout)


def archive(path: Path, *members: tuple[tarfile.TarInfo, bytes]) -> Path:
    with tarfile.open(path, "w") as file:
        for member, data in members:
            member.size = len(data)
            file.addfile(member, io.BytesIO(data))
    return path


def test_an_archive_with_links_or_names_twice_is_refused(tmp_path: Path) -> None:
    link = tarfile.TarInfo("index.json")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    twice = [(tarfile.TarInfo("index.json"), b"{}"), (tarfile.TarInfo("./index.json"), b"{}")]
    for number, members in enumerate(([(link, b"")], twice, [])):
        with pytest.raises(InvalidExportError):
            examine(archive(tmp_path / f"{number}.tar", *members))


@pytest.mark.parametrize("size", [0, 100, 511, 5_000])
def test_an_archive_that_is_cut_off_gives_a_sentence(tmp_path: Path, size: int) -> None:
    path = packed(tmp_path, "layout.tar")
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(InvalidExportError):
        examine(path)


def put(layout: Path, content: object) -> dict[str, object]:
    """Writes a blob; returns what a descriptor says of it."""
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    digest = hashlib.sha256(data).hexdigest()
    (layout / "blobs/sha256" / digest).write_bytes(data)
    return {"digest": f"sha256:{digest}", "size": len(data)}


def with_layers(layout: Path, layers: list[dict[str, object]]) -> None:
    """Makes all digests of a layout anew for other layers of its model."""
    index = json.loads((layout / "index.json").read_bytes())
    model = model_in(layout)
    config = json.loads(blob_of(layout, model["config"]))
    config["modelfs"]["diffIds"] = [layer["digest"] for layer in layers]
    model = {**model, "layers": layers, "config": {**model["config"], **put(layout, config)}}
    index["manifests"] = [{**index["manifests"][0], **put(layout, model)}]
    (layout / "index.json").write_text(json.dumps(index))


def test_a_second_layer_for_one_file_is_told(tmp_path: Path) -> None:
    layout = packed(tmp_path)
    layers = model_in(layout)["layers"]
    with_layers(layout, layers)
    assert examine(layout).is_sound
    with_layers(layout, [{**layers[0], **put(layout, b"other bytes")}, *layers])
    assert "Two layers are the file" in " ".join(examine(layout).altered)


def test_a_name_that_only_oras_reads_is_the_files(tmp_path: Path) -> None:
    layout = packed(tmp_path)
    layers = model_in(layout)["layers"]
    names = [{**layer["annotations"], "org.opencontainers.image.title": "../x"} for layer in layers[:1]]
    with_layers(layout, [{**layers[0], "annotations": names[0]}, *layers[1:]])
    assert "another name" in " ".join(examine(layout).altered)
