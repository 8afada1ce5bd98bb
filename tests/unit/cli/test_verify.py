from __future__ import annotations

import json
import shutil
from collections.abc import Callable

from click.testing import Result

from tests.support.world import World

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
    folder = str(world.models / "digits" / "1")
    assert one == {"id": "digits:1", "folder": folder, "ok": True, "problem": None, **nothing}
    assert (two["id"], two["ok"]) == ("digits:2", False)
    assert two["problem"].startswith("The manifest of digits:2 can't be read")
    folder = str(world.models / "faces" / "7")
    expected = {"id": "faces:7", "folder": folder, "ok": False, "problem": None, **nothing}
    assert seven == {**expected, "missing": ["saved_model.pb"]}
