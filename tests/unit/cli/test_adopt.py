"""`tb-versions adopt`."""

from __future__ import annotations

import os
import pickle
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner, Result

from tb_versions.cli import main
from tb_versions.core import codec
from tb_versions.core.digest import digest_files, list_files, version_digest
from tb_versions.core.manifest import MANIFEST_NAME, VersionManifest
from tb_versions.interop.adopting import adopt as write_manifests
from tb_versions.interop.adopting import planning
from tb_versions.read.reader import open_reader
from tests.support.savedmodel_bytes import small_model
from tests.support.unprivileged import run_unprivileged

pytestmark = pytest.mark.slow


def adopt(*arguments: object, code: int = 0) -> Result:
    done = CliRunner().invoke(main, ["adopt", *map(str, arguments)], prog_name="tb-versions")
    assert done.exit_code == code, done.output
    return done


def plan_of(*arguments: object) -> dict[str, Any]:
    told: dict[str, Any] = orjson.loads(adopt(*arguments, "--dry-run", "--json").stdout)
    return told


def model(folder: Path, *, at: float | None = None) -> Path:
    folder.mkdir(parents=True)
    (folder / "saved_model.pb").write_bytes(small_model())
    if at is not None:
        os.utime(folder / "saved_model.pb", (at, at))
    return folder


def manifest_of(folder: Path) -> VersionManifest:
    return codec.decode((folder / MANIFEST_NAME).read_bytes())


def contents(base: Path) -> dict[str, tuple[bytes, int]]:
    """Every file but this package's own, with its bytes and time."""
    return {
        str(path.relative_to(base)): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in sorted(base.rglob("*"))
        if path.is_file() and path.name != MANIFEST_NAME and ".versions" not in path.parts
    }


def everything(base: Path) -> dict[str, tuple[int, int]]:
    return {str(p.relative_to(base)): (p.stat().st_mtime_ns, p.stat().st_size) for p in sorted(base.rglob("*"))}


@pytest.fixture
def others(test_data: Path, tmp_path: Path) -> Path:
    """SavedModels of others, copied to where manifests may be written."""
    copied = tmp_path / "others"
    for name in ("savedmodels", "logdirs"):
        shutil.copytree(test_data / name, copied / name)
    return copied


def test_savedmodels_of_others_become_versions_and_stay_as_they_are(others: Path) -> None:
    before = contents(others)
    done = adopt(others)
    assert "Adopted 4 models; 1 skipped." in done.output
    assert "found a TF1 session-bundle export.meta" in done.output
    assert contents(others) == before
    found = {f"{version.id}": version for version in open_reader("", [str(others)]).catalog.versions}
    assert {name: version.state for name, version in found.items()} == {
        "saved_model_half_plus_two_2_versions:123": "present",
        "saved_model_half_plus_two_2_versions:124": "present",
        "saved_model_half_plus_two_tf2_cpu:123": "present",
        "chicago-taxi:1646034756": "present",
    }


def test_what_is_recorded_is_the_models_and_not_this_machines(others: Path) -> None:
    folder = others / "savedmodels" / "saved_model_half_plus_two_tf2_cpu" / "00000123"
    made = (folder / "saved_model.pb").stat().st_mtime
    adopt(others / "savedmodels")
    manifest = manifest_of(folder)
    assert (manifest.model, manifest.number, manifest.format) == (
        "saved_model_half_plus_two_tf2_cpu",
        123,
        "saved_model",
    )
    assert (manifest.code, manifest.environment, manifest.hardware, manifest.seeds) == (None, None, None, {})
    assert manifest.created is not None
    assert abs(manifest.created.timestamp() - made) < 0.001
    assert [(each.field, each.evidence) for each in manifest.inferred] == [("created", "the time of saved_model.pb")]
    files = digest_files(folder, list_files(folder))
    assert (manifest.files, manifest.digest) == (files, version_digest(files))
    assert manifest.saved_model is not None
    (graph,) = manifest.saved_model.meta_graphs
    assert graph.tensorflow_version
    assert "serving_default" in {signature.key for signature in graph.signatures}


def test_a_folder_named_by_the_second_was_made_then(others: Path) -> None:
    adopt(others / "logdirs")
    (folder,) = (others / "logdirs").glob("*/export/chicago-taxi/1646034756")
    manifest = manifest_of(folder)
    assert manifest.created is not None
    assert manifest.created.timestamp() == 1_646_034_756
    assert manifest.inferred[0].evidence == "the folder's name, 1646034756"


def test_a_second_run_changes_nothing(others: Path) -> None:
    adopt(others)
    before = everything(others)
    assert "Adopted 0 models; 4 were versions already; 1 skipped." in adopt(others).output
    assert everything(others) == before


def test_a_dry_run_prints_the_plan_and_writes_nothing(others: Path) -> None:
    before = everything(others)
    done = adopt(others, "--dry-run")
    assert "Would adopt 4 models; 1 skipped." in done.output
    assert "saved_model_half_plus_two_2_versions:124  saved_model" in done.output
    assert everything(others) == before


def test_named_folders_get_numbers_by_their_names_and_then_by_order(tmp_path: Path) -> None:
    for name in ("digits_v2_2024_06_01", "digits_v10", "digits-1.0.0", "digits-1.1.0"):
        model(tmp_path / name)
    told = plan_of(tmp_path)["versions"]
    assert {os.path.basename(v["folder"]): (v["id"], v["semantic_version"]) for v in told} == {
        "digits_v2_2024_06_01": ("digits:2", None),
        "digits_v10": ("digits:10", None),
        "digits-1.0.0": ("digits:11", "1.0.0"),
        "digits-1.1.0": ("digits:12", "1.1.0"),
    }


def test_numbers_follow_the_times_where_that_is_asked(tmp_path: Path) -> None:
    for name, at in (("best", 3_000), ("first", 1_000), ("last", 2_000)):
        model(tmp_path / name, at=1_700_000_000 + at)
    told = plan_of(tmp_path, "--name", "digits", "--number-from", "mtime")["versions"]
    assert [(v["id"], os.path.basename(v["folder"])) for v in told] == [
        ("digits:1", "first"),
        ("digits:2", "last"),
        ("digits:3", "best"),
    ]


def test_only_numbers_in_names_count_where_that_is_asked(tmp_path: Path) -> None:
    model(tmp_path / "digits" / "v3")
    model(tmp_path / "digits" / "v1.5")
    told = plan_of(tmp_path, "--number-from", "folder")
    assert [v["id"] for v in told["versions"]] == ["digits:3"]
    assert ["no number in its name" in each["why"] for each in told["skipped"]] == [True]


def test_two_folders_of_one_number_never_become_one_version(tmp_path: Path) -> None:
    model(tmp_path / "digits" / "123")
    model(tmp_path / "digits" / "00000123")
    done = adopt(tmp_path)
    assert "Adopted 1 model; 1 skipped." in done.output
    assert "would be digits:123" in done.output
    assert len(list(tmp_path.rglob(MANIFEST_NAME))) == 1


def test_two_folders_of_one_semantic_version_never_become_two_versions_of_it(tmp_path: Path) -> None:
    model(tmp_path / "digits-1.4.0")
    adopt(tmp_path)
    model(tmp_path / "digits_v1.4.0")
    told = plan_of(tmp_path)
    assert told["versions"] == []
    twin = tmp_path / "digits-1.4.0"
    assert [each["why"] for each in told["skipped"]] == [f"would be digits:1.4.0, which {twin} is already."]


def test_two_adopters_at_once_give_no_number_twice(tmp_path: Path) -> None:
    for number in range(40):
        model(tmp_path / "all" / f"export-{number}")
    command = [sys.executable, "-m", "tb_versions.cli", "adopt", str(tmp_path / "all"), "--name", "digits"]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    told = [each.communicate()[0].splitlines()[-1] for each in running]
    assert sorted(told) == ["Adopted 0 models; 40 were versions already.", "Adopted 40 models."]
    numbers = [codec.decode(path.read_bytes()).number for path in tmp_path.rglob(MANIFEST_NAME)]
    assert sorted(numbers) == list(range(1, 41))


def test_what_was_interrupted_goes_on_where_it_stopped(tmp_path: Path) -> None:
    for number in range(1, 6):
        model(tmp_path / "digits" / f"export-{number}")
    with planning([str(tmp_path)], name="digits") as plan:
        adopting = write_manifests(plan, {})
        next(adopting), next(adopting)  # and then Ctrl-C
    assert "Adopted 3 models; 2 were versions already." in adopt(tmp_path, "--name", "digits").output
    manifests = {path.parent.name: codec.decode(path.read_bytes()).number for path in tmp_path.rglob(MANIFEST_NAME)}
    assert manifests == {f"export-{number}": number for number in range(1, 6)}


def test_new_models_go_on_after_the_numbers_that_are_there(tmp_path: Path) -> None:
    model(tmp_path / "digits" / "best")
    adopt(tmp_path, "--name", "digits")
    model(tmp_path / "digits" / "again")
    adopt(tmp_path, "--name", "digits")
    numbers = {path.parent.name: codec.decode(path.read_bytes()).number for path in tmp_path.rglob(MANIFEST_NAME)}
    assert numbers == {"best": 1, "again": 2}


def test_a_damaged_model_is_one_line_and_the_others_become_versions(tmp_path: Path) -> None:
    model(tmp_path / "digits" / "1")
    (tmp_path / "onnx").mkdir()
    (tmp_path / "onnx" / "model.onnx").write_bytes(b"\xff" * 100)
    for options in (["--dry-run"], []):
        done = adopt(tmp_path, *options, code=0 if options else 5)
        (line,) = [line for line in done.output.splitlines() if "model.onnx" in line]
        assert line.startswith(f"Skipped {tmp_path / 'onnx'}:")
        assert "is damaged" in line
    assert manifest_of(tmp_path / "digits" / "1").reference == "digits:1"
    assert not (tmp_path / "onnx" / MANIFEST_NAME).exists()


def test_a_tree_that_cant_be_written_to_is_refused_in_a_sentence(tmp_path: Path) -> None:
    folder = model(tmp_path / "digits" / "1")
    os.chmod(folder, 0o555)
    before = everything(tmp_path)
    done = run_unprivileged("-m", "tb_versions.cli", "adopt", str(tmp_path))
    assert "can't be written to, and the manifest belongs into it" in done.stdout
    assert "Adopted 0 models; 1 skipped." in done.stdout
    assert everything(tmp_path) == before


def test_a_version_in_a_named_folder_is_copied_by_its_path_and_then_promoted(tmp_path: Path) -> None:
    model(tmp_path / "old" / "digits_v2_2024_09_15")
    adopt(tmp_path / "old")
    for told in ("was copied to", "is already in"):
        command = ["copy", str(tmp_path / "old" / "digits_v2_2024_09_15"), "--to", str(tmp_path / "models")]
        done = CliRunner().invoke(main, command)
        assert done.stdout == f"digits:2 {told} {tmp_path / 'models' / 'digits' / '2'}.\n", done.output
    command = [
        "promote",
        "digits:2",
        "--alias",
        "production",
        "--reason",
        "x",
        "--models-dir",
        str(tmp_path / "models"),
    ]
    assert CliRunner().invoke(main, command).exit_code == 0


def test_list_says_that_a_number_is_not_its_folders(tmp_path: Path) -> None:
    model(tmp_path / "digits" / "1646034756")
    adopt(tmp_path, "--number-from", "order")
    done = CliRunner().invoke(main, ["list", "--models-dir", str(tmp_path)])
    assert done.stderr == "digits:1: The folder is called 1646034756, but the manifest says 1.\n"


def test_show_says_what_was_inferred(tmp_path: Path) -> None:
    model(tmp_path / "digits" / "1")
    adopt(tmp_path)
    done = CliRunner().invoke(main, ["show", "digits:1", "--models-dir", str(tmp_path)])
    assert "inferred created  the time of saved_model.pb" in done.stdout


class Runs:
    """Runs a command where it is unpickled."""

    def __init__(self, path: str) -> None:
        self._path = path

    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, (self._path,)


@pytest.mark.parametrize("name", ["model.pt", "model.pth", "last.ckpt"])
def test_a_pickle_is_hashed_and_not_run(tmp_path: Path, name: str) -> None:
    (tmp_path / "net").mkdir()
    (tmp_path / "net" / name).write_bytes(pickle.dumps(Runs(str(tmp_path / "ran"))))
    adopt(tmp_path)
    manifest = manifest_of(tmp_path / "net")
    assert (manifest.reference, manifest.format, [file.path for file in manifest.files]) == ("net:1", "files", [name])
    assert not (tmp_path / "ran").exists()


def test_checkpoints_of_orbax_are_versions_by_step(tmp_path: Path) -> None:
    for step in (100, 200):
        (tmp_path / "jax" / str(step) / "default").mkdir(parents=True)
        (tmp_path / "jax" / str(step) / "_CHECKPOINT_METADATA").write_text("{}")
        (tmp_path / "jax" / str(step) / "default" / "_METADATA").write_text("{}")
    assert [each["id"] for each in plan_of(tmp_path)["versions"]] == ["jax:100", "jax:200"]


def test_a_symlink_inside_a_model_is_one_line_and_is_not_opened(tmp_path: Path) -> None:
    folder = model(tmp_path / "digits" / "1")
    (folder / "assets").symlink_to("/etc")
    done = adopt(tmp_path)
    assert "assets in" in done.output
    assert "is a symlink; a version holds plain files only" in done.output
    assert not (folder / MANIFEST_NAME).exists()


def test_files_that_are_a_whole_tree_of_other_things_are_one_line(tmp_path: Path) -> None:
    (tmp_path / "run" / "logs").mkdir(parents=True)
    (tmp_path / "run" / "model.h5").write_bytes(b"x")
    done = adopt(tmp_path)
    assert f'Skipped {tmp_path / "run"}: holds more than "model.h5".' in done.output


def test_no_framework_is_loaded(tmp_path: Path) -> None:
    model(tmp_path / "digits" / "1")
    script = (
        "import sys; from tb_versions.cli import main\n"
        f"main(['adopt', {str(tmp_path)!r}, '--logdir', {str(tmp_path)!r}], standalone_mode=False)\n"
        "assert not {'tensorflow', 'keras', 'torch', 'jax', 'pickle5'} & set(sys.modules)\n"
    )
    done = run_unprivileged("-c", script)
    assert done.returncode == 0, done.stderr
