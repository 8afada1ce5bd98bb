"""A small world, and an export of it in TensorBoard.dev's layout."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tb_versions.exports.container import digest_of
from tb_versions.exports.tensorboard_dev.layout import Experiment, experiment_files
from tb_versions.exports.tensorboard_dev.reading import INDEX, SEAL, seal_of
from tb_versions.read.curves.curve_reader import CurveReader
from tb_versions.read.curves.event_files import reading
from tb_versions.read.reader import open_reader
from tests.support.world import World


def small_world(base: Path) -> World:
    """One run with a curve, two versions."""
    made = World(base)
    made.scalars("cnn", "loss", [(1, 0.5), (2, 0.25)])
    made.version("digits", 1, run="cnn", step=1)
    made.version("digits", 2, run="cnn", step=2)
    made.close()
    return made


def exported(world: World, out: Path) -> Path:
    """Exports a world; returns the folder `experiment_<id>` in `out`."""
    reader = open_reader(str(world.logs), [str(world.models)])
    manifests = {version.id: reader.manifest_bytes(version) for version in reader.catalog.versions}
    with reading(str(world.logs), []) as finish:
        experiment = Experiment("", "", reader.catalog.versions, manifests, CurveReader(finish()))
        return written(experiment_files(experiment), out)


def written(files: Iterable[tuple[str, Iterable[bytes]]], out: Path) -> Path:
    """Writes the files of an experiment; returns its folder."""
    for path, chunks in files:
        place = out / path
        (place if path.endswith("/") else place.parent).mkdir(parents=True, exist_ok=True)
        if not path.endswith("/"):
            place.write_bytes(b"".join(chunks))
    (folder,) = out.iterdir()
    return folder


def resealed(folder: Path, name: str, data: bytes) -> None:
    """Replaces a file and its digest in the index: what somebody does who changes an export on purpose."""
    (folder / name).write_bytes(data)
    index = json.loads((folder / INDEX).read_bytes())
    index["files"][name] = digest_of(data)
    with_index(folder, **index)


def with_index(folder: Path, **fields: Any) -> None:
    """Changes fields of the index, and its own digest."""
    index = {**json.loads((folder / INDEX).read_bytes()), **fields}
    (folder / INDEX).write_text(json.dumps({**index, SEAL: seal_of(index)}))
