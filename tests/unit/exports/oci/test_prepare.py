"""A version as an OCI layout: deterministic, its own files, nothing but the version's, and all or nothing."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import oras.client
import pytest

import tb_versions as tbv
from tb_versions.core.digest import digest_files, list_files, version_digest
from tb_versions.core.elsewhere import binding
from tb_versions.core.manifest import FilesElsewhere, VersionManifest
from tb_versions.errors import (
    ExportExistsError,
    FilesElsewhereError,
    InvalidQueryError,
    NoGoldenOutputsError,
    VersionDamagedError,
)
from tb_versions.exports.oci import documents
from tb_versions.exports.oci.reading import read_layout
from tb_versions.write.complete import complete
from tb_versions.write.placement import place_elsewhere
from tests.support.golden import DATA, with_golden
from tests.support.oci import blob_of, model_folder, model_in, packed, registry
from tests.support.publishing import published
from tests.support.world import World
from tests.system_tools import REGISTRY_HELP, find_registry, find_skopeo


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_files_that_lie_elsewhere_are_packed_where_their_source_is_bound(tmp_path: Path) -> None:
    folder = model_folder(tmp_path / "nas/digits/1")
    draft = VersionManifest(model="digits", files_elsewhere=FilesElsewhere(source="nas", path="digits/1"))
    place_elsewhere(tmp_path / "models/digits", complete(draft, folder, {}, adopts=True), number=1)
    with pytest.raises(FilesElsewhereError, match="source nas is not bound"):
        packed(tmp_path)
    with binding({"nas": tmp_path / "nas"}):
        layout = packed(tmp_path)
    assert blob_of(layout, model_in(layout)["layers"][0]) == (folder / "README.md").read_bytes()


def test_one_version_gives_the_same_bytes_twice_as_folder_and_as_archive(tmp_path: Path) -> None:
    packed(tmp_path, "a")
    packed(tmp_path, "b")
    packed(tmp_path, "a.tar")
    packed(tmp_path, "b.tar")
    names = sorted(path.relative_to(tmp_path / "a") for path in (tmp_path / "a").rglob("*") if path.is_file())
    assert {name: sha256(tmp_path / "a" / name) for name in names} == {
        name: sha256(tmp_path / "b" / name) for name in names
    }
    assert sha256(tmp_path / "a.tar") == sha256(tmp_path / "b.tar")
    with tarfile.open(tmp_path / "a.tar") as archive:
        members = {member.name: archive.extractfile(member) for member in archive}
    assert sorted(members) == sorted(map(str, names))


def test_layers_are_the_version_s_files_and_their_digests_give_the_version_s(tmp_path: Path) -> None:
    layout = packed(tmp_path)
    model = model_in(layout)
    manifest = json.loads((tmp_path / "models/digits/1/version_manifest.json").read_bytes())
    named = {layer["annotations"][documents.PATH]: (layer["digest"], layer["size"]) for layer in model["layers"]}
    assert named == {file["path"]: (file["digest"], int(file.get("size", 0))) for file in manifest["files"]}
    assert model["annotations"][documents.DIGEST] == manifest["digest"]
    for layer in model["layers"]:
        path = tmp_path / "models/digits/1" / layer["annotations"][documents.PATH]
        assert blob_of(layout, layer) == path.read_bytes()


def test_golden_outputs_are_packed_only_when_they_are_asked_for(tmp_path: Path) -> None:
    with_golden(tmp_path)
    out = {"models_dir": tmp_path / "models", "refs": ["digits:1"], "format": "oci"}
    bare = tbv.export(tmp_path / "bare", **out)
    assert [each for each in bare.left_out if "--with-golden" in each]
    done = tbv.export(tmp_path / "whole", **out, with_golden=True)
    assert not done.left_out
    model, *referrers = json.loads((tmp_path / "whole/index.json").read_bytes())["manifests"]
    assert model["digest"] == json.loads((tmp_path / "bare/index.json").read_bytes())["manifests"][0]["digest"]
    (golden,) = (each for each in referrers if each["artifactType"] == documents.GOLDEN_TYPE)
    (layer,) = json.loads(blob_of(tmp_path / "whole", golden))["layers"]
    assert layer["annotations"][documents.TITLE] == ".versions/golden/1/golden.npz"
    assert blob_of(tmp_path / "whole", layer) == DATA
    layout = read_layout(str(tmp_path / "whole"))
    assert layout.altered == []


def test_golden_outputs_are_never_in_what_holds_no_files(tmp_path: Path) -> None:
    with_golden(tmp_path)
    for name in ("html", "csv", "site"):
        with pytest.raises(InvalidQueryError, match="go along with a version's files: --format oci"):
            tbv.export(tmp_path / name, models_dir=tmp_path / "models", format=name, with_golden=True)
    shutil.rmtree(tmp_path / "models/digits/.versions/golden")
    with pytest.raises(NoGoldenOutputsError, match="are not here"):
        tbv.export(tmp_path / "x", models_dir=tmp_path / "models", refs=["digits:1"], format="oci", with_golden=True)
    assert not (tmp_path / "x").exists()


def test_the_manifest_refers_to_the_model_unchanged_and_can_be_left_out(tmp_path: Path) -> None:
    layout = packed(tmp_path)
    model, referrer = json.loads((layout / "index.json").read_bytes())["manifests"]
    content = json.loads(blob_of(layout, referrer))
    assert content["subject"]["digest"] == model["digest"]
    (layer,) = content["layers"]
    assert blob_of(layout, layer) == (tmp_path / "models/digits/1/version_manifest.json").read_bytes()
    bare = packed(tmp_path, "bare", manifest=False)
    assert len(json.loads((bare / "index.json").read_bytes())["manifests"]) == 1
    assert json.loads((bare / "index.json").read_bytes())["manifests"][0]["digest"] == model["digest"]


def test_pushed_by_skopeo_and_pulled_by_oras_it_is_the_same_version(tmp_path: Path) -> None:
    program, skopeo = find_registry(), find_skopeo()
    if program is None or skopeo is None:
        pytest.skip(REGISTRY_HELP)
    layout = packed(tmp_path)
    with registry(program, tmp_path / "registry") as address:
        target = f"{address}/team/digits:1"
        copy = [skopeo, "copy", "--dest-tls-verify=false", f"oci:{layout}:1", f"docker://{target}"]
        subprocess.run(copy, check=True, capture_output=True)
        oras.client.OrasClient(hostname=address, insecure=True).pull(target=target, outdir=str(tmp_path / "pulled"))
    entries = list_files(tmp_path / "pulled")
    manifest = json.loads((tmp_path / "models/digits/1/version_manifest.json").read_bytes())
    assert version_digest(digest_files(tmp_path / "pulled", entries)) == manifest["digest"]


def test_a_registry_refuses_a_wrong_layer(tmp_path: Path) -> None:
    program, skopeo = find_registry(), find_skopeo()
    if program is None or skopeo is None:
        pytest.skip(REGISTRY_HELP)
    layout = packed(tmp_path)
    layer = layout / "blobs/sha256" / model_in(layout)["layers"][-1]["digest"].removeprefix("sha256:")
    layer.write_bytes(bytes(layer.stat().st_size))
    with registry(program, tmp_path / "registry") as address:
        target = f"docker://{address}/team/digits:1"
        copy = [skopeo, "copy", "--dest-tls-verify=false", f"oci:{layout}:1", target]
        done = subprocess.run(copy, check=False, capture_output=True, text=True)
        assert done.returncode != 0
        inspect = [skopeo, "inspect", "--tls-verify=false", target]
        assert subprocess.run(inspect, check=False, capture_output=True).returncode != 0


@pytest.mark.parametrize("out", ["layout", "layout.tar"])
@pytest.mark.parametrize("change", ["other bytes", "fewer", "more", "missing", "symlink"])
def test_a_file_that_is_not_what_was_published_leaves_nothing(tmp_path: Path, out: str, change: str) -> None:
    published(model_folder(tmp_path / "model"), tmp_path / "models")
    file = tmp_path / "models/digits/1/variables/variables.index"
    if change in ("missing", "symlink"):
        file.unlink()
    if change == "symlink":
        file.symlink_to(tmp_path / "model/variables/variables.index")
    if change in ("other bytes", "fewer", "more"):
        data = file.read_bytes()
        file.write_bytes({"other bytes": data[::-1], "fewer": data[1:], "more": data + b"."}[change])
    with pytest.raises(tbv.TbVersionsError, match="variables"):
        packed(tmp_path, out)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model", "models"]


def test_a_changed_list_of_files_is_refused(tmp_path: Path) -> None:
    published(model_folder(tmp_path / "model"), tmp_path / "models")
    path = tmp_path / "models/digits/1/version_manifest.json"
    manifest = json.loads(path.read_bytes())
    manifest["files"] = manifest["files"][1:]
    path.write_text(json.dumps(manifest))
    with pytest.raises(VersionDamagedError, match="digest is not that of its file list"):
        packed(tmp_path)


def test_several_versions_and_options_without_meaning_are_refused(tmp_path: Path) -> None:
    for _ in range(2):
        published(model_folder(tmp_path / "model"), tmp_path / "models")
    with pytest.raises(InvalidQueryError, match="holds one version, and 2 are selected"):
        tbv.export(tmp_path / "out", models_dir=tmp_path / "models", format="oci")
    for options in ({"title": "Mine"}, {"redact": ["x"]}, {"include": ["paths"]}):
        with pytest.raises(InvalidQueryError, match="has no meaning in an OCI layout"):
            packed(tmp_path, "out", **options)
    with pytest.raises(InvalidQueryError, match="are of OCI layouts"):
        tbv.export(tmp_path / "out.html", models_dir=tmp_path / "models", manifest=False)
    assert not (tmp_path / "out").exists()


def test_a_layout_replaces_nothing(tmp_path: Path) -> None:
    packed(tmp_path)
    with pytest.raises(ExportExistsError):
        packed(tmp_path)


def test_files_elsewhere_are_packed_where_their_source_is_bound(tmp_path: Path) -> None:
    world = World(tmp_path)
    folder = world.version("digits", 1, files_elsewhere=FilesElsewhere(source="nas", path="old/digits"))
    there = tmp_path / "nas/old/digits"
    for name in ("saved_model.pb", "variables/variables.index"):
        (there / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).rename(there / name)
    pack: dict[str, Any] = {"models_dir": world.models, "refs": ["digits:1"], "format": "oci"}
    with pytest.raises(FilesElsewhereError, match="not bound"):
        tbv.export(tmp_path / "unbound", **pack)
    with binding({"nas": str(tmp_path / "nas")}):
        tbv.export(tmp_path / "bound", **pack)
        assert {layer["annotations"][documents.PATH] for layer in model_in(tmp_path / "bound")["layers"]} == {
            "saved_model.pb",
            "variables/variables.index",
        }
        (there / "saved_model.pb").write_bytes(b"other")
        with pytest.raises(VersionDamagedError):
            tbv.export(tmp_path / "changed", **pack)
    with binding({"nas": str(tmp_path)}), pytest.raises(VersionDamagedError, match="not there"):
        tbv.export(tmp_path / "gone", **pack)
