"""`tb-versions import-wandb`."""

from __future__ import annotations

import math
import os
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner, Result

from tb_versions.cli import main
from tb_versions.core import codec
from tb_versions.core.manifest import VersionManifest
from tb_versions.privacy.tokens import MASK
from tests.support.wandb_runs import EXIT, START, artifact, history, run, stage, summary, write_run

FILES = {"weights.bin": b"abc", "variables/index": b"\0" * 1_000}


def tb_versions(*arguments: object, code: int = 0) -> Result:
    done = CliRunner().invoke(main, [*map(str, arguments)], prog_name="tb-versions")
    assert done.exit_code == code, done.output
    return done


def imported(folder: Path, *more: object, code: int = 0) -> Result:
    return tb_versions("import-wandb", "--dir", folder, "--models-dir", folder / "models", *more, code=code)


def manifest(folder: Path, reference: str = "mnist-digits/1") -> VersionManifest:
    return codec.decode((folder / "models" / reference / "version_manifest.json").read_bytes())


def one_run(folder: Path) -> Path:
    config = {"lr": 1e-3, "opt": {"name": "adam", "b": [1, 2]}, "_wandb": {"x": 1}, "api_key": "hunter2hunter2"}
    return write_run(
        folder,
        run(name="größe", group="g", config=config),
        *(history(step, {"acc": 0.5 + step / 10, "val/loss": 1 / (step + 1)}) for step in range(3)),
        artifact("digits", FILES, aliases=["latest", "best"], description="my *model*", metadata='{"k": {"a": 1}}'),
        artifact("data", {"x": b"1"}, kind="dataset"),
        history(3, {"acc": 0.9, "late": math.inf, "text": "hi", "img": {"_type": "image-file", "size": 3}}),
        summary(best_acc=0.9, acc=0.9),
        EXIT,
    )


def test_a_model_artifact_is_a_version_with_the_numbers_of_its_moment(tmp_path: Path) -> None:
    one_run(tmp_path)
    done = imported(tmp_path)
    assert "mnist-digits@best is mnist-digits:1." in done.stdout
    assert done.stdout.endswith("Imported 1 version; 1 said later.\n")
    found = manifest(tmp_path)
    assert {metric.name: (metric.value, metric.step) for metric in found.metrics} == {
        "acc": (0.7, 2),
        "val/loss": (1 / 3, 2),
        "late": (math.inf, 3),
        "best_acc": (0.9, None),
    }
    secret = {"api_key": MASK}
    assert found.hyperparameters == {"lr": 1e-3, "opt.name": "adam", "opt.b": "[1, 2]", **secret}
    assert found.description == "my *model*"
    assert found.labels["metadata.k.a"] == "1"
    assert found.labels["wandb.run_name"] == "größe"
    assert found.labels["wandb.tags"] == "x, ÿ"
    assert found.code is not None
    assert (found.code.commit, found.code.remote) == ("c" * 40, "https://example.org/x.git")
    assert found.environment is not None
    assert found.environment.packages == {"numpy": "2.0.1"}
    assert found.created is not None
    assert found.created.timestamp() == START + 2
    assert found.inferred[0].evidence == "the last time that the run had told before the artifact was logged"
    assert found.imported is not None
    assert found.imported.notes == (
        "Logged and no numbers (texts, tables, media), so left out: img, text.",
        "Logged after the artifact, and taken from the run's end: best_acc, late.",
        "Its files stay in W&B's staging folder, under other names; --copy-files copies them.",
    )


def test_a_second_import_changes_nothing(tmp_path: Path) -> None:
    one_run(tmp_path)
    staging = stage(tmp_path / "staging", FILES)
    imported(tmp_path, "--copy-files", "--staging", staging)
    before = {path: path.read_bytes() for path in (tmp_path / "models").rglob("*") if path.is_file()}
    again = imported(tmp_path, "--copy-files", "--staging", staging)
    assert again.stdout == "Imported 0 versions; 1 imported before.\n"
    assert {path: path.read_bytes() for path in (tmp_path / "models").rglob("*") if path.is_file()} == before
    assert (tmp_path / "models/mnist-digits/1/variables/index").read_bytes() == FILES["variables/index"]
    assert tb_versions("verify", "--models-dir", tmp_path / "models").exit_code == 0


def test_a_dry_run_says_whether_the_files_are_at_hand_and_leaves_nothing(tmp_path: Path) -> None:
    one_run(tmp_path)
    staging = stage(tmp_path / "staging", FILES)
    done = imported(tmp_path, "--copy-files", "--staging", staging, "--dry-run")
    assert "mnist-digits:1  mnist/digits" in done.stdout
    assert "  copied  " in done.stdout
    assert done.stdout.endswith("Would import 1 version; 1 said later.\n")
    assert sorted(os.listdir(tmp_path)) == ["staging", "wandb"]


def test_the_same_content_twice_is_one_version_and_its_alias_moves(tmp_path: Path) -> None:
    other = {"weights.bin": b"other"}
    for day, (files, alias) in enumerate(((FILES, "prod"), (other, "prod"), (FILES, "prod")), start=1):
        at = START + day * 1_000
        records = (
            run(f"r{day}", at=at),
            history(0, {"acc": day}, at=at + 10),
            artifact("digits", files, aliases=[alias]),
        )
        write_run(tmp_path, *records, EXIT, name=f"offline-run-2025061{day}_000000-r{day}")
    done = imported(tmp_path)
    assert done.stdout.endswith("Imported 2 versions; 3 said later.\n")
    told = orjson.loads(tb_versions("history", "mnist-digits", "--models-dir", tmp_path / "models", "--json").stdout)
    assert [(event["version"], event["time"] // 1_000) for event in told] == [
        (1, START + 1_010),
        (2, START + 2_010),
        (1, START + 3_010),
    ]
    assert [metric.value for metric in manifest(tmp_path).metrics] == [1.0]
    assert imported(tmp_path).stdout == "Imported 0 versions; 2 imported before.\n"


def test_runs_without_a_model_are_counted_and_are_versions_where_that_is_wanted(tmp_path: Path) -> None:
    write_run(tmp_path, run(name="one", notes="why"), history(4, {"acc": 1}), EXIT)
    done = imported(tmp_path)
    assert (
        "1 run has no artifact of type model and is no version: one of mnist. To make a version of each: --runs."
        in (done.stderr)
    )
    assert done.stdout == "Imported 0 versions.\n"
    imported(tmp_path, "--runs")
    found = manifest(tmp_path, "mnist/1")
    assert (found.description, found.imported.version if found.imported else "") == ("why", "one")
    assert [(metric.name, metric.value, metric.step) for metric in found.metrics] == [("acc", 1.0, 4)]
    later = (run(name="one", at=START + 99), history(9, {"loss": 2}), EXIT)
    write_run(tmp_path, *later, name="offline-run-20250616_000000-r1")
    assert 'mnist:1: measured since: "loss"' in imported(tmp_path, "--runs").stdout


@pytest.mark.parametrize(
    ("arrange", "words"),
    [
        ("missing", '"weights.bin" is not at hand'),
        ("other", "is not what was recorded: its md5 is another"),
        ("longer", "bytes where 3 were recorded"),
        ("link", '"weights.bin" is not at hand'),
    ],
)
def test_files_that_are_not_those_are_not_taken(arrange: str, words: str, tmp_path: Path) -> None:
    one_run(tmp_path)
    staging = stage(tmp_path / "staging", FILES)
    (copy,) = (path for path in staging.iterdir() if path.read_bytes() == b"abc")
    copy.unlink()
    if arrange in ("other", "longer"):
        copy.write_bytes({"other": b"xyz", "longer": b"abcdef"}[arrange])
    elif arrange == "link":
        (tmp_path / "outside").write_bytes(b"abc")
        os.symlink(tmp_path / "outside", copy)
    done = imported(tmp_path, "--copy-files", "--staging", staging)
    assert words in done.stdout
    assert os.listdir(tmp_path / "models/mnist-digits/1") == ["version_manifest.json"]
    assert manifest(tmp_path).imported is not None


def test_a_path_that_leads_out_of_the_version_is_refused(tmp_path: Path) -> None:
    files = {"../../evil": b"x"}
    write_run(tmp_path, run(), artifact("digits", files), EXIT)
    done = imported(tmp_path, "--copy-files", "--staging", stage(tmp_path / "staging", files))
    assert "can't be the path of files elsewhere" in done.stdout
    assert not list(tmp_path.rglob("evil"))


@pytest.mark.parametrize(
    ("arrange", "words", "code"),
    [
        ("none", "does not exist", 2),
        ("empty", "has no run of W&B", 2),
    ],
)
def test_a_folder_without_runs_is_one_sentence(arrange: str, words: str, code: int, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    arguments = ["import-wandb", "--dir", str(tmp_path / arrange), "--models-dir", str(tmp_path / "models")]
    done = CliRunner().invoke(main, arguments, prog_name="tb-versions")
    assert done.exit_code == code, done.output
    assert words in done.output
    assert len(done.output.splitlines()) == 1


def test_what_is_no_run_is_said_and_the_rest_is_imported(tmp_path: Path) -> None:
    one_run(tmp_path)
    write_run(tmp_path, whole=b"PK\3\4" * 100, name="offline-run-20250617_000000-zip")
    write_run(tmp_path, EXIT, name="offline-run-20250617_000000-nameless")
    linked = write_run(tmp_path, name="offline-run-20250617_000000-link", whole=b"x")
    (linked / "run-link.wandb").unlink()
    os.symlink("/etc/passwd", linked / "run-link.wandb")
    os.symlink(linked, tmp_path / "wandb/latest-run")
    done = imported(tmp_path, code=1)
    assert "Not read: offline-run-20250617_000000-zip: it is no record file of W&B." in done.stdout
    assert "Not read: offline-run-20250617_000000-nameless: its record names no run." in done.stdout
    assert "Not read: offline-run-20250617_000000-link: Too many levels of symbolic links" in done.stdout
    assert done.stdout.endswith("Imported 1 version; 1 said later; 3 not read.\n")
