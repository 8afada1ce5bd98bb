"""What pickles would import: plain ones, and those in files of PyTorch."""

from __future__ import annotations

import io
import mmap
import os
import zipfile
from collections import Counter
from collections.abc import Iterator
from io import FileIO

from tb_versions.core.manifest import visible
from tb_versions.formats.archives import check_directory, read_head, read_member
from tb_versions.formats.pickles import Pickle, read_pickle
from tb_versions.trust.findings import Finding
from tb_versions.trust.globals import judge_global

MAX_MEMBER = 64 << 20
"""Most bytes that a pickle in an archive may unpack to."""

ZIP = b"PK\x03\x04"
_COMPRESSED = {
    b"\x1f\x8b": "gzip",
    b"BZ": "bzip2",
    b"\xfd7": "xz",
    b"x\x9c": "zlib",
    b"x\x01": "zlib",
    b"x\xda": "zlib",
}
HEAD_OF_ARRAY = 10 << 10
"""Bytes at the beginning of an array of NumPy in which its type stands."""

_LOOKED_AT = (".pkl", ".pickle", ".npy")
_LONGEST = 256
_AFTER_MAGIC = 4


def inspect_pickle(file: FileIO, path: str) -> Iterator[Finding]:
    """Yields what the pickles in a file would import.

    Args:
        file: The file.
        path: Its path in findings.

    Raises:
        WireError, zipfile.BadZipFile: It is an archive, and damaged.
    """
    head = file.read(4) or b""
    file.seek(0)
    if head == ZIP:
        yield from _of_archive(file, path)
    elif head == b"\x93NUM":
        yield from inspect_array(file.read(HEAD_OF_ARRAY), path)
    elif head[:2] in _COMPRESSED:
        yield Finding("unread", path, "", f"it is compressed ({_COMPRESSED[head[:2]]}), and is not unpacked")
    elif head:
        size = os.fstat(file.fileno()).st_size
        with mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ) as data:
            yield from _of_stream(data, path)


def _of_stream(data: mmap.mmap, path: str) -> Iterator[Finding]:
    first = read_pickle(data)
    yield from _told(first, path)
    if first.is_torch_magic:
        for _ in range(_AFTER_MAGIC):
            yield from _told(read_pickle(data), path)
    elif not first.problem and data.tell() < len(data):
        yield Finding("unread", path, "", f"{len(data) - data.tell():,} bytes follow the first object in it")


def _of_archive(file: FileIO, path: str) -> Iterator[Finding]:
    check_directory(file)
    with zipfile.ZipFile(file) as archive:
        names = Counter(archive.namelist())
        for name in sorted(names):
            if names[name] > 1:
                yield Finding("unread", f"{path}!{visible(name)}", "", "several files in the archive have this name")
            yield from _of_member(archive, name, f"{path}!{visible(name)}")
    if not any(name.endswith(_LOOKED_AT) for name in names):
        yield Finding("unread", path, "", "an archive without a pickle or an array; what is in it was not looked at")


def _of_member(archive: zipfile.ZipFile, name: str, inner: str) -> Iterator[Finding]:
    if name.endswith((".pkl", ".pickle")):
        yield from _told(read_pickle(io.BytesIO(read_member(archive, name, MAX_MEMBER))), inner)
    elif name.endswith(".npy"):
        yield from inspect_array(read_head(archive, name, HEAD_OF_ARRAY), inner)
    elif name.endswith(".py"):
        yield Finding("custom", inner, "", "a program, which was not judged")


def inspect_array(head: bytes, path: str) -> Iterator[Finding]:
    """Yields whether an array of NumPy holds pickled objects.

    Args:
        head: Its first bytes.
        path: Its path in findings.
    """
    if head.startswith(b"\x93NUMPY") and b"|O" in head:
        yield Finding("dangerous", path, "", "an array of objects, which NumPy unpickles where that is allowed")


def _told(pickle: Pickle, path: str) -> Iterator[Finding]:
    for module, name in pickle.names:
        judged = judge_global(module, name)
        if judged is not None:
            yield Finding(judged[0], path, visible(f"{module}.{name}")[:_LONGEST] if module else "", judged[1])
    if pickle.problem:
        yield Finding("unread", path, "", f"not all of the pickle could be read: {visible(pickle.problem)}")
