"""SavedModels out of wheels of others, and hostile models, adopted where they lie and elsewhere."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest
from click.testing import CliRunner, Result

import tb_versions as tbv
from tb_versions.cli import main
from tb_versions.core.manifest import MANIFEST_NAME
from tb_versions.payload import details
from tb_versions.read.reader import open_reader
from tests.support.effort import HANGS
from tests.support.savedmodel_bytes import small_model
from tests.support.world import tree_hash

WHEELS = {
    "basic-pitch==0.4.0": "basic_pitch/saved_models",
    "guesslang==2.2.1": "guesslang/data/model",
}
"""Wheels of PyPI, and where models are in them."""


def adopt(*arguments: object, code: int = 0) -> Result:
    done = CliRunner().invoke(main, ["adopt", *map(str, arguments)], prog_name="tb-versions")
    assert done.exit_code == code, done.output
    assert "Traceback" not in done.output
    return done


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The models in wheels, as they were published; skips where there is no package index."""
    folder = tmp_path_factory.mktemp("wheels")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:", *WHEELS]
    done = subprocess.run([*command, "-d", str(folder)], capture_output=True, text=True, check=False, timeout=HANGS)
    if done.returncode:
        pytest.skip(f"the wheels of {', '.join(WHEELS)} can't be downloaded: {done.stderr.strip()[-200:]}")
    for wheel in folder.glob("*.whl"):
        with zipfile.ZipFile(wheel) as packed:
            packed.extractall(folder / "unpacked")
    return folder / "unpacked"


def independent_digest(folder: Path) -> str:
    """The digest of a version as docs/manifest-format.md says, computed here."""
    lines = [
        json.dumps(
            [
                path.relative_to(folder).as_posix(),
                path.stat().st_size,
                f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}",
            ],
            separators=(",", ":"),
        )
        for path in folder.rglob("*")
        if path.is_file() and path.name != MANIFEST_NAME
    ]
    whole = "".join(f"{line}\n" for line in sorted(lines, key=json.loads))
    return f"sha256:{hashlib.sha256(whole.encode()).hexdigest()}"


def test_models_in_wheels_are_adopted_elsewhere_and_stay_as_they_are(wheels: Path, tmp_path: Path) -> None:
    before = tree_hash(wheels)
    adopt(wheels, "--models-dir", tmp_path / "models", "--source", "wheels")
    assert tree_hash(wheels) == before
    catalog = tbv.open_catalog(models_dir=tmp_path / "models", sources={"wheels": wheels})
    told = {v.listing.elsewhere.path: v for v in catalog.versions if v.listing and v.listing.elsewhere}
    assert set(told) == {
        "basic_pitch/saved_models/icassp_2022/nmp",
        "basic_pitch/saved_models/icassp_2022/nmp.onnx",
        "basic_pitch/saved_models/icassp_2022/nmp.tflite",
        "guesslang/data/model",
    }
    assert {version.state for version in told.values()} == {"present"}
    for path in ("basic_pitch/saved_models/icassp_2022/nmp", "guesslang/data/model"):
        listing = told[path].listing
        assert listing is not None
        assert listing.digest == independent_digest(wheels / path)
        assert listing.framework.startswith("TensorFlow 2.")
    pitch = told["basic_pitch/saved_models/icassp_2022/nmp"].listing
    assert pitch is not None
    assert 10_000 < (pitch.parameters or 0) < 100_000
    assert not any(tbv.verify(v.id, models_dir=tmp_path / "models", sources={"wheels": wheels}) for v in told.values())


def test_six_names_with_one_content_stay_six_versions_and_the_tab_says_so(wheels: Path, tmp_path: Path) -> None:
    model = wheels / WHEELS["guesslang==2.2.1"]
    for name in ("guess-1.0.0", "guess-1.1.0", "guess_v7", "guess_v8", "guess_v9_2024_06_01", "guess_v10"):
        shutil.copytree(model, tmp_path / "old" / name)
    told = adopt(tmp_path / "old").output
    assert "Adopted 6 models." in told
    reader = open_reader("", [str(tmp_path / "old")])
    versions = reader.catalog.versions
    assert [version.id for version in versions] == [f"guess:{number}" for number in range(7, 13)]
    assert {version.listing.digest for version in versions if version.listing} == {independent_digest(model)}
    for version in versions:
        same = details(reader.catalog, version, reader.manifest_bytes)["lineage"]["same_content"]
        assert set(same) == {other.id for other in versions} - {version.id}


LIMITED = f"""
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, ({2 << 30}, {2 << 30}))
from tb_versions.cli import main
main(sys.argv[1:])
"""
"""The command line in a process with 2 GiB of memory."""


class Runs:
    """Leaves a trace where it is unpickled."""

    def __init__(self, path: str) -> None:
        self._path = path

    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, (self._path,)


def hostile(folder: Path, trace: Path) -> None:
    """Models that would run, fill the memory, lead elsewhere or never end, each in a folder of its own."""

    def put(name: str, data: bytes) -> None:
        path = folder / name.partition(".")[0] / name
        path.parent.mkdir(parents=True)
        path.write_bytes(data)

    put("pickled.pt", pickle.dumps(Runs(str(trace))))
    put("pickled2.ckpt", b"PK\x03\x04" + pickle.dumps(Runs(str(trace))))
    put("long.safetensors", (2**62).to_bytes(8, "little") + b"{}")
    put("longer.safetensors", (2**63 - 1).to_bytes(8, "little") + b"{}")
    put("claims.onnx", b"\x3a\xff\xff\xff\xff\xff\xff\xff\xff\x7f" + b"x" * 100)
    put("claims2.tflite", b"\xff" * 8 + b"TFL3" + b"\xff" * 500)
    put("short.h5", b"\x89HDF\r\n\x1a\n" + b"\xff" * 200)
    put("empty.keras", b"")
    (folder / "bomb").mkdir()
    with zipfile.ZipFile(folder / "bomb" / "bomb.keras", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("config.json", b"[" * (64 << 20))
        packed.writestr("metadata.json", b" " * (64 << 20))
    (folder / "lambda").mkdir()
    with zipfile.ZipFile(folder / "lambda" / "lambda.keras", "w") as packed:
        config = {"module": "builtins", "class_name": "exec", "config": {"code": f"__import__('os').mkdir('{trace}')"}}
        packed.writestr("config.json", json.dumps(config))
        packed.writestr("metadata.json", json.dumps({"keras_version": "3.0.0" + "\u202e" * 50}))
        packed.writestr("../../outside", b"x")
    (folder / "links").mkdir()
    with h5py.File(folder / "links" / "links.h5", "w") as file:
        file["passwd"] = h5py.ExternalLink("/etc/passwd", "/")
        file.create_dataset("layers/d/vars/0", (2,), dtype="f4", external=[("/etc/passwd", 0, 8)])
    (folder / "virtual").mkdir()
    with h5py.File(folder / "virtual" / "virtual.h5", "w") as file:
        layout = h5py.VirtualLayout((2**40,), dtype="f4")
        layout[:] = h5py.VirtualSource("/etc/passwd", "x", shape=(2**40,))
        file.create_virtual_dataset("layers/d/vars/0", layout)
    (folder / "huge").mkdir()
    with h5py.File(folder / "huge" / "huge.h5", "w") as file:
        file.attrs["keras_version"] = "3"
        for number in range(4):
            file.create_dataset(f"model_weights/{number}", (2**31, 2**31), chunks=(1, 1), dtype=np.float32)
    (folder / "linked").mkdir()
    (folder / "linked" / "model.keras").symlink_to("/etc/passwd")
    os.mkfifo(folder / "fifo.keras")
    (folder / "fine").mkdir()
    (folder / "fine" / "saved_model.pb").write_bytes(small_model())


@pytest.mark.parametrize("elsewhere", [False, True])
def test_hostile_models_run_nothing_and_are_a_sentence_each(tmp_path: Path, elsewhere: bool) -> None:
    hostile(tmp_path / "old", tmp_path / "trace")
    before = {path: path.lstat().st_mtime_ns for path in (tmp_path / "old").rglob("*")}
    options = ["--models-dir", tmp_path / "models"] if elsewhere else []
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, "adopt", str(tmp_path / "old"), *map(str, options)],
        capture_output=True,
        text=True,
        check=False,
        timeout=HANGS,
    )
    assert done.returncode == 5, done.stderr
    assert "Traceback" not in done.stderr + done.stdout
    assert not (tmp_path / "trace").exists()
    lines = [line for line in done.stdout.splitlines() if line.startswith("Skipped ")]
    for name in ("long", "longer", "claims", "claims2", "short", "empty", "bomb", "linked", "fifo"):
        assert sum(f"/{name}{end}" in line for line in lines for end in (".", ":", "/")) > 0, (name, lines)
    root = tmp_path / "models" if elsewhere else tmp_path / "old"
    made = {version.model: version for version in tbv.open_catalog(models_dir=root).versions}
    assert {"fine", "pickled", "pickled2", "links", "virtual"} <= set(made)
    links, virtual = made["links"].listing, made["virtual"].listing
    assert links is not None
    assert links.parameters is None  # of a form that is not read
    assert virtual is not None
    assert virtual.parameters == 2**40  # as it says: nothing was read
    after = {path: path.lstat().st_mtime_ns for path in (tmp_path / "old").rglob("*")}
    if elsewhere:
        assert after == before
