"""An export in TensorBoard.dev's layout, read back: what was altered is named, what is hostile is refused."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tb_versions.cli import main
from tb_versions.core.manifest import MANIFEST_NAME
from tb_versions.errors import InvalidExportError, TbVersionsError, UnsafeFileError
from tb_versions.exports.checking.examining import examine
from tb_versions.exports.checking.shown import NOT_CHECKED
from tb_versions.exports.tensorboard_dev.reading import SEAL, is_experiment, read_experiment, seal_of
from tests.support import experiments
from tests.support.world import World

pytestmark = pytest.mark.slow


@pytest.fixture
def world(tmp_path: Path) -> World:
    return experiments.small_world(tmp_path)


@pytest.fixture
def folder(world: World, tmp_path: Path) -> Path:
    return experiments.exported(world, tmp_path / "out")


def test_the_folder_and_the_one_around_it_are_the_experiment(folder: Path, tmp_path: Path) -> None:
    assert is_experiment(folder)
    assert read_experiment(folder.parent) == read_experiment(folder)
    assert not is_experiment(tmp_path)
    with pytest.raises(InvalidExportError, match="holds no export in TensorBoard"):
        read_experiment(tmp_path)


def test_an_unaltered_one_gives_back_every_manifest(folder: Path, world: World) -> None:
    found = examine(folder.parent)
    assert (found.form, found.altered, found.notes) == ("tensorboard-dev", (), ())
    shared = list(found.manifests)
    assert [one.id for one in shared] == ["digits:1", "digits:2"]
    for one in shared:
        assert one.as_published() == (world.models / one.model / str(one.number) / MANIFEST_NAME).read_bytes()


@pytest.mark.parametrize("name", ["scalars.json", "metadata.json", "versions/digits-1.json", "tensors/*.npz"])
def test_any_altered_byte_is_named(folder: Path, name: str) -> None:
    path = sorted(folder.glob(name))[0]
    path.write_bytes(path.read_bytes()[:-1] + b" ")
    assert examine(folder).altered == (f"{path.relative_to(folder).as_posix()} was altered since the export.",)


def test_missing_and_added_files_are_named(folder: Path) -> None:
    (folder / "scalars.json").unlink()
    (folder / "versions" / "more.json").write_text("{}")
    assert examine(folder).altered == (
        "scalars.json was altered since the export.",
        '"versions/more.json" is not part of the export.',
    )


def test_a_file_too_large_or_not_listed_is_never_hashed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("scalars.json", "junk.bin"):
        with (folder / name).open("ab") as file:
            file.truncate(1 << 43)
    assert examine(folder).altered == (
        "scalars.json has 8,796,093,022,208 bytes; at most 4,294,967,296 are read.",
        '"junk.bin" is not part of the export.',
    )
    (folder / "scalars.json").write_bytes(b"")
    assert examine(folder).altered == (
        "scalars.json was altered since the export.",
        '"junk.bin" is not part of the export.',
    )
    monkeypatch.setattr("tb_versions.exports.tensorboard_dev.reading.MAX_FOLDER", 100)
    assert re.fullmatch(r"Its files have [0-9,]+ bytes; at most 100 are read\.", examine(folder).altered[0])


def test_an_experiment_is_not_reached_through_a_symlink_unless_it_is_named(folder: Path, tmp_path: Path) -> None:
    around = tmp_path / "around"
    around.mkdir()
    (around / "experiment_abc").symlink_to(folder)
    with pytest.raises(UnsafeFileError, match="experiment_abc is a symlink, which is not followed"):
        examine(around)
    assert examine(around / "experiment_abc").is_sound
    folder.rename(around / folder.name)
    (around / "experiment_abc").unlink()
    (around / "experiment_abc").symlink_to(folder.name)
    found = examine(around)
    assert (found.is_sound, found.experiment and Path(found.experiment.path).name) == (True, folder.name)
    assert found.notes == ('"experiment_abc" is a symlink and was not looked at.',)


def test_a_symlink_is_not_followed(folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    (folder / "scalars.json").rename(copy)
    (folder / "scalars.json").symlink_to(copy)
    assert "symlink" in examine(folder).altered[0]


def changed(folder: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    index = json.loads((folder / "tb_versions.json").read_bytes())
    change(index)
    (folder / "tb_versions.json").write_text(json.dumps({**index, SEAL: seal_of(index)}))
    return folder


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda i: i.update(format="x"), "does not say tb-versions-tensorboard-dev"),
        (lambda i: i.update(schema_version=2), "written in schema 2; this version of tb_versions reads up to schema 1"),
        (lambda i: i.update(schema_version="1"), "is no export"),
        (lambda i: i.update(files=[]), "does not list its files"),
        (lambda i: i["files"].update({"../x": "sha256:" + "0" * 64}), "whose name or digest is malformed"),
        (
            lambda i: i["files"].update({"versions/../../x.json": "sha256:" + "0" * 64}),
            "whose name or digest is malformed",
        ),
        (lambda i: i["files"].update({"scalars.json": "x"}), "whose name or digest is malformed"),
        (lambda i: i.update(versions={}), "does not list its versions"),
        (lambda i: i["versions"].append(1), "Entry 2 of the versions"),
        (lambda i: i["versions"][0].update(number=-1), "Entry 0 of the versions"),
        (lambda i: i["versions"][0].update(manifest="/etc/passwd"), "Entry 0 of the versions"),
        (lambda i: i["versions"][0].update(manifest=[]), "Entry 0 of the versions"),
        (lambda i: i["versions"].append(i["versions"][0]), "Entry 2 of the versions"),
    ],
)
def test_an_index_of_a_stranger_is_refused(folder: Path, change: Callable[[Any], object], told: str) -> None:
    with pytest.raises(InvalidExportError, match=told):
        list(examine(changed(folder, change)).manifests)


def test_another_manifest_under_its_digest_is_named(folder: Path) -> None:
    def swap(index: dict[str, Any]) -> None:
        one, other = index["versions"]
        one["manifest"], other["manifest"] = other["manifest"], one["manifest"]

    assert examine(changed(folder, swap)).altered == (
        '"digits:1" has a manifest which is not the one that its digest names.',
        '"digits:2" has a manifest which is not the one that its digest names.',
    )


def test_an_index_that_is_no_json_is_refused(folder: Path) -> None:
    (folder / "tb_versions.json").write_bytes(b"[" * 100_000)
    with pytest.raises(TbVersionsError):
        examine(folder)


def test_the_command_line_verifies_and_restores_one(folder: Path, world: World, tmp_path: Path) -> None:
    def run(*arguments: str) -> Result:
        return CliRunner().invoke(main, arguments, prog_name="tb-versions")

    result = run("verify", str(folder.parent), "--models-dir", str(world.models))
    assert result.stdout.splitlines() == [
        f"{folder.parent}: as exported, 2 versions, {read_experiment(folder).digest}",
        "  2 of its versions agree with the manifests on disk.",
        f"  {NOT_CHECKED}",
    ]
    restored = tmp_path / "restored"
    assert run("import", str(folder.parent), "--models-dir", str(restored)).exit_code == 0
    for number in ("1", "2"):
        there = (restored / "digits" / number / MANIFEST_NAME).read_bytes()
        assert there == (world.models / "digits" / number / MANIFEST_NAME).read_bytes()
    (folder / "metadata.json").write_text("{}")
    assert run("verify", str(folder)).exit_code == 1
    assert "so nothing is restored" in run("import", str(folder), "--models-dir", str(restored)).stderr
