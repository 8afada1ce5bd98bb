"""Each run has a best of its own, whatever it is called; a training that publishes nothing says why."""

from __future__ import annotations

import gc
import math
import os
import shutil
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from tensorboard.summary.writer.event_file_writer import EventFileWriter

import tb_versions as tbv
from tb_versions.core.run_identity import identity_in
from tb_versions.write import failures

pytestmark = [pytest.mark.tensorflow]

NOTHING = tbv.Capture(code=False, environment=False, hardware=False)


_boards: list[Any] = []


@pytest.fixture(autouse=True)
def _fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(failures, "_reported", set())
    monkeypatch.setattr(failures, "_said", {"no writer"})
    yield
    for made in _boards:
        made._close_writers()
    _boards.clear()
    gc.collect()  # writers that nobody closed keep their event files open


def callback(tmp_path: Path, **options: Any) -> tbv.keras.PublishVersions:
    return tbv.keras.PublishVersions(tmp_path / "models", **{"name": "m", "capture": NOTHING, **options})


def train(publisher: Any, values: Sequence[float], first: int = 0) -> tuple[list[str], list[str]]:
    """Runs epochs with these losses; the versions that they gave, and our warnings."""
    import tensorflow as tf

    publisher.set_model(tf.Module())
    before = len(publisher.versions)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        publisher.on_train_begin()
        for epoch, value in enumerate(values, start=first):
            publisher.on_epoch_begin(epoch)
            publisher.on_epoch_end(epoch, {"val_loss": value})
        publisher.on_train_end()
    told = [str(each.message) for each in caught if issubclass(each.category, tbv.TbVersionsWarning)]
    return [version.reference for version in publisher.versions[before:]], told


def board(folder: str | Path) -> Any:
    import keras

    made = keras.callbacks.TensorBoard(str(folder))
    made.set_model(keras.Sequential([keras.Input((1,), name="x"), keras.layers.Dense(1)]))
    _boards.append(made)
    return made


def run_of(version: Any) -> tuple[str, str]:
    run = version.manifest.runs[0]
    return run.name, run.identity


def test_folders_whose_last_two_parts_agree_are_two_runs(tmp_path: Path) -> None:
    found = []
    for experiment, values in (("exp1", [3, 2]), ("exp2", [9, 8])):
        publisher = callback(tmp_path, tensorboard=board(tmp_path.parent / f"{tmp_path.name}-{experiment}" / "tb"))
        assert len(train(publisher, values)[0]) == 2
        found.append(run_of(publisher.versions[0]))
    assert {name for name, _ in found} == {"tb/train"}
    assert len({identity for _, identity in found}) == 2


def test_jobs_with_a_working_folder_each_have_a_run_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for job, values in (("10-00", [3, 2]), ("11-00", [9, 8])):
        (tmp_path / job).mkdir()
        monkeypatch.chdir(tmp_path / job)
        assert len(train(callback(tmp_path, tensorboard=board("tb")), values)[0]) == 2


def test_a_folder_that_was_emptied_holds_another_run(tmp_path: Path) -> None:
    for values in ([3, 2], [9, 8]):
        shutil.rmtree(tmp_path / "logs", ignore_errors=True)
        assert len(train(callback(tmp_path, tensorboard=board("logs")), values)[0]) == 2


def test_one_callback_in_two_runs_has_a_best_in_each(tmp_path: Path) -> None:
    publisher = callback(tmp_path)
    for run, values in (("a", [3, 2]), ("b", [9, 8])):
        publisher._given_tensorboard = board(f"logs/{run}")
        assert len(train(publisher, values)[0]) == 2


@pytest.mark.parametrize("rename", [False, True])
def test_a_training_that_goes_on_must_improve_and_says_so_if_it_does_not(tmp_path: Path, rename: bool) -> None:
    assert len(train(callback(tmp_path, tensorboard=board("logs/a")), [3, 2])[0]) == 2
    if rename:
        os.rename("logs/a", "logs/b")
    versions, (said,) = train(callback(tmp_path, tensorboard=board("logs/b" if rename else "logs/a")), [9, 8])
    assert versions == []
    assert 'No version of "m" is published for "val_loss": it was 8 at best' in said
    assert "does not improve on the 2 of m:2, a version of the same run" in said
    assert "Another log folder is another run." in said
    assert train(callback(tmp_path, tensorboard=board("logs/b" if rename else "logs/a")), [1])[0] == ["m:3"]


def summary_writer(folder: Path) -> Any:
    import tensorflow as tf

    return tf.summary.create_file_writer(str(folder))


def tensorboardx(folder: Path) -> Any:
    # Two of its writers that begin in the same second would have one file.
    suffix = f".{len(list(folder.glob('*')))}"
    return pytest.importorskip("tensorboardX").SummaryWriter(str(folder), filename_suffix=suffix)


def torch(folder: Path) -> Any:
    return pytest.importorskip("torch.utils.tensorboard").SummaryWriter(str(folder))


def own(folder: Path) -> Any:
    return EventFileWriter(str(folder))


@pytest.mark.parametrize("make", [summary_writer, own, tensorboardx, torch])
def test_the_run_of_any_writer_is_told_by_its_event_file(tmp_path: Path, make: Any) -> None:
    for experiment in ("exp1", "exp2"):
        folder = tmp_path / experiment / "tb"
        for values, count in (([3, 2], 2), ([9, 8], 0)):
            writer = make(folder)
            publisher = callback(tmp_path, writer=writer, run_dir=folder, logdir=tmp_path / experiment)
            versions, told = train(publisher, values)
            writer.close()
            assert len(versions) == count, (experiment, values, told)
            assert len(told) == (0 if count else 1)
            assert {run_of(version) for version in publisher.versions} <= {("tb", identity_in(str(folder)))}


def test_the_first_version_of_a_writer_that_keeps_its_records_in_memory_has_the_identity(tmp_path: Path) -> None:
    import tensorflow as tf

    writer = tensorboardx(tmp_path / "tb")
    version = tbv.publish(
        tf.Module(), tmp_path / "models", name="m", writer=writer, logdir=tmp_path, capture=NOTHING, strict=True
    )
    writer.close()
    assert run_of(version) == ("tb", identity_in(str(tmp_path / "tb")))


def test_a_run_that_is_given_by_name_has_a_best_of_its_own(tmp_path: Path) -> None:
    assert len(train(callback(tmp_path, runs="a"), [3, 2])[0]) == 2
    assert len(train(callback(tmp_path, runs="b"), [9, 8])[0]) == 2
    assert train(callback(tmp_path, runs="a"), [9, 8])[0] == []


def test_a_training_without_a_run_is_a_new_one(tmp_path: Path) -> None:
    """As for Keras' own ModelCheckpoint; which trainings belong together only a run says."""
    assert len(train(callback(tmp_path), [3, 2])[0]) == 2
    assert len(train(callback(tmp_path), [9, 8])[0]) == 2


def test_a_second_fit_with_the_same_callback_and_no_run_must_improve(tmp_path: Path) -> None:
    publisher = callback(tmp_path)
    assert len(train(publisher, [3, 2])[0]) == 2
    versions, (said,) = train(publisher, [9, 8])
    assert versions == []
    assert "it was 8 at best, which does not improve on the 2 of the training before." in said


def test_a_training_without_a_run_that_begins_at_a_later_epoch_must_improve(tmp_path: Path) -> None:
    train(callback(tmp_path), [3, 2])
    versions, (said,) = train(callback(tmp_path), [9, 8], first=5)
    assert versions == []
    assert "A training that begins at epoch 5 must improve on every version." in said


def test_a_resumed_training_in_another_run_says_what_it_must_improve_on(tmp_path: Path) -> None:
    train(callback(tmp_path, tensorboard=board("logs/a")), [3, 2])
    versions, (said,) = train(callback(tmp_path, tensorboard=board("logs/b")), [9, 8], first=5)
    assert versions == []
    assert "the 2 of m:2. A training that begins at epoch 5 must improve on every version." in said


@pytest.mark.parametrize(
    ("options", "values", "why"),
    [
        ({}, [math.nan, math.nan], "it was not a number in any epoch."),
        ({"baseline": 2.5}, [4, 3], "it was 3 at best, which does not improve on baseline=2.5."),
        ({"baseline": 3.25, "min_delta": 0.5}, [4, 3], "by more than min_delta=0.5 on baseline=3.25."),
    ],
)
def test_a_training_that_publishes_nothing_says_why(
    tmp_path: Path, options: dict[str, Any], values: list[float], why: str
) -> None:
    versions, (said,) = train(callback(tmp_path, **options), values)
    assert versions == []
    assert said.endswith(why)


def test_versions_of_earlier_releases_are_found_by_their_name(tmp_path: Path) -> None:
    """Their manifests have no identities."""
    train(callback(tmp_path, tensorboard=board("logs/a")), [3])
    path = tmp_path / "models" / "m" / "1" / "version_manifest.json"
    text = path.read_text()
    path.chmod(0o644)
    path.write_text(text.replace("identity", "unknownField"))
    assert train(callback(tmp_path, tensorboard=board("logs/a")), [9])[0] == []
    assert train(callback(tmp_path, tensorboard=board("logs/b")), [9])[0] == ["m:2"]


def test_train_and_validation_have_an_identity_each(tmp_path: Path) -> None:
    import keras
    import numpy as np

    model = keras.Sequential([keras.Input((1,), name="x"), keras.layers.Dense(1)])
    model.compile("sgd", "mse", jit_compile=False)
    publisher = callback(tmp_path, logdir="logs")
    x = np.array([[0.0], [1.0]], "float32")
    model.fit(
        x, x, validation_data=(x, x), verbose=0, callbacks=[publisher, keras.callbacks.TensorBoard("logs/a")], epochs=1
    )
    runs = publisher.versions[0].manifest.runs
    assert [(run.name, run.identity) for run in runs] == [
        (f"a/{part}", identity_in(f"logs/a/{part}")) for part in ("train", "validation")
    ]
    assert len({run.identity for run in runs}) == 2


@pytest.mark.parametrize(
    ("options", "lead"),
    [
        ({"save": "best"}, "val_loss"),
        ({"save": "end"}, ""),
        ({"save": "end", "monitor": "val_auc"}, "val_auc"),
        ({"save": "epoch", "lead_metric": "auc"}, "auc"),
        ({"save": "best", "lead_metric": "auc"}, "auc"),
    ],
)
def test_the_monitored_metric_leads(tmp_path: Path, options: dict[str, Any], lead: str) -> None:
    publisher = callback(tmp_path, **options)
    train(publisher, [1])
    assert publisher.versions[0].manifest.lead_metric == lead
