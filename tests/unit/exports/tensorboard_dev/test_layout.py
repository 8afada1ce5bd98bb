"""The layout of TensorBoard.dev's exporter, read back by a reader that shares no code with the writer.

`read_experiment` and `event_scalars` were written from the description of the layout and of event files alone.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tensorboard.compat.proto import event_pb2, summary_pb2

from tb_versions.exports.tensorboard_dev.layout import Experiment, experiment_files
from tb_versions.read.catalog import Catalog
from tb_versions.read.curves.curve_reader import CurveReader
from tb_versions.read.curves.event_files import reading
from tb_versions.read.reader import open_reader
from tests.support.experiments import written
from tests.support.world import World, strict

pytestmark = pytest.mark.slow

NAN, INFINITY = float("nan"), float("inf")
SPECIAL = {"NaN": NAN, "Infinity": INFINITY, "-Infinity": -INFINITY}


def read_experiment(folder: Path) -> dict[str, Any]:
    """Everything of one `experiment_<id>` folder."""

    def lines(name: str) -> Iterator[dict[str, Any]]:
        for line in (folder / name).read_bytes().splitlines():
            row = strict(line)
            assert list(row) == sorted(row) == ["points", "run", "summary_metadata", "tag"]
            metadata = summary_pb2.SummaryMetadata.FromString(base64.b64decode(row["summary_metadata"], validate=True))
            yield {**row, "plugin": metadata.plugin_data.plugin_name, "metadata": metadata}

    (metadata,) = (folder / "metadata.json").read_bytes().splitlines()
    assert {path.name for path in folder.iterdir()} >= {"tensors", "blobs"}
    assert (folder / "blob_sequences.json").read_bytes() == b""
    tensors = {}
    for row in lines("tensors.json"):
        with np.load(folder / row["points"]["tensors_file_path"], allow_pickle=False) as arrays:
            assert sorted(arrays) == [f"arr_{position}" for position in range(len(row["points"]["steps"]))]
            tensors[row["run"], row["tag"]] = {**row, "values": [arrays[name].item() for name in sorted(arrays)]}
    return {
        "metadata": strict(metadata),
        "scalars": {(row["run"], row["tag"]): row for row in lines("scalars.json")},
        "tensors": tensors,
    }


def event_scalars(logs: Path) -> dict[tuple[str, str], list[tuple[int, float, float]]]:
    """Step, wall time and value of every scalar below a log directory: TFRecords, CRCs not looked at."""
    found: dict[tuple[str, str], list[tuple[int, float, float]]] = {}
    for path in sorted(logs.rglob("*tfevents*")):
        data, position = path.read_bytes(), 0
        while position < len(data):
            (length,) = struct.unpack_from("<Q", data, position)
            event = event_pb2.Event.FromString(data[position + 12 : position + 12 + length])
            position += 16 + length
            for value in event.summary.value:
                if value.HasField("simple_value"):
                    key = (path.parent.relative_to(logs).as_posix(), value.tag)
                    found.setdefault(key, []).append((event.step, event.wall_time, value.simple_value))
    return found


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    made.scalars("cnn/train", "loss", [(step, 1 / (step + 1)) for step in range(2_500)])
    made.scalars(
        "cnn/train", "odd", [(0, NAN), (1, INFINITY), (2, -INFINITY), (3, -0.0), (2**60, 1e-45), (2**60 + 1, 3.4e38)]
    )
    made.scalars("cnn/validation", "loss", [(3, 0.1)])
    made.scalars("a|b «ü» <script>", "tag/with\nline", [(0, 0.5)])
    made.version("digits", 1, run="cnn/train", step=3, description="The first\n")
    made.version("digits", 2, run="cnn/train", step=4)
    made.version("Digits", 2)
    for number, text in ((1, "one"), (1, "two")):
        made.version("twins", number, folder=made.models / text / "1", description=text)
    made.raw("bad/1", b'{"schemaVersion":1,"model":"../../CON","number":"1"}')
    made.raw("bad/2", b"{")
    made.close()
    return made


@pytest.fixture
def export(world: World, tmp_path: Path) -> Callable[..., Path]:
    """Writes an export of the world; returns the experiment's folder."""

    def write(target: str = "out", **fields: Any) -> Path:
        reader = open_reader(str(world.logs), [str(world.models)])
        catalog: Catalog = reader.catalog
        manifests = {v.id: data for v in catalog.versions if v.listing and (data := reader.manifest_bytes(v))}
        with reading(str(world.logs), []) as finish:
            experiment = Experiment("Name", "# Words", catalog.versions, manifests, CurveReader(finish()), **fields)
            return written(experiment_files(experiment), tmp_path / target)

    return write


def test_every_scalar_is_that_of_the_event_files(export: Callable[..., Path], world: World) -> None:
    read = read_experiment(export())["scalars"]
    wanted = event_scalars(world.logs)
    assert read.keys() == wanted.keys()
    assert len(wanted["cnn/train", "loss"]) == 2_500
    for key, points in wanted.items():
        row = read[key]["points"]
        values = [SPECIAL.get(value, value) if isinstance(value, str) else value for value in row["values"]]
        got = list(zip(row["steps"], row["wall_times"], values, strict=True))
        assert [(s, w, v.hex()) for s, w, v in got] == [(s, w, float(v).hex()) for s, w, v in points]
        assert read[key]["plugin"] == "scalars"


def test_the_manifests_are_string_tensors_and_readable_files(export: Callable[..., Path], world: World) -> None:
    folder = export()
    tensors = read_experiment(folder)["tensors"]
    first = (world.models / "digits" / "1" / "version_manifest.json").read_bytes()
    row = tensors["cnn/train", "versions/digits/1"]
    assert row["values"] == [first]
    assert (row["points"]["steps"], row["plugin"]) == ([3], "versions")
    assert (folder / "versions" / "digits-1.json").read_bytes() == first
    about = strict((folder / "tb_versions.json").read_bytes())
    assert len(about["versions"]) == len(tensors) == 6
    for version in about["versions"]:
        assert strict((folder / version["manifest"]).read_bytes())["model"] in version["id"]


def test_names_of_files_are_safe_on_every_system(export: Callable[..., Path]) -> None:
    folder = export()
    assert re.fullmatch(r"experiment_[A-Za-z0-9_-]{22}", folder.name)
    paths = [path.relative_to(folder).as_posix() for path in folder.rglob("*")]
    assert all(re.fullmatch(r"[A-Za-z0-9._/-]+", path) and ".." not in path.split("/") for path in paths)
    assert len({path.lower() for path in paths}) == len(paths)
    assert {path for path in paths if path.startswith("versions/")} == {
        f"versions/{name}.json"
        for name in ("Digits-2", "digits-1", "digits-2-1", "twins-1", "twins-1-1", ".._.._CON-1")
    }


def test_metadata_says_what_theirs_said(export: Callable[..., Path]) -> None:
    metadata = read_experiment(export())["metadata"]
    assert list(metadata) == ["create_time", "description", "name", "update_time"]
    assert metadata["name"] == "Name"
    assert metadata["description"] == "# Words"
    assert re.fullmatch(r"2026-11-23T\d\d:\d\d:\d\dZ", metadata["create_time"])
    assert metadata["create_time"] < metadata["update_time"]


def test_the_same_state_gives_the_same_bytes(export: Callable[..., Path]) -> None:
    one, two = export("one"), export("two")
    assert one.name == two.name
    files = sorted(path.relative_to(one) for path in one.rglob("*"))
    assert files == sorted(path.relative_to(two) for path in two.rglob("*"))
    assert all((one / name).read_bytes() == (two / name).read_bytes() for name in files if (one / name).is_file())


def test_another_state_is_another_experiment(export: Callable[..., Path], world: World) -> None:
    one = export("one")
    world.scalars("cnn/late", "loss", [(1, 1.0)])
    assert export("two").name != one.name


def test_every_file_has_its_digest(export: Callable[..., Path]) -> None:
    folder = export(notes=lambda: {"redacted": ["nothing"]})
    about = json.loads((folder / "tb_versions.json").read_bytes())
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    del files["tb_versions.json"]
    assert about["files"] == {
        name: f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}" for name, path in files.items()
    }
    assert (about["format"], about["schema_version"]) == ("tb-versions-tensorboard-dev", 1)
    assert about["redacted"] == ["nothing"]


def test_only_the_runs_asked_for_are_held(export: Callable[..., Path]) -> None:
    assert {run for run, _ in read_experiment(export(runs=["cnn/validation"]))["scalars"]} == {"cnn/validation"}
    assert read_experiment(export("none", runs=[]))["scalars"] == {}


def test_nothing_at_all_is_an_experiment(tmp_path: Path) -> None:
    with reading("", []) as finish:
        files = {
            path: b"".join(chunks)
            for path, chunks in experiment_files(Experiment("", "", (), {}, CurveReader(finish())))
        }
    names = {path.partition("/")[2] for path in files}
    assert names == {
        "metadata.json",
        "scalars.json",
        "tensors.json",
        "tensors/",
        "blob_sequences.json",
        "blobs/",
        "tb_versions.json",
    }


def test_names_travel_as_they_are_redacted(export: Callable[..., Path]) -> None:
    folder = export(redact=lambda text, field: text.replace("cnn", "net").replace("digits", "numbers"))
    read = read_experiment(folder)
    assert not [
        key for key in [*read["scalars"], *read["tensors"]] if "cnn" in "".join(key) or "digits" in "".join(key)
    ]
    assert ("net/train", "versions/numbers/1") in read["tensors"]
    assert (folder / "versions" / "numbers-1.json").exists()
    about = json.loads((folder / "tb_versions.json").read_bytes())
    assert {"id": "numbers:1", "model": "numbers"}.items() <= about["versions"][2].items()
