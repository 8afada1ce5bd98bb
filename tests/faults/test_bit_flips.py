"""One bit of a real model is turned over, in 200 places over all its files: `verify` finds each, and names the file."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from tb_versions.cli import main
from tb_versions.core import codec
from tb_versions.core.manifest import MANIFEST_NAME
from tests.support.world import World

PLACES = 200


def model_of(test_data: Path, world: World) -> tuple[Path, list[Path]]:
    """A SavedModel that TFX exported, as a version; its folder, and its files that hold something."""
    folder = world.models / "taxi" / "1"
    source = test_data / "logdirs/tfx_chicago_taxi/export/chicago-taxi/1646034756"
    if not source.is_dir():
        pytest.skip("the model that TFX exported is not there")
    shutil.copytree(source, folder)
    (folder / MANIFEST_NAME).write_bytes(codec.encode(world.manifest_of(folder, "taxi", 1)))
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST_NAME)
    return folder, [path for path in files if path.stat().st_size]


def flip(path: Path, bit: int) -> None:
    with path.open("r+b") as file:
        file.seek(bit // 8)
        (byte,) = file.read(1)
        file.seek(bit // 8)
        file.write(bytes([byte ^ 1 << bit % 8]))


def test_each_of_200_flipped_bits_is_found_and_its_file_named(test_data: Path, tmp_path: Path) -> None:
    chosen = random.Random(13)
    folder, files = model_of(test_data, World(tmp_path))
    arguments = ["verify", "taxi:1", "--models-dir", str(tmp_path / "models")]
    assert CliRunner().invoke(main, arguments).exit_code == 0
    found = 0
    for number in range(PLACES):
        path = files[number % len(files)]
        bit = chosen.randrange(8 * path.stat().st_size)
        flip(path, bit)
        done = CliRunner().invoke(main, arguments)
        found += done.exit_code == 1 and f"  changed: {path.relative_to(folder)}" in done.stdout.splitlines()
        flip(path, bit)
    print(f"{found} of {PLACES} flips found, over {len(files)} files")
    assert found == PLACES
    assert CliRunner().invoke(main, arguments).exit_code == 0
