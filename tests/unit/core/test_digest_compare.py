"""A folder against a manifest's files: every difference is named, and only plain files are opened."""

from __future__ import annotations

import os
import random
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tb_versions.core.digest import Changes, UnsafeFile, compare, digest_files, list_files
from tb_versions.core.manifest import File
from tb_versions.errors import UnreadableFolderError

pytestmark = pytest.mark.slow

_NOBODY = 65_534


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder like that of a version."""
    path = tmp_path / "7"
    rng = random.Random(7)
    for name, size in {
        "saved_model.pb": 40_000,
        "fingerprint.pb": 57,
        "variables/variables.index": 239,
        "variables/variables.data-00000-of-00001": 300_000,
        "assets/words.txt": 10,
        "assets/nothing": 0,
    }.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(rng.randbytes(size))
    return path


def snapshot(folder: Path) -> tuple[File, ...]:
    return digest_files(folder, list_files(folder))


@contextmanager
def without_privileges() -> Iterator[None]:
    """Permissions count, even if the tests are run by root."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(_NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A temporary folder that everybody may enter (pytest's own are private)."""
    path = Path(tempfile.mkdtemp())
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.mark.parametrize("hashed", [True, False])
def test_an_unchanged_folder_has_no_changes(folder: Path, hashed: bool) -> None:
    changes = compare(folder, snapshot(folder), hash_contents=hashed)
    assert changes == Changes()
    assert not changes


def test_200_flipped_bits_are_found_200_times(folder: Path) -> None:
    files = snapshot(folder)
    rng = random.Random(20_261_123)
    filled = [file for file in files if file.size]
    found = 0
    for number in range(200):
        file = filled[number % len(filled)]
        position, bit = rng.randrange(file.size), 1 << rng.randrange(8)
        with open(folder / file.path, "r+b") as stream:
            original = os.pread(stream.fileno(), 1, position)
            os.pwrite(stream.fileno(), bytes([original[0] ^ bit]), position)
            found += compare(folder, files, hash_contents=True) == Changes(changed=(file.path,))
            os.pwrite(stream.fileno(), original, position)
    print(f"flipped bits found: {found} of 200")
    assert found == 200
    assert not compare(folder, files, hash_contents=True)


def test_each_kind_of_change_is_named(folder: Path) -> None:
    files = snapshot(folder)
    (folder / "saved_model.pb").unlink()
    (folder / "assets/new").write_bytes(b"")
    (folder / "assets/words.txt").write_bytes(b"")
    (folder / "fingerprint.pb").write_bytes(bytes(57))
    expected = Changes(
        missing=("saved_model.pb",), extra=("assets/new",), resized=("assets/words.txt",), changed=("fingerprint.pb",)
    )
    assert compare(folder, files, hash_contents=True) == expected
    quick = compare(folder, files, hash_contents=False)
    assert (quick.missing, quick.extra, quick.resized, quick.changed) == (
        ("saved_model.pb",),
        ("assets/new",),
        ("assets/words.txt",),
        (),
    )


@pytest.mark.parametrize("target", ["assets/words.txt", "../outside", "/etc/passwd", "saved_model.pb", "nowhere"])
@pytest.mark.parametrize("hashed", [True, False])
def test_a_symlink_in_a_files_place_is_unsafe_wherever_it_leads(folder: Path, target: str, hashed: bool) -> None:
    files = snapshot(folder)
    (folder.parent / "outside").write_bytes((folder / "saved_model.pb").read_bytes())
    (folder / "saved_model.pb").unlink()
    (folder / "saved_model.pb").symlink_to(target)
    changes = compare(folder, files, hash_contents=hashed)
    assert changes == Changes(unsafe=(UnsafeFile("saved_model.pb", "a symlink"),))
    assert str(changes.unsafe[0]) == "saved_model.pb (a symlink)"


def test_a_linked_folder_is_not_entered(folder: Path) -> None:
    files = snapshot(folder)
    (folder / "variables").rename(folder.parent / "variables")
    (folder / "variables").symlink_to("../variables")
    changes = compare(folder, files, hash_contents=True)
    assert changes.missing == ("variables/variables.data-00000-of-00001", "variables/variables.index")
    assert changes.unsafe == (UnsafeFile("variables", "a symlink"),)


def test_fifos_and_unfit_names_are_named_beside_the_rest(folder: Path) -> None:
    files = snapshot(folder)
    os.mkfifo(folder / "pipe")
    (folder / "a\nb").write_bytes(b"")
    (folder / os.fsdecode(b"\xff")).mkdir()
    (folder / "saved_model.pb").unlink()
    assert compare(folder, files, hash_contents=True) == Changes(
        missing=("saved_model.pb",),
        unsafe=(
            UnsafeFile("\\udcff", "named in invalid UTF-8"),
            UnsafeFile("a\\u000ab", "named with control characters"),
            UnsafeFile("pipe", "a fifo"),
        ),
    )


def test_a_file_and_a_folder_without_permission_are_named(open_folder: Path) -> None:
    for name in ("open", "closed", "hidden/file"):
        (open_folder / name).parent.mkdir(exist_ok=True)
        (open_folder / name).write_bytes(b"x")
    files = snapshot(open_folder)
    (open_folder / "closed").chmod(0)
    (open_folder / "hidden").chmod(0)
    with without_privileges():
        changes = compare(open_folder, files, hash_contents=True)
        with pytest.raises(UnreadableFolderError, match=r"^hidden in .* unreadable: Permission denied"):
            list_files(open_folder)
    (open_folder / "hidden").chmod(0o755)
    assert changes.missing == ("hidden/file",)
    assert changes.unsafe == (
        UnsafeFile("closed", "unreadable: Permission denied"),
        UnsafeFile("hidden", "unreadable: Permission denied"),
    )


def test_paths_that_lead_out_of_the_folder_are_missing_and_never_opened(folder: Path) -> None:
    digest = "sha256:" + "0" * 64
    hostile = ["../secret", "/etc/passwd", "assets/../saved_model.pb", "", ".", "saved_model.pb/", "./saved_model.pb"]
    files = (*snapshot(folder), *(File(path=path, size=1, digest=digest) for path in hostile))
    assert compare(folder, files, hash_contents=True) == Changes(missing=tuple(sorted(hostile)))


def test_10000_files_are_compared(tmp_path: Path) -> None:
    for number in range(10_000):
        (tmp_path / f"{number:05}").write_bytes(b"%d" % number)
    files = snapshot(tmp_path)
    (tmp_path / "04711").write_bytes(b"4712")
    assert len(files) == 10_000
    assert compare(tmp_path, files, hash_contents=True) == Changes(changed=("04711",))


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFolderError, match="does not exist"):
        compare(tmp_path / "gone", (), hash_contents=False)
