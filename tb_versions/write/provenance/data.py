"""Describes data by name, place, and a digest that shows later whether it is still the same data.

A digest of values (array, DataFrame, dataset) is SHA-256 over their type, shape and bytes in a canonical form, so
that byte order, memory layout and machine make no difference.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, TypeAlias

from tb_versions.core.digest import version_digest
from tb_versions.core.manifest import Dataset, File
from tb_versions.core.storage import existing_folder, local_path
from tb_versions.errors import InvalidManifestError, UnreadableFolderError, UnsafeFileError
from tb_versions.privacy.scrub import printable, scrub_uri
from tb_versions.write.provenance._canonical import array_parts, element_parts, frame_parts, framed

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd
    import tensorflow as tf

Arrays: TypeAlias = "npt.ArrayLike | Mapping[str, Arrays] | list[Arrays] | tuple[Arrays, ...]"
"""An array, or a list, tuple or mapping of arrays."""

_Path: TypeAlias = "str | os.PathLike[str]"

_CHUNK = 1 << 20


def dataset(name: str, *, uri: str = "", split: str = "", digest: str = "", rows: int | None = None) -> Dataset:
    """Describes data without reading it.

    Args:
        name: Name for people.
        uri: Where the data is; user name, password, query and home folder are removed.
        split: "train", "validation", "test" …
        digest: "sha256:<hex>", if the author already has one.
        rows: Number of examples; None if unknown.

    Returns:
        The description, for `publish(datasets=[…])`.
    """
    return Dataset(name=name, uri=scrub_uri(uri), split=split, digest=digest, rows=rows)


def digest_file(path: _Path, *, name: str = "", split: str = "", uri: str = "") -> Dataset:
    """Describes a file by its bytes; the digest equals the output of `sha256sum`.

    Args:
        path: A local file; symlinks are followed. Read once, 1 MiB at a time.
        name: Name for people. Default: the file's name.
        split: "train", "validation", "test" …
        uri: Where the file is. Default: the path. Scrubbed in either case.

    Raises:
        UnreadableFolderError: The file is missing or can't be read.
        UnsafeFileError: The path is a folder, fifo, socket or device.
        UnsupportedStorageError: The path is a URL.
    """
    local = local_path(path)
    return Dataset(
        name=name or printable(local.name),
        uri=scrub_uri(uri or os.fspath(path)),
        split=split,
        digest=_hash_file(os.fspath(local)).digest,
        digest_of="file",
    )


def digest_folder(path: _Path, *, name: str = "", split: str = "", uri: str = "") -> Dataset:
    """Describes a folder by the names, sizes and bytes of all files below it, hidden ones too.

    The digest is computed like that of a version, over the sorted list of (path, size, digest). Times, permissions
    and empty folders make no difference. Symlinks are followed.

    Args:
        path: A local folder.
        name: Name for people. Default: the folder's name.
        split: "train", "validation", "test" …
        uri: Where the folder is. Default: the path. Scrubbed in either case.

    Raises:
        UnreadableFolderError: The folder, or something in it, is missing or can't be read; or a symlink leads back
            to a folder above it.
        UnsafeFileError: The folder holds a fifo, socket or device.
        UnsupportedStorageError: The path is a URL.
    """
    folder = existing_folder(path, "The data folder")
    files = (_hash_file(found, relative) for found, relative in _walk(os.fspath(folder)))
    return Dataset(
        name=name or printable(folder.resolve().name),
        uri=scrub_uri(uri or os.fspath(path)),
        split=split,
        digest=version_digest(files),
        digest_of="folder",
    )


def digest_array(array: Arrays, *, name: str = "", split: str = "", uri: str = "") -> Dataset:
    """Describes arrays by type, shape and values.

    Byte order, strides and padding make no difference; type, shape, order of elements, the bits of NaN and the
    sign of zero do. A list or tuple of arrays has another digest than the stacked array; the order of a
    mapping's keys makes no difference.

    Args:
        array: A NumPy array or an object that converts itself to one (a tensor of TensorFlow, PyTorch or JAX); or a
            list, tuple or mapping of them, to any depth. Not changed. Arrays that are not little-endian in C order
            are copied.
        name: Name for people.
        split: "train", "validation", "test" …
        uri: Where the data came from; scrubbed.

    Returns:
        The description; `rows` is the length of the first axis, if it is the same for all arrays.

    Raises:
        InvalidManifestError: An array holds Python objects, variable-length strings, a mask, or long doubles
            (whose bytes differ between machines); or the value is not an array.
    """
    total = hashlib.sha256()
    lengths: set[int | None] = set()
    for part, length in array_parts(array):
        lengths.add(length)
        total.update(part)
    lengths.discard(-1)
    rows = lengths.pop() if len(lengths) == 1 else None
    return Dataset(name=name, uri=scrub_uri(uri), split=split, digest=_text(total), rows=rows, digest_of="array")


def digest_dataframe(df: pd.DataFrame, *, name: str = "", split: str = "", uri: str = "") -> Dataset:
    """Describes a pandas DataFrame by its column names and types, its index and its values.

    Values are hashed by `pandas.util.hash_pandas_object` to 64 bits per cell before SHA-256. That detects an
    accidental change, but a forger can make two frames with the same digest. The order of rows and columns counts. A
    column's type counts too, so text that pandas 2 reads as `object` and pandas 3 as `str` has two digests.

    Args:
        df: The frame; not changed.
        name: Name for people.
        split: "train", "validation", "test" …
        uri: Where the data came from; scrubbed.

    Returns:
        The description; `rows` is the number of rows.

    Raises:
        InvalidManifestError: The value is not a DataFrame, or a column holds values without a stable hash (lists,
            dicts).
    """
    if not (hasattr(df, "columns") and hasattr(df, "iloc")):
        raise InvalidManifestError(f"digest_dataframe takes a pandas DataFrame, not {type(df).__name__}.")
    total = hashlib.sha256()
    for part in frame_parts(df):
        total.update(part)
    return Dataset(name=name, uri=scrub_uri(uri), split=split, digest=_text(total), rows=len(df), digest_of="dataframe")


def digest_dataset(
    ds: tf.data.Dataset, *, sample: int = 100, name: str = "", split: str = "", uri: str = ""
) -> Dataset:
    """Describes a `tf.data.Dataset` by the types of its elements and the values of the first ones.

    Iterates over the dataset once and reads at most `sample` elements (a pipeline may prefetch more). A dataset over a
    one-shot Python generator or a queue loses those elements: digest its source instead. A dataset that shuffles or
    augments without a seed has another digest each time: digest it before those steps.

    Args:
        ds: The dataset, ideally before `shuffle` and `batch`.
        sample: Maximum number of elements to read; at least 0.
        name: Name for people.
        split: "train", "validation", "test" …
        uri: Where the data came from; scrubbed.

    Returns:
        The description. `digest_of` has the number of elements that were read. `rows` is the dataset's cardinality if
        TensorFlow knows it; for a batched dataset it counts batches.

    Raises:
        InvalidManifestError: `sample` is negative, or an element has parts that are not tensors.
    """
    if sample < 0:
        raise InvalidManifestError(f"The sample must have 0 or more elements, not {sample}.")
    total = hashlib.sha256(framed("dataset", repr(ds.element_spec)))
    count = 0
    for element in ds.take(sample):
        count += 1
        for part in element_parts(element):
            total.update(part)
    cardinality = int(ds.cardinality())
    return Dataset(
        name=name,
        uri=scrub_uri(uri),
        split=split,
        digest=_text(total),
        rows=cardinality if cardinality >= 0 else None,
        digest_of=f"sample of {count} elements",
    )


def _text(total: hashlib._Hash) -> str:
    return f"sha256:{total.hexdigest()}"


def _hash_file(path: str, relative: str = "") -> File:
    """A file's size and digest; `relative` is its path in a data folder."""
    shown_path = printable(path)
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise UnsafeFileError(f"{shown_path} is not a plain file; only files can be digested.")
        with open(path, "rb", buffering=0) as file:
            total, size, view = hashlib.sha256(), 0, memoryview(bytearray(_CHUNK))
            while count := file.readinto(view) or 0:
                total.update(view[:count])
                size += count
    except OSError as error:
        raise UnreadableFolderError(f"{shown_path} can't be read: {error.strerror}.") from error
    return File(path=relative, size=size, digest=_text(total))


def _walk(
    folder: str, relative: str = "", around: frozenset[tuple[int, int]] = frozenset()
) -> Iterator[tuple[str, str]]:
    """Yields (path, POSIX path relative to the top) for everything below a folder except folders."""
    try:
        status = os.stat(folder)
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        raise UnreadableFolderError(f"{printable(folder)} can't be listed: {error.strerror}.") from error
    identity = (status.st_dev, status.st_ino)
    if identity in around:
        raise UnreadableFolderError(f"{printable(folder)} leads back to a folder above it; remove this symlink.")
    for entry in entries:
        place = f"{relative}/{entry.name}" if relative else entry.name
        if entry.is_dir():
            yield from _walk(entry.path, place, around | {identity})
        else:
            yield entry.path, place
