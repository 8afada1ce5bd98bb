from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import tb_versions as tbv
from tb_versions.core.manifest import MANIFEST_NAME
from tests.support.world import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Three versions, of which runs announce two."""
    made = World(tmp_path)
    for number, run in ((1, "cnn"), (2, "rnn/versions")):
        made.announce(run, made.version("digits", number, run=run.partition("/")[0]))
    made.version("digits", 3)
    yield made
    made.close()


def edit(folder: Path, before: bytes, after: bytes) -> None:
    path = folder / MANIFEST_NAME
    data = path.read_bytes()
    assert before in data
    path.write_bytes(data.replace(before, after))


def announced(world: World, reference: str) -> tuple[str, tuple[str, ...], bool]:
    found = tbv.verify(reference, models_dir=world.models, logdir=world.logs)
    return found.announcement.verdict, found.announcement.runs, bool(found)


def test_a_manifest_agrees_with_its_announcement(world: World) -> None:
    assert announced(world, "digits:1") == ("agrees", ("cnn",), False)
    assert announced(world, "digits:2") == ("agrees", ("rnn",), False)
    assert announced(world, "digits:3") == ("none", (), False)
    assert tbv.verify("digits:1", models_dir=world.models).announcement.verdict == "not looked at"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b'"name": "cnn"', b'"name": "rnn"'),
        (b'"model": "digits"', b'"description": "better", "model": "digits"'),
        (b"2026-11-23T08:01:00", b"2026-11-24T08:01:00"),
    ],
)
def test_an_edited_manifest_is_not_the_announced_one(world: World, before: bytes, after: bytes) -> None:
    """Its files and its list of them are as published, so that only the announcement can tell."""
    edit(world.models / "digits" / "1", before, after)
    assert not tbv.verify("digits:1", models_dir=world.models)
    found = tbv.verify("digits:1", models_dir=world.models, logdir=world.logs)
    assert found
    assert str(found.announcement) == "the manifest is not the one announced in run cnn"
    assert (found.changed, found.missing, found.extra) == ((), (), ())


def test_a_manifest_that_was_given_another_number_is_not_the_announced_one(world: World) -> None:
    folder = world.models / "digits" / "1"
    edit(folder, b'"number": "1"', b'"number": "8"')
    moved = tbv.verify(folder, logdir=world.logs)
    assert (moved.announcement.verdict, moved.announcement.runs) == ("differs", ("cnn",))


def test_a_version_that_moved_with_its_manifest_still_agrees(world: World) -> None:
    shutil.move(world.models / "digits" / "1", world.base / "1")
    found = tbv.verify(world.base / "1", logdir=world.logs)
    assert (found.announcement.verdict, bool(found)) == ("agrees", False)


def test_a_second_announcement_of_the_same_folder_does_not_hide_the_first(world: World) -> None:
    """Who may edit a manifest may also write an event file that announces it."""
    folder = world.models / "digits" / "1"
    edit(folder, b'"name": "cnn"', b'"name": "rnn"')
    world.announce("mine", folder)
    assert announced(world, "digits:1") == ("differs", ("cnn",), True)


def test_another_models_folder_with_the_same_name_is_only_mentioned(world: World) -> None:
    other = World(world.base / "clone")
    world.announce("clone", other.version("digits", 1, description="of another models folder"))
    found = tbv.verify("digits:1", models_dir=world.models, logdir=world.logs)
    assert not found
    assert (found.announcement.verdict, found.announcement.others) == ("agrees", ("clone",))


def test_an_event_file_that_cannot_be_read_is_not_passed_over_in_silence(world: World) -> None:
    (world.logs / "bad").mkdir()
    (world.logs / "bad" / "events.out.tfevents.1.bad").write_bytes(b"\xff" * 7 + b"\x7f" + b"\0" * 7)
    found = tbv.verify("digits:3", models_dir=world.models, logdir=world.logs)
    assert found.announcement.verdict == "none"
    assert str(found.announcement) in ("no run announces it", "no run that could be read announces it")


def test_a_log_directory_that_is_not_there_is_an_error(world: World) -> None:
    with pytest.raises(tbv.UnreadableFolderError, match=r"The log directory .* does not exist"):
        tbv.verify("digits:1", models_dir=world.models, logdir=world.base / "nowhere")


@pytest.mark.parametrize("name", [".DS_Store", "variables/._w", "Thumbs.db", ".nfs0001", ".fuse_hidden01"])
def test_what_another_program_left_is_named_and_makes_no_difference(world: World, name: str) -> None:
    (world.models / "digits" / "1" / name).write_text("x")
    found = tbv.verify("digits:1", models_dir=world.models)
    assert (found.ignored, found.extra, bool(found)) == ((name,), (), False)


def test_what_is_not_a_plain_file_makes_a_difference_whatever_its_name(world: World) -> None:
    (world.models / "digits" / "1" / ".DS_Store").symlink_to("/etc/passwd")
    found = tbv.verify("digits:1", models_dir=world.models)
    assert [str(one) for one in found.unsafe] == [".DS_Store (a symlink)"]
    assert found


def test_a_listed_file_is_read_whatever_its_name(tmp_path: Path) -> None:
    world = World(tmp_path)
    folder = world.version("m", 1, files={"saved_model.pb": b"m", ".DS_Store": b"before"})
    (folder / ".DS_Store").write_bytes(b"behind")
    assert tbv.verify("m:1", models_dir=world.models).changed == (".DS_Store",)


@pytest.mark.parametrize(
    "name", ["x", "version_manifest.json", ".versions/x", "events/00001.json", "a\nb", ".DS_Store"]
)
def test_files_in_the_registrys_folder_are_named(world: World, name: str) -> None:
    path = world.models / "digits" / "1" / ".versions" / name
    path.parent.mkdir(parents=True)
    path.write_text("x")
    found = tbv.verify("digits:1", models_dir=world.models)
    assert found.outside_digest == (f".versions/{name}".replace("\n", "\\u{a}"),)
    assert not found


def test_the_registrys_folder_is_not_followed_out_of_the_version(world: World) -> None:
    top = world.models / "digits" / "1" / ".versions"
    top.symlink_to(world.base)
    assert tbv.verify("digits:1", models_dir=world.models).unsafe
    top.unlink()
    top.mkdir()
    (top / "out").symlink_to(world.base)
    found = tbv.verify("digits:1", models_dir=world.models)
    assert found.outside_digest == (".versions/out",)
