from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from tb_versions.core.manifest import Run as Run_
from tb_versions.exports.checking import shown
from tb_versions.exports.checking.examining import examine
from tests.support import sharing
from tests.support.world import World

pytestmark = pytest.mark.slow

Run = Callable[..., Result]
NOT_CHECKED = f"  {shown.NOT_CHECKED}"


@pytest.fixture
def share(world: World) -> Path:
    return sharing.write_html(world.base / "share.html", sharing.shared(sharing.details_of(world.models)))


def test_an_export_that_was_not_altered_is_as_exported(run: Run, share: Path, world: World) -> None:
    site = sharing.write_site(world.base / "site", sharing.shared(sharing.details_of(world.models)))
    result = run("verify", str(share), str(site), where=False)
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        f"{share}: as exported, 3 versions, {examine(share).digest}",
        f"{site}: as exported, 3 versions, {examine(site).digest}",
    ]


def test_what_was_altered_is_named(run: Run, share: Path) -> None:
    body = share.read_bytes()
    at = body.index(b'tbv/details/0">') + 200
    share.write_bytes(body[:at] + (b"A" if body[at : at + 1] != b"A" else b"B") + body[at + 1 :])
    result = run("verify", str(share), where=False)
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        f"{share}: was altered since the export",
        "  The file's digest is not the one in its last line.",
        '  The section "details/0" was altered since the export: its digest differs.',
    ]


def test_the_digest_that_export_printed_is_compared(run: Run, share: Path) -> None:
    digest = examine(share).digest
    assert run("verify", str(share), "--digest", digest, where=False).exit_code == 0
    result = run("verify", str(share), "--digest", "sha256:" + "0" * 64, where=False)
    assert result.exit_code == 1
    assert f"  Its digest is {digest}, not the one given." in result.stdout
    for arguments in ((str(share), "--digest", "x"), (str(share), str(share), "--digest", digest), ("--digest", "x")):
        assert run("verify", *arguments, where=False).exit_code == 2


def test_each_manifest_is_compared_with_the_one_on_disk(run: Run, share: Path, world: World) -> None:
    result = run("verify", str(share))
    assert result.exit_code == 0
    assert result.stdout.splitlines()[1:] == ["  3 of its versions agree with the manifests on disk.", NOT_CHECKED]
    world.version("digits", 1, description="another")
    (world.models / "faces" / "7" / "version_manifest.json").unlink()
    world.version("new", 1)
    result = run("verify", str(share))
    assert result.exit_code == 1
    assert result.stdout.splitlines()[1:] == [
        "  1 of its versions agrees with the manifests on disk.",
        "  digits:1: another manifest on disk",
        "  faces:7: not there any more",
        "  1 version on disk is not in the export.",
        NOT_CHECKED,
    ]


def test_names_of_runs_that_lost_the_log_directory_are_unknown_without_it(run: Run, world: World) -> None:
    logdir = world.base / "logs"
    (logdir / "a").mkdir(parents=True)
    world.version("linked", 1, runs=(Run_(name="logs/a/train", step=1),), files={"w": b"w"})
    share, folders = world.base / "x.html", ["--models-dir", str(world.models)]
    exported = run("export", "linked", "--out", str(share), "--logdir", str(logdir), *folders)
    assert exported.exit_code == 0
    without, with_it = (run("verify", str(share), *folders, *more) for more in ([], ["--logdir", str(logdir)]))
    assert "another manifest" not in without.stdout
    assert (with_it.exit_code, "1 of its versions agrees" in with_it.stdout) == (0, True)


def test_json_says_the_same(run: Run, share: Path, world: World) -> None:
    world.version("digits", 1, description="another")
    result = run("verify", str(share), "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout) == [
        {
            "path": str(share),
            "ok": False,
            "digest": examine(share).digest,
            "altered": [],
            "notes": [],
            "versions": 3,
            "manifests": {
                "agree": ["digits:2", "faces:7"],
                "differ": ["digits:1"],
                "gone": [],
                "unknown": [],
                "taken_out": 0,
                "not_in_export": 0,
            },
        }
    ]


def test_what_is_no_export_is_a_sentence(run: Run, world: World) -> None:
    (world.base / "other.html").write_text("<!doctype html>\n<p>x")
    for name, code, told in (
        (str(world.base / "other.html"), 1, "is no export of tb_versions"),
        (str(world.base), 1, "index.html"),
        ("./nothing", 2, "There is no file or folder ./nothing."),
        ("s3://bucket/share.html", 2, "is not the URL of a version"),
    ):
        result = run("verify", name, where=False)
        assert (result.exit_code, result.stdout) == (code, "")
        assert told in result.stderr


def test_exports_and_versions_are_verified_one_by_one(run: Run, share: Path) -> None:
    result = run("verify", str(share), "digits:1")
    assert result.exit_code == 2
    assert "in separate commands" in result.stderr


def test_an_export_beside_needs_no_slash_but_versions_come_first(
    run: Run, share: Path, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    sharing.write_site(world.base / "site", sharing.shared(sharing.details_of(world.models)))
    monkeypatch.chdir(world.base)
    assert run("verify", "site", "share.html", where=False).exit_code == 0
    assert "Say where to look" in run("verify", "models", where=False).stderr
    assert run("verify", "site").stderr.endswith("For the export of that name write ./site.\n")
    assert "For the export" not in run("verify", "nothing").stderr
