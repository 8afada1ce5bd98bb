from __future__ import annotations

from pathlib import Path

import pytest

from tb_versions.core.codec import manifest_digest
from tb_versions.core.digest import Changes, UnsafeFile
from tb_versions.core.manifest import MANIFEST_NAME, File
from tb_versions.read.manifests.integrity import check_files, compare_files, in_words, listed_files
from tests.support.world import World


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return World(tmp_path).version("m", 1)


def digest_of(folder: Path) -> str:
    return manifest_digest((folder / MANIFEST_NAME).read_bytes())


def test_a_whole_version_is_present(folder: Path) -> None:
    state = check_files(folder.as_posix(), digest_of(folder))
    assert state is not None
    assert (state.state, state.notice) == ("present", "")


def test_contents_are_not_read(folder: Path) -> None:
    (folder / "saved_model.pb").write_bytes(b"M 1")
    state = check_files(str(folder), digest_of(folder))
    assert state is not None
    assert state.state == "present"


def test_a_change_is_named(folder: Path) -> None:
    (folder / "new").write_text("")
    state = check_files(str(folder), digest_of(folder))
    assert state is not None
    assert (state.state, state.notice) == ("changed", "1 file is extra: new.")


def test_another_or_no_manifest_is_no_state(folder: Path) -> None:
    assert check_files(str(folder), "sha256:" + "0" * 64) is None
    (folder / MANIFEST_NAME).unlink()
    assert check_files(str(folder), "sha256:" + "0" * 64) is None


def test_a_manifest_that_is_no_plain_file_any_more_is_unreachable(folder: Path) -> None:
    digest = digest_of(folder)
    (folder / MANIFEST_NAME).rename(folder / "other")
    (folder / MANIFEST_NAME).symlink_to("other")
    state = check_files(str(folder), digest)
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
    changes = compare_files(str(folder), manifest)
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
    state = check_files(folder.as_posix(), digest_of(folder))
    assert state is not None
    assert (state.state, state.notice) == ("present", "")
    assert not compare_files(str(folder), (folder / MANIFEST_NAME).read_bytes())
