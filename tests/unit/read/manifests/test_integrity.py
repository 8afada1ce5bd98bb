from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tb_versions.core.codec import load_json, manifest_digest
from tb_versions.core.digest import Changes, UnsafeFile
from tb_versions.core.manifest import MANIFEST_NAME, File
from tb_versions.read.manifests.files_at import files_at
from tb_versions.read.manifests.integrity import check_files, check_listed, compare_sizes, in_words, listed_files
from tb_versions.read.manifests.listed_files import ListedFiles, layout_of
from tests.support.world import World, place_at


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return World(tmp_path).version("m", 1)


def digest_of(folder: Path) -> str:
    return manifest_digest((folder / MANIFEST_NAME).read_bytes())


def test_a_whole_version_is_present(folder: Path) -> None:
    state = check_files(place_at(folder.as_posix()), digest_of(folder))
    assert state is not None
    assert (state.state, state.notice) == ("present", "")


def test_contents_are_not_read(folder: Path) -> None:
    (folder / "saved_model.pb").write_bytes(b"M 1")
    state = check_files(place_at(str(folder)), digest_of(folder))
    assert state is not None
    assert state.state == "present"


def test_a_change_is_named(folder: Path) -> None:
    (folder / "new").write_text("")
    state = check_files(place_at(str(folder)), digest_of(folder))
    assert state is not None
    assert (state.state, state.notice) == ("changed", "1 file is extra: new.")


def test_another_or_no_manifest_is_no_state(folder: Path) -> None:
    assert check_files(place_at(str(folder)), "sha256:" + "0" * 64) is None
    (folder / MANIFEST_NAME).unlink()
    assert check_files(place_at(str(folder)), "sha256:" + "0" * 64) is None


def test_a_manifest_that_is_no_plain_file_any_more_is_unreachable(folder: Path) -> None:
    digest = digest_of(folder)
    (folder / MANIFEST_NAME).rename(folder / "other")
    (folder / MANIFEST_NAME).symlink_to("other")
    state = check_files(place_at(str(folder)), digest)
    assert state is not None
    assert state.state == "unreachable"
    assert "symlink" in state.notice


@pytest.mark.parametrize(
    ("entries", "files"),
    [
        (None, ()),
        ("x", ()),
        ([None, 3, {}, {"path": 3}, {"size": "1"}], ()),
        ([{"path": "a"}], (File(path="a", size=0, digest=""),)),
        (
            [{"path": "a", "size": "12", "digest": "d"}, {"path": "b", "size": 3}],
            (File(path="a", size=12, digest="d"), File(path="b", size=3, digest="")),
        ),
        (
            [
                {"path": "a", "size": "-1"},
                {"path": "b", "size": 1.5},
                {"path": "c", "size": True},
                {"path": "d", "size": "9" * 30},
            ],
            tuple(File(path=p, size=-1, digest="") for p in "abcd"),
        ),
    ],
)
def test_only_entries_that_are_files_are_listed(entries: object, files: tuple[File, ...]) -> None:
    assert listed_files({"files": entries}) == files


def test_paths_of_a_manifest_are_never_opened(folder: Path) -> None:
    manifest = b'{"schemaVersion":1,"files":[{"path":"../../../../etc/passwd","size":"1"},{"path":"/etc/passwd"}]}'
    changes = compare_sizes(files_at(place_at(str(folder)), None), listed_files(load_json(manifest)))
    assert changes.missing == ("../../../../etc/passwd", "/etc/passwd")


def test_differences_are_put_in_words() -> None:
    changes = Changes(missing=("a",), extra=("b", "c", "d", "e", "f"), unsafe=(UnsafeFile("l", "a symlink"),))
    assert in_words(changes) == (
        "1 file is missing: a. 5 files are extra: b, c, d and 2 more. 1 file is not plain: l (a symlink)."
    )
    assert in_words(Changes()) == ""


@pytest.mark.parametrize("name", [".DS_Store", "variables/._w", "Thumbs.db", ".nfs00012", "desktop.ini"])
def test_what_another_program_left_changes_nothing(folder: Path, name: str) -> None:
    (folder / name).write_text("x")
    place = place_at(folder.as_posix())
    state = check_files(place, digest_of(folder))
    assert state is not None
    assert (state.state, state.notice) == ("present", "")
    listed = listed_files(load_json((folder / MANIFEST_NAME).read_bytes()))
    assert not compare_sizes(files_at(place, None), listed)


def state_of(folder: Path, listed: ListedFiles) -> str:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        return check_listed(str(folder), descriptor, listed, within=str(folder)).state
    finally:
        os.close(descriptor)


def listed_in(folder: Path) -> ListedFiles:
    files = {
        path.relative_to(folder).as_posix(): path.stat().st_size
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != MANIFEST_NAME
    }
    return ListedFiles(tuple(files), tuple(files.values()))


def test_a_folder_that_holds_what_is_listed_is_present(folder: Path) -> None:
    (folder / "variables" / "deep").mkdir(parents=True)
    (folder / "variables" / "deep" / "index").write_text("0")
    assert layout_of(listed_in(folder)) is not None
    assert state_of(folder, listed_in(folder)) == "present"


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "saved_model.pb").write_bytes(b""),
        lambda folder: (folder / "saved_model.pb").unlink(),
        lambda folder: (folder / "saved_model.pb").rename(folder / "saved_model.PB"),
        lambda folder: (folder / "more").write_bytes(b""),
        lambda folder: (folder / "variables" / "index").unlink(),
        lambda folder: (folder / "variables" / "more").write_bytes(b""),
        lambda folder: os.truncate(folder / "variables" / "index", 0),
        lambda folder: ((folder / "variables" / "index").unlink(), (folder / "variables" / "index").mkdir()),
        lambda folder: ((folder / "variables").rename(folder / "v"), (folder / "variables").symlink_to("v")),
        lambda folder: ((folder / "saved_model.pb").rename(folder.parent / "s"), os.mkfifo(folder / "saved_model.pb")),
    ],
)
def test_whatever_changed_in_a_folder_is_noticed(folder: Path, change: Callable[[Path], object]) -> None:
    (folder / "variables").mkdir(exist_ok=True)
    (folder / "variables" / "index").write_text("0")
    listed = listed_in(folder)
    change(folder)
    assert state_of(folder, listed) == "changed"


def test_a_symlink_to_a_file_of_the_same_size_is_no_file(folder: Path) -> None:
    listed = listed_in(folder)
    (folder / "saved_model.pb").rename(folder.parent / "elsewhere")
    (folder / "saved_model.pb").symlink_to("../" + "e" * (listed.sizes[0] - 3))
    assert state_of(folder, listed) == "changed"


def test_empty_folders_change_nothing(folder: Path) -> None:
    listed = listed_in(folder)
    (folder / "assets").mkdir()
    assert state_of(folder, listed) == "present"


@pytest.mark.parametrize(
    "paths",
    [("a", "a"), ("a", "a/b"), ("a/b", "a"), ("../a",), ("/a",), ("a//b",), ("ä",), ("a\\b",), (MANIFEST_NAME,)],
)
def test_odd_paths_have_no_layout(paths: tuple[str, ...]) -> None:
    assert layout_of(ListedFiles(paths, (1,) * len(paths))) is None
