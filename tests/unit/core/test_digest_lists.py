"""The list of files beside a manifest: read back as it was written, and refused with the field where it is not."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

import pytest

from tb_versions.core import codec
from tb_versions.core.digest import check_amount, lists, read_list, separated, version_digest
from tb_versions.core.digest.files import FileEntry
from tb_versions.core.manifest import FILE_LIST_NAME, MANIFEST_LIMIT, File, FileList, VersionManifest
from tb_versions.errors import InvalidManifestError, UnsafeFileError

pytestmark = pytest.mark.slow

DIGEST = "sha256:" + "0" * 64


def files(count: int) -> tuple[File, ...]:
    return tuple(File(path=f"d/{number:06d} é\n.txt", size=number, digest=DIGEST) for number in range(count))


def manifest(count: int) -> VersionManifest:
    return VersionManifest(model="m", number=1, files=files(count), digest=version_digest(files(count)))


@pytest.mark.parametrize("count", [0, 1, 1_000])
def test_ordinary_manifests_stay_as_they_are(count: int) -> None:
    whole = manifest(count)
    assert separated(whole) == (whole, None)
    assert b"fileList" not in codec.encode(whole)


@pytest.mark.parametrize("count", [1_001, 9_000, 100_000])
def test_a_long_list_stands_beside_a_small_manifest(tmp_path: Path, count: int) -> None:
    small, data = separated(manifest(count))
    assert data is not None
    assert len(codec.encode(small)) < 1_000 < MANIFEST_LIMIT
    assert (small.schema_version, small.files) == (2, ())
    assert small.file_list == FileList(path=FILE_LIST_NAME, digest=small.digest, count=count)
    (tmp_path / FILE_LIST_NAME).write_bytes(data)
    read = codec.decode(codec.encode(small)).file_list
    assert read is not None
    assert read_list(str(tmp_path), read) == files(count)


@pytest.fixture
def written(tmp_path: Path) -> tuple[str, FileList, bytes]:
    small, data = separated(manifest(1_001))
    assert data is not None
    assert small.file_list is not None
    (tmp_path / FILE_LIST_NAME).write_bytes(data)
    return str(tmp_path), small.file_list, data


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"path": "/etc/passwd"}, 'fileList.path is "/etc/passwd"; a list of files is called version_files.jsonl'),
        ({"path": "../1/version_files.jsonl"}, "fileList.path is"),
        ({"path": ""}, "fileList.path is"),
        ({"digest": ""}, "fileList.digest is malformed"),
        ({"digest": "sha256:" + "G" * 64}, "fileList.digest is malformed"),
        ({"digest": DIGEST}, "was changed: its digest is not the manifest's fileList.digest"),
        ({"count": 1_002}, r"has 1,001 lines, but fileList.count of the manifest is 1,002"),
        ({"count": 0}, "fileList.count is 0"),
        ({"count": 1_000}, "fileList.count is 1,000"),
        ({"count": -5}, "fileList.count is -5"),
        ({"count": 100_001}, "fileList.count is 100,001"),
    ],
    ids=str,
)
def test_a_manifest_that_means_another_list_is_refused_with_the_field(
    written: tuple[str, FileList, bytes], change: dict[str, object], message: str
) -> None:
    folder, listed, _ = written
    with pytest.raises(InvalidManifestError, match=message):
        read_list(folder, dataclasses.replace(listed, **change))  # type: ignore[arg-type]


LINE = f'["z",1,"{DIGEST}"]'.encode()


@pytest.mark.parametrize(
    ("last", "message"),
    [
        (b"", r"line 1001: not \[path, size, digest\]"),
        (b"{}", "line 1001: not"),
        (b'["z",1]', "line 1001: not"),
        (LINE[:-1] + b",1]", "line 1001: not"),
        (LINE.replace(b",1,", b",true,"), "line 1001: not"),
        (LINE.replace(b",1,", b',"1",'), "line 1001: not"),
        (LINE.replace(b"z", b"\xff"), "line 1001: not"),
        (b"[" * 50_000, "line 1001: not"),
        (LINE.replace(b",1,", b",-1,"), "line 1001: the size is wrong"),
        (LINE.replace(b"sha256", b"md5"), "line 1001: the digest is wrong"),
        (LINE.replace(b"z", b"a"), "line 1001: the order of paths is wrong"),
        (f'["d/000999 é\\n.txt",1,"{DIGEST}"]'.encode(), "line 1001: the order of paths is wrong"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_hostile_line_is_refused_with_its_number(
    written: tuple[str, FileList, bytes], last: bytes, message: str
) -> None:
    folder, listed, data = written
    hostile = b"\n".join([*data.splitlines()[:-1], last]) + b"\n"
    Path(folder, FILE_LIST_NAME).write_bytes(hostile)
    with pytest.raises(InvalidManifestError, match=message):
        read_list(folder, dataclasses.replace(listed, digest=lists._digest(hostile)))


def test_a_list_is_never_read_whole_where_it_is_too_long(written: tuple[str, FileList, bytes]) -> None:
    folder, listed, _ = written
    os.truncate(os.path.join(folder, FILE_LIST_NAME), 1 << 40)
    with pytest.raises(InvalidManifestError, match="at most 33,554,432 are read"):
        read_list(folder, listed)


def test_a_list_behind_a_symlink_is_not_read(written: tuple[str, FileList, bytes], tmp_path: Path) -> None:
    folder, listed, _ = written
    os.rename(os.path.join(folder, FILE_LIST_NAME), tmp_path / "elsewhere")
    os.symlink(tmp_path / "elsewhere", os.path.join(folder, FILE_LIST_NAME))
    with pytest.raises(UnsafeFileError):
        read_list(folder, listed, within=folder)


def test_files_whose_list_could_not_be_read_are_refused_before_anything_is_copied() -> None:
    check_amount([FileEntry("a" * 100, 1)] * 100_000, "folder")
    with pytest.raises(UnsafeFileError, match=r"folder holds so many files with so long names that .* 32 MiB"):
        check_amount([FileEntry("a" * 300, 1)] * 100_000, "folder")
