from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tb_versions.cli import main
from tb_versions.core.manifest import MANIFEST_NAME
from tb_versions.read.reuse.api import open_catalog
from tests.support import sharing
from tests.support.world import World, tree_hash


@pytest.fixture
def share(world: World) -> Path:
    return sharing.write_html(world.base / "share.html", sharing.shared(sharing.details_of(world.models)))


@pytest.fixture
def models(world: World) -> Path:
    return world.base / "restored"


def restore(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["import", *map(str, arguments)], prog_name="tb-versions")


def manifests(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob(MANIFEST_NAME)}


def test_every_manifest_is_restored_as_it_was(share: Path, models: Path, world: World) -> None:
    result = restore(share, "--models-dir", models)
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "digits:1: restored",
        "digits:2: restored",
        "faces:7: restored",
        "Of 3 manifests: 3 restored, 0 skipped, 0 refused. No model was restored.",
    ]
    assert manifests(models) == manifests(world.models)


def test_the_tab_says_that_the_files_are_not_there(share: Path, models: Path) -> None:
    restore(share, "--models-dir", models)
    (version,) = open_catalog("", [str(models)]).by_model["faces"]
    assert version.state == "changed"
    assert version.notice == "Only the manifest is here, none of its 2 files: as after `tb-versions import`."


def test_a_second_import_changes_nothing(share: Path, models: Path) -> None:
    restore(share, "--models-dir", models)
    before = tree_hash(models)
    result = restore(share, "--models-dir", models)
    assert result.exit_code == 0
    assert "faces:7: skipped (exists: same manifest)" in result.stdout
    assert tree_hash(models) == before


def test_another_manifest_is_not_replaced(share: Path, models: Path, world: World) -> None:
    world.version("faces", 7, folder=models / "faces" / "7", description="mine")
    before = tree_hash(models)
    result = restore(share, "faces:7", "--models-dir", models)
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "faces:7: refused (exists: another manifest)",
        "Of 1 manifest: 0 restored, 0 skipped, 1 refused. No model was restored.",
    ]
    assert tree_hash(models) == before


def test_a_dry_run_does_nothing(share: Path, models: Path) -> None:
    result = restore(share, "digits", "--models-dir", models, "--dry-run")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "digits:2: would be restored",
        "Of 1 manifest: 1 restored, 0 skipped, 0 refused. Nothing was done.",
    ]
    assert not models.exists()


def test_an_altered_export_restores_nothing(share: Path, models: Path) -> None:
    share.write_bytes(share.read_bytes().replace(b"A &amp; B", b"A &amp; C"))
    result = restore(share, "--models-dir", models)
    assert (result.exit_code, result.stdout) == (4, "")
    assert "was altered since the export, so nothing is restored: The file's digest" in result.stderr
    assert not models.exists()


def test_what_was_taken_out_is_said(models: Path, world: World) -> None:
    details = sharing.details_of(world.models)
    details[0]["redacted"] = ["paths"]
    share = sharing.write_html(world.base / "r.html", sharing.shared(details))
    result = restore(share, "digits:1", "--models-dir", models)
    told = "digits:1: restored (without paths, which the export does not hold; so its digest is another one)"
    assert told in result.stdout
    manifest = json.loads((models / "digits" / "1" / MANIFEST_NAME).read_bytes())
    assert manifest["createdBy"].endswith("; imported from an export without paths")  # no digest: nothing shows it


def test_json_says_the_same(share: Path, models: Path) -> None:
    restore(share, "digits:1", "--models-dir", models)
    result = restore(share, "--models-dir", models, "--json")
    assert json.loads(result.stdout) == [
        {"id": "digits:1", "became": "skipped", "reason": "exists: same manifest"},
        {"id": "digits:2", "became": "restored", "reason": None},
        {"id": "faces:7", "became": "restored", "reason": None},
    ]


def test_one_manifest_that_is_refused_hides_no_other(models: Path, world: World) -> None:
    world.raw("bad/1", b'{"schemaVersion":1,"model":"..","number":"1"}')
    world.raw("new/1", b'{"schemaVersion":3,"model":"new","number":"1"}')
    share = sharing.write_html(world.base / "b.html", sharing.shared(_with_text(world)))
    result = restore(share, "--models-dir", models)
    assert result.exit_code == 1
    assert '..:1: refused (".." can\'t name a model' in result.stdout
    assert "new:1: refused (the export holds no manifest of it)" in result.stdout
    assert "3 restored, 0 skipped, 2 refused" in result.stdout
    assert sorted(path.name for path in models.iterdir()) == ["digits", "faces"]


def _with_text(world: World) -> list[dict[str, object]]:
    details = sharing.details_of(world.models)
    for one in details:
        if one["model"] == "..":
            one["manifest_text"] = (world.models / "bad" / "1" / MANIFEST_NAME).read_text()
    return details
