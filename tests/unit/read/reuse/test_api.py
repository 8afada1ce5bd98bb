from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest

import tb_versions as tbv
from tb_versions.core.manifest import MANIFEST_NAME
from tests.support.effort import HANGS
from tests.support.world import World

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    for number, semantic in ((1, "1.0.0"), (2, "1.1.0"), (10, "2.0.0-rc.1")):
        made.version("digits", number, semantic_version=semantic)
    return made


@pytest.mark.parametrize(
    ("reference", "folder"),
    [("digits:1", "1"), ("digits:1.1.0", "2"), ("digits", "10"), ("digits:2.0.0-rc.1", "10"), ("digits:01", "1")],
)
def test_a_reference_finds_its_folder(world: World, reference: str, folder: str) -> None:
    assert tbv.path(reference, models_dir=world.models) == world.models / "digits" / folder
    assert not tbv.verify(reference, models_dir=world.models)


def test_a_semantic_version_is_found_whatever_its_build_says(world: World) -> None:
    world.version("digits", 11, semantic_version="3.0.0+build.1")
    assert tbv.path("digits:3.0.0", models_dir=world.models).name == "11"
    assert tbv.path("digits:3.0.0+build.1", models_dir=world.models).name == "11"


@pytest.mark.parametrize(
    ("reference", "error"),
    [
        ("digits:3", tbv.VersionNotFoundError),
        ("digits:9.9.9", tbv.VersionNotFoundError),
        ("nothing", tbv.VersionNotFoundError),
        ("digits:x", tbv.InvalidReferenceError),
        ("digits@best", tbv.VersionNotFoundError),
        ("../digits:1", tbv.InvalidReferenceError),
    ],
)
def test_what_names_nothing_says_so(world: World, reference: str, error: type[Exception]) -> None:
    for function in (tbv.path, tbv.verify, tbv.load):
        with pytest.raises(error):
            function(reference, models_dir=world.models)


def test_a_manifest_in_a_strange_folder_decides_nothing(world: World) -> None:
    """Taking it would run the code of a model that nobody named."""
    world.version("digits", 10, folder=world.models / "copy" / "10", description="another")
    world.version("digits", 999, folder=world.models / "copy" / "scratch")
    for reference in ("digits", "digits:10"):
        assert tbv.path(reference, models_dir=world.models) == world.models / "digits" / "10"
    with pytest.raises(tbv.VersionNotFoundError):
        tbv.path("digits:999", models_dir=world.models)
    assert tbv.path("digits:2", models_dir=world.models / "digits").name == "2"


def test_a_missing_models_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(tbv.UnreadableFolderError, match="nowhere does not exist"):
        tbv.path("digits", models_dir=tmp_path / "nowhere")
    with pytest.raises(tbv.UnsupportedStorageError, match="ftp://"):
        tbv.path("digits", models_dir="ftp://host/models")


def test_verify_names_every_difference(world: World) -> None:
    folder = world.models / "digits" / "1"
    (folder / "saved_model.pb").write_bytes(b"DIGITS 1")
    (folder / "variables" / "variables.index").write_bytes(b"longer index")
    (folder / "extra").write_text("")
    (folder / "link").symlink_to("/etc/passwd")
    changes = tbv.verify("digits:1", models_dir=world.models)
    assert (changes.changed, changes.resized) == (("saved_model.pb",), ("variables/variables.index",))
    assert (changes.extra, [str(item) for item in changes.unsafe]) == (("extra",), ["link (a symlink)"])


def test_verify_reports_its_progress(world: World) -> None:
    seen: list[tuple[int, int]] = []
    tbv.verify("digits:1", models_dir=world.models, progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (13, 13)


def test_200_single_bit_flips_are_found_and_not_loaded(world: World) -> None:
    files = {
        "saved_model.pb": bytes(range(256)) * 20,
        "fingerprint.pb": bytes(50),
        "variables/variables.index": b"index" * 40,
        "variables/variables.data-00000-of-00001": random.Random(1).randbytes(5_000),
        "assets/words.txt": b"a\nb\nc\n",
    }
    folder = world.version("flips", 1, files=files)
    random_ = random.Random(200)
    names = list(files)
    found = refused = 0
    before = "tensorflow" in sys.modules
    for position in range(200):
        path = folder / names[position % len(names)]
        whole = path.read_bytes()
        flipped = bytearray(whole)
        flipped[random_.randrange(len(flipped))] ^= 1 << random_.randrange(8)
        path.write_bytes(flipped)
        changes = tbv.verify("flips:1", models_dir=world.models)
        found += changes.changed == (path.relative_to(folder).as_posix(),)
        try:
            tbv.load("flips:1", models_dir=world.models)
        except tbv.VersionDamagedError as error:
            refused += "is not what was published" in str(error)
        path.write_bytes(whole)
    print(f"200 single-bit flips: verify found {found}, load refused {refused}")
    assert (found, refused) == (200, 200)
    assert ("tensorflow" in sys.modules) == before
    assert not tbv.verify("flips:1", models_dir=world.models)


def test_bits_flipped_in_the_manifest_never_load_other_files(world: World) -> None:
    """A flip may change a description unseen: the manifest is no signature. But files that differ never load."""
    folder = world.version("m", 1)
    (folder / "saved_model.pb").write_bytes(b"M 1")
    path = folder / MANIFEST_NAME
    whole = path.read_bytes()
    for position in range(len(whole)):
        flipped = bytearray(whole)
        flipped[position] ^= 1 << position % 8
        path.write_bytes(flipped)
        with pytest.raises(tbv.TbVersionsError):
            tbv.load("m:1", models_dir=world.models)


def test_a_file_that_is_missing_extra_or_a_symlink_stops_loading(world: World) -> None:
    (world.models / "digits" / "1" / "saved_model.pb").unlink()
    (world.models / "digits" / "2" / "variables" / "new").write_text("")
    (world.models / "digits" / "10" / "link").symlink_to("/etc/passwd")
    for number, words in (
        (1, "missing: saved_model.pb"),
        (2, "extra: variables/new"),
        (10, r"not plain: link \(a symlink\)"),
    ):
        with pytest.raises(tbv.VersionDamagedError, match=words):
            tbv.load(f"digits:{number}", models_dir=world.models)


def test_a_damaged_manifest_stops_loading(world: World) -> None:
    path = world.models / "digits" / "1" / MANIFEST_NAME
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(tbv.VersionDamagedError, match="not JSON"):
        tbv.load("digits:1", models_dir=world.models)


REAL = '''
import os, pathlib, subprocess, sys
import numpy as np, tensorflow as tf
import tb_versions as tbv
base = pathlib.Path(sys.argv[1])
marker = base / "marker"

class Acts(tf.Module):
    def __init__(self):
        super().__init__()
        self.factor = tf.Variable(3.0)

    @tf.function(input_signature=[tf.TensorSpec([None])])
    def __call__(self, x):
        tf.io.write_file(str(marker), "ran")
        return x * self.factor

model = tf.keras.Sequential([tf.keras.Input((4,)), tf.keras.layers.Dense(2)])
tbv.publish(model, base / "models", name="keras", strict=True, semantic_version="1.2.3")
tbv.publish(Acts(), base / "models", name="acts", strict=True)
WITHOUT_TENSORFLOW = """
import atexit, runpy, sys
def check():
    with open("/proc/self/maps") as maps:
        print("mapped:", "tensorflow" in sys.modules or "libtensorflow" in maps.read(), file=sys.stderr)
atexit.register(check)
runpy.run_module("tb_versions.cli", run_name="__main__")
"""
for verb in (
    ["list"], ["list", "--json"], ["show", "acts:1"], ["verify"], ["inspect", "acts:1"],
    ["compare", "keras:1", "acts:1"], ["export", "--out", str(base / "all.html")],
    ["export", "--out", str(base / "all.csv")],
    ["export", "acts:1", "--format", "oci", "--out", str(base / "oci")], ["card", "acts:1"], ["bom", "acts:1"],
    ["dossier", "acts:1"], ["copy", "acts:1", "--to", str(base / "copy")], ["index"],
    ["promote", "acts:1", "--alias", "production", "--reason", "x"],
):
    done = subprocess.run([sys.executable, "-c", WITHOUT_TENSORFLOW, *verb, "--models-dir", str(base / "models")],
                          capture_output=True, text=True)
    assert done.returncode == 0, (verb, done.stdout + done.stderr)
    assert "mapped: False" in done.stderr, (verb, done.stderr)
assert not marker.exists(), "something ran the model"
x = np.ones((3, 4), "float32")
for reference in ("keras:1", "keras:1.2.3", "keras"):
    again = tbv.load(reference, models_dir=base / "models")
    assert isinstance(again, tf.keras.Model)
    np.testing.assert_allclose(again(x), model(x))
acts = tbv.load("acts", models_dir=base / "models")
assert not marker.exists()
assert acts(tf.constant([2.0])).numpy().tolist() == [6.0]
assert marker.exists()
data = base / "models/acts/1/variables/variables.data-00000-of-00001"
flipped = bytearray(data.read_bytes()); flipped[0] ^= 1; data.write_bytes(flipped)
try:
    tbv.load("acts:1", models_dir=base / "models")
except tbv.VersionDamagedError as error:
    print(error)
'''


@pytest.mark.tensorflow
def test_a_published_model_comes_back_and_nothing_else_runs_it(tmp_path: Path) -> None:
    """Keras and tf.Module; no command runs a model that writes a file when it runs, nor loads TensorFlow."""
    done = subprocess.run(
        [sys.executable, "-c", REAL, str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        timeout=HANGS,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert "variables.data-00000-of-00001" in done.stdout


@pytest.mark.tensorflow
def test_a_folder_of_other_files_is_not_loaded(world: World) -> None:
    pytest.importorskip("tensorflow")
    world.version("files", 1, files={"weights.bin": b"x"})
    with pytest.raises(tbv.NotASavedModelError, match=r"tb_versions\.path gives its folder"):
        tbv.load("files:1", models_dir=world.models)


def test_the_newest_is_one_that_loading_finds(tmp_path: Path) -> None:
    """A manifest elsewhere is listed, but decides nothing while there are versions in their place."""
    world = World(tmp_path)
    world.version("digits", 9, folder=world.models / "scratch")
    world.version("digits", 12, folder=world.models / "old" / "digits" / "12")
    catalog = tbv.open_catalog("", world.models)
    assert catalog.find("digits").number == 12
    world.version("digits", 1)
    catalog = tbv.open_catalog("", world.models)
    assert (catalog.find("digits").number, catalog.find("digits:12").number) == (1, 12)
    assert tbv.open_catalog("", world.models / "digits").find("digits").number == 1


def test_a_catalog_and_its_versions_are_one_line(tmp_path: Path) -> None:
    world = World(tmp_path)
    metrics = (tbv.Metric(name="auc", value=0.5), tbv.Metric(name="auc", value=0.25, dataset="test"))
    world.version("digits", 1, metrics=metrics, run="cnn")
    world.version("digits", 2)
    catalog = tbv.open_catalog(models_dir=[world.models])
    assert repr(catalog) == "Catalog(versions=2, models=1, runs=0, problems=0)"
    one, two = catalog.versions
    assert one.metrics == {"auc": 0.5, "auc [test]": 0.25}
    assert repr(one) == f"Version('digits:1', 'present', metrics={one.metrics!r}, run='cnn')"
    assert repr(two) == "Version('digits:2', 'present', metrics={})"
    assert tbv.open_catalog(models_dirs=[world.models]).versions == catalog.versions


def test_what_verify_returns_says_what_differs_and_no_more(world: World) -> None:
    assert repr(tbv.verify("digits:1", models_dir=world.models)) == "Verified(announcement='not looked at')"
    (world.models / "digits" / "1" / "new").write_text("")
    found = tbv.verify("digits:1", models_dir=world.models)
    assert repr(found) == "Verified(extra=('new',), announcement='not looked at')"


@pytest.mark.filterwarnings("ignore::tb_versions.TbVersionsWarning")  # that no run will show it is said once
def test_what_publish_returns_has_its_metrics_and_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "w").write_text("w")
    metrics = {"auc": 0.5, "loss": float("inf")}
    published = tbv.publish(tmp_path, tmp_path.parent / "models", name="m", metrics=metrics)
    assert published is not None
    assert published.metrics == metrics
    said = f"metrics={metrics!r}, path='{published.path}', announced=False"
    assert repr(published) == f"PublishedVersion('m:1', {said})"
    assert (
        repr(published.manifest)
        == f"VersionManifest('m:1', metrics=2, files=1, digest='{published.manifest.digest[:19]}')"
    )
    again = tbv.open_catalog(models_dir=tmp_path.parent / "models").find("m")
    assert again.metrics == metrics


@pytest.mark.parametrize(
    "name",
    [
        *("saved_model.pbtxt", "fingerprint.pb", "keras_metadata.pb", "variables/variables.data-00000-of-00002"),
        *("assets.extra/model.keras", "assets/words.txt", "SAVED_MODEL.PBTXT", "debug/saved_model_debug_info.pb"),
    ],
)
def test_an_added_file_that_would_be_read_stops_loading(world: World, name: str) -> None:
    path = world.models / "digits" / "1" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"x")
    with pytest.raises(tbv.VersionDamagedError, match="1 file is extra: "):
        tbv.load("digits:1", models_dir=world.models)


@pytest.mark.parametrize("name", ["notes.txt", "model.pt", "eval/report.html"])
def test_a_strict_load_takes_no_added_file(world: World, name: str) -> None:
    path = world.models / "digits" / "1" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"x")
    with pytest.raises(tbv.VersionDamagedError, match=f"1 file is extra: {name}"):
        tbv.load("digits:1", models_dir=world.models, strict=True)


def test_an_added_graph_makes_no_saved_model_of_other_files(world: World) -> None:
    """What is loaded is what the manifest lists."""
    folder = world.version("files", 1, files={"model.pt": b"x"})
    with pytest.raises(tbv.NotASavedModelError, match=r"tb_versions\.path gives its folder"):
        tbv.load("files:1", models_dir=world.models)
    (folder / "saved_model.pb").write_bytes(b"x")
    with pytest.raises(tbv.VersionDamagedError):
        tbv.load("files:1", models_dir=world.models)
