"""HDF5 files, read beside h5py; hostile ones end with a sentence."""

from __future__ import annotations

import contextlib
import random
import struct
from pathlib import Path

import h5py
import numpy as np
import pytest

from tb_versions.formats import hdf5
from tb_versions.formats.hdf5 import Hdf5, UnknownFormError
from tb_versions.savedmodel.wire import WireError


def sample(path: Path, **options: object) -> Path:
    """A file with groups, many types and sizes, and attributes short and long."""
    with h5py.File(path, "w", **options) as file:
        file.attrs["keras_version"] = "3.5.0"
        file.attrs["model_config"] = '{"a": "' + "x" * 100_000 + '"}'
        file.attrs["fixed"] = np.bytes_("text")
        file.attrs["numbers"] = [1, 2, 3]
        for dtype in ("float16", "float32", "float64", "int8", "uint8", "int64", "bool", "complex64"):
            file.create_dataset(f"types/{dtype}", (2, 3), dtype=dtype)
        file.create_dataset("scalar", data=1.5)
        file.create_dataset("texts", data=["a", "b"])
        file.create_dataset("chunks", (10, 10), chunks=(5, 5), maxshape=(None, 10), dtype="float32")
        for number in range(300):
            file.create_dataset(f"many/{number}/vars/0", (number,), dtype="float32")
        file.create_dataset("deep/" + "/".join("abcdefgh") + "/x", (7,), dtype="float32")
    return path


def read(path: Path) -> tuple[dict[str, tuple[tuple[int, ...], str]], dict[str, str]]:
    with open(path, "rb", buffering=0) as file:
        found = Hdf5(file)
        return {each.path: (each.sizes, each.dtype) for each in found.datasets()}, found.attributes()


def by_h5py(path: Path) -> dict[str, tuple[tuple[int, ...], str]]:
    found: dict[str, tuple[tuple[int, ...], str]] = {}

    def note(name: str, item: object) -> None:
        if isinstance(item, h5py.Dataset):
            plain = item.dtype.kind in "fiu"
            found[name] = (item.shape, str(item.dtype) if plain else "")

    with h5py.File(path) as file:
        file.visititems(note)
    return found


def test_shapes_and_types_are_those_that_h5py_reads(tmp_path: Path) -> None:
    path = sample(tmp_path / "a.h5")
    datasets, texts = read(path)
    assert datasets == by_h5py(path)
    assert len(datasets) > 300
    assert texts == {"keras_version": "3.5.0", "model_config": '{"a": "' + "x" * 100_000 + '"}', "fixed": "text"}


def test_newer_forms_are_not_read_and_not_called_damaged(tmp_path: Path) -> None:
    with pytest.raises(UnknownFormError):
        read(sample(tmp_path / "latest.h5", libver="latest"))
    with pytest.raises(UnknownFormError):
        read(sample(tmp_path / "ordered.h5", track_order=True))


def test_data_in_other_files_is_not_opened(tmp_path: Path) -> None:
    secret = sample(tmp_path / "secret.h5")
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("own", (3,), dtype="float32")
        file["soft"] = h5py.SoftLink("/own")
        file.create_dataset("raw", (4,), dtype="float32", external=[(str(tmp_path / "raw.bin"), 0, 16)])
        layout = h5py.VirtualLayout((2, 3), dtype="float32")
        layout[:] = h5py.VirtualSource(str(secret), "types/float32", shape=(2, 3))
        file.create_virtual_dataset("virtual", layout)
    secret.unlink()
    datasets, _ = read(path)
    assert datasets == {"own": ((3,), "float32"), "raw": ((4,), "float32"), "virtual": ((2, 3), "float32")}


def test_a_group_with_links_to_other_files_is_not_half_read(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("own", (3,), dtype="float32")
        file["outside"] = h5py.ExternalLink("/etc/passwd", "/x")
    with pytest.raises(UnknownFormError):
        read(tmp_path / "a.h5")


def test_a_dataset_with_two_names_counts_once(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("a/x", (3,), dtype="float32")
        file["b"] = file["a"]
        file["a/loop"] = file["a"]
    assert [sizes for sizes, _ in read(tmp_path / "a.h5")[0].values()] == [(3,)]


@pytest.mark.parametrize("size", [0, 8, 95, 96, 1_000, 20_000])
def test_a_file_that_was_cut_off_is_a_sentence(tmp_path: Path, size: int) -> None:
    path = sample(tmp_path / "a.h5")
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(WireError):
        read(path)


def test_any_changed_byte_ends_with_an_answer_or_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file.attrs["keras_version"] = "3.5.0"
        for number in range(20):
            file.create_dataset(f"layers/dense_{number}/vars/0", (4, 4), dtype="float32")
    data, chosen = path.read_bytes(), random.Random(7)
    for _ in range(300):
        changed = bytearray(data)
        for _ in range(chosen.choice((1, 1, 8))):
            changed[chosen.randrange(len(data))] = chosen.choice((0, 1, 0x7F, 0xFF, chosen.randrange(256)))
        path.write_bytes(changed)
        with contextlib.suppress(WireError, struct.error):
            read(path)


def test_reading_ends_where_a_file_names_the_same_place_again_and_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = sample(tmp_path / "a.h5")
    monkeypatch.setattr(hdf5, "MAX_BYTES", 10_000)
    with pytest.raises(WireError, match="would have to be read"):
        read(path)
    monkeypatch.undo()
    monkeypatch.setattr(hdf5, "MAX_OBJECTS", 100)
    with pytest.raises(WireError, match="more than 100 objects"):
        read(path)
