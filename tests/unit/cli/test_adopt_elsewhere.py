"""`tb-versions adopt --models-dir`: manifests of what is read-only, somebody else's, or loose."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner, Result

import tb_versions as tbv
from tb_versions.cli import main
from tb_versions.core import codec
from tb_versions.core.manifest import MANIFEST_NAME, VersionManifest
from tb_versions.read.reader import open_reader
from tests.support.savedmodel_bytes import small_model
from tests.support.unprivileged import run_unprivileged


def run(*arguments: object, code: int = 0) -> Result:
    done = CliRunner().invoke(main, [*map(str, arguments)], prog_name="tb-versions")
    assert done.exit_code == code, done.output
    return done


def model(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "saved_model.pb").write_bytes(small_model())
    return folder


def manifest_of(folder: Path) -> VersionManifest:
    return codec.decode((folder / MANIFEST_NAME).read_bytes())


def everything(base: Path) -> dict[str, tuple[Any, ...]]:
    """Every file and folder with its owner, mode, times and bytes; what only reading changes is left out."""
    return {
        str(path.relative_to(base)): (
            *(path.lstat().st_mtime_ns, path.lstat().st_ctime_ns, path.lstat().st_mode, path.lstat().st_uid),
            path.read_bytes() if path.is_file() else b"",
        )
        for path in sorted([base, *base.rglob("*")])
    }


@pytest.fixture
def nas(tmp_path: Path) -> Path:
    """Somebody else's tree: nothing in it can be written."""
    for number in ("00000001", "00000002"):
        model(tmp_path / "nas" / "digits" / number)
    for path in sorted((tmp_path / "nas").rglob("*"), reverse=True):
        os.chmod(path, 0o555 if path.is_dir() else 0o444)
        if os.geteuid() == 0:
            os.chown(path, 65_534, 65_534)
    os.chmod(tmp_path / "nas", 0o555)
    return tmp_path / "nas"


def test_a_read_only_tree_of_another_user_is_adopted_and_stays_as_it_is(nas: Path, tmp_path: Path) -> None:
    before = everything(nas)
    command = ("-m", "tb_versions.cli", "adopt", str(nas))
    refused = run_unprivileged(*command)
    assert "Say --models-dir DIR: then the manifest lies there, and the files stay." in refused.stdout
    done = run_unprivileged(*command, "--models-dir", str(tmp_path / "models"))
    assert done.returncode == 0, done.stderr
    assert "Adopted 2 models." in done.stdout
    assert f"Whoever opens them says --source nas={os.path.realpath(nas)}." in done.stdout
    again = run_unprivileged(*command, "--models-dir", str(tmp_path / "models"))
    assert "Adopted 0 models; 2 were versions already." in again.stdout
    assert everything(nas) == before
    assert sorted(os.listdir(tmp_path / "models" / "digits")) == [".versions", "1", "2"]
    first = manifest_of(tmp_path / "models" / "digits" / "1")
    assert first.saved_model is not None
    assert first.files_elsewhere is not None
    assert (first.files_elsewhere.source, first.files_elsewhere.path) == ("nas", "digits/00000001")
    assert str(tmp_path) not in (tmp_path / "models" / "digits" / "1" / MANIFEST_NAME).read_text()
    assert run("verify", "--models-dir", tmp_path / "models", "--source", f"nas={nas}").exit_code == 0


def test_files_that_lie_loose_are_versions_each(tmp_path: Path) -> None:
    (tmp_path / "old" / "logs").mkdir(parents=True)
    for name in ("best.pt", "digits_v1.pt", "digits_v2.pt", "last.ckpt", "notes.txt"):
        (tmp_path / "old" / name).write_bytes(name.encode())
    told = run("adopt", tmp_path / "old")
    assert "say --models-dir DIR: then manifests lie there" in told.output
    assert not list(tmp_path.rglob(MANIFEST_NAME))
    run("adopt", tmp_path / "old", "--models-dir", tmp_path / "models", "--source", "lab")
    catalog = tbv.open_catalog(models_dir=tmp_path / "models", sources={"lab": tmp_path / "old"})
    found = {v.id: (v.state, v.listing and v.listing.elsewhere and v.listing.elsewhere.path) for v in catalog.versions}
    assert found == {
        "best:1": ("present", "best.pt"),
        "digits:1": ("present", "digits_v1.pt"),
        "digits:2": ("present", "digits_v2.pt"),
        "last:1": ("present", "last.ckpt"),
    }
    assert len({v.listing.digest for v in catalog.versions if v.listing}) == 4


def test_shards_beside_other_models_are_one_line(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    for name in ("a.ckpt", "m-00001-of-00002.pt", "m-00002-of-00002.pt"):
        (tmp_path / "old" / name).write_bytes(b"x")
    told = run("adopt", tmp_path / "old", "--models-dir", tmp_path / "models")
    assert "Adopted 1 model; 1 skipped." in told.output
    assert "is one of the shards of a model" in told.output


def test_a_dry_run_says_where_the_files_are_and_writes_nothing(nas: Path, tmp_path: Path) -> None:
    told = orjson.loads(run("adopt", nas, "--models-dir", tmp_path / "models", "--dry-run", "--json").stdout)
    assert [v["elsewhere"] for v in told["versions"]] == [
        {"source": "nas", "path": "digits/00000001"},
        {"source": "nas", "path": "digits/00000002"},
    ]
    assert not (tmp_path / "models").exists()


def test_numbers_that_the_models_folder_has_are_not_given_again(tmp_path: Path) -> None:
    model(tmp_path / "a" / "digits" / "1")
    model(tmp_path / "b" / "digits" / "1")
    model(tmp_path / "b" / "digits-1.4.0")
    run("adopt", tmp_path / "a", "--models-dir", tmp_path / "models")
    told = run("adopt", tmp_path / "b", "--models-dir", tmp_path / "models")
    assert "would be digits:1, which" in told.output
    assert manifest_of(tmp_path / "models" / "digits" / "2").semantic_version == "1.4.0"
    shutil.rmtree(tmp_path / "models" / "digits" / "1")
    told = run("adopt", tmp_path / "b", "--models-dir", tmp_path / "models")
    assert "a number that was given before" in told.output


def test_a_tree_that_moved_is_the_same_by_its_source(tmp_path: Path) -> None:
    model(tmp_path / "a" / "digits" / "1")
    run("adopt", tmp_path / "a", "--models-dir", tmp_path / "models", "--source", "nas")
    (tmp_path / "a").rename(tmp_path / "b")
    told = run("adopt", tmp_path / "b", "--models-dir", tmp_path / "models", "--source", "nas")
    assert "Adopted 0 models; 1 was a version already." in told.output
    (version,) = open_reader("", [str(tmp_path / "models")]).catalog.versions
    assert version.state == "elsewhere"


def test_a_source_needs_a_models_folder(tmp_path: Path) -> None:
    model(tmp_path / "a" / "1")
    assert "--source needs --models-dir" in run("adopt", tmp_path / "a", "--source", "nas", code=2).output
    told = run("adopt", tmp_path / "a", "--models-dir", tmp_path, code=2)
    assert "leave --models-dir out" in told.output
