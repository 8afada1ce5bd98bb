"""Made-up trainings in real time: the steps of exports are found, and lies are not believed."""

from __future__ import annotations

import os
import shutil
import tarfile
from pathlib import Path

import pytest

from tb_versions.core import codec
from tb_versions.core.manifest import MANIFEST_NAME, VersionManifest
from tb_versions.interop.adopting import adopt, planning
from tb_versions.interop.inferring import Inferred, Logs
from tests.support.trainings import compute, export, train

pytestmark = pytest.mark.slow

TRAININGS = {
    "each": {"steps": 8},
    "third": {"steps": 24, "every": 3},
    "before": {"steps": 16, "every": 2, "before": True},
}


class Trained:
    def __init__(self, base: Path) -> None:
        self.base, self.logs, self.models = base, base / "logs", base / "models"
        self.steps: dict[str, int] = {}
        for name, how in TRAININGS.items():
            settings = {"lr": 0.5, "optimizer": name}
            self.steps |= train(self.logs / name, self.models / name, settings=settings, **how)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """Three trainings with eight exports each; not to be written to."""
    return Trained(tmp_path_factory.mktemp("trained"))


def inferred(models: Path, logs: Path, *, trusts_times: bool = False) -> dict[str, Inferred]:
    with planning([str(models)]) as plan:
        assert len(plan.versions) == 24
        found = Logs(str(logs)).infer(plan.versions, trusts_times=trusts_times)
    return {os.path.relpath(folder, models): each for folder, each in found.items()}


def truth(trained: Trained) -> dict[str, int]:
    return {os.path.relpath(folder, trained.models): step for folder, step in trained.steps.items()}


def test_every_step_of_untouched_exports_is_found(trained: Trained) -> None:
    found = inferred(trained.models, trained.logs)
    assert {folder: each.step for folder, each in found.items()} == truth(trained)
    for folder, each in found.items():
        assert each.runs[0].name == os.path.dirname(folder)
        assert each.runs[0].identity.startswith("sha256:")


def test_the_evidence_is_said_in_words(trained: Trained) -> None:
    found = inferred(trained.models, trained.logs)["third/2"]
    assert "between steps 5 and 6 of run third; this training exports after its step was logged" in found.words
    assert [each.field for each in found.evidence] == ["runs", "metrics", "hyperparameters"]


def test_scalars_at_the_step_and_hyperparameters_come_along(trained: Trained) -> None:
    found = inferred(trained.models, trained.logs)["third/2"]
    assert {(m.name, round(m.value, 6), m.step, m.source, m.run) for m in found.metrics} == {
        ("loss", round(1 / 6, 6), 5, "inferred", "third"),
        ("accuracy", round(1 - 1 / 7, 6), 5, "inferred", "third"),
    }
    assert found.hyperparameters == {"lr": 0.5, "optimizer": "third"}


def test_exports_copied_without_times_have_no_step(trained: Trained, tmp_path: Path) -> None:
    shutil.copytree(trained.models, tmp_path / "models", copy_function=shutil.copyfile)
    found = inferred(tmp_path / "models", trained.logs)
    assert {each.step for each in found.values()} == {None}
    assert all("outside of every run" in each.words for each in found.values())


@pytest.mark.parametrize("trusts_times", [False, True])
def test_exports_copied_without_times_beside_copied_logs_have_no_step(
    trained: Trained, tmp_path: Path, trusts_times: bool
) -> None:
    shutil.copytree(trained.base, tmp_path / "all", copy_function=shutil.copyfile)
    found = inferred(tmp_path / "all" / "models", tmp_path / "all" / "logs", trusts_times=trusts_times)
    assert {each.step for each in found.values()} == {None}


def test_unpacked_exports_have_a_step_only_if_their_times_are_trusted(trained: Trained, tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "packed.tar", "w", format=tarfile.PAX_FORMAT) as packed:
        packed.add(trained.models, "models")
    with tarfile.open(tmp_path / "packed.tar") as packed:
        packed.extractall(tmp_path)  # made above; Python 3.11.2 knows no filter
    assert {each.step for each in inferred(tmp_path / "models", trained.logs).values()} == {None}
    trusted = inferred(tmp_path / "models", trained.logs, trusts_times=True)
    assert {folder: each.step for folder, each in trusted.items()} == truth(trained)


@pytest.mark.parametrize("shift", [-3600, -1, -0.045, 0.045, 0.1, 1, 3600])
def test_exports_of_a_shifted_clock_have_no_wrong_step(trained: Trained, tmp_path: Path, shift: float) -> None:
    shutil.copytree(trained.models, tmp_path / "models")
    for path in (tmp_path / "models").rglob("*"):
        if path.is_file():
            time = path.stat().st_mtime + shift
            os.utime(path, (time, time))
    found = inferred(tmp_path / "models", trained.logs)
    right = truth(trained)
    assert {folder: each.step for folder, each in found.items() if each.step not in (None, right[folder])} == {}
    assert sum(each.step is None for each in found.values()) >= 23  # the last may have been copied at once


def test_logs_whose_files_are_of_another_clock_tell_no_step(trained: Trained, tmp_path: Path) -> None:
    shutil.copytree(trained.logs, tmp_path / "logs")
    for path in (tmp_path / "logs").glob("*/*"):
        os.utime(path, (path.stat().st_mtime - 5,) * 2)
    found = inferred(trained.models, tmp_path / "logs")
    assert {each.step for each in found.values()} == {None}
    assert all("were copied" in each.words for each in found.values())


def test_two_runs_at_one_time_are_ambiguous_and_both_are_named(trained: Trained, tmp_path: Path) -> None:
    shutil.copytree(trained.logs, tmp_path / "logs")
    shutil.copytree(trained.logs / "third", tmp_path / "logs" / "same")
    (tmp_path / "logs" / "third").rename(tmp_path / "logs" / "other")
    found = inferred(trained.models, tmp_path / "logs", trusts_times=True)
    assert found["third/2"].step is None
    assert "several runs were logged (other, same)" in found["third/2"].words
    assert found["before/3"].step == 5


def test_of_two_runs_at_one_time_the_one_counts_that_a_folder_is_named_by(trained: Trained, tmp_path: Path) -> None:
    shutil.copytree(trained.logs, tmp_path / "logs")
    shutil.copytree(trained.logs / "third", tmp_path / "logs" / "same")
    found = inferred(trained.models, tmp_path / "logs", trusts_times=True)
    assert (found["third/2"].runs[0].name, found["third/2"].step) == ("third", 5)


def test_a_run_that_names_its_export_is_the_run_of_copied_files_without_a_step(tmp_path: Path) -> None:
    for name in ("mlp", "cnn"):
        settings = {"lr": 0.5, "export_dir": f"/home/anna/models/{name}/1"}
        train(tmp_path / "logs" / name, tmp_path / "models" / name, steps=1, settings=settings)
    compute(0.3)  # so that the copies are of no run's time
    shutil.copytree(tmp_path / "models", tmp_path / "copied", copy_function=shutil.copyfile)
    with planning([str(tmp_path / "copied")]) as plan:
        found = Logs(str(tmp_path / "logs")).infer(plan.versions)
    by_name = {os.path.basename(os.path.dirname(path)): each for path, each in found.items()}
    for name, each in by_name.items():
        assert ([(run.name, run.step) for run in each.runs], each.metrics) == ([(name, None)], ())
        assert each.words.startswith(
            f"hyperparameter export_dir of run {name} is /home/anna/models/{name}/1; no step: "
        )
        assert [evidence.field for evidence in each.evidence] == ["runs", "hyperparameters"]


def test_a_model_that_a_run_began_with_is_not_its_export(tmp_path: Path) -> None:
    export(tmp_path / "models" / "base" / "1")
    train(tmp_path / "logs" / "mlp", tmp_path / "new", steps=1, settings={"save_path": "models/base/1"})
    train(tmp_path / "logs" / "cnn", tmp_path / "newer", steps=1, settings={"model_uri": "models/base/1"})
    with planning([str(tmp_path / "models")]) as plan:
        (found,) = Logs(str(tmp_path / "logs")).infer(plan.versions).values()
    assert (found.runs, found.metrics) == ((), ())


def test_what_is_inferred_is_in_the_manifest(trained: Trained, tmp_path: Path) -> None:
    shutil.copytree(trained.base, tmp_path / "all")
    with planning([str(tmp_path / "all" / "models" / "third")]) as plan:
        known = Logs(str(tmp_path / "all" / "logs")).infer(plan.versions, trusts_times=True)
        assert [adopted.failure for adopted in adopt(plan, known)] == [""] * 8
    manifest = read(tmp_path / "all" / "models" / "third" / "8")
    assert manifest.reference == "third:8"
    (run,) = manifest.runs
    assert (run.name, run.step, run.wall_time) == ("third", 23, manifest.created)
    assert [each.field for each in manifest.inferred] == ["created", "runs", "metrics", "hyperparameters"]
    assert {metric.source for metric in manifest.metrics} == {"inferred"}


def read(folder: Path) -> VersionManifest:
    return codec.decode((folder / MANIFEST_NAME).read_bytes())


def test_keras_two_runs_are_one_training(tmp_path: Path) -> None:
    train(tmp_path / "logs" / "mlp" / "train", tmp_path / "models", steps=8, every=2)
    shutil.copytree(tmp_path / "logs" / "mlp" / "train", tmp_path / "logs" / "mlp" / "validation")
    with planning([str(tmp_path / "models")], name="digits") as plan:
        found = Logs(str(tmp_path / "logs")).infer(plan.versions)[str(tmp_path / "models" / "2")]
    assert [(run.name, run.step) for run in found.runs] == [("mlp/train", 3), ("mlp/validation", 3)]
    assert {(metric.name, metric.run) for metric in found.metrics} == {("loss", "mlp/train"), ("accuracy", "mlp/train")}


def test_a_step_in_a_name_counts_where_one_run_has_it(tmp_path: Path) -> None:
    train(tmp_path / "logs" / "only", tmp_path / "models", steps=4, folder_of=lambda n: f"step-{n - 1}")
    shutil.copytree(tmp_path / "models", tmp_path / "copy", copy_function=shutil.copyfile)
    with planning([str(tmp_path / "copy")]) as plan:
        found = Logs(str(tmp_path / "logs")).infer(plan.versions)
    assert sorted(each.step for each in found.values() if each.step is not None) == [0, 1, 2, 3]
    assert all("in the name step-" in each.words for each in found.values())


def test_a_step_in_a_name_that_times_contradict_is_none(tmp_path: Path) -> None:
    train(tmp_path / "logs" / "only", tmp_path / "models", steps=4, folder_of=lambda n: f"step-{n % 4}")
    (tmp_path / "models" / "step-1").rename(tmp_path / "models" / "step-7")
    with planning([str(tmp_path / "models")]) as plan:
        found = Logs(str(tmp_path / "logs")).infer(plan.versions)
    assert {each.step for each in found.values()} == {None}
