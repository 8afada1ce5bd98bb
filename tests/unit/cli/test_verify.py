from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from tb_versions.actions.aliases import promote
from tests.support.world import World

pytestmark = pytest.mark.slow

Run = Callable[..., Result]


def test_all_versions_are_verified(run: Run) -> None:
    result = run("verify")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "digits:1: as published",
        "digits:2: as published",
        "faces:7: as published",
        "3 of 3 versions are as published.",
    ]


def test_what_differs_is_named(run: Run, world: World) -> None:
    folder = world.models / "digits" / "1"
    (folder / "saved_model.pb").write_bytes(b"DIGITS 1")
    (folder / "variables" / "variables.index").unlink()
    (folder / "new.txt").write_text("")
    result = run("verify", "digits:1", "faces")
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "digits:1: differs from what was published",
        "  changed: saved_model.pb",
        "  missing: variables/variables.index",
        "  extra: new.txt",
        "faces:7: as published",
        "1 of 2 versions are as published.",
    ]


def test_a_damaged_manifest_is_never_as_published(run: Run, world: World) -> None:
    """Also where it is JSON and its list of files is right."""
    folder = world.models / "faces" / "7"
    data = (folder / "version_manifest.json").read_bytes()
    (folder / "version_manifest.json").write_bytes(data.replace(b'"created"', b'"metrics": 3, "created"'))
    for arguments in (("verify", "faces:7"), ("verify",)):
        result = run(*arguments)
        assert result.exit_code == 1
        assert (
            "faces:7: The manifest of faces:7 can't be read: The manifest breaks the schema: The field metrics must"
            in (result.stdout)
        )


def test_a_manifest_whose_list_of_files_was_changed_is_refused(run: Run, world: World) -> None:
    folder = world.models / "faces" / "7"
    data = (folder / "version_manifest.json").read_bytes()
    start = data.index(b'"digest": "sha256:') + len(b'"digest": "sha256:')
    changed = data[:start] + (b"1" if data[start : start + 1] != b"1" else b"2") + data[start + 1 :]
    (folder / "version_manifest.json").write_bytes(changed)
    result = run("verify", "faces:7")
    assert result.exit_code == 1
    assert "its digest is not that of its file list" in result.stdout


def test_a_version_without_a_folder_cannot_be_verified(run: Run, world: World) -> None:
    world.announce("cnn", world.models / "faces" / "7")
    shutil.rmtree(world.models / "faces")
    result = run("verify", "faces:7")
    assert result.exit_code == 1
    assert "faces:7 has no folder here. Its folder is gone." in result.stdout


def test_a_reference_that_names_nothing_verifies_nothing(run: Run) -> None:
    result = run("verify", "faces:7", "nothing:1")
    assert (result.exit_code, result.stdout) == (1, "")


def test_no_versions_are_all_sound(run: Run, world: World) -> None:
    (world.base / "empty").mkdir()
    result = run("verify", "--models-dir", str(world.base / "empty"), where=False)
    assert (result.exit_code, result.stdout) == (0, "0 of 0 versions are as published.\n")


def test_json_says_the_same(run: Run, world: World) -> None:
    (world.models / "faces" / "7" / "saved_model.pb").unlink()
    world.raw("digits/2", b"{")
    result = run("verify", "--json")
    assert result.exit_code == 1
    (one, two, seven) = json.loads(result.stdout)
    kinds = ("changed", "resized", "missing", "extra", "unsafe", "ignored", "outside_digest")
    nothing: dict[str, object] = {kind: [] for kind in kinds}
    nothing["announcement"] = {"verdict": "none", "runs": [], "others": []}
    nothing |= {"how": "digests", "recorded": False, "signature": None, "signing_root": None}
    folder = world.models / "digits" / "1"
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != "version_manifest.json"]
    digests = [hashlib.sha256(path.read_bytes()).digest() for path in sorted(files)]
    root = f"sha256:{hashlib.sha256(b''.join(digests)).hexdigest()}"
    expected = {"id": "digits:1", "folder": str(folder), "ok": True, "problem": None, **nothing}
    assert one == {**expected, "signing_root": root}
    assert json.loads(run("verify", "digits:1", "--quick", "--json").stdout)[0]["signing_root"] is None
    assert (two["id"], two["ok"]) == ("digits:2", False)
    assert two["problem"].startswith("The manifest of digits:2 can't be read")
    expected = {"id": "faces:7", "folder": str(world.models / "faces" / "7"), "ok": False, "problem": None, **nothing}
    assert seven == {**expected, "missing": ["saved_model.pb"]}


def edit(folder: Path) -> None:
    path = folder / "version_manifest.json"
    path.write_bytes(path.read_bytes().replace(b"The first", b"The best!"))


def test_a_manifest_is_compared_with_its_announced_copy(run: Run, world: World) -> None:
    world.announce("cnn", world.models / "digits" / "1")
    result = run("verify", "digits:1")
    assert (result.exit_code, result.stdout.splitlines()[1]) == (0, "  agrees with its announcement in run cnn")
    edit(world.models / "digits" / "1")
    result = run("verify", "digits:1")
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "digits:1: differs from what was published",
        "  the manifest is not the one announced in run cnn",
        "0 of 1 versions are as published.",
    ]
    result = run("verify", str(world.models / "digits" / "1"), "--logdir", str(world.logs), "--json", where=False)
    (verdict,) = json.loads(result.stdout)
    assert verdict["announcement"] == {"verdict": "differs", "runs": ["cnn"], "others": []}
    assert (result.exit_code, verdict["ok"]) == (1, False)


def test_what_was_not_compared_with_an_announcement_is_said(run: Run, world: World) -> None:
    without = run("verify", "faces", "--models-dir", str(world.models), where=False)
    assert (without.exit_code, without.stderr.splitlines()) == (
        0,
        ["tb-versions: No announcement was looked at: no --logdir was given."],
    )
    assert "tb-versions: No run announces faces:7." in run("verify", "faces").stderr


def test_files_that_make_no_difference_are_named(run: Run, world: World) -> None:
    folder = world.models / "faces" / "7"
    (folder / ".DS_Store").write_text("x")
    (folder / "assets.extra").mkdir()
    (folder / "assets.extra" / "tf_serving_warmup_requests").write_text("x")
    (folder / ".versions").mkdir()
    (folder / ".versions" / "00001.json").write_text("x")
    result = run("verify", "faces")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "faces:7: as published",
        "  left by another program, makes no difference: .DS_Store",
        "  left by another program, makes no difference: assets.extra/tf_serving_warmup_requests",
        "  outside of the digest, not checked: .versions/00001.json",
        "1 of 1 versions are as published.",
    ]
    (verdict,) = json.loads(run("verify", "faces", "--json").stdout)
    assert verdict["outside_digest"] == [".versions/00001.json"]
    assert verdict["ignored"] == [".DS_Store", "assets.extra/tf_serving_warmup_requests"]


@pytest.mark.parametrize("spelled", ["{0}", "{0}/", "{0}/version_manifest.json"])
@pytest.mark.parametrize("where", [True, False])
def test_a_path_names_a_version(run: Run, world: World, spelled: str, where: bool) -> None:
    result = run("verify", spelled.format(world.models / "faces" / "7"), where=where)
    assert (result.exit_code, result.stdout.splitlines()[0]) == (0, "faces:7: as published")


def test_a_damaged_version_at_a_path_has_its_name(run: Run, world: World) -> None:
    result = run("verify", str(world.raw("digits/5", b"{")), where=False)
    assert result.exit_code == 1
    assert "The manifest of" in result.stdout


def test_a_version_with_two_folders_is_verified_in_both(run: Run, world: World) -> None:
    copy = world.base / "copy" / "faces" / "7"
    shutil.copytree(world.models / "faces" / "7", copy)
    (copy / "saved_model.pb").write_bytes(b"FACES 7")
    result = run("verify", "faces:7", "--models-dir", str(world.base / "copy"))
    assert result.exit_code == 1
    assert f"faces:7 in {world.models / 'faces' / '7'}: as published" in result.stdout
    assert f"faces:7 in {copy}: differs from what was published" in result.stdout
    assert "1 of 2 versions are as published." in result.stdout


def test_an_alias_never_verifies_a_manifest_that_is_not_the_one_that_was_promoted(run: Run, world: World) -> None:
    promote("digits:1", world.models, alias="production")
    world.version("digits", 1, description="put there later")
    for command in ("verify", "show", "list"):
        result = run(command, "digits@production")
        assert "digits:1 is not what was promoted" in result.stderr
        assert result.exit_code == 4


def test_a_key_that_is_not_there_is_said_without_an_error_number(run: Run, tmp_path: Path) -> None:
    key = tmp_path / "no.pub"
    result = run("verify", "digits:1", "--key", str(key))
    assert result.exit_code == 2
    assert f"The key {key} can't be read: No such file or directory.\n" in result.stderr
