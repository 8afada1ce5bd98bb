"""PublishVersions in real trainings by Hugging Face's Trainer; the versions are opened by our reader.

The numbers are compared with those that a loaded model has.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

import tb_versions as tbv
from tb_versions.core import codec
from tests.support.announced import announcements

ROOT = Path(__file__).resolve().parent.parent.parent
pytestmark = [pytest.mark.client("transformers"), pytest.mark.slow]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    """A folder with all trainings, and what they told."""
    folder = tmp_path_factory.mktemp("transformers")
    python = ROOT / ".venv-transformers" / "bin" / "python"
    script = ROOT / "tests" / "faults" / "transformers_trainings.py"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([python, script], cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    return folder, json.loads(done.stdout.splitlines()[-1])


def only(told: Any) -> Any:
    (version,) = told["versions"]
    return version


def same(version: Any) -> bool:
    """Whether the recorded numbers are those of the published weights; float32 sums differ by their order."""
    numbers, again = version["metrics"], version["measured"]
    return bool(
        numbers["eval_loss"] == pytest.approx(again["loss"], rel=1e-5)
        and numbers["eval_accuracy"] == pytest.approx(again["accuracy"], rel=1e-5)
    )


def versions(folder: Path, training: str) -> list[Any]:
    return list(tbv.open_catalog(models_dir=folder / training / "models").versions)


def manifest(folder: Path, training: str, number: int = 1) -> Any:
    return codec.decode((folder / training / "models" / "net" / str(number) / "version_manifest.json").read_bytes())


@pytest.mark.parametrize("training", ["end", "best", "accuracy", "lowest", "stopped", "resumed", "plain", "own_writer"])
def test_a_version_has_the_numbers_of_its_own_weights(trained: Any, training: str) -> None:
    told = trained[1][training]
    assert same(only(told))
    assert told["warnings"] == []


@pytest.mark.parametrize("training", ["best", "accuracy", "lowest", "stopped", "resumed"])
def test_the_best_checkpoint_is_published_where_it_is_loaded(trained: Any, training: str) -> None:
    told = trained[1][training]
    version = only(told)
    metric = "eval_loss" if training in ("best", "stopped", "resumed") else "eval_accuracy"
    assert version["step"] == told["best_step"] < told["history"][-1]["step"]
    assert version["metrics"][metric] == pytest.approx(told["best_metric"])
    assert manifest(trained[0], training, version["number"]).lead_metric == metric


@pytest.mark.parametrize(
    ("training", "metric", "goal"),
    [("best", "eval_loss", "min"), ("accuracy", "eval_accuracy", "max"), ("lowest", "eval_accuracy", "min")],
)
def test_greater_is_better_is_the_goal_also_where_the_prefix_is_left_out(
    trained: Any, training: str, metric: str, goal: str
) -> None:
    goals = {found.name: found.goal for found in manifest(trained[0], training).metrics}
    assert goals[metric] == goal


def test_each_checkpoint_is_a_version_with_its_own_numbers(trained: Any) -> None:
    found = trained[1]["each"]["versions"]
    assert [version["step"] for version in found] == [6, 12, 18]
    assert all(map(same, found))


def test_what_is_published_are_the_bits_that_the_trainer_saved(trained: Any) -> None:
    folder = trained[0] / "each"
    for number, step in ((1, 6), (2, 12), (3, 18)):
        ours = folder / "models" / "net" / str(number) / "model.safetensors"
        assert ours.read_bytes() == (folder / "out" / f"checkpoint-{step}" / "model.safetensors").read_bytes()


@pytest.mark.parametrize("training", ["unevaluated", "unevaluated_end"])
def test_weights_that_nobody_evaluated_have_no_numbers(trained: Any, training: str) -> None:
    assert only(trained[1][training])["metrics"] == {}


def test_a_checkpoint_between_evaluations_has_no_numbers_and_a_warning_says_why(trained: Any) -> None:
    told = trained[1]["apart"]
    assert [sorted(version["metrics"]) for version in told["versions"]] == [[], ["eval_accuracy", "eval_loss"]]
    assert "no evaluation of this training measured the weights" in told["warnings"][0]


def test_weights_that_were_swapped_for_the_evaluation_do_not_give_their_numbers_to_others(trained: Any) -> None:
    told = trained[1]["averaged"]
    assert len(told["versions"]) == 2
    assert [version["metrics"] for version in told["versions"]] == [{}, {}]
    assert "no evaluation of this training measured the weights" in told["warnings"][0]


def test_two_evaluation_sets_keep_their_names(trained: Any) -> None:
    version = only(trained[1]["two_sets"])
    assert version["metrics"]["eval_held_loss"] == pytest.approx(version["measured"]["loss"], rel=1e-5)
    assert version["metrics"]["eval_other_loss"] == pytest.approx(version["measured_other"]["loss"], rel=1e-5)


def test_speeds_are_no_metrics(trained: Any) -> None:
    assert set(only(trained[1]["end"])["metrics"]) == {"eval_loss", "eval_accuracy"}


def test_of_two_processes_one_publishes(tmp_path: Path) -> None:
    python = ROOT / ".venv-transformers" / "bin" / "python"
    script = str(ROOT / "tests" / "faults" / "transformers_trainings.py")
    two = [python, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node=2", script, "two"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(two, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    assert len(versions(tmp_path, "two")) == 1
    assert {metric.name for metric in manifest(tmp_path, "two").metrics} == {"eval_loss", "eval_accuracy"}


def test_an_exception_in_training_is_passed_on_and_what_was_published_stays(trained: Any) -> None:
    assert trained[1]["failing"]["error"] == "as asked"
    assert len(versions(trained[0], "failing")) == 2


def test_a_failure_to_publish_never_stops_a_training(trained: Any) -> None:
    told = trained[1]["blocked"]
    assert (told["error"], told["versions"]) == ("", [])
    assert "Training goes on" in told["warnings"][0]


def test_the_reader_shows_run_hyperparameters_and_tensors_and_no_secret(trained: Any) -> None:
    (version,) = versions(trained[0], "best")
    assert version.hyperparameters["learning_rate"] == 0.2
    assert version.listing.framework == ""
    text = (trained[0] / "best" / "models" / "net" / "1" / "version_manifest.json").read_text()
    assert "hf_AbC" not in text
    assert str(trained[0]) not in text
    found = manifest(trained[0], "best")
    assert found.format == "safetensors"
    assert found.saved_model.parameter_count > 100
    assert {"config.json", "model.safetensors"} <= {file.path for file in found.files}
    assert not [file.path for file in found.files if file.path.endswith((".bin", ".pt", ".pth"))]


def test_the_metric_names_the_curve_that_the_board_shows(trained: Any) -> None:
    found = {metric.name: metric for metric in manifest(trained[0], "best").metrics}
    assert found["eval_loss"].tag == "eval/loss"
    assert found["eval_loss"].run == "best/logs/run"
    curve = scalars(trained[0] / "best" / "logs" / "run", "eval/loss")
    assert curve[found["eval_loss"].step] == pytest.approx(found["eval_loss"].value)


def test_versions_are_announced_in_the_run(trained: Any) -> None:
    assert ("run", "net:1") in announcements(trained[0] / "each" / "logs"), "while the writer is open"
    assert ("run/versions", "net:1") in announcements(trained[0] / "end" / "logs"), "when it is closed"


def test_a_writer_that_the_board_was_given_is_the_run(trained: Any) -> None:
    found = manifest(trained[0], "own_writer")
    assert [run.name for run in found.runs] == ["own_writer/logs/elsewhere"]
    assert ("elsewhere", "net:1") in announcements(trained[0] / "own_writer" / "logs")


def test_two_trainings_in_one_run_folder_are_one_run(trained: Any) -> None:
    first, second = (manifest(trained[0], "resumed", number) for number in (1, 2))
    assert first.runs[0].identity == second.runs[0].identity != ""


def scalars(run: Path, tag: str) -> dict[int, float]:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    read = EventAccumulator(str(run))
    read.Reload()
    if tag in read.Tags()["scalars"]:
        return {event.step: event.value for event in read.Scalars(tag)}
    return {event.step: float(event.tensor_proto.float_val[0]) for event in read.Tensors(tag)}
