"""PublishVersions in real trainings by PyTorch Lightning; the versions are opened by our reader.

The numbers are compared with those that the module computes of the published files.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

import tb_versions as tbv
from tests.support.announced import announcements

ROOT = Path(__file__).resolve().parent.parent.parent
pytestmark = [pytest.mark.client("lightning"), pytest.mark.slow]


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs the trainings in the library's environment."""
    return subprocess.run(
        [ROOT / ".venv-lightning" / "bin" / "python", ROOT / "tests" / "faults" / "lightning_trainings.py", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module", params=["lightning.pytorch", "pytorch_lightning"])
def trained(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    """A folder with all trainings, and what they told; under both names of the library."""
    folder = tmp_path_factory.mktemp("lightning")
    done = run(folder, request.param)
    assert done.returncode == 0, done.stderr[-4000:]
    return folder, json.loads(done.stdout.splitlines()[-1])


def only(told: Any) -> Any:
    (version,) = told["versions"]
    return version


def same(version: Any, metric: str = "val_loss") -> bool:
    """Whether the recorded number is that of the published weights; float32 sums differ by their order."""
    return bool(version["metrics"][metric] == pytest.approx(version["measured"], rel=1e-5))


@pytest.mark.parametrize("training", ["best", "weights_only", "stopped", "without", "end", "usual"])
def test_a_version_has_the_numbers_of_its_own_weights(trained: Any, training: str) -> None:
    told = trained[1][training]
    assert same(only(told))
    assert told["warnings"] == []


@pytest.mark.parametrize("training", ["best", "weights_only", "stopped"])
def test_the_best_file_is_published_and_not_the_last_weights(trained: Any, training: str) -> None:
    told = trained[1][training]
    assert only(told)["metrics"]["val_loss"] == pytest.approx(told["best"])
    assert told["last_loss"] > told["best"]


def test_the_mode_of_the_checkpoint_is_the_goal_of_its_metric(trained: Any) -> None:
    folder, told = trained
    assert only(told["score"])["metrics"]["val_score"] == pytest.approx(told["score"]["best"])
    goals = {metric.name: metric.goal for metric in manifest(folder, "score").metrics}
    assert goals["val_score"] == "max"
    assert manifest(folder, "score").lead_metric == "val_score"


def test_each_file_that_is_saved_is_a_version_with_its_own_numbers(trained: Any) -> None:
    versions = trained[1]["each"]["versions"]
    assert len(versions) == 3, "the best two, as they were known: one was replaced"
    assert all(map(same, versions))
    assert [version["step"] for version in versions] == [4, 8, 12]


def test_a_file_that_is_replaced_under_the_same_name_is_a_version_each_time(trained: Any) -> None:
    versions = trained[1]["same_path"]["versions"]
    assert len(versions) > 1
    assert all(map(same, versions))


def test_a_file_from_the_middle_of_an_epoch_has_no_numbers_of_the_validation_before(trained: Any) -> None:
    told = trained[1]["middle"]
    assert [sorted(version["metrics"]) for version in told["versions"][:3]] == [[], [], []]
    assert same(told["versions"][3]), "saved at the end of an epoch, whose validation measured it"
    assert "no evaluation of this training measured the weights" in told["warnings"][0]


def test_a_validation_in_the_middle_of_an_epoch_gives_its_file_its_numbers(trained: Any) -> None:
    versions = trained[1]["twice"]["versions"]
    assert [version["step"] for version in versions] == [2, 4]
    assert all(map(same, versions))


def test_losses_of_batches_are_numbers_of_no_weights(trained: Any) -> None:
    told = trained[1]["train_loss"]
    assert set(only(told)["metrics"]) == {"val_loss", "val_score"}
    assert same(only(told))
    assert "has no train_loss" in told["warnings"][0]


def test_a_checkpoint_with_objects_is_not_unpickled_and_has_no_numbers(trained: Any) -> None:
    told = trained[1]["objects"]
    assert only(told)["metrics"] == {}
    (warning,) = told["warnings"]
    assert "holds more than plain values" in warning


def test_of_two_processes_one_publishes(trained: Any) -> None:
    assert len(versions(trained[0], "two")) == 1
    found = manifest(trained[0], "two")
    assert set(found.hyperparameters) >= {"rate"}
    assert {metric.name for metric in found.metrics} == {"val_loss", "val_score"}


def test_what_was_published_before_a_kill_is_whole_and_numbers_go_on(tmp_path: Path) -> None:
    for last in (2, 4):
        done = run(tmp_path, "lightning.pytorch", "killed")
        assert done.returncode == -signal.SIGKILL, done.stderr[-4000:]
        found = [version.number for version in versions(tmp_path, "killed")]
        assert sorted(found) == list(range(1, last + 1))
        for number in found:
            assert not tbv.verify(f"net:{number}", models_dir=tmp_path / "killed" / "models")


def test_averaged_weights_have_the_numbers_of_the_averaged_weights(trained: Any) -> None:
    assert same(only(trained[1]["averaged"]))
    assert same(only(trained[1]["averaged_end"]))


def test_a_best_file_that_is_gone_is_one_sentence(trained: Any) -> None:
    told = trained[1]["removed"]
    assert told["versions"] == []
    assert told["error"] == ""
    assert "is not there any more" in told["warnings"][0]


def test_a_failure_to_publish_never_stops_a_training(trained: Any) -> None:
    told = trained[1]["blocked"]
    assert (told["error"], told["versions"]) == ("", [])
    assert "Training goes on" in told["warnings"][0]


def test_an_exception_in_training_is_passed_on_and_what_was_published_stays(trained: Any) -> None:
    folder, told = trained
    assert told["failing"]["error"] == "as asked"
    assert len(told["failing"]["versions"]) == len(versions(folder, "failing")) == 2


def test_a_trial_run_publishes_nothing_and_says_so(trained: Any) -> None:
    assert trained[1]["fast"]["versions"] == []
    assert "fast_dev_run" in trained[1]["fast"]["warnings"][0]


def test_a_resumed_training_whose_best_file_is_older_has_no_numbers_but_a_warning(trained: Any) -> None:
    told = trained[1]["resumed"]
    assert only(told)["metrics"] == {}
    assert "no evaluation of this training measured" in told["warnings"][0]


def test_the_reader_shows_run_step_hyperparameters_and_framework(trained: Any) -> None:
    folder, _ = trained
    (version,) = versions(folder, "best")
    assert version.listing.framework == "PyTorch"
    assert version.hyperparameters["rate"] == 0.1
    assert "k3y" not in json.dumps(dict(version.hyperparameters))
    found = manifest(folder, "best")
    assert [run.name for run in found.runs] == ["run/version_0"]
    assert {(metric.run, metric.tag) for metric in found.metrics} == {
        ("run/version_0", "val_loss"),
        ("run/version_0", "val_score"),
    }
    assert found.saved_model.parameter_count == 4
    assert found.runs[0].identity
    assert ("run/version_0", "net:1") in announcements(folder / "best" / "logs")


def test_weights_in_memory_are_safetensors_that_the_reader_describes(trained: Any) -> None:
    found = manifest(trained[0], "end")
    assert found.format == "safetensors"
    assert [file.path for file in found.files] == ["model.safetensors"]
    assert found.saved_model.parameter_count == 4


def test_two_trainings_in_one_run_folder_are_one_run(trained: Any) -> None:
    first, second = (manifest(trained[0], "resumed", number) for number in (1, 2))
    assert first.runs[0].identity == second.runs[0].identity != ""


def versions(folder: Path, training: str) -> list[Any]:
    return list(tbv.open_catalog(models_dir=folder / training / "models").versions)


def manifest(folder: Path, training: str, number: int = 1) -> Any:
    from tb_versions.core import codec

    return codec.decode((folder / training / "models" / "net" / str(number) / "version_manifest.json").read_bytes())
