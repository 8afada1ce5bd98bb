"""The archive is a tar that Python and GNU tar read, whatever its names and sizes."""

from __future__ import annotations

import io
import os
import subprocess
import tarfile
from pathlib import Path

from tb_versions.exports.oci.archive import tar_of

FILES = {"a": b"", "b" * 200: b"x" * 511, "c/d": b"y" * 512, "ünï": b"z" * 10_241}


def test_python_and_gnu_tar_read_it(tmp_path: Path) -> None:
    data = b"".join(tar_of((name, len(content), [content]) for name, content in FILES.items()))
    assert len(data) % 10_240 == 0
    with tarfile.open(fileobj=io.BytesIO(data)) as file:
        found = {member.name: (file.extractfile(member) or io.BytesIO()).read() for member in file}
    assert found == FILES
    (tmp_path / "a.tar").write_bytes(data)
    done = subprocess.run(["tar", "tf", tmp_path / "a.tar"], capture_output=True, check=True, text=True)
    assert len(done.stdout.splitlines()) == len(FILES)


def test_the_header_of_a_file_above_8_gib_is_whole(tmp_path: Path) -> None:
    size = 9 << 30
    header = next(iter(tar_of([("big", size, [])])))
    (tmp_path / "big.tar").write_bytes(header)
    os.truncate(tmp_path / "big.tar", len(header) + size + 1_024)  # a hole, no bytes
    with tarfile.open(tmp_path / "big.tar") as file:
        assert [member.size for member in file] == [size]
