"""Lists and digests of a version's files."""

from __future__ import annotations

import hashlib
import json
import os
import random
import socket
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tb_versions.core.digest import FileEntry, digest_files, list_files, version_digest
from tb_versions.core.manifest import FILE_LIST_NAME, MANIFEST_NAME, File
from tb_versions.errors import StorageError, UnreadableFolderError, UnsafeFileError


def fill(folder: Path, **files: bytes) -> Path:
    """Writes files; `__` in a name stands for a folder."""
    for name, data in files.items():
        path = folder / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def test_files_are_listed_by_path_without_manifest_and_registry(tmp_path: Path) -> None:
    fill(tmp_path, b=b"12", a__c=b"", a__b__d=b"1", Z=b"123")
    fill(tmp_path, **{"version_manifest.json": b"{}", ".versions__1.json": b"{}", "a__version_manifest.json": b"{}"})
    fill(tmp_path, **{"a__.versions__x": b""})
    (tmp_path / "empty").mkdir()
    assert list_files(tmp_path) == (
        FileEntry("Z", 3),
        FileEntry("a/.versions/x", 0),
        FileEntry("a/b/d", 1),
        FileEntry("a/c", 0),
        FileEntry("a/version_manifest.json", 2),
        FileEntry("b", 2),
    )


def test_what_only_bears_the_manifests_name_is_not_left_out(tmp_path: Path) -> None:
    fill(tmp_path, **{"version_manifest.json__hidden": b"x", ".versions": b"x"})
    assert [entry.path for entry in list_files(tmp_path)] == [".versions", "version_manifest.json/hidden"]


def test_odd_but_plain_names_are_kept_to_the_letter(tmp_path: Path) -> None:
    names = [" ", "-rf", "ä", "模型", "a b", 'quo"te', "per%2fcent", "#", "😀", "~", "con", "x" * 255]
    fill(tmp_path, **dict.fromkeys(names, b"x"))
    assert [entry.path for entry in list_files(tmp_path)] == sorted(names)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        (b"new\nline", "named with control characters"),
        (b"tab\t", "named with control characters"),
        (b"del\x7f", "named with control characters"),
        ("right\u202eleft".encode(), "named with control characters"),
        (b"back\\slash", "named with a backslash"),
        (b"bad\xff", "named in invalid UTF-8"),
    ],
)
def test_a_name_that_no_manifest_can_hold_is_refused_and_printable(tmp_path: Path, name: bytes, reason: str) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).write_bytes(b"")
    with pytest.raises(UnsafeFileError, match=f" is {reason}; a version holds plain files only") as error:
        list_files(tmp_path)
    assert str(error.value).isprintable()


def test_links_fifos_and_sockets_are_refused_by_name_and_never_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UnsafeFileError, match=r"^pipe in .* is a fifo"):
        list_files(tmp_path)
    (tmp_path / "pipe").unlink()
    (tmp_path / "loop").symlink_to(".")
    with pytest.raises(UnsafeFileError, match=r"^loop in .* is a symlink"):
        list_files(tmp_path)
    (tmp_path / "loop").unlink()
    with socket.socket(socket.AF_UNIX) as endpoint:
        here = os.open(tmp_path, os.O_RDONLY)
        endpoint.bind(f"/proc/self/fd/{here}/talk")  # a socket's path must be short
        os.close(here)
        with pytest.raises(UnsafeFileError, match=r"^talk in .* is a socket"):
            list_files(tmp_path)


def test_a_missing_folder_and_a_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFolderError, match="does not exist"):
        list_files(tmp_path / "gone")
    with pytest.raises(UnreadableFolderError, match="is not a folder"):
        list_files(fill(tmp_path, file=b"") / "file")


def test_more_than_100000_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tb_versions.core.digest.files.MAX_FILES", 100)
    fill(tmp_path, **{f"f{i}": b"" for i in range(100)})
    for number in range(100):
        (tmp_path / f"folder{number}").mkdir()
    for own in (MANIFEST_NAME, FILE_LIST_NAME):
        (tmp_path / own).touch()
    assert len(list_files(tmp_path)) == 100
    (tmp_path / "one more").mkdir()
    with pytest.raises(UnsafeFileError, match=r"more than 100 files or folders, .* Pack some of them into archives"):
        list_files(tmp_path)
    (tmp_path / "one more").rmdir()
    (tmp_path / "one more").touch()
    with pytest.raises(UnsafeFileError, match="more than 100 files or folders"):
        list_files(tmp_path)


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_digests_are_those_of_hashlib(tmp_path: Path, threads: int) -> None:
    rng = random.Random(1)
    sizes = {f"f{size}": rng.randbytes(size) for size in (0, 1, 262_143, 262_144, 262_145, 1_000_000)}
    fill(tmp_path, **sizes)
    found = digest_files(tmp_path, list_files(tmp_path), threads=threads)
    assert [file.path for file in found] == sorted(sizes)
    for file in found:
        assert file.digest == f"sha256:{hashlib.sha256(sizes[file.path]).hexdigest()}"
        assert file.size == len(sizes[file.path])


def test_progress_ends_with_the_total_and_never_goes_back(tmp_path: Path) -> None:
    fill(tmp_path, a=bytes(600_000), b=bytes(300_000), c=b"")
    told: list[tuple[int, int]] = []
    digest_files(tmp_path, list_files(tmp_path), progress=lambda done, total: told.append((done, total)))
    assert told == sorted(told)
    assert told[-1] == (900_000, 900_000)
    assert len(told) == 5


def test_a_failing_progress_function_stops_the_work_and_is_seen(tmp_path: Path) -> None:
    fill(tmp_path, a=bytes(600_000), b=bytes(600_000))

    def fail(done: int, total: int) -> None:
        raise BrokenPipeError("nobody reads")

    for threads in (1, 2):
        with pytest.raises(BrokenPipeError, match="nobody reads"):
            digest_files(tmp_path, list_files(tmp_path), progress=fail, threads=threads)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize(("size", "reason"), [(5, "fewer than the 10 bytes"), (11, "more than the 10 bytes")])
def test_a_size_that_changed_since_listing_is_an_error(tmp_path: Path, size: int, reason: str, threads: int) -> None:
    files = list_files(fill(tmp_path, a=bytes(10), b=bytes(10)))
    fill(tmp_path, b=bytes(size))
    with pytest.raises(StorageError, match=rf"^b in .* has no digest: it is {reason} listed"):
        digest_files(tmp_path, files, threads=threads)


def test_a_file_that_grows_while_it_is_hashed_is_an_error(tmp_path: Path) -> None:
    files = list_files(fill(tmp_path, a=bytes(600_000)))

    def grow(done: int, total: int) -> None:
        with open(tmp_path / "a", "ab") as file:
            file.write(bytes(600_000))

    with pytest.raises(StorageError, match="more than the 600,000 bytes"):
        digest_files(tmp_path, files, progress=grow)


def test_what_took_a_files_place_since_listing_is_refused(tmp_path: Path) -> None:
    files = list_files(fill(tmp_path, a=b"x"))
    (tmp_path / "a").unlink()
    with pytest.raises(UnreadableFolderError, match="No such file"):
        digest_files(tmp_path, files)
    os.mkfifo(tmp_path / "a")
    with pytest.raises(UnsafeFileError, match="a fifo"):
        digest_files(tmp_path, files)
    (tmp_path / "a").unlink()
    (tmp_path / "a").symlink_to("b")
    with pytest.raises(UnsafeFileError, match="a symlink"):
        digest_files(tmp_path, files)


def test_the_versions_digest_is_the_documented_one() -> None:
    files = [File(path='ä"b', size=3, digest="sha256:00"), File(path="a", size=0, digest="sha256:ff")]
    lines = b'["a",0,"sha256:ff"]\n["\\u00e4\\"b",3,"sha256:00"]\n'
    assert version_digest(files) == f"sha256:{hashlib.sha256(lines).hexdigest()}"
    assert version_digest(()) == f"sha256:{hashlib.sha256(b'').hexdigest()}"


FILES = st.builds(File, path=st.text(max_size=8), size=st.integers(0, 2**63 - 1), digest=st.text(max_size=8))


@given(files=st.lists(FILES, max_size=5), other=st.lists(FILES, max_size=5), rng=st.randoms())
def test_the_versions_digest_tells_lists_apart_and_not_orders(
    files: list[File], other: list[File], rng: random.Random
) -> None:
    shuffled = rng.sample(files, len(files))
    assert version_digest(shuffled) == version_digest(files)
    assert (version_digest(files) == version_digest(other)) == (sorted(files) == sorted(other))


def test_a_moved_folder_keeps_its_digest(tmp_path: Path) -> None:
    fill(tmp_path / "one", a__b=b"1", c=b"2")
    before = version_digest(digest_files(tmp_path / "one", list_files(tmp_path / "one")))
    (tmp_path / "one").rename(tmp_path / "two")
    (tmp_path / "link").symlink_to("two")
    for name in ("two", "link"):
        assert version_digest(digest_files(tmp_path / name, list_files(tmp_path / name))) == before


def test_json_can_recompute_the_digest_from_a_manifests_list() -> None:
    fields = [{"path": "b", "size": 1, "digest": "sha256:1"}, {"path": "a", "size": 2, "digest": "sha256:2"}]
    rows = sorted([f["path"], f["size"], f["digest"]] for f in fields)
    text = "".join(json.dumps(row, separators=(",", ":")) + "\n" for row in rows)
    files = [File(path=str(f["path"]), size=int(f["size"]), digest=str(f["digest"])) for f in fields]
    assert version_digest(files) == f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
